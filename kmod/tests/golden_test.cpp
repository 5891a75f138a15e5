// SPDX-License-Identifier: GPL-2.0-only
// The module's vectors and graph against the numbers of docs/vectors.md, "Worked examples", with
// every instruction set that this CPU has.
#include <cerrno>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "kmod/tests/graph.h"
#include "reference/contract/vector.h"

namespace {

using nlohmann::json;

const json& golden() {
  static const json document = json::parse(std::ifstream(VEXFS_GOLDEN));
  return document;
}

uint8_t type_of(const json& named) {
  const std::string name = named.at("type");
  return name == "f32"   ? VEXFS_TYPE_F32
         : name == "f16" ? VEXFS_TYPE_F16
         : name == "i8"  ? VEXFS_TYPE_I8
                         : VEXFS_TYPE_BINARY;
}

uint8_t metric_of(const json& named) {
  const std::string name = named.at("metric");
  if (name == "l2") return VEXFS_METRIC_L2;
  if (name == "cosine") return VEXFS_METRIC_COSINE;
  if (name == "dot") return VEXFS_METRIC_DOT;
  return name == "manhattan" ? VEXFS_METRIC_MANHATTAN : VEXFS_METRIC_HAMMING;
}

uint64_t mix64(uint64_t z) {
  z ^= z >> 30;
  z *= 0xbf58476d1ce4e5b9;
  z ^= z >> 27;
  z *= 0x94d049bb133111eb;
  return z ^ z >> 31;
}

uint64_t word(uint64_t n) { return mix64((n + 1) * 0x9e3779b97f4a7c15); }

template <typename T>
void append(std::vector<uint8_t>& bytes, T value) {
  for (size_t i = 0; i < sizeof(T); i++) bytes.push_back(static_cast<uint8_t>(value >> 8 * i));
}

std::vector<uint8_t> input_row(uint8_t type, uint32_t dim, uint64_t row) {
  std::vector<uint8_t> bytes;
  const uint32_t elements = type == VEXFS_TYPE_BINARY ? (dim + 7) / 8 : dim;
  for (uint32_t e = 0; e < elements; e++) {
    const uint64_t w = word(row * dim + e);
    if (type == VEXFS_TYPE_F32) {
      append(bytes, static_cast<uint32_t>((w & 0x807fffff) | (120 + (w >> 32) % 12) << 23));
    } else if (type == VEXFS_TYPE_F16) {
      append(bytes, static_cast<uint16_t>((w & 0x83ff) | (11 + (w >> 32) % 8) << 10));
    } else {
      bytes.push_back(static_cast<uint8_t>(w));
    }
  }
  if (type == VEXFS_TYPE_BINARY && dim % 8 != 0)
    bytes.back() &= static_cast<uint8_t>((1 << dim % 8) - 1);
  return bytes;
}

std::vector<uint8_t> bytes_of(const std::string& hex) {
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i < hex.size(); i += 2)
    bytes.push_back(static_cast<uint8_t>(std::stoul(hex.substr(i, 2), nullptr, 16)));
  return bytes;
}

uint64_t number(const json& hex) { return std::stoull(hex.get<std::string>(), nullptr, 16); }

graph_options options_of(const json& named) {
  graph_options options = {};
  options.dim = named.at("dim");
  options.m = named.value("m", 16U);
  options.ef_construction = named.value("ef_construction", 200U);
  options.type = type_of(named);
  options.metric = metric_of(named);
  options.seed = named.value("seed", uint64_t{0});
  options.transaction_bytes = named.value("transaction_bytes", uint64_t{0});
  return options;
}

struct GraphEnd {
  void operator()(graph* graph) const { graph_free(graph); }
};
using Graph = std::unique_ptr<graph, GraphEnd>;

// Puts, replaces, repeats and deletes, as the page says.
Graph built(const graph_options& options) {
  Graph graph(graph_new(&options));
  for (uint32_t i = 0; i < 300; i++) {
    if (i % 10 == 9) {
      graph_delete(graph.get(), i / 2);
      continue;
    }
    const bool repeat = i % 7 == 6;
    const bool replace = !repeat && i % 11 == 10;
    const auto row = input_row(options.type, options.dim, repeat ? i - 6 : i);
    EXPECT_EQ(graph_put(graph.get(), replace ? i - 10 : i, row.data()), 0);
  }
  return graph;
}

json list_of(const graph* graph, uint32_t slot, uint32_t level) {
  uint32_t links[2 * VEXFS_M_MAX];
  const uint32_t count = graph_list(graph, slot, level, links);
  return json(std::vector<uint32_t>(links, links + count));
}

