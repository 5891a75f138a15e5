// SPDX-License-Identifier: MIT
// Runs scenarios against an engine with a fault until a check notices it.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/planted/catalogue.h"
#include "harness/scenario/scenario.h"

namespace vexfs::parity {

struct HuntOptions {
  std::uint64_t seed = 1;
  /// Generated scenarios for each fault, before its trigger, and for the engine without faults.
  std::size_t scenarios = 150;
  std::filesystem::path triggers_dir;
  /// For one fault; the engine may hang.
  std::chrono::seconds limit = std::chrono::minutes(20);
};

/// How a fault was noticed.
struct Caught {
  std::string check;      // "trace", "volume", ..., "death"
  std::string signature;  // of the failure
  std::string scenario;   // its name
  std::size_t after = 0;  // scenarios that ran, this one included
  std::vector<std::string> lines;
};

/// What came of one fault, or of no fault.
struct HuntResult {
  std::optional<Caught> caught;
  std::vector<std::size_t> alarming;  // indices of all scenarios in which something was noticed
  std::size_t scenarios = 0;          // that ran
  std::uint64_t crash_states = 0;     // that were judged
  std::string broken;                 // why the harness could not finish, or empty
};

/// The scenarios of a hunt are generated once; each engine then runs in a process of its own.
class Hunt {
 public:
  /// The error is a fault of the generator.
  static std::expected<Hunt, std::string> prepare(const HuntOptions& options);

  /// All scenarios on the engine without a fault: whatever is noticed is a false alarm, or a fault
  /// that nobody planted. Such scenarios prove nothing: seek() leaves them out from then on.
  HuntResult seek_false_alarms();

  /// Runs until the fault is noticed or scenarios and trigger are used up.
  HuntResult seek(const PlantedFault& fault) const;

 private:
  Hunt(HuntOptions options, std::vector<Scenario> scenarios)
      : options_(std::move(options)), scenarios_(std::move(scenarios)) {}

  HuntOptions options_;
  std::vector<Scenario> scenarios_;
  std::set<std::size_t> unfit_;  // indices of those that raise alarms without a fault
};

}  // namespace vexfs::parity
