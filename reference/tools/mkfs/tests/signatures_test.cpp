// SPDX-License-Identifier: MIT
#include "reference/tools/mkfs/signatures.h"

#include <vector>

#include <gtest/gtest.h>

#include "reference/tools/mkfs/format_volume.h"

namespace vexfs::tools {
namespace {

TEST(FindSignature, NamesAnExistingVexfsVolume) {
  Geometry geometry;
  geometry.blocks = 1024;
  EXPECT_EQ(find_signature(*make_volume(geometry)), "vexfs");
}

TEST(FindSignature, NamesAnExistingExtVolume) {
  std::vector<std::byte> start(2048);
  start[0x438] = std::byte{0x53};
  start[0x439] = std::byte{0xef};
  EXPECT_EQ(find_signature(start), "ext2, ext3 or ext4");
}

TEST(FindSignature, FindsNothingInZerosOrInNothing) {
  EXPECT_EQ(find_signature(std::vector<std::byte>(kSignatureBytes)), "");
  EXPECT_EQ(find_signature({}), "");
}

}  // namespace
}  // namespace vexfs::tools
