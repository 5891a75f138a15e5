// SPDX-License-Identifier: MIT
// Records of the event ring (docs/format.md, "Events").
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "reference/contract/event.h"
#include "reference/tools/inspect/volume_view.h"

namespace vexfs::tools {

struct EventField {
  std::uint16_t tag;
  std::uint32_t offset;  // of the value within the record, bytes
  Bytes value;
};

struct EventRecord {
  std::uint64_t position;  // in the stream, bytes
  vexfs_event header;
  Bytes bytes;  // the whole record
  std::vector<EventField> fields;
  bool fields_fit;  // the fields fill the payload exactly
};

struct EventRun {
  std::vector<EventRecord> events;
  // Positions of 4096-byte blocks of the stream that could not be read to their end, with what
  // stands at that place.
  struct Fault {
    std::uint64_t position;
    std::string_view what;
  };
  std::vector<Fault> faults;
};

// The oldest stream position that a ring with this head keeps.
std::uint64_t oldest_position(const vexfs_superblock& super, std::uint64_t ring_head);

// All records that a ring with this head keeps. Checks structure only: magics, lengths, padding
// and the reach of the fields. `ring` holds the region's bytes and must outlive the result.
EventRun read_events(const vexfs_superblock& super, Bytes ring, std::uint64_t ring_head);

// "Create" of VEXFS_EV_CREATE and so on; empty for a code that is never recorded.
std::string_view event_type_name(std::uint16_t type);
// "name" of VEXFS_TAG_NAME and so on; empty for an unknown tag.
std::string_view event_tag_name(std::uint16_t tag);
// The value of a field of a record, by its tag.
nlohmann::ordered_json event_field_json(const EventField& field);

}  // namespace vexfs::tools
