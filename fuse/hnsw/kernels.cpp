// SPDX-License-Identifier: MIT
#include "fuse/hnsw/kernels.h"

#include <array>

#include "fuse/hnsw/kernel_table.h"

namespace vexfs::hnsw {

namespace {

constexpr std::array<std::string_view, 4> kNames = {"scalar", "sse2", "avx2", "avx512"};

const KernelTable& table_of(SimdLevel level) {
  switch (level) {
    case SimdLevel::kAvx512:
      return kAvx512Kernels;
    case SimdLevel::kAvx2:
      return kAvx2Kernels;
    case SimdLevel::kSse2:
      return kSse2Kernels;
    case SimdLevel::kScalar:
      break;
  }
  return kScalarKernels;
}

}  // namespace

bool cpu_has(SimdLevel level) {
  switch (level) {
    case SimdLevel::kAvx512:
      return __builtin_cpu_supports("avx512f") && cpu_has(SimdLevel::kAvx2);
    case SimdLevel::kAvx2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("f16c") &&
             __builtin_cpu_supports("popcnt");
    default:
      return true;  // SSE2 is part of x86-64
  }
}

SimdLevel best_simd_level() {
  if (cpu_has(SimdLevel::kAvx512)) return SimdLevel::kAvx512;
  return cpu_has(SimdLevel::kAvx2) ? SimdLevel::kAvx2 : SimdLevel::kSse2;
}

std::string_view name_of(SimdLevel level) { return kNames[static_cast<size_t>(level)]; }

std::optional<SimdLevel> simd_level_of(std::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<SimdLevel>(i);
  }
  return std::nullopt;
}

DistanceKernel distance_kernel(SimdLevel level, ElementType type, Metric metric) {
  const KernelTable& table = table_of(level);
  switch (type) {
    case ElementType::kF32:
      if (metric == Metric::kCosine) return table.f32_cosine;
      if (metric == Metric::kDot) return table.f32_dot;
      return metric == Metric::kManhattan ? table.f32_manhattan : table.f32_l2;
    case ElementType::kF16:
      if (metric == Metric::kDot) return table.f16_dot;
      return metric == Metric::kManhattan ? table.f16_manhattan : table.f16_l2;
    case ElementType::kI8:
      if (metric == Metric::kDot) return table.i8_dot;
      return metric == Metric::kManhattan ? table.i8_manhattan : table.i8_l2;
    case ElementType::kBinary:
      break;
  }
  return table.hamming;
}

}  // namespace vexfs::hnsw
