// SPDX-License-Identifier: MIT
// Single pieces of the scenario format, for those who send steps elsewhere (the guest) or write
// found scenarios.
#pragma once

#include "harness/scenario/json_reader.h"
#include "harness/scenario/scenario.h"
#include "harness/scenario/value_codec.h"

namespace vexfs::parity {

void read_value(const JsonReader& reader, Step& step);
void read_value(const JsonReader& reader, Expectation& expectation);
void read_value(const JsonReader& reader, VolumeOptions& volume);
void read_value(const JsonReader& reader, Finding& finding);
void read_value(const JsonReader& reader, Scenario& scenario);

Json write_value(const Step& step);
Json write_value(const Expectation& expectation);
Json write_value(const VolumeOptions& volume);
Json write_value(const Finding& finding);
Json write_value(const Scenario& scenario);

/// Visits the options of a volume by name with `member(name, std::optional<..>&)`.
template <class V>
void visit_volume(V&& member, auto& volume) {
  member("blocks", volume.blocks);
  member("inodes", volume.inodes);
  member("log_blocks", volume.log_blocks);
  member("ring_blocks", volume.ring_blocks);
  member("tx_units", volume.tx_units);
  member("tx_blocks", volume.tx_blocks);
  member("extent_fanout", volume.extent_fanout);
  member("max_links", volume.max_links);
  member("unit_extents", volume.unit_extents);
  member("unit_blocks", volume.unit_blocks);
  member("checkpoint_blocks", volume.checkpoint_blocks);
  member("checkpoint_freed", volume.checkpoint_freed);
  member("uuid", volume.uuid);
}

}  // namespace vexfs::parity
