// SPDX-License-Identifier: MIT
// What the generators promise: the same scenario from a seed, scenarios that stand alone, and wide
// coverage.
#include "harness/scenario/generate.h"

#include <iostream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/report/coverage.h"
#include "harness/scenario/error_name.h"
#include "harness/scenario/generate_world.h"
#include "harness/scenario/operation_fields.h"

namespace vexfs::parity {
namespace {

constexpr std::uint64_t kScenarios = 2000;

Generated generated(std::uint64_t index) {
  auto made = generate_scenario(scenario_seed(1, index));
  EXPECT_TRUE(made) << made.error();
  return made.value_or(Generated{});
}

TEST(Generate, TheSameSeedGivesTheSameScenario) {
  for (std::uint64_t i = 0; i < 20; ++i) {
    const std::string text = format_scenario(generated(i).scenario);
    EXPECT_EQ(format_scenario(generated(i).scenario), text);
    EXPECT_NE(format_scenario(generated(i + 1).scenario), text);
  }
}

TEST(Generate, AScenarioNeedsNothingButItsFile) {
  for (std::uint64_t i = 0; i < 50; ++i) {
    const Generated made = generated(i);
    const auto read = parse_scenario(format_scenario(made.scenario));
    ASSERT_TRUE(read) << read.error();
    ASSERT_EQ(*read, made.scenario);
    World world(read->volume, read->mount);
    for (std::size_t step = 0; step < read->steps.size(); ++step) {
      ASSERT_EQ(world.execute(read->steps[step]), made.outcomes[step])
          << made.scenario.name << " step " << step;
    }
  }
}

TEST(Generate, HasThirtyToSixtySteps) {
  for (std::uint64_t i = 0; i < 50; ++i) {
    const Generated made = generated(i);
    EXPECT_GE(made.scenario.steps.size(), 30u);
    EXPECT_LE(made.scenario.steps.size(), 60u);
    EXPECT_EQ(made.outcomes.size(), made.scenario.steps.size());
  }
}

// Two thousand scenarios, made once for both tests below.
const Coverage& wide_coverage() {
  static const Coverage kCoverage = [] {
    Coverage coverage;
    for (std::uint64_t i = 0; i < kScenarios; ++i) {
      const Generated made = generated(i);
      for (std::size_t step = 0; step < made.outcomes.size(); ++step) {
        coverage.count(operation_name(made.scenario.steps[step].operation),
                       error_name(made.outcomes[step].error));
      }
      for (const std::string& feature : made.features) coverage.reach(feature);
    }
    std::cout << coverage.to_json().dump(1) << "\n";
    return coverage;
  }();
  return kCoverage;
}

TEST(Generate, TwoThousandScenariosCoverTheSurface) {
  const Coverage& coverage = wide_coverage();
  for (const std::string_view operation : kOperationNames) {
    EXPECT_GE(coverage.times(operation, "ok"), 500u) << operation;
  }
  for (const char* feature :
       {"wide directory", "deep extents", "wrapped log", "unlinked open file"}) {
    EXPECT_GE(coverage.reached(feature), 200u) << feature;
  }
  EXPECT_GE(coverage.success_share(), 0.6);
  EXPECT_LE(coverage.success_share(), 0.9);
}

// Errors that the operation's documentation in docs/api.md promises, and that scenarios must have
// met.
TEST(Generate, MeetsTheErrorsOfEachOperation) {
  using testing::IsSupersetOf;
  const Coverage& coverage = wide_coverage();
  const std::vector<std::string> walk = {"ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG", "EACCES"};
  const auto meets = [&](std::string_view operation, std::vector<std::string> errors,
                         bool walks = true) {
    if (walks) errors.insert(errors.end(), walk.begin(), walk.end());
    EXPECT_THAT(coverage.errors_of(operation), IsSupersetOf(errors)) << operation;
  };
  meets("mkdir", {"EEXIST", "EPERM", "EMLINK", "ENOSPC", "EROFS"});
  meets("rmdir", {"ENOTEMPTY", "EBUSY", "EINVAL", "EPERM", "EROFS"});
  meets("mknod", {"EEXIST", "EPERM", "ENOSPC", "EROFS"});
  meets("open", {"EEXIST", "EISDIR", "ENXIO", "EOPNOTSUPP", "EPERM", "ENOSPC", "EROFS", "EBUSY"});
  meets("unlink", {"EISDIR", "EPERM", "EROFS"});
  meets("link", {"EEXIST", "EPERM", "EMLINK", "ENOSPC", "EROFS"});
  meets("symlink", {"EEXIST", "EPERM", "ENOSPC", "EROFS"});
  meets("readlink", {"EINVAL"});
  meets("rename",
        {"EEXIST", "EINVAL", "EISDIR", "ENOTEMPTY", "EBUSY", "EPERM", "EMLINK", "ENOSPC", "EROFS"});
  meets("truncate", {"EFBIG", "EINVAL", "EISDIR", "EROFS"});
  meets("chmod", {"EPERM", "EROFS"});
  meets("chown", {"EPERM", "EROFS"});
  meets("utimens", {"EINVAL", "EPERM", "EROFS"});
  meets("stat", {});
  meets("statfs", {});
  meets("readdir", {});
  meets("close", {"EBADF"}, false);
  meets("read", {"EBADF", "EINVAL", "EISDIR"}, false);
  meets("write", {"EBADF", "EINVAL", "EFBIG", "ENOSPC"}, false);
  meets("ftruncate", {"EBADF", "EINVAL", "EFBIG"}, false);
  meets("fstat", {"EBADF"}, false);
  meets("fsync", {"EBADF"}, false);
  meets("fdatasync", {"EBADF"}, false);
  meets("readdir_piece", {"EBADF", "ENOTDIR"}, false);
  meets("control", {"EACCES", "EINVAL", "EROFS"}, false);
  meets("events", {"EACCES", "ESTALE"}, false);
}

}  // namespace
}  // namespace vexfs::parity
