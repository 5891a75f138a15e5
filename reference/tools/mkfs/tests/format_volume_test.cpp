// SPDX-License-Identifier: MIT
// A fresh volume, byte for byte.
#include "reference/tools/mkfs/format_volume.h"

#include <gmock/gmock.h>

#include "reference/contract/inode.h"
#include "reference/tools/inspect/layout.h"

namespace vexfs::tools {
namespace {

Geometry small_geometry() {
  Geometry geometry;
  geometry.blocks = 1024;
  geometry.inodes = 100;
  geometry.uuid = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  geometry.label = "golden";
  geometry.uid = 7;
  geometry.gid = 8;
  geometry.time = 1234567890;
  return geometry;
}

TEST(Crc32c, HasTheCheckValueOfTheFormat) {
  EXPECT_EQ(crc32c(std::as_bytes(std::span("123456789", 9))), 0xe3069283);
}

// The bytes of a fresh volume are part of the format: a change here is a change of the format.
TEST(FormatVolume, GoldenChecksumOfWholeImage) {
  const auto image = make_volume(small_geometry());
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(crc32c(*image), 0x4bb5f636);
}

TEST(FormatVolume, RegionsFollowEachOtherWithoutGaps) {
  const auto super = make_superblock(small_geometry());
  ASSERT_TRUE(super);
  EXPECT_EQ(super->log.start, 3U);
  const vexfs_region regions[] = {super->log,          super->state,        super->ring,
                                  super->block_bitmap, super->inode_bitmap, super->orphan_bitmap,
                                  super->inode_table,  super->data};
  for (std::size_t i = 1; i < std::size(regions); ++i) {
    EXPECT_EQ(regions[i].start, end_of(regions[i - 1]));
  }
  EXPECT_EQ(end_of(super->data), super->blocks - 1);
  EXPECT_EQ(super->inode_table.blocks, (100U + 1 + 15) / 16);
}

TEST(FormatVolume, BothSuperblocksAreTheSameBytes) {
  const auto image = make_volume(small_geometry());
  const Bytes all(*image);
  EXPECT_TRUE(same_bytes(all.first(kBlockSize), all.last(kBlockSize)));
  EXPECT_EQ(load<std::uint32_t>(all), VEXFS_SUPER_MAGIC);
}

TEST(FormatVolume, RootDirectoryHasTheGivenOwnerAndTime) {
  const auto image = make_volume(small_geometry());
  const auto super = load<vexfs_superblock>(*image);
  const auto root = load<vexfs_inode>(*image, super.inode_table.start * kBlockSize + 256);
  EXPECT_EQ(root.mode, 040755);
  EXPECT_EQ(root.nlink, 2U);
  EXPECT_EQ(root.uid, 7U);
  EXPECT_EQ(root.gid, 8U);
  EXPECT_EQ(root.mtime, 1234567890U);
  EXPECT_EQ(root.home, 1U);
}

TEST(FormatVolume, OnlyDataBlocksAndUnusedInodesAreFree) {
  const auto image = make_volume(small_geometry());
  const auto super = load<vexfs_superblock>(*image);
  const Bytes blocks = Bytes(*image).subspan(super.block_bitmap.start * kBlockSize, kBlockSize);
  const Bytes inodes = Bytes(*image).subspan(super.inode_bitmap.start * kBlockSize, kBlockSize);
  for (std::uint64_t bit = 0; bit < VEXFS_BITS_PER_BLOCK; ++bit) {
    EXPECT_EQ(bit_is_set(blocks, bit), !contains(super.data, bit)) << bit;
    EXPECT_EQ(bit_is_set(inodes, bit), bit < 2 || bit > 100) << bit;
  }
}

TEST(FormatVolume, LeavesTheDataRegionAlone) {
  std::vector<std::byte> image(1024 * kBlockSize, std::byte{0xaa});
  const auto super = format_volume(image, small_geometry());
  ASSERT_TRUE(super);
  const Bytes data =
      Bytes(image).subspan(super->data.start * kBlockSize, super->data.blocks * kBlockSize);
  EXPECT_TRUE(std::ranges::all_of(data, [](std::byte byte) { return byte == std::byte{0xaa}; }));
  const Bytes before =
      Bytes(image).subspan(super->log.start * kBlockSize, super->log.blocks * kBlockSize);
  EXPECT_TRUE(all_zero(before));
}

TEST(FormatVolume, RefusesAnImageThatIsTooSmall) {
  std::vector<std::byte> image(1023 * kBlockSize);
  const auto super = format_volume(image, small_geometry());
  ASSERT_FALSE(super);
  EXPECT_THAT(super.error().message, testing::HasSubstr("give a larger image"));
}

}  // namespace
}  // namespace vexfs::tools
