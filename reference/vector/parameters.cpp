// SPDX-License-Identifier: MIT
#include "reference/vector/parameters.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <set>
#include <utility>

namespace vexfs::vectors {
namespace {

constexpr std::size_t kLongestText = 255;

using Name = std::pair<std::string_view, std::uint8_t>;

constexpr std::array<Name, 4> kTypes{{{"f32", VEXFS_TYPE_F32},
                                      {"f16", VEXFS_TYPE_F16},
                                      {"i8", VEXFS_TYPE_I8},
                                      {"binary", VEXFS_TYPE_BINARY}}};
constexpr std::array<Name, 5> kMetrics{{{"l2", VEXFS_METRIC_L2},
                                        {"cosine", VEXFS_METRIC_COSINE},
                                        {"dot", VEXFS_METRIC_DOT},
                                        {"manhattan", VEXFS_METRIC_MANHATTAN},
                                        {"hamming", VEXFS_METRIC_HAMMING}}};

template <std::size_t N>
std::string_view name_of(const std::array<Name, N>& names, std::uint8_t number) {
  const auto found = std::ranges::find(names, number, &Name::second);
  return found == names.end() ? "unknown" : found->first;
}

template <std::size_t N>
bool parse_name(const std::array<Name, N>& names, std::string_view text, std::uint8_t& number) {
  const auto found = std::ranges::find(names, text, &Name::first);
  if (found == names.end()) return false;
  number = found->second;
  return true;
}

// Digits only.
template <typename T>
bool parse_number(std::string_view text, T& number) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return false;
  if (value > std::numeric_limits<T>::max()) return false;
  number = static_cast<T>(value);
  return true;
}

bool parse_item(std::string_view name, std::string_view value, Parameters& parameters) {
  if (name == "dim") return parse_number(value, parameters.dim);
  if (name == "type") return parse_name(kTypes, value, parameters.type);
  if (name == "metric") return parse_name(kMetrics, value, parameters.metric);
  if (name == "m") return parse_number(value, parameters.m);
  if (name == "ef_construction") return parse_number(value, parameters.ef_construction);
  if (name == "seed") return parse_number(value, parameters.seed);
  return false;
}

bool go_together(std::uint8_t type, std::uint8_t metric) {
  switch (type) {
    case VEXFS_TYPE_F32:
      return metric >= VEXFS_METRIC_L2 && metric <= VEXFS_METRIC_MANHATTAN;
    case VEXFS_TYPE_F16:
    case VEXFS_TYPE_I8:
      return metric == VEXFS_METRIC_L2 || metric == VEXFS_METRIC_DOT ||
             metric == VEXFS_METRIC_MANHATTAN;
    case VEXFS_TYPE_BINARY:
      return metric == VEXFS_METRIC_HAMMING;
    default:
      return false;
  }
}

bool within(std::uint32_t value, std::uint32_t low, std::uint32_t high) {
  return low <= value && value <= high;
}

std::uint64_t round_up(std::uint64_t value, std::uint64_t to) { return (value + to - 1) / to * to; }

}  // namespace

bool is_valid(const Parameters& parameters) {
  return within(parameters.dim, VEXFS_DIM_MIN, VEXFS_DIM_MAX) &&
         within(parameters.m, VEXFS_M_MIN, VEXFS_M_MAX) &&
         within(parameters.ef_construction, VEXFS_EF_CONSTRUCTION_MIN, VEXFS_EF_CONSTRUCTION_MAX) &&
         go_together(parameters.type, parameters.metric);
}

std::optional<Parameters> parse_parameters(std::string_view text, std::uint64_t default_seed) {
  if (text.size() > kLongestText) return std::nullopt;
  Parameters parameters;
  parameters.seed = default_seed;
  std::set<std::string_view> given;
  for (bool more = true; more;) {
    const std::size_t space = text.find(' ');
    more = space != text.npos;
    const std::string_view item = text.substr(0, space);
    if (more) text.remove_prefix(space + 1);
    const std::size_t equals = item.find('=');
    if (equals == item.npos || !given.insert(item.substr(0, equals)).second) return std::nullopt;
    if (!parse_item(item.substr(0, equals), item.substr(equals + 1), parameters))
      return std::nullopt;
  }
  if (parameters.type == VEXFS_TYPE_BINARY && !given.contains("metric"))
    parameters.metric = VEXFS_METRIC_HAMMING;
  if (!is_valid(parameters)) return std::nullopt;
  return parameters;
}

std::string to_text(const Parameters& parameters) {
  return "dim=" + std::to_string(parameters.dim) +
         " type=" + std::string(type_name(parameters.type)) +
         " metric=" + std::string(metric_name(parameters.metric)) +
         " m=" + std::to_string(parameters.m) +
         " ef_construction=" + std::to_string(parameters.ef_construction) +
         " seed=" + std::to_string(parameters.seed);
}

std::string_view type_name(std::uint8_t type) { return name_of(kTypes, type); }
std::string_view metric_name(std::uint8_t metric) { return name_of(kMetrics, metric); }

std::size_t row_bytes(const Parameters& parameters) {
  switch (parameters.type) {
    case VEXFS_TYPE_F32:
      return 4 * std::size_t{parameters.dim};
    case VEXFS_TYPE_F16:
      return 2 * std::size_t{parameters.dim};
    case VEXFS_TYPE_I8:
      return parameters.dim;
    default:
      return (std::size_t{parameters.dim} + 7) / 8;
  }
}

std::size_t stride(const Parameters& parameters) {
  return round_up(row_bytes(parameters), VEXFS_ROW_ALIGN);
}

std::uint64_t link_cost(const Parameters& parameters, unsigned level) {
  constexpr std::uint64_t kRecordHeader = 24;  // struct vexfs_tx_block
  const std::uint64_t units =
      round_up(VEXFS_SLOT_BYTES(parameters.m), VEXFS_UNIT_SIZE) / VEXFS_UNIT_SIZE + 2;
  return (std::uint64_t{level} + 1) * (parameters.m + 1U) *
         (kRecordHeader + VEXFS_UNIT_SIZE * units);
}

}  // namespace vexfs::vectors
