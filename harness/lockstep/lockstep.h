// SPDX-License-Identifier: MIT
// Runs one scenario through the reference and any number of other targets and compares everything.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/device/flat_copy.h"
#include "harness/lockstep/failure.h"
#include "harness/lockstep/features.h"
#include "harness/scenario/scenario.h"
#include "harness/target/target.h"

namespace vexfs::parity {

/// What came of one scenario.
struct LockstepResult {
  std::optional<Failure> failure;  // none: parity
  std::vector<Outcome> outcomes;   // of the reference, one for each step that ran
  Features features;
  std::uint64_t operations = 0;  // steps that every target ran and that were compared
  std::uint64_t volumes = 0;     // whole volumes compared with the reference's
  std::uint64_t recoveries = 0;  // of crash images, each by one target
};

/// Compares targets with a reference.
///
/// A scenario is cut into segments at its volume steps. Each target runs a segment on its own copy
/// of the volume; then outcomes and volumes are compared, and the next segment starts from the
/// reference's volume. At a crash each target's volume is what its power failure left; every one of
/// those that holds bytes of its own is recovered by every target, the recovered volumes are
/// compared, and the scenario goes on from the reference's own.
class Lockstep {
 public:
  /// `reference` defines the right answer. `in_parallel`: each target runs in a thread of its own.
  Lockstep(std::unique_ptr<Target> reference, std::vector<std::unique_ptr<Target>> others,
           bool in_parallel);

  /// Runs the scenario from a fresh volume. The error is a fault of the harness or the machine,
  /// never a verdict.
  std::expected<LockstepResult, std::string> run(const Scenario& scenario);

  /// Name and build identity of all targets, the reference first.
  std::vector<std::pair<std::string, std::string>> builds() const;

 private:
  std::unique_ptr<Target> reference_;
  std::vector<std::unique_ptr<Target>> others_;
  bool in_parallel_;
  device::FlatCopy flat_;  // of the volume last looked into
};

}  // namespace vexfs::parity
