// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "reference/model/tests/test_volume.h"

namespace vexfs::model::test {
namespace {

// Fills the volume to the last block; answers how many blocks the file has then.
std::uint64_t fill(TestVolume& volume, Ino file) {
  const std::string data(64 * kBlockSize, 'f');
  for (std::uint64_t offset = 0;;) {
    const auto written = volume->write(file, offset, std::as_bytes(std::span(data)), 0);
    if (!written) {
      EXPECT_EQ(written.error(), ENOSPC);
      return offset / kBlockSize;
    }
    offset += *written;
  }
}

TEST(Space, EndsWithAShortWriteAndThenEnospc) {
  TestVolume volume;
  const Ino file = volume.create("f");
  const auto blocks = fill(volume, file);
  EXPECT_EQ(volume->statfs()->free_blocks, 0U);
  EXPECT_EQ(blocks, volume.inside().super.data.blocks - 1) << "one block is the root's";
  EXPECT_EQ(inconsistency(volume.inside()), "");
}

TEST(Space, AFailedOperationChangesNothing) {
  TestVolume volume;
  fill(volume, volume.create("f"));
  ASSERT_TRUE(volume->checkpoint());
  const Image before = volume.image();
  const auto state = volume.inside().state;
  const std::string target(200, 't');
  EXPECT_EQ(volume->symlink(1, "long", target, {0777, 0, 0, 0}).error(), ENOSPC);
  EXPECT_EQ(volume.inside().state.next_unit, state.next_unit);
  EXPECT_EQ(volume.inside().state.inode_cursor, state.inode_cursor);
  ASSERT_TRUE(volume->sync());
  EXPECT_EQ(volume.image(), before);
  EXPECT_TRUE(volume->symlink(1, "short", "t", {0777, 0, 0, 0}));
}

TEST(Space, FreedBlocksAreParkedUntilACheckpoint) {
  TestVolume volume;
  const Ino file = volume.create("f");
  volume.write_blocks(file, 0, 3);
  volume.truncate(file, 0);
  EXPECT_EQ(volume.inside().parked.count(), 3U);
  volume.write_blocks(file, 0, 1);
  EXPECT_EQ(volume.inside().parked.count(), 3U) << "the freed blocks are passed over";
  ASSERT_TRUE(volume->checkpoint());
  EXPECT_EQ(volume.inside().parked.count(), 0U);
}

TEST(Space, ParkedBlocksAreReleasedWhenTheyAreNeeded) {
  TestVolume volume;
  const Ino file = volume.create("f");
  fill(volume, file);
  volume.truncate(file, 10 * kBlockSize);
  const Ino other = volume.create("g");
  volume.write_blocks(other, 0, 100);
  EXPECT_EQ(inconsistency(volume.inside()), "");
}

TEST(Space, AnOrphanIsReclaimedWhenItsBlocksAreNeeded) {
  TestVolume volume;
  const Ino file = volume.create("f");
  fill(volume, file);
  ASSERT_TRUE(volume->unlink(1, "f"));
  const Ino other = volume.create("g");
  volume.write_blocks(other, 0, 100);
  EXPECT_EQ(volume->getattr(file).error(), ESTALE);
}

TEST(Space, ManyFreedBlocksTriggerACheckpoint) {
  auto geometry = small_geometry();
  geometry.checkpoint_freed = 4;
  TestVolume volume(geometry);
  const Ino file = volume.create("f");
  volume.write_blocks(file, 0, 4);
  volume.truncate(file, 0);
  EXPECT_EQ(volume.inside().parked.count(), 4U);
  ASSERT_TRUE(volume->sync());
  EXPECT_EQ(volume.inside().parked.count(), 0U);
}

TEST(Strict, FreedBlocksAreZeroAfterTheCheckpoint) {
  for (const DataMode data : {DataMode::kOrdered, DataMode::kJournal}) {
    TestVolume volume(small_geometry(), {.data = data, .strict = true});
    const Ino dir = volume.mkdir("d");
    volume.create("f", dir);
    const Ino file = volume.create("g");
    volume.write_blocks(file, 0, 5);
    ASSERT_TRUE(volume->unlink(dir, "f"));
    ASSERT_TRUE(volume->rmdir(1, "d"));
    ASSERT_TRUE(volume->unlink(1, "g"));
    volume.unmount();
    const auto super = get<vexfs_superblock>(volume.image());
    // The root's own block is the first of the data region.
    const auto rest =
        std::span(volume.image())
            .subspan((super.data.start + 1) * kBlockSize, (super.data.blocks - 1) * kBlockSize);
    EXPECT_TRUE(
        std::all_of(rest.begin(), rest.end(), [](std::byte b) { return b == std::byte{0}; }));
  }
}

}  // namespace
}  // namespace vexfs::model::test
