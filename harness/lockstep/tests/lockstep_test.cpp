// SPDX-License-Identifier: MIT
#include "harness/lockstep/lockstep.h"

#include <array>

#include <gtest/gtest.h>

#include "harness/target/core_target.h"
#include "harness/target/reference_target.h"

namespace vexfs::parity {
namespace {

// The engine, but a power failure leaves a byte of its own in the last block that is free.
class Untidy final : public Target {
 public:
  const std::string& name() const override { return engine_.name(); }
  std::string build() const override { return engine_.build(); }
  std::expected<SegmentResult, TargetFailure> run(const Segment& segment) override {
    auto result = engine_.run(segment);
    if (result && segment.ending == Ending::kPowerFailure) {
      result->volume.write(result->volume.size() - 2 * Image::kChunkBytes,
                           std::array{std::byte{0x5a}});
    }
    return result;
  }

 private:
  CoreTarget engine_;
};

LockstepResult run_to_a_crash(std::unique_ptr<Target> other) {
  std::vector<std::unique_ptr<Target>> others;
  others.push_back(std::move(other));
  Lockstep lockstep(std::make_unique<ReferenceTarget>(), std::move(others), false);
  Scenario scenario;
  scenario.steps = {{Mkdir{{"/d"}, {0755}}, {}, {}}, {Crash{}, {}, {}}, {Stat{{"/d"}}, {}, {}}};
  const auto result = lockstep.run(scenario);
  EXPECT_TRUE(result) << result.error();
  return result.value_or(LockstepResult{});
}

TEST(Lockstep, RecoversACrashImageOnEveryTarget) {
  const auto result = run_to_a_crash(std::make_unique<Untidy>());
  EXPECT_FALSE(result.failure) << result.failure->signature;
  EXPECT_EQ(result.recoveries, 4U);  // two images, two targets
}

TEST(Lockstep, RecoversEqualCrashImagesOnce) {
  const auto result = run_to_a_crash(std::make_unique<CoreTarget>());
  EXPECT_FALSE(result.failure) << result.failure->signature;
  EXPECT_EQ(result.recoveries, 2U);  // one image, two targets
}

}  // namespace
}  // namespace vexfs::parity
