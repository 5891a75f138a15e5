// SPDX-License-Identifier: MIT
#include "harness/report/coverage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/report/coverage_floors.h"

namespace vexfs::parity {
namespace {

TEST(Coverage, CountsAnswersAndSaysWhatIsNew) {
  Coverage coverage;
  EXPECT_TRUE(coverage.count("mkdir", "ok"));
  EXPECT_FALSE(coverage.count("mkdir", "ok"));
  EXPECT_TRUE(coverage.count("mkdir", "EEXIST"));
  EXPECT_TRUE(coverage.reach("wrapped log"));
  EXPECT_FALSE(coverage.reach("wrapped log"));
  EXPECT_EQ(coverage.times("mkdir", "ok"), 2u);
  EXPECT_EQ(coverage.times("rmdir", "ok"), 0u);
  EXPECT_EQ(coverage.errors_of("mkdir"), std::set<std::string>{"EEXIST"});
  EXPECT_EQ(coverage.reached("wrapped log"), 2u);
  EXPECT_EQ(coverage.size(), 3u);
  EXPECT_DOUBLE_EQ(coverage.success_share(), 2.0 / 3.0);
  EXPECT_EQ(coverage.to_json().dump(),
            R"({"operations":{"mkdir":{"EEXIST":1,"ok":2}},"features":{"wrapped log":2}})");
}

TEST(Coverage, IsOneLineForEachOperation) {
  Coverage coverage;
  coverage.count("rmdir", "ENOENT");
  coverage.count("mkdir", "EEXIST");
  coverage.count("mkdir", "ok");
  EXPECT_EQ(coverage.text(),
            "  mkdir           ok 1, EEXIST 1\n  rmdir           ok 0, ENOENT 1\n");
}

TEST(CoverageFloors, NameWhatIsMissing) {
  Coverage coverage;
  const auto all = missed_floors(coverage);
  EXPECT_THAT(all, testing::Contains("mkdir succeeded 0 times, 700 are wanted"));
  EXPECT_THAT(all, testing::Contains("mkdir has never met EEXIST"));
  EXPECT_THAT(all, testing::Contains("stat has never met ELOOP"));
  EXPECT_THAT(all, testing::Contains("0 scenarios have reached \"wrapped log\", 300 are wanted"));
  EXPECT_THAT(all, testing::Contains("0.0 % of operations succeeded, 60 % are wanted"));
  for (int i = 0; i < 700; ++i) coverage.count("mkdir", "ok");
  coverage.count("mkdir", "EEXIST");
  const auto fewer = missed_floors(coverage);
  EXPECT_EQ(fewer.size(), all.size() - 3);
}

TEST(Coverage, MergesBySum) {
  Coverage one, two;
  one.count("mkdir", "ok");
  two.count("mkdir", "ok");
  two.count("rmdir", "ENOENT");
  two.reach("x");
  one.merge(two);
  EXPECT_EQ(one.times("mkdir", "ok"), 2u);
  EXPECT_EQ(one.times("rmdir", "ENOENT"), 1u);
  EXPECT_EQ(one.reached("x"), 1u);
}

}  // namespace
}  // namespace vexfs::parity
