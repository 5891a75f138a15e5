// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace vexfs::parity::crash {

/// How bad the device was when power failed, from mild to worse.
enum class Severity : std::uint32_t {
  kPrefix,   // the first undecided requests, as they arrived, each whole
  kDrop,     // any undecided requests, each whole, concurrent ones in either order
  kTorn,     // any sectors of them
  kGarbage,  // a sector holds neither old nor new content: must be noticed, never misread
};

}  // namespace vexfs::parity::crash
