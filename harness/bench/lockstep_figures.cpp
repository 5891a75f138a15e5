// SPDX-License-Identifier: MIT
#include "harness/bench/lockstep_figures.h"

#include <algorithm>
#include <utility>
#include <variant>

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

bool asks_collections(const Scenario& scenario) {
  return std::ranges::any_of(scenario.steps, [](const Step& step) {
    return std::visit([]<class O>(const O&) { return VectorOperation<O>; }, step.operation);
  });
}

}  // namespace

Generator generated_scenarios(std::uint64_t seed) {
  return [seed](std::uint64_t n) { return nth_scenario(seed, n); };
}

std::expected<PreparedScenarios, std::string> prepare_scenarios(std::uint64_t seed,
                                                                std::size_t count) {
  const Generator generate = generated_scenarios(seed);
  PreparedScenarios prepared;
  for (std::size_t n = 0; n < count; ++n) {
    auto scenario = generate(n);
    if (!scenario) return std::unexpected(scenario.error());
    auto& kind = asks_collections(*scenario) ? prepared.vectors : prepared.files;
    kind.push_back(std::move(*scenario));
  }
  return prepared;
}

Generator in_turn(std::vector<Scenario> scenarios) {
  return [scenarios = std::move(scenarios)](std::uint64_t n) {
    return scenarios[n % scenarios.size()];
  };
}

std::expected<LockstepPace, std::string> measure_pace(Crew& crew, const Generator& generate,
                                                      std::chrono::duration<double> duration) {
  LockstepPace pace;
  std::string broken;
  const auto start = Clock::now();
  const auto processor_start = processor_time();
  const auto take = [&](const Ran& ran) {
    pace.time = Clock::now() - start;
    pace.processor = processor_time() - processor_start;
    if (!ran.result) {
      broken = ran.result.error();
      return false;
    }
    ++pace.scenarios;
    pace.operations += ran.result->operations;
    if (const auto& failure = ran.result->failure) {
      pace.divergences.push_back(ran.scenario->name + ": " + failure->signature);
    }
    return pace.time < duration;
  };
  crew.run(0, UINT64_MAX, generate, [](const Scenario&) {}, take);
  if (!broken.empty()) return std::unexpected(broken);
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
