// SPDX-License-Identifier: MIT
// A power failure that the guest survives leaves the same bytes as one that ends it.
#include <algorithm>
#include <cstdlib>

#include <gtest/gtest.h>
#include <unistd.h>

#include "harness/lockstep/fresh_volume.h"
#include "harness/scenario/generate.h"
#include "harness/target/guest_target.h"

namespace vexfs::parity {
namespace {

constexpr std::uint64_t kScenarios = 3;

vm::KernelImage image() {
  const char* family = std::getenv("PARITY_TEST_KERNEL");
  auto found = vm::find_image(PARITY_IMAGES, family == nullptr ? "" : family);
  if (!found) throw std::runtime_error(found.error().message);
  return *found;
}

// Steps until the first that is the volume's.
std::span<const Step> first_segment(const Scenario& scenario) {
  const auto end = std::find_if(scenario.steps.begin(), scenario.steps.end(),
                                [](const Step& step) { return is_volume_step(step.operation); });
  return {scenario.steps.begin(), end};
}

class PowerFailure : public testing::TestWithParam<GuestKind> {
 protected:
  void SetUp() override {
    work_dir_ = std::filesystem::temp_directory_path() / ("power_" + std::to_string(::getpid()));
    auto booted = GuestTarget::boot({.kind = GetParam(),
                                     .image = image(),
                                     .accelerator = vm::Accelerator::kTcg,
                                     .work_dir = work_dir_,
                                     .kill_one_crash_in = 2});
    ASSERT_TRUE(booted.has_value()) << booted.error().what << booted.error().evidence;
    target_ = std::move(*booted);
  }
  void TearDown() override {
    target_.reset();
    std::filesystem::remove_all(work_dir_);
  }

  SegmentResult crash(const Segment& segment) {
    auto result = target_->run(segment);
    if (!result) throw std::runtime_error(result.error().what + result.error().evidence);
    return std::move(*result);
  }

  std::filesystem::path work_dir_;
  std::unique_ptr<GuestTarget> target_;
};

TEST_P(PowerFailure, LeavesTheSameBytesWithTheGuestAliveOrKilled) {
  for (std::uint64_t n = 0; n < kScenarios; ++n) {
    const auto generated = generate_scenario(scenario_seed(7, n));
    ASSERT_TRUE(generated.has_value()) << generated.error();
    const Scenario& scenario = generated->scenario;
    const auto volume = fresh_volume(scenario.volume);
    ASSERT_TRUE(volume.has_value()) << volume.error();
    const Segment segment{*volume, scenario.mount, first_segment(scenario), Ending::kPowerFailure};
    const SegmentResult killed = crash(segment);
    const SegmentResult alive = crash(segment);
    EXPECT_TRUE(killed.outcomes == alive.outcomes) << scenario.name;
    EXPECT_TRUE(killed.volume == alive.volume) << scenario.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Guests, PowerFailure, testing::Values(GuestKind::kFuse, GuestKind::kKmod),
                         [](const auto& kind) {
                           return kind.param == GuestKind::kFuse ? "Fuse" : "Kmod";
                         });

}  // namespace
}  // namespace vexfs::parity
