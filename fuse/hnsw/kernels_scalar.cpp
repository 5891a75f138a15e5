// SPDX-License-Identifier: MIT
// The rule as it is written, one element at a time.
#include <cmath>

#include "fuse/hnsw/half.h"
#include "fuse/hnsw/kernel_integers.h"
#include "fuse/hnsw/kernel_table.h"

namespace {

constexpr size_t kLanes = 32;

struct F32 {
  using Stored = float;
  static float load(float x) { return x; }
};
struct F16 {
  using Stored = uint16_t;
  static float load(uint16_t x) { return vexfs::hnsw::float_of_half(x); }
};

struct L2 {
  static float term(float a, float b) { return (a - b) * (a - b); }
  static float finish(float sum) { return sum; }
};
struct Cosine : L2 {
  static float finish(float sum) { return 0.5f * sum; }
};
struct Dot {
  static float term(float a, float b) { return a * b; }
  static float finish(float sum) { return 0.0f - sum; }
};
struct Manhattan {
  static float term(float a, float b) { return std::fabs(a - b); }
  static float finish(float sum) { return sum; }
};

template <typename Type, typename Metric>
void kernel(const void* query, const void* const* rows, size_t count, size_t stride,
            uint32_t* distances) {
  using Stored = typename Type::Stored;
  const auto* q = static_cast<const Stored*>(query);
  for (size_t r = 0; r < count; ++r) {
    const auto* row = static_cast<const Stored*>(rows[r]);
    float acc[kLanes] = {};
    for (size_t i = 0; i < stride / sizeof(Stored); ++i) {
      acc[i % kLanes] += Metric::term(Type::load(q[i]), Type::load(row[i]));
    }
    for (size_t width = kLanes / 2; width > 0; width /= 2) {
      for (size_t j = 0; j < width; ++j) acc[j] += acc[j + width];
    }
    const float distance = Metric::finish(acc[0]);
    std::memcpy(&distances[r], &distance, sizeof distance);
    if (distance != distance) distances[r] = 0x7fc00000;
  }
}

}  // namespace

namespace vexfs::hnsw {

const KernelTable kScalarKernels = {
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

}  // namespace vexfs::hnsw
