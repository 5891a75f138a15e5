// SPDX-License-Identifier: MIT
// How many operations a second go through targets in lock-step, everything compared.
#pragma once

#include <chrono>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "harness/bench/figure.h"
#include "harness/lockstep/crew.h"
#include "harness/target/guest_target.h"

namespace vexfs::parity {

/// What ran in the measured time.
struct LockstepPace {
  std::uint64_t operations = 0;
  std::uint64_t scenarios = 0;
  std::chrono::duration<double> time{0};
  /// CPU time of this process, all threads; less than a core a thread on a busy machine.
  std::chrono::duration<double> processor{0};
  std::vector<std::string> divergences;  // "scenario: signature"; the pace is worthless if any

  double operations_per_processor_second() const {
    return processor.count() > 0 ? static_cast<double>(operations) / processor.count() : 0;
  }
  double operations_per_second() const {
    return time.count() > 0 ? static_cast<double>(operations) / time.count() : 0;
  }
};

/// Makes generated scenarios when asked for them, so that making them is measured, too.
Generator generated_scenarios(std::uint64_t seed);

/// Scenarios that are there before a clock starts.
struct PreparedScenarios {
  std::vector<Scenario> files;    // file operations only
  std::vector<Scenario> vectors;  // with requests to collections among them
};

/// The first `count` scenarios of `seed`. The error is a fault of the generator.
std::expected<PreparedScenarios, std::string> prepare_scenarios(std::uint64_t seed,
                                                                std::size_t count);

/// Hands out `scenarios` (at least one) again and again.
Generator in_turn(std::vector<Scenario> scenarios);

/// Runs scenarios for about `duration`, at least one.
std::expected<LockstepPace, std::string> measure_pace(Crew& crew, const Generator& generate,
                                                      std::chrono::duration<double> duration);

/// Seconds that a guest takes for one statfs(2) of its mount, as a step of a batch: on FUSE that is
/// one round trip to the daemon more than on the kernel module.
std::expected<double, std::string> statfs_seconds(GuestTarget& target);

}  // namespace vexfs::parity
