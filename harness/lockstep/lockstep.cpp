// SPDX-License-Identifier: MIT
#include "harness/lockstep/lockstep.h"

#include <algorithm>
#include <future>
#include <span>

#include "harness/lockstep/compare.h"
#include "harness/lockstep/fresh_volume.h"

namespace vexfs::parity {
namespace {

using Result = std::expected<SegmentResult, TargetFailure>;

// Targets with the reference first, and how they run.
struct Team {
  std::vector<Target*> targets;
  bool in_parallel;

  // The same segment on every target; results in the order of `targets`.
  std::vector<Result> run(const Segment& segment) const {
    std::vector<Result> results;
    if (!in_parallel) {
      for (Target* target : targets) results.push_back(target->run(segment));
      return results;
    }
    std::vector<std::future<Result>> running;
    for (Target* target : targets) {
      running.push_back(
          std::async(std::launch::async, [target, &segment] { return target->run(segment); }));
    }
    for (auto& result : running) results.push_back(result.get());
    return results;
  }
};

// One run of a scenario: the state between segments.
class Course {
 public:
  Course(const Scenario& scenario, Team team, device::FlatCopy& flat)
      : scenario_(scenario), team_(std::move(team)), flat_(flat) {}

  std::expected<LockstepResult, std::string> go();

 private:
  bool run_segment(std::span<const Step> steps, std::size_t first_step, Ending ending);
  bool judge_results(const std::vector<Result>& results, std::span<const Step> steps,
                     std::size_t first_step, Ending ending);
  bool judge_volumes(const std::vector<Result>& results);
  bool recover(const std::vector<Result>& results);
  bool recover_image(const Image& crashed, const std::string& writer, bool go_on_from_it);
  // Both end the run: as a verdict, or as a fault of the machine.
  bool fail(Failure failure, std::optional<std::size_t> step);
  bool machine_failed(const TargetFailure& failure, const std::string& target);
  bool any_machine_failure(const std::vector<Result>& results);
  void note_features(std::span<const Step> steps, const std::vector<Outcome>& outcomes);
  const std::string& name(std::size_t target) const { return team_.targets[target]->name(); }

  const Scenario& scenario_;
  Team team_;
  device::FlatCopy& flat_;
  MountOptions options_;
  Image volume_;  // that the next segment starts from
  bool crashed_ = false;
  LockstepResult result_;
  std::string machine_fault_;
};

bool Course::fail(Failure failure, std::optional<std::size_t> step) {
  if (!failure.step) failure.step = step;
  result_.failure = std::move(failure);
  return false;
}

bool Course::machine_failed(const TargetFailure& failure, const std::string& target) {
  machine_fault_ = target + ": " + failure.what;
  if (!failure.evidence.empty()) machine_fault_ += "\n" + failure.evidence;
  return false;
}

bool Course::any_machine_failure(const std::vector<Result>& results) {
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!results[i] && results[i].error().kind == TargetFailure::Kind::kMachine) {
      return !machine_failed(results[i].error(), name(i));
    }
  }
  return false;
}

void Course::note_features(std::span<const Step> steps, const std::vector<Outcome>& outcomes) {
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    result_.features |= features_of_step(steps[i], outcomes[i]);
  }
}

bool Course::judge_volumes(const std::vector<Result>& results) {
  // After a crash free blocks may hold what a lost transaction wrote.
  const bool raw = options_.strict && !crashed_;
  const Image& reference = results[0]->volume;
  for (std::size_t i = 1; i < results.size(); ++i) {
    ++result_.volumes;
    auto failure =
        compare_images(reference, results[i]->volume, raw, name(i), FailureKind::kVolume);
    if (failure) return fail(*failure, std::nullopt);
  }
  if (auto failure = check_volume(flat_.of(reference), name(0))) return fail(*failure, {});
  result_.features |= features_of_volume(reference);
  return true;
}

bool Course::judge_results(const std::vector<Result>& results, std::span<const Step> steps,
                           std::size_t first_step, Ending ending) {
  const TargetFailure* expected = results[0] ? nullptr : &results[0].error();
  for (std::size_t i = 1; i < results.size(); ++i) {
    const TargetFailure* got = results[i] ? nullptr : &results[i].error();
    if (auto failure = compare_failures(expected, got, name(i))) {
      return fail(*failure, std::nullopt);
    }
  }
  if (expected != nullptr) {
    auto failure = compare_failures(nullptr, expected, name(0));
    return fail(*failure, std::nullopt);
  }
  const std::vector<Outcome>& answers = results[0]->outcomes;
  note_features(steps, answers);
  result_.outcomes.insert(result_.outcomes.end(), answers.begin(), answers.end());
  if (auto failure = check_expectations(steps, first_step, answers)) return fail(*failure, {});
  for (std::size_t i = 1; i < results.size(); ++i) {
    auto failure = compare_outcomes(steps, first_step, answers, results[i]->outcomes, name(i));
    if (failure) return fail(*failure, {});
  }
  result_.operations += steps.size();
  return ending == Ending::kPowerFailure ? recover(results) : judge_volumes(results);
}

