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

constexpr std::uint64_t kStates = 150;
constexpr std::uint64_t kEnough = 5000;  // to find what is wrong: the exploration ends there

using GuestCrash = GuestTargetTest;

// Explores what the guest writes on this disk.
std::expected<Exploration, std::string> explore_writer(GuestTarget& guest, RecordedPath path,
                                                       std::uint64_t states = kStates) {
  ScenarioOptions options;
  options.explore.states = states;
  options.second_runs = 0;
  options.writer_name = guest.name();
  options.writer = [&guest, path](std::span<const Step> steps, const Image& base,
                                  const MountOptions& mount) {
    return record_guest(guest, steps, base, mount, {.seed = 1}, path);
  };
  return explore_scenario(busy_scenario(DataMode::kOrdered), options);
}

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
    const auto explored = explore_writer(*target_, path);
    expect_sound(explored);
    EXPECT_GE(explored->states.total(), 40u);
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

// The module with mistakes that only a device shows which takes FUA as such, or only crashes.
class PlantedModule : public testing::Test {
 protected:
  void SetUp() override {
    work_dir_ = std::filesystem::temp_directory_path() / ("planted_" + std::to_string(::getpid()));
    auto booted = GuestTarget::boot({.kind = GuestKind::kKmod,
                                     .image = test_image(PARITY_PLANTED_IMAGES),
                                     .accelerator = vm::Accelerator::kTcg,
                                     .work_dir = work_dir_});
    ASSERT_TRUE(booted.has_value()) << booted.error().what << booted.error().evidence;
    target_ = std::move(*booted);
  }
  void TearDown() override {
    target_.reset();
    std::filesystem::remove_all(work_dir_);
  }

  std::filesystem::path work_dir_;
  std::unique_ptr<GuestTarget> target_;
};

TEST_F(PlantedModule, IsFoundByTheCrashesOfWhatItWrote) {
  expect_sound(explore_writer(*target_, RecordedPath::kNbd));
  for (const char* fault : {"anchor_not_preflushed", "sync_not_flushed", "ordered_not_flushed"}) {
    target_->plant(fault);
    const auto explored = explore_writer(*target_, RecordedPath::kNbd, kEnough);
    ASSERT_TRUE(explored) << fault << ": " << explored.error();
    EXPECT_FALSE(explored->bad.empty()) << fault << ", " << explored->states.total() << " states";
  }
}

}  // namespace
}  // namespace vexfs::parity::crash
