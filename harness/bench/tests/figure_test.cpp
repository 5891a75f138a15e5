// SPDX-License-Identifier: MIT
#include "harness/bench/figure.h"

#include <gtest/gtest.h>

namespace vexfs::parity {
namespace {

TEST(Median, IsTheMiddleValue) {
  EXPECT_EQ(median({3, 1, 2}), 2);
  EXPECT_EQ(median({4, 1, 2, 3}), 2);
  EXPECT_EQ(median({7}), 7);
}

TEST(Figure, MeetsItsTargetFromTheRightSide) {
  const Figure slow{"boot", 3.5, "s", 3.0, false, ""};
  const Figure fast{"pace", 3.5, "op/s", 3.0, true, ""};
  EXPECT_FALSE(slow.meets_target());
  EXPECT_TRUE(fast.meets_target());
  EXPECT_TRUE((Figure{"echo", 99, "us", {}, false, ""}.meets_target()));
}

TEST(Figure, IsToldWithItsTarget) {
  const Figure figures[] = {{"boot", 3.5, "s", 3.0, false, "median of 5"},
                            {"echo", 120, "us", {}, false, ""}};
  const std::string text = figures_text(figures);
  EXPECT_NE(text.find("MISSED"), std::string::npos) << text;
  EXPECT_NE(text.find("<= 3.000"), std::string::npos) << text;
  const auto json = figures_json(figures);
  EXPECT_EQ(json.at(0).at("met"), false);
  EXPECT_FALSE(json.at(1).contains("target"));
}

}  // namespace
}  // namespace vexfs::parity
