// SPDX-License-Identifier: MIT
#include <nlohmann/json.hpp>

#include "reference/model/bytes.h"
#include "reference/model/checksum.h"
#include "reference/vector/golden/generator.h"
#include "reference/vector/levels.h"
#include "reference/vector/search.h"

namespace vexfs::vectors::golden {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kUnlimited = UINT64_MAX;

std::string hex(std::uint64_t value, int digits) {
  std::string text(static_cast<std::size_t>(digits), '0');
  for (auto at = text.rbegin(); at != text.rend(); ++at, value >>= 4)
    *at = "0123456789abcdef"[value & 15];
  return text;
}

std::string hex(const Row& row) {
  std::string text;
  for (std::byte byte : row) text += hex(std::to_integer<std::uint64_t>(byte), 2);
  return text;
}

Json levels_of_seed(std::uint64_t seed, std::uint16_t m) {
  Json slots = Json::array();
  for (std::uint32_t slot = 0; slot < 10; ++slot)
    slots.push_back({{"h", hex(level_hash(seed, slot), 16)}, {"level", level_of(seed, m, slot)}});
  return {{"seed", seed}, {"m", m}, {"slots", slots}};
}

Parameters parameters(std::uint32_t dim, std::uint8_t type, std::uint8_t metric) {
  return {dim, type, metric, 4, 20, 42};
}

// Rows 0 and 1 of the generator, with a -0.0 where the type has one.
Json distance_of(const Parameters& given) {
  Row a = wire_row(given, 0);
  const Row b = wire_row(given, 1);
  if (given.type == VEXFS_TYPE_F32) model::put(std::span(a), 0, -0.0F);
  if (given.type == VEXFS_TYPE_F16) model::put(std::span(a), 0, std::uint16_t{0x8000});
  const Row stored_a = stored_row(given, a).value();
  const Row stored_b = stored_row(given, b).value();
  const std::uint32_t bits = distance(given, stored_a, stored_b);
  return {{"dim", given.dim},
          {"type", type_name(given.type)},
          {"metric", metric_name(given.metric)},
          {"a", hex(a)},
          {"b", hex(b)},
          {"stored_a_crc", hex(model::crc32c(stored_a), 8)},
          {"distance", hex(bits, 8)},
          {"order", hex(order_bits(given, bits), 8)}};
}

Json answers_of(const Graph& graph, const Json& inputs) {
  Query query;
  query.row = stored_row(graph.parameters(), wire_row(graph.parameters(), inputs["row"])).value();
  query.k = inputs["k"];
  query.ef = inputs["ef"];
  query.max_visits = inputs["max_visits"];
  query.exact = inputs["exact"];
  if (const std::uint64_t every = inputs["filter_every"]; every > 0) {
    query.filter.emplace();
    for (std::uint64_t id = 0; id < kOperations; id += every) query.filter->insert(id);
  }
  const Answers found = search(graph, query);
  Json answers = Json::array();
  for (const Answer& answer : found.answers)
    answers.push_back({answer.id, hex(answer.distance, 8), answer.slot});
  Json output = inputs;
  output["truncated"] = found.truncated;
  output["answers"] = answers;
  return output;
}

Json searches_of(const Graph& graph) {
  const auto inputs = [](int row, int k, int ef, int max_visits, int filter_every, bool exact) {
    return Json{{"row", row},
                {"k", k},
                {"ef", ef},
                {"max_visits", max_visits},
                {"filter_every", filter_every},
                {"exact", exact}};
  };
  Json searches = Json::array();
  searches.push_back(answers_of(graph, inputs(1000, 5, 5, 0, 0, false)));
  searches.push_back(answers_of(graph, inputs(1000, 5, 5, 0, 0, true)));
  searches.push_back(answers_of(graph, inputs(1001, 3, 10, 2, 0, false)));
  searches.push_back(answers_of(graph, inputs(1002, 2, 1, 0, 3, false)));
  searches.push_back(answers_of(graph, inputs(1003, 4, 1, 0, 20, false)));
  searches.push_back(answers_of(graph, inputs(0, 3, 3, 0, 0, false)));
  return searches;
}

Json compacted_of(const Graph& before, std::uint64_t transaction_bytes) {
  const Graph graph = compacted(before, transaction_bytes);
  return {{"slots", graph.size()},
          {"linked", graph.state().linked},
          {"tail", graph.tail().size()},
          {"sequence", graph.state().sequence},
          {"digest", hex(digest(graph), 8)}};
}

// transaction_bytes 0: no limit.
Json graph_of(const Parameters& given, std::uint64_t transaction_bytes) {
  const std::uint64_t limit = transaction_bytes == 0 ? kUnlimited : transaction_bytes;
  const Graph graph = build(given, limit);
  const Slot& entry = graph.slot(graph.state().entry);
  return {{"dim", given.dim},
          {"type", type_name(given.type)},
          {"metric", metric_name(given.metric)},
          {"m", given.m},
          {"ef_construction", given.ef_construction},
          {"seed", given.seed},
          {"transaction_bytes", transaction_bytes},
          {"slots", graph.size()},
          {"live", graph.live()},
          {"linked", graph.state().linked},
          {"tail", graph.tail().size()},
          {"entry", graph.state().entry},
          {"entry_level", graph.state().entry_level},
          {"sequence", graph.state().sequence},
          {"entry_lists", entry.lists},
          {"slot_70_list", graph.slot(70).lists[0]},
          {"digest", hex(digest(graph), 8)},
          {"compacted", compacted_of(graph, limit)},
          {"searches", searches_of(graph)}};
}

Json link_costs() {
  Json costs = Json::array();
  for (const std::uint16_t m : {4, 16, 64})
    for (const unsigned level : {0U, 1U, 15U})
      costs.push_back(
          {{"m", m},
           {"level", level},
           {"cost", link_cost({12, VEXFS_TYPE_F32, VEXFS_METRIC_L2, m, 20, 0}, level)}});
  return costs;
}

}  // namespace

