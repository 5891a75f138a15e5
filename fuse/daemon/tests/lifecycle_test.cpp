// SPDX-License-Identifier: MIT
// Mounting, refusing to mount, and the ways to unmount.
#include <sys/file.h>
#include <sys/mount.h>

#include <cerrno>
#include <chrono>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "fuse/daemon/tests/mounted_volume.h"

namespace vexfs::daemon {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class Lifecycle : public MountedVolume {
 protected:
  void SetUp() override {
    MountedVolume::SetUp();
    if (!IsSkipped()) {
      ASSERT_EQ(unmount(), 0);
    }
  }

  // umount(2) returns before a daemon in the background, which is no child of ours, has ended.
  void wait_until_free() {
    const UniqueFd file(open(image().c_str(), O_RDWR | O_CLOEXEC));
    for (int i = 0; i < 1000 && flock(file.get(), LOCK_EX | LOCK_NB) != 0; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }

  ProcessResult start(const std::string& device, const std::string& directory,
                      const std::string& options = "rw") {
    return run_process(VEXFS_FUSE, {device, directory, "-o", options});
  }
};

TEST_F(Lifecycle, BackgroundMountStandsWhenTheCommandReturns) {
  const ProcessResult started = start(image(), directory(), "clock=manual,commit=0");
  ASSERT_EQ(started.exit_code, 0) << started.errors;
  write_file("file", "x");
  EXPECT_EQ(read_file("file"), "x");
  ASSERT_EQ(umount2(directory().c_str(), 0), 0);
  wait_until_free();
  const ProcessResult again = start(image(), directory());
  ASSERT_EQ(again.exit_code, 0) << again.errors;
  EXPECT_EQ(read_file("file"), "x");
  ASSERT_EQ(umount2(directory().c_str(), 0), 0);
  wait_until_free();
}

TEST_F(Lifecycle, TerminationUnmountsCleanly) {
  mount();
  write_file("file", "kept");
  kill(daemon_pid(), SIGTERM);
  EXPECT_EQ(wait_for_daemon(), 0);
  mount();
  EXPECT_EQ(read_file("file"), "kept");
}

TEST_F(Lifecycle, TerminationUnmountsEvenWhatIsInUse) {
  mount();
  write_file("file", "kept");
  const UniqueFd open = open_file("file", O_RDONLY);
  kill(daemon_pid(), SIGTERM);
  EXPECT_EQ(wait_for_daemon(), 0);
  mount();
  EXPECT_EQ(read_file("file"), "kept");
}

TEST_F(Lifecycle, OpenUnlinkedFileIsReclaimedAtTheUnmount) {
  mount();
  {
    const UniqueFd file = open_file("file", O_RDWR | O_CREAT);
    ASSERT_EQ(write(file.get(), "x", 1), 1);
    ASSERT_EQ(unlink(path("file").c_str()), 0);
  }
  ASSERT_EQ(unmount(), 0);  // fsck in TearDown finds no orphan
}

TEST_F(Lifecycle, MissingDeviceIsNamed) {
  const ProcessResult result = start("/no/such/device", directory());
  EXPECT_EQ(result.exit_code, ENOENT);
  EXPECT_THAT(result.errors, AllOf(HasSubstr("/no/such/device"), HasSubstr("No such file")));
}

TEST_F(Lifecycle, WhatIsNoVolumeIsNamed) {
  const std::string file = directory().string() + "/../zeros";
  std::ofstream(file) << std::string(1 << 20, '\0');
  const ProcessResult result = start(file, directory());
  EXPECT_EQ(result.exit_code, EINVAL);
  EXPECT_THAT(result.errors, HasSubstr("zeros"));
}

TEST_F(Lifecycle, MissingDirectoryIsNamed) {
  const ProcessResult result = start(image(), "/no/such/directory");
  EXPECT_EQ(result.exit_code, ENOENT);
  EXPECT_THAT(result.errors, HasSubstr("/no/such/directory"));
}

TEST_F(Lifecycle, UnknownOptionIsRefused) {
  const ProcessResult result = start(image(), directory(), "quota");
  EXPECT_EQ(result.exit_code, EINVAL);
  EXPECT_THAT(result.errors, HasSubstr("quota"));
}

TEST_F(Lifecycle, AVolumeIsMountedOnce) {
  mount();
  const ProcessResult result = start(image(), directory());
  EXPECT_EQ(result.exit_code, EBUSY);
  EXPECT_THAT(result.errors, HasSubstr(image()));
}

}  // namespace
}  // namespace vexfs::daemon
