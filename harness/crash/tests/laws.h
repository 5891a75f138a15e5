// SPDX-License-Identifier: MIT
// The law of the model, and two that look just as good and are wrong: what checks the first must
// reject the others.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "harness/crash/legal_states.h"

namespace vexfs::parity::crash {

/// The sources that a law allows a sector after a crash, as LegalStates::choices() gives them.
using Law = std::function<std::vector<Source>(const device::Recording&, std::uint64_t crash,
                                              std::uint64_t sector)>;

std::vector<Source> law_of_the_model(const device::Recording& recording, std::uint64_t crash,
                                     std::uint64_t sector);

/// The durable write that arrived last is there, or one that arrived after it.
std::vector<Source> newest_by_submission(const device::Recording& recording, std::uint64_t crash,
                                         std::uint64_t sector);

/// The durable write that was answered last is there, or one that was answered after it or not yet.
std::vector<Source> newest_by_completion(const device::Recording& recording, std::uint64_t crash,
                                         std::uint64_t sector);

}  // namespace vexfs::parity::crash
