// SPDX-License-Identifier: MIT
// The float distances with vectors of kWidth elements. Included by one translation unit for each
// instruction set, which defines VEXFS_KERNEL_WIDTH (4, 8 or 16) and is compiled for that set; so
// nothing here may have a name that the linker could take for another unit's, and no header with
// inline functions is included.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <immintrin.h>

#include "fuse/hnsw/half.h"
#include "fuse/hnsw/kernel_integers.h"

namespace {

#define VEXFS_INLINE inline __attribute__((always_inline))

constexpr size_t kWidth = VEXFS_KERNEL_WIDTH;
constexpr size_t kLanes = 32;
constexpr size_t kVectors = kLanes / kWidth;  // accumulators of one row

typedef float Vector __attribute__((vector_size(kWidth * 4), may_alias));
typedef int32_t Bits __attribute__((vector_size(kWidth * 4), may_alias));
typedef float Vector4 __attribute__((vector_size(16), may_alias));

struct F32 {
  static constexpr size_t kBytes = 4;
  static VEXFS_INLINE Vector load(const char* at) { return *reinterpret_cast<const Vector*>(at); }
};

struct F16 {
  static constexpr size_t kBytes = 2;
  static VEXFS_INLINE Vector load(const char* at) {
#if VEXFS_KERNEL_WIDTH == 16
    // The unmasked form makes GCC 12 warn about its own header.
    return _mm512_maskz_cvtph_ps(0xffff, _mm256_load_si256(reinterpret_cast<const __m256i*>(at)));
#elif VEXFS_KERNEL_WIDTH == 8
    return _mm256_cvtph_ps(_mm_load_si128(reinterpret_cast<const __m128i*>(at)));
#else
    uint16_t halves[kWidth];
    std::memcpy(halves, at, sizeof halves);
    Vector values;
    for (size_t i = 0; i < kWidth; ++i) values[i] = vexfs::hnsw::float_of_half(halves[i]);
    return values;
#endif
  }
};

struct L2 {
  static VEXFS_INLINE Vector term(Vector a, Vector b) {
    const Vector t = a - b;
    return t * t;
  }
  static VEXFS_INLINE float finish(float sum) { return sum; }
};
struct Cosine : L2 {
  static VEXFS_INLINE float finish(float sum) { return 0.5f * sum; }
};
struct Dot {
  static VEXFS_INLINE Vector term(Vector a, Vector b) { return a * b; }
  static VEXFS_INLINE float finish(float sum) { return 0.0f - sum; }
};
struct Manhattan {
  static VEXFS_INLINE Vector term(Vector a, Vector b) {
    const Vector t = a - b;
    return reinterpret_cast<Vector>(reinterpret_cast<Bits>(t) & 0x7fffffff);
  }
  static VEXFS_INLINE float finish(float sum) { return sum; }
};

// Halves are added until four lanes are left: a vector's upper half onto its lower one.
VEXFS_INLINE Vector4 narrow(Vector v) {
#if VEXFS_KERNEL_WIDTH == 16
  const auto w = __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7) +
                 __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15);
  return __builtin_shufflevector(w, w, 0, 1, 2, 3) + __builtin_shufflevector(w, w, 4, 5, 6, 7);
#elif VEXFS_KERNEL_WIDTH == 8
  return __builtin_shufflevector(v, v, 0, 1, 2, 3) + __builtin_shufflevector(v, v, 4, 5, 6, 7);
#else
  return v;
#endif
}

VEXFS_INLINE float fold(Vector* acc) {
  for (size_t half = kVectors / 2; half > 0; half /= 2) {
    for (size_t i = 0; i < half; ++i) acc[i] += acc[i + half];
  }
  Vector4 v = narrow(acc[0]);
  v += __builtin_shufflevector(v, v, 2, 3, 2, 3);
  return v[0] + v[1];
}

// `kRows` rows at once: their accumulators do not wait for each other.
template <typename Type, typename Metric, size_t kRows>
VEXFS_INLINE void rows_at_once(const char* query, const void* const* rows, size_t stride,
                               uint32_t* distances) {
  constexpr size_t kStep = kWidth * Type::kBytes;
  Vector acc[kRows][kVectors] = {};
  const size_t vectors = stride / kStep;
  size_t i = 0;
  for (; i + kVectors <= vectors; i += kVectors) {
#pragma GCC unroll 8
    for (size_t v = 0; v < kVectors; ++v) {
      const Vector q = Type::load(query + (i + v) * kStep);
#pragma GCC unroll 4
      for (size_t r = 0; r < kRows; ++r) {
        const char* row = static_cast<const char*>(rows[r]);
        acc[r][v] += Metric::term(q, Type::load(row + (i + v) * kStep));
      }
    }
  }
#pragma GCC unroll 8
  for (size_t v = 0; v < kVectors; ++v) {  // less than 32 elements are left: a prefix of the lanes
    if (i + v >= vectors) break;
    const Vector q = Type::load(query + (i + v) * kStep);
#pragma GCC unroll 4
    for (size_t r = 0; r < kRows; ++r) {
      const char* row = static_cast<const char*>(rows[r]);
      acc[r][v] += Metric::term(q, Type::load(row + (i + v) * kStep));
    }
  }
#pragma GCC unroll 4
  for (size_t r = 0; r < kRows; ++r) {
    const float distance = Metric::finish(fold(acc[r]));
    std::memcpy(&distances[r], &distance, sizeof distance);
    if (distance != distance) distances[r] = 0x7fc00000;
  }
}

template <typename Type, typename Metric>
void kernel(const void* query, const void* const* rows, size_t count, size_t stride,
            uint32_t* distances) {
  // As many rows as leave registers for the rest: 16 or 32 are there.
  constexpr size_t kRows = VEXFS_KERNEL_WIDTH == 16 ? 4 : VEXFS_KERNEL_WIDTH == 8 ? 2 : 1;
  const char* q = static_cast<const char*>(query);
  size_t r = 0;
  for (; r + kRows <= count; r += kRows) {
    rows_at_once<Type, Metric, kRows>(q, rows + r, stride, distances + r);
  }
  for (; r < count; ++r) rows_at_once<Type, Metric, 1>(q, rows + r, stride, distances + r);
}

constexpr vexfs::hnsw::KernelTable vector_kernels() {
  return {
      .f32_l2 = kernel<F32, L2>,
      .f32_cosine = kernel<F32, Cosine>,
      .f32_dot = kernel<F32, Dot>,
      .f32_manhattan = kernel<F32, Manhattan>,
      .f16_l2 = kernel<F16, L2>,
      .f16_dot = kernel<F16, Dot>,
      .f16_manhattan = kernel<F16, Manhattan>,
      .i8_l2 = i8_kernel<I8L2>,
      .i8_dot = i8_kernel<I8Dot>,
      .i8_manhattan = i8_kernel<I8Manhattan>,
      .hamming = hamming_kernel,
  };
}

}  // namespace
