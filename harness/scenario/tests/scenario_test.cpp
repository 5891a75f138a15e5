// SPDX-License-Identifier: MIT
#include "harness/scenario/scenario.h"

#include <cerrno>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace vexfs::parity {
namespace {

constexpr std::string_view kExample = R"({
  "vxs": 1,
  "name": "hello",
  "comment": "A directory, a file, an expected refusal.",
  "volume": {"blocks": 4096, "inodes": 256, "max_links": 8, "uuid": "00112233-4455-6677-8899-aabbccddeeff"},
  "mount": {"data": "journal", "strict": true, "clock": "manual"},
  "seed": 7,
  "steps": [
    {"op": "mkdir", "path": "/d", "mode": "0755"},
    {"op": "mkdir", "path": "/d", "mode": "0755", "expect": "EEXIST"},
    {"op": "stat", "path": "/d", "expect": {"stat": {"nlink": 2, "size": 4096}}},
    {"op": "readdir", "path": "/d", "expect": {"names": []}},
    {"op": "crash"},
    {"op": "remount", "options": {"data": "ordered"}}
  ],
  "found": {"signature": "trace:3:stat.nlink", "builds": {"kmod": "abc"}}
})";

std::string refusal(std::string text, std::string_view from, std::string_view to) {
  text.replace(text.find(from), from.size(), to);
  const auto scenario = parse_scenario(text);
  return scenario ? "accepted" : scenario.error();
}

TEST(ScenarioFile, IsRead) {
  const auto scenario = parse_scenario(kExample);
  ASSERT_TRUE(scenario) << scenario.error();
  EXPECT_EQ(scenario->volume.max_links, 8u);
  EXPECT_EQ(scenario->volume.log_blocks, std::nullopt);
  EXPECT_EQ(scenario->mount.data, DataMode::kJournal);
  EXPECT_EQ(scenario->steps.size(), 6u);
  EXPECT_EQ(scenario->steps[1].expect->error, EEXIST);
  EXPECT_EQ(scenario->found->builds.at("kmod"), "abc");
}

TEST(ScenarioFile, SurvivesWritingAndReading) {
  const auto scenario = parse_scenario(kExample);
  ASSERT_TRUE(scenario);
  const auto again = parse_scenario(format_scenario(*scenario));
  ASSERT_TRUE(again) << again.error();
  EXPECT_EQ(*again, *scenario);
}

TEST(ScenarioFile, IsSavedAndLoaded) {
  const auto file = std::filesystem::temp_directory_path() / "parity_scenario_test.vxs.json";
  const auto scenario = parse_scenario(kExample);
  ASSERT_TRUE(save_scenario(*scenario, file));
  EXPECT_EQ(load_scenario(file), scenario);
  std::filesystem::remove(file);
  EXPECT_EQ(load_scenario(file).error(), file.string() + ": cannot be read; is it there?");
}

TEST(ScenarioFile, RefusalsGiveTheJsonPointer) {
  const std::string text(kExample);
  EXPECT_EQ(refusal(text, "\"vxs\": 1", "\"vxs\": 2"),
            "at /vxs: expected format version 1, found 2");
  EXPECT_EQ(refusal(text, "\"max_links\"", "\"maxlinks\"").substr(0, 30),
            "at /volume/maxlinks: expected ");
  EXPECT_EQ(refusal(text, "\"journal\"", "\"journaled\""),
            "at /mount/data: expected one of \"ordered\", \"writeback\", \"journal\", found "
            "\"journaled\"");
  EXPECT_EQ(refusal(text, "\"path\": \"/d\"", "\"path\": 5"),
            "at /steps/0/path: expected a path as a string, found 5");
  EXPECT_EQ(refusal(text, "EEXIST", "EEXISTS").substr(0, 40),
            "at /steps/1/expect: expected \"ok\" or a s");
  EXPECT_EQ(refusal(text, "ddeeff", "ddeefg").substr(0, 17), "at /volume/uuid: ");
  EXPECT_EQ(refusal(text, "\"seed\": 7", "\"seed\": 7,,").substr(0, 18), "not JSON (line 7):");
}

TEST(ScenarioFile, TheExampleOfTheDocumentIsOne) {
  std::ifstream in(VXS_DOCUMENT);
  const std::string document((std::istreambuf_iterator<char>(in)), {});
  const std::size_t begin = document.find("```json\n") + 8;
  const std::size_t end = document.find("```", begin);
  ASSERT_NE(end, std::string::npos);
  const auto scenario = parse_scenario(document.substr(begin, end - begin));
  ASSERT_TRUE(scenario) << scenario.error();
  EXPECT_EQ(scenario->steps.size(), 11u);
}

TEST(Expectation, ChecksOnlyWhatItNames) {
  Outcome outcome;
  outcome.stat = StatFields{.ino = 5, .nlink = 2, .size = 10};
  Step step;
  EXPECT_TRUE(unmet(step, Outcome::failure(ENOENT)).empty());
  step.expect.emplace();
  EXPECT_TRUE(unmet(step, outcome).empty());
  step.expect->stat = {{"nlink", 3}, {"size", 10}};
  EXPECT_EQ(unmet(step, outcome), std::vector<std::string>{"stat.nlink: expected 3, got 2"});
  EXPECT_EQ(unmet(step, Outcome::failure(ENOENT)),
            std::vector<std::string>{"errno: expected ok, got ENOENT"});
}

}  // namespace
}  // namespace vexfs::parity
