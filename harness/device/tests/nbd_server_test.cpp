// SPDX-License-Identifier: MIT
#include "harness/device/nbd_server.h"

#include <algorithm>
#include <set>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "harness/device/tests/nbd_client.h"

namespace vexfs::parity::device {
namespace {

constexpr std::uint64_t kSize = 1 << 20;

class NbdServerTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto socket =
        std::filesystem::path(testing::TempDir()) / ("nbd_" + std::to_string(::getpid()) + ".sock");
    auto started = NbdServer::start({.socket = socket, .export_name = "vol"}, Volume(kSize));
    ASSERT_TRUE(started.has_value()) << started.error().message;
    server_ = std::move(*started);
  }

  NbdClient connect() {
    NbdClient client(server_->socket());
    EXPECT_TRUE(client.connected());
    EXPECT_TRUE(client.go("vol"));
    return client;
  }

  std::string content(std::uint64_t offset, std::size_t length) {
    const auto volume = server_->volume();
    EXPECT_TRUE(volume.has_value()) << volume.error().message;
    std::string text(length, '\0');
    volume->read(offset, std::as_writable_bytes(std::span(text)));
    return text;
  }

  std::unique_ptr<NbdServer> server_;
};

Volume volume_of(char letter) {
  const std::string text(kSize, letter);
  return Volume::from_bytes(std::as_bytes(std::span(text)));
}

TEST_F(NbdServerTest, HandshakeTellsSizeAndAbilities) {
  NbdClient client = connect();
  EXPECT_EQ(client.export_size(), kSize);
  EXPECT_EQ(client.flags(), 1 | 4 | 8 | 32 | 64);  // flags, flush, FUA, trim, write zeroes
}

TEST_F(NbdServerTest, OldExportNameOptionWorksToo) {
  NbdClient client(server_->socket());
  ASSERT_TRUE(client.export_name("vol"));
  EXPECT_EQ(client.export_size(), kSize);
  EXPECT_EQ(client.write(0, "x"), 0u);
}

TEST_F(NbdServerTest, UnknownOptionsAndNamesAreRefusedAndTheClientMayGoOn) {
  NbdClient client(server_->socket());
  EXPECT_EQ(client.option(8, ""), 0x80000001u);  // structured replies: unsupported
  EXPECT_FALSE(client.go("other"));
  EXPECT_EQ(client.option(7, "xx"), 0x80000003u);
  EXPECT_EQ(client.option(3, ""), 1u);
  EXPECT_TRUE(client.go("vol"));
}

TEST_F(NbdServerTest, ReadsWhatWasWritten) {
  NbdClient client = connect();
  EXPECT_EQ(client.write(4096, "hello", true), 0u);
  std::string data;
  EXPECT_EQ(client.read(4095, 7, data), 0u);
  EXPECT_EQ(data, std::string("\0hello\0", 7));
  EXPECT_EQ(client.flush(), 0u);
  EXPECT_EQ(client.trim(4096, 2), 0u);
  EXPECT_EQ(client.write_zeroes(4100, 1), 0u);
  EXPECT_EQ(content(4096, 5), std::string("\0\0ll\0", 5));
  EXPECT_EQ(server_->served(RequestKind::kWrite), 1u);
}

TEST_F(NbdServerTest, RefusesWhatLiesBeyondTheEnd) {
  NbdClient client = connect();
  std::string data;
  EXPECT_EQ(client.read(kSize - 1, 2, data), 22u);
  EXPECT_EQ(client.write(kSize - 1, "xy"), 28u);
  EXPECT_EQ(client.read(~0ull, 2, data), 22u);
  EXPECT_EQ(client.simple(99, 0, 0), 22u);
  EXPECT_EQ(content(kSize - 1, 1), std::string(1, '\0'));
}

TEST_F(NbdServerTest, LargeTransfersPassWhole) {
  NbdClient client = connect();
  std::string data(kSize, '\0');
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<char>(i * 31 >> 3);
  EXPECT_EQ(client.write(0, data), 0u);
  std::string back;
  EXPECT_EQ(client.read(0, kSize, back), 0u);
  EXPECT_TRUE(back == data);
}

