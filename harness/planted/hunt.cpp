// SPDX-License-Identifier: MIT
#include "harness/planted/hunt.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/lockstep/lockstep.h"
#include "harness/planted/crash_probe.h"
#include "harness/planted/in_child.h"
#include "harness/scenario/generate.h"
#include "harness/target/core_target.h"
#include "harness/target/reference_target.h"

namespace vexfs::parity {
namespace {

using nlohmann::json;

// Crash states cost a mount each, so they are few where scenarios are many.
constexpr ProbeOptions kOfGenerated{.seed = 0, .states = 25};
constexpr ProbeOptions kOfTrigger{
    .seed = 0, .states = 150, .crashed_again = 2, .states_of_second = 10};
constexpr std::size_t kProbed = 12;     // generated scenarios before the trigger
constexpr std::size_t kProbeEvery = 6;  // of the engine without faults: one scenario in so many

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

  // With crash states if `probe` is given. False: it is over.
  bool run(const Scenario& scenario, const ProbeOptions* probe) {
    ++result_.scenarios;
    const auto comparison = lockstep_.run(scenario);
    if (!comparison) return broken(scenario, comparison.error());
    if (comparison->failure) return caught(*comparison->failure, scenario);
    if (probe == nullptr) return true;
    ++result_.crash_probes;
    ProbeOptions options = *probe;
    options.seed = seed_ + result_.scenarios;
    const auto failure = probe_crashes(scenario, fault_, options);
    if (!failure) return broken(scenario, failure.error());
    return !*failure || caught(**failure, scenario);
  }

  bool broken(const Scenario& scenario, const std::string& why) {
    if (result_.broken.empty()) result_.broken = scenario.name + ": " + why;
    return false;
  }

  const HuntResult& result() const { return result_; }

 private:
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
            {"crash_probes", result.crash_probes},
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
  result.crash_probes = text.at("crash_probes");
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
    search.run(*trigger, fault.needs_lost_writes ? &kOfTrigger : nullptr);
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
        const bool probe = fault.needs_lost_writes;
        const std::size_t most = probe ? std::min(kProbed, scenarios_.size()) : scenarios_.size();
        for (std::size_t n = 0; n < most; ++n) {
          if (unfit_.contains(n)) continue;
          if (!search.run(scenarios_[n], probe ? &kOfGenerated : nullptr)) return search.result();
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
                     search.result().scenarios % kProbeEvery == 0 ? &kOfGenerated : nullptr);
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
