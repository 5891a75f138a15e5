// SPDX-License-Identifier: MIT
#include "fuse/hnsw/parameters.h"

namespace vexfs::hnsw {

namespace {

bool metric_fits(ElementType type, Metric metric) {
  switch (metric) {
    case Metric::kL2:
    case Metric::kDot:
    case Metric::kManhattan:
      return type == ElementType::kF32 || type == ElementType::kF16 || type == ElementType::kI8;
    case Metric::kCosine:
      return type == ElementType::kF32;
    case Metric::kHamming:
      return type == ElementType::kBinary;
  }
  return false;
}

}  // namespace

bool Parameters::valid() const {
  return dim >= VEXFS_DIM_MIN && dim <= VEXFS_DIM_MAX && m >= VEXFS_M_MIN && m <= VEXFS_M_MAX &&
         ef_construction >= VEXFS_EF_CONSTRUCTION_MIN &&
         ef_construction <= VEXFS_EF_CONSTRUCTION_MAX && metric_fits(type, metric);
}

size_t Parameters::row_bytes() const {
  switch (type) {
    case ElementType::kF32:
      return size_t{dim} * 4;
    case ElementType::kF16:
      return size_t{dim} * 2;
    case ElementType::kI8:
      return dim;
    case ElementType::kBinary:
      break;
  }
  return (size_t{dim} + 7) / 8;
}

size_t Parameters::stride() const {
  return (row_bytes() + VEXFS_ROW_ALIGN - 1) / VEXFS_ROW_ALIGN * VEXFS_ROW_ALIGN;
}

}  // namespace vexfs::hnsw
