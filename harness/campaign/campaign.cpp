// SPDX-License-Identifier: MIT
#include "harness/campaign/campaign.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/scenario/door_reply.h"
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
                             error_name(answer_of(comparison.outcomes[i])))
                 ? 1
                 : 0;
  }
  for (const std::string& feature : names_of(comparison.features)) {
    fresh += coverage_.reach(feature) ? 1 : 0;
  }
  return fresh;
}

ScenarioFinished Campaign::judge(const Ran& ran, const CampaignOptions& options) {
  ScenarioFinished finished;
  finished.time = ran.time;
  if (ran.scenario) finished.name = ran.scenario->name;
  if (!ran.result) {
    finished.verdict = Verdict::kHarnessFailed;
    finished.detail = ran.result.error();
    return finished;
  }
  finished.operations = ran.result->operations;
  finished.crash_states = ran.result->recoveries;
  finished.new_coverage = count_coverage(*ran.scenario, *ran.result);
  if (const auto& failure = ran.result->failure) {
    finished.verdict = verdict_of(*failure);
    finished.signature = failure->signature;
    finished.detail = describe(*failure);
    keep(*ran.scenario, options, finished);
  }
  return finished;
}

void Campaign::keep(const Scenario& scenario, const CampaignOptions& options,
                    ScenarioFinished& finished) {
  std::error_code ignored;
  std::filesystem::create_directories(options.failures_dir, ignored);
  const auto file = options.failures_dir / file_name(scenario, ".vxs.json");
  Scenario found = scenario;
  found.found = finding(finished.signature);
  if (const auto saved = save_scenario(found, file); saved) {
    finished.case_file = file.string();
  } else {
    finished.detail += "\n" + saved.error();
  }
}

Finding Campaign::finding(const std::string& signature) const {
  Finding found;
  found.signature = signature;
  for (const auto& [name, build] : crew_.lead().builds()) found.builds[name] = build;
  return found;
}

void Campaign::shrink(const Scenario& scenario, const std::string& signature,
                      const CampaignOptions& options) {
  std::size_t runs = 0;
  const auto same_failure = [&](const Scenario& candidate) {
    ++runs;
    const auto comparison = crew_.lead().run(candidate);
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

Verdict Campaign::run(const CampaignOptions& options, const Generator& generate) {
  const auto end_of_time = Clock::now() + options.budget;
  const std::uint64_t files = options.files.size();
  const std::uint64_t end = options.cases ? files + *options.cases : UINT64_MAX;
  const Generator source = [&](std::uint64_t n) {
    return n < files ? load_scenario(options.files[n]) : generate(n - files);
  };
  const auto begin = [&](const Scenario& scenario) {
    listener_.on(ScenarioStarted{scenario.name});
  };
  Verdict worst = Verdict::kParity;
  std::size_t failures = 0;
  std::uint64_t next = 0;
  // Whether another scenario may be run. The shipped ones know no budget.
  const auto has_time = [&] { return next < files || Clock::now() < end_of_time; };
  const auto go_on = [&] {
    return next < end && has_time() && failures < options.failures &&
           worst != Verdict::kHarnessFailed;
  };
  while (go_on()) {
    std::optional<Ran> failed;
    crew_.run(next, end, source, begin, [&](Ran ran) {
      ++next;
      const ScenarioFinished finished = judge(ran, options);
      listener_.on(finished);
      worst = worse(worst, finished.verdict);
      if (ran.result && ran.result->failure) failed = std::move(ran);
      return !failed && go_on();
    });
    if (!failed) continue;
    ++failures;
    if (options.shrink_time.count() > 0) {
      shrink(*failed->scenario, failed->result->failure->signature, options);
    }
  }
  const bool time_was_up = next < end && !has_time();
  return options.cases && time_was_up ? worse(worst, Verdict::kNoVerdict) : worst;
}

}  // namespace vexfs::parity
