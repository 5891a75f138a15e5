// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "harness/scenario/tests/step_text.h"

namespace vexfs::parity {
namespace {

Crash crash_in(std::string_view text) {
  Step step;
  EXPECT_EQ(fault_of(text, step), "");
  EXPECT_EQ(write_value(step), Json::parse(text)) << "written as it was read";
  return std::get<Crash>(step.operation);
}

TEST(CrashStep, MeansNowUnlessItSaysOtherwise) {
  const Crash crash = crash_in(R"({"op":"crash"})");
  EXPECT_TRUE(std::holds_alternative<std::monostate>(crash.at));
  EXPECT_EQ(crash.worst, crash::Severity::kTorn);
}

TEST(CrashStep, NamesMomentsOrOneState) {
  EXPECT_EQ(crash_in(R"({"op":"crash","at":"any"})").at, CrashPlace(AnyMoment{}));
  EXPECT_EQ(crash_in(R"({"op":"crash","at":{"step":3}})").at, CrashPlace(DuringStep{3}));
  EXPECT_EQ(crash_in(R"({"op":"crash","at":{"after":0}})").at, CrashPlace(AfterStep{0}));
  EXPECT_EQ(crash_in(R"({"op":"crash","at":{"flush":2}})").at, CrashPlace(DuringFlush{2}));
  EXPECT_EQ(crash_in(R"({"op":"crash","at":{"writes":["57: 12 13[0,2-7]","9:"]}})").at,
            CrashPlace(OneState{{"57: 12 13[0,2-7]", "9:"}}));
}

TEST(CrashStep, LimitsTheSeverity) {
  const Crash crash = crash_in(R"({"op":"crash","at":"any","severity":"drop"})");
  EXPECT_EQ(crash.worst, crash::Severity::kDrop);
}

TEST(CrashStep, RefusesOtherPlaces) {
  Step step;
  const auto fault = [&](std::string_view text) { return fault_of(text, step); };
  constexpr std::string_view kForms =
      "expected \"any\", {\"step\":..}, {\"after\":..}, {\"flush\":..} or {\"writes\":[..]}, "
      "found ";
  EXPECT_EQ(fault(R"({"op":"crash","at":"now"})"), "at /at: " + std::string(kForms) + "\"now\"");
  EXPECT_EQ(fault(R"({"op":"crash","at":{}})"), "at /at: " + std::string(kForms) + "{}");
  EXPECT_EQ(fault(R"({"op":"crash","at":{"flush":0}})"),
            "at /at/flush: expected the number of a flush: the first one is 1, found 0");
  EXPECT_EQ(fault(R"({"op":"crash","at":{"writes":[]}})"),
            "at /at/writes: expected at least one write set, found []");
  EXPECT_NE(fault(R"({"op":"crash","at":{"step":1,"after":1}})"), "");
  EXPECT_NE(fault(R"({"op":"crash","severity":"bad"})"), "");
}

TEST(Expectation, MayBeAListOfWhichOneHolds) {
  Step step;
  ASSERT_EQ(fault_of(R"({"op":"stat","path":"/a","expect":[{"stat":{"size":1}},"ENOENT"]})", step),
            "");
  Outcome outcome;
  outcome.stat = StatFields{.size = 1};
  EXPECT_TRUE(unmet(step, outcome).empty());
  EXPECT_TRUE(unmet(step, Outcome::failure(ENOENT)).empty());
  outcome.stat->size = 2;
  EXPECT_EQ(unmet(step, outcome), (std::vector<std::string>{"stat.size: expected 1, got 2",
                                                            "or errno: expected ENOENT, got ok"}));
  EXPECT_EQ(write_value(step).at("expect").size(), 2u);
}

TEST(Expectation, AListHasAtLeastTwoAndNoLists) {
  Step step;
  EXPECT_NE(fault_of(R"({"op":"stat","path":"/a","expect":["ok"]})", step), "");
  EXPECT_NE(fault_of(R"({"op":"stat","path":"/a","expect":["ok",["ok","EIO"]]})", step), "");
}

}  // namespace
}  // namespace vexfs::parity
