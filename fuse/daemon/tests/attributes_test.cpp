// SPDX-License-Identifier: MIT
// Attributes through system calls: times by the manual clock, owners, modes, set-id bits, statfs.
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include <array>
#include <cerrno>
#include <functional>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "fuse/daemon/tests/mounted_volume.h"

namespace vexfs::daemon {
namespace {

using Attributes = MountedVolume;

constexpr uid_t kUser = 4711;

// Runs `work` as an ordinary user and returns what it returns.
int as_user(const std::function<int()>& work) {
  const pid_t child = fork();
  if (child == 0) {
    if (setgid(kUser) != 0 || setuid(kUser) != 0) {
      _exit(255);
    }
    _exit(work());
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WEXITSTATUS(status);
}

bool same(const timespec& time, time_t seconds, long nanoseconds) {
  return time.tv_sec == seconds && time.tv_nsec == nanoseconds;
}

TEST_F(Attributes, TimesComeFromTheManualClock) {
  write_file("file", "");
  EXPECT_TRUE(same(stat_of("file").st_mtim, 0, 0));
  ASSERT_EQ(control("clock 1500000000\n"), 0);
  ASSERT_EQ(chmod(path("file").c_str(), 0600), 0);
  EXPECT_TRUE(same(stat_of("file").st_ctim, 1, 500000000));
  EXPECT_TRUE(same(stat_of("file").st_mtim, 0, 0));
  ASSERT_EQ(control("clock -1"), 0);
  write_file("file", "x");
  EXPECT_TRUE(same(stat_of("file").st_mtim, -1, 999999999));
}

TEST_F(Attributes, ReadingChangesNoTime) {
  write_file("file", "x");
  ASSERT_EQ(control("clock 7000000000"), 0);
  EXPECT_EQ(read_file("file"), "x");
  EXPECT_TRUE(same(stat_of("file").st_atim, 0, 0));
}

TEST_F(Attributes, GivenTimesAndNow) {
  write_file("file", "");
  ASSERT_EQ(control("clock 3000000000"), 0);
  const std::array<timespec, 2> times{{{.tv_sec = -5, .tv_nsec = 7}, {0, UTIME_NOW}}};
  ASSERT_EQ(utimensat(AT_FDCWD, path("file").c_str(), times.data(), 0), 0);
  EXPECT_TRUE(same(stat_of("file").st_atim, -5, 7));
  EXPECT_TRUE(same(stat_of("file").st_mtim, 3, 0));
  EXPECT_TRUE(same(stat_of("file").st_ctim, 3, 0));
  const std::array<timespec, 2> only_mtime{{{0, UTIME_OMIT}, {.tv_sec = 9, .tv_nsec = 1}}};
  ASSERT_EQ(utimensat(AT_FDCWD, path("file").c_str(), only_mtime.data(), 0), 0);
  EXPECT_TRUE(same(stat_of("file").st_atim, -5, 7));
  EXPECT_TRUE(same(stat_of("file").st_mtim, 9, 1));
}

TEST_F(Attributes, TruncationToTheSameSizeSetsTimes) {
  write_file("file", "abc");
  ASSERT_EQ(control("clock 5000000000"), 0);
  ASSERT_EQ(truncate(path("file").c_str(), 3), 0);
  EXPECT_TRUE(same(stat_of("file").st_mtim, 5, 0));
  ASSERT_EQ(control("clock 6000000000"), 0);
  const UniqueFd file = open_file("file", O_RDWR);
  ASSERT_EQ(ftruncate(file.get(), 3), 0);
  EXPECT_TRUE(same(stat_of("file").st_mtim, 6, 0));
}

TEST_F(Attributes, CtimesOfWhatARenameAndALinkTouch) {
  write_file("a", "");
  ASSERT_EQ(control("clock 1000000000"), 0);
  ASSERT_EQ(link(path("a").c_str(), path("b").c_str()), 0);
  EXPECT_EQ(stat_of("a").st_ctim.tv_sec, 1);
  ASSERT_EQ(control("clock 2000000000"), 0);
  ASSERT_EQ(rename(path("b").c_str(), path("c").c_str()), 0);
  EXPECT_EQ(stat_of("a").st_ctim.tv_sec, 2);
  EXPECT_EQ(stat_of("").st_mtim.tv_sec, 2);
  ASSERT_EQ(control("clock 3000000000"), 0);
  ASSERT_EQ(unlink(path("c").c_str()), 0);
  EXPECT_EQ(stat_of("a").st_ctim.tv_sec, 3);
}

TEST_F(Attributes, OwnersAndModes) {
  write_file("file", "");
  ASSERT_EQ(chown(path("file").c_str(), 12, static_cast<gid_t>(-1)), 0);
  ASSERT_EQ(chown(path("file").c_str(), static_cast<uid_t>(-1), 34), 0);
  ASSERT_EQ(chmod(path("file").c_str(), 07751), 0);
  remount();
  EXPECT_EQ(stat_of("file").st_uid, 12U);
  EXPECT_EQ(stat_of("file").st_gid, 34U);
  EXPECT_EQ(stat_of("file").st_mode, S_IFREG | 07751U);
}

TEST_F(Attributes, ChownClearsSetIdBits) {
  write_file("file", "");
  ASSERT_EQ(chmod(path("file").c_str(), 06755), 0);
  ASSERT_EQ(chown(path("file").c_str(), 12, 34), 0);
  EXPECT_EQ(stat_of("file").st_mode & 07777, 0755U);
  ASSERT_EQ(mkdir(path("dir").c_str(), 0755), 0);
  ASSERT_EQ(chmod(path("dir").c_str(), 06755), 0);
  ASSERT_EQ(chown(path("dir").c_str(), 12, 34), 0);
  EXPECT_EQ(stat_of("dir").st_mode & 07777, 06755U) << "directories keep them";
}

TEST_F(Attributes, AUsersWriteClearsSetIdBitsAndRootsDoesNot) {
  write_file("file", "");
  ASSERT_EQ(chmod(path("file").c_str(), 06777), 0);
  write_file("file", "by root");
  EXPECT_EQ(stat_of("file").st_mode & 07777, 06777U);
  const int done = as_user([this] {
    const UniqueFd file = open_file("file", O_WRONLY);
    return write(file.get(), "by user", 7) == 7 ? 0 : 1;
  });
  ASSERT_EQ(done, 0);
  EXPECT_EQ(stat_of("file").st_mode & 07777, 0777U);
}

TEST_F(Attributes, AUsersTruncationClearsSetIdBits) {
  for (const bool by_open : {false, true}) {
    write_file("file", "bytes");
    ASSERT_EQ(chmod(path("file").c_str(), 06777), 0);
    const int done = as_user([this, by_open] {
      if (by_open) {
        return open_file("file", O_WRONLY | O_TRUNC) ? 0 : 1;
      }
      return truncate(path("file").c_str(), 2) == 0 ? 0 : 1;
    });
    ASSERT_EQ(done, 0);
    EXPECT_EQ(stat_of("file").st_mode & 07777, 0777U) << "by open: " << by_open;
  }
}

TEST_F(Attributes, AUserIsHeldToPermissions) {
  write_file("file", "secret");
  ASSERT_EQ(chmod(path("file").c_str(), 0600), 0);
  const int refused = as_user([this] { return open_file("file", O_RDONLY) ? 0 : errno; });
  EXPECT_EQ(refused, EACCES);
  EXPECT_EQ(as_user([this] { return access(path(".").c_str(), R_OK | X_OK) == 0 ? 0 : errno; }), 0)
      << "the mount itself is open to everybody (allow_other)";
}

TEST_F(Attributes, SpaceIsCountedInBlocks) {
  struct statvfs before{};
  ASSERT_EQ(statvfs(directory().c_str(), &before), 0);
  EXPECT_EQ(before.f_bsize, 4096U);
  EXPECT_EQ(before.f_frsize, 4096U);
  EXPECT_EQ(before.f_files, 1024U);
  EXPECT_EQ(before.f_ffree, 1023U);
  EXPECT_EQ(before.f_namemax, 255U);
  write_file("file", std::string(8192, 'x'));
  struct statvfs after{};
  ASSERT_EQ(statvfs(directory().c_str(), &after), 0);
  EXPECT_EQ(before.f_bfree - after.f_bfree, 3U) << "two of the file, one of the directory";
  EXPECT_EQ(after.f_ffree, 1022U);
}

TEST_F(Attributes, ThereAreNoExtendedAttributes) {
  write_file("file", "");
  const std::string file = path("file");
  std::array<char, 16> value{};
  for (int again = 0; again < 2; ++again) {
    EXPECT_EQ(error_of(getxattr(file.c_str(), "user.x", value.data(), value.size())), EOPNOTSUPP);
    EXPECT_EQ(error_of(setxattr(file.c_str(), "user.x", "v", 1, 0)), EOPNOTSUPP);
    EXPECT_EQ(error_of(removexattr(file.c_str(), "user.x")), EOPNOTSUPP);
    EXPECT_EQ(error_of(getxattr(file.c_str(), "trusted.x", value.data(), value.size())),
              EOPNOTSUPP);
  }
}

}  // namespace
}  // namespace vexfs::daemon
