// SPDX-License-Identifier: MIT
// Distances, the same bits from every instruction set (docs/vectors.md, "Arithmetic").
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "fuse/hnsw/parameters.h"

namespace vexfs::hnsw {

enum class SimdLevel : uint8_t { kScalar, kSse2, kAvx2, kAvx512 };

/** The best that this CPU has. */
SimdLevel best_simd_level();
bool cpu_has(SimdLevel level);
/** "scalar", "sse2", "avx2", "avx512". */
std::string_view name_of(SimdLevel level);
std::optional<SimdLevel> simd_level_of(std::string_view name);

/**
 * Writes the distance of `query` to each of `count` rows: the bits of an f32, or an i32. Query and
 * rows are stored rows: aligned to 64 bytes, `stride` bytes with padding.
 */
using DistanceKernel = void (*)(const void* query, const void* const* rows, size_t count,
                                size_t stride, uint32_t* distances);

/** Valid parameters only; the CPU has the level. */
DistanceKernel distance_kernel(SimdLevel level, ElementType type, Metric metric);

}  // namespace vexfs::hnsw
