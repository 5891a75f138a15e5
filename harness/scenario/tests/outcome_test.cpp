// SPDX-License-Identifier: MIT
#include "harness/scenario/outcome.h"

#include <cerrno>

#include <dirent.h>
#include <gtest/gtest.h>

#include "harness/scenario/error_name.h"
#include "harness/scenario/outcome_codec.h"

namespace vexfs::parity {
namespace {

Outcome full_outcome() {
  Outcome outcome;
  outcome.value = 12;
  outcome.data = digest_of("hello");
  outcome.bytes = std::string("\0\xff", 2);
  outcome.text = "../x\xff";
  outcome.names = {{{"a", 12, DT_DIR, 24}, {"\xfe", 13, DT_REG, 4096}}};
  outcome.stat =
      StatFields{12, 040755, 2, 1, 2, device_number(8, 1), 4096, 8, {1, 2}, {3, 4}, {5, 6}};
  outcome.statfs = StatfsFields{4096, 100, 50, 49, 32, 20, 255};
  return outcome;
}

TEST(Outcome, SurvivesWritingAndReading) {
  std::optional<Fault> fault;
  Outcome read;
  const Json json = write_value(full_outcome());
  read_value(JsonReader(json, "", fault), read);
  EXPECT_FALSE(fault) << fault->message();
  EXPECT_EQ(read, full_outcome());
}

TEST(Outcome, FailureIsItsErrnoByName) {
  EXPECT_EQ(write_value(Outcome::failure(ENOENT)).dump(), R"({"errno":"ENOENT"})");
  EXPECT_EQ(error_name(EOPNOTSUPP), "EOPNOTSUPP");
  EXPECT_EQ(error_number("EOPNOTSUPP"), EOPNOTSUPP);
  EXPECT_EQ(error_number("EUCLEAN"), EUCLEAN);
  EXPECT_EQ(error_number(error_name(4000)), 4000);
  EXPECT_EQ(error_number("ENONSENSE"), std::nullopt);
}

TEST(Outcome, DifferencesNameTheField) {
  Outcome left = full_outcome();
  Outcome right = left;
  EXPECT_TRUE(differences(left, right).empty());
  right.stat->nlink = 1;
  right.names->at(1).ino = 99;
  EXPECT_EQ(differences(left, right),
            (std::vector<FieldDifference>{{"names.1.ino", "13", "99"}, {"stat.nlink", "2", "1"}}));
}

TEST(Outcome, AMissingPartIsAbsent) {
  Outcome left;
  left.text = "x";
  EXPECT_EQ(differences(left, Outcome::failure(EACCES)),
            (std::vector<FieldDifference>{{"errno", "\"ok\"", "\"EACCES\""},
                                          {"text", "\"x\"", "absent"}}));
}

TEST(Outcome, DigestIsXxh128) {
  // XXH128 of the empty input with seed 0, as xxhsum -H2 prints it.
  EXPECT_EQ(digest_of("").xxh128, "99aa06d3014798d86001c324468d497f");
  EXPECT_EQ(digest_of("abc").bytes, 3u);
}

}  // namespace
}  // namespace vexfs::parity
