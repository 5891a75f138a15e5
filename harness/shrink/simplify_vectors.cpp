// SPDX-License-Identifier: MIT
// Simpler vectors: fewer ids with their rows, a smaller dimension in all steps at once, fewer
// parameters of collections.
#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "harness/scenario/operation_fields.h"
#include "harness/shrink/simplify.h"

namespace vexfs::parity {
namespace {

constexpr std::string_view kDim = "dim=";
constexpr std::size_t kMostNumbers = 32;  // of a pattern that is written out

// `items` without each half, quarter and so on, down to each single one.
template <class T>
std::vector<std::vector<T>> without_parts(const std::vector<T>& items) {
  std::vector<std::vector<T>> found;
  for (std::size_t part = (items.size() + 1) / 2; part > 0; part /= 2) {
    for (std::size_t at = 0; at < items.size(); at += part) {
      const std::size_t end = std::min(items.size(), at + part);
      std::vector<T> rest(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(at));
      rest.insert(rest.end(), items.begin() + static_cast<std::ptrdiff_t>(end), items.end());
      if (!rest.empty()) found.push_back(std::move(rest));
    }
  }
  return found;
}

// The numbers of a pattern of few of them.
std::optional<RowList> written_out(const Rows& rows, ElementType type, std::size_t needed) {
  const auto* pattern = std::get_if<RowPattern>(&rows);
  if (pattern == nullptr || row_count(rows, needed) * pattern->dim > kMostNumbers) {
    return std::nullopt;
  }
  return list_of(rows, type, needed);
}

std::vector<VectorPut> simpler_puts(const VectorPut& put) {
  std::vector<VectorPut> found;
  const auto* list = std::get_if<RowList>(&put.rows);
  std::vector<std::size_t> places(put.ids.values.size());
  for (std::size_t i = 0; i < places.size(); ++i) places[i] = i;
  const bool pairs = list == nullptr || list->size() == places.size();
  for (const auto& kept : pairs ? without_parts(places) : std::vector<std::vector<std::size_t>>{}) {
    VectorPut fewer = put;
    fewer.ids.values.clear();
    RowList rows;
    for (const std::size_t i : kept) {
      fewer.ids.values.push_back(put.ids.values[i]);
      if (list != nullptr) rows.push_back((*list)[i]);
    }
    if (list != nullptr) fewer.rows = rows;
    found.push_back(std::move(fewer));
  }
  if (auto rows = written_out(put.rows, put.type, places.size())) {
    found.push_back(put);
    found.back().rows = std::move(*rows);
  }
  return found;
}

std::vector<VectorSearch> simpler_searches(const VectorSearch& search) {
  std::vector<VectorSearch> found;
  if (const auto* list = std::get_if<RowList>(&search.queries)) {
    for (auto& rows : without_parts(*list)) {
      found.push_back(search);
      found.back().queries = std::move(rows);
    }
  } else if (auto rows = written_out(search.queries, search.type, 1)) {
    found.push_back(search);
    found.back().queries = std::move(*rows);
  }
  for (auto& ids : without_parts(search.filter.values)) {
    found.push_back(search);
    found.back().filter.values = std::move(ids);
  }
  return found;
}

std::vector<VectorAttach> simpler_attachments(const VectorAttach& attach) {
  auto row = written_out(attach.row, attach.type, 1);
  if (!row) return {};
  VectorAttach written = attach;
  written.row = std::move(*row);
  return {written};
}

// A value of the collection attribute without each of its items but the dimension.
std::vector<Setxattr> simpler_values(const Setxattr& setxattr) {
  std::vector<Setxattr> found;
  for (std::size_t at = setxattr.value.find(' '); at != std::string::npos;) {
    const std::size_t end = setxattr.value.find(' ', at + 1);
    found.push_back(setxattr);
    found.back().value.erase(at, end == std::string::npos ? end : end - at);
    at = end;
  }
  return found;
}

template <class O>
std::vector<O> simpler_operations(const O& o) {
  std::vector<O> found;
  if constexpr (std::same_as<O, VectorPut>) return simpler_puts(o);
  if constexpr (std::same_as<O, VectorSearch>) return simpler_searches(o);
  if constexpr (std::same_as<O, VectorAttach>) return simpler_attachments(o);
  if constexpr (std::same_as<O, Setxattr>) return simpler_values(o);
  if constexpr (std::same_as<O, VectorDelete> || std::same_as<O, VectorGet>) {
    for (auto& ids : without_parts(o.ids.values)) {
      found.push_back(o);
      found.back().ids.values = std::move(ids);
    }
  }
  return found;
}

std::optional<std::uint32_t> dim_of(const std::string& value) {
  std::uint32_t dim = 0;
  if (!value.starts_with(kDim)) return std::nullopt;
  const auto read = std::from_chars(value.data() + kDim.size(), value.data() + value.size(), dim);
  return read.ec == std::errc() ? std::optional(dim) : std::nullopt;
}

// Gives everything that has the dimension `from` the dimension `to`, which is smaller.
class Narrower {
 public:
  Narrower(std::uint32_t from, std::uint32_t to) : from_(from), to_(to) {}

  template <class T>
  void required(std::string_view name, T& field) {
    if constexpr (std::same_as<T, Rows>) narrow(field);
    if constexpr (std::same_as<T, std::string>) {
      if (name == "value" && dim_of(field) == from_) {
        const std::size_t end = field.find_first_not_of("0123456789", kDim.size());
        const std::string rest = end == std::string::npos ? "" : field.substr(end);
        field = std::string(kDim) + std::to_string(to_) + rest;
      }
    }
  }
  template <class T, class Default>
  void optional(std::string_view name, T& field, const Default&) {
    required(name, field);
  }

 private:
  void narrow(Rows& rows) const {
    if (auto* pattern = std::get_if<RowPattern>(&rows)) {
      if (pattern->dim == from_) pattern->dim = to_;
      return;
    }
    for (auto& row : std::get<RowList>(rows)) {
      if (row.size() == from_) row.resize(to_);
    }
  }

  std::uint32_t from_;
  std::uint32_t to_;
};

}  // namespace

std::vector<Step> simpler_vectors(const Step& step) {
  return std::visit(
      [&step](const auto& o) {
        std::vector<Step> found;
        for (auto& simpler : simpler_operations(o)) {
          found.push_back(step);
          found.back().operation = std::move(simpler);
        }
        return found;
      },
      step.operation);
}

std::vector<std::vector<Step>> smaller_dimensions(const std::vector<Step>& steps) {
  std::set<std::uint32_t> dims;
  for (const Step& step : steps) {
    const auto* setxattr = std::get_if<Setxattr>(&step.operation);
    const auto dim = setxattr == nullptr ? std::nullopt : dim_of(setxattr->value);
    if (dim) dims.insert(*dim);
  }
  std::vector<std::vector<Step>> found;
  for (const std::uint32_t dim : dims) {
    for (const std::uint32_t smaller : {1U, dim / 2, dim - 1}) {
      if (dim < 2 || smaller == 0) continue;
      found.push_back(steps);
      Narrower narrower(dim, smaller);
      for (Step& step : found.back()) visit_fields(narrower, step.operation);
    }
  }
  return found;
}

}  // namespace vexfs::parity
