// SPDX-License-Identifier: MIT
#include "harness/guest/recording_message.h"

#include <array>

#include <gtest/gtest.h>

namespace vexfs::parity::guest {
namespace {

using device::Recorder;
using device::RequestKind;

TEST(RecordingMessage, BringsAllButBaseAndReads) {
  Recorder recorder{device::Volume(4096)};
  const std::array<std::byte, 2> data{std::byte{1}, std::byte{0xff}};
  recorder.submit(
      {.kind = RequestKind::kRead, .fua = false, .offset = 0, .length = 512, .data = {}});
  recorder.complete(
      recorder.submit(
          {.kind = RequestKind::kWrite, .fua = true, .offset = 512, .length = 2, .data = data}),
      5);
  recorder.mark("mounted");
  recorder.submit(
      {.kind = RequestKind::kFlush, .fua = false, .offset = 0, .length = 0, .data = {}});
  const auto sent = recorder.recording();
  const auto got = recording_in(message_of(sent));
  ASSERT_TRUE(got) << got.error();
  ASSERT_EQ(got->requests.size(), 2u);
  const auto& write = got->requests[0];
  EXPECT_EQ(write.kind, RequestKind::kWrite);
  EXPECT_TRUE(write.fua);
  EXPECT_EQ(write.offset, 512u);
  EXPECT_EQ(write.length, 2u);
  EXPECT_EQ(write.data, sent.requests[1].data);
  EXPECT_EQ(write.submitted, sent.requests[1].submitted);
  EXPECT_EQ(write.completed, sent.requests[1].completed);
  EXPECT_EQ(write.error, 5);
  EXPECT_EQ(got->requests[1].kind, RequestKind::kFlush);
  EXPECT_EQ(got->requests[1].completed, 0u);
  ASSERT_EQ(got->marks.size(), 1u);
  EXPECT_EQ(got->marks[0].number, sent.marks[0].number);
  EXPECT_EQ(got->marks[0].text, "mounted");
  EXPECT_EQ(got->end, sent.end);
}

TEST(RecordingMessage, SaysWhatIsMissing) {
  const auto got = recording_in({{"requests", nlohmann::json::array()}});
  ASSERT_FALSE(got);
  EXPECT_NE(got.error().find("marks"), std::string::npos) << got.error();
}

}  // namespace
}  // namespace vexfs::parity::guest
