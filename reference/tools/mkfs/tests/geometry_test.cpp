// SPDX-License-Identifier: MIT
// Defaults and limits of mkfs.
#include "reference/tools/mkfs/geometry.h"

#include <gmock/gmock.h>

#include "reference/tools/inspect/layout.h"
#include "reference/tools/mkfs/options.h"

namespace vexfs::tools {
namespace {

using testing::HasSubstr;

Geometry with_blocks(std::uint64_t blocks) {
  Geometry geometry;
  geometry.blocks = blocks;
  return geometry;
}

TEST(Geometry, DefaultsOfASmallVolume) {
  const auto super = make_superblock(with_blocks(1024));
  ASSERT_TRUE(super);
  EXPECT_EQ(super->inodes, 256U);
  EXPECT_EQ(super->ring.blocks, 8U);
  EXPECT_EQ(super->tx_units, 4096U);
  EXPECT_EQ(super->tx_blocks, 16U);
  EXPECT_EQ(super->checkpoint_freed, 64U);
  // ceil((80 + (16 + 32 + 64) * 4120) / 4096) = 113
  EXPECT_EQ(largest_transaction(16, 16), 113U);
  EXPECT_EQ(super->log.blocks, 226U);
}

TEST(Geometry, DefaultsOfALargeVolume) {
  const auto super = make_superblock(with_blocks(1 << 26));
  ASSERT_TRUE(super);
  EXPECT_EQ(super->inodes, 1U << 24);
  EXPECT_EQ(super->ring.blocks, 16384U);
  EXPECT_EQ(super->tx_blocks, 4096U);
  EXPECT_EQ(super->log.blocks, 262144U);
  EXPECT_EQ(super->checkpoint_freed, 65536U);
}

TEST(Geometry, TooFewBlocksNamesWhatToLower) {
  const auto super = make_superblock(with_blocks(200));
  ASSERT_FALSE(super);
  EXPECT_THAT(super.error().message, HasSubstr("Give more blocks"));
}

TEST(Geometry, LogMustHoldTheLargestTransactionInHalf) {
  Geometry geometry = with_blocks(1024);
  geometry.log_blocks = 225;  // the larger half of 225 blocks is 113
  EXPECT_TRUE(make_superblock(geometry));
  geometry.log_blocks = 224;
  const auto super = make_superblock(geometry);
  ASSERT_FALSE(super);
  EXPECT_THAT(super.error().message, HasSubstr("at least 225 log_blocks"));
}

TEST(Geometry, EachLimitIsCheckedAtItsBounds) {
  for (const auto& [field, name] : {std::pair(&Geometry::extent_fanout, "extent_fanout"),
                                    {&Geometry::max_links, "max_links"}}) {
    Geometry geometry = with_blocks(1024);
    geometry.*field = 4;
    EXPECT_TRUE(make_superblock(geometry)) << name;
    geometry.*field = 3;
    const auto super = make_superblock(geometry);
    ASSERT_FALSE(super);
    EXPECT_THAT(super.error().message, HasSubstr(name));
  }
}

TEST(Geometry, NonsenseSizesAreRefused) {
  EXPECT_FALSE(make_superblock(with_blocks(0)));
  EXPECT_FALSE(make_superblock(with_blocks(~0ULL)));
  Geometry geometry = with_blocks(1024);
  geometry.inodes = ~0ULL;
  EXPECT_FALSE(make_superblock(geometry));
  geometry.inodes = 16;
  geometry.ring_blocks = ~0ULL;
  EXPECT_FALSE(make_superblock(geometry));
}

TEST(Geometry, LabelIsUtf8OfAtMost32Bytes) {
  Geometry geometry = with_blocks(1024);
  geometry.label = std::string(32, 'x');
  EXPECT_TRUE(make_superblock(geometry));
  geometry.label += 'x';
  EXPECT_FALSE(make_superblock(geometry));
  geometry.label = "\xff";
  EXPECT_FALSE(make_superblock(geometry));
}

TEST(Uuid, ReadsAndPrintsTheUsualForm) {
  const auto uuid = parse_uuid("00112233-4455-6677-8899-AABBCCDDEEFF");
  ASSERT_TRUE(uuid);
  EXPECT_EQ(format_uuid(*uuid), "00112233-4455-6677-8899-aabbccddeeff");
  EXPECT_FALSE(parse_uuid("0011"));
  EXPECT_FALSE(parse_uuid("0011223344556677889 aabbccddeeff00"));
}

}  // namespace
}  // namespace vexfs::tools
