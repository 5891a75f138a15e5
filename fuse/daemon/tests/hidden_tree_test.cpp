// SPDX-License-Identifier: MIT
// `/.vexfs` through system calls.
#include "fuse/daemon/hidden_tree.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <future>
#include <string>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include "fuse/daemon/tests/mounted_volume.h"
#include "reference/contract/event.h"

namespace vexfs::daemon {
namespace {

using HiddenTree = MountedVolume;

std::vector<std::string> list(const std::string& path) {
  std::vector<std::string> names;
  DIR* directory = opendir(path.c_str());
  while (const dirent* entry = readdir(directory)) {
    names.emplace_back(entry->d_name);
  }
  closedir(directory);
  return names;
}

TEST_F(HiddenTree, IsThereButNeverListed) {
  EXPECT_EQ(list(directory()), (std::vector<std::string>{".", ".."}));
  EXPECT_EQ(list(path(".vexfs")),
            (std::vector<std::string>{".", "..", "control", "events", "stats"}));
}

TEST_F(HiddenTree, Attributes) {
  const struct stat top = stat_of(".vexfs");
  EXPECT_EQ(top.st_ino, uint64_t{1} << 62);
  EXPECT_EQ(top.st_mode, S_IFDIR | 0555U);
  EXPECT_EQ(top.st_nlink, 2U);
  const struct stat control = stat_of(".vexfs/control");
  EXPECT_EQ(control.st_ino, (uint64_t{1} << 62) + 4);
  EXPECT_EQ(control.st_mode, S_IFREG | 0600U);
  EXPECT_EQ(control.st_nlink, 1U);
  EXPECT_EQ(control.st_size, 0);
  EXPECT_EQ(control.st_mtim.tv_sec, 0);
  EXPECT_EQ(stat_of(".vexfs/events").st_mode, S_IFREG | 0400U);
  EXPECT_EQ(stat_of(".vexfs/stats").st_mode, S_IFREG | 0444U);
}

TEST_F(HiddenTree, CannotBeChanged) {
  const std::string top = path(".vexfs");
  const std::string control = path(".vexfs/control");
  EXPECT_EQ(error_of(mkdir(top.c_str(), 0755)), EEXIST);
  EXPECT_EQ(error_of(rmdir(top.c_str())), EPERM);
  EXPECT_EQ(error_of(rename(top.c_str(), path("x").c_str())), EPERM);
  EXPECT_EQ(error_of(unlink(control.c_str())), EPERM);
  EXPECT_EQ(error_of(rename(control.c_str(), path("x").c_str())), EPERM);
  EXPECT_EQ(error_of(link(control.c_str(), path("x").c_str())), EPERM);
  EXPECT_EQ(error_of(mkdir(path(".vexfs/x").c_str(), 0755)), EPERM);
  EXPECT_EQ(error_of(open((top + "/x").c_str(), O_CREAT | O_WRONLY, 0600)), EPERM);
  EXPECT_EQ(error_of(chmod(control.c_str(), 0666)), EPERM);
  EXPECT_EQ(error_of(chown(control.c_str(), 1, 1)), EPERM);
  EXPECT_EQ(error_of(utimensat(AT_FDCWD, control.c_str(), nullptr, 0)), EPERM);
  EXPECT_EQ(truncate(control.c_str(), 0), 0);
  EXPECT_EQ(error_of(truncate(control.c_str(), 1)), EINVAL);
}

TEST_F(HiddenTree, NameIsReservedElsewhere) {
  ASSERT_EQ(mkdir(path("d").c_str(), 0755), 0);
  write_file("f", "");
  const std::string name = path("d/.vexfs");
  EXPECT_EQ(error_of(access(name.c_str(), F_OK)), ENOENT);
  EXPECT_EQ(error_of(mkdir(name.c_str(), 0755)), EPERM);
  EXPECT_EQ(error_of(symlink("t", name.c_str())), EPERM);
  EXPECT_EQ(error_of(open(name.c_str(), O_CREAT | O_WRONLY, 0600)), EPERM);
  EXPECT_EQ(error_of(link(path("f").c_str(), name.c_str())), EPERM);
  EXPECT_EQ(error_of(rename(path("f").c_str(), name.c_str())), EPERM);
  EXPECT_EQ(error_of(rename(path("d").c_str(), path(".vexfs").c_str())), EPERM);
}

TEST_F(HiddenTree, ControlRefusesWhatItDoesNotKnow) {
  EXPECT_EQ(control("sync\ncheckpoint\nclock 5\n"), 0);
  EXPECT_EQ(control("sync now"), EINVAL);
  EXPECT_EQ(control("clock soon"), EINVAL);
  EXPECT_EQ(control("clock 9223372036854775808"), EINVAL);
  EXPECT_EQ(control(std::string(5000, 'x')), EINVAL);
  EXPECT_EQ(read_file(".vexfs/control"), "");
}

TEST_F(HiddenTree, ControlTakesTheShellsRedirection) {
  const std::string command = "echo sync > " + path(".vexfs/control");
  EXPECT_EQ(system(command.c_str()), 0) << "opens with O_TRUNC";
}

TEST_F(HiddenTree, ClockOfASystemMountCannotBeSet) {
  ASSERT_EQ(unmount(), 0);
  mount("commit=0");
  EXPECT_EQ(control("clock 5"), EPERM);
}

TEST_F(HiddenTree, EventsAreReadableAfterASyncPoint) {
  ASSERT_EQ(mkdir(path("d").c_str(), 0755), 0);
  EXPECT_EQ(read_file(".vexfs/events"), "");
  ASSERT_EQ(control("sync"), 0);
  const std::string events = read_file(".vexfs/events");
  ASSERT_GE(events.size(), sizeof(vexfs_event));
  vexfs_event event{};
  std::memcpy(&event, events.data(), sizeof(event));
  EXPECT_EQ(event.type, VEXFS_EV_MKDIR);
  EXPECT_EQ(event.sequence, 1U);
  EXPECT_EQ(event.parent, 1U);
  remount();
  EXPECT_EQ(read_file(".vexfs/events"), events);
}

TEST_F(HiddenTree, PollWakesOnNewEvents) {
  const UniqueFd events = open_file(".vexfs/events", O_RDONLY);
  pollfd waits{.fd = events.get(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(poll(&waits, 1, 0), 0) << "nothing to read yet";
  auto woken = std::async(std::launch::async, [&waits] { return poll(&waits, 1, 10000); });
  write_file("f", "");
  ASSERT_EQ(control("sync"), 0);
  EXPECT_EQ(woken.get(), 1);
  EXPECT_NE(waits.revents & POLLIN, 0);
  std::string bytes(1 << 16, '\0');
  EXPECT_GT(read(events.get(), bytes.data(), bytes.size()), 0);
  EXPECT_EQ(poll(&waits, 1, 0), 0) << "read to the head";
}

TEST_F(HiddenTree, OrdinaryFilesAreAlwaysReady) {
  write_file("f", "");
  const UniqueFd file = open_file("f", O_RDWR);
  pollfd waits{.fd = file.get(), .events = POLLIN | POLLOUT, .revents = 0};
  EXPECT_EQ(poll(&waits, 1, 0), 1);
  EXPECT_EQ(waits.revents, POLLIN | POLLOUT);
}

TEST_F(HiddenTree, ControlOfAReadOnlyMountCannotBeWritten) {
  ASSERT_EQ(unmount(), 0);
  mount("ro,clock=manual");
  EXPECT_EQ(error_of(open(path(".vexfs/control").c_str(), O_WRONLY)), EROFS);
  EXPECT_EQ(error_of(mkdir(path("d").c_str(), 0755)), EROFS);
}

}  // namespace
}  // namespace vexfs::daemon
