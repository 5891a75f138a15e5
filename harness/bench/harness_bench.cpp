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

// More than run in the measured time on guests; in process they come round.
constexpr std::size_t kPrepared = 1000;

std::size_t processors() { return std::max(1U, std::thread::hardware_concurrency()); }

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
  void measure_both_kinds(const std::string& name, Crew crew, double goal, const std::string& note);
  void measure_lockstep(const std::string& name, Crew& crew, const Generator& scenarios,
                        std::optional<double> goal, const std::string& note);
  std::unique_ptr<GuestTarget> boot(GuestKind kind, const vm::KernelImage& image,
                                    std::size_t number);
  void measure_guests_alike(std::unique_ptr<GuestTarget> first, GuestKind kind,
                            const vm::KernelImage& image);

  const HarnessBenchOptions& options_;
  const std::function<void(const Figure&)>& on_figure_;
  PreparedScenarios prepared_;
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
  for (std::size_t n = 0; n < processors(); ++n) {
    locksteps.push_back(lockstep_with(std::make_unique<CoreTarget>()));
  }
  return Crew(std::move(locksteps));
}

void Bench::measure_in_process() {
  measure_both_kinds("reference and core in process", in_process_crew(), kInProcessTarget,
                     "scenarios made before the clock starts");
  Crew crew = in_process_crew();
  measure_lockstep("the same, generator included", crew, generated_scenarios(options_.seed), {},
                   "files and vectors, as `run` does it");
}

// What is promised are operations on files; a search or an update of a collection is a computation
// of its own size.
void Bench::measure_both_kinds(const std::string& name, Crew crew, double goal,
                               const std::string& note) {
  measure_lockstep(name + ", files", crew, in_turn(prepared_.files), goal, note);
  measure_lockstep(name + ", vectors", crew, in_turn(prepared_.vectors), {}, note);
}

void Bench::measure_lockstep(const std::string& name, Crew& crew, const Generator& scenarios,
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

// `number` tells it from others alike.
std::unique_ptr<GuestTarget> Bench::boot(GuestKind kind, const vm::KernelImage& image,
                                         std::size_t number) {
  const std::string name =
      fmt::format("{}@{}-{}", kind == GuestKind::kFuse ? "fuse" : "kmod", image.family, number);
  auto target = GuestTarget::boot({kind, image, options_.accelerator, options_.work_dir / name});
  if (target) return std::move(*target);
  result_.unmeasured.push_back(name + ": " + target.error().what);
  return nullptr;
}

// As `run` does it for one kind of guest: as many as there are cores, and one scenario more in
// flight, which is compared while they compute.
void Bench::measure_guests_alike(std::unique_ptr<GuestTarget> first, GuestKind kind,
                                 const vm::KernelImage& image) {
  const std::string name = "reference and " + first->name();
  std::vector<std::unique_ptr<Target>> alike;
  alike.push_back(std::move(first));
  while (alike.size() < processors()) {
    auto next = boot(kind, image, alike.size());
    if (!next) return;
    alike.push_back(std::move(next));
  }
  const std::string note =
      fmt::format("scenarios made before the clock starts, {} guests alike", alike.size());
  const std::size_t in_flight = alike.size() + 1;
  std::vector<std::unique_ptr<Lockstep>> locksteps;
  for (auto& shared : share_targets(std::move(alike), in_flight)) {
    locksteps.push_back(lockstep_with(std::move(shared)));
  }
  measure_both_kinds(name, Crew(std::move(locksteps)), kGuestTarget, note);
}

void Bench::measure_targets(const vm::KernelImage& image) {
  auto fuse = boot(GuestKind::kFuse, image, 0);
  auto kmod = boot(GuestKind::kKmod, image, 0);
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
  if (fuse) measure_guests_alike(std::move(fuse), GuestKind::kFuse, image);
  if (kmod) measure_guests_alike(std::move(kmod), GuestKind::kKmod, image);
}

HarnessBench Bench::run() {
  if (options_.busy_host) {
    for (const vm::KernelImage& image : options_.images) measure_beside_loops(image);
    return std::move(result_);
  }
  auto prepared = prepare_scenarios(options_.seed, kPrepared);
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
