// SPDX-License-Identifier: MIT
// The rules of docs/format.md, "Extents" and "Block allocation", seen on the volume.
#include <cerrno>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fuse/core/tests/test_volume.h"

namespace vexfs::core::testing {
namespace {

using ::testing::ElementsAre;

MATCHER_P3(Extent, lblk, len, pblk, "") {
  return arg.lblk == static_cast<uint32_t>(lblk) && arg.len == static_cast<uint32_t>(len) &&
         arg.pblk == static_cast<uint64_t>(pblk);
}

/** A volume with one file; after finish() its image can be read. The root's directory block is the
 * first data block. */
class Extents : public ::testing::Test {
 protected:
  Extents() : image_(make_image(small())), volume_(mount(image_)) {
    data_ = super_of(image_).data.start;
    ino_ = make_file(*volume_, "file");
  }
  void write(std::initializer_list<uint64_t> blocks) {
    for (const uint64_t lblk : blocks) put_block(*volume_, ino_, lblk);
  }
  void finish() {
    ASSERT_EQ(error_of(volume_->unmount()), 0);
    ASSERT_EQ(fsck(image_), "");
  }

  Image image_;
  std::unique_ptr<Volume> volume_;
  uint64_t data_ = 0;
  InodeNumber ino_ = 0;
};

TEST_F(Extents, NeighboursInFileAndVolumeJoin) {
  write({0, 1, 2});
  finish();
  EXPECT_THAT(entries_of(image_, ino_), ElementsAre(Extent(0, 3, data_ + 1)));
  EXPECT_EQ(inode_of(image_, ino_).blocks, 3U);
}

TEST_F(Extents, ABlockBetweenTwoExtentsMakesThemOne) {
  // 0 takes data_ + 1; 2 has no goal (1 is not mapped) and takes the lowest, data_ + 2; 1 follows
  // 0, but that block is taken, so it takes data_ + 3 and joins nothing.
  write({0, 2, 1});
  finish();
  EXPECT_THAT(
      entries_of(image_, ino_),
      ElementsAre(Extent(0, 1, data_ + 1), Extent(1, 1, data_ + 3), Extent(2, 1, data_ + 2)));
}

TEST_F(Extents, ABlockJoinsItsSuccessor) {
  const InodeNumber other = make_file(*volume_, "other");
  put_block(*volume_, other, 0);  // data_ + 1
  write({5});                     // data_ + 2
  ASSERT_EQ(error_of(volume_->unlink(VEXFS_ROOT_INO, "other")), 0);
  ASSERT_EQ(error_of(volume_->checkpoint()), 0);
  write({4});  // 3 is not mapped: the lowest, data_ + 1, which precedes 5's block
  finish();
  EXPECT_THAT(entries_of(image_, ino_), ElementsAre(Extent(4, 2, data_ + 1)));
}

TEST_F(Extents, TheGoalIsTheBlockAfterThePreviousOne) {
  const InodeNumber other = make_file(*volume_, "other");
  put_block(*volume_, other, 0);  // data_ + 1
  write({0});                     // data_ + 2
  ASSERT_EQ(error_of(volume_->unlink(VEXFS_ROOT_INO, "other")), 0);
  ASSERT_EQ(error_of(volume_->checkpoint()), 0);
  write({1});  // goal data_ + 3, although data_ + 1 is lower and free
  finish();
  EXPECT_THAT(entries_of(image_, ino_), ElementsAre(Extent(0, 2, data_ + 2)));
}

TEST_F(Extents, AFreedBlockIsParkedUntilTheCheckpoint) {
  write({0});
  ASSERT_TRUE(volume_->setattr(ino_, {.size = 0}));
  EXPECT_EQ(volume_->statfs().free_blocks, super_of(image_).data.blocks - 1);
  write({0});  // data_ + 1 is parked
  ASSERT_EQ(error_of(volume_->checkpoint()), 0);
  write({2});  // now it is the lowest
  finish();
  EXPECT_THAT(entries_of(image_, ino_),
              ElementsAre(Extent(0, 1, data_ + 2), Extent(2, 1, data_ + 1)));
}

TEST_F(Extents, AFifthExtentMovesFourIntoANodeThatSplitsAtTheRightEdge) {
  write({0, 2, 4, 6, 8});  // blocks data_ + 1 .. + 4, then + 5 for the data, + 6 and + 7 for nodes
  finish();
  ASSERT_EQ(inode_of(image_, ino_).depth, 1);
  EXPECT_THAT(entries_of(image_, ino_),
              ElementsAre(Extent(0, 0, data_ + 6), Extent(8, 0, data_ + 7)));
  EXPECT_EQ(node_entries(image_, data_ + 6).size(), 4U) << "rightmost append leaves the left full";
  EXPECT_THAT(node_entries(image_, data_ + 7), ElementsAre(Extent(8, 1, data_ + 5)));
  EXPECT_EQ(inode_of(image_, ino_).blocks, 7U);
}

TEST_F(Extents, AMiddleInsertSplitsInHalves) {
  write({0, 2, 4, 6, 3});
  finish();
  const auto top = entries_of(image_, ino_);
  ASSERT_EQ(top.size(), 2U);
  // n = 4, m = 2, at = 2 (after 0 and 2): the entry stays left.
  EXPECT_THAT(
      node_entries(image_, top[0].pblk),
      ElementsAre(Extent(0, 1, data_ + 1), Extent(2, 1, data_ + 2), Extent(3, 1, data_ + 5)));
  EXPECT_THAT(node_entries(image_, top[1].pblk),
              ElementsAre(Extent(4, 1, data_ + 3), Extent(6, 1, data_ + 4)));
  EXPECT_EQ(top[1].lblk, 4U);
}

TEST_F(Extents, AnInsertBehindTheMiddleGoesRight) {
  write({0, 2, 4, 6, 5});
  finish();
  const auto top = entries_of(image_, ino_);
  EXPECT_EQ(node_entries(image_, top[0].pblk).size(), 2U);
  EXPECT_THAT(
      node_entries(image_, top[1].pblk),
      ElementsAre(Extent(4, 1, data_ + 3), Extent(5, 1, data_ + 5), Extent(6, 1, data_ + 4)));
}

TEST_F(Extents, ANewFirstKeyIsFollowedAbove) {
  write({10, 12, 14, 16, 18, 1});
  finish();
  const auto top = entries_of(image_, ino_);
  EXPECT_EQ(top[0].lblk, 1U);
  EXPECT_EQ(node_entries(image_, top[0].pblk)[0].lblk, 1U);
}

TEST_F(Extents, RemovalFreesEmptyNodesAndAnEmptyTreeHasNoDepth) {
  for (uint64_t lblk = 0; lblk < 80; lblk += 2) put_block(*volume_, ino_, lblk);
  ASSERT_TRUE(volume_->setattr(ino_, {.size = 0}));
  finish();
  EXPECT_EQ(inode_of(image_, ino_).depth, 0);
  EXPECT_EQ(inode_of(image_, ino_).blocks, 0U);
  EXPECT_EQ(state_of(image_).free_blocks, super_of(image_).data.blocks - 1);
}

TEST_F(Extents, ATreeOfFourLevelsIsFull) {
  // Appending single extents leaves full nodes: 4^5 = 1024 extents, more than this volume has
  // blocks; a file of every second block meets ENOSPC or EFBIG, and either way a short history is
  // left intact.
  int error = 0;
  uint64_t lblk = 0;
  for (; error == 0 && lblk < 4096; lblk += 2) {
    error = error_of(
        volume_->write(ino_, lblk * VEXFS_BLOCK_SIZE, std::as_bytes(std::span("x", 1)), false));
  }
  EXPECT_TRUE(error == ENOSPC || error == EFBIG) << error;
  finish();
}

TEST(ExtentLimit, EfbigWhenTheTreeIsAsDeepAsItMayBe) {
  Image image = make_image({"--blocks 8192", "--extent-fanout 4", "--inodes 64"});
  auto volume = mount(image);
  const InodeNumber ino = make_file(*volume, "file");
  int error = 0;
  uint64_t lblk = 0;
  for (; error == 0; lblk += 2) {
    error = error_of(
        volume->write(ino, lblk * VEXFS_BLOCK_SIZE, std::as_bytes(std::span("x", 1)), false));
  }
  EXPECT_EQ(error, EFBIG);
  EXPECT_EQ(lblk / 2 - 1, 1024U) << "4 entries in the inode and in each of 4 levels";
  ASSERT_EQ(error_of(volume->unmount()), 0);
  EXPECT_EQ(inode_of(image, ino).depth, 4);
  EXPECT_EQ(fsck(image), "");
}

TEST(Truncation, GoesInPiecesThatARecoveryContinues) {
  // unit_extents = 4: twelve extents go in three pieces, after a unit that only marks the inode.
  Image image = make_image(small());
  auto volume = mount(image);
  const InodeNumber ino = make_file(*volume, "file");
  for (uint64_t lblk = 0; lblk < 24; lblk += 2) put_block(*volume, ino, lblk);
  ASSERT_EQ(error_of(volume->checkpoint()), 0);
  const uint64_t before = state_of(image).next_unit;
  ASSERT_TRUE(volume->setattr(ino, {.size = 1}));
  ASSERT_EQ(error_of(volume->unmount()), 0);
  EXPECT_EQ(state_of(image).next_unit - before, 1U + 3U);
  EXPECT_EQ(inode_of(image, ino).flags, 0);
  EXPECT_EQ(inode_of(image, ino).blocks, 2U) << "the data and the one node that is left";
  EXPECT_EQ(fsck(image), "");
}

TEST(Truncation, InOnePieceIsOneUnit) {
  Image image = make_image(small());
  auto volume = mount(image);
  const InodeNumber ino = make_file(*volume, "file");
  for (uint64_t lblk = 0; lblk < 8; lblk += 2) put_block(*volume, ino, lblk);
  ASSERT_EQ(error_of(volume->checkpoint()), 0);
  const uint64_t before = state_of(image).next_unit;
  ASSERT_TRUE(volume->setattr(ino, {.size = 0}));
  ASSERT_EQ(error_of(volume->unmount()), 0);
  EXPECT_EQ(state_of(image).next_unit - before, 1U);
}

TEST(Truncation, ZeroesTheRestOfTheBlock) {
  for (const DataMode data : {DataMode::kOrdered, DataMode::kJournal}) {
    MountOptions options = manual();
    options.data = data;
    Image image = make_image(small());
    auto volume = mount(image, options);
    const InodeNumber ino = make_file(*volume, "file");
    put(*volume, ino, 0, "0123456789");
    ASSERT_TRUE(volume->setattr(ino, {.size = 4}));
    ASSERT_TRUE(volume->setattr(ino, {.size = 10}));
    EXPECT_EQ(contents(*volume, ino), std::string("0123\0\0\0\0\0\0", 10));
  }
}

}  // namespace
}  // namespace vexfs::core::testing