TEST_F(NbdServerTest, GarbageEndsOnlyThatClient) {
  NbdClient bad = connect();
  bad.put(std::string(64, 'z'));
  EXPECT_TRUE(bad.at_end());
  NbdClient good = connect();
  EXPECT_EQ(good.write(0, "x"), 0u);
}

TEST_F(NbdServerTest, ContentIsSwappedBehindALiveConnection) {
  NbdClient client = connect();
  for (const char letter : {'a', 'b', 'c'}) {
    ASSERT_TRUE(server_->set_volume(volume_of(letter)).has_value());
    std::string data;
    EXPECT_EQ(client.read(1000, 3, data), 0u);
    EXPECT_EQ(data, std::string(3, letter));
  }
  const auto taken = server_->take_volume();
  ASSERT_TRUE(taken.has_value());
  EXPECT_EQ(*taken, volume_of('c'));
  EXPECT_EQ(content(0, 1), std::string(1, '\0'));
}

TEST_F(NbdServerTest, SnapshotDoesNotChangeWithTheDevice) {
  NbdClient client = connect();
  client.write(0, "before");
  const auto snapshot = server_->volume();
  client.write(0, "after!");
  std::string text(6, '\0');
  snapshot->read(0, std::as_writable_bytes(std::span(text)));
  EXPECT_EQ(text, "before");
}

TEST_F(NbdServerTest, SwapOfAnotherSizeIsRefused) {
  const auto done = server_->set_volume(Volume(kSize * 2));
  ASSERT_FALSE(done.has_value());
  EXPECT_NE(done.error().message.find("one size"), std::string::npos);
}

TEST_F(NbdServerTest, NoSwapWhileARequestIsInFlight) {
  NbdClient client = connect();
  server_->set_fault_hook([](const Request&) {
    return Fault{.error = 0, .applied_bytes = 0, .delay = std::chrono::milliseconds(300)};
  });
  client.send_request(0, 1, 1, 0, 1, "x");
  while (server_->served(RequestKind::kWrite) == 0) std::this_thread::yield();
  EXPECT_FALSE(server_->set_volume(Volume(kSize), std::chrono::milliseconds(20)).has_value());
  EXPECT_TRUE(server_->set_volume(volume_of('n'), std::chrono::seconds(5)).has_value());
  EXPECT_EQ(client.receive_reply().error, 0u);
  EXPECT_EQ(content(0, 1), "n");
}

TEST_F(NbdServerTest, FaultFailsTheMatchingRequestOnly) {
  NbdClient client = connect();
  server_->set_fault_hook([](const Request& request) -> std::optional<Fault> {
    if (request.kind == RequestKind::kWrite && request.offset == 512) return Fault{.error = EIO};
    if (request.kind == RequestKind::kRead) return Fault{.error = ENOSPC};
    return std::nullopt;
  });
  std::string data;
  EXPECT_EQ(client.write(512, "lost"), 5u);
  EXPECT_EQ(client.write(1024, "kept"), 0u);
  EXPECT_EQ(client.read(0, 1, data), 28u);
  server_->set_fault_hook({});
  EXPECT_EQ(client.read(512, 4, data), 0u);
  EXPECT_EQ(data, std::string(4, '\0'));
  EXPECT_EQ(content(1024, 4), "kept");
}

TEST_F(NbdServerTest, FaultMayTearAWrite) {
  NbdClient client = connect();
  server_->set_fault_hook([](const Request&) { return Fault{.error = EIO, .applied_bytes = 2}; });
  EXPECT_EQ(client.write(0, "torn"), 5u);
  EXPECT_EQ(content(0, 4), std::string("to\0\0", 4));
}

