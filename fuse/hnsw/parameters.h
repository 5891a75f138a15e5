// SPDX-License-Identifier: MIT
// What a collection is made of (docs/vectors.md, "Parameters").
#pragma once

#include <cstddef>
#include <cstdint>

#include "reference/contract/vector.h"

namespace vexfs::hnsw {

enum class ElementType : uint8_t {
  kF32 = VEXFS_TYPE_F32,
  kF16 = VEXFS_TYPE_F16,
  kI8 = VEXFS_TYPE_I8,
  kBinary = VEXFS_TYPE_BINARY,
};

enum class Metric : uint8_t {
  kL2 = VEXFS_METRIC_L2,
  kCosine = VEXFS_METRIC_COSINE,
  kDot = VEXFS_METRIC_DOT,
  kManhattan = VEXFS_METRIC_MANHATTAN,
  kHamming = VEXFS_METRIC_HAMMING,
};

struct Parameters {
  uint32_t dim = 0;
  ElementType type = ElementType::kF32;
  Metric metric = Metric::kL2;
  uint32_t m = VEXFS_M_DEFAULT;
  uint32_t ef_construction = VEXFS_EF_CONSTRUCTION_DEFAULT;
  uint64_t seed = 0;

  /** Within bounds, and type and metric go together. */
  bool valid() const;
  /** Bytes of a vector in a request. */
  size_t row_bytes() const;
  /** Bytes from one stored row to the next: row_bytes() with its padding of zeros. */
  size_t stride() const;
  /** Links of a list, at most. */
  uint32_t room(uint32_t level) const { return level == 0 ? 2 * m : m; }

  bool operator==(const Parameters&) const = default;
};

}  // namespace vexfs::hnsw
