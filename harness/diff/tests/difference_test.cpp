// SPDX-License-Identifier: MIT
// How a difference is printed.
#include "harness/diff/difference.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace vexfs::parity {
namespace {

Difference nlink_difference() {
  return {"inode 12 › nlink",
          "2",
          "1",
          {0x4a10, 4, {std::byte{2}, std::byte{0}, std::byte{0}, std::byte{0}}},
          {0x4a10, 4, {std::byte{1}, std::byte{0}, std::byte{0}, std::byte{0}}}};
}

TEST(Difference, IsOneLineWithPathValuesAndPlace) {
  EXPECT_EQ(nlink_difference().text(), "inode 12 › nlink: 2 / 1 @ 0x4a10");
}

TEST(Difference, NamesBothPlacesIfTheyDiffer) {
  Difference moved = nlink_difference();
  moved.right_range.offset = 0x5000;
  EXPECT_EQ(moved.text(), "inode 12 › nlink: 2 / 1 @ 0x4a10 / 0x5000");
  moved.left_range = {};
  EXPECT_EQ(moved.text(), "inode 12 › nlink: 2 / 1 @ -/ 0x5000");
}

TEST(Difference, SignatureLeavesNumbersAndNamesOut) {
  EXPECT_EQ(path_signature("inode 12 › nlink"), "inode N › nlink");
  EXPECT_EQ(path_signature("dir 5 › block 0 › record @24 \"a\"b7\" › ino"),
            "dir N › block N › record @N \"…\" › ino");
  EXPECT_EQ(path_signature("odd \""), "odd \"…\"");
}

TEST(Difference, HexDumpMarksTheDifferingBytes) {
  EXPECT_EQ(hex_dump(nlink_difference()),
            "    < 00004a10 >02 00 00 00                                      ....\n"
            "    > 00004a10 >01 00 00 00                                      ....\n");
}

TEST(Difference, JsonHasBothByteRanges) {
  const auto json = difference_json(nlink_difference());
  EXPECT_EQ(json["path"], "inode 12 › nlink");
  EXPECT_EQ(json["left_bytes"], "02000000");
  EXPECT_EQ(json["right_offset"], 0x4a10);
}

}  // namespace
}  // namespace vexfs::parity
