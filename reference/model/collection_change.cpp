// SPDX-License-Identifier: MIT
#include "reference/model/collection_change.h"

#include <algorithm>
#include <cerrno>

#include "reference/contract/limits.h"
#include "reference/model/checksum.h"
#include "reference/model/collection_load.h"
#include "reference/model/event.h"
#include "reference/model/extents.h"
#include "reference/model/geometry.h"
#include "reference/model/inode.h"
#include "reference/model/seal.h"
#include "reference/model/unit.h"

namespace vexfs::model {
namespace {

using vectors::DeletePlan;
using vectors::kNoSlot;
using vectors::LinkPlan;
using vectors::List;
using vectors::PutPlan;
using vectors::SlotNumber;

// The writes of one unit. Nothing in memory changes: the unit may be done twice or taken back.
class Writing {
 public:
  Writing(Mounted& volume, const Collection& collection)
      : volume_(volume), collection_(collection), graph_(collection.graph) {}

  Result<void> put_vector(const PutPlan& plan) {
    const SlotNumber number = graph_.size();
    VEXFS_CHECK(write_row(number, plan.slot.row));
    VEXFS_CHECK(write_record(number, plan.slot));
    for (unsigned level = 1; level <= plan.slot.level(); ++level)
      VEXFS_CHECK(write_upper_list(collection_.upper_lists + level - 1, {}));
    if (plan.died != kNoSlot) VEXFS_CHECK(write_death(plan.died));
    return change_header([&](vexfs_collection& fields) {
      ++fields.slots;
      fields.live += plan.died == kNoSlot ? 1 : 0;
      fields.upper_lists += plan.slot.level();
    });
  }

  Result<void> delete_vector(const DeletePlan& plan) {
    VEXFS_CHECK(write_death(plan.slot));
    return change_header([](vexfs_collection& fields) { --fields.live; });
  }

  Result<void> link(const LinkPlan& plan) {
    for (const auto& [place, links] : plan.lists) {
      const auto [level, slot] = place;
      if (level == 0)
        VEXFS_CHECK(write_own_list(slot, links));
      else
        VEXFS_CHECK(write_upper_list(collection_.upper[slot] + level - 1, links));
    }
    return change_header([&](vexfs_collection& fields) {
      fields.linked = plan.linked;
      fields.entry = plan.entry;
      fields.entry_level = plan.entry_level;
    });
  }

 private:
  const vectors::Parameters& parameters() const { return graph_.parameters(); }

  Result<BlockNumber> block_of(Ino ino, std::uint64_t lblk) const {
    VEXFS_TRY(inode, load_inode(volume_, ino));
    VEXFS_TRY(block, mapped_block(volume_, ino, inode, static_cast<std::uint32_t>(lblk)));
    if (!block) return std::unexpected(EUCLEAN);
    return *block;
  }

  // The row and its padding, which may cross blocks.
  Result<void> write_row(SlotNumber number, const vectors::Row& row) {
    vectors::Row padded = row;
    padded.resize(vectors::stride(parameters()));
    const std::uint64_t start = number * std::uint64_t{padded.size()};
    for (std::size_t done = 0; done < padded.size();) {
      const std::uint64_t at = start + done;
      const std::size_t count =
          std::min<std::size_t>(kBlockSize - at % kBlockSize, padded.size() - done);
      VEXFS_TRY(block, block_of(collection_.vectors_ino, at / kBlockSize));
      std::ranges::copy(std::span(padded).subspan(done, count),
                        volume_.store.edit(block).subspan(at % kBlockSize).begin());
      done += count;
    }
    return {};
  }

  Result<void> write_record(SlotNumber number, const vectors::Slot& slot) {
    vexfs_slot record{};
    record.id = slot.id;
    record.row_crc = crc32c(slot.row);
    record.first = slot.first;
    record.upper = slot.level() > 0 ? collection_.upper_lists : VEXFS_SLOT_NONE;
    record.level = static_cast<__u8>(slot.level());
    const RecordPlace place = slot_place(parameters(), number);
    VEXFS_TRY(block, block_of(collection_.graph_ino, place.block));
    put(volume_.store.edit(block), place.offset, record);
    return write_own_list(number, {});
  }

