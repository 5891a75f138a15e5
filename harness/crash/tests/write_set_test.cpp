// SPDX-License-Identifier: MIT
#include "harness/crash/write_set.h"

#include <gtest/gtest.h>

namespace vexfs::parity::crash {
namespace {

TEST(WriteSet, IsWrittenAsShortText) {
  const WriteSet set{
      57, {{12, true, {}, {}}, {13, false, {{0, 1}, {2, 6}}, {}}, {9, false, {{0, 4}}, {4}}}};
  EXPECT_EQ(to_text(set), "57: 12 13[0,2-7] 9[0-3,4!]");
  EXPECT_EQ(parse_write_set("57: 12 13[0,2-7] 9[0-3,4!]"), set);
}

TEST(WriteSet, MayBeEmpty) {
  EXPECT_EQ(to_text({1, {}}), "1:");
  EXPECT_EQ(parse_write_set("1:"), (WriteSet{1, {}}));
}

TEST(WriteSet, HasOneFormForAdjoiningPieces) {
  EXPECT_EQ(to_text(*parse_write_set("3: 1[0,1,2-3,5]")), "3: 1[0-3,5]");
}

TEST(WriteSet, SaysWhatIsWrongAndWhere) {
  const auto error = [](std::string_view text) { return parse_write_set(text).error(); };
  EXPECT_EQ(error(""), "write set \"\": expected a number at character 0");
  EXPECT_EQ(error("5"), "write set \"5\": expected ':' at character 1");
  EXPECT_EQ(error("5: x"), "write set \"5: x\": expected a number at character 3");
  EXPECT_EQ(error("5: 1,2"),
            "write set \"5: 1,2\": expected a space and a request, or the end at character 4");
  EXPECT_EQ(error("5: 1[2"), "write set \"5: 1[2\": expected ']' at character 6");
  EXPECT_EQ(error("5: 1[]"), "write set \"5: 1[]\": expected a number at character 5");
  EXPECT_EQ(error("5: 1[3,2]"),
            "write set \"5: 1[3,2]\": expected ascending sectors at character 8");
  EXPECT_EQ(error("5: 1[3-2]"),
            "write set \"5: 1[3-2]\": expected a last sector that is not below the first at "
            "character 8");
  EXPECT_EQ(error("5: 99999999999999999999"),
            "write set \"5: 99999999999999999999\": expected a number at character 3");
}

TEST(WriteSet, GarbageIsNeitherZeroesNorTheSameTwice) {
  EXPECT_NE(garbage_of(1, 0), garbage_of(2, 0));
  EXPECT_NE(garbage_of(1, 0), garbage_of(1, 1));
  EXPECT_NE(garbage_of(1, 0), std::vector<std::byte>(kSectorBytes));
  EXPECT_EQ(garbage_of(1, 0), garbage_of(1, 0));
}

}  // namespace
}  // namespace vexfs::parity::crash
