// SPDX-License-Identifier: MIT
#include "harness/lockstep/crew.h"

#include <gtest/gtest.h>

#include "harness/target/core_target.h"
#include "harness/target/reference_target.h"

namespace vexfs::parity {
namespace {

Crew crew_of(std::size_t threads) {
  std::vector<std::unique_ptr<Lockstep>> locksteps;
  for (std::size_t i = 0; i < threads; ++i) {
    std::vector<std::unique_ptr<Target>> others;
    others.push_back(std::make_unique<CoreTarget>());
    locksteps.push_back(
        std::make_unique<Lockstep>(std::make_unique<ReferenceTarget>(), std::move(others), false));
  }
  return Crew(std::move(locksteps));
}

// Number 7 takes longer than its neighbours, number 30 cannot be made.
std::expected<Scenario, std::string> make(std::uint64_t n) {
  if (n == 30) return std::unexpected("no thirtieth");
  Scenario scenario;
  scenario.name = std::to_string(n);
  for (std::uint64_t i = 0; i < (n == 7 ? 300 : 1 + n % 3); ++i) {
    scenario.steps.push_back({Mkdir{{"/d" + std::to_string(i)}, {0755}}, {}, {}});
  }
  return scenario;
}

// "name operations" of what was taken, up to the first that has no result or the `most`-th.
std::vector<std::string> taken(std::size_t threads, std::size_t most) {
  Crew crew = crew_of(threads);
  std::vector<std::string> found;
  std::string begun;
  crew.run(
      3, 40, make, [&](const Scenario& scenario) { begun = scenario.name; },
      [&](const Ran& ran) {
        if (!ran.result) {
          found.push_back(ran.result.error());
          return false;
        }
        EXPECT_FALSE(ran.result->failure);
        EXPECT_EQ(begun, ran.scenario->name);
        found.push_back(ran.scenario->name + " " + std::to_string(ran.result->operations));
        return found.size() < most;
      });
  return found;
}

TEST(Crew, TellsInOrderWhateverTheNumberOfThreads) {
  const auto alone = taken(1, 100);
  ASSERT_EQ(alone.size(), 28U);
  EXPECT_EQ(alone.front(), "3 1");
  EXPECT_EQ(alone[4], "7 300");
  EXPECT_EQ(alone.back(), "no thirtieth");
  EXPECT_EQ(taken(2, 100), alone);
  EXPECT_EQ(taken(5, 100), alone);
}

TEST(Crew, StopsWhenToldTo) {
  const auto some = taken(3, 6);
  ASSERT_EQ(some.size(), 6U);
  EXPECT_EQ(some.back(), "8 3");
}

}  // namespace
}  // namespace vexfs::parity
