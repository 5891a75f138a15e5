// SPDX-License-Identifier: MIT
#include "harness/vm/host_clock.h"

#include <gtest/gtest.h>

namespace vexfs::parity::vm {
namespace {

TEST(HostClock, IsPlausibleAndMeasuredOnce) {
  const auto khz = host_tsc_khz();
  EXPECT_GT(khz, 500'000u);
  EXPECT_LT(khz, 8'000'000u);
  EXPECT_EQ(host_tsc_khz(), khz);
}

}  // namespace
}  // namespace vexfs::parity::vm
