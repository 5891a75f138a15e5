// SPDX-License-Identifier: MIT
// A power failure that the guest survives leaves the same bytes as one that ends it.
#include <gtest/gtest.h>

#include "harness/lockstep/fresh_volume.h"
#include "harness/scenario/generate.h"
#include "harness/target/tests/guest_target_test.h"

namespace vexfs::parity {
namespace {

constexpr std::uint64_t kScenarios = 3;

using PowerFailure = GuestTargetTest;

TEST_P(PowerFailure, LeavesTheSameBytesWithTheGuestAliveOrKilled) {
  for (std::uint64_t n = 0; n < kScenarios; ++n) {
    const auto generated = generate_scenario(scenario_seed(7, n));
    ASSERT_TRUE(generated.has_value()) << generated.error();
    const Scenario& scenario = generated->scenario;
    const auto volume = fresh_volume(scenario.volume);
    ASSERT_TRUE(volume.has_value()) << volume.error();
    const Segment segment{*volume, scenario.mount, first_segment(scenario), Ending::kPowerFailure};
    const SegmentResult killed = run(segment);
    const SegmentResult alive = run(segment);
    EXPECT_TRUE(killed.outcomes == alive.outcomes) << scenario.name;
    EXPECT_TRUE(killed.volume == alive.volume) << scenario.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Guests, PowerFailure, testing::Values(GuestKind::kFuse, GuestKind::kKmod),
                         name_of_kind);

}  // namespace
}  // namespace vexfs::parity
