// SPDX-License-Identifier: MIT
// Which crashes of a recording, and which of the legal states of each, are looked at.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "harness/crash/floor.h"
#include "harness/crash/severity.h"
#include "harness/crash/write_set.h"

namespace vexfs::parity::crash {

/// "prefix", "drop", "torn", "garbage".
const char* name_of(Severity severity);

struct Bounds {
  /// With at most so many undecided requests, every subset.
  std::size_t exhaustive = 10;
  /// One request is torn at no more than so many places, spread over it.
  std::size_t cuts = 64;
  /// With more undecided requests than `exhaustive`: of what is done with each of them in turn, no
  /// more than so many, spread over them, ...
  std::size_t each = 64;
  /// ... and so many sampled subsets, torn ones among them.
  std::size_t samples = 256;
  std::uint64_t seed = 1;
  /// Nothing worse than this.
  Severity worst = Severity::kTorn;
  /// The sectors that may hold garbage, which is tried in no others (kGarbage only).
  std::vector<SectorRange> garbage = {};
};

/// The crashes that matter, ascending: after each mark, each answer that makes something durable,
/// and each request that adds something undecided; and the end.
std::vector<std::uint64_t> crash_points(const device::Recording& recording);

/// The states to look at for the floor's crash, in a fixed order, mild ones first. Different sets
/// may be equal images.
std::vector<WriteSet> write_sets(const Floor& floor, const Bounds& bounds);

/// The mildest device that leaves this state.
Severity severity_of(const Floor& floor, const WriteSet& set);

}  // namespace vexfs::parity::crash
