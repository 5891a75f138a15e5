// SPDX-License-Identifier: MIT
#include "harness/guest/frame.h"

#include <gtest/gtest.h>

namespace vexfs::parity::guest {
namespace {

using nlohmann::json;

TEST(Frame, ArrivesAsItWasSent) {
  const json message{{"id", 7}, {"data", json::binary({0, 255, 10})}, {"text", "ä\0b"}};
  FrameReader reader;
  reader.feed(encode_frame(message));
  const auto received = reader.next();
  ASSERT_TRUE(received.has_value());
  EXPECT_EQ(**received, message);
  EXPECT_FALSE(reader.next()->has_value());
}

TEST(Frame, IsPutTogetherFromSingleBytes) {
  auto stream = encode_frame({{"id", 1}});
  const auto second = encode_frame({{"id", 2}});
  stream.insert(stream.end(), second.begin(), second.end());
  FrameReader reader;
  std::vector<int> ids;
  for (const std::byte byte : stream) {
    reader.feed({&byte, 1});
    while (auto message = *reader.next()) ids.push_back(message->at("id"));
  }
  EXPECT_EQ(ids, (std::vector<int>{1, 2}));
}

TEST(Frame, GarbageIsNoticedAtOnce) {
  const std::string text = "[    0.000000] Linux version";
  FrameReader reader;
  reader.feed(std::as_bytes(std::span(text)));
  EXPECT_FALSE(reader.next().has_value());
}

TEST(Frame, DamagedPayloadIsNoticed) {
  auto frame = encode_frame({{"id", 1}});
  frame[kFrameHeaderBytes] = std::byte{0xff};
  FrameReader reader;
  reader.feed(frame);
  EXPECT_FALSE(reader.next().has_value());
}

TEST(Frame, HugeLengthIsRefusedBeforeItIsAwaited) {
  auto frame = encode_frame({{"id", 1}});
  frame[7] = std::byte{0x7f};
  FrameReader reader;
  reader.feed(frame);
  EXPECT_FALSE(reader.next().has_value());
}

}  // namespace
}  // namespace vexfs::parity::guest
