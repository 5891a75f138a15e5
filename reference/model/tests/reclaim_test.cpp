// SPDX-License-Identifier: MIT
#include "reference/model/reclaim.h"

#include <set>

#include <gtest/gtest.h>

#include "reference/model/bitmap.h"
#include "reference/model/tests/test_volume.h"

namespace vexfs::model::test {
namespace {

bool in_use(const TestVolume& volume, Ino ino) {
  return test_bit(volume.inside().store, volume.inside().super.inode_bitmap, ino);
}

TEST(Orphans, AreReclaimedAtTheNextSyncPoint) {
  TestVolume volume;
  const Ino file = volume.create("f");
  volume.write_blocks(file, 0, 3);
  const auto free_before = volume->statfs()->free_blocks;
  ASSERT_TRUE(volume->unlink(1, "f"));
  EXPECT_TRUE(in_use(volume, file));
  EXPECT_EQ(volume->statfs()->free_blocks, free_before);
  ASSERT_TRUE(volume->sync());
  EXPECT_FALSE(in_use(volume, file));
  EXPECT_EQ(volume->statfs()->free_blocks, free_before + 3);
  EXPECT_EQ(volume->getattr(file).error(), ESTALE);
}

TEST(Orphans, StayWhileARegularFileIsOpen) {
  TestVolume volume;
  const Ino file = volume.create("f");
  ASSERT_TRUE(volume->open(file));
  ASSERT_TRUE(volume->unlink(1, "f"));
  ASSERT_TRUE(volume->sync());
  volume.write(file, 0, "still there");
  EXPECT_EQ(volume.read(file, 0, 99), "still there");
  volume->release(file);
  EXPECT_TRUE(in_use(volume, file)) << "the release itself reclaims nothing";
  ASSERT_TRUE(volume->sync());
  EXPECT_FALSE(in_use(volume, file));
}

TEST(Orphans, OfOtherTypesGoAlthoughSomebodyStandsInThem) {
  TestVolume volume;
  const Ino dir = volume.mkdir("d");
  ASSERT_TRUE(volume->open(dir));
  ASSERT_TRUE(volume->rmdir(1, "d"));
  ASSERT_TRUE(volume->sync());
  EXPECT_EQ(volume->getattr(dir).error(), ESTALE);
}

TEST(Orphans, OpenAtACrashAreReclaimedByRecovery) {
  TestVolume volume;
  const Ino file = volume.create("f");
  volume.write_blocks(file, 0, 3);
  ASSERT_TRUE(volume->open(file));
  ASSERT_TRUE(volume->unlink(1, "f"));
  ASSERT_TRUE(volume->sync());
  volume.crash();
  EXPECT_FALSE(in_use(volume, file));
  EXPECT_EQ(inconsistency(volume.inside()), "");
}

Geometry small_pieces() {
  auto geometry = small_geometry();
  geometry.unit_extents = 2;
  geometry.unit_blocks = 5;
  return geometry;
}

TEST(Pieces, AShortTruncationIsOneUnit) {
  TestVolume volume(small_pieces());
  const Ino file = volume.create("f");
  volume.write_blocks(file, 0, 20);
  const auto units = volume.inside().state.next_unit;
  volume.truncate(file, 15 * kBlockSize);
  EXPECT_EQ(volume.inside().state.next_unit, units + 1);
}

TEST(Pieces, ALongTruncationIsOneUnitAndOneForEachPiece) {
  TestVolume volume(small_pieces());
  const Ino file = volume.create("f");
  volume.write_blocks(file, 0, 20);
  const auto units = volume.inside().state.next_unit;
  const auto events = volume.inside().state.next_event;
  volume.truncate(file, 1);
  // 19 blocks, 5 in a piece.
  EXPECT_EQ(volume.inside().state.next_unit, units + 1 + 4);
  EXPECT_EQ(volume.inside().state.next_event, events + 1);
  EXPECT_EQ(volume.inode(file).flags, 0U);
  EXPECT_EQ(inconsistency(volume.inside()), "");
}

TEST(Pieces, UnitExtentsLimitAPieceToo) {
  TestVolume volume(small_pieces());
  const Ino file = volume.create("f");
  for (std::uint64_t lblk = 0; lblk < 10; lblk += 2) volume.write_blocks(file, lblk, 1);
  const auto units = volume.inside().state.next_unit;
  volume.truncate(file, 0);
  EXPECT_EQ(volume.inside().state.next_unit, units + 1 + 3) << "5 extents, 2 in a piece";
}

TEST(Pieces, ATruncationThatACrashInterruptsIsFinishedByRecovery) {
  auto geometry = small_pieces();
  geometry.tx_units = 2;  // each pair of units a transaction of its own
  TestVolume volume(geometry);
  const Ino file = volume.create("f");
  volume.write_blocks(file, 0, 40);
  ASSERT_TRUE(volume->sync());
  const Image before = volume.image();
  volume.truncate(file, 1);
  const Image after = volume.image();
  ASSERT_NE(before, after);

  // The log block by block: each cut leaves a prefix of the transactions.
  const auto& super = volume.inside().super;
  Image cut = before;
  std::set<std::uint64_t> sizes;
  for (std::uint64_t i = 0; i < super.log.blocks; ++i) {
    const auto at = static_cast<std::ptrdiff_t>((super.log.start + i) * kBlockSize);
    std::copy(after.begin() + at, after.begin() + at + kBlockSize, cut.begin() + at);
    Image crashed = cut;
    auto recovered = Volume::mount(crashed, {});
    ASSERT_TRUE(recovered);
    EXPECT_EQ(inconsistency((*recovered)->inside()), "");
    const auto attr = (*recovered)->getattr(file);
    ASSERT_TRUE(attr);
    EXPECT_EQ(attr->blocks, attr->size == 1 ? 1U : 40U);
    sizes.insert(attr->size);
  }
  EXPECT_EQ(sizes, (std::set<std::uint64_t>{1, 40 * kBlockSize}));
}

TEST(Pieces, ReclaimOfALargeFileIsSeveralUnits) {
  TestVolume volume(small_pieces());
  const Ino file = volume.create("f");
  volume.write_blocks(file, 0, 12);
  ASSERT_TRUE(volume->sync());
  ASSERT_TRUE(volume->unlink(1, "f"));
  const auto units = volume.inside().state.next_unit;
  ASSERT_TRUE(volume->sync());
  EXPECT_EQ(volume.inside().state.next_unit, units + 3);
  EXPECT_FALSE(in_use(volume, file));
}

}  // namespace
}  // namespace vexfs::model::test
