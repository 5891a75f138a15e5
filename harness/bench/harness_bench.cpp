// SPDX-License-Identifier: MIT
#include "harness/bench/harness_bench.h"

#include <algorithm>
#include <thread>

#include <fmt/format.h>

#include "harness/bench/guest_figures.h"
#include "harness/bench/lockstep_figures.h"
#include "harness/target/core_target.h"
#include "harness/target/reference_target.h"
#include "harness/target/shared_target.h"

namespace vexfs::parity {
namespace {

// What the project promises for a two-core machine without KVM.
constexpr double kInProcessTarget = 20'000;
constexpr double kGuestTarget = 500;

// On one guest, as `run` does it: one is compared while the guest computes the other.
constexpr std::size_t kScenariosInFlight = 2;

// More than run in the measured time on guests; in process they come round.
constexpr std::size_t kPrepared = 1000;

std::unique_ptr<Lockstep> lockstep_with(std::unique_ptr<Target> target) {
  std::vector<std::unique_ptr<Target>> others;
  others.push_back(std::move(target));
  return std::make_unique<Lockstep>(std::make_unique<ReferenceTarget>(), std::move(others), false);
}

class Bench {
 public:
  Bench(const HarnessBenchOptions& options, const std::function<void(const Figure&)>& on_figure)
      : options_(options), on_figure_(on_figure) {}

  HarnessBench run();

 private:
  void add(Figure figure) {
    on_figure_(figure);
    result_.figures.push_back(std::move(figure));
  }
  void measure_guests(const vm::KernelImage& image);
  void measure_beside_loops(const vm::KernelImage& image);
  GuestFigureOptions guest_options(const std::string& what, const vm::KernelImage& image) const {
    return {image, options_.accelerator, options_.work_dir / (what + "-" + image.family),
            options_.boots};
  }
  void measure_targets(const vm::KernelImage& image);
  void measure_in_process();
  void measure_lockstep(const std::string& name, Crew crew, const Generator& scenarios,
                        std::optional<double> goal, const std::string& note);
  std::unique_ptr<GuestTarget> boot(GuestKind kind, const vm::KernelImage& image);

  const HarnessBenchOptions& options_;
  const std::function<void(const Figure&)>& on_figure_;
  Generator prepared_;  // scenarios that are there before the clock starts
  HarnessBench result_;
};

void Bench::measure_guests(const vm::KernelImage& image) {
  for (const auto& figures : {measure_guest(guest_options("boot", image)),
                              measure_deaths(guest_options("death", image))}) {
    if (!figures) {
      result_.unmeasured.push_back("guest of Linux " + image.family + ": " + figures.error());
      continue;
    }
    for (const Figure& figure : *figures) add(figure);
  }
}

void Bench::measure_beside_loops(const vm::KernelImage& image) {
  const auto figure = measure_busy_host({.guest = guest_options("busy", image)});
  if (figure) {
    add(*figure);
  } else {
    result_.unmeasured.push_back("busy host, Linux " + image.family + ": " + figure.error());
  }
}

// As many in-process locksteps as there are cores.
Crew in_process_crew() {
  std::vector<std::unique_ptr<Lockstep>> locksteps;
  for (unsigned n = 0; n < std::max(1U, std::thread::hardware_concurrency()); ++n) {
    locksteps.push_back(lockstep_with(std::make_unique<CoreTarget>()));
  }
  return Crew(std::move(locksteps));
}

void Bench::measure_in_process() {
  measure_lockstep("reference and core in process", in_process_crew(), prepared_, kInProcessTarget,
                   "scenarios made before the clock starts");
  measure_lockstep("the same, generator included", in_process_crew(),
                   generated_scenarios(options_.seed), {}, "as `run` does it");
}

void Bench::measure_lockstep(const std::string& name, Crew crew, const Generator& scenarios,
                             std::optional<double> goal, const std::string& note) {
  const auto pace = measure_pace(crew, scenarios, std::chrono::duration<double>(options_.seconds));
  if (!pace) {
    result_.unmeasured.push_back(name + ": " + pace.error());
    return;
  }
  std::string text = fmt::format(
      "{} operations in {} scenarios; {}; every result compared, and every volume that was "
      "unmounted or recovered, with fsck; {:.0f} a second of this process's CPU time",
      pace->operations, pace->scenarios, note, pace->operations_per_processor_second());
  if (!pace->divergences.empty()) text = fmt::format("{} diverged!", pace->divergences.size());
  for (const auto& divergence : pace->divergences) {
    result_.divergences.push_back(name + ": " + divergence);
  }
  add({name, pace->operations_per_second(), "op/s", goal, true, text});
}

std::unique_ptr<GuestTarget> Bench::boot(GuestKind kind, const vm::KernelImage& image) {
  const std::string name =
      fmt::format("{}@{}", kind == GuestKind::kFuse ? "fuse" : "kmod", image.family);
  auto target = GuestTarget::boot({kind, image, options_.accelerator, options_.work_dir / name});
  if (target) return std::move(*target);
  result_.unmeasured.push_back(name + ": " + target.error().what);
  return nullptr;
}

void Bench::measure_targets(const vm::KernelImage& image) {
  auto fuse = boot(GuestKind::kFuse, image);
  auto kmod = boot(GuestKind::kKmod, image);
  if (fuse && kmod) {
    const auto with_daemon = statfs_seconds(*fuse);
    const auto without = statfs_seconds(*kmod);
    if (with_daemon && without) {
      add({"null FUSE round trip, Linux " + image.family,
           (*with_daemon - *without) * 1e6,
           "us",
           {},
           false,
           "statfs(2) on FUSE less the same on the module"});
    } else {
      result_.unmeasured.push_back("null FUSE round trip: " +
                                   (with_daemon ? without.error() : with_daemon.error()));
    }
  }
  for (auto* target : {&fuse, &kmod}) {
    if (!*target) continue;
    const std::string name = "reference and " + (*target)->name();
    std::vector<std::unique_ptr<Lockstep>> locksteps;
    for (auto& shared : share_target(std::move(*target), kScenariosInFlight)) {
      locksteps.push_back(lockstep_with(std::move(shared)));
    }
    measure_lockstep(name, Crew(std::move(locksteps)), prepared_, kGuestTarget,
                     "scenarios made before the clock starts, two in flight");
  }
}

HarnessBench Bench::run() {
  if (options_.busy_host) {
    for (const vm::KernelImage& image : options_.images) measure_beside_loops(image);
    return std::move(result_);
  }
  auto prepared = prepared_scenarios(options_.seed, kPrepared);
  if (prepared) {
    prepared_ = std::move(*prepared);
    measure_in_process();
  } else {
    result_.unmeasured.push_back("lock-step: " + prepared.error());
    return std::move(result_);
  }
  for (const vm::KernelImage& image : options_.images) measure_guests(image);
  for (const vm::KernelImage& image : options_.images) measure_targets(image);
  return std::move(result_);
}

}  // namespace

HarnessBench run_harness_bench(const HarnessBenchOptions& options,
                               const std::function<void(const Figure&)>& on_figure) {
  return Bench(options, on_figure).run();
}

}  // namespace vexfs::parity
