// SPDX-License-Identifier: MIT
// From the place that a scenario gives to a crash to moments of a recording.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "harness/device/recorder.h"
#include "harness/scenario/operation.h"

namespace vexfs::parity::crash {

/// The crashes at which the states of `place` are looked at, ascending; not empty. The recording is
/// that of one mount, with the marks of operation_marks.h, and the first of its steps is
/// `first_step` in the scenario. For one state it is the moment of its first write set. The error
/// says, for a person, what the recording does not have.
std::expected<std::vector<std::uint64_t>, std::string> moments_of(
    const CrashPlace& place, const device::Recording& recording, std::size_t first_step);

}  // namespace vexfs::parity::crash
