// SPDX-License-Identifier: MIT
// Rows and distances, to the last bit: docs/vectors.md, "Arithmetic".
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <vector>

#include "reference/vector/parameters.h"

namespace vexfs::vectors {

/// A row as it is stored, without padding.
using Row = std::vector<std::byte>;

/// The value of an f16, exactly.
float half_to_float(std::uint16_t half);

/// The row that `bytes` (row_bytes() of them) are stored as, a query's too. Refused: the error is
/// the byte of the element at fault, 0 if the whole row is.
std::expected<Row, std::size_t> stored_row(const Parameters& parameters,
                                           std::span<const std::byte> bytes);

/// The distance of two stored rows: the bits of an f32, or an i32, as the type says.
std::uint32_t distance(const Parameters& parameters, const Row& a, const Row& b);

/// Ascending with the distance, whatever its type.
std::uint32_t order_bits(const Parameters& parameters, std::uint32_t distance);

/// Order bits above, slot below: no two keys to one row are equal.
using Key = std::uint64_t;

inline Key make_key(std::uint32_t order, std::uint32_t slot) {
  return std::uint64_t{order} << 32 | slot;
}
inline std::uint32_t slot_of(Key key) { return static_cast<std::uint32_t>(key); }
inline std::uint32_t order_of(Key key) { return static_cast<std::uint32_t>(key >> 32); }

}  // namespace vexfs::vectors
