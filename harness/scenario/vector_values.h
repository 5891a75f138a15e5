// SPDX-License-Identifier: MIT
// Ids and vectors of the operations on collections: a scenario writes them as numbers, or says how
// they are made.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace vexfs::parity {

/// Ids in the order of the request. In a file a run of consecutive ones can be written as a range.
struct Ids {
  std::vector<std::uint64_t> values;
  bool operator==(const Ids&) const = default;
};

/// The most ids of one operation; the codec refuses more.
inline constexpr std::uint64_t kMostIds = 1u << 20;

/// What the elements of rows are on the wire; the collection says what they have to be.
enum class ElementType : std::uint32_t { kF32, kF16, kI8, kBinary };

/// An element before it is rounded to its type. Equal are the same bits: NaN is itself, -0 is not
/// 0.
struct Number {
  double value = 0;
  bool operator==(const Number& other) const {
    return std::bit_cast<std::uint64_t>(value) == std::bit_cast<std::uint64_t>(other.value);
  }
};

/// Rows number by number; they need not be equally long.
using RowList = std::vector<std::vector<Number>>;

/// Rows made from splitmix64 of `seed`, one output for each element (docs/scenarios.md, "Values").
struct RowPattern {
  enum class Fill : std::uint32_t {
    kPrng,     // spread widely
    kGrid,     // -1, 0 or 1: many ties, and duplicates where rows are short
    kCluster,  // four centres: duplicates of them and near-duplicates
    kEdges,    // the least and greatest numbers of the type
  };
  Fill fill = Fill::kPrng;
  std::uint64_t seed = 0;
  std::uint32_t dim = 1;
  std::uint32_t rows = 0;  // 0: as many as the operation needs
  bool operator==(const RowPattern&) const = default;
};

using Rows = std::variant<RowList, RowPattern>;

/// The most elements of one operation; the codec refuses more.
inline constexpr std::uint64_t kMostElements = 1u << 24;

/// How many rows `rows` has where the operation needs `needed`.
std::size_t row_count(const Rows& rows, std::size_t needed);

/// The rows number by number.
RowList list_of(const Rows& rows, ElementType type, std::size_t needed);

/// Their bytes as a request carries them, one row after the other. Numbers that the type has not
/// are rounded; of `binary` bit 0 of the number counts, and bits fill bytes from the lowest.
std::string encode_rows(const Rows& rows, ElementType type, std::size_t needed);

/// The numbers of one row in a reply; of `binary` all bits of all bytes.
std::vector<Number> decode_row(std::string_view bytes, ElementType type);

/// Bytes of a row of `dim` elements.
std::size_t row_bytes(ElementType type, std::size_t dim);

}  // namespace vexfs::parity
