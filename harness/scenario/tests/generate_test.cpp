// SPDX-License-Identifier: MIT
// What the generators promise: the same scenario from a seed, scenarios that stand alone, and wide
// coverage.
#include "harness/scenario/generate.h"

#include <iostream>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/lockstep/features.h"
#include "harness/report/coverage_floors.h"
#include "harness/scenario/door_reply.h"
#include "harness/scenario/error_name.h"
#include "harness/scenario/generate_world.h"
#include "harness/scenario/operation_fields.h"

namespace vexfs::parity {
namespace {

Generated generated(std::uint64_t index) {
  auto made = generate_scenario(scenario_seed(1, index));
  EXPECT_TRUE(made) << made.error();
  return made.value_or(Generated{});
}

TEST(Generate, TheSameSeedGivesTheSameScenario) {
  for (std::uint64_t i = 0; i < 20; ++i) {
    const std::string text = format_scenario(generated(i).scenario);
    EXPECT_EQ(format_scenario(generated(i).scenario), text);
    EXPECT_NE(format_scenario(generated(i + 1).scenario), text);
  }
}

TEST(Generate, AScenarioNeedsNothingButItsFile) {
  for (std::uint64_t i = 0; i < 50; ++i) {
    const Generated made = generated(i);
    const auto read = parse_scenario(format_scenario(made.scenario));
    ASSERT_TRUE(read) << read.error();
    ASSERT_EQ(*read, made.scenario);
    World world(read->volume, read->mount);
    for (std::size_t step = 0; step < read->steps.size(); ++step) {
      ASSERT_EQ(world.execute(read->steps[step]), made.outcomes[step])
          << made.scenario.name << " step " << step;
    }
  }
}

TEST(Generate, HasOnlyTheThemesThatAreAskedFor) {
  const std::vector<std::string> themes{"links", "vectors of files"};
  std::set<std::string> met;
  for (std::uint64_t i = 0; i < 30; ++i) {
    const auto made = generate_scenario(scenario_seed(1, i), themes);
    ASSERT_TRUE(made) << made.error();
    met.insert(made->scenario.comment);
  }
  EXPECT_EQ(met, (std::set<std::string>{"generated: links", "generated: vectors of files"}));
}

TEST(Generate, HasThirtyToSixtySteps) {
  for (std::uint64_t i = 0; i < 50; ++i) {
    const Generated made = generated(i);
    EXPECT_GE(made.scenario.steps.size(), 30u);
    // A device that fails at the end adds some.
    const auto failing = std::ranges::find_if(made.scenario.steps, [](const Step& step) {
      return std::holds_alternative<FailWrites>(step.operation);
    });
    EXPECT_LE(failing - made.scenario.steps.begin(), 61);
    EXPECT_EQ(made.outcomes.size(), made.scenario.steps.size());
  }
}

Coverage coverage_of(std::uint64_t scenarios) {
  Coverage coverage;
  for (std::uint64_t i = 0; i < scenarios; ++i) {
    const Generated made = generated(i);
    for (std::size_t step = 0; step < made.outcomes.size(); ++step) {
      coverage.count(operation_name(made.scenario.steps[step].operation),
                     error_name(answer_of(made.outcomes[step])));
    }
    for (const std::string& feature : made.features) coverage.reach(feature);
  }
  return coverage;
}

TEST(Generate, TwoThousandScenariosCoverTheSurface) {
  const Coverage coverage = coverage_of(kScenariosOfFloors);
  std::cout << coverage.text();
  for (const std::string& feature : all_feature_names()) {
    std::cout << feature << ": " << coverage.reached(feature) << " scenarios\n";
  }
  EXPECT_THAT(missed_floors(coverage), testing::IsEmpty());
  EXPECT_LE(coverage.success_share(), 0.9) << coverage.text();
}

}  // namespace
}  // namespace vexfs::parity
