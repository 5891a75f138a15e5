// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "harness/crash/explore_scenario.h"

namespace vexfs::parity::crash {
namespace {

Step step(Operation operation) { return {std::move(operation), {}, {}}; }

// Files made, written, synced and removed, with small transactions.
Scenario busy_scenario(DataMode mode) {
  Scenario scenario;
  scenario.name = "busy";
  scenario.volume.blocks = 1024;
  scenario.volume.tx_units = 3;
  scenario.mount.data = mode;
  for (int i = 0; i < 6; ++i) {
    const std::string path = "/f" + std::to_string(i);
    const OpenFlags flags{std::uint32_t{OpenFlags::kReadWrite} | OpenFlags::kCreate};
    scenario.steps.push_back(step(Open{"f", {path}, flags, {0644}}));
    scenario.steps.push_back(step(Write{"f", 100, Data{PrngFill{1, 9000}}}));
    if (i % 3 == 2) scenario.steps.push_back(step(Fsync{"f"}));
    scenario.steps.push_back(step(Close{"f"}));
    if (i % 4 == 3) scenario.steps.push_back(step(Unlink{{path}}));
  }
  scenario.steps.push_back(step(Control{"checkpoint"}));
  return scenario;
}

class EveryDataMode : public testing::TestWithParam<DataMode> {};

TEST_P(EveryDataMode, IsRecoveredFromEveryCrash) {
  ScenarioOptions options;
  options.explore.bounds.worst = Severity::kGarbage;
  const auto explored = explore_scenario(busy_scenario(GetParam()), options);
  ASSERT_TRUE(explored) << explored.error();
  const Exploration& found = *explored;
  for (const BadState& bad : found.bad) {
    ADD_FAILURE() << to_text(bad.path.at(0)) << ": " << bad.failure.signature << "\n"
                  << testing::PrintToString(bad.failure.lines);
  }
  EXPECT_TRUE(found.complete);
  EXPECT_GT(found.states.total(), 500U);
  EXPECT_GT(found.nested, 50U);
}

INSTANTIATE_TEST_SUITE_P(Crash, EveryDataMode,
                         testing::Values(DataMode::kOrdered, DataMode::kWriteback,
                                         DataMode::kJournal));

}  // namespace
}  // namespace vexfs::parity::crash
