// SPDX-License-Identifier: MIT
// The superblock, checked and in native form (docs/format.md, "Layout", "Limits").
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "fuse/core/crc32c.h"
#include "fuse/core/result.h"
#include "reference/contract/superblock.h"

namespace vexfs::core {

inline constexpr uint32_t kBlockSize = VEXFS_BLOCK_SIZE;

/** A run of blocks of the volume. */
struct Region {
  uint64_t start = 0;
  uint64_t blocks = 0;
  uint64_t end() const { return start + blocks; }
  bool contains(uint64_t block) const { return block >= start && block - start < blocks; }
};

/** All that the superblock says, after validation. */
struct Layout {
  uint64_t blocks = 0;
  uint64_t inodes = 0;
  Region log, state, ring, block_bitmap, inode_bitmap, orphan_bitmap, inode_table, data;
  uint32_t tx_units = 0, tx_blocks = 0, unit_extents = 0, unit_blocks = 0;
  uint32_t extent_fanout = 0, max_links = 0, checkpoint_blocks = 0, checkpoint_freed = 0;
  /** Entries of the inode's inline area, at most. */
  uint32_t inline_extents = 0;
  /** Blocks of the largest transaction. */
  uint64_t tx_max = 0;
  /** First 8 bytes of the uuid, for the events' vector clock. */
  uint64_t clock_volume = 0;
  /** Default seed of a collection's levels. */
  uint64_t level_seed = 0;
  bool unknown_ro_compat = false;
  Checksum checksum;

  /** Whether the log may hold an image of this block: from the log's end to the data region's end.
   */
  bool loggable(uint64_t block) const { return block >= log.end() && block < data.end(); }
  uint64_t ring_bytes() const { return ring.blocks * kBlockSize; }
};

/**
 * Reads a superblock of a device of `device_bytes` bytes.
 * EINVAL: not VexFS, or another version, block size or feature. EUCLEAN: damaged. `Error::message`
 * says which.
 */
std::expected<Layout, Error> parse_superblock(std::span<const std::byte> block,
                                              uint64_t device_bytes);

}  // namespace vexfs::core
