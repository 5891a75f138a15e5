// SPDX-License-Identifier: MIT
// Runs many scenarios, tells what happens, keeps what fails and makes it small.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/lockstep/crew.h"
#include "harness/report/coverage.h"
#include "harness/report/events.h"
#include "harness/scenario/scenario.h"

namespace vexfs::parity {

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

/// One run. Crew, listener and coverage must outlive it.
class Campaign {
 public:
  Campaign(Crew& crew, Listener& listener, Coverage& coverage)
      : crew_(crew), listener_(listener), coverage_(coverage) {}

  /// Runs until files, cases or time are used up, or too much failed. The verdict is the worst of
  /// all scenarios.
  Verdict run(const CampaignOptions& options, const Generator& generate);

 private:
  /// Counts and tells what came of a scenario, and keeps it if it failed.
  ScenarioFinished judge(const Ran& ran, const CampaignOptions& options);
  void keep(const Scenario& scenario, const CampaignOptions& options, ScenarioFinished& finished);
  void shrink(const Scenario& scenario, const std::string& signature,
              const CampaignOptions& options);
  std::size_t count_coverage(const Scenario& scenario, const LockstepResult& comparison);
  Finding finding(const std::string& signature) const;

  Crew& crew_;
  Listener& listener_;
  Coverage& coverage_;
};

/// What a failure says to a person, several lines.
std::string describe(const Failure& failure);

}  // namespace vexfs::parity
