// SPDX-License-Identifier: MIT
// What a guest does for the harness while it lives. Figures are printed, limits are generous: the
// host may be busy.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include <gtest/gtest.h>
#include <unistd.h>

#include "harness/vm/guest.h"
#include "harness/vm/tests/guest_environment.h"

namespace vexfs::parity::vm {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

class LiveGuest : public testing::Test {
 protected:
  static void SetUpTestSuite() { guest_ = boot_test_guest("live"); }
  static void TearDownTestSuite() { guest_.reset(); }

  static json must(json request) {
    auto reply = guest_->must(std::move(request));
    if (!reply) {
      ADD_FAILURE() << reply.error().message;
      return json::object();
    }
    return *reply;
  }
  static json mount() {
    return must({{"kind", "mount"}, {"target", "ext4"}, {"device", "/dev/vda"}, {"dir", "/mnt"}});
  }
  static json umount() { return must({{"kind", "umount"}, {"dir", "/mnt"}}); }
  static std::string read(const std::string& path) {
    const auto reply = must({{"kind", "read_file"}, {"path", path}});
    return bytes_of(reply.at("data"));
  }
  static void put(const std::string& path, const std::string& content) {
    must({{"kind", "write_file"}, {"path", path}, {"data", content}});
  }

  inline static std::unique_ptr<Guest> guest_;
};

TEST_F(LiveGuest, BootsAndTellsItsKernel) {
  const auto hello = must({{"kind", "hello"}});
  EXPECT_EQ(hello["release"], guest_->image().release);
  std::printf("boot to agent %lld ms, restart from the saved state %lld ms\n",
              static_cast<long long>(guest_->boot_time().count()),
              static_cast<long long>(guest_->restart_time().count()));
  EXPECT_GT(guest_->boot_time(), 0ms);
}

TEST_F(LiveGuest, AnswersAgainAndAgain) {
  std::vector<double> times;
  for (int i = 0; i < 300; ++i) {
    const auto begin = Clock::now();
    must({{"kind", "echo"}, {"data", i}});
    times.push_back(milliseconds_since(begin));
  }
  std::sort(times.begin(), times.end());
  std::printf("round trip: median %.2f ms, worst of 300 %.2f ms\n", times[150], times.back());
}

TEST_F(LiveGuest, MovesMegabytesBothWays) {
  std::string bytes(4 << 20, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7 >> 4);
  const auto begin = Clock::now();
  const auto reply = must({{"kind", "echo"}, {"data", json::binary({bytes.begin(), bytes.end()})}});
  std::printf("4 MiB there and back: %.0f ms\n", milliseconds_since(begin));
  EXPECT_TRUE(bytes_of(reply["data"]) == bytes);
}

TEST_F(LiveGuest, FilesystemOnTheVolumeIsUsableAndItsContentArrives) {
  ASSERT_TRUE(guest_->disk().set_volume(ext4_volume("given", "from the host")).has_value());
  mount();
  EXPECT_EQ(read("/mnt/given"), "from the host");
  put("/mnt/made", "from the guest");
  umount();
  // What the guest wrote is in the host's volume: another mount of a copy of it shows it.
  const auto copy = guest_->disk().volume();
  ASSERT_TRUE(copy.has_value());
  ASSERT_TRUE(guest_->disk().set_volume(device::Volume(kTestVolumeSize)).has_value());
  ASSERT_TRUE(guest_->disk().set_volume(*copy).has_value());
  mount();
  EXPECT_EQ(read("/mnt/made"), "from the guest");
  umount();
}

TEST_F(LiveGuest, VolumesAreSwappedBehindItsBack) {
  const std::array volumes{ext4_volume("name", "volume zero"), ext4_volume("name", "volume one"),
                           ext4_volume("name", "volume two")};
  const std::array<std::string, 3> contents{"volume zero", "volume one", "volume two"};
  std::vector<double> times;
  for (std::size_t i = 0; i < 20; ++i) {
    const auto begin = Clock::now();
    ASSERT_TRUE(guest_->disk().set_volume(volumes[i % 3]).has_value());
    mount();
    EXPECT_EQ(read("/mnt/name"), contents[i % 3]);
    umount();
    times.push_back(milliseconds_since(begin));
  }
  std::sort(times.begin(), times.end());
  std::printf("swap+mount+read+umount: median %.1f ms, worst of 20 %.1f ms\n", times[10],
              times.back());
}

TEST_F(LiveGuest, DeviceErrorsReachTheGuestAndItLivesOn) {
  ASSERT_TRUE(guest_->disk().set_volume(ext4_volume("name", "x")).has_value());
  guest_->disk().set_fault_hook([](const device::Request& request) -> std::optional<device::Fault> {
    if (request.kind == device::RequestKind::kRead) return device::Fault{.error = ENOSPC};
    return std::nullopt;
  });
  const auto refused = guest_->call(
      {{"kind", "mount"}, {"target", "ext4"}, {"device", "/dev/vda"}, {"dir", "/mnt"}});
  guest_->disk().set_fault_hook({});
  ASSERT_TRUE(refused.has_value()) << refused.error().message;
  EXPECT_EQ((*refused)["ok"], false);
  mount();
  EXPECT_EQ(read("/mnt/name"), "x");
  umount();
}

TEST_F(LiveGuest, FlushesAreSeenByTheDevice) {
  ASSERT_TRUE(guest_->disk().set_volume(ext4_volume("name", "x")).has_value());
  const auto before = guest_->disk().served(device::RequestKind::kFlush);
  mount();
  put("/mnt/new", "y");
  umount();
  EXPECT_GT(guest_->disk().served(device::RequestKind::kFlush), before);
}

TEST_F(LiveGuest, RecordingSeesWritesOverlapping) {
  ASSERT_TRUE(guest_->disk().set_volume(ext4_volume("name", "x")).has_value());
  ASSERT_TRUE(guest_->disk().start_recording({.seed = 5}).has_value());
  mount();
  for (int i = 0; i < 8; ++i) put("/mnt/f" + std::to_string(i), std::string(70000, 'w'));
  guest_->disk().mark("files written");
  umount();
  const auto recording = guest_->disk().stop_recording();
  ASSERT_TRUE(recording.has_value());
  EXPECT_EQ(recording->marks.size(), 1u);
  std::size_t overlapped = 0;
  for (std::size_t i = 1; i < recording->requests.size(); ++i) {
    overlapped += recording->requests[i].submitted < recording->requests[i - 1].completed;
  }
  EXPECT_GT(overlapped, 0u);
  for (const auto& request : recording->requests) EXPECT_GT(request.completed, 0u);
}

TEST_F(LiveGuest, RefusalsAreRepliesAndNoErrors) {
  const auto reply = guest_->call({{"kind", "insmod"}, {"path", "/none.ko"}});
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ((*reply)["errno"], ENOENT);
  EXPECT_EQ((*guest_->call({{"kind", "mount"},
                            {"target", "kmod"},
                            {"device", "/dev/vda"},
                            {"dir", "/mnt"}}))["errno"],
            ENODEV);  // no vexfs.ko in the test image
}

json fuse_mount(const std::string& options) {
  return {{"kind", "mount"},
          {"target", "fuse"},
          {"device", "/dev/vda"},
          {"dir", "/mnt"},
          {"options", options}};
}

TEST_F(LiveGuest, ADaemonIsMountedAndGoneAfterUmount) {
  for (int i = 0; i < 3; ++i) {
    must(fuse_mount(""));
    EXPECT_EQ((*guest_->call({{"kind", "read_file"}, {"path", "/mnt/none"}}))["errno"], ENOENT);
    const auto ended = umount();
    EXPECT_EQ(ended["daemon_exit"], 0);
    EXPECT_EQ(ended["daemon_stderr"], "");
  }
}

TEST_F(LiveGuest, ADaemonThatRefusesIsReportedWithItsErrnoAndWords) {
  const auto refused = guest_->call(fuse_mount("refuse"));
  ASSERT_TRUE(refused.has_value()) << refused.error().message;
  EXPECT_EQ((*refused)["ok"], false);
  EXPECT_EQ((*refused)["errno"], EINVAL);
  EXPECT_EQ((*refused)["daemon_stderr"], "testfuse: refused as asked\n");
}

TEST_F(LiveGuest, ADaemonThatFailsAtTheEndIsReportedByUmount) {
  must(fuse_mount("fail"));
  const auto ended = umount();
  EXPECT_EQ(ended["daemon_exit"], 5);
  EXPECT_EQ(ended["daemon_stderr"], "testfuse: the last flush failed\n");
}

TEST_F(LiveGuest, RestartForgetsWhatWasInMemory) {
  put("/tmp/note", "gone soon");
  std::vector<double> times;
  for (int i = 0; i < 5; ++i) {
    const auto restarted = guest_->restart();
    ASSERT_TRUE(restarted.has_value()) << restarted.error().message;
    times.push_back(static_cast<double>(guest_->restart_time().count()));
  }
  std::sort(times.begin(), times.end());
  std::printf("restart from the saved state: median %.0f ms, worst of 5 %.0f ms\n", times[2],
              times[4]);
  EXPECT_EQ((*guest_->call({{"kind", "read_file"}, {"path", "/tmp/note"}}))["errno"], ENOENT);
}

TEST_F(LiveGuest, RestartedGuestKnowsWhatTimeItIs) {
  ASSERT_TRUE(guest_->restart().has_value());
  const auto hello = must({{"kind", "hello"}});
  const auto now = std::chrono::system_clock::now().time_since_epoch() / 1ns;
  EXPECT_LT(std::abs(now - hello["realtime_ns"].get<std::int64_t>()), 30'000'000'000);
}

// The second of two guests with equal options need not boot.
TEST(SavedGuest, IsFoundByTheNextRun) {
  GuestOptions options = test_guest_options("saved");
  options.reuse_state = true;
  // Unlike any other run's, so that the first one must boot.
  options.preparation.push_back(
      {{"kind", "write_file"}, {"path", "/tmp/note"}, {"data", std::to_string(::getpid())}});
  for (const bool spared : {false, true}) {
    auto guest = Guest::boot(options);
    ASSERT_TRUE(guest.has_value()) << guest.error().message;
    EXPECT_EQ((*guest)->boot_time() == 0ms, spared);
    const auto note = (*guest)->must({{"kind", "read_file"}, {"path", "/tmp/note"}});
    ASSERT_TRUE(note.has_value()) << note.error().message;
    EXPECT_EQ(bytes_of((*note)["data"]), std::to_string(::getpid()));
  }
  std::filesystem::remove_all(options.image.vmlinux.parent_path() / "states");
}

TEST_F(LiveGuest, RestartedGuestSeesTheVolumeOfNow) {
  ASSERT_TRUE(guest_->disk().set_volume(ext4_volume("name", "after the save")).has_value());
  ASSERT_TRUE(guest_->restart().has_value());
  mount();
  EXPECT_EQ(read("/mnt/name"), "after the save");
  umount();
}

}  // namespace
}  // namespace vexfs::parity::vm