  Result<void> write_death(SlotNumber number) {
    const RecordPlace place = slot_place(parameters(), number);
    VEXFS_TRY(block, block_of(collection_.graph_ino, place.block));
    auto record = get<vexfs_slot>(volume_.store.read(block), place.offset);
    record.flags |= VEXFS_SLOT_DEAD;
    put(volume_.store.edit(block), place.offset, record);
    sign_collection_block(volume_, block);
    return {};
  }

  Result<void> write_own_list(SlotNumber number, const List& links) {
    const RecordPlace place = slot_place(parameters(), number);
    VEXFS_TRY(block, block_of(collection_.graph_ino, place.block));
    put_list(block, place.offset + sizeof(vexfs_slot), links, 2U * parameters().m);
    return {};
  }

  Result<void> write_upper_list(std::uint32_t list, const List& links) {
    const RecordPlace place = list_place(parameters(), list);
    VEXFS_TRY(block, block_of(collection_.upper_ino, place.block));
    put_list(block, place.offset, links, parameters().m);
    return {};
  }

  void put_list(BlockNumber number, std::size_t offset, const List& links, std::size_t room) {
    const BlockEdit block = volume_.store.edit(number);
    for (std::size_t i = 0; i < room; ++i)
      put(block, offset + 4 * i, i < links.size() ? links[i] : VEXFS_SLOT_NONE);
    sign_collection_block(volume_, number);
  }

  template <typename Change>
  Result<void> change_header(Change change) {
    VEXFS_TRY(block, block_of(collection_.graph_ino, 0));
    auto fields = get<vexfs_collection>(volume_.store.read(block));
    change(fields);
    ++fields.sequence;
    put(volume_.store.edit(block), 0, fields);
    sign_collection_block(volume_, block);
    return {};
  }

