// SPDX-License-Identifier: MIT
#include "harness/planted/hunt.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/crash/explore_scenario.h"
#include "harness/lockstep/lockstep.h"
#include "harness/planted/in_child.h"
#include "harness/scenario/generate.h"
#include "harness/target/core_target.h"
#include "harness/target/reference_target.h"

namespace vexfs::parity {
namespace {

using nlohmann::json;

// Crash states cost a recovery each, so they are few where scenarios are many.
struct Crashes {
  std::uint64_t states;
  std::size_t second_runs;
  std::uint64_t states_of_second;
};
constexpr Crashes kOfGenerated{300, 1, 60};
constexpr Crashes kOfTrigger{4000, 40, 60};
constexpr std::size_t kExplored = 24;     // generated scenarios before the trigger
constexpr std::size_t kExploreEvery = 6;  // of the engine without faults: one scenario in so many

Caught caught_by(const Failure& failure, const Scenario& scenario) {
  return {name_of(failure.kind), failure.signature, scenario.name, 0, failure.lines};
}

Lockstep reference_against(core::Fault fault) {
  std::vector<std::unique_ptr<Target>> others;
  others.push_back(std::make_unique<CoreTarget>(fault));
  return Lockstep(std::make_unique<ReferenceTarget>(), std::move(others), false);
}

// One engine's hunt, in the child.
class Search {
 public:
  Search(core::Fault fault, std::uint64_t seed)
      : fault_(fault), seed_(seed), lockstep_(reference_against(fault)) {}

  // With crash states if `crashes` is given. False: it is over.
  bool run(const Scenario& scenario, const Crashes* crashes) {
    ++result_.scenarios;
    const auto comparison = lockstep_.run(scenario);
    if (!comparison) return broken(scenario, comparison.error());
    if (comparison->failure) return caught(*comparison->failure, scenario);
    return crashes == nullptr || explore(scenario, *crashes);
  }

  bool broken(const Scenario& scenario, const std::string& why) {
    if (result_.broken.empty()) result_.broken = scenario.name + ": " + why;
    return false;
  }

  const HuntResult& result() const { return result_; }

 private:
  bool explore(const Scenario& scenario, const Crashes& crashes) {
    if (scenario.mount.read_only) return true;
    crash::ScenarioOptions options;
    options.explore.bounds.seed = seed_ + result_.scenarios;
    options.explore.bounds.worst = crash::Severity::kGarbage;
    options.explore.states = crashes.states;
    options.explore.threads = 1;
    options.explore.fault = fault_;
    options.second_runs = crashes.second_runs;
    options.states_of_second = crashes.states_of_second;
    const auto explored = crash::explore_scenario(scenario, options);
    if (!explored) return broken(scenario, explored.error());
    result_.crash_states += explored->states.total();
    return explored->bad.empty() || caught(explored->bad.front().failure, scenario);
  }

  bool caught(const Failure& failure, const Scenario& scenario) {
    if (!result_.caught) {
      result_.caught = caught_by(failure, scenario);
      result_.caught->after = result_.scenarios;
    }
    result_.alarming.push_back(result_.scenarios - 1);
    return false;
  }

  core::Fault fault_;
  std::uint64_t seed_;
  Lockstep lockstep_;
  HuntResult result_;
};

std::string to_text(const HuntResult& result) {
  json text{{"scenarios", result.scenarios},
            {"alarming", result.alarming},
            {"crash_states", result.crash_states},
            {"broken", result.broken}};
  if (const auto& caught = result.caught) {
    text["caught"] = {{"check", caught->check},
                      {"signature", caught->signature},
                      {"scenario", caught->scenario},
                      {"after", caught->after},
                      {"lines", caught->lines}};
  }
  return text.dump();
}

HuntResult from_text(const std::string& bytes) {
  const json text = json::parse(bytes);
  HuntResult result;
  result.scenarios = text.at("scenarios");
  result.alarming = text.at("alarming").get<std::vector<std::size_t>>();
  result.crash_states = text.at("crash_states");
  result.broken = text.at("broken");
  if (const auto found = text.find("caught"); found != text.end()) {
    result.caught = {found->at("check"), found->at("signature"), found->at("scenario"),
                     found->at("after"), found->at("lines")};
  }
  return result;
}

// A child that dies has shown the fault, too.
HuntResult in_child(const std::function<HuntResult()>& search, std::chrono::seconds limit) {
  const auto answer = run_in_child([&] { return to_text(search()); }, limit);
  if (answer) return from_text(*answer);
  HuntResult result;
  result.caught = Caught{"death", "death core", "", 0, {answer.error()}};
  return result;
}

void run_trigger(Search& search, const std::filesystem::path& dir, const PlantedFault& fault) {
  const auto trigger = load_scenario(dir / fmt::format("{}.vxs.json", fault.trigger));
  if (trigger) {
    search.run(*trigger, fault.of_crashes ? &kOfTrigger : nullptr);
  } else {
    search.broken({}, trigger.error());
  }
}

}  // namespace

std::expected<Hunt, std::string> Hunt::prepare(const HuntOptions& options) {
  std::vector<Scenario> scenarios;
  for (std::size_t n = 0; n < options.scenarios; ++n) {
    auto generated = generate_scenario(scenario_seed(options.seed, n));
    if (!generated) return std::unexpected(generated.error());
    scenarios.push_back(std::move(generated->scenario));
  }
  return Hunt(options, std::move(scenarios));
}

HuntResult Hunt::seek(const PlantedFault& fault) const {
  return in_child(
      [&] {
        Search search(fault.fault, options_.seed);
        const bool explore = fault.of_crashes;
        const std::size_t most =
            explore ? std::min(kExplored, scenarios_.size()) : scenarios_.size();
        for (std::size_t n = 0; n < most; ++n) {
          if (unfit_.contains(n)) continue;
          if (!search.run(scenarios_[n], explore ? &kOfGenerated : nullptr)) return search.result();
        }
        if (fault.trigger.empty()) return search.result();
        run_trigger(search, options_.triggers_dir, fault);
        return search.result();
      },
      options_.limit);
}

HuntResult Hunt::seek_false_alarms() {
  HuntResult result = in_child(
      [&] {
        Search search(core::Fault::kNone, options_.seed);
        for (const Scenario& scenario : scenarios_) {
          search.run(scenario,
                     search.result().scenarios % kExploreEvery == 0 ? &kOfGenerated : nullptr);
        }
        for (const PlantedFault& fault : planted_faults()) {
          if (!fault.trigger.empty()) run_trigger(search, options_.triggers_dir, fault);
        }
        return search.result();
      },
      options_.limit);
  unfit_ = {result.alarming.begin(), result.alarming.end()};
  return result;
}

}  // namespace vexfs::parity
