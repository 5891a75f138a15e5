// SPDX-License-Identifier: MIT
#include "harness/device/recorder.h"

#include <array>

#include <gtest/gtest.h>

namespace vexfs::parity::device {
namespace {

TEST(Recorder, NumbersEverythingOnOneCounter) {
  Recorder recorder{Volume(4096)};
  const std::array<std::byte, 2> data{std::byte{1}, std::byte{2}};
  const auto write = recorder.submit(
      {.kind = RequestKind::kWrite, .fua = true, .offset = 512, .length = 2, .data = data});
  const auto flush = recorder.submit(
      {.kind = RequestKind::kFlush, .fua = false, .offset = 0, .length = 0, .data = {}});
  EXPECT_EQ(recorder.mark("fsync returned"), 3u);
  recorder.complete(flush, 0);
  recorder.complete(write, 5);

  const Recording recording = recorder.recording();
  ASSERT_EQ(recording.requests.size(), 2u);
  EXPECT_EQ(recording.requests[0].submitted, 1u);
  EXPECT_EQ(recording.requests[0].completed, 5u);
  EXPECT_EQ(recording.requests[0].error, 5);
  EXPECT_TRUE(recording.requests[0].fua);
  EXPECT_EQ(recording.requests[0].data, std::vector<std::byte>(data.begin(), data.end()));
  EXPECT_EQ(recording.requests[1].submitted, 2u);
  EXPECT_EQ(recording.requests[1].completed, 4u);
  ASSERT_EQ(recording.marks.size(), 1u);
  EXPECT_EQ(recording.marks[0].text, "fsync returned");
  EXPECT_EQ(recording.end, 6u);
}

TEST(Recorder, UnansweredRequestHasNoCompletion) {
  Recorder recorder{Volume(4096)};
  recorder.submit(
      {.kind = RequestKind::kTrim, .fua = false, .offset = 0, .length = 512, .data = {}});
  EXPECT_EQ(recorder.recording().requests[0].completed, 0u);
}

}  // namespace
}  // namespace vexfs::parity::device
