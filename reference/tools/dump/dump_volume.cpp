// SPDX-License-Identifier: MIT
// Superblock, anchors, state, log and events.
#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "reference/tools/dump/dump_json.h"
#include "reference/tools/inspect/anchor.h"
#include "reference/tools/inspect/event.h"
#include "reference/tools/inspect/field.h"
#include "reference/tools/inspect/log.h"
#include "reference/tools/inspect/structure.h"

namespace vexfs::tools {
namespace {

Json tx_block_json(const TxBlock& record, const BlockRoles& roles) {
  return {{"block", record.block},
          {"role", role_text(roles.role(record.block))},
          {"mask", fmt::format("{:#018x}", record.mask)},
          {"units", std::popcount(record.mask)},
          {"init", (record.flags & VEXFS_TX_BLOCK_INIT) != 0},
          {"data", (record.flags & VEXFS_TX_BLOCK_DATA) != 0}};
}

Json transaction_json(const Transaction& transaction, const BlockRoles& roles, bool is_live) {
  Json json = {
      {"index", transaction.index}, {"log_blocks", transaction.log_blocks}, {"replayed", is_live}};
  json["header"] = structure_json(kTxHeaderType, transaction.stream);
  json["blocks"] = Json::array();
  for (const TxBlock& record : transaction.blocks) {
    json["blocks"].push_back(tx_block_json(record, roles));
  }
  json["commit"] =
      structure_json(kTxCommitType, Bytes(transaction.stream).subspan(transaction.commit_offset()));
  return json;
}

Json event_json(const EventRecord& event) {
  Json json = {{"position", event.position}};
  json["name"] = event_type_name(event.header.type);
  json.update(structure_json(kEventType, event.bytes));
  json["fields"] = Json::object();
  for (const EventField& field : event.fields) {
    const std::string_view name = event_tag_name(field.tag);
    json["fields"][name.empty() ? fmt::format("tag {}", field.tag) : std::string(name)] =
        event_field_json(field);
  }
  return json;
}

}  // namespace

Json dump_superblock(const VolumeView& view) {
  const std::uint64_t block = view.uses_copy() ? view.super().blocks - 1 : VEXFS_SUPER_BLOCK;
  Json json = {{"block", block}};
  json.update(structure_json(kSuperblockType, view.block(block)));
  json["largest_transaction"] =
      largest_transaction(view.super().tx_blocks, view.super().unit_extents);
  return json;
}

Json dump_anchors(const VolumeView& view) {
  const Anchors anchors = read_anchors(view);
  Json list = Json::array();
  for (std::size_t i = 0; i < anchors.slots.size(); ++i) {
    Json json = {{"block", anchors.slots[i].block},
                 {"valid", anchors.slots[i].valid},
                 {"current", anchors.current == i}};
    json.update(structure_json(kAnchorType, view.block(anchors.slots[i].block)));
    list.push_back(std::move(json));
  }
  return list;
}

Json dump_state(const VolumeView& view) {
  return structure_json(kStateType, view.block(view.super().state.start));
}

Json dump_log(const VolumeView& view) {
  const BlockRoles roles = roles_after_replay(view);
  const Anchors anchors = read_anchors(view);
  const auto chain = anchors.active() == nullptr ? std::vector<Transaction>()
                                                 : read_chain(view, *anchors.active());
  Json list = Json::array();
  for (const Transaction& transaction : scan_log(view)) {
    const bool is_live =
        std::ranges::find(chain, transaction.index, &Transaction::index) != chain.end();
    list.push_back(transaction_json(transaction, roles, is_live));
  }
  return list;
}

Json dump_events(const VolumeView& view) {
  const auto ring = view.region_bytes(view.super().ring);
  const std::uint64_t head = view.state().ring_head;
  const EventRun run = read_events(view.super(), ring, head);
  Json json = {{"oldest", oldest_position(view.super(), head)}, {"head", head}};
  json["events"] = Json::array();
  for (const EventRecord& event : run.events) json["events"].push_back(event_json(event));
  for (const auto& fault : run.faults) {
    json["faults"].push_back({{"position", fault.position}, {"what", fault.what}});
  }
  return json;
}

}  // namespace vexfs::tools
