// SPDX-License-Identifier: MIT
#include "reference/posix/dot_vexfs.h"

#include <cerrno>

#include "reference/posix/tests/test_process.h"

namespace vexfs::posix::test {
namespace {

class DotVexfs : public OnVolume {};

TEST_F(DotVexfs, IsADirectoryWithThreeFiles) {
  EXPECT_EQ(stat("/.vexfs").ino, kDotDir);
  EXPECT_EQ(stat("/.vexfs").mode, 040555U);
  EXPECT_EQ(stat("/.vexfs").nlink, 2U);
  EXPECT_EQ(stat("/.vexfs/control").mode, 0100600U);
  EXPECT_EQ(stat("/.vexfs/events").mode, 0100400U);
  EXPECT_EQ(stat("/.vexfs/stats").mode, 0100444U);
  EXPECT_EQ(stat("/.vexfs/..").ino, 1U);
  const auto entries = process_.readdir(kRoot, "/.vexfs").value();
  ASSERT_EQ(entries.size(), 5U);
  EXPECT_EQ(entries[2], (DirEntry{"control", kControlFile, 8, 3}));
  EXPECT_EQ(entries[4], (DirEntry{"stats", kStatsFile, 8, 5}));
}

TEST_F(DotVexfs, ControlExecutesLinesInOrderUpToTheFirstError) {
  ASSERT_EQ(open("c", "/.vexfs/control", {.write = true, .truncate = true}), 0);
  EXPECT_EQ(write("c", 0, "clock 1000000000\nclock 2000000000"), 0);
  make("/f");
  EXPECT_EQ(stat("/f").mtime.sec, 2);
  EXPECT_EQ(write("c", 0, "clock 3000000000\nnonsense\nclock 4000000000\n"), EINVAL);
  make("/g");
  EXPECT_EQ(stat("/g").mtime.sec, 3);
  EXPECT_EQ(write("c", 0, std::string(4097, 'x')), EINVAL);
  EXPECT_EQ(write("c", 0, ""), 0);
  EXPECT_EQ(write("c", 0, "\n"), EINVAL);
}

TEST_F(DotVexfs, BelongsToRoot) {
  EXPECT_EQ(errno_of(process_.control(kUser, "sync")), EACCES);
  EXPECT_EQ(errno_of(process_.events(kUser, 0)), EACCES);
  EXPECT_EQ(open("s", "/.vexfs/stats", kRead, kUser), 0);
  EXPECT_NE(read("s").find("free_blocks "), std::string::npos);
}

TEST_F(DotVexfs, EventsAreReadFromAPosition) {
  make("/f");
  EXPECT_TRUE(process_.events(kRoot, 0)->empty());
  ASSERT_TRUE(process_.control(kRoot, "sync"));
  EXPECT_EQ(process_.events(kRoot, 0)->size(), 192U);
  ASSERT_EQ(open("e", "/.vexfs/events", kRead), 0);
  EXPECT_EQ(process_.read("e", 64, 64)->size(), 64U);
  EXPECT_EQ(process_.read("e", 192, 64)->size(), 0U);
}

TEST_F(DotVexfs, HasNoSideEffect) {
  ASSERT_TRUE(volume_->checkpoint());
  const auto before = volume_.image();
  ASSERT_EQ(open("c", "/.vexfs/control", kReadWrite), 0);
  EXPECT_EQ(read("c"), "");
  EXPECT_EQ(errno_of(process_.fsync("c")), EINVAL);
  ASSERT_TRUE(process_.close("c"));
  EXPECT_EQ(volume_.image(), before);
}

}  // namespace
}  // namespace vexfs::posix::test