bool Course::recover_image(const Image& crashed, const std::string& writer, bool go_on_from_it) {
  const auto recovered = team_.run({crashed, options_, {}, Ending::kUnmount});
  if (any_machine_failure(recovered)) return false;
  result_.recoveries += recovered.size();
  const TargetFailure* expected = recovered[0] ? nullptr : &recovered[0].error();
  if (expected != nullptr) {
    auto failure = compare_failures(nullptr, expected, name(0));
    failure->lines.insert(failure->lines.begin(), "recovering the volume of a crash of " + writer);
    return fail(*failure, {});
  }
  for (std::size_t i = 1; i < recovered.size(); ++i) {
    const TargetFailure* got = recovered[i] ? nullptr : &recovered[i].error();
    auto failure = compare_failures(nullptr, got, name(i));
    if (!failure) {
      failure = compare_images(recovered[0]->volume, recovered[i]->volume, false, name(i),
                               FailureKind::kRecovery);
    }
    if (failure) {
      failure->lines.insert(failure->lines.begin(),
                            "recovering the volume of a crash of " + writer);
      return fail(*failure, {});
    }
  }
  if (auto failure =
          check_volume(flat_.of(recovered[0]->volume), name(0) + " after a crash of " + writer)) {
    return fail(*failure, {});
  }
  if (go_on_from_it) volume_ = recovered[0]->volume;
  return true;
}

bool Course::recover(const std::vector<Result>& results) {
  crashed_ = true;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const Image& crashed = results[i]->volume;
    // The same bytes again would show the same again, and a recovery is a mount on every guest.
    const bool known =
        std::any_of(results.begin(), results.begin() + static_cast<std::ptrdiff_t>(i),
                    [&](const Result& r) { return r->volume == crashed; });
    if (!known && !recover_image(crashed, name(i), i == 0)) return false;
  }
  return true;
}

bool Course::run_segment(std::span<const Step> steps, std::size_t first_step, Ending ending) {
  auto results = team_.run({volume_, options_, steps, ending});
  if (any_machine_failure(results)) return false;
  if (!judge_results(results, steps, first_step, ending)) return false;
  if (ending == Ending::kUnmount) volume_ = std::move(results[0]->volume);
  return true;
}

std::expected<LockstepResult, std::string> Course::go() {
  auto fresh = fresh_volume(scenario_.volume);
  if (!fresh) return std::unexpected(fresh.error());
  volume_ = std::move(*fresh);
  options_ = scenario_.mount;
  const std::span<const Step> steps = scenario_.steps;
  bool going = true;
  std::size_t first = 0;
  while (going && first <= steps.size()) {
    const auto from = steps.begin() + static_cast<std::ptrdiff_t>(first);
    const auto end =
        std::find_if(from, steps.end(), [](const Step& s) { return is_volume_step(s.operation); });
    const std::size_t length = static_cast<std::size_t>(end - from);
    const auto segment = steps.subspan(first, length);
    const bool crash = has_failing_writes(segment) ||
                       (end != steps.end() && std::holds_alternative<Crash>(end->operation));
    going = run_segment(segment, first, crash ? Ending::kPowerFailure : Ending::kUnmount);
    if (end == steps.end()) break;
    if (going) result_.outcomes.emplace_back();
    if (const auto* remount = std::get_if<Remount>(&end->operation)) options_ = remount->options;
    if (crash) result_.features.crashed = true;
    first += length + 1;
  }
  if (!machine_fault_.empty()) return std::unexpected(machine_fault_);
  return std::move(result_);
}

}  // namespace

Lockstep::Lockstep(std::unique_ptr<Target> reference, std::vector<std::unique_ptr<Target>> others,
                   bool in_parallel)
    : reference_(std::move(reference)), others_(std::move(others)), in_parallel_(in_parallel) {}

std::expected<LockstepResult, std::string> Lockstep::run(const Scenario& scenario) {
  Team team{{reference_.get()}, in_parallel_};
  for (const auto& other : others_) team.targets.push_back(other.get());
  return Course(scenario, std::move(team), flat_).go();
}

std::vector<std::pair<std::string, std::string>> Lockstep::builds() const {
  std::vector<std::pair<std::string, std::string>> builds{
      {reference_->name(), reference_->build()}};
  for (const auto& other : others_) builds.emplace_back(other->name(), other->build());
  return builds;
}

}  // namespace vexfs::parity
