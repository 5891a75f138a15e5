// SPDX-License-Identifier: MIT
#include "reference/model/block_store.h"

#include <algorithm>

namespace vexfs::model {

BlockView BlockStore::read(BlockNumber number) const {
  const auto held = held_.find(number);
  if (held != held_.end()) return held->second;
  return disk_.read(number);
}

BlockEdit BlockStore::edit(BlockNumber number) { return touch(number, ChangedBlock::Kind::kOld); }

BlockEdit BlockStore::create(BlockNumber number) {
  Block& block = touch(number, ChangedBlock::Kind::kNew);
  block.fill(std::byte{0});
  ChangedBlock& changed = changed_.at(number);
  changed.kind = ChangedBlock::Kind::kNew;
  changed.before.fill(std::byte{0});
  return block;
}

BlockEdit BlockStore::edit_data(BlockNumber number) {
  return touch(number, ChangedBlock::Kind::kData);
}

BlockEdit BlockStore::in_place(BlockNumber number) { return disk_.write(number); }

Block& BlockStore::touch(BlockNumber number, ChangedBlock::Kind kind) {
  const auto [held, fresh] = held_.try_emplace(number);
  if (fresh) std::ranges::copy(disk_.read(number), held->second.begin());
  const auto [changed, first_in_transaction] = changed_.try_emplace(number);
  const auto [undo, first_in_unit] = undo_.try_emplace(number);
  if (first_in_unit) undo->second = {!fresh, !first_in_transaction, held->second};
  if (first_in_transaction) changed->second = {kind, held->second};
  return held->second;
}

std::vector<BlockNumber> BlockStore::touched_in_unit() const {
  std::vector<BlockNumber> numbers;
  numbers.reserve(undo_.size());
  for (const auto& [number, undo] : undo_) numbers.push_back(number);
  return numbers;
}

void BlockStore::keep_unit() { undo_.clear(); }

void BlockStore::undo_unit() {
  for (const auto& [number, undo] : undo_) {
    if (!undo.changed) changed_.erase(number);
    if (undo.held)
      held_.at(number) = undo.bytes;
    else
      held_.erase(number);
  }
  undo_.clear();
}

void BlockStore::replace(BlockNumber number, BlockView content) {
  std::ranges::copy(content, held_[number].begin());
}

void BlockStore::bring_home() {
  for (const auto& [number, block] : held_) std::ranges::copy(block, disk_.write(number).begin());
  if (!disk_.failed()) held_.clear();
}

void BlockStore::zero_on_disk(BlockNumber number) {
  std::ranges::fill(disk_.write(number), std::byte{0});
}

}  // namespace vexfs::model
