// SPDX-License-Identifier: MIT
#include "harness/crash/crash_case.h"

#include <algorithm>

#include "harness/crash/record_core.h"

namespace vexfs::parity::crash {
namespace {

bool has_place(const Step& step) {
  const auto* crash = std::get_if<Crash>(&step.operation);
  return crash != nullptr && !std::holds_alternative<std::monostate>(crash->at);
}

}  // namespace

Scenario crash_case(const Scenario& scenario, const std::vector<WriteSet>& path) {
  Scenario one = scenario;
  auto place = std::ranges::find_if(one.steps, has_place);
  if (place == one.steps.end()) {
    one.steps.resize(first_mount(scenario).size());
    one.steps.push_back({Crash{}, {}, {}});
    place = std::prev(one.steps.end());
  }
  OneState state;
  for (const WriteSet& set : path) state.write_sets.push_back(to_text(set));
  place->operation = Crash{std::move(state), Severity::kGarbage};
  return one;
}

bool is_crash_case(const Scenario& scenario) {
  const auto place = std::ranges::find_if(scenario.steps, has_place);
  return place != scenario.steps.end() &&
         std::holds_alternative<OneState>(std::get<Crash>(place->operation).at);
}

}  // namespace vexfs::parity::crash
