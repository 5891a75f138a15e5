// SPDX-License-Identifier: MIT
#include "harness/crash/authored.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "harness/crash/explore_scenario.h"

namespace vexfs::parity::crash {
namespace {

Scenario scenario_of(const std::string& steps) {
  auto scenario = parse_scenario(
      R"({"vxs": 1, "name": "t", "volume": {"blocks": 1024}, "steps": [)" + steps + "]}");
  EXPECT_TRUE(scenario) << scenario.error();
  return *scenario;
}

Exploration explored(const Scenario& scenario) {
  const auto found = explore_scenario(scenario, {});
  EXPECT_TRUE(found) << found.error();
  return found.value_or(Exploration{});
}

constexpr const char* kTwoMounts = R"(
    {"op": "mkdir", "path": "/a", "mode": "0755"},
    {"op": "control", "line": "sync"},
    {"op": "crash"},
    {"op": "mkdir", "path": "/b", "mode": "0755"},
    {"op": "control", "line": "sync"},
    {"op": "crash", "at": {"after": 4}},
    {"op": "stat", "path": "/b", "expect": "ok"},
    {"op": "compare"},
    {"op": "stat", "path": "/c", "expect": "ok"})";

TEST(AuthoredCrash, IsTheFirstOneWithAPlaceAndWhatIsAroundIt) {
  const auto authored = authored_crash(scenario_of(kTwoMounts));
  ASSERT_TRUE(authored) << authored.error();
  EXPECT_EQ(authored->first_step, 3u);
  EXPECT_EQ(authored->mount.steps.size(), 2u);
  EXPECT_EQ(authored->crash.at, CrashPlace(AfterStep{4}));
  EXPECT_EQ(authored->first_after, 6u);
  EXPECT_EQ(authored->after.size(), 1u);
}

TEST(AuthoredCrash, WithoutAPlaceIsTheFirstMountAnywhere) {
  const auto authored = authored_crash(
      scenario_of(R"({"op": "mkdir", "path": "/a", "mode": "0755"}, {"op": "crash"})"));
  ASSERT_TRUE(authored) << authored.error();
  EXPECT_EQ(authored->mount.steps.size(), 1u);
  EXPECT_EQ(authored->crash.at, CrashPlace(AnyMoment{}));
  EXPECT_TRUE(authored->after.empty());
}

TEST(AuthoredCrash, KeepsWhatWasThereBefore) {
  const Exploration found = explored(scenario_of(kTwoMounts));
  EXPECT_TRUE(found.bad.empty()) << found.bad[0].failure.lines[0];
  EXPECT_TRUE(found.complete);
  EXPECT_GT(found.states.total(), 1u);
}

TEST(AuthoredCrash, FailsWhereAnExpectationDoesNotHoldInEveryState) {
  // Before the sync point has returned, /a need not be there.
  const Exploration found = explored(scenario_of(R"(
      {"op": "mkdir", "path": "/a", "mode": "0755"},
      {"op": "control", "line": "sync"},
      {"op": "crash", "at": "any"},
      {"op": "stat", "path": "/a", "expect": "ok"})"));
  ASSERT_FALSE(found.bad.empty());
  EXPECT_EQ(found.bad[0].failure.kind, FailureKind::kExpectation);
  EXPECT_EQ(found.bad[0].failure.step, 3u);
}

TEST(AuthoredCrash, OfOneStateIsThatStateAgain) {
  const std::string steps = R"(
      {"op": "mkdir", "path": "/a", "mode": "0755"},
      {"op": "control", "line": "sync"},
      {"op": "crash", "at": )";
  const std::string after = R"(}, {"op": "stat", "path": "/a", "expect": "ok"})";
  const Exploration all = explored(scenario_of(steps + "\"any\"" + after));
  ASSERT_FALSE(all.bad.empty());
  const std::string state = to_text(all.bad[0].path.at(0));
  const Exploration one =
      explored(scenario_of(steps + R"({"writes": [")" + state + R"("]})" + after));
  ASSERT_EQ(one.bad.size(), 1u);
  EXPECT_EQ(one.bad[0].failure.signature, all.bad[0].failure.signature);
  EXPECT_EQ(one.states.total(), 1u);
}

TEST(AuthoredCrash, OfARecordingThatDoesNotFitIsAnError) {
  const auto found =
      explore_scenario(scenario_of(R"({"op": "crash", "at": {"writes": ["1: 900"]}})"), {});
  ASSERT_FALSE(found);
  EXPECT_NE(found.error().find("request 900"), std::string::npos) << found.error();
}

// What scenarios/crash asks holds in every state. Nothing is interrupted twice here.
TEST(AuthoredCrash, OfTheExamplesHold) {
  std::size_t asked = 0;
  for (const auto& entry : std::filesystem::directory_iterator(VEXFS_CRASH_SCENARIOS)) {
    const auto scenario = load_scenario(entry.path());
    ASSERT_TRUE(scenario) << scenario.error();
    const auto authored = authored_crash(*scenario);
    ASSERT_TRUE(authored) << authored.error();
    if (!authored->has_place) continue;
    ++asked;
    ScenarioOptions options;
    options.explore.nest_every = 0;
    options.explore.states = 400;
    const auto found = explore_scenario(*scenario, options);
    ASSERT_TRUE(found) << entry.path() << ": " << found.error();
    for (const BadState& bad : found->bad) {
      ADD_FAILURE() << entry.path() << ": " << testing::PrintToString(bad.failure.lines);
    }
    EXPECT_GT(found->states.total(), 1u) << entry.path();
  }
  EXPECT_GE(asked, 5u);
}

}  // namespace
}  // namespace vexfs::parity::crash
