// SPDX-License-Identifier: MIT
#include "harness/shrink/shrink.h"

#include <algorithm>
#include <thread>

#include <gtest/gtest.h>

#include "harness/scenario/operation_fields.h"
#include "harness/shrink/simplify.h"

namespace vexfs::parity {
namespace {

Deadline soon() { return std::chrono::steady_clock::now() + std::chrono::minutes(1); }

Scenario scenario_of(std::string_view steps) {
  const auto scenario =
      parse_scenario(R"({"vxs":1,"name":"t","steps":)" + std::string(steps) + "}");
  EXPECT_TRUE(scenario) << scenario.error();
  return *scenario;
}

// Fails where a file in a directory gets a write that crosses byte 4096, if the directory was made
// before.
std::string torn_write(const Scenario& scenario) {
  std::string directory, handle;
  for (const Step& step : scenario.steps) {
    if (const auto* mkdir = std::get_if<Mkdir>(&step.operation)) directory = mkdir->path.bytes;
    if (const auto* open = std::get_if<Open>(&step.operation)) {
      if (!directory.empty() && open->path.bytes.starts_with(directory + "/"))
        handle = open->handle;
    }
    if (const auto* write = std::get_if<Write>(&step.operation)) {
      const auto begin = static_cast<std::uint64_t>(write->offset.value_or(0));
      const bool crosses = begin < 4096 && begin + data_size(write->data) > 4096;
      if (!handle.empty() && write->handle == handle && crosses) return "torn";
    }
    if (std::holds_alternative<Crash>(step.operation)) return "other";
  }
  return "";
}

TEST(Shrink, KeepsWhatTheFailureNeedsAndNothingElse) {
  std::string steps = R"([
    {"op":"statfs","path":"/"},
    {"op":"mkdir","path":"/outer","mode":"0700"},
    {"op":"mkdir","path":"/outer/directory","mode":"0701"},
    {"op":"open","handle":"file1","path":"/outer/directory/somefile","flags":["rdwr","creat","excl"],"mode":"0600",
     "as":{"uid":5,"gid":6}},)";
  for (int i = 0; i < 40; ++i) steps += R"({"op":"fsync","handle":"file1"},)";
  steps += R"(
    {"op":"write","handle":"file1","offset":4000,"data":{"fill":"prng","seed":9,"bytes":77777}},
    {"op":"crash"},
    {"op":"unlink","path":"/outer/directory/somefile"}])";
  std::size_t runs = 0;
  const Judge judge = [&](const Scenario& scenario) {
    ++runs;
    return torn_write(scenario);
  };
  const auto result =
      shrink_scenario(scenario_of(steps), "torn", judge, soon(), [](const Scenario&) {});
  EXPECT_TRUE(result.finished);
  EXPECT_EQ(result.runs, runs);
  EXPECT_LE(runs, 150u);
  EXPECT_EQ(result.best.steps, scenario_of(R"([
    {"op":"mkdir","path":"/a","mode":"0755"},
    {"op":"open","handle":"a","path":"/a/b","flags":["rdwr"]},
    {"op":"write","handle":"a","offset":0,"data":{"fill":"byte","value":120,"bytes":4097}}])")
                                   .steps)
      << format_scenario(result.best);
}

TEST(Shrink, NeverTakesAnotherFailure) {
  const Scenario failing = scenario_of(R"([
    {"op":"mkdir","path":"/a","mode":"0755"},
    {"op":"open","handle":"f","path":"/a/b","flags":["rdwr","creat"]},
    {"op":"write","handle":"f","offset":0,"data":{"fill":"byte","value":120,"bytes":5000}},
    {"op":"crash"}])");
  ASSERT_EQ(torn_write(failing), "torn");
  const auto result =
      shrink_scenario(failing, "torn", torn_write, soon(),
                      [](const Scenario& best) { EXPECT_EQ(torn_write(best), "torn"); });
  EXPECT_EQ(result.best.steps.size(), 3u);
}

// Fails where a put has the id 77, with its row, in a collection of its dimension.
std::string bad_put(const Scenario& scenario) {
  std::string value;
  for (const Step& step : scenario.steps) {
    if (const auto* setxattr = std::get_if<Setxattr>(&step.operation)) value = setxattr->value;
    const auto* put = std::get_if<VectorPut>(&step.operation);
    if (put == nullptr) continue;
    const auto& ids = put->ids.values;
    const RowList rows = list_of(put->rows, put->type, ids.size());
    if (rows.size() != ids.size()) return "other";
    for (const auto& row : rows) {
      if (!value.starts_with("dim=" + std::to_string(row.size()))) return "other";
    }
    if (std::ranges::find(ids, 77u) != ids.end()) return "bad put";
  }
  return "";
}

