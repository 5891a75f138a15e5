// SPDX-License-Identifier: MIT
#include "harness/crash/workloads.h"

#include <cstdio>

#include <gtest/gtest.h>

#include "harness/crash/explore_scenario.h"

namespace vexfs::parity::crash {
namespace {

// Explores every workload of a length, up to so many states of each; the states counted.
std::uint64_t explore_all(std::size_t length, std::uint64_t states) {
  std::uint64_t counted = 0;
  for (const Scenario& scenario : bounded_workloads(length)) {
    ScenarioOptions options;
    options.explore.states = states;
    options.explore.nest_every = 0;
    const auto found = explore_scenario(scenario, options);
    EXPECT_TRUE(found) << scenario.name << ": " << found.error();
    if (!found) break;
    for (const BadState& bad : found->bad) {
      ADD_FAILURE() << scenario.name << ": " << testing::PrintToString(bad.failure.lines);
    }
    counted += found->states.total();
  }
  std::printf("%lu states of workloads of %zu operations\n", counted, length);
  return counted;
}

TEST(BoundedWorkloads, OfOneOperationAreRecoveredFromEveryState) {
  EXPECT_GT(explore_all(1, UINT64_MAX), 100u);
}

TEST(BoundedWorkloads, OfTwoOperationsAreRecoveredFromTheFirstStates) {
  EXPECT_GT(explore_all(2, 24), 2000u);
}

TEST(BoundedWorkloads, AreAllSequences) {
  const std::size_t operations = workload_operations();
  EXPECT_GE(operations, 15u);
  EXPECT_EQ(bounded_workloads(1).size(), operations);
  EXPECT_EQ(bounded_workloads(2).size(), operations * operations);
}

}  // namespace
}  // namespace vexfs::parity::crash
