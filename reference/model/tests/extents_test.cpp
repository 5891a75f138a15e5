// SPDX-License-Identifier: MIT
#include "reference/model/extents.h"

#include <random>

#include <gtest/gtest.h>

#include "reference/model/extent_node.h"
#include "reference/model/tests/test_volume.h"

namespace vexfs::model::test {
namespace {

Geometry with_fanout(std::uint32_t fanout) {
  auto geometry = small_geometry();
  geometry.extent_fanout = fanout;
  return geometry;
}

class Extents : public testing::Test {
 protected:
  // "(d1 (0+1 2+1) (8+1))": nodes in parentheses, extents as first+length.
  std::string tree(Ino ino) {
    const auto inode = volume_.inode(ino);
    return print(ino, inode_node(volume_.inside(), inode).value());
  }
  std::string print(Ino ino, const Node& node) {
    std::string text = "(";
    for (std::size_t at = 0; at < node.entries.size(); ++at) {
      if (at > 0) text += " ";
      if (node.depth == 0)
        text += std::to_string(node.entries[at].lblk) + "+" + std::to_string(node.entries[at].len);
      else
        text += print(ino, child_node(volume_.inside(), ino, node, at).value());
    }
    return text + ")";
  }
  void write(std::uint64_t lblk) { volume_.write_blocks(file_, lblk, 1); }

