// SPDX-License-Identifier: MIT
// The volume that a scenario starts from.
#pragma once

#include <expected>
#include <string>

#include "harness/scenario/scenario.h"
#include "harness/target/target.h"

namespace vexfs::parity {

/// Blocks of a volume whose scenario does not say.
inline constexpr std::uint64_t kDefaultBlocks = 1024;

/// A formatted volume, its data region zero. The error says what is wrong with the options.
std::expected<Image, std::string> fresh_volume(const VolumeOptions& options);

}  // namespace vexfs::parity