TEST_F(NbdServerTest, WritesThatArrivedOutliveTheirClient) {
  NbdClient client = connect();
  server_->set_fault_hook([](const Request&) {
    return Fault{.error = 0, .applied_bytes = 0, .delay = std::chrono::seconds(100)};
  });
  for (int i = 0; i < 50; ++i) client.send_request(0, 1, 1, i * 512, 512, std::string(512, 'w'));
  client.hang_up();
  ASSERT_TRUE(server_->wait_for_disconnect().has_value());
  EXPECT_EQ(content(0, 50 * 512), std::string(50 * 512, 'w'));
  EXPECT_EQ(server_->clients(), 0u);
}

TEST_F(NbdServerTest, HalfARequestIsNoRequest) {
  NbdClient client = connect();
  client.send_request(0, 1, 1, 0, 512, std::string(100, 'h'));
  client.hang_up();
  ASSERT_TRUE(server_->wait_for_disconnect().has_value());
  EXPECT_EQ(content(0, 100), std::string(100, '\0'));
}

TEST_F(NbdServerTest, RecordsRequestsAndMarksInOneOrder) {
  NbdClient client = connect();
  client.write(0, "base");
  ASSERT_TRUE(server_->start_recording({.seed = 1}).has_value());
  client.write(512, "one", true);
  const auto mark = server_->mark("one returned");
  client.flush();
  const auto recording = server_->stop_recording();
  ASSERT_TRUE(recording.has_value());
  ASSERT_EQ(recording->requests.size(), 2u);
  const auto& write = recording->requests[0];
  const auto& flush = recording->requests[1];
  EXPECT_EQ(write.submitted, 1u);
  EXPECT_EQ(write.completed, 2u);
  EXPECT_TRUE(write.fua);
  EXPECT_EQ(mark, 3u);
  EXPECT_EQ(flush.kind, RequestKind::kFlush);
  EXPECT_EQ(flush.submitted, 4u);
  EXPECT_EQ(flush.completed, 5u);
  std::string base(4, '\0');
  recording->base.read(0, std::as_writable_bytes(std::span(base)));
  EXPECT_EQ(base, "base");
  EXPECT_EQ(server_->mark("unheard"), 0u);
  EXPECT_FALSE(server_->stop_recording().has_value());
}

// A client that does not wait gets its requests overlapped and answered in the seed's order.
TEST_F(NbdServerTest, RecordingOverlapsAndReordersReplies) {
  std::set<std::vector<std::uint64_t>> orders;
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    NbdClient client = connect();
    ASSERT_TRUE(server_->start_recording({.seed = seed}).has_value());
    for (std::uint64_t i = 0; i < 16; ++i) client.send_request(0, 1, i, i * 512, 1, "x");
    std::vector<std::uint64_t> order;
    for (int i = 0; i < 16; ++i) order.push_back(client.receive_reply().cookie);
    const auto recording = server_->stop_recording();
    ASSERT_TRUE(recording.has_value());
    const auto overlapped = [](const auto& a, const auto& b) { return a.completed > b.submitted; };
    EXPECT_NE(
        std::adjacent_find(recording->requests.begin(), recording->requests.end(), overlapped),
        recording->requests.end());
    orders.insert(order);
    EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
  }
  EXPECT_EQ(orders.size(), 3u);
}

TEST_F(NbdServerTest, DisconnectEndsTheConnection) {
  NbdClient client = connect();
  client.write(0, "x");
  client.disconnect();
  EXPECT_TRUE(client.at_end());
}

TEST(NbdServer, StartNamesAnUnusableSocketPath) {
  const auto started =
      NbdServer::start({.socket = "/nonexistent/dir/s", .export_name = ""}, Volume(512));
  ASSERT_FALSE(started.has_value());
  EXPECT_NE(started.error().message.find("/nonexistent/dir/s"), std::string::npos);
  const auto too_long =
      NbdServer::start({.socket = "/tmp/" + std::string(200, 'a'), .export_name = ""}, Volume(512));
  ASSERT_FALSE(too_long.has_value());
}

}  // namespace
}  // namespace vexfs::parity::device
