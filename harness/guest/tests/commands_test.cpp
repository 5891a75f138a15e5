// SPDX-License-Identifier: MIT
// Requests that do no harm to the machine that runs the tests.
#include "harness/guest/commands.h"

#include <cstdio>
#include <string>

#include <gtest/gtest.h>

#include "harness/guest/files.h"

namespace vexfs::parity::guest {
namespace {

using nlohmann::json;

TEST(Commands, EchoReturnsItsData) {
  Commands commands;
  const auto reply = commands.execute({{"kind", "echo"}, {"data", {1, 2}}});
  EXPECT_EQ(reply, (json{{"ok", true}, {"data", {1, 2}}}));
}

TEST(Commands, HelloTellsTheRelease) {
  Commands commands;
  const auto reply = commands.execute({{"kind", "hello"}});
  EXPECT_TRUE(reply["ok"]);
  EXPECT_FALSE(reply["release"].get<std::string>().empty());
}

TEST(Commands, WhatIsNotUnderstoodIsRefusedWithTheReason) {
  Commands commands;
  EXPECT_NE(commands.execute({{"kind", "fly"}})["error"].get<std::string>().find("'fly'"),
            std::string::npos);
  EXPECT_EQ(commands.execute({{"kind", "insmod"}})["errno"], EINVAL);
  EXPECT_EQ(commands.execute({{"kind", 7}})["errno"], EINVAL);
  EXPECT_EQ(commands.execute(json::object())["errno"], EINVAL);
}

TEST(Commands, StepsNeedAMount) {
  Commands commands;
  EXPECT_EQ(commands.execute({{"kind", "steps"}, {"batch", json::array()}})["ok"], false);
}

TEST(Commands, FilesGoInAndOutWithAnyBytes) {
  Commands commands;
  const std::string path = testing::TempDir() + "/commands_test.bin";
  const std::string content("a\0\xff", 3);
  ASSERT_TRUE(commands.execute(
      {{"kind", "write_file"}, {"path", path}, {"data", byte_string(content)}})["ok"]);
  EXPECT_EQ(bytes_of(commands.execute({{"kind", "read_file"}, {"path", path}})["data"]), content);
  const auto part =
      commands.execute({{"kind", "read_file"}, {"path", path}, {"offset", 1}, {"length", 1}});
  EXPECT_EQ(bytes_of(part["data"]), std::string(1, '\0'));
  std::remove(path.c_str());
  EXPECT_EQ(commands.execute({{"kind", "read_file"}, {"path", path}})["errno"], ENOENT);
}

TEST(Commands, RunReportsExitCodesAndSignals) {
  Commands commands;
  const auto exited = commands.execute({{"kind", "run"}, {"argv", {"/bin/sh", "-c", "exit 4"}}});
  EXPECT_EQ(exited["exit_code"], 4);
  const auto killed =
      commands.execute({{"kind", "run"}, {"argv", {"/bin/sh", "-c", "kill -9 $$"}}});
  EXPECT_EQ(killed["signal"], 9);
  EXPECT_FALSE(killed.contains("exit_code"));
}

}  // namespace
}  // namespace vexfs::parity::guest
