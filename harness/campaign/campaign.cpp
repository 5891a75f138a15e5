// SPDX-License-Identifier: MIT
#include "harness/campaign/campaign.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/scenario/error_name.h"
#include "harness/scenario/operation_fields.h"
#include "harness/shrink/shrink.h"

namespace vexfs::parity {
namespace {

using Clock = std::chrono::steady_clock;

// The worse of two verdicts: a broken harness hides everything, an oops is worse than a divergence.
Verdict worse(Verdict a, Verdict b) {
  const auto rank = [](Verdict verdict) {
    switch (verdict) {
      case Verdict::kParity:
        return 0;
      case Verdict::kNoVerdict:
        return 1;
      case Verdict::kDivergence:
        return 2;
      case Verdict::kOops:
        return 3;
      case Verdict::kHarnessFailed:
        return 4;
      case Verdict::kUsage:
        return 5;
    }
    return 5;
  };
  return rank(a) >= rank(b) ? a : b;
}

Verdict verdict_of(const Failure& failure) {
  return failure.kind == FailureKind::kDeath ? Verdict::kOops : Verdict::kDivergence;
}

std::string file_name(const Scenario& scenario, const char* ending) {
  std::string name = scenario.name.empty() ? "unnamed" : scenario.name;
  std::replace(name.begin(), name.end(), '/', '-');
  return name + ending;
}

}  // namespace

std::string describe(const Failure& failure) {
  std::string text =
      fmt::format("{} of {} differs from the reference", name_of(failure.kind), failure.target);
  if (failure.kind == FailureKind::kDeath) text = failure.target + " died";
  if (failure.kind == FailureKind::kFsck) text = failure.target + " breaks the format";
  for (const std::string& line : failure.lines) text += "\n  " + line;
  if (!failure.evidence.empty()) text += "\n" + failure.evidence;
  return text;
}

std::size_t Campaign::count_coverage(const Scenario& scenario, const LockstepResult& comparison) {
  std::size_t fresh = 0;
  const std::size_t ran = std::min(scenario.steps.size(), comparison.outcomes.size());
  for (std::size_t i = 0; i < ran; ++i) {
    fresh += coverage_.count(operation_name(scenario.steps[i].operation),
                             error_name(comparison.outcomes[i].error))
                 ? 1
                 : 0;
  }
  for (const std::string& feature : names_of(comparison.features)) {
    fresh += coverage_.reach(feature) ? 1 : 0;
  }
  return fresh;
}

std::optional<Failure> Campaign::judge(const Scenario& scenario, ScenarioFinished& finished) {
  const auto start = Clock::now();
  finished.name = scenario.name;
  auto comparison = lockstep_.run(scenario);
  finished.time = Clock::now() - start;
  if (!comparison) {
    finished.verdict = Verdict::kHarnessFailed;
    finished.detail = comparison.error();
    return std::nullopt;
  }
  finished.operations = comparison->operations;
  finished.crash_states = comparison->recoveries;
  finished.new_coverage = count_coverage(scenario, *comparison);
  if (!comparison->failure) return std::nullopt;
  finished.verdict = verdict_of(*comparison->failure);
  finished.signature = comparison->failure->signature;
  finished.detail = describe(*comparison->failure);
  return comparison->failure;
}

Finding Campaign::finding(const std::string& signature) const {
  Finding found;
  found.signature = signature;
  for (const auto& [name, build] : lockstep_.builds()) found.builds[name] = build;
  return found;
}

void Campaign::shrink(const Scenario& scenario, const std::string& signature,
                      const CampaignOptions& options) {
  std::size_t runs = 0;
  const auto same_failure = [&](const Scenario& candidate) {
    ++runs;
    const auto comparison = lockstep_.run(candidate);
    return comparison && comparison->failure ? comparison->failure->signature : std::string();
  };
  const auto file = options.failures_dir / file_name(scenario, ".shrunk.vxs.json");
  const auto keep = [&](const Scenario& smaller) {
    Scenario found = smaller;
    found.found = finding(signature);
    if (const auto saved = save_scenario(found, file); !saved) {
      listener_.on(Notice{saved.error()});
    }
    listener_.on(ShrinkProgress{scenario.name, smaller.steps.size(), runs});
  };
  const auto result =
      shrink_scenario(scenario, signature, same_failure, Clock::now() + options.shrink_time, keep);
  listener_.on(Notice{fmt::format("{} steps became {} in {} runs{}: {}", scenario.steps.size(),
                                  result.best.steps.size(), result.runs,
                                  result.finished ? "" : " (time was up)", file.string())});
}

Verdict Campaign::run_and_keep(const Scenario& scenario, const CampaignOptions& options) {
  listener_.on(ScenarioStarted{scenario.name});
  ScenarioFinished finished;
  const auto failure = judge(scenario, finished);
  if (failure) {
    // On disk before anything else is tried.
    std::error_code ignored;
    std::filesystem::create_directories(options.failures_dir, ignored);
    const auto file = options.failures_dir / file_name(scenario, ".vxs.json");
    Scenario found = scenario;
    found.found = finding(failure->signature);
    if (const auto saved = save_scenario(found, file); saved) {
      finished.case_file = file.string();
    } else {
      finished.detail += "\n" + saved.error();
    }
  }
  listener_.on(finished);
  if (failure && options.shrink_time.count() > 0) shrink(scenario, failure->signature, options);
  return finished.verdict;
}

Verdict Campaign::run_one(const Scenario& scenario) {
  listener_.on(ScenarioStarted{scenario.name});
  ScenarioFinished finished;
  judge(scenario, finished);
  listener_.on(finished);
  return finished.verdict;
}

Verdict Campaign::run(const CampaignOptions& options, const Generator& generate) {
  const auto end = Clock::now() + options.budget;
  Verdict worst = Verdict::kParity;
  std::size_t failures = 0;
  const auto go_on = [&] {
    return failures < options.failures && worst != Verdict::kHarnessFailed;
  };
  const auto take = [&](Verdict verdict) {
    failures += verdict == Verdict::kDivergence || verdict == Verdict::kOops ? 1 : 0;
    worst = worse(worst, verdict);
  };
  for (const auto& file : options.files) {
    if (!go_on()) break;
    const auto scenario = load_scenario(file);
    if (!scenario) {
      listener_.on(Notice{scenario.error()});
      take(Verdict::kHarnessFailed);
      continue;
    }
    take(run_and_keep(*scenario, options));
  }
  const std::uint64_t cases = options.cases.value_or(UINT64_MAX);
  for (std::uint64_t n = 0; n < cases && go_on(); ++n) {
    if (Clock::now() >= end) {
      if (options.cases) worst = worse(worst, Verdict::kNoVerdict);
      break;
    }
    const auto scenario = generate(n);
    if (!scenario) {
      listener_.on(Notice{scenario.error()});
      take(Verdict::kHarnessFailed);
      break;
    }
    take(run_and_keep(*scenario, options));
  }
  return worst;
}

}  // namespace vexfs::parity
