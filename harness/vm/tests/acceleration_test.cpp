// SPDX-License-Identifier: MIT
#include "harness/vm/acceleration.h"

#include <gtest/gtest.h>

#include "harness/vm/tests/guest_environment.h"

namespace vexfs::parity::vm {
namespace {

using namespace std::chrono_literals;

TEST(Acceleration, IsDecidedWithinSecondsAndRemembered) {
  const auto dir = test_dir("probe");
  std::filesystem::create_directories(dir);
  const ProbeOptions options{
      .image = test_image(), .work_dir = dir / "machine", .cache_file = dir / "acceleration.json"};
  const auto begin = std::chrono::steady_clock::now();
  const auto first = probe_acceleration(options);
  const auto first_took = std::chrono::steady_clock::now() - begin;
  ASSERT_TRUE(first.has_value()) << first.error().message;
  EXPECT_FALSE(first->reason.empty());
  EXPECT_LT(first_took, 10s);  // 3 s of patience, and a busy host to start and end QEMU

  const auto second = probe_acceleration(options);
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->accelerator, first->accelerator);
  // Without /dev/kvm there is nothing to remember, and a busy host's verdict must not be.
  const bool busy = first->reason.find("too busy") != std::string::npos;
  if (std::filesystem::exists("/dev/kvm") && !busy) {
    EXPECT_TRUE(second->remembered);
    EXPECT_EQ(second->reason, first->reason);
  }
  std::printf("verdict: %s, %s, %lld ms\n", first->accelerator == Accelerator::kKvm ? "KVM" : "TCG",
              first->reason.c_str(), static_cast<long long>(first_took / 1ms));
  std::filesystem::remove_all(dir);
}

}  // namespace
}  // namespace vexfs::parity::vm
