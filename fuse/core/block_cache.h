// SPDX-License-Identifier: MIT
// The bounded cache of metadata blocks (and, under data=journal, of file data not yet home).
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "fuse/core/block_device.h"
#include "fuse/core/layout.h"

namespace vexfs::core {

/** 4096 bytes from the allocator of the cache. */
using BlockBytes = std::array<std::byte, kBlockSize>;

/** What a block holds, as far as the seal must know to compute checksums. */
enum class BlockKind : uint8_t {
  kPlain,
  kState,
  kInodes,
  kDirectory,
  kNode,
  kCollection,
  kFileData
};

/**
 * A block in memory. Bytes and the fields of the running transaction change only under the volume's
 * exclusive lock; pins, `recent`, `verified` and `kind` at any time.
 */
struct Block {
  explicit Block(uint64_t block_number) : number(block_number) {}

  const uint64_t number;
  BlockBytes bytes;
  /** The bytes at the end of the previous transaction; only while `touched` and not `init`. */
  std::unique_ptr<BlockBytes> before;
  /** References; the cache's own is one of them. */
  std::atomic<uint32_t> pins{1};
  /** Used since the eviction hand last passed. */
  std::atomic<bool> recent{true};
  /** Checks already made: one bit for each inode of a table block, bit 0 for any other block. */
  std::atomic<uint32_t> verified{0};
  std::atomic<BlockKind> kind{BlockKind::kPlain};

  /** Edited, or about to be, in the running transaction. */
  bool touched = false;
  /** Starts from zeros in the running transaction. */
  bool init = false;
  /** Counts as dirty in the running transaction. */
  bool counted = false;
  /** Freed in the running transaction: is not logged. */
  bool freed = false;
  /** Logged since the tail: newer than its home, and so not evictable. */
  bool needs_home = false;
  /** Place in its shard's eviction ring. */
  size_t slot = 0;

  bool evictable() const { return pins.load() == 1 && !touched && !needs_home; }
};

/** A pinned block; empty if default-constructed. */
class BlockRef {
 public:
  BlockRef() = default;
  /** Takes over one pin. */
  explicit BlockRef(Block* block) : block_(block) {}
  BlockRef(BlockRef&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  BlockRef& operator=(BlockRef&& other) noexcept {
    if (this != &other) {
      reset();
      block_ = std::exchange(other.block_, nullptr);
    }
    return *this;
  }
  ~BlockRef() { reset(); }

  /** Another pin of the same block. */
  BlockRef again() const {
    block_->pins.fetch_add(1, std::memory_order_relaxed);
    return BlockRef(block_);
  }
  void reset() {
    if (block_ != nullptr && block_->pins.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      delete block_;
    }
    block_ = nullptr;
  }
  explicit operator bool() const { return block_ != nullptr; }
  Block* operator->() const { return block_; }
  Block& operator*() const { return *block_; }
  Block* get() const { return block_; }

 private:
  Block* block_ = nullptr;
};

/** Blocks by number. Thread-safe; loading happens outside the locks. */
class BlockCache {
 public:
  /** `bytes`: how much memory clean blocks may take. */
  BlockCache(BlockDevice& device, uint64_t bytes);
  ~BlockCache();
  BlockCache(const BlockCache&) = delete;
  BlockCache& operator=(const BlockCache&) = delete;

  /** The block, read from the device if it is not in memory. */
  Expected<BlockRef> get(uint64_t number);
  /** The block if it is in memory. */
  BlockRef find(uint64_t number);
  /** The block without reading it; its bytes are zero if it was not in memory. Exclusive lock. */
  BlockRef get_unread(uint64_t number);
  /** Forgets the block, whatever it holds; pins of others keep it alive for them. Exclusive lock.
   */
  void drop(uint64_t number);

  uint64_t hits() const { return hits_.load(std::memory_order_relaxed); }
  uint64_t misses() const { return misses_.load(std::memory_order_relaxed); }
  /** Blocks in memory. */
  uint64_t count() const { return count_.load(std::memory_order_relaxed); }
  /** Blocks that the bound allows. */
  uint64_t limit() const { return per_shard_ * kShards; }

 private:
  static constexpr size_t kShards = 16;
  struct Shard {
    std::mutex mutex;
    std::unordered_map<uint64_t, Block*> blocks;
    std::vector<Block*> ring;
    size_t hand = 0;
  };
  Shard& shard_of(uint64_t number) { return shards_[(number ^ (number >> 4)) % kShards]; }
  static BlockRef pin(Block* block);
  BlockRef insert(std::unique_ptr<Block> block);
  void evict_some(Shard& shard);
  void remove(Shard& shard, Block* block);

  BlockDevice& device_;
  size_t per_shard_;
  std::array<Shard, kShards> shards_;
  std::atomic<uint64_t> hits_{0};
  std::atomic<uint64_t> misses_{0};
  std::atomic<uint64_t> count_{0};
};

}  // namespace vexfs::core
