// SPDX-License-Identifier: MIT
#include "harness/bench/lockstep_figures.h"

#include <gtest/gtest.h>

#include "harness/target/core_target.h"
#include "harness/target/reference_target.h"

namespace vexfs::parity {
namespace {

TEST(Pace, CountsOperationsThatWereCompared) {
  std::vector<std::unique_ptr<Target>> others;
  others.push_back(std::make_unique<CoreTarget>());
  Lockstep lockstep(std::make_unique<ReferenceTarget>(), std::move(others), false);
  ScenarioSupply supply(1);
  const auto pace = measure_pace(lockstep, supply, std::chrono::duration<double>(0));
  ASSERT_TRUE(pace) << pace.error();
  EXPECT_EQ(pace->scenarios, 1u);
  EXPECT_GT(pace->operations, 0u);
  EXPECT_GT(pace->operations_per_second(), 0);
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
  std::vector<std::unique_ptr<Target>> others;
  others.push_back(std::make_unique<WrongTarget>());
  Lockstep lockstep(std::make_unique<ReferenceTarget>(), std::move(others), false);
  ScenarioSupply supply(1);
  const auto pace = measure_pace(lockstep, supply, std::chrono::duration<double>(0));
  ASSERT_TRUE(pace) << pace.error();
  EXPECT_EQ(pace->divergences.size(), 1u);
}

}  // namespace
}  // namespace vexfs::parity
