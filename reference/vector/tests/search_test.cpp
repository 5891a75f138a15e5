// SPDX-License-Identifier: MIT
#include "reference/vector/search.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "reference/model/bytes.h"
#include "reference/vector/golden/generator.h"

namespace vexfs::vectors {
namespace {

constexpr Parameters kGaussian{16, VEXFS_TYPE_F32, VEXFS_METRIC_L2, 8, 60, 1};

Row gaussian_row(std::mt19937& random) {
  std::normal_distribution<float> normal;
  Row row(row_bytes(kGaussian));
  for (std::size_t i = 0; i < kGaussian.dim; ++i) model::put(std::span(row), 4 * i, normal(random));
  return row;
}

void put(Graph& graph, std::uint64_t id, const Row& row) {
  graph.apply(graph.plan_put(id, stored_row(graph.parameters(), row).value()));
  const List batch = graph.next_batch(UINT64_MAX);
  if (!batch.empty()) graph.apply(graph.plan_link(batch));
}

// 1,500 vectors, `distinct` of them different.
Graph gaussian_graph(std::size_t distinct) {
  std::mt19937 random(1);
  std::vector<Row> rows;
  for (std::size_t i = 0; i < distinct; ++i) rows.push_back(gaussian_row(random));
  Graph graph(kGaussian);
  for (std::size_t i = 0; i < 1500; ++i) put(graph, i, rows[random() % distinct]);
  return graph;
}

// How many of the 10 nearest a search finds, in the mean.
double recall(const Graph& graph, std::uint32_t ef) {
  std::mt19937 random(2);
  std::size_t found = 0;
  constexpr int kQueries = 50;
  for (int i = 0; i < kQueries; ++i) {
    Query query{.row = gaussian_row(random), .k = 10, .ef = ef};
    const auto approximate = search(graph, query).answers;
    query.exact = true;
    for (const Answer& answer : search(graph, query).answers)
      found += static_cast<std::size_t>(std::ranges::count(approximate, answer));
  }
  return static_cast<double>(found) / (10.0 * kQueries);
}

TEST(Search, FindsTheNearestOfAGaussianSet) { EXPECT_GE(recall(gaussian_graph(1500), 60), 0.95); }

TEST(Search, FindsTheNearestAmongManyCopies) { EXPECT_GE(recall(gaussian_graph(100), 60), 0.95); }

TEST(Search, AlwaysGivesKAnswersIfThereAreSoMany) {
  std::mt19937 random(3);
  Graph graph = gaussian_graph(1000);
  for (SlotNumber slot = 0; slot < graph.size(); ++slot)
    if (slot % 70 != 0 && !graph.slot(slot).dead) graph.apply(DeletePlan{slot});
  for (const std::uint32_t k : {1U, 10U, 21U, 50U}) {
    Query query{.row = gaussian_row(random), .k = k, .ef = 1};
    EXPECT_EQ(search(graph, query).answers.size(), std::min(k, graph.live()));
    query.filter = {0, 70, 140, 141, 99999};
    EXPECT_EQ(search(graph, query).answers.size(), std::min(k, 3U));
  }
}

TEST(Search, ComparesWithTheTail) {
  std::mt19937 random(4);
  Graph graph = gaussian_graph(1500);
  const Row row = gaussian_row(random);
  ASSERT_LT(graph.tail().size(), 63U);
  put(graph, 5000, row);
  const auto answers = search(graph, {.row = row, .k = 1, .ef = 1, .max_visits = 1}).answers;
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0], (Answer{5000, 0, 1500}));
}

TEST(Search, OfAnEmptyGraphGivesNothing) {
  const Graph graph(kGaussian);
  const Answers found = search(graph, {.row = Row(64), .k = 5, .ef = 5, .max_visits = 1});
  EXPECT_TRUE(found.answers.empty());
  EXPECT_FALSE(found.truncated);
}

TEST(Search, WithMoreVisitsEndsAsWithoutALimit) {
  std::mt19937 random(5);
  const Graph graph = gaussian_graph(1500);
  Query query{.row = gaussian_row(random), .k = 10, .ef = 30};
  const auto whole = search(graph, query);
  EXPECT_FALSE(whole.truncated);
  int truncated = 0;
  for (query.max_visits = 5;; query.max_visits += 5, ++truncated) {
    const auto found = search(graph, query);
    if (found.truncated) continue;
    EXPECT_EQ(found.answers, whole.answers);
    break;
  }
  EXPECT_GE(truncated, 5) << "ef 30 expands at least 30";
}

TEST(Search, WithAFilterThatIsNotSmallWalksTheGraph) {
  std::mt19937 random(6);
  const Graph graph = gaussian_graph(1500);
  Query query{.row = gaussian_row(random), .k = 10, .ef = 20, .filter = {{}}};
  for (std::uint64_t id = 0; id < 1500; id += 2) query.filter->insert(id);
  query.max_visits = 1;
  EXPECT_TRUE(search(graph, query).truncated) << "750 ids are more than 16 · 20";
  query.ef = 47;
  EXPECT_FALSE(search(graph, query).truncated) << "and not more than 16 · 47";
  for (const Answer& answer : search(graph, query).answers) EXPECT_EQ(answer.id % 2, 0U);
}

TEST(Search, OrdersEqualDistancesBySlot) {
  Graph graph(kGaussian);
  for (std::uint64_t id : {9, 8, 7}) put(graph, id, Row(64));
  std::vector<std::uint64_t> ids;
  for (const Answer& answer : search(graph, {.row = Row(64), .k = 3}).answers)
    ids.push_back(answer.id);
  EXPECT_EQ(ids, (std::vector<std::uint64_t>{9, 8, 7}));
}

}  // namespace
}  // namespace vexfs::vectors
