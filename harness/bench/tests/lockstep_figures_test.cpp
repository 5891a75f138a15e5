// SPDX-License-Identifier: MIT
#include "harness/bench/lockstep_figures.h"

#include <gtest/gtest.h>

#include "harness/scenario/scenario_codec.h"
#include "harness/target/core_target.h"
#include "harness/target/reference_target.h"

namespace vexfs::parity {
namespace {

Crew crew_of(std::unique_ptr<Target> target) {
  std::vector<std::unique_ptr<Target>> others;
  others.push_back(std::move(target));
  std::vector<std::unique_ptr<Lockstep>> locksteps;
  locksteps.push_back(
      std::make_unique<Lockstep>(std::make_unique<ReferenceTarget>(), std::move(others), false));
  return Crew(std::move(locksteps));
}

TEST(Pace, CountsOperationsThatWereCompared) {
  Crew crew = crew_of(std::make_unique<CoreTarget>());
  const auto pace = measure_pace(crew, generated_scenarios(1), std::chrono::duration<double>(0));
  ASSERT_TRUE(pace) << pace.error();
  EXPECT_EQ(pace->scenarios, 1u);
  EXPECT_GT(pace->operations, 0u);
  EXPECT_GT(pace->operations_per_second(), 0);
}

TEST(Pace, ScenariosOfFilesAndOfVectorsArePreparedApart) {
  const auto prepared = prepare_scenarios(1, 30);
  ASSERT_TRUE(prepared) << prepared.error();
  EXPECT_EQ(prepared->files.size() + prepared->vectors.size(), 30u);
  const auto asks = [](const Scenario& scenario) {
    return write_value(scenario).dump().find("\"vector_") != std::string::npos;
  };
  for (const Scenario& scenario : prepared->files) EXPECT_FALSE(asks(scenario)) << scenario.name;
  for (const Scenario& scenario : prepared->vectors) EXPECT_TRUE(asks(scenario)) << scenario.name;
  EXPECT_FALSE(prepared->files.empty());
  EXPECT_FALSE(prepared->vectors.empty());
}

TEST(Pace, PreparedScenariosComeRound) {
  const auto prepared = prepare_scenarios(1, 2);
  ASSERT_TRUE(prepared) << prepared.error();
  const Generator turn = in_turn(prepared->files);
  EXPECT_EQ(turn(0)->name, turn(prepared->files.size())->name);
}

// A target that answers everything with "no such file": every scenario diverges.
class WrongTarget final : public Target {
 public:
  const std::string& name() const override { return name_; }
  std::string build() const override { return "test"; }
  std::expected<SegmentResult, TargetFailure> run(const Segment& segment) override {
    return SegmentResult{std::vector<Outcome>(segment.steps.size(), Outcome::failure(ENOENT)),
                         segment.volume};
  }

 private:
  std::string name_ = "wrong";
};

TEST(Pace, NamesScenariosThatDiverge) {
  Crew crew = crew_of(std::make_unique<WrongTarget>());
  const auto pace = measure_pace(crew, generated_scenarios(1), std::chrono::duration<double>(0));
  ASSERT_TRUE(pace) << pace.error();
  EXPECT_EQ(pace->divergences.size(), 1u);
}

}  // namespace
}  // namespace vexfs::parity
