// SPDX-License-Identifier: MIT
#include "harness/stack/call_graph.h"

#include <gmock/gmock.h>

namespace vexfs::parity::stack {
namespace {

using testing::ElementsAre;

// Lines as GCC 12 writes them; the newlines of a label are two characters.
std::string node(const std::string& title, const std::string& name, const std::string& usage) {
  return "node: { title: \"" + title + "\" label: \"" + name + "\\none.c:2:38\\n" + usage +
         "\" }\n";
}
std::string of_another_file(const std::string& name) {
  return "node: { title: \"" + name + "\" label: \"" + name + "\\none.c:3:12\" shape : ellipse }\n";
}
std::string edge(const std::string& source, const std::string& target) {
  return "edge: { sourcename: \"" + source + "\" targetname: \"" + target +
         "\" label: \"one.c:2:94\" }\n";
}

// top calls a static function, which calls one of another file.
const std::string kMid = "one.c:mid.constprop.0";
const std::string kOne =
    "graph: { title: \"one.c\"\n" + node(kMid, "mid.constprop", "432 bytes (static)") +
    of_another_file("far") + edge(kMid, "far") + node("top", "top", "16 bytes (static)") +
    edge("top", kMid) + edge("top", "__indirect_call") + "}\n";
const std::string kTwo = "graph: { title: \"two.c\"\n" +
                         node("far", "far", "100 bytes (dynamic,bounded)") +
                         node("alone", "alone", "8 bytes (dynamic)") + "}\n";
const std::string kBack = node("far", "far", "100 bytes (static)") + edge("far", kMid);

std::vector<std::string> names(const Path& path) {
  std::vector<std::string> all;
  for (const Function* function : path.functions) all.push_back(function->name);
  return all;
}

TEST(CallGraph, ThePathGoesThroughFiles) {
  CallGraph graph;
  ASSERT_TRUE(graph.add(kOne));
  ASSERT_TRUE(graph.add(kTwo));
  const auto report = graph.report({});
  ASSERT_EQ(report.paths.size(), 2U);
  EXPECT_EQ(report.paths[0].bytes, 548U);
  EXPECT_THAT(names(report.paths[0]), ElementsAre("top", "mid.constprop", "far"));
  EXPECT_TRUE(report.cycles.empty());
  EXPECT_FALSE(graph.functions().at("far").unbounded);
  EXPECT_TRUE(graph.functions().at("alone").unbounded);
}

TEST(CallGraph, ACycleIsNamed) {
  CallGraph graph;
  ASSERT_TRUE(graph.add(kOne));
  ASSERT_TRUE(graph.add(kBack));
  const auto report = graph.report({});
  ASSERT_EQ(report.cycles.size(), 1U);
  EXPECT_THAT(report.cycles[0], testing::UnorderedElementsAre("far", "mid.constprop"));
}

TEST(CallGraph, ABoundedCallIsMadeOnceOnAPath) {
  CallGraph graph;
  ASSERT_TRUE(graph.add(kOne));
  ASSERT_TRUE(graph.add(kBack));
  const auto report = graph.report({{"far", "mid.constprop"}});
  EXPECT_TRUE(report.cycles.empty());
  ASSERT_EQ(report.paths.size(), 1U);
  EXPECT_EQ(report.paths[0].bytes, 16U + 2 * (432 + 100));
}

TEST(CallGraph, WhatIsNotUnderstoodIsNotPassedOver) {
  CallGraph graph;
  EXPECT_FALSE(graph.add(node("a", "a", "some bytes")));
  EXPECT_FALSE(graph.add("edge: { sourcename: \"a\" }\n"));
}

}  // namespace
}  // namespace vexfs::parity::stack
