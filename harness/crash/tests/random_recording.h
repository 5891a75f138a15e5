// SPDX-License-Identifier: MIT
// Small recordings in which much is in flight at once, for properties of the enumeration.
#pragma once

#include <cstdint>

#include "harness/device/recorder.h"

namespace vexfs::parity::crash {

struct RecordingShape {
  std::uint64_t sectors = 16;
  std::size_t requests = 8;
  std::uint64_t longest = 4;  // sectors of one request
};

/// The same one for the same seed. Every request fills its sectors with bytes of its own; some
/// fail, some are never answered.
device::Recording random_recording(std::uint64_t seed, const RecordingShape& shape);

}  // namespace vexfs::parity::crash
