// SPDX-License-Identifier: MIT
// Which level a slot has: docs/vectors.md, "Slots".
#pragma once

#include <cstdint>

namespace vexfs::vectors {

/// The finaliser of splitmix64.
constexpr std::uint64_t mix64(std::uint64_t z) {
  z ^= z >> 30;
  z *= 0xbf58476d1ce4e5b9;
  z ^= z >> 27;
  z *= 0x94d049bb133111eb;
  z ^= z >> 31;
  return z;
}

/// h of a slot.
std::uint64_t level_hash(std::uint64_t seed, std::uint32_t slot);

/// 0 to VEXFS_LEVEL_MAX.
unsigned level_of(std::uint64_t seed, std::uint16_t m, std::uint32_t slot);

}  // namespace vexfs::vectors
