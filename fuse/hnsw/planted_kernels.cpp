// SPDX-License-Identifier: MIT
#include "fuse/hnsw/planted_kernels.h"

#include <cmath>
#include <cstring>

#include "fuse/hnsw/half.h"

namespace vexfs::hnsw {

using core::Fault;

namespace {

constexpr size_t kLanes = 32;

float element(ElementType type, const void* row, size_t i) {
  if (type == ElementType::kF32) return static_cast<const float*>(row)[i];
  return float_of_half(static_cast<const uint16_t*>(row)[i]);
}

template <Fault kFault>
float add_term(Metric metric, float sum, float a, float b) {
  constexpr bool kFused = kFault == Fault::kFusedDistance;
  const float t = a - b;
  switch (metric) {
    case Metric::kDot:
      return kFused ? std::fma(a, b, sum) : sum + a * b;
    case Metric::kManhattan:
      return sum + std::fabs(t);
    default:
      return kFused ? std::fma(t, t, sum) : sum + t * t;
  }
}

template <Fault kFault>
float fold(float* acc) {
  if constexpr (kFault == Fault::kWrongFold) {
    for (size_t j = 1; j < kLanes; ++j) acc[0] += acc[j];
    return acc[0];
  }
  for (size_t width = kLanes / 2; width > 0; width /= 2) {
    for (size_t j = 0; j < width; ++j) acc[j] += acc[j + width];
  }
  return acc[0];
}

float finished(Metric metric, float sum) {
  if (metric == Metric::kCosine) return 0.5f * sum;
  return metric == Metric::kDot ? 0.0f - sum : sum;
}

template <Fault kFault, ElementType kType, Metric kMetric>
void kernel(const void* query, const void* const* rows, size_t count, size_t stride,
            uint32_t* distances) {
  size_t elements = stride / (kType == ElementType::kF32 ? sizeof(float) : sizeof(uint16_t));
  if (kFault == Fault::kRowEndLeftOut) --elements;
  for (size_t r = 0; r < count; ++r) {
    float acc[kLanes] = {};
    for (size_t i = 0; i < elements; ++i) {
      float& lane = acc[i % kLanes];
      lane = add_term<kFault>(kMetric, lane, element(kType, query, i), element(kType, rows[r], i));
    }
    const float distance = finished(kMetric, fold<kFault>(acc));
    std::memcpy(&distances[r], &distance, sizeof distance);
    if (distance != distance) distances[r] = 0x7fc00000;
  }
}

template <Fault kFault, ElementType kType>
DistanceKernel kernel_of(Metric metric) {
  switch (metric) {
    case Metric::kCosine:
      return kernel<kFault, kType, Metric::kCosine>;
    case Metric::kDot:
      return kernel<kFault, kType, Metric::kDot>;
    case Metric::kManhattan:
      return kernel<kFault, kType, Metric::kManhattan>;
    default:
      return kernel<kFault, kType, Metric::kL2>;
  }
}

template <Fault kFault>
DistanceKernel kernel_of(ElementType type, Metric metric) {
  if (type == ElementType::kF32) return kernel_of<kFault, ElementType::kF32>(metric);
  if (type == ElementType::kF16) return kernel_of<kFault, ElementType::kF16>(metric);
  return nullptr;
}

}  // namespace

DistanceKernel planted_kernel(core::PlantedFault faults, ElementType type, Metric metric) {
  if (faults.planted(Fault::kFusedDistance)) return kernel_of<Fault::kFusedDistance>(type, metric);
  if (faults.planted(Fault::kWrongFold)) return kernel_of<Fault::kWrongFold>(type, metric);
  if (faults.planted(Fault::kRowEndLeftOut)) return kernel_of<Fault::kRowEndLeftOut>(type, metric);
  return nullptr;
}

}  // namespace vexfs::hnsw
