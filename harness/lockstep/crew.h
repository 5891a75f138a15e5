// SPDX-License-Identifier: MIT
// Many scenarios, several at once, told in order.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "harness/lockstep/lockstep.h"

namespace vexfs::parity {

/// Makes the scenario number `n` of a run; the same for the same number. The error is a mistake in
/// the generator, or in a file. Called for one number after the other, never twice at once.
using Generator = std::function<std::expected<Scenario, std::string>(std::uint64_t n)>;

/// A scenario that a crew has run.
struct Ran {
  /// The error of the generator.
  std::expected<Scenario, std::string> scenario;
  /// As Lockstep::run() answers; the generator's error if there is no scenario.
  std::expected<LockstepResult, std::string> result;
  std::chrono::nanoseconds time{0};  // that the run took
};

/// Runs scenarios in as many threads as it has locksteps. What it hands on is the same with any
/// number of them.
class Crew {
 public:
  /// At least one. With one everything happens in the caller's thread: each scenario is made when
  /// the one before it has been taken.
  explicit Crew(std::vector<std::unique_ptr<Lockstep>> locksteps)
      : locksteps_(std::move(locksteps)) {}

  /// Runs the scenarios from number `first` up to `end` - 1 and hands them to `take` in this order,
  /// in the caller's thread, until it answers false. Nothing runs any more when this returns;
  /// scenarios that ran and were not taken are forgotten. `begin` is told of each before it is
  /// taken, in the caller's thread, too; with one lockstep before it runs.
  void run(std::uint64_t first, std::uint64_t end, const Generator& generate,
           const std::function<void(const Scenario&)>& begin, const std::function<bool(Ran)>& take);

  /// To run a scenario apart, while run() does not.
  Lockstep& lead() { return *locksteps_.front(); }

 private:
  std::vector<std::unique_ptr<Lockstep>> locksteps_;
};

}  // namespace vexfs::parity
