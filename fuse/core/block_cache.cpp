// SPDX-License-Identifier: MIT
#include "fuse/core/block_cache.h"

#include <algorithm>

namespace vexfs::core {
namespace {

/** A cache smaller than this could not hold what a few operations pin. */
constexpr uint64_t kLeastBlocks = 256;
/** How far the eviction hand moves for one new block. */
constexpr int kHandSteps = 24;

}  // namespace

BlockCache::BlockCache(BlockDevice& device, uint64_t bytes)
    : device_(device), per_shard_(std::max(bytes / kBlockSize, kLeastBlocks) / kShards) {}

BlockCache::~BlockCache() {
  for (Shard& shard : shards_) {
    for (Block* block : shard.ring) BlockRef{block}.reset();
  }
}

BlockRef BlockCache::pin(Block* block) {
  block->pins.fetch_add(1, std::memory_order_relaxed);
  if (!block->recent.load(std::memory_order_relaxed)) {
    block->recent.store(true, std::memory_order_relaxed);
  }
  return BlockRef(block);
}

BlockRef BlockCache::find(uint64_t number) {
  Shard& shard = shard_of(number);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.blocks.find(number);
  return found == shard.blocks.end() ? BlockRef() : pin(found->second);
}

Expected<BlockRef> BlockCache::get(uint64_t number) {
  if (BlockRef block = find(number)) {
    hits_.fetch_add(1, std::memory_order_relaxed);
    return block;
  }
  misses_.fetch_add(1, std::memory_order_relaxed);
  auto block = std::make_unique<Block>(number);
  if (auto read = device_.read(number * kBlockSize, block->bytes); !read) {
    return fail(read.error());
  }
  return insert(std::move(block));
}

BlockRef BlockCache::get_unread(uint64_t number) {
  if (BlockRef block = find(number)) return block;
  auto block = std::make_unique<Block>(number);
  block->bytes.fill(std::byte{0});
  return insert(std::move(block));
}

BlockRef BlockCache::insert(std::unique_ptr<Block> block) {
  Shard& shard = shard_of(block->number);
  const std::lock_guard lock(shard.mutex);
  const auto [place, inserted] = shard.blocks.try_emplace(block->number, block.get());
  // Two readers may have loaded the same block; the first one's copy counts.
  if (!inserted) return pin(place->second);
  evict_some(shard);
  block->slot = shard.ring.size();
  shard.ring.push_back(block.get());
  count_.fetch_add(1, std::memory_order_relaxed);
  return pin(block.release());
}

void BlockCache::evict_some(Shard& shard) {
  for (int step = 0; step < kHandSteps && shard.ring.size() >= per_shard_; ++step) {
    if (shard.hand >= shard.ring.size()) shard.hand = 0;
    Block* block = shard.ring[shard.hand];
    if (block->evictable() && !block->recent.exchange(false)) {
      shard.blocks.erase(block->number);
      remove(shard, block);
    } else {
      ++shard.hand;
    }
  }
}

void BlockCache::remove(Shard& shard, Block* block) {
  Block* last = shard.ring.back();
  shard.ring[block->slot] = last;
  last->slot = block->slot;
  shard.ring.pop_back();
  count_.fetch_sub(1, std::memory_order_relaxed);
  BlockRef{block}.reset();
}

void BlockCache::drop(uint64_t number) {
  Shard& shard = shard_of(number);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.blocks.find(number);
  if (found == shard.blocks.end()) return;
  Block* block = found->second;
  shard.blocks.erase(found);
  remove(shard, block);
}

}  // namespace vexfs::core
