// SPDX-License-Identifier: MIT
#include "harness/planted/hunt.h"

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

  // False: it is over.
  bool run(const Scenario& scenario, bool probe) {
    ++result_.scenarios;
    const auto comparison = lockstep_.run(scenario);
    if (!comparison) return broken(scenario, comparison.error());
    if (comparison->failure) return caught(*comparison->failure, scenario);
    if (!probe) return true;
    ++result_.crash_probes;
    const auto failure =
        probe_crashes(scenario, fault_, {.seed = seed_ + result_.scenarios, .states = 40});
    if (!failure) return broken(scenario, failure.error());
    return !*failure || caught(**failure, scenario);
  }

  bool broken(const Scenario& scenario, const std::string& why) {
    result_.broken = scenario.name + ": " + why;
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
        for (std::size_t n = 0; n < scenarios_.size(); ++n) {
          if (unfit_.contains(n)) continue;
          if (!search.run(scenarios_[n], fault.needs_lost_writes)) return search.result();
        }
        if (fault.trigger.empty()) return search.result();
        const auto file = options_.triggers_dir / fmt::format("{}.vxs.json", fault.trigger);
        if (const auto trigger = load_scenario(file)) {
          search.run(*trigger, fault.needs_lost_writes);
        } else {
          search.broken({}, trigger.error());
        }
        return search.result();
      },
      options_.limit);
}

HuntResult Hunt::seek_false_alarms() {
  HuntResult result = in_child(
      [&] {
        Search search(core::Fault::kNone, options_.seed);
        for (const Scenario& scenario : scenarios_) {
          search.run(scenario, true);
          if (!search.result().broken.empty()) break;
        }
        return search.result();
      },
      options_.limit);
  unfit_ = {result.alarming.begin(), result.alarming.end()};
  return result;
}

}  // namespace vexfs::parity
