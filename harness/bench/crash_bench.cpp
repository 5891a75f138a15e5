// SPDX-License-Identifier: MIT
#include "harness/bench/crash_bench.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <expected>
#include <memory>
#include <thread>

#include <fmt/format.h>

#include "harness/bench/lockstep_figures.h"
#include "harness/crash/explore_scenario.h"
#include "harness/crash/tests/cross_check.h"
#include "harness/target/shared_target.h"

namespace vexfs::parity {
namespace {

using Clock = std::chrono::steady_clock;

// What the project promises for a two-core machine without KVM, in states a minute.
constexpr double kInProcessTarget = 60'000;
constexpr double kModuleTarget = 1'500;

constexpr std::size_t kPrepared = 200;
constexpr std::uint64_t kLeastBlocks = 1024;        // 4 MiB
constexpr std::uint64_t kStatesOfScenario = 2'000;  // then the next one: their crashes differ more

std::size_t processors() { return std::max(1U, std::thread::hardware_concurrency()); }

// Whether its crashes can be explored, and count.
bool counts(const Scenario& scenario) {
  return !scenario.mount.read_only && scenario.mount.clock == ClockMode::kManual &&
         scenario.volume.blocks.value_or(kLeastBlocks) >= kLeastBlocks;
}

class Bench {
 public:
  Bench(const CrashBenchOptions& options, const std::function<void(const Figure&)>& on_figure)
      : options_(options), on_figure_(on_figure) {}

  CrashBench run();

 private:
  void measure(const std::string& name, std::optional<double> goal, std::size_t threads,
               const std::vector<Target*>& recoverers);
  void measure_guests(GuestKind kind, const vm::KernelImage& image);
  void check_law();

  const CrashBenchOptions& options_;
  const std::function<void(const Figure&)>& on_figure_;
  std::vector<Scenario> scenarios_;
  CrashBench result_;
};

void Bench::measure(const std::string& name, std::optional<double> goal, std::size_t threads,
                    const std::vector<Target*>& recoverers) {
  crash::ScenarioOptions options;
  options.second_runs = 0;
  options.explore.states = kStatesOfScenario;
  options.explore.threads = threads;
  options.explore.recoverers = recoverers;
  const auto start = Clock::now();
  options.explore.deadline = start + std::chrono::duration_cast<Clock::duration>(
                                         std::chrono::duration<double>(options_.seconds));
  crash::StateCounts states;
  std::size_t explored = 0;
  while (Clock::now() < options.explore.deadline) {
    const Scenario& scenario = scenarios_[explored++ % scenarios_.size()];
    const auto found = explore_scenario(scenario, options);
    if (!found) {
      result_.unmeasured.push_back(name + ": " + found.error());
      return;
    }
    states += found->states;
    for (const auto& bad : found->bad) {
      result_.failures.push_back(name + ": " + scenario.name + ": " + bad.failure.signature);
    }
  }
  const double minutes =
      std::chrono::duration<double, std::ratio<60>>(Clock::now() - start).count();
  Figure figure{name,
                static_cast<double>(states.total()) / minutes,
                "states/min",
                goal,
                true,
                fmt::format("{} distinct states of {} scenarios, each recovered, checked by fsck "
                            "and judged; {} more were known",
                            states.total(), explored, states.known)};
  on_figure_(figure);
  result_.figures.push_back(std::move(figure));
}

void Bench::check_law() {
  constexpr unsigned kRequests = 5;
  const std::array<crash::Law, 3> laws{crash::law_of_the_model, crash::newest_by_submission,
                                       crash::newest_by_completion};
  const auto start = Clock::now();
  const crash::CrossCheck check =
      crash::cross_check(kRequests, laws, static_cast<unsigned>(processors()));
  const std::chrono::duration<double> seconds = Clock::now() - start;
  Figure figure{fmt::format("traces of up to {} requests, law against device", kRequests),
                static_cast<double>(check.traces),
                "traces",
                std::nullopt,
                true,
                fmt::format("{} where the law is wrong; {} where \"newest by submission\" would "
                            "be, {} where \"newest by completion\" would be; {:.0f} s",
                            check.laws[0].disagreements, check.laws[1].disagreements,
                            check.laws[2].disagreements, seconds.count())};
  if (check.laws[0].disagreements != 0) result_.failures.push_back("law: " + check.laws[0].first);
  on_figure_(figure);
  result_.figures.push_back(std::move(figure));
}

void Bench::measure_guests(GuestKind kind, const vm::KernelImage& image) {
  const std::string name =
      fmt::format("{}@{}", kind == GuestKind::kFuse ? "fuse" : "kmod", image.family);
  std::vector<std::unique_ptr<Target>> alike;
  while (alike.size() < processors()) {
    auto guest = GuestTarget::boot({kind, image, options_.accelerator,
                                    options_.work_dir / fmt::format("{}-{}", name, alike.size())});
    if (!guest) {
      result_.unmeasured.push_back(name + ": " + guest.error().what);
      return;
    }
    alike.push_back(std::move(*guest));
  }
  // One thread more than guests: it judges while they recover.
  const std::size_t threads = alike.size() + 1;
  const auto shared = share_targets(std::move(alike), 1);
  measure("crash states through " + name,
          kind == GuestKind::kKmod ? std::optional(kModuleTarget) : std::nullopt, threads,
          {shared.front().get()});
}

CrashBench Bench::run() {
  auto prepared = prepare_scenarios(options_.seed, kPrepared);
  if (!prepared) {
    result_.unmeasured.push_back(prepared.error());
    return std::move(result_);
  }
  scenarios_ = std::move(prepared->files);
  std::erase_if(scenarios_, [](const Scenario& scenario) { return !counts(scenario); });
  if (options_.in_process) {
    measure("crash states in process", kInProcessTarget, processors(), {});
  }
  for (const vm::KernelImage& image : options_.images) {
    for (const GuestKind kind : options_.kinds) measure_guests(kind, image);
  }
  if (options_.in_process) check_law();
  return std::move(result_);
}

}  // namespace

CrashBench run_crash_bench(const CrashBenchOptions& options,
                           const std::function<void(const Figure&)>& on_figure) {
  return Bench(options, on_figure).run();
}

}  // namespace vexfs::parity
