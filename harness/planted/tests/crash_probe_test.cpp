// SPDX-License-Identifier: MIT
#include "harness/planted/crash_probe.h"

#include <gtest/gtest.h>

#include "harness/planted/recording_device.h"

namespace vexfs::parity {
namespace {

std::vector<std::byte> block_of(int value) {
  return std::vector<std::byte>(4096, static_cast<std::byte>(value));
}

TEST(CrashState, KeepsWhatWasFlushedAndLosesTheRest) {
  Recording recording;
  recording.content = Image(3 * 4096);
  const Image base = recording.content;
  RecordingDevice device(recording);
  ASSERT_TRUE(device.write(0, block_of(1)));
  ASSERT_TRUE(device.flush());
  ASSERT_TRUE(device.write(4096, block_of(2)));
  ASSERT_TRUE(device.write(8192, block_of(3)));

  const Image none = crash_state(base, recording.requests, 4, [](auto...) { return false; });
  EXPECT_EQ(none.bytes()[0], std::byte{1});
  EXPECT_EQ(none.bytes()[4096], std::byte{0});
  const Image last = crash_state(base, recording.requests, 4,
                                 [](std::size_t request, std::size_t) { return request == 3; });
  EXPECT_EQ(last.bytes()[4096], std::byte{0});
  EXPECT_EQ(last.bytes()[8192], std::byte{3});
  EXPECT_EQ(crash_state(base, recording.requests, 4, [](auto...) { return true; }),
            recording.content);
}

TEST(CrashState, UnflushedWritesAreLostBlockByBlock) {
  Recording recording;
  recording.content = Image(2 * 4096);
  const Image base = recording.content;
  RecordingDevice device(recording);
  ASSERT_TRUE(device.write(0, std::vector<std::byte>(2 * 4096, std::byte{7})));
  const Image torn = crash_state(base, recording.requests, 1,
                                 [](std::size_t, std::size_t block) { return block == 1; });
  EXPECT_EQ(torn.bytes()[0], std::byte{0});
  EXPECT_EQ(torn.bytes()[4096], std::byte{7});
}

// Files made, synced and removed, with small transactions.
Scenario busy_scenario() {
  Scenario scenario;
  scenario.name = "busy";
  scenario.volume.blocks = 512;
  scenario.volume.tx_units = 3;
  for (int i = 0; i < 8; ++i) {
    const std::string path = "/f" + std::to_string(i);
    scenario.steps.push_back({Mknod{{path}, {0644}, NodeType::kFifo, 0, 0}, {}, {}});
    if (i % 3 == 2) scenario.steps.push_back({Control{"sync"}, {}, {}});
    if (i % 4 == 3) scenario.steps.push_back({Unlink{{path}}, {}, {}});
  }
  scenario.steps.push_back({Control{"checkpoint"}, {}, {}});
  return scenario;
}

TEST(CrashProbe, FindsNothingWrongWithTheEngineAsItShips) {
  const auto failure =
      probe_crashes(busy_scenario(), core::Fault::kNone, {.seed = 5, .states = 60});
  ASSERT_TRUE(failure) << failure.error();
  EXPECT_FALSE(*failure) << (*failure)->signature;
}

TEST(CrashProbe, NoticesALogThatIsNotFlushed) {
  const auto failure =
      probe_crashes(busy_scenario(), core::Fault::kLogNotFlushed, {.seed = 5, .states = 60});
  ASSERT_TRUE(failure) << failure.error();
  ASSERT_TRUE(*failure);
  EXPECT_EQ((*failure)->kind, FailureKind::kRecovery);
}

}  // namespace
}  // namespace vexfs::parity
