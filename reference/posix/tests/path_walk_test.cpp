// SPDX-License-Identifier: MIT
#include "reference/posix/path_walk.h"

#include <cerrno>

#include "reference/posix/tests/test_process.h"

namespace vexfs::posix::test {
namespace {

class Paths : public OnVolume {
 protected:
  void SetUp() override {
    make_directory("/a");
    make_directory("/a/b");
    make("/a/b/f");
  }
  int stat_errno(std::string_view path, bool follow = true) {
    return errno_of(process_.stat(kRoot, path, follow));
  }
  Ino ino(std::string_view path) { return process_.stat(kRoot, path, true)->ino; }
  void symlink(std::string_view target, std::string_view path) {
    ASSERT_TRUE(process_.symlink(kRoot, target, path));
  }
};

TEST_F(Paths, DotsAndSlashes) {
  const Ino file = ino("/a/b/f");
  EXPECT_EQ(ino("//a///b//f"), file);
  EXPECT_EQ(ino("/a/./b/../b/f"), file);
  EXPECT_EQ(ino("/../../a/b/f"), file) << "the root is its own parent";
  EXPECT_EQ(ino("/a/b/"), ino("/a/b"));
  EXPECT_EQ(ino("/"), 1U);
  EXPECT_EQ(ino("/a/.."), 1U);
  EXPECT_EQ(stat_errno("/a/b/f/"), ENOTDIR);
  EXPECT_EQ(stat_errno("/a/b/f/."), ENOTDIR);
  EXPECT_EQ(stat_errno("/a/b/f/.."), ENOTDIR);
}

TEST_F(Paths, LengthLimits) {
  EXPECT_EQ(stat_errno("/" + std::string(255, 'x')), ENOENT);
  EXPECT_EQ(stat_errno("/" + std::string(256, 'x')), ENAMETOOLONG);
  EXPECT_EQ(stat_errno("/a/b" + std::string(4091, '/')), 0);
  EXPECT_EQ(stat_errno("/a/b" + std::string(4092, '/')), ENAMETOOLONG);
}

TEST_F(Paths, SymlinksAreRelativeToTheirDirectoryOrToTheVolumesRoot) {
  symlink("b/f", "/a/relative");
  symlink("/a/b", "/a/b/absolute");
  symlink("../../a/b/f", "/a/b/up");
  symlink("/", "/a/root");
  const Ino file = ino("/a/b/f");
  EXPECT_EQ(ino("/a/relative"), file);
  EXPECT_EQ(ino("/a/b/absolute/f"), file);
  EXPECT_EQ(ino("/a/b/absolute/../b/f"), file) << "the parent of the target, not of the link";
  EXPECT_EQ(ino("/a/b/up"), file);
  EXPECT_EQ(ino("/a/root"), 1U);
  EXPECT_EQ(ino("/a/root/a/b/f"), file);
}

TEST_F(Paths, ATrailingSlashFollowsAndWantsADirectory) {
  symlink("b", "/a/directory");
  symlink("b/f", "/a/file");
  symlink("b/f/", "/a/slash");
  EXPECT_EQ(process_.stat(kRoot, "/a/directory", false)->mode & 0170000, 0120000U);
  EXPECT_EQ(process_.stat(kRoot, "/a/directory/", false)->ino, ino("/a/b"));
  EXPECT_EQ(stat_errno("/a/file"), 0);
  EXPECT_EQ(stat_errno("/a/file/"), ENOTDIR);
  EXPECT_EQ(stat_errno("/a/slash"), ENOTDIR);
  EXPECT_EQ(stat_errno("/a/slash", false), 0);
}

TEST_F(Paths, FortyLinksAreFollowedAndNoMore) {
  symlink("a", "/l1");
  for (int i = 2; i <= 41; ++i) symlink("l" + std::to_string(i - 1), "/l" + std::to_string(i));
  EXPECT_EQ(stat_errno("/l40"), 0);
  EXPECT_EQ(stat_errno("/l41"), ELOOP);
  EXPECT_EQ(stat_errno("/l41", false), 0);
  EXPECT_EQ(stat_errno("/l39/../l1"), 0);
  EXPECT_EQ(stat_errno("/l39/../l2"), ELOOP) << "the count is of the whole walk";
}

TEST_F(Paths, OpenCreatesWhatADanglingLinkNames) {
  symlink("a/new", "/link");
  ASSERT_EQ(open("h", "/link", kCreate), 0);
  EXPECT_EQ(stat_errno("/a/new"), 0);
}

TEST_F(Paths, EveryDirectoryOnTheWayMustBeSearchable) {
  ASSERT_TRUE(process_.chmod(kRoot, "/a", 0600));
  EXPECT_EQ(errno_of(process_.stat(kUser, "/a", true)), 0);
  EXPECT_EQ(errno_of(process_.stat(kUser, "/a/b", true)), EACCES);
  EXPECT_EQ(errno_of(process_.stat(kUser, "/a/.", true)), EACCES);
  EXPECT_EQ(errno_of(process_.stat(kUser, "/a/none", true)), EACCES);
  EXPECT_EQ(errno_of(process_.stat(kRoot, "/a/b", true)), 0);
}

}  // namespace
}  // namespace vexfs::posix::test
