// SPDX-License-Identifier: MIT
// The running transaction and the unit of work that is being added to it.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "fuse/core/block_cache.h"

namespace vexfs::core {

/** Bytes [first, last) of a file that were written in the running transaction. */
struct WrittenRange {
  uint64_t first = 0;
  uint64_t last = 0;
};

/**
 * What the running transaction has done so far (docs/determinism.md, "Transactions": U, D, E, P).
 * Used under the volume's exclusive lock only.
 */
class Running {
 public:
  explicit Running(BlockCache& cache) : cache_(cache) {}

  /** Keeps the block's bytes as they are, to compare with at the seal. */
  void touch(const BlockRef& block);
  /** The block starts from zeros in this transaction and is of `kind`. */
  Block* touch_new(uint64_t number, BlockKind kind);
  /** The block is a file's data that will be logged whole. */
  void touch_data(const BlockRef& block);
  /** The block was freed: it is neither logged nor brought home. */
  void forget(uint64_t number);

  /** Counts `block` as dirty if it is so at the end of a unit. */
  void count(Block& block);
  /** Whether the bytes to log differ from the previous transaction's. */
  static bool differs(const Block& block);

  /** Starts the next transaction. The blocks' own marks were reset by the seal. */
  void reset(uint64_t first_unit, uint64_t ring_head);

  /** Blocks that were touched, in order of first touch; freed ones among them. */
  std::vector<BlockRef> touched;
  /** Blocks freed in this transaction that are still in the cache. */
  std::vector<uint64_t> freed;
  /** Files with a Write event to emit, by inode. */
  std::map<uint64_t, WrittenRange> writes;
  uint64_t units = 0;
  uint64_t dirty = 0;
  uint64_t first_unit = 1;
  uint64_t ring_start = 0;

 private:
  BlockCache& cache_;
};

/**
 * One unit of work. While gathering, write() loads blocks and keeps their pre-images and may fail;
 * once all is there, applying edits their bytes and cannot fail. An abandoned unit leaves no trace
 * in the bytes.
 */
class Unit {
 public:
  Unit(BlockCache& cache, Running& running) : cache_(cache), running_(running) {}

  /** Loads the block for editing. It stays in memory until the transaction is sealed. */
  Expected<Block*> write(uint64_t number);
  Block* write(const BlockRef& block);
  /** While applying: a block of file data that is logged whole. */
  Block* write_data(const BlockRef& block);
  /** While applying: a block of zeros, logged from zeros. */
  Block* create(uint64_t number, BlockKind kind);
  /** While applying: a block that write() has loaded. */
  Block& at(uint64_t number);
  /** Counts the blocks that this unit made dirty. Once, at the end of applying. */
  void finish();

  Running& running() { return running_; }

  /** Blocks chosen for this unit, in order; the allocator takes them while applying. */
  std::vector<uint64_t> picks;
  /** How many of the picks were handed out by next_pick(). */
  size_t used_picks = 0;
  uint64_t next_pick() { return picks[used_picks++]; }

 private:
  BlockCache& cache_;
  Running& running_;
  std::vector<Block*> candidates_;
};

}  // namespace vexfs::core
