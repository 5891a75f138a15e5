// SPDX-License-Identifier: MIT
#include "harness/report/printers.h"

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pugixml.hpp>

namespace vexfs::parity {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using testing::HasSubstr;

ScenarioFinished passed(std::string name) {
  return {.name = std::move(name),
          .verdict = Verdict::kParity,
          .signature = "",
          .detail = "",
          .case_file = "",
          .operations = 50,
          .crash_states = 0,
          .new_coverage = 3,
          .time = milliseconds(20)};
}

ScenarioFinished failed() {
  ScenarioFinished event = passed("s2");
  event.verdict = Verdict::kDivergence;
  event.signature = "trace:stat.nlink";
  event.detail = "inode 12 nlink: 2 / 1\x01";
  event.case_file = "s2.vxs.json";
  return event;
}

void tell_run(Listener& listener, nanoseconds& clock) {
  listener.on(RunStarted{"run", 42, {"reference", "fuse"}});
  listener.on(passed("s1"));
  clock += seconds(11);
  listener.on(passed("s1b"));
  listener.on(ShrinkProgress{"s2", 9, 30});
  listener.on(failed());
  clock += seconds(4);
  listener.on(RunFinished{Verdict::kDivergence});
}

std::filesystem::path temporary(const char* name) {
  return std::filesystem::temp_directory_path() / name;
}

TEST(PlainProgress, WritesWholeLines) {
  std::ostringstream out;
  nanoseconds clock{0};
  tell_run(*plain_progress(out, [&] { return clock; }), clock);
  EXPECT_EQ(out.str(),
            "run, seed 42: reference, fuse\n"
            "2 scenarios, 0 failed, 9 ops/s, 0 crash states/s, coverage 6\n"
            "divergence in s2: trace:stat.nlink\n"
            "inode 12 nlink: 2 / 1\x01\n"
            "replay it: vexfs-parity replay s2.vxs.json\n"
            "divergence: 3 scenarios, 1 failed, 10 ops/s, 0 crash states/s, coverage 9\n");
}

TEST(TerminalProgress, RewritesItsLineButNotTooOften) {
  std::ostringstream out;
  nanoseconds clock{0};
  const auto progress = terminal_progress(out, [&] { return clock; });
  progress->on(RunStarted{"run", 1, {}});
  out.str("");
  progress->on(passed("a"));
  EXPECT_EQ(out.str(), "");
  clock += milliseconds(100);
  progress->on(ShrinkProgress{"x", 7, 12});
  EXPECT_EQ(out.str(),
            "\r\033[K1 scenarios, 0 failed, 500 ops/s, 0 crash states/s, coverage 3, shrinking x "
            "to 7 steps "
            "(12 runs)");
}

TEST(JsonSummary, HasTheTotalsTheFailuresAndTheCoverage) {
  const auto file = temporary("printers_test.json");
  Coverage coverage;
  coverage.count("mkdir", "ok");
  nanoseconds clock{0};
  tell_run(*json_summary(file, coverage, [&] { return clock; }), clock);
  std::ifstream in(file);
  const Json json = Json::parse(in);
  EXPECT_EQ(json["exit_code"], 1);
  EXPECT_EQ(json["seed"], 42);
  EXPECT_EQ(json["scenarios"], 3);
  EXPECT_EQ(json["parity"], 2);
  EXPECT_EQ(json["seconds"], 15.0);
  EXPECT_EQ(json["failures"].size(), 1u);
  EXPECT_EQ(json["failures"][0]["signature"], "trace:stat.nlink");
  EXPECT_EQ(json["coverage"]["operations"]["mkdir"]["ok"], 1);
  std::filesystem::remove(file);
}

TEST(Junit, TellsFailuresFromErrors) {
  const auto file = temporary("printers_test.xml");
  const auto junit = junit_report(file);
  nanoseconds clock{0};
  ScenarioFinished broken = failed();
  broken.verdict = Verdict::kHarnessFailed;
  junit->on(broken);
  tell_run(*junit, clock);
  pugi::xml_document document;
  ASSERT_TRUE(document.load_file(file.c_str()));
  const auto suite = document.child("testsuites").child("testsuite");
  EXPECT_EQ(suite.attribute("tests").as_int(), 4);
  EXPECT_EQ(suite.attribute("failures").as_int(), 1);
  EXPECT_EQ(suite.attribute("errors").as_int(), 1);
  const auto failure = suite.find_node(
      [](const pugi::xml_node& node) { return std::string(node.name()) == "failure"; });
  EXPECT_THAT(failure.text().as_string(), HasSubstr("inode 12 nlink: 2 / 1?\ncase: s2.vxs.json"));
  EXPECT_THAT(failure.attribute("message").as_string(), HasSubstr("trace:stat.nlink"));
  std::filesystem::remove(file);
}

TEST(JsonlLog, HasOneObjectForEachEvent) {
  const auto file = temporary("printers_test.jsonl");
  nanoseconds clock{0};
  tell_run(*jsonl_log(file), clock);
  std::ifstream in(file);
  std::vector<std::string> kinds;
  for (std::string line; std::getline(in, line);) kinds.push_back(Json::parse(line)["event"]);
  EXPECT_THAT(kinds, testing::ElementsAre("run started", "scenario finished", "scenario finished",
                                          "shrink", "scenario finished", "run finished"));
  std::filesystem::remove(file);
}

TEST(Broadcast, TellsEveryListener) {
  std::ostringstream one, two;
  Broadcast broadcast;
  broadcast.add(plain_progress(one));
  broadcast.add(plain_progress(two));
  broadcast.on(Notice{"the guest died"});
  EXPECT_EQ(one.str(), "the guest died\n");
  EXPECT_EQ(two.str(), one.str());
}

}  // namespace
}  // namespace vexfs::parity