TEST(Shrink, TakesVectorsApart) {
  const Scenario failing = scenario_of(R"([
    {"op":"setxattr","path":"/a","name":"user.vexfs.collection","value":"dim=9 metric=dot m=4"},
    {"op":"vector_put","path":"/a","ids":{"from":50,"count":40},"rows":{"fill":"prng","seed":3,"dim":9},"piece":100},
    {"op":"vector_search","path":"/a","queries":{"fill":"prng","seed":3,"dim":9,"rows":4},"k":5,"filter":[1,2,3]}])");
  ASSERT_EQ(bad_put(failing), "bad put");
  const auto result = shrink_scenario(failing, "bad put", bad_put, soon(), [](const Scenario&) {});
  EXPECT_EQ(result.best.steps, scenario_of(R"([
    {"op":"setxattr","path":"/a","name":"user.vexfs.collection","value":"dim=1"},
    {"op":"vector_put","path":"/a","ids":[77],"rows":[[0]]}])")
                                   .steps)
      << format_scenario(result.best);
}

TEST(Shrink, WritesTheVectorOfAFileOut) {
  const auto attached = [](const Scenario& scenario) -> std::string {
    for (const Step& step : scenario.steps) {
      if (std::holds_alternative<VectorAttach>(step.operation)) return "attached";
    }
    return "";
  };
  const Scenario failing = scenario_of(R"([
    {"op":"setxattr","path":"/a","name":"user.vexfs.collection","value":"dim=9"},
    {"op":"vector_attach","path":"/a/f","row":{"fill":"prng","seed":3,"dim":9},"flags":["create"]}])");
  const auto result =
      shrink_scenario(failing, "attached", attached, soon(), [](const Scenario&) {});
  EXPECT_EQ(
      result.best.steps,
      scenario_of(R"([{"op":"vector_attach","path":"/f","row":[[0,0,0,0,0,0,0,0,0]]}])").steps)
      << format_scenario(result.best);
}

TEST(Shrink, EveryImprovementCanBeSaved) {
  std::string steps = R"([{"op":"events"})";
  for (int i = 0; i < 30; ++i) steps += R"(,{"op":"statfs","path":"/"})";
  Scenario saved;
  const auto result = shrink_scenario(
      scenario_of(steps + "]"), "x",
      [](const Scenario& s) {
        for (const Step& step : s.steps) {
          if (std::holds_alternative<Events>(step.operation)) return "x";
        }
        return "";
      },
      soon(), [&](const Scenario& best) { saved = best; });
  EXPECT_EQ(saved, result.best);
  EXPECT_EQ(saved.steps.size(), 1u);
}

TEST(Shrink, ObeysTheDeadline) {
  std::string steps = R"([{"op":"events"})";
  for (int i = 0; i < 300; ++i) steps += R"(,{"op":"statfs","path":"/"})";
  const Scenario failing = scenario_of(steps + "]");
  const Judge slow = [&](const Scenario& s) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return s == failing ? "x" : "";
  };
  const auto begin = std::chrono::steady_clock::now();
  const auto result = shrink_scenario(failing, "x", slow, begin + std::chrono::milliseconds(60),
                                      [](const Scenario&) {});
  EXPECT_FALSE(result.finished);
  EXPECT_EQ(result.best, failing);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1));
}

TEST(SimplerSteps, EndForEveryOperation) {
  for (std::size_t i = 0; i < std::size(kOperationNames); ++i) {
    Step step{make_operation(i), Credentials{1, 2, {3}}, std::nullopt};
    int rounds = 0;
    for (auto next = simpler_steps(step); !next.empty(); next = simpler_steps(step)) {
      step = next.front();
      ASSERT_LT(++rounds, 100) << kOperationNames[i];
    }
    EXPECT_FALSE(step.as);
  }
}

TEST(SimplerNames, ChangeEverywhereOrNowhere) {
  const auto steps = scenario_of(R"([
    {"op":"mkdir","path":"/long","mode":"0755"},
    {"op":"symlink","target":"../long","path":"/long/x"}])")
                         .steps;
  const auto found = simpler_names(steps);
  const auto expected = scenario_of(R"([
    {"op":"mkdir","path":"/a","mode":"0755"},
    {"op":"symlink","target":"../a","path":"/a/x"}])")
                            .steps;
  EXPECT_NE(std::find(found.begin(), found.end(), expected), found.end());
}

}  // namespace
}  // namespace vexfs::parity
