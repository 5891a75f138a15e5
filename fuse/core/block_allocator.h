// SPDX-License-Identifier: MIT
// Which block of the data region is handed out next (docs/format.md, "Block allocation").
#pragma once

#include <cstdint>
#include <vector>

#include "fuse/core/bitmap.h"
#include "fuse/core/planted.h"
#include "reference/contract/superblock.h"

namespace vexfs::core {

/** The block bitmap with what the disk does not say: which blocks are parked. Exclusive lock. */
class BlockAllocator {
 public:
  BlockAllocator(const Layout& layout, BlockCache& cache, PlantedFault faults);

  /** Blocks that could be handed out now, given the state's count. */
  uint64_t allocatable(const vexfs_state& state) const;
  uint64_t parked() const { return parked_blocks_.size(); }
  const std::vector<uint64_t>& parked_blocks() const { return parked_blocks_; }

  /**
   * Gathering: chooses a block for `unit` and appends it to its picks: `goal` if that is in the
   * data region and allocatable (0: no goal), else the lowest. EUCLEAN if there is none: the caller
   * has compared counts before.
   */
  Expected<uint64_t> pick(Unit& unit, uint64_t goal);
  /** Applying: marks the unit's picks as in use. */
  void take(Unit& unit, vexfs_state& state);

  /** Gathering: loads the bitmap blocks of [start, start + count). EUCLEAN if one is free already.
   */
  Expected<void> gather_free(Unit& unit, uint64_t start, uint64_t count);
  /** Applying: frees and parks them. */
  void free(Unit& unit, vexfs_state& state, uint64_t start, uint64_t count);
  /** After a checkpoint: parked blocks are allocatable. */
  void unpark();

 private:
  Expected<bool> goal_is_good(const Unit& unit, uint64_t goal);
  Expected<uint64_t> lowest(const Unit& unit);

  const Layout& layout_;
  PlantedFault faults_;
  Bitmap bitmap_;
  SparseBits parked_;
  std::vector<uint64_t> parked_blocks_;
  /** No block below it is allocatable. */
  uint64_t lowest_hint_;
};

}  // namespace vexfs::core
