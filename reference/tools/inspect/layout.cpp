// SPDX-License-Identifier: MIT
#include "reference/tools/inspect/layout.h"

#include <array>

#include "reference/contract/inode.h"

namespace vexfs::tools {
namespace {

constexpr std::uint64_t divide_up(std::uint64_t value, std::uint64_t by) {
  return value / by + (value % by != 0);
}

constexpr std::uint32_t kAny = 0xffffffff;

constexpr std::array kLimits = {
    Limit{"tx_units", &vexfs_superblock::tx_units, VEXFS_TX_UNITS_MIN, VEXFS_TX_UNITS_MAX},
    Limit{"tx_blocks", &vexfs_superblock::tx_blocks, VEXFS_TX_BLOCKS_MIN, VEXFS_TX_BLOCKS_MAX},
    Limit{"unit_extents", &vexfs_superblock::unit_extents, VEXFS_UNIT_EXTENTS_MIN,
          VEXFS_UNIT_EXTENTS_MAX},
    Limit{"unit_blocks", &vexfs_superblock::unit_blocks, VEXFS_UNIT_BLOCKS_MIN,
          VEXFS_UNIT_BLOCKS_LIMIT},
    Limit{"extent_fanout", &vexfs_superblock::extent_fanout, VEXFS_FANOUT_MIN, VEXFS_FANOUT_MAX},
    Limit{"max_links", &vexfs_superblock::max_links, VEXFS_LINKS_MIN, VEXFS_LINKS_MAX},
    Limit{"checkpoint_blocks", &vexfs_superblock::checkpoint_blocks, 1, kAny},
    Limit{"checkpoint_freed", &vexfs_superblock::checkpoint_freed, 1, kAny},
};

}  // namespace

std::span<const Limit> superblock_limits() { return kLimits; }

std::uint64_t largest_transaction(std::uint64_t tx_blocks, std::uint64_t unit_extents) {
  const std::uint64_t logged = tx_blocks + 32 + 4 * unit_extents;
  return divide_up(64 + 16 + logged * (24 + kBlockSize), kBlockSize);
}

bool place_regions(vexfs_superblock& super) {
  // Sizes beyond this cannot be a volume and would overflow the sums below.
  constexpr std::uint64_t kHuge = 1ULL << 51;
  if (super.blocks > kHuge || super.inodes > VEXFS_INODES_MAX || super.log.blocks > super.blocks ||
      super.ring.blocks > super.blocks) {
    return false;
  }
  const std::uint64_t inode_bitmap_blocks = divide_up(super.inodes + 1, VEXFS_BITS_PER_BLOCK);
  std::uint64_t next = VEXFS_ANCHOR_BLOCK + 2;
  const auto place = [&next](vexfs_region& region, std::uint64_t blocks) {
    region = {next, blocks};
    next += blocks;
  };
  place(super.log, super.log.blocks);
  place(super.state, 1);
  place(super.ring, super.ring.blocks);
  place(super.block_bitmap, divide_up(super.blocks, VEXFS_BITS_PER_BLOCK));
  place(super.inode_bitmap, inode_bitmap_blocks);
  place(super.orphan_bitmap, inode_bitmap_blocks);
  place(super.inode_table, divide_up(super.inodes + 1, VEXFS_INODES_PER_BLOCK));
  if (next + 2 > super.blocks) return false;
  super.data = {next, super.blocks - 1 - next};
  return true;
}

}  // namespace vexfs::tools
