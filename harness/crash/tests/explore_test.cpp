// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "harness/crash/explore_scenario.h"
#include "harness/crash/tests/busy_scenario.h"

namespace vexfs::parity::crash {
namespace {

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

// Says that it recovered the volume, and has done nothing.
class IdleTarget final : public Target {
 public:
  explicit IdleTarget(std::optional<TargetFailure> failure = {}) : failure_(std::move(failure)) {}
  const std::string& name() const override { return name_; }
  std::string build() const override { return "test"; }
  std::expected<SegmentResult, TargetFailure> run(const Segment& segment) override {
    if (failure_) return std::unexpected(*failure_);
    return SegmentResult{{}, segment.volume};
  }

 private:
  std::string name_ = "idle";
  std::optional<TargetFailure> failure_;
};

std::expected<Exploration, std::string> explored_with(Target& recoverer) {
  ScenarioOptions options;
  options.explore.recoverers = {&recoverer};
  options.explore.states = 500;
  return explore_scenario(busy_scenario(DataMode::kOrdered), options);
}

TEST(Recoverers, MustGiveTheSameBytes) {
  IdleTarget idle;
  const auto explored = explored_with(idle);
  ASSERT_TRUE(explored) << explored.error();
  ASSERT_FALSE(explored->bad.empty());
  EXPECT_EQ(explored->bad[0].failure.kind, FailureKind::kRecovery);
  EXPECT_EQ(explored->bad[0].failure.target, "idle");
}

TEST(Recoverers, WhoseMachineFailsEndTheExploration) {
  IdleTarget broken(TargetFailure{TargetFailure::Kind::kMachine, 0, "no memory", {}});
  const auto explored = explored_with(broken);
  ASSERT_FALSE(explored);
  EXPECT_NE(explored.error().find("no memory"), std::string::npos) << explored.error();
}

}  // namespace
}  // namespace vexfs::parity::crash
