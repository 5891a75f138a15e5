// SPDX-License-Identifier: MIT
#include "harness/bench/lockstep_figures.h"

#include <algorithm>

#include <time.h>

#include "harness/lockstep/fresh_volume.h"
#include "harness/scenario/generate.h"

namespace vexfs::parity {
namespace {

using Clock = std::chrono::steady_clock;

std::chrono::duration<double> processor_time() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

std::expected<double, std::string> segment_seconds(GuestTarget& target, const Image& volume,
                                                   std::size_t steps) {
  const std::vector<Step> batch(steps, Step{Statfs{{"/"}}, {}, {}});
  const auto start = Clock::now();
  const auto result = target.run({volume, {}, batch, Ending::kUnmount});
  if (!result) return std::unexpected(target.name() + ": " + result.error().what);
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

std::expected<const Scenario*, std::string> ScenarioSupply::get(std::size_t n) {
  while (made_.size() <= n) {
    auto generated = generate_scenario(scenario_seed(seed_, made_.size()));
    if (!generated) return std::unexpected(generated.error());
    made_.push_back(std::make_unique<Scenario>(std::move(generated->scenario)));
  }
  return made_[n].get();
}

std::expected<LockstepPace, std::string> measure_pace(Lockstep& lockstep, ScenarioSupply& supply,
                                                      std::chrono::duration<double> duration) {
  LockstepPace pace;
  while (pace.scenarios == 0 || pace.time < duration) {
    const auto scenario = supply.get(pace.scenarios);
    if (!scenario) return std::unexpected(scenario.error());
    const auto start = Clock::now();
    const auto processor_start = processor_time();
    const auto comparison = lockstep.run(**scenario);
    pace.processor += processor_time() - processor_start;
    pace.time += Clock::now() - start;
    if (!comparison) return std::unexpected(comparison.error());
    ++pace.scenarios;
    pace.operations += comparison->operations;
    if (comparison->failure) {
      pace.divergences.push_back((*scenario)->name + ": " + comparison->failure->signature);
    }
  }
  return pace;
}

std::expected<double, std::string> statfs_seconds(GuestTarget& target) {
  constexpr std::size_t kFew = 1;
  constexpr std::size_t kMany = 2001;
  constexpr int kTimes = 3;
  const auto volume = fresh_volume({});
  if (!volume) return std::unexpected(volume.error());
  std::vector<double> differences;
  for (int i = 0; i < kTimes; ++i) {
    // Mounting and the batch's own way are in both.
    const auto few = segment_seconds(target, *volume, kFew);
    if (!few) return std::unexpected(few.error());
    const auto many = segment_seconds(target, *volume, kMany);
    if (!many) return std::unexpected(many.error());
    differences.push_back((*many - *few) / (kMany - kFew));
  }
  return median(std::move(differences));
}

}  // namespace vexfs::parity
