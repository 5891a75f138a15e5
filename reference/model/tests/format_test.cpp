// SPDX-License-Identifier: MIT
#include "reference/model/format.h"

#include <gtest/gtest.h>

#include "reference/model/checksum.h"
#include "reference/model/tests/test_volume.h"

namespace vexfs::model::test {
namespace {

TEST(Format, GoldenBytesOfASmallVolume) {
  // Changes only when docs/format.md does.
  EXPECT_EQ(crc32c(make_image(small_geometry())), 883084066U);
}

TEST(Format, LaysTheRegionsOutWithoutGaps) {
  const Image image = make_image(small_geometry());
  const auto super = get<vexfs_superblock>(image);

  EXPECT_EQ(super.log.start, 3U);
  // tx_max: 16 tx_blocks + 32 + 4 * 16, of 4120 bytes each, and 80 more: 113 blocks; the log has
  // twice that.
  EXPECT_EQ(largest_transaction(super), 113U);
  EXPECT_EQ(super.log.blocks, 226U);
  EXPECT_EQ(super.state.start, 229U);
  EXPECT_EQ(super.ring.start, 230U);
  EXPECT_EQ(super.ring.blocks, 16U);
  EXPECT_EQ(super.block_bitmap.start, 246U);
  EXPECT_EQ(super.inode_bitmap.start, 247U);
  EXPECT_EQ(super.orphan_bitmap.start, 248U);
  EXPECT_EQ(super.inode_table.start, 249U);
  EXPECT_EQ(super.inode_table.blocks, 17U);
  EXPECT_EQ(super.data.start, 266U);
  EXPECT_EQ(super.data.blocks, 2048U - 1 - 266);
}

TEST(Format, BothSuperblocksAreTheSameBytes) {
  const Image image = make_image(small_geometry());
  const auto first = std::span(image).first(kBlockSize);
  const auto last = std::span(image).last(kBlockSize);
  EXPECT_TRUE(std::equal(first.begin(), first.end(), last.begin()));
}

TEST(Format, LeavesTheDataRegionAlone) {
  Image image(2048 * kBlockSize, std::byte{0xee});
  ASSERT_TRUE(format(image, small_geometry()));
  EXPECT_EQ(image[266 * kBlockSize], std::byte{0xee});
  EXPECT_EQ(image[2047 * kBlockSize - 1], std::byte{0xee});
}

TEST(Format, RefusesWhatCannotBe) {
  Image image(2048 * kBlockSize);
  auto geometry = small_geometry();
  geometry.log_blocks = 100;
  EXPECT_FALSE(format(image, geometry))
      << "the largest transaction needs 113 blocks in half the log";
  geometry = small_geometry();
  geometry.inodes = 7;
  EXPECT_FALSE(format(image, geometry));
  geometry = small_geometry();
  geometry.blocks = 200;
  EXPECT_FALSE(format(image, geometry)) << "no room for data";
  geometry.blocks = 4096;
  EXPECT_FALSE(format(image, geometry)) << "larger than the image";
  EXPECT_EQ(image, Image(2048 * kBlockSize)) << "a refused mkfs writes nothing";
}

TEST(Mount, OfAFreshVolumeChangesNoByteAndShowsAnEmptyRoot) {
  TestVolume volume;
  const Image before = volume.image();
  const auto root = volume->getattr(posix::kRootIno);
  ASSERT_TRUE(root);
  EXPECT_EQ(root->mode, 040755U);
  EXPECT_EQ(root->nlink, 2U);
  EXPECT_EQ(root->size, 0U);
  EXPECT_EQ(inconsistency(volume.inside()), "");
  volume.unmount();
  EXPECT_EQ(volume.image(), before);
}

struct Damage {
  const char* what;
  std::size_t byte;
  int error;
};

class MountRefuses : public testing::TestWithParam<Damage> {};

TEST_P(MountRefuses, ADamagedVolume) {
  Image image = make_image(small_geometry());
  image[GetParam().byte] ^= std::byte{1};
  if (std::string_view(GetParam().what) == "anchors") image[2 * kBlockSize + 8] ^= std::byte{1};
  const auto volume = Volume::mount(image, {});
  ASSERT_FALSE(volume);
  EXPECT_EQ(volume.error(), GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(All, MountRefuses,
                         testing::Values(Damage{"magic", 0, EINVAL},
                                         Damage{"checksum", 60, EUCLEAN},
                                         Damage{"anchors", kBlockSize + 8, EUCLEAN},
                                         Damage{"state", 229 * kBlockSize + 8, EUCLEAN},
                                         Damage{"root", 249 * kBlockSize + 256 + 8, EUCLEAN}),
                         [](const auto& damage) { return damage.param.what; });

TEST(Mount, RefusesAVolumeThatIsLongerThanItsDevice) {
  Image image = make_image(small_geometry());
  image.resize(image.size() - kBlockSize);
  EXPECT_EQ(Volume::mount(image, {}).error(), EUCLEAN);
}

}  // namespace
}  // namespace vexfs::model::test
