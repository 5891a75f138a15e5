// SPDX-License-Identifier: MIT
#include "harness/guest/process.h"

#include <sys/wait.h>

#include <fstream>
#include <string>

#include <gtest/gtest.h>

namespace vexfs::parity::guest {
namespace {

TEST(RunTool, GivesOutputAndExitCode) {
  const auto result = run_tool({"/bin/sh", "-c", "cat; echo no >&2; exit 3"}, "yes");
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(WEXITSTATUS(result->status), 3);
  EXPECT_EQ(result->standard_output, "yes");
  EXPECT_EQ(result->standard_error, "no\n");
}

TEST(RunTool, MovesMoreThanAPipeHoldsBothWays) {
  const std::string input(3 << 20, 'x');
  const auto result = run_tool({"/bin/cat"}, input);
  ASSERT_TRUE(result.has_value());
  EXPECT_TRUE(result->standard_output == input);
}

TEST(RunTool, SurvivesAToolThatDoesNotRead) {
  ::signal(SIGPIPE, SIG_IGN);  // as the agent's main() does
  const auto result = run_tool({"/bin/true"}, std::string(3 << 20, 'x'));
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->status, 0);
}

TEST(RunTool, NamesTheErrnoOfAMissingProgram) {
  EXPECT_EQ(run_tool({"/nonexistent"}, "").error(), ENOENT);
  EXPECT_EQ(run_tool({}, "").error(), EINVAL);
}

TEST(SpawnDaemon, KeepsStandardErrorInItsFile) {
  const std::string log = testing::TempDir() + "/spawn_daemon_test.err";
  const auto daemon = spawn_daemon({"/bin/sh", "-c", "echo wrong >&2; exit 5"}, log);
  ASSERT_TRUE(daemon.has_value());
  int status = 0;
  ASSERT_EQ(::waitpid(*daemon, &status, 0), *daemon);
  EXPECT_EQ(WEXITSTATUS(status), 5);
  std::string line;
  std::getline(std::ifstream(log), line);
  EXPECT_EQ(line, "wrong");
}

TEST(SpawnDaemon, LimitsTheStacksOfTheDaemonOnly) {
  const std::string log = testing::TempDir() + "/spawn_daemon_stacks_test.err";
  const auto daemon = spawn_daemon({"/bin/sh", "-c", "ulimit -s >&2"}, log, 64 << 10);
  ASSERT_TRUE(daemon.has_value());
  ASSERT_EQ(::waitpid(*daemon, nullptr, 0), *daemon);
  std::string line;
  std::getline(std::ifstream(log), line);
  EXPECT_EQ(line, "64");
  EXPECT_NE(run_tool({"/bin/sh", "-c", "ulimit -s"}, "")->standard_output, "64\n");
}

}  // namespace
}  // namespace vexfs::parity::guest
