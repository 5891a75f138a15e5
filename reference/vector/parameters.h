// SPDX-License-Identifier: MIT
// What a collection is created with: docs/vectors.md, "Parameters".
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "reference/contract/vector.h"

namespace vexfs::vectors {

struct Parameters {
  std::uint32_t dim = 0;
  std::uint8_t type = VEXFS_TYPE_F32;
  std::uint8_t metric = VEXFS_METRIC_L2;
  std::uint16_t m = VEXFS_M_DEFAULT;
  std::uint32_t ef_construction = VEXFS_EF_CONSTRUCTION_DEFAULT;
  std::uint64_t seed = 0;
  bool operator==(const Parameters&) const = default;
};

/// Whether all are in bounds and the type has the metric.
bool is_valid(const Parameters& parameters);

/// The value of the attribute `user.vexfs.collection` (docs/api.md, "Collections"). None unless it
/// is of that form and valid.
std::optional<Parameters> parse_parameters(std::string_view text, std::uint64_t default_seed);

/// What getxattr returns.
std::string to_text(const Parameters& parameters);

/// `f32`, `l2` and so on; "unknown" for a number that has no name.
std::string_view type_name(std::uint8_t type);
std::string_view metric_name(std::uint8_t metric);

/// Bytes of a row on the wire, and of a row with its padding in the vectors inode.
std::size_t row_bytes(const Parameters& parameters);
std::size_t stride(const Parameters& parameters);

/// Bytes that linking a slot of this level may add to a transaction ("Units of work", cost).
std::uint64_t link_cost(const Parameters& parameters, unsigned level);

}  // namespace vexfs::vectors
