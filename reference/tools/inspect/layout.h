// SPDX-License-Identifier: MIT
// Where everything lies on a volume, and which limits it may have (docs/format.md, "Layout").
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "reference/contract/limits.h"
#include "reference/contract/superblock.h"

namespace vexfs::tools {

inline constexpr std::uint64_t kBlockSize = VEXFS_BLOCK_SIZE;

// One of the volume's own limits in the superblock: a 32-bit field and its bounds, inclusive.
struct Limit {
  using Member = __le32 vexfs_superblock::*;
  std::string_view name;
  Member field;
  std::uint32_t min;
  std::uint32_t max;
};
std::span<const Limit> superblock_limits();

// Blocks of the largest transaction with these limits.
std::uint64_t largest_transaction(std::uint64_t tx_blocks, std::uint64_t unit_extents);

// Sets start and length of every region from `blocks`, `inodes`, `log.blocks` and `ring.blocks`.
// Returns false, leaving the regions undefined, if they leave no block for data.
bool place_regions(vexfs_superblock& super);

// The first block after the region.
inline std::uint64_t end_of(const vexfs_region& region) { return region.start + region.blocks; }
inline bool contains(const vexfs_region& region, std::uint64_t block) {
  return block >= region.start && block - region.start < region.blocks;
}

}  // namespace vexfs::tools
