// SPDX-License-Identifier: MIT
// How many operations a second go through targets in lock-step, everything compared.
#pragma once

#include <chrono>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "harness/bench/figure.h"
#include "harness/lockstep/lockstep.h"
#include "harness/target/guest_target.h"

namespace vexfs::parity {

/// What ran in the measured time.
struct LockstepPace {
  std::uint64_t operations = 0;
  std::uint64_t scenarios = 0;
  std::chrono::duration<double> time{0};
  std::chrono::duration<double> processor{
      0};                                // what this process had of it; less on a busy machine
  std::vector<std::string> divergences;  // "scenario: signature"; the pace is worthless if any

  double operations_per_processor_second() const {
    return processor.count() > 0 ? static_cast<double>(operations) / processor.count() : 0;
  }
  double operations_per_second() const {
    return time.count() > 0 ? static_cast<double>(operations) / time.count() : 0;
  }
};

/// Generated scenarios, made outside the measured time.
class ScenarioSupply {
 public:
  explicit ScenarioSupply(std::uint64_t seed) : seed_(seed) {}
  /// The n-th; the error is a fault of the generator.
  std::expected<const Scenario*, std::string> get(std::size_t n);

 private:
  std::uint64_t seed_;
  std::vector<std::unique_ptr<Scenario>> made_;
};

/// Runs scenarios for about `duration`, at least one.
std::expected<LockstepPace, std::string> measure_pace(Lockstep& lockstep, ScenarioSupply& supply,
                                                      std::chrono::duration<double> duration);

/// Seconds that a guest takes for one statfs(2) of its mount, as a step of a batch: on FUSE that is
/// one round trip to the daemon more than on the kernel module.
std::expected<double, std::string> statfs_seconds(GuestTarget& target);

}  // namespace vexfs::parity
