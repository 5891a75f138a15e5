// SPDX-License-Identifier: MIT
// Two volumes that differ in one field are told apart by its name.
#include "harness/diff/compare_volumes.h"

#include <gmock/gmock.h>

#include "reference/tools/mutate/mutator.h"
#include "reference/tools/testing/volume_builder.h"

namespace vexfs::parity {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;
using tools::Mutator;
using tools::Reseal;

std::vector<std::string> texts(const std::vector<Difference>& differences) {
  std::vector<std::string> list;
  for (const Difference& difference : differences) list.push_back(difference.text());
  return list;
}

class CompareVolumes : public testing::Test {
 protected:
  // Changes a field of the right volume; its checksum stays right.
  void change(const std::string& path, std::uint64_t value) {
    const auto mutation = mutator_.set(right_, path, value, Reseal::kYes);
    ASSERT_TRUE(mutation) << mutation.error();
  }
  std::vector<std::string> compare(const CompareOptions& options = {}) const {
    return texts(compare_volumes(left_, right_, options));
  }

  const std::vector<std::byte> left_ = tools::sample_volume();
  std::vector<std::byte> right_ = left_;
  const Mutator mutator_ = Mutator::open(left_).value();
};

TEST_F(CompareVolumes, EqualVolumesHaveNoDifference) { EXPECT_THAT(compare(), IsEmpty()); }

TEST_F(CompareVolumes, NamesAFieldOfAnInode) {
  change("inode 2 › nlink", 2);
  EXPECT_THAT(compare(), ElementsAre("inode 2 › nlink: 1 / 2 @ 0xf1208"));
}

TEST_F(CompareVolumes, NamesTheChecksumIfNothingElseDiffers) {
  ASSERT_TRUE(mutator_.set(right_, "inode 2 › crc", 0, Reseal::kNo));
  EXPECT_THAT(compare(), ElementsAre(StartsWith("inode 2 › crc: ")));
}

TEST_F(CompareVolumes, AnInodeOnOneSideOnlyIsOneDifference) {
  std::fill_n(right_.begin() + 0xf1200, 256, std::byte{0});
  EXPECT_THAT(compare(), ElementsAre("inode 2: 0100644, nlink 1, size 12288, generation 2 / free "
                                     "@ 0xf1200"));
}

TEST_F(CompareVolumes, NamesAFieldOfADirectoryRecord) {
  change("dir 1 › block 0 › record @24 \"dir\" › ino", 7);
  EXPECT_THAT(compare(),
              ElementsAre("dir 1 › block 0 › record @24 \"dir\" › ino: 3 / 7 @ 0xf9018"));
}

TEST_F(CompareVolumes, NamesRecordsThatAreNotTheSame) {
  change("dir 1 › block 0 › record @24 \"dir\" › name", 'x' | 'y' << 8 | 'z' << 16);
  EXPECT_THAT(compare(), ElementsAre("dir 1 › block 0 › record @24: \"dir\" ino 3, type 4, length "
                                     "16 / \"xyz\" ino 3, type 4, length 16 @ 0xf9018"));
}

TEST_F(CompareVolumes, NamesABitOfABitmap) {
  change("block bitmap @ block 238 › blocks 960 to 1023", 1ULL << 63 | 1);
  EXPECT_THAT(compare(), testing::Contains("block bitmap › block 960: clear / set @ 0xee078"));
}

TEST_F(CompareVolumes, NamesAnExtentInANode) {
  change("inode 9 › node 253 › extent 1 › pblk", 999);
  EXPECT_THAT(compare(),
              ElementsAre(StartsWith("inode 9 › node 253 › extent 1 › pblk: 255 / 999")));
}

TEST_F(CompareVolumes, NamesAFieldOfAnEvent) {
  change("event 1 › ino", 5);
  EXPECT_THAT(compare(), ElementsAre("event 1 › ino: 2 / 5 @ 0xe6020"));
}

TEST_F(CompareVolumes, NamesTheFileOfADataBlock) {
  right_[248 * 4096 + 100] = std::byte{'X'};
  EXPECT_THAT(compare(),
              ElementsAre("inode 2 › data block 2 @ block 248 › bytes 100 to 100: 66 / 58 @ "
                          "0xf8064"));
}

TEST_F(CompareVolumes, FreeBlocksCountOnlyWhenAsked) {
  right_[1000 * 4096] = std::byte{1};
  EXPECT_THAT(compare(), IsEmpty());
  EXPECT_THAT(compare({.skip_free_blocks = false}),
              ElementsAre(StartsWith("free block 1000 › bytes 0 to 0: 00 / 01")));
  EXPECT_THAT(compare({.raw = true}),
              ElementsAre(StartsWith("block 1000 › bytes 0 to 0: 00 / 01")));
}

TEST_F(CompareVolumes, AnchorsComeFirstThenEventsThenTheRest) {
  change("superblock › label", 'x');
  change("inode 2 › nlink", 2);
  change("event 1 › ino", 5);
  change("anchor @ block 2 › tail", 5);
  EXPECT_THAT(compare(),
              ElementsAre(StartsWith("anchor @ block 2 › tail: 1 / 5"), StartsWith("event 1 › ino"),
                          StartsWith("superblock › label"), StartsWith("inode 2 › nlink")));
}

TEST_F(CompareVolumes, StopsAtTheLimit) {
  for (auto& byte : std::span(right_).subspan(247 * 4096, 2 * 4096)) byte = std::byte{1};
  EXPECT_EQ(compare().size(), 2U);
  EXPECT_EQ(compare({.max_differences = 1}).size(), 1U);
}

TEST_F(CompareVolumes, VolumesOfDifferentShapeDifferInTheSuperblock) {
  auto geometry = tools::sample_geometry();
  geometry.inodes = 80;
  right_ = tools::VolumeBuilder(geometry).finish();
  EXPECT_THAT(compare(), testing::Contains(StartsWith("superblock › inodes: 64 / 80")));
}

TEST_F(CompareVolumes, WhatIsNoVolumeIsComparedByBlocks) {
  const std::vector<std::byte> zeros(8192);
  auto other = zeros;
  other[5000] = std::byte{9};
  EXPECT_THAT(compare_volumes(zeros, zeros), IsEmpty());
  EXPECT_THAT(texts(compare_volumes(zeros, other)),
              ElementsAre("block 1 › bytes 904 to 904: 00 / 09 @ 0x1388"));
  EXPECT_THAT(texts(compare_volumes(zeros, std::span(zeros).first(4096))),
              ElementsAre("image size: 8192 bytes / 4096 bytes"));
}

// Whatever field is changed, the difference lies at its place and nothing crashes.
TEST(CompareMutatedVolumes, EveryChangeIsFoundAtItsPlace) {
  const auto volume = tools::dirty_sample_volume();
  const auto mutator = Mutator::open(volume).value();
  auto image = volume;
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    const auto mutation = mutator.mutate(image, seed, seed % 2 == 0 ? Reseal::kYes : Reseal::kNo);
    SCOPED_TRACE(mutation.text());
    EXPECT_FALSE(compare_volumes(volume, image).empty());
    EXPECT_FALSE(compare_volumes(image, volume).empty());
    Mutator::undo(image, mutation);
  }
}

}  // namespace
}  // namespace vexfs::parity
