// SPDX-License-Identifier: MIT
// The event rings: records with the same sequence are compared field by field.
#include <map>

#include <fmt/format.h>

#include "harness/diff/comparison.h"
#include "reference/tools/inspect/event.h"

namespace vexfs::parity {
namespace {

struct EventPair {
  const tools::EventRecord* left = nullptr;
  const tools::EventRecord* right = nullptr;
};

struct Ring {
  std::vector<std::byte> bytes;
  tools::EventRun run;

  explicit Ring(const tools::VolumeView& view)
      : bytes(view.region_bytes(view.super().ring)),
        run(tools::read_events(view.super(), bytes, view.state().ring_head)) {}
};

std::string event_text(const tools::EventRecord* event) {
  if (event == nullptr) return "no such event";
  const auto& header = event->header;
  const auto name = tools::event_type_name(header.type);
  return fmt::format("{} inode {}, parent {}, unit {}, transaction {}",
                     name.empty() ? fmt::format("type {:#06x}", header.type) : std::string(name),
                     header.ino, header.parent, header.unit, header.transaction);
}

std::uint64_t place_of(const tools::VolumeView& view, const tools::EventRecord& event) {
  const vexfs_region& ring = view.super().ring;
  return ring.start * kBlockSize + event.position % (ring.blocks * kBlockSize);
}

ByteRange range_of(const tools::VolumeView& view, const tools::EventRecord* event) {
  if (event == nullptr) return {};
  return Comparison::range(view.image(), place_of(view, *event), event->bytes.size());
}

bool same_layout(const EventPair& pair) {
  if (pair.left->bytes.size() != pair.right->bytes.size() ||
      pair.left->position != pair.right->position ||
      pair.left->fields.size() != pair.right->fields.size()) {
    return false;
  }
  for (std::size_t i = 0; i < pair.left->fields.size(); ++i) {
    if (pair.left->fields[i].tag != pair.right->fields[i].tag ||
        pair.left->fields[i].value.size() != pair.right->fields[i].value.size()) {
      return false;
    }
  }
  return true;
}

// Everything that a person may want to know of a record, to see what differs.
std::string long_text(const tools::EventRecord& event) {
  std::string text = fmt::format("{} @ position {}", event_text(&event), event.position);
  for (const auto& field : event.fields) {
    const bool is_name = field.tag == VEXFS_TAG_NAME || field.tag == VEXFS_TAG_NEW_NAME ||
                         field.tag == VEXFS_TAG_TARGET;
    text += fmt::format(
        ", {} {}", tools::event_tag_name(field.tag),
        is_name ? '"' + tools::escaped_text(field.value) + '"' : tools::hex_text(field.value));
  }
  return text;
}

void compare_pair(Comparison& comparison, std::uint64_t sequence, const EventPair& pair) {
  const std::string path = fmt::format("event {}", sequence);
  if (pair.left != nullptr && pair.right != nullptr) {
    if (pair.left->position == pair.right->position &&
        tools::same_bytes(pair.left->bytes, pair.right->bytes)) {
      return;
    }
    if (same_layout(pair)) {
      return comparison.compare_fields(tools::event_structure(comparison.left(), *pair.left),
                                       pair.left->bytes, pair.right->bytes);
    }
    return comparison.add({path, long_text(*pair.left), long_text(*pair.right),
                           range_of(comparison.left(), pair.left),
                           range_of(comparison.right(), pair.right)});
  }
  comparison.add({path, event_text(pair.left), event_text(pair.right),
                  range_of(comparison.left(), pair.left),
                  range_of(comparison.right(), pair.right)});
}

}  // namespace

void compare_events(Comparison& comparison, std::span<const std::uint64_t> blocks) {
  if (blocks.empty()) return;
  const Ring left(comparison.left());
  const Ring right(comparison.right());
  std::map<std::uint64_t, EventPair> pairs;
  for (const auto& event : left.run.events) pairs[event.header.sequence].left = &event;
  for (const auto& event : right.run.events) pairs[event.header.sequence].right = &event;
  bool found = false;
  for (const auto& [sequence, pair] : pairs) {
    if (comparison.full()) return;
    found |= pair.left == nullptr || pair.right == nullptr ||
             pair.left->position != pair.right->position ||
             !tools::same_bytes(pair.left->bytes, pair.right->bytes);
    compare_pair(comparison, sequence, pair);
  }
  if (found) return;
  // The bytes differ outside all records that the heads of both volumes reach.
  for (std::uint64_t block : blocks) {
    comparison.add_bytes(fmt::format("event ring{}block {}", kPathStep,
                                     block - comparison.left().super().ring.start),
                         block * kBlockSize, kBlockSize);
  }
}

}  // namespace vexfs::parity
