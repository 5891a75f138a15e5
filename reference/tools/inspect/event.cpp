// SPDX-License-Identifier: MIT
#include "reference/tools/inspect/event.h"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "reference/tools/inspect/field.h"

namespace vexfs::tools {
namespace {

struct Name {
  std::uint16_t code;
  std::string_view name;
};

constexpr std::array kTypes = {
    Name{VEXFS_EV_CREATE, "Create"},
    Name{VEXFS_EV_DELETE, "Delete"},
    Name{VEXFS_EV_WRITE, "Write"},
    Name{VEXFS_EV_RENAME, "Rename"},
    Name{VEXFS_EV_CHMOD, "Chmod"},
    Name{VEXFS_EV_CHOWN, "Chown"},
    Name{VEXFS_EV_TRUNCATE, "Truncate"},
    Name{VEXFS_EV_MKDIR, "Mkdir"},
    Name{VEXFS_EV_RMDIR, "Rmdir"},
    Name{VEXFS_EV_SYMLINK, "Symlink"},
    Name{VEXFS_EV_HARDLINK, "Hardlink"},
    Name{VEXFS_EV_UTIMENS, "Utimens"},
    Name{VEXFS_EV_SETXATTR, "SetXattr"},
    Name{VEXFS_EV_REMOVEXATTR, "RemoveXattr"},
    Name{VEXFS_EV_VECTOR_CREATE, "VectorCreate"},
    Name{VEXFS_EV_VECTOR_UPDATE, "VectorUpdate"},
    Name{VEXFS_EV_VECTOR_DELETE, "VectorDelete"},
};

constexpr std::array kTags = {
    Name{VEXFS_TAG_NAME, "name"},
    Name{VEXFS_TAG_NEW_NAME, "new_name"},
    Name{VEXFS_TAG_NEW_PARENT, "new_parent"},
    Name{VEXFS_TAG_TARGET, "target"},
    Name{VEXFS_TAG_MODE, "mode"},
    Name{VEXFS_TAG_OWNER, "owner"},
    Name{VEXFS_TAG_SIZE, "size"},
    Name{VEXFS_TAG_RANGE, "range"},
    Name{VEXFS_TAG_TIMES, "times"},
    Name{VEXFS_TAG_NODE, "node"},
    Name{VEXFS_TAG_RENAME, "rename"},
    Name{VEXFS_TAG_OTHER, "other"},
    Name{VEXFS_TAG_VECTOR, "vector"},
    Name{VEXFS_TAG_TEXT, "text"},
};

template <typename Table>
std::string_view name_of(const Table& table, std::uint16_t code) {
  const auto found = std::ranges::find(table, code, &Name::code);
  return found == table.end() ? std::string_view() : found->name;
}

void parse_fields(EventRecord& record) {
  std::size_t at = sizeof(vexfs_event);
  const std::size_t end = at + record.header.payload;
  record.fields_fit = false;
  if (end > record.bytes.size()) return;
  while (at < end) {
    if (end - at < sizeof(vexfs_event_field)) return;
    const auto field = load<vexfs_event_field>(record.bytes, at);
    at += sizeof field;
    const std::size_t padded = (field.length + 3U) & ~std::size_t{3};
    if (end - at < padded) return;
    if (!all_zero(record.bytes.subspan(at + field.length, padded - field.length))) return;
    record.fields.push_back(
        {field.tag, static_cast<std::uint32_t>(at), record.bytes.subspan(at, field.length)});
    at += padded;
  }
  record.fields_fit = true;
}

// Reads the records of one block of the stream, which starts at `position`; `used` of its bytes
// are before the head.
void read_block(Bytes block, std::uint64_t position, std::size_t used, EventRun& run) {
  std::size_t at = 0;
  while (at + sizeof(vexfs_event) <= used) {
    const auto header = load<vexfs_event>(block, at);
    if (header.magic != VEXFS_EVENT_MAGIC) break;
    if (header.length < sizeof header || header.length % VEXFS_EVENT_ALIGN != 0 ||
        header.length > used - at) {
      run.faults.push_back({position + at, "a record whose length is wrong"});
      return;
    }
    EventRecord record{position + at, header, block.subspan(at, header.length), {}, false};
    parse_fields(record);
    run.events.push_back(std::move(record));
    at += header.length;
  }
  if (at == 0 && used > 0) {
    run.faults.push_back({position, "no record at the start of the block"});
  } else if (!all_zero(block.subspan(at))) {
    run.faults.push_back({position + at, "bytes that belong to no record"});
  } else if (used < block.size() && at != used) {
    run.faults.push_back({position + at, "no record, although the head is further on"});
  }
}

template <typename T>
nlohmann::ordered_json numbers(Bytes value) {
  auto list = nlohmann::ordered_json::array();
  for (std::size_t at = 0; at + sizeof(T) <= value.size(); at += sizeof(T)) {
    list.push_back(load<T>(value, at));
  }
  return list.size() == 1 ? list[0] : list;
}

}  // namespace

std::uint64_t oldest_position(const vexfs_superblock& super, std::uint64_t ring_head) {
  if (ring_head == 0) return 0;
  const std::uint64_t block = (ring_head - 1) / kBlockSize;
  return block + 1 <= super.ring.blocks ? 0 : (block + 1 - super.ring.blocks) * kBlockSize;
}

EventRun read_events(const vexfs_superblock& super, Bytes ring, std::uint64_t ring_head) {
  EventRun run;
  std::uint64_t left = ring_head - oldest_position(super, ring_head);
  for (std::uint64_t at = oldest_position(super, ring_head); left > 0; at += kBlockSize) {
    const auto used = std::min<std::uint64_t>(left, kBlockSize);
    read_block(ring.subspan(at / kBlockSize % super.ring.blocks * kBlockSize, kBlockSize), at, used,
               run);
    left -= used;
  }
  return run;
}

std::string_view event_type_name(std::uint16_t type) { return name_of(kTypes, type); }
std::string_view event_tag_name(std::uint16_t tag) { return name_of(kTags, tag); }

nlohmann::ordered_json event_field_json(const EventField& field) {
  switch (field.tag) {
    case VEXFS_TAG_NAME:
    case VEXFS_TAG_NEW_NAME:
    case VEXFS_TAG_TARGET:
    case VEXFS_TAG_TEXT:
      return escaped_text(field.value);
    case VEXFS_TAG_NEW_PARENT:
    case VEXFS_TAG_SIZE:
    case VEXFS_TAG_RANGE:
    case VEXFS_TAG_OTHER:
      return numbers<std::uint64_t>(field.value);
    case VEXFS_TAG_MODE:
    case VEXFS_TAG_OWNER:
    case VEXFS_TAG_NODE:
    case VEXFS_TAG_RENAME:
      return numbers<std::uint32_t>(field.value);
    case VEXFS_TAG_VECTOR: {
      if (field.value.size() != 16) break;
      auto list = nlohmann::ordered_json::array({load<std::uint64_t>(field.value, 0)});
      for (const auto& slot : numbers<std::uint32_t>(field.value.subspan(8))) list.push_back(slot);
      return list;
    }
    case VEXFS_TAG_TIMES: {
      if (field.value.size() != 24) break;
      auto list = numbers<std::int64_t>(field.value.first(16));
      for (const auto& nanoseconds : numbers<std::uint32_t>(field.value.subspan(16))) {
        list.push_back(nanoseconds);
      }
      return list;
    }
    default:
      break;
  }
  return hex_text(field.value, field.value.size());
}

}  // namespace vexfs::tools