std::string document() {
  Json all;
  all["levels"] = {levels_of_seed(0, 16), levels_of_seed(42, 16)};
  for (const std::uint32_t dim : {3U, 77U})
    for (const std::uint8_t metric :
         {VEXFS_METRIC_L2, VEXFS_METRIC_COSINE, VEXFS_METRIC_DOT, VEXFS_METRIC_MANHATTAN}) {
      all["distances"].push_back(distance_of(parameters(dim, VEXFS_TYPE_F32, metric)));
      if (metric == VEXFS_METRIC_COSINE) continue;
      all["distances"].push_back(distance_of(parameters(dim, VEXFS_TYPE_F16, metric)));
      all["distances"].push_back(distance_of(parameters(dim, VEXFS_TYPE_I8, metric)));
    }
  all["distances"].push_back(distance_of(parameters(77, VEXFS_TYPE_BINARY, VEXFS_METRIC_HAMMING)));
  all["link_costs"] = link_costs();
  all["graphs"] = {graph_of(parameters(12, VEXFS_TYPE_F32, VEXFS_METRIC_L2), 0),
                   graph_of(parameters(12, VEXFS_TYPE_F32, VEXFS_METRIC_L2), 10 * 4096),
                   graph_of(parameters(12, VEXFS_TYPE_F32, VEXFS_METRIC_COSINE), 0),
                   graph_of(parameters(12, VEXFS_TYPE_F16, VEXFS_METRIC_DOT), 0),
                   graph_of(parameters(12, VEXFS_TYPE_I8, VEXFS_METRIC_MANHATTAN), 0),
                   graph_of(parameters(20, VEXFS_TYPE_BINARY, VEXFS_METRIC_HAMMING), 0)};
  return all.dump(1) + "\n";
}

}  // namespace vexfs::vectors::golden
