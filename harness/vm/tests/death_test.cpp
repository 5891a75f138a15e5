// SPDX-License-Identifier: MIT
// Guests that die in every way, and how soon and how well the harness says so.
#include <sys/wait.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/vm/guest.h"
#include "harness/vm/tests/guest_environment.h"

namespace vexfs::parity::vm {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

class GuestDeath : public testing::Test {
 protected:
  static void SetUpTestSuite() { guest_ = boot_test_guest("death"); }
  static void TearDownTestSuite() { guest_.reset(); }

  void SetUp() override {
    if (const auto restarted = guest_->restart(); !restarted) {
      FAIL() << restarted.error().message;
    }
  }

  // Kills the guest in that way and expects to be told so; returns how it was reported.
  static DeathReport die(const std::string& how) {
    const auto begin = Clock::now();
    const auto reply = guest_->call({{"kind", "crash"}, {"how", how}});
    const auto took = Clock::now() - begin;
    std::printf("%s noticed after %lld ms\n", how.c_str(), static_cast<long long>(took / 1ms));
    if (reply || !reply.error().death) {
      ADD_FAILURE() << "no death: " << (reply ? reply->dump() : reply.error().message);
      return {};
    }
    EXPECT_EQ(reply.error().kind, GuestError::Kind::kDeath);
    EXPECT_NE(reply.error().death->in_flight.find("how=" + how), std::string::npos);
    return *reply.error().death;
  }

  inline static std::unique_ptr<Guest> guest_;
};

TEST_F(GuestDeath, PanicIsNoticedAndQuoted) {
  const auto report = die("panic");
  EXPECT_EQ(report.kind, DeathKind::kPanic);
  EXPECT_EQ(report.headline, "Kernel panic - not syncing: sysrq triggered crash");
  EXPECT_NE(report.console_tail.find("Call Trace"), std::string::npos);
}

TEST_F(GuestDeath, OopsIsNamedWithItsFunctionAndModule) {
  const auto report = die("oops");
  EXPECT_EQ(report.kind, DeathKind::kOops);
  EXPECT_NE(report.headline.find("NULL pointer dereference"), std::string::npos) << report.headline;
  EXPECT_NE(report.headline.find("vexfs_testmod_oops"), std::string::npos) << report.headline;
  EXPECT_NE(report.headline.find("[vexfs_testmod]"), std::string::npos) << report.headline;
}

TEST_F(GuestDeath, ExitIsNoticed) { EXPECT_EQ(die("exit").kind, DeathKind::kExit); }

// A CPU that never comes back: suspected after two seconds, dead after five of computing.
TEST_F(GuestDeath, HangIsSuspectedThenDeclared) {
  std::jthread watcher([] {
    const auto begin = Clock::now();
    while (!guest_->link().suspected() && Clock::now() - begin < 60s) {
      std::this_thread::sleep_for(20ms);
    }
    std::printf("hang suspected after %lld ms\n",
                static_cast<long long>((Clock::now() - begin) / 1ms));
  });
  const auto report = die("hang");
  EXPECT_EQ(report.kind, DeathKind::kSilence);
  EXPECT_GE(report.unheard, 2s);
  EXPECT_GE(report.computed, 5s);
}

// A kernel that finds no agent panics; each start of such a guest is a fresh one.
TEST(GuestStart, IsGivenUpAfterThreeDeathsWithoutAnAnswer) {
  auto options = test_guest_options("no_agent");
  std::filesystem::create_directories(options.work_dir);
  options.image.initramfs = options.work_dir / "empty.cpio";
  std::ofstream(options.image.initramfs).close();
  const auto guest = Guest::boot(options);
  ASSERT_FALSE(guest.has_value());
  EXPECT_EQ(guest.error().kind, GuestError::Kind::kDeath);
  EXPECT_THAT(guest.error().message,
              testing::HasSubstr("died before its agent answered, attempt 3"));
  EXPECT_THAT(guest.error().message, testing::HasSubstr("Kernel panic"));
}

TEST_F(GuestDeath, KilledQemuIsNoticedBetweenCalls) {
  ASSERT_TRUE(guest_->cut_power().has_value());
  const auto reply = guest_->call({{"kind", "echo"}});
  ASSERT_FALSE(reply.has_value());
  EXPECT_EQ(reply.error().kind, GuestError::Kind::kDeath);
  EXPECT_EQ(reply.error().death->kind, DeathKind::kExit);
}

TEST_F(GuestDeath, WritesThatArrivedAreInTheVolumeAfterAPowerFailure) {
  ASSERT_TRUE(guest_->disk().set_volume(ext4_volume("name", "x")).has_value());
  const auto mounted = guest_->must({{"kind", "mount"},
                                     {"target", "ext4"},
                                     {"device", "/dev/vda"},
                                     {"dir", "/mnt"},
                                     {"options", "sync"}});
  ASSERT_TRUE(mounted.has_value()) << mounted.error().message;
  ASSERT_TRUE(
      guest_->must({{"kind", "write_file"}, {"path", "/mnt/kept"}, {"data", "kept"}}).has_value());
  ASSERT_TRUE(guest_->cut_power().has_value());
  const auto left = guest_->disk().volume();
  ASSERT_TRUE(left.has_value());
  ASSERT_TRUE(guest_->restart().has_value());
  ASSERT_TRUE(
      guest_->must({{"kind", "mount"}, {"target", "ext4"}, {"device", "/dev/vda"}, {"dir", "/mnt"}})
          .has_value());
  const auto read = guest_->must({{"kind", "read_file"}, {"path", "/mnt/kept"}});
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(bytes_of((*read)["data"]), "kept");
}

// The guest lives, its heart beats, but the request does not end.
TEST_F(GuestDeath, ARequestWithoutEndIsATimeoutWithStacks) {
  const auto reply =
      guest_->call({{"kind", "read_file"}, {"path", "/proc/kmsg"}, {"offset", 0}}, 1500ms);
  ASSERT_FALSE(reply.has_value());
  EXPECT_EQ(reply.error().kind, GuestError::Kind::kTimeout);
  EXPECT_NE(reply.error().message.find("/proc/kmsg"), std::string::npos);
  EXPECT_NE(reply.error().message.find("task:"), std::string::npos) << reply.error().message;
  EXPECT_FALSE(guest_->death().has_value());
  EXPECT_FALSE(guest_->call({{"kind", "echo"}}).has_value());
}

// Heartbeats come late when the host is busy; that must not look like death.
TEST_F(GuestDeath, ABusyHostIsNoDeath) {
  std::vector<std::unique_ptr<Process>> hogs;
  for (int i = 0; i < 8; ++i) {
    auto hog = Process::start(
        {.argv = {"sh", "-c", "while :; do :; done"}, .passed = {}, .output = "/dev/null"});
    ASSERT_TRUE(hog.has_value());
    hogs.push_back(std::move(*hog));
  }
  const auto begin = Clock::now();
  while (Clock::now() - begin < 8s) {
    const auto reply = guest_->call({{"kind", "echo"}});
    ASSERT_TRUE(reply.has_value()) << reply.error().message;
    std::this_thread::sleep_for(50ms);
  }
}

}  // namespace
}  // namespace vexfs::parity::vm
