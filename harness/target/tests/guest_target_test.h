// SPDX-License-Identifier: MIT
// A guest of each kind, and the first segment of generated scenarios.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

#include "harness/target/guest_target.h"

namespace vexfs::parity {

/// Of the kernel family in the environment variable PARITY_TEST_KERNEL, or the first one.
inline vm::KernelImage test_image(const std::filesystem::path& images = PARITY_IMAGES) {
  const char* family = std::getenv("PARITY_TEST_KERNEL");
  auto found = vm::find_image(images, family == nullptr ? "" : family);
  if (!found) throw std::runtime_error(found.error().message);
  return *found;
}

/// Steps until the first that is the volume's.
inline std::span<const Step> first_segment(const Scenario& scenario) {
  const auto end = std::find_if(scenario.steps.begin(), scenario.steps.end(),
                                [](const Step& step) { return is_volume_step(step.operation); });
  return {scenario.steps.begin(), end};
}

/// Tests with this fixture run on a guest with the daemon and on one with the module.
class GuestTargetTest : public testing::TestWithParam<GuestKind> {
 protected:
  void SetUp() override {
    work_dir_ =
        std::filesystem::temp_directory_path() / ("guest_target_" + std::to_string(::getpid()));
    auto booted = GuestTarget::boot({.kind = GetParam(),
                                     .image = test_image(),
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

  SegmentResult run(const Segment& segment) {
    auto result = target_->run(segment);
    if (!result) throw std::runtime_error(result.error().what + result.error().evidence);
    return std::move(*result);
  }

  std::filesystem::path work_dir_;
  std::unique_ptr<GuestTarget> target_;
};

inline std::string name_of_kind(const testing::TestParamInfo<GuestKind>& kind) {
  return kind.param == GuestKind::kFuse ? "Fuse" : "Kmod";
}

}  // namespace vexfs::parity
