// SPDX-License-Identifier: MIT
// Runs many scenarios, tells what happens, keeps what fails and makes it small.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/lockstep/lockstep.h"
#include "harness/report/coverage.h"
#include "harness/report/events.h"
#include "harness/scenario/scenario.h"

namespace vexfs::parity {

/// Makes the scenario number `n` of a run; the same for the same number. The error is a mistake in
/// the generator.
using Generator = std::function<std::expected<Scenario, std::string>(std::uint64_t n)>;

struct CampaignOptions {
  /// Run first, in this order.
  std::vector<std::filesystem::path> files;
  /// Generated scenarios at most; none: until the budget ends.
  std::optional<std::uint64_t> cases;
  std::chrono::steady_clock::duration budget = std::chrono::minutes(1);
  /// Where failing scenarios are written; made when needed.
  std::filesystem::path failures_dir;
  /// Failures after which the run ends.
  std::size_t failures = 1;
  /// Time to make one failing scenario smaller; 0: leave it as it is.
  std::chrono::steady_clock::duration shrink_time = std::chrono::seconds(60);
};

/// One run. Listener and coverage must outlive it.
class Campaign {
 public:
  Campaign(Lockstep& lockstep, Listener& listener, Coverage& coverage)
      : lockstep_(lockstep), listener_(listener), coverage_(coverage) {}

  /// Runs until files, cases or time are used up, or too much failed. The verdict is the worst of
  /// all scenarios.
  Verdict run(const CampaignOptions& options, const Generator& generate);

  /// Runs one scenario and reports it, without keeping or shrinking.
  Verdict run_one(const Scenario& scenario);

 private:
  Verdict run_and_keep(const Scenario& scenario, const CampaignOptions& options);
  void shrink(const Scenario& scenario, const std::string& signature,
              const CampaignOptions& options);
  /// Runs the scenario; fills in the event that tells of it.
  std::optional<Failure> judge(const Scenario& scenario, ScenarioFinished& finished);
  std::size_t count_coverage(const Scenario& scenario, const LockstepResult& comparison);
  Finding finding(const std::string& signature) const;

  Lockstep& lockstep_;
  Listener& listener_;
  Coverage& coverage_;
};

/// What a failure says to a person, several lines.
std::string describe(const Failure& failure);

}  // namespace vexfs::parity
