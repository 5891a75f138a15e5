// SPDX-License-Identifier: MIT
// Spoiled volumes in guests: each is mounted, walked, changed and unmounted there, and must give
// what the reference gives. A guest that dies of one is the worst that can happen.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "harness/malformed/spoil.h"
#include "harness/target/target.h"

namespace vexfs::parity {

/// The same mutations as spoil_all(), writable mounts only, in all targets at once. The error is
/// one of the machine and says nothing about the implementations.
std::expected<SpoilReport, std::string> spoil_in_guests(
    const std::vector<VolumeToSpoil>& volumes, const SpoilOptions& options,
    const std::vector<std::unique_ptr<Target>>& guests);

}  // namespace vexfs::parity
