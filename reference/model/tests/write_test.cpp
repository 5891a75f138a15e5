// SPDX-License-Identifier: MIT
#include <sys/stat.h>

#include <gtest/gtest.h>

#include "reference/contract/limits.h"
#include "reference/model/tests/test_volume.h"

namespace vexfs::model::test {
namespace {

class Write : public testing::TestWithParam<DataMode> {
 protected:
  TestVolume volume_{small_geometry(), {.data = GetParam()}};
};

TEST_P(Write, IsReadBackAtOnceAndAfterARemount) {
  const Ino file = volume_.create("f");
  volume_.write(file, 4090, "across a block boundary");
  EXPECT_EQ(volume_.read(file, 4090, 100), "across a block boundary");
  EXPECT_EQ(volume_.read(file, 4000, 90), std::string(90, '\0'));
  volume_.remount();
  EXPECT_EQ(volume_.read(file, 4090, 100), "across a block boundary");
  EXPECT_EQ(volume_.inode(file).blocks, 2U);
  EXPECT_EQ(inconsistency(volume_.inside()), "");
}

TEST_P(Write, SurvivesACrashOnceItIsSynced) {
  const Ino file = volume_.create("f");
  volume_.write(file, 0, "first");
  ASSERT_TRUE(volume_->fsync(file));
  volume_.write(file, 0, "later, never synced");
  volume_.crash();
  EXPECT_EQ(volume_.inode(file).size, 5U);
  if (GetParam() == DataMode::kJournal) {
    EXPECT_EQ(volume_.read(file, 0, 5), "first");
  }
  EXPECT_EQ(inconsistency(volume_.inside()), "");
}

TEST_P(Write, EachBlockIsAUnit) {
  const Ino file = volume_.create("f");
  const auto before = volume_.inside().state.next_unit;
  volume_.write(file, 100, std::string(3 * kBlockSize, 'x'));
  EXPECT_EQ(volume_.inside().state.next_unit - before, 4U);
  volume_.write(file, 0, "");
  EXPECT_EQ(volume_.inside().state.next_unit - before, 4U) << "nothing written is no unit";
}

TEST_P(Write, TruncationZeroesTheRestOfTheLastBlock) {
  const Ino file = volume_.create("f");
  volume_.write_blocks(file, 0, 2);
  volume_.truncate(file, 10);
  volume_.truncate(file, 20);
  EXPECT_EQ(volume_.read(file, 0, 100), "xxxxxxxxxx" + std::string(10, '\0'));
  EXPECT_EQ(volume_.inode(file).blocks, 1U);
}

INSTANTIATE_TEST_SUITE_P(Modes, Write,
                         testing::Values(DataMode::kOrdered, DataMode::kWriteback,
                                         DataMode::kJournal));

TEST(FileSize, EndsAt16TiB) {
  TestVolume volume;
  const Ino file = volume.create("f");
  const std::string text = "ab";
  const auto bytes = std::as_bytes(std::span(text));
  EXPECT_EQ(volume->write(file, VEXFS_FILE_SIZE_MAX, bytes, 0).error(), EFBIG);
  EXPECT_EQ(volume->write(file, VEXFS_FILE_SIZE_MAX, {}, 0).value(), 0U);
  EXPECT_EQ(volume->write(file, VEXFS_FILE_SIZE_MAX - 1, bytes, 0).value(), 1U);
  EXPECT_EQ(volume.inode(file).size, VEXFS_FILE_SIZE_MAX);
  posix::SetAttr change;
  change.size = VEXFS_FILE_SIZE_MAX + 1;
  EXPECT_EQ(volume->setattr(file, change).error(), EFBIG);
}

TEST(SetId, IsClearedByTheFirstBlockOnly) {
  TestVolume volume;
  const Ino file = volume->mknod(1, "f", regular(06777))->ino;
  const std::string text = "x";
  ASSERT_TRUE(volume->write(file, 0, std::as_bytes(std::span(text)), S_ISUID));
  EXPECT_EQ(volume.inode(file).mode, 0102777);
}

TEST(Clock, IsZeroAtMountAndSetByCommand) {
  TestVolume volume;
  EXPECT_EQ(volume->getattr(volume.create("a"))->mtime, (Timestamp{0, 0}));
  ASSERT_TRUE(volume->control("clock -1"));
  EXPECT_EQ(volume->getattr(volume.create("b"))->mtime, (Timestamp{-1, 999'999'999}));
  ASSERT_TRUE(volume->control("clock 1700000000123456789"));
  EXPECT_EQ(volume->getattr(volume.create("c"))->ctime, (Timestamp{1'700'000'000, 123'456'789}));
  volume.remount();
  EXPECT_EQ(volume->getattr(volume.create("d"))->mtime, (Timestamp{0, 0}));
}

TEST(Control, RefusesWhatIsNoCommand) {
  TestVolume volume;
  for (const char* line : {"", "Sync", "sync ", "clock", "clock ", "clock x", "clock 1x",
                           "clock 99999999999999999999", "clock +1", "clock  1"})
    EXPECT_EQ(volume->control(line).error(), EINVAL) << line;
  volume.remount({.manual_clock = false});
  EXPECT_EQ(volume->control("clock 1").error(), EPERM);
}

}  // namespace
}  // namespace vexfs::model::test
