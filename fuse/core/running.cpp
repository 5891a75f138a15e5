// SPDX-License-Identifier: MIT
#include "fuse/core/running.h"

#include <cassert>
#include <cstring>

namespace vexfs::core {

void Running::touch(const BlockRef& block) {
  if (block->touched) return;
  block->before = std::make_unique_for_overwrite<BlockBytes>();
  *block->before = block->bytes;
  block->touched = true;
  touched.push_back(block.again());
}

Block* Running::touch_new(uint64_t number, BlockKind kind) {
  BlockRef block = cache_.get_unread(number);
  if (!block->touched) {
    block->touched = true;
    touched.push_back(block.again());
  }
  block->bytes.fill(std::byte{0});
  block->before.reset();
  block->init = true;
  block->freed = false;
  block->kind = kind;
  block->verified = 1;
  return block.get();
}

void Running::touch_data(const BlockRef& block) {
  block->kind = BlockKind::kFileData;
  if (block->touched) return;
  block->touched = true;
  touched.push_back(block.again());
}

void Running::forget(uint64_t number) {
  if (const BlockRef block = cache_.find(number)) {
    block->freed = true;
    freed.push_back(number);
  }
}

bool Running::differs(const Block& block) {
  if (!block.before) return true;  // from zeros, or file data
  return std::memcmp(block.bytes.data(), block.before->data(), kBlockSize) != 0;
}

void Running::count(Block& block) {
  if (block.counted || block.freed || !differs(block)) return;
  block.counted = true;
  ++dirty;
}

void Running::reset(uint64_t next_unit, uint64_t ring_head) {
  touched.clear();
  freed.clear();
  writes.clear();
  units = 0;
  dirty = 0;
  first_unit = next_unit;
  ring_start = ring_head;
}

Expected<Block*> Unit::write(uint64_t number) {
  auto block = cache_.get(number);
  if (!block) return fail(block.error());
  return write(*block);
}

Block* Unit::write(const BlockRef& block) {
  running_.touch(block);
  if (!block->counted) candidates_.push_back(block.get());
  return block.get();
}

Block* Unit::write_data(const BlockRef& block) {
  running_.touch_data(block);
  if (!block->counted) candidates_.push_back(block.get());
  return block.get();
}

Block* Unit::create(uint64_t number, BlockKind kind) {
  Block* block = running_.touch_new(number, kind);
  if (!block->counted) candidates_.push_back(block);
  return block;
}

Block& Unit::at(uint64_t number) {
  const BlockRef block = cache_.find(number);
  assert(block && block->touched && "a unit edits only what it gathered");
  return *block;
}

void Unit::finish() {
  for (Block* block : candidates_) running_.count(*block);
  candidates_.clear();
}

}  // namespace vexfs::core
