// SPDX-License-Identifier: MIT
// Crash states of what the daemon and the module write in guests, and crash states that they
// recover.
#include <gtest/gtest.h>

#include "harness/crash/explore_scenario.h"
#include "harness/crash/record_guest.h"
#include "harness/crash/tests/busy_scenario.h"
#include "harness/target/tests/guest_target_test.h"

namespace vexfs::parity::crash {
namespace {

using GuestCrash = GuestTargetTest;

void expect_sound(const std::expected<Exploration, std::string>& explored) {
  ASSERT_TRUE(explored) << explored.error();
  for (const BadState& bad : explored->bad) {
    ADD_FAILURE() << (bad.path.empty() ? "" : to_text(bad.path[0])) << ": " << bad.failure.signature
                  << "\n"
                  << testing::PrintToString(bad.failure.lines);
  }
}

TEST_P(GuestCrash, OfWhatItWroteIsRecovered) {
  for (const RecordedPath path : {RecordedPath::kVirtio, RecordedPath::kNbd}) {
    ScenarioOptions options;
    options.explore.states = 150;
    options.second_runs = 0;
    options.writer_name = target_->name();
    options.writer = [&](std::span<const Step> steps, const Image& base,
                         const MountOptions& mount) {
      return record_guest(*target_, steps, base, mount, {.seed = 1}, path);
    };
    const auto explored = explore_scenario(busy_scenario(DataMode::kOrdered), options);
    expect_sound(explored);
    EXPECT_GE(explored->states.total(), 150U);
  }
}

TEST_P(GuestCrash, IsRecoveredAsByTheOthers) {
  ScenarioOptions options;
  options.explore.states = 30;
  options.explore.threads = 1;
  options.explore.recoverers = {target_.get()};
  options.second_runs = 0;
  const auto explored = explore_scenario(busy_scenario(DataMode::kJournal), options);
  expect_sound(explored);
  EXPECT_GE(explored->states.total(), 30U);
}

INSTANTIATE_TEST_SUITE_P(Guests, GuestCrash, testing::Values(GuestKind::kFuse, GuestKind::kKmod),
                         name_of_kind);

}  // namespace
}  // namespace vexfs::parity::crash
