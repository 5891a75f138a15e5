// SPDX-License-Identifier: MIT
#include "fuse/core/collection_value.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <utility>
#include <vector>

namespace vexfs::core {

namespace {

using hnsw::ElementType;
using hnsw::Metric;

constexpr std::array<std::pair<std::string_view, ElementType>, 4> kTypes = {
    {{"f32", ElementType::kF32},
     {"f16", ElementType::kF16},
     {"i8", ElementType::kI8},
     {"binary", ElementType::kBinary}}};

constexpr std::array<std::pair<std::string_view, Metric>, 5> kMetrics = {
    {{"l2", Metric::kL2},
     {"cosine", Metric::kCosine},
     {"dot", Metric::kDot},
     {"manhattan", Metric::kManhattan},
     {"hamming", Metric::kHamming}}};

template <typename Table, typename Value>
std::string_view name_in(const Table& table, Value value) {
  return std::find_if(table.begin(), table.end(),
                      [&](const auto& entry) { return entry.second == value; })
      ->first;
}

template <typename Table, typename Value>
bool read_name(const Table& table, std::string_view text, Value& value) {
  const auto at = std::find_if(table.begin(), table.end(),
                               [&](const auto& entry) { return entry.first == text; });
  if (at == table.end()) return false;
  value = at->second;
  return true;
}

template <typename Number>
bool read_number(std::string_view text, Number& value) {
  if (text.empty() || text.find_first_not_of("0123456789") != text.npos) return false;
  return std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc{};
}

/** One `name=value`. */
bool read_item(std::string_view name, std::string_view value, hnsw::Parameters& parameters) {
  if (name == "dim") return read_number(value, parameters.dim);
  if (name == "type") return read_name(kTypes, value, parameters.type);
  if (name == "metric") return read_name(kMetrics, value, parameters.metric);
  if (name == "m") return read_number(value, parameters.m);
  if (name == "ef_construction") return read_number(value, parameters.ef_construction);
  if (name == "seed") return read_number(value, parameters.seed);
  return false;
}

}  // namespace

Expected<hnsw::Parameters> parse_collection_value(std::string_view value, uint64_t level_seed) {
  if (value.size() > kCollectionValueMax) return fail(EINVAL);
  hnsw::Parameters parameters{.seed = level_seed};
  std::vector<std::string_view> seen;
  while (true) {
    const size_t space = value.find(' ');
    const std::string_view item = value.substr(0, space);
    const size_t equals = item.find('=');
    if (equals == item.npos) return fail(EINVAL);
    const std::string_view name = item.substr(0, equals);
    if (std::ranges::find(seen, name) != seen.end()) return fail(EINVAL);
    if (!read_item(name, item.substr(equals + 1), parameters)) return fail(EINVAL);
    seen.push_back(name);
    if (space == value.npos) break;
    value.remove_prefix(space + 1);
  }
  const bool has_metric = std::ranges::find(seen, "metric") != seen.end();
  if (!has_metric && parameters.type == ElementType::kBinary) parameters.metric = Metric::kHamming;
  if (!parameters.valid()) return fail(EINVAL);
  return parameters;
}

std::string collection_value(const hnsw::Parameters& parameters) {
  return "dim=" + std::to_string(parameters.dim) +
         " type=" + std::string(name_of(parameters.type)) +
         " metric=" + std::string(name_of(parameters.metric)) +
         " m=" + std::to_string(parameters.m) +
         " ef_construction=" + std::to_string(parameters.ef_construction) +
         " seed=" + std::to_string(parameters.seed);
}

std::string_view name_of(hnsw::ElementType type) { return name_in(kTypes, type); }
std::string_view name_of(hnsw::Metric metric) { return name_in(kMetrics, metric); }

}  // namespace vexfs::core
