// SPDX-License-Identifier: MIT
// A bitmap region: one bit for each block or inode, searched without scanning what is known to be
// full.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "fuse/core/running.h"

namespace vexfs::core {

/** Bits that are held in memory only, sparse by bitmap block. */
class SparseBits {
 public:
  using Words = std::array<uint64_t, kBlockSize / 8>;

  bool test(uint64_t bit) const;
  void set(uint64_t bit);
  void clear() { blocks_.clear(); }
  /** The words of a bitmap block, or null if none of its bits is set. */
  const Words* words(uint64_t block) const;

 private:
  std::unordered_map<uint64_t, std::unique_ptr<Words>> blocks_;
};

/** One of the three bitmaps of the volume. Changes under the volume's exclusive lock. */
class Bitmap {
 public:
  Bitmap(BlockCache& cache, Region region);

  /** Number of the volume block that holds `bit`. */
  uint64_t block_of(uint64_t bit) const { return region_.start + bit / VEXFS_BITS_PER_BLOCK; }
  Expected<bool> test(uint64_t bit);
  /**
   * The first bit of [from, to) that is clear here and in `also` (may be null). `lowest`: the
   * caller knows that every bit below `from` is taken, so a block without a clear bit from there on
   * is full.
   */
  Expected<std::optional<uint64_t>> first_clear(uint64_t from, uint64_t to, const SparseBits* also,
                                                bool lowest);
  /** The first set bit of [from, to). Scans. */
  Expected<std::optional<uint64_t>> first_set(uint64_t from, uint64_t to);
  /** Whether all of [from, to) are set. */
  Expected<bool> all_set(uint64_t from, uint64_t to);

  /** Loads the block of `bit` for editing. */
  Expected<void> gather(Unit& unit, uint64_t bit);
  /** Applies to a gathered block; answers whether the bit changed. */
  bool set(Unit& unit, uint64_t bit);
  bool clear(Unit& unit, uint64_t bit);
  /** The block of `bit` may have clear bits again (they are no longer in `also`). */
  void forget_full(uint64_t bit) { full_[bit / VEXFS_BITS_PER_BLOCK] = 0; }

 private:
  BlockCache& cache_;
  Region region_;
  /** Bitmap blocks known to have no clear bit. */
  std::vector<uint8_t> full_;
};

}  // namespace vexfs::core
