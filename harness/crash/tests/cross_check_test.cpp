// SPDX-License-Identifier: MIT
#include "harness/crash/tests/cross_check.h"

#include <array>
#include <cstdio>

#include <gtest/gtest.h>

namespace vexfs::parity::crash {
namespace {

TEST(CrossCheck, TheLawIsWhatADeviceDoesAndTwoSimplerOnesAreNot) {
  const std::array<Law, 3> laws{law_of_the_model, newest_by_submission, newest_by_completion};
  const CrossCheck check = cross_check(4, laws, 2);
  std::printf(
      "%lu traces of up to 4 requests on 2 sectors; wrong in %lu (the law), %lu (newest by "
      "submission), %lu (newest by completion)\n",
      check.traces, check.laws[0].disagreements, check.laws[1].disagreements,
      check.laws[2].disagreements);
  EXPECT_EQ(check.laws[0].disagreements, 0u) << check.laws[0].first;
  EXPECT_GT(check.laws[1].disagreements, 0u);
  EXPECT_GT(check.laws[2].disagreements, 0u);
  // 7 commands; 2, 7, 37 and 266 orders in which 1 to 4 requests arrive and some are answered.
  EXPECT_EQ(check.traces, 2u * 7 + 7u * 49 + 37u * 343 + 266u * 2401);
}

TEST(CrossCheck, SectorsOfADeviceAreIndependent) {
  EXPECT_GT(joint_states_are_products(3), 10'000u);
}

}  // namespace
}  // namespace vexfs::parity::crash
