// SPDX-License-Identifier: MIT
// Ids and rows as they stand in a scenario file.
#include <cmath>
#include <limits>

#include "harness/scenario/value_codec.h"

namespace vexfs::parity {
namespace {

constexpr std::size_t kLeastRange = 4;   // shorter runs of ids are written one by one
constexpr double kExactWhole = 1 << 24;  // whole numbers up to here are written without a point

constexpr Named kTypes[] = {{"f32", static_cast<std::uint32_t>(ElementType::kF32)},
                            {"f16", static_cast<std::uint32_t>(ElementType::kF16)},
                            {"i8", static_cast<std::uint32_t>(ElementType::kI8)},
                            {"binary", static_cast<std::uint32_t>(ElementType::kBinary)}};
constexpr Named kFills[] = {{"prng", static_cast<std::uint32_t>(RowPattern::Fill::kPrng)},
                            {"grid", static_cast<std::uint32_t>(RowPattern::Fill::kGrid)},
                            {"cluster", static_cast<std::uint32_t>(RowPattern::Fill::kCluster)},
                            {"edges", static_cast<std::uint32_t>(RowPattern::Fill::kEdges)}};

void read_range(const JsonReader& reader, Ids& ids) {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
  ObjectReader object(reader, "an array of ids or {\"from\":..,\"count\":..}");
  object.required("from", first);
  object.required("count", count);
  object.finish();
  if (count > kMostIds) return reader.fail("at most " + std::to_string(kMostIds) + " ids");
  for (std::uint64_t i = 0; i < count; ++i) ids.values.push_back(first + i);
}

bool is_range(const std::vector<std::uint64_t>& ids) {
  for (std::size_t i = 1; i < ids.size(); ++i) {
    if (ids[i] != ids[0] + i) return false;
  }
  return ids.size() >= kLeastRange;
}

RowPattern read_pattern(const JsonReader& reader) {
  RowPattern pattern;
  ObjectReader object(reader, "rows");
  object.allow("fill");
  pattern.fill = static_cast<RowPattern::Fill>(read_name(reader.child("fill"), kFills));
  object.required("seed", pattern.seed);
  object.required("dim", pattern.dim);
  object.optional("rows", pattern.rows, 0u);
  object.finish();
  return pattern;
}

std::uint64_t elements(const Rows& rows) {
  if (const auto* pattern = std::get_if<RowPattern>(&rows)) {
    return std::uint64_t{pattern->dim} * std::max(pattern->rows, 1u);
  }
  std::uint64_t count = 0;
  for (const auto& row : std::get<RowList>(rows)) count += row.size();
  return count;
}

}  // namespace

void read_value(const JsonReader& reader, Ids& value) {
  value.values.clear();
  if (reader.node().is_object()) return read_range(reader, value);
  if (!reader.is_array("an array of ids or {\"from\":..,\"count\":..}")) return;
  read_value(reader, value.values);
  if (value.values.size() > kMostIds) reader.fail("at most " + std::to_string(kMostIds) + " ids");
}

Json write_value(const Ids& value) {
  if (!is_range(value.values)) return value.values;
  return {{"from", value.values.front()}, {"count", value.values.size()}};
}

void read_value(const JsonReader& reader, Number& value) {
  const Json& node = reader.node();
  if (node.is_number()) {
    value.value = node.get<double>();
  } else if (node == "nan") {
    value.value = std::numeric_limits<double>::quiet_NaN();
  } else if (node == "inf" || node == "-inf") {
    value.value = node == "inf" ? HUGE_VAL : -HUGE_VAL;
  } else {
    reader.fail("a number, \"nan\", \"inf\" or \"-inf\"");
  }
}

Json write_value(const Number& number) {
  const double value = number.value;
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  const bool negative_zero = value == 0 && std::signbit(value);
  if (std::fabs(value) <= kExactWhole && value == std::trunc(value) && !negative_zero) {
    return static_cast<std::int64_t>(value);
  }
  return value;
}

void read_value(const JsonReader& reader, Rows& value) {
  constexpr std::string_view kForms =
      "rows: [[1, 2], [3, 4]] or "
      "{\"fill\":\"prng\" or \"grid\" or \"cluster\" or \"edges\",\"seed\":..,\"dim\":..}";
  if (reader.node().is_object() && reader.node().contains("fill")) {
    value = read_pattern(reader);
  } else if (reader.is_array(kForms)) {
    read_value(reader, value.emplace<RowList>());
  }
  if (elements(value) > kMostElements) {
    reader.fail("at most " + std::to_string(kMostElements) + " elements");
  }
}

Json write_value(const Rows& value) {
  if (const auto* pattern = std::get_if<RowPattern>(&value)) {
    Json json = {{"fill", write_name(kFills, static_cast<std::uint32_t>(pattern->fill))},
                 {"seed", pattern->seed},
                 {"dim", pattern->dim}};
    if (pattern->rows != 0) json["rows"] = pattern->rows;
    return json;
  }
  Json json = Json::array();
  for (const auto& row : std::get<RowList>(value)) {
    Json& numbers = json.emplace_back(Json::array());
    for (const Number& number : row) numbers.push_back(write_value(number));
  }
  return json;
}

void read_value(const JsonReader& reader, ElementType& value) {
  value = static_cast<ElementType>(read_name(reader, kTypes));
}
Json write_value(const ElementType& value) {
  return write_name(kTypes, static_cast<std::uint32_t>(value));
}

}  // namespace vexfs::parity
