// SPDX-License-Identifier: MIT
#include "reference/vector/levels.h"

#include "reference/contract/vector.h"

namespace vexfs::vectors {

std::uint64_t level_hash(std::uint64_t seed, std::uint32_t slot) {
  return mix64(mix64(seed + 0x9e3779b97f4a7c15) ^ slot);
}

unsigned level_of(std::uint64_t seed, std::uint16_t m, std::uint32_t slot) {
  const std::uint64_t hash = level_hash(seed, slot);
  unsigned level = 0;
  for (std::uint64_t threshold = UINT64_MAX / m; level < VEXFS_LEVEL_MAX && hash < threshold;
       threshold /= m)
    ++level;
  return level;
}

}  // namespace vexfs::vectors