  TestVolume volume_{with_fanout(4)};
  Ino file_ = volume_.create("f");
};

TEST_F(Extents, NeighboursJoinWhenTheyAreNeighboursOnTheVolumeToo) {
  volume_.write_blocks(file_, 0, 3);
  EXPECT_EQ(tree(file_), "(0+3)");
  const Ino other = volume_.create("g");
  volume_.write_blocks(other, 0, 1);  // takes the block behind
  volume_.write_blocks(file_, 3, 1);
  EXPECT_EQ(tree(file_), "(0+3 3+1)");
}

TEST_F(Extents, ABlockBetweenTwoJoinsBoth) {
  // With all else in use, the block that was freed between two others is the lowest.
  volume_.write_blocks(file_, 0, 1);
  volume_.write_blocks(file_, 1, 1);
  volume_.write_blocks(file_, 2, 1);
  EXPECT_EQ(tree(file_), "(0+3)");
  EXPECT_EQ(volume_.inode(file_).blocks, 3U);
}

TEST_F(Extents, TheLowestBlockIsTakenWhereThereIsNoPredecessor) {
  write(4);
  write(0);
  const auto extents =
      extents_between(volume_.inside(), file_, volume_.inode(file_), 0, UINT64_MAX).value();
  ASSERT_EQ(extents.size(), 2U);
  EXPECT_EQ(extents[0].start, extents[1].start + 1);
}

TEST_F(Extents, GrowsANodeWhenTheInodeIsFullAndSplitsOnTheRightEdge) {
  for (std::uint64_t lblk = 0; lblk <= 6; lblk += 2) write(lblk);
  EXPECT_EQ(tree(file_), "(0+1 2+1 4+1 6+1)");
  write(8);  // the full inode becomes a full node, which splits at once: the new entry alone on the
             // right
  EXPECT_EQ(tree(file_), "((0+1 2+1 4+1 6+1) (8+1))");
  EXPECT_EQ(volume_.inode(file_).depth, 1U);
  EXPECT_EQ(volume_.inode(file_).blocks, 5U + 2);
}

TEST_F(Extents, SplitsInTheMiddleElsewhere) {
  for (std::uint64_t lblk = 10; lblk <= 40; lblk += 10) write(lblk);
  write(25);  // at 2 of 4: the left half has room for it at its end
  EXPECT_EQ(tree(file_), "((10+1 20+1 25+1) (30+1 40+1))");
  write(5);
  EXPECT_EQ(tree(file_), "((5+1 10+1 20+1 25+1) (30+1 40+1))");
  write(22);  // at 3: into the right half, at 1
  EXPECT_EQ(tree(file_), "((5+1 10+1) (20+1 22+1 25+1) (30+1 40+1))");
  write(1);
  write(3);
  EXPECT_EQ(tree(file_), "((1+1 3+1 5+1 10+1) (20+1 22+1 25+1) (30+1 40+1))");
  write(0);  // a new first key, and the key above it follows; 0 joins 1? only if it lies in front
             // of it: no
  EXPECT_EQ(tree(file_), "((0+1 1+1 3+1) (5+1 10+1) (20+1 22+1 25+1) (30+1 40+1))");
  EXPECT_EQ(inconsistency(volume_.inside()), "");
}

TEST_F(Extents, ASecondLevelAppearsWhenTheInodeIsFullAgain) {
  for (std::uint64_t lblk = 0; lblk < 34; lblk += 2) write(lblk);
  EXPECT_EQ(volume_.inode(file_).depth, 2U);
  EXPECT_EQ(tree(file_),
            "(((0+1 2+1 4+1 6+1) (8+1 10+1 12+1 14+1) (16+1 18+1 20+1 22+1) "
            "(24+1 26+1 28+1 30+1)) ((32+1)))");
}

TEST_F(Extents, RemovingFromTheEndDropsEmptyNodesButNoLevel) {
  for (std::uint64_t lblk = 0; lblk < 34; lblk += 2) write(lblk);
  volume_.truncate(file_, 3 * kBlockSize);
  EXPECT_EQ(tree(file_), "(((0+1 2+1)))");
  EXPECT_EQ(volume_.inode(file_).depth, 2U);
  volume_.truncate(file_, 0);
  EXPECT_EQ(tree(file_), "()");
  EXPECT_EQ(volume_.inode(file_).depth, 0U);
  EXPECT_EQ(volume_.inode(file_).blocks, 0U);
  EXPECT_EQ(inconsistency(volume_.inside()), "");
}

TEST_F(Extents, ATreeThatWouldNeedAFifthLevelIsEfbigAndChangesNothing) {
  // Descending, every split leaves half of a node empty, so few extents make a deep tree.
  const std::string block(kBlockSize, 'x');
  int error = 0;
  std::uint64_t lblk = 1000;
  std::uint64_t free_blocks = 0;
  for (; error == 0 && lblk > 0; lblk -= 2) {
    free_blocks = volume_->statfs()->free_blocks;
    const auto done = volume_->write(file_, lblk * kBlockSize, std::as_bytes(std::span(block)), 0);
    if (!done) error = done.error();
  }
  EXPECT_EQ(error, EFBIG);
  EXPECT_EQ(volume_.inode(file_).depth, 4U);
  EXPECT_EQ(volume_->statfs()->free_blocks, free_blocks);
  EXPECT_EQ(inconsistency(volume_.inside()), "");
  volume_.write_blocks(file_, 1001, 1);  // elsewhere there is room
}

TEST_F(Extents, RandomWritesAndTruncationsReadBackAsAPlainArrayDoes) {
  std::mt19937 random(7);
  std::string expected;
  for (int step = 0; step < 600; ++step) {
    if (random() % 10 == 0) {
      const std::size_t size = random() % (200 * kBlockSize);
      volume_.truncate(file_, size);
      expected.resize(size);
    } else {
      const std::size_t offset = random() % (200 * kBlockSize);
      const std::string text(1 + random() % 6000, static_cast<char>('a' + step % 26));
      volume_.write(file_, offset, text);
      if (expected.size() < offset + text.size()) expected.resize(offset + text.size());
      expected.replace(offset, text.size(), text);
    }
    if (step % 50 == 0) {
      ASSERT_EQ(inconsistency(volume_.inside()), "") << step;
    }
  }
  EXPECT_EQ(volume_.read(file_, 0, expected.size() + 1), expected);
  volume_.remount();
  EXPECT_EQ(volume_.read(file_, 0, expected.size() + 1), expected);
}

}  // namespace
}  // namespace vexfs::model::test
