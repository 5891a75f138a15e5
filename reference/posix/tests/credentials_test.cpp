// SPDX-License-Identifier: MIT
#include "reference/posix/credentials.h"

#include <linux/fs.h>
#include <sys/stat.h>

#include <cerrno>

#include "reference/posix/tests/test_process.h"

namespace vexfs::posix::test {
namespace {

Attr inode(std::uint32_t mode, std::uint32_t uid, std::uint32_t gid) {
  Attr attr;
  attr.mode = mode;
  attr.uid = uid;
  attr.gid = gid;
  return attr;
}

TEST(Permission, TheFirstClassThatMatchesDecides) {
  const Attr file = inode(S_IFREG | 0074, 1000, 3000);
  EXPECT_EQ(errno_of(check_permission(kUser, file, kMayRead)), EACCES) << "the owner has nothing";
  EXPECT_EQ(errno_of(check_permission(kOther, file, kMayWrite)), 0) << "by a supplementary group";
  EXPECT_EQ(errno_of(check_permission({5, 5, {}}, file, kMayRead)), 0);
  EXPECT_EQ(errno_of(check_permission({5, 5, {}}, file, kMayWrite)), EACCES);
}

TEST(Permission, RootMayAllButExecuteWhatNobodyMay) {
  EXPECT_EQ(errno_of(check_permission(kRoot, inode(S_IFREG, 1, 1), kMayRead | kMayWrite)), 0);
  EXPECT_EQ(errno_of(check_permission(kRoot, inode(S_IFREG, 1, 1), kMayExec)), EACCES);
  EXPECT_EQ(errno_of(check_permission(kRoot, inode(S_IFDIR, 1, 1), kMayExec | kMayWrite)), 0);
}

class Rights : public OnVolume {};

TEST_F(Rights, StickyDirectoriesProtectNamesOfOthers) {
  make_directory("/t", 01777);
  make("/t/mine", 0666, kUser);
  make("/t/theirs", 0666, kOther);
  EXPECT_EQ(errno_of(process_.unlink(kUser, "/t/theirs")), EPERM);
  EXPECT_EQ(errno_of(process_.rename(kUser, "/t/theirs", "/t/x", 0)), EPERM);
  EXPECT_EQ(errno_of(process_.rename(kUser, "/t/mine", "/t/theirs", 0)), EPERM);
  EXPECT_EQ(errno_of(process_.rename(kUser, "/t/mine", "/t/x", 0)), 0);
  EXPECT_EQ(errno_of(process_.link(kUser, "/t/theirs", "/t/y")), 0) << "protected_hardlinks is 0";
  EXPECT_EQ(errno_of(process_.unlink(kUser, "/t/x")), 0);
}

TEST_F(Rights, ADirectoryMovesOnlyIfItMayBeWritten) {
  make_directory("/from", 0777);
  make_directory("/to", 0777);
  make_directory("/from/d", 0555, kUser);
  EXPECT_EQ(errno_of(process_.rename(kUser, "/from/d", "/to/d", 0)), EACCES);
  EXPECT_EQ(errno_of(process_.rename(kUser, "/from/d", "/from/e", 0)), 0);
}

TEST_F(Rights, SetGidDirectoriesGiveTheirGroup) {
  make_directory("/d", 02777);
  ASSERT_TRUE(process_.chown(kRoot, "/d", kKeepId, 3000, true));
  ASSERT_TRUE(process_.chmod(kRoot, "/d", 02777));
  make("/d/f", 02755, kUser);
  EXPECT_EQ(stat("/d/f").gid, 3000U);
  EXPECT_EQ(mode("/d/f"), 0755U) << "a stranger to the group gets no set-gid executable";
  make("/d/g", 02755, kOther);
  EXPECT_EQ(mode("/d/g"), 02755U);
  make("/d/h", 02644, kUser);
  EXPECT_EQ(mode("/d/h"), 02644U);
  ASSERT_TRUE(process_.mkdir(kUser, "/d/sub", 06711));
  EXPECT_EQ(mode("/d/sub"), 02711U) << "mkdir takes no set-id bits, the directory gives one";
  ASSERT_TRUE(process_.symlink(kUser, "x", "/d/l"));
  EXPECT_EQ(stat("/d/l").gid, 3000U);
}

TEST_F(Rights, WritingAndTruncatingTakeSetIdBits) {
  for (const Credentials& who : {kRoot, kUser}) {
    const std::string path = "/f" + std::to_string(who.uid);
    make(path, 06777);
    ASSERT_EQ(open(path, path, kReadWrite, who), 0);
    EXPECT_EQ(write(path, 0, "", who), 0);
    EXPECT_EQ(mode(path), 06777U) << "nothing is written";
    EXPECT_EQ(write(path, 0, "x", who), 0);
    EXPECT_EQ(mode(path), who.is_root() ? 06777U : 0777U);
    ASSERT_TRUE(process_.chmod(kRoot, path, 06777));
    EXPECT_EQ(errno_of(process_.truncate(who, path, 5)), 0);
    EXPECT_EQ(mode(path), who.is_root() ? 06777U : 0777U);
  }
  make("/lock", 02666);  // set-gid without group execute: taken from strangers to the group only
  ASSERT_EQ(errno_of(process_.truncate(kUser, "/lock", 0)), 0);
  EXPECT_EQ(mode("/lock"), 0666U);
}

TEST_F(Rights, ChownTakesSetIdBitsEvenForRoot) {
  make("/f", 06777);
  ASSERT_TRUE(process_.chown(kRoot, "/f", 1000, kKeepId, true));
  EXPECT_EQ(mode("/f"), 0777U);
  make("/g", 06666);
  ASSERT_TRUE(process_.chown(kRoot, "/g", 1000, 1000, true));
  EXPECT_EQ(mode("/g"), 02666U);
  make_directory("/d", 06777);
  ASSERT_TRUE(process_.chown(kRoot, "/d", 1000, kKeepId, true));
  EXPECT_EQ(mode("/d"), 06777U);
}

TEST_F(Rights, OwnersMayGiveToTheirGroupsOnly) {
  make("/f", 0644);
  ASSERT_TRUE(process_.chown(kRoot, "/f", kOther.uid, kOther.gid, true));
  EXPECT_EQ(errno_of(process_.chown(kOther, "/f", kKeepId, 3000, true)), 0);
  EXPECT_EQ(errno_of(process_.chown(kOther, "/f", kKeepId, 4000, true)), EPERM);
  EXPECT_EQ(errno_of(process_.chown(kOther, "/f", 1000, kKeepId, true)), EPERM);
  EXPECT_EQ(errno_of(process_.chown(kOther, "/f", kOther.uid, kKeepId, true)), 0);
  EXPECT_EQ(errno_of(process_.chown(kUser, "/f", kKeepId, kKeepId, true)), 0) << "nothing asked";
}

TEST_F(Rights, ChmodOutsideOnesGroupLosesSetGid) {
  make("/f", 0644);
  ASSERT_TRUE(process_.chown(kRoot, "/f", 1000, 3000, true));
  ASSERT_TRUE(process_.chmod(kUser, "/f", 06755));
  EXPECT_EQ(mode("/f"), 04755U);
}

TEST_F(Rights, WriteAccessIsEnoughToTouch) {
  make("/f", 0666);
  ASSERT_TRUE(process_.control(kRoot, "clock 7000000000"));
  const TimeSpec now{TimeSpec::Kind::kNow, 0, 0};
  EXPECT_EQ(errno_of(process_.utimens(kUser, "/f", now, now, true)), 0);
  EXPECT_EQ(stat("/f").atime.sec, 7);
  EXPECT_EQ(errno_of(process_.utimens(kUser, "/f", now, {}, true)), EPERM);
}

}  // namespace
}  // namespace vexfs::posix::test
