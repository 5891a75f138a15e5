// SPDX-License-Identifier: MIT
#include <algorithm>

#include <gtest/gtest.h>

#include "reference/vector/golden/generator.h"
#include "reference/vector/levels.h"

namespace vexfs::vectors {
namespace {

constexpr Parameters kSmall{8, VEXFS_TYPE_I8, VEXFS_METRIC_L2, 4, 20, 1};

void put(Graph& graph, std::uint64_t id, std::uint64_t row) {
  graph.apply(graph.plan_put(id, golden::wire_row(graph.parameters(), row)));
}

// What is wrong with the links of a graph; empty if nothing is.
std::string fault_in_links(const Graph& graph) {
  for (SlotNumber number = 0; number < graph.size(); ++number) {
    const Slot& slot = graph.slot(number);
    for (unsigned level = 0; level <= slot.level(); ++level) {
      const List& list = slot.lists[level];
      const std::string where = "slot " + std::to_string(number);
      if (list.size() > graph.room(level)) return where + ": too many links";
      if (!std::ranges::is_sorted(list, std::ranges::less_equal{})) return where + ": unordered";
      if (!list.empty() && (slot.is_duplicate() || number >= graph.state().linked))
        return where + " is not in the graph but has links";
      for (SlotNumber link : list)
        if (link == number || link >= graph.state().linked || graph.slot(link).is_duplicate() ||
            graph.slot(link).level() < level)
          return where + ": link to " + std::to_string(link);
    }
  }
  return "";
}

TEST(Graph, AReplacedVectorDies) {
  Graph graph(kSmall);
  put(graph, 5, 0);
  put(graph, 6, 1);
  EXPECT_EQ(graph.plan_put(5, golden::wire_row(kSmall, 2)).died, 0U);
  put(graph, 5, 2);
  EXPECT_TRUE(graph.slot(0).dead);
  EXPECT_EQ(graph.find(5), 2U);
  EXPECT_EQ(graph.live(), 2U);
  graph.apply(DeletePlan{2});
  EXPECT_EQ(graph.find(5), std::nullopt);
  EXPECT_EQ(graph.live(), 1U);
  EXPECT_EQ(graph.state().sequence, 4U);
}

TEST(Graph, EqualRowsAreOneChain) {
  Graph graph(kSmall);
  for (const std::uint64_t row : {0, 1, 0, 0, 1}) put(graph, graph.size(), row);
  graph.apply(DeletePlan{0});
  put(graph, 9, 0);
  EXPECT_EQ(graph.chain(0), (List{0, 2, 3, 5}));
  EXPECT_EQ(graph.chain(1), (List{1, 4}));
  EXPECT_EQ(graph.slot(5).level(), 0U);
  EXPECT_EQ(graph.tail(), (List{0, 1})) << "duplicates never wait, dead slots do";
}

TEST(Graph, LinksWhen64Wait) {
  Graph graph(kSmall);
  for (std::uint64_t row = 0; row < 63; ++row) put(graph, row, row);
  EXPECT_TRUE(graph.next_batch(UINT64_MAX).empty());
  put(graph, 100, 3);
  EXPECT_TRUE(graph.next_batch(UINT64_MAX).empty()) << "a duplicate does not count";
  put(graph, 101, 101);
  const List batch = graph.next_batch(UINT64_MAX);
  EXPECT_EQ(batch.size(), 64U);
  graph.apply(graph.plan_link(batch));
  EXPECT_EQ(graph.state().linked, 65U);
  EXPECT_TRUE(graph.tail().empty());
  EXPECT_EQ(fault_in_links(graph), "");
}

TEST(Graph, LinksFewerWhereTheLogIsSmall) {
  Graph graph(kSmall);
  for (std::uint64_t row = 0; row < 64; ++row) put(graph, row, row);
  std::uint64_t bytes = 4096;
  for (SlotNumber slot = 0; slot < 10; ++slot) bytes += link_cost(kSmall, graph.slot(slot).level());
  EXPECT_EQ(graph.next_batch(bytes).size(), 10U);
  EXPECT_EQ(graph.next_batch(bytes - 1).size(), 9U);
}

TEST(Graph, TheHighestOfTheFirstBatchIsTheEntry) {
  Graph graph(kSmall);
  for (std::uint64_t row = 0; row < 64; ++row) put(graph, row, row);
  graph.apply(graph.plan_link(graph.next_batch(UINT64_MAX)));
  unsigned highest = 0;
  for (SlotNumber slot = 0; slot < 64; ++slot)
    highest = std::max(highest, graph.slot(slot).level());
  EXPECT_EQ(graph.state().entry_level, highest);
  EXPECT_EQ(graph.slot(graph.state().entry).level(), highest);
  for (SlotNumber slot = 0; slot < graph.state().entry; ++slot)
    EXPECT_LT(graph.slot(slot).level(), highest);
}

TEST(Graph, HoldsItsRulesForEveryTypeAndMetric) {
  for (const Parameters& parameters :
       {Parameters{12, VEXFS_TYPE_F32, VEXFS_METRIC_MANHATTAN, 4, 20, 3},
        Parameters{12, VEXFS_TYPE_F16, VEXFS_METRIC_L2, 5, 1, 3},
        Parameters{12, VEXFS_TYPE_I8, VEXFS_METRIC_DOT, 4, 100, 3},
        Parameters{4, VEXFS_TYPE_BINARY, VEXFS_METRIC_HAMMING, 4, 20, 3}})
    EXPECT_EQ(fault_in_links(golden::build(parameters, 10 * 4096)), "") << to_text(parameters);
}

TEST(Graph, IsTheSameAfterItsStateIsTakenAway) {
  Graph whole(kSmall);
  Graph interrupted(kSmall);
  for (std::uint64_t i = 0; i < 200; ++i) {
    for (Graph* graph : {&whole, &interrupted}) {
      put(*graph, i % 150, i % 130);
      const List batch = graph->next_batch(UINT64_MAX);
      if (!batch.empty()) graph->apply(graph->plan_link(batch));
    }
    interrupted = Graph(interrupted.state());
  }
  EXPECT_EQ(golden::digest(whole), golden::digest(interrupted));
}

TEST(Levels, AreRarerByMEach) {
  std::array<int, VEXFS_LEVEL_MAX + 1> slots{};
  for (std::uint32_t slot = 0; slot < 65536; ++slot) ++slots[level_of(0, 16, slot)];
  EXPECT_NEAR(slots[0], 65536 * 15 / 16, 300);
  EXPECT_NEAR(slots[1], 65536 * 15 / 256, 300);
  EXPECT_EQ(level_of(0, 16, 0), 0U) << "seed 0 favours no slot";
}

}  // namespace
}  // namespace vexfs::vectors
