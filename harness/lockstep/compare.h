// SPDX-License-Identifier: MIT
// Turns what two targets answered into a failure, or into nothing.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "harness/lockstep/failure.h"
#include "harness/scenario/scenario.h"
#include "harness/target/target.h"

namespace vexfs::parity {

/// The first step that `target` answered unlike the reference. `first_step`: index of steps[0] in
/// the scenario.
std::optional<Failure> compare_outcomes(std::span<const Step> steps, std::size_t first_step,
                                        std::span<const Outcome> reference,
                                        std::span<const Outcome> other, const std::string& target);

/// The first step in which the reference misses what the scenario expects.
std::optional<Failure> check_expectations(std::span<const Step> steps, std::size_t first_step,
                                          std::span<const Outcome> reference);

/// All allocated blocks, metadata regions and the log; with `raw` every byte. `kind` is kVolume or
/// kRecovery.
std::optional<Failure> compare_images(const Image& reference, const Image& other, bool raw,
                                      const std::string& target, FailureKind kind);

/// What fsck.vexfs says of a cleanly unmounted volume.
std::optional<Failure> check_volume(std::span<const std::byte> volume, const std::string& target);

/// A target that failed where the reference did not (`reference` null), or failed otherwise than it
/// did.
std::optional<Failure> compare_failures(const TargetFailure* reference, const TargetFailure* other,
                                        const std::string& target);

}  // namespace vexfs::parity