  Mounted& volume_;
  const Collection& collection_;
  const vectors::Graph& graph_;
};

// Appends a block of zeros, or one with this header.
Result<void> append_block(Mounted& volume, Ino ino, const vexfs_graph_block* header) {
  return run_unit(volume, [&]() -> Result<void> {
    VEXFS_TRY(inode, load_inode(volume, ino));
    const auto lblk = static_cast<std::uint32_t>(inode.size / kBlockSize);
    VEXFS_TRY(block, map_new_block(volume, ino, inode, lblk));
    volume.store.create(block);
    if (header != nullptr) {
      put(volume.store.edit(block), 0, *header);
      sign_collection_block(volume, block);
    }
    inode.size += kBlockSize;
    store_inode(volume, ino, inode);
    return {};
  });
}

// A unit for each block that the inode lacks of `blocks`. `per_block`: what `first` of the header
// counts in each block from `skip` on; 0: there is no header.
Result<void> grow(Mounted& volume, const Collection& collection, Ino ino, std::uint64_t blocks,
                  vexfs_graph_block header, std::uint32_t per_block, std::uint64_t skip) {
  header.directory = collection.directory;
  for (;;) {
    VEXFS_TRY(inode, load_inode(volume, ino));
    const std::uint64_t present = inode.size / kBlockSize;
    if (present >= blocks) return {};
    header.first = static_cast<__u32>((present - skip) * per_block);
    VEXFS_CHECK(append_block(volume, ino, per_block == 0 ? nullptr : &header));
  }
}

Result<void> make_room(Mounted& volume, const Collection& collection, const PutPlan& plan) {
  const vectors::Parameters& parameters = collection.graph.parameters();
  const std::uint64_t slots = std::uint64_t{collection.graph.size()} + 1;
  const std::uint64_t bytes = slots * vectors::stride(parameters);
  if (slots > VEXFS_SLOTS_MAX || bytes > VEXFS_FILE_SIZE_MAX) return std::unexpected(ENOSPC);
  vexfs_graph_block header{};
  VEXFS_CHECK(grow(volume, collection, collection.vectors_ino,
                   (bytes + kBlockSize - 1) / kBlockSize, header, 0, 0));
  header.magic = VEXFS_GRAPH_MAGIC;
  VEXFS_CHECK(grow(volume, collection, collection.graph_ino, graph_blocks(parameters, slots),
                   header, VEXFS_SLOTS_PER_BLOCK(parameters.m), 1));
  header.magic = VEXFS_UPPER_MAGIC;
  return grow(volume, collection, collection.upper_ino,
              upper_blocks(parameters, collection.upper_lists + plan.slot.level()), header,
              VEXFS_LISTS_PER_BLOCK(parameters.m), 0);
}

Result<void> link_waiting(Mounted& volume, Collection& collection) {
  const std::uint64_t bytes = largest_transaction(volume.super) * kBlockSize;
  for (List batch = collection.graph.next_batch(bytes); !batch.empty();
       batch = collection.graph.next_batch(bytes)) {
    seal(volume);
    const LinkPlan plan = collection.graph.plan_link(batch);
    VEXFS_CHECK(run_unit(volume, [&] { return Writing(volume, collection).link(plan); }));
    collection.graph.apply(plan);
  }
  return {};
}

// `in_unit`: what the unit that puts does besides.
Result<void> put_planned(Mounted& volume, Collection& collection, const PutPlan& plan,
                         const UnitBody& in_unit) {
  VEXFS_CHECK(make_room(volume, collection, plan));
  VEXFS_CHECK(run_unit(volume, [&]() -> Result<void> {
    VEXFS_CHECK(Writing(volume, collection).put_vector(plan));
    return in_unit();
  }));
  collection.upper.push_back(plan.slot.level() > 0 ? collection.upper_lists : VEXFS_SLOT_NONE);
  collection.upper_lists += plan.slot.level();
  collection.graph.apply(plan);
  return link_waiting(volume, collection);
}

}  // namespace

Result<bool> put_vector(Mounted& volume, Collection& collection, std::uint64_t id, vectors::Row row,
                        const UnitBody& also) {
  const PutPlan plan = collection.graph.plan_put(id, std::move(row));
  const bool replaces = plan.died != kNoSlot;
  const SlotNumber slot = collection.graph.size();
  VEXFS_CHECK(put_planned(volume, collection, plan, [&]() -> Result<void> {
    VEXFS_CHECK(also());
    Event(replaces ? VEXFS_EV_VECTOR_UPDATE : VEXFS_EV_VECTOR_CREATE, collection.directory, 0)
        .vector(id, slot, plan.died)
        .emit(volume, current_unit(volume));
    return {};
  }));
  return replaces;
}

Result<void> copy_vector(Mounted& volume, Collection& collection, std::uint64_t id,
                         vectors::Row row) {
  return put_planned(volume, collection, collection.graph.plan_put(id, std::move(row)),
                     nothing_more);
}

Result<bool> delete_vector(Mounted& volume, Collection& collection, std::uint64_t id,
                           const UnitBody& also) {
  const auto slot = collection.graph.find(id);
  if (!slot) return false;
  VEXFS_CHECK(run_unit(volume, [&]() -> Result<void> {
    VEXFS_CHECK(write_death(volume, collection, *slot));
    VEXFS_CHECK(also());
    emit_death(volume, collection, *slot);
    return {};
  }));
  collection.graph.apply(DeletePlan{*slot});
  return true;
}

Result<void> write_death(Mounted& volume, const Collection& collection, SlotNumber slot) {
  return Writing(volume, collection).delete_vector({slot});
}

void emit_death(Mounted& volume, const Collection& collection, SlotNumber slot) {
  Event(VEXFS_EV_VECTOR_DELETE, collection.directory, 0)
      .vector(collection.graph.slot(slot).id, slot, slot)
      .emit(volume, current_unit(volume));
}

}  // namespace vexfs::model
