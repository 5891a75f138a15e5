// SPDX-License-Identifier: MIT
// Real volumes to be spoiled: what generated scenarios leave behind.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "harness/target/target.h"
#include "reference/tools/mutate/mutator.h"

namespace vexfs::parity {

struct VolumeToSpoil {
  std::string name;  // of the scenario, and how it ended
  std::vector<std::byte> bytes;
  tools::Mutator mutator;  // knows its structures
};

/// `count` volumes, made by the reference. Every other one has not been unmounted, so that its log
/// has to be replayed. The error is a fault of the generator.
std::expected<std::vector<VolumeToSpoil>, std::string> make_volumes(std::size_t count,
                                                                    std::uint64_t seed);

}  // namespace vexfs::parity