void expect_search(const graph* graph, const graph_options& options, const json& search) {
  const auto row = input_row(options.type, options.dim, search.at("row"));
  std::vector<uint64_t> filter;
  if (const uint32_t every = search.at("filter_every"); every != 0)
    for (uint64_t id = 0; id < 300; id += every) filter.push_back(id);
  std::vector<graph_answer> answers(search.at("k").get<uint32_t>());
  bool truncated = false;
  const uint32_t count =
      graph_search(graph, row.data(), search.at("k"), search.at("ef"), search.at("max_visits"),
                   search.at("exact"), filter.empty() ? nullptr : filter.data(),
                   static_cast<uint32_t>(filter.size()), answers.data(), &truncated);
  EXPECT_EQ(truncated, search.at("truncated").get<bool>());
  ASSERT_EQ(count, search.at("answers").size());
  for (uint32_t i = 0; i < count; i++) {
    const json& expected = search.at("answers")[i];
    EXPECT_EQ(answers[i].id, expected[0].get<uint64_t>());
    EXPECT_EQ(answers[i].distance, number(expected[1]));
    EXPECT_EQ(answers[i].slot, expected[2].get<uint32_t>());
  }
}

TEST(Levels, FollowTheSeed) {
  for (const json& group : golden().at("levels")) {
    for (uint32_t slot = 0; slot < group.at("slots").size(); slot++) {
      const json& expected = group.at("slots")[slot];
      EXPECT_EQ(graph_level_hash(group.at("seed"), slot), number(expected.at("h")));
      EXPECT_EQ(graph_level(group.at("seed"), group.at("m"), slot),
                expected.at("level").get<uint32_t>());
    }
  }
}

TEST(LinkCost, IsThatOfThePage) {
  for (const json& expected : golden().at("link_costs"))
    EXPECT_EQ(graph_link_cost(expected.at("m"), expected.at("level")),
              expected.at("cost").get<uint64_t>());
}

TEST(Simd, UnknownNamesAreRefused) { EXPECT_EQ(graph_simd("mmx"), -EINVAL); }

class Golden : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (const int err = graph_simd(GetParam()); err != 0)
      GTEST_SKIP() << "this CPU has no " << GetParam();
  }
  void TearDown() override { graph_simd("auto"); }
};

TEST_P(Golden, Distances) {
  for (const json& expected : golden().at("distances")) {
    const graph_options options = options_of(expected);
    const auto a = bytes_of(expected.at("a"));
    const auto b = bytes_of(expected.at("b"));
    const auto got = graph_distance(&options, a.data(), b.data());
    EXPECT_EQ(got.stored_a_crc, number(expected.at("stored_a_crc"))) << expected.dump();
    EXPECT_EQ(got.distance, number(expected.at("distance"))) << expected.dump();
    EXPECT_EQ(got.order, number(expected.at("order"))) << expected.dump();
  }
}

TEST_P(Golden, Graphs) {
  for (const json& expected : golden().at("graphs")) {
    SCOPED_TRACE(expected.at("type").get<std::string>() + " " +
                 expected.at("metric").get<std::string>());
    const graph_options options = options_of(expected);
    const Graph graph = built(options);
    const auto counts = graph_counts(graph.get());
    EXPECT_EQ(counts.slots, expected.at("slots").get<uint32_t>());
    EXPECT_EQ(counts.live, expected.at("live").get<uint32_t>());
    EXPECT_EQ(counts.linked, expected.at("linked").get<uint32_t>());
    EXPECT_EQ(counts.tail, expected.at("tail").get<uint32_t>());
    EXPECT_EQ(counts.entry, expected.at("entry").get<uint32_t>());
    EXPECT_EQ(counts.entry_level, expected.at("entry_level").get<uint32_t>());
    EXPECT_EQ(counts.sequence, expected.at("sequence").get<uint64_t>());
    for (uint32_t level = 0; level <= counts.entry_level; level++)
      EXPECT_EQ(list_of(graph.get(), counts.entry, level), expected.at("entry_lists")[level]);
    EXPECT_EQ(list_of(graph.get(), 70, 0), expected.at("slot_70_list"));
    EXPECT_EQ(graph_digest(graph.get()), number(expected.at("digest")));
    for (const json& search : expected.at("searches")) {
      SCOPED_TRACE(search.dump());
      expect_search(graph.get(), options, search);
    }
  }
}

TEST_P(Golden, CompactedGraphs) {
  for (const json& group : golden().at("graphs")) {
    const json& expected = group.at("compacted");
    const graph_options options = options_of(group);
    const Graph compacted(graph_compacted(built(options).get(), &options));
    const auto counts = graph_counts(compacted.get());
    EXPECT_EQ(counts.slots, expected.at("slots").get<uint32_t>());
    EXPECT_EQ(counts.live, expected.at("slots").get<uint32_t>());
    EXPECT_EQ(counts.linked, expected.at("linked").get<uint32_t>());
    EXPECT_EQ(counts.tail, expected.at("tail").get<uint32_t>());
    EXPECT_EQ(counts.sequence, expected.at("sequence").get<uint64_t>());
    EXPECT_EQ(graph_digest(compacted.get()), number(expected.at("digest")));
  }
}

INSTANTIATE_TEST_SUITE_P(EachInstructionSet, Golden, testing::Values("sse2", "avx2", "avx512"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
