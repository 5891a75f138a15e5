// SPDX-License-Identifier: MIT
// The total order of everything (docs/vectors.md, "Order"), and levels.
#pragma once

#include <algorithm>
#include <cstdint>

#include "fuse/core/planted.h"
#include "fuse/hnsw/parameters.h"

namespace vexfs::hnsw {

/**
 * Order bits of the distance in the upper half, the slot in bits 1 to 31 (there are fewer than
 * 2^31). Bit 0 is free: a search marks there what it has expanded. Since slots differ, the mark
 * never changes an order.
 */
using Key = uint64_t;

constexpr Key kExpanded = 1;

inline uint32_t order_bits(uint32_t distance, bool is_float) {
  if (!is_float) return distance ^ 0x80000000u;
  return distance & 0x80000000u ? ~distance : distance | 0x80000000u;
}
inline uint32_t distance_of_order(uint32_t order, bool is_float) {
  if (!is_float) return order ^ 0x80000000u;
  return order & 0x80000000u ? order ^ 0x80000000u : ~order;
}

inline Key make_key(uint32_t order, uint32_t slot) {
  return static_cast<uint64_t>(order) << 32 | slot << 1;
}
inline uint32_t slot_of(Key key) { return static_cast<uint32_t>(key) >> 1; }
inline uint32_t order_of(Key key) { return static_cast<uint32_t>(key >> 32); }

/** The finaliser of splitmix64. */
inline uint64_t mix64(uint64_t z) {
  z ^= z >> 30;
  z *= 0xbf58476d1ce4e5b9;
  z ^= z >> 27;
  z *= 0x94d049bb133111eb;
  return z ^ z >> 31;
}

/** Of a slot that is no duplicate ("Slots"). */
inline uint32_t level_of(const Parameters& parameters, uint32_t slot,
                         core::PlantedFault faults = core::PlantedFault(core::Fault::kNone)) {
  const uint64_t h = mix64(mix64(parameters.seed + 0x9e3779b97f4a7c15) ^ slot);
  const bool rarer = faults.planted(core::Fault::kLevelThresholds);
  uint64_t threshold = UINT64_MAX / (parameters.m + (rarer ? 1 : 0));
  uint32_t level = 0;
  while (level < VEXFS_LEVEL_MAX && h < threshold) {
    threshold /= parameters.m;
    ++level;
  }
  return level;
}

}  // namespace vexfs::hnsw
