// SPDX-License-Identifier: MIT
#include "fuse/core/directory_index.h"

#include <algorithm>

#include <xxhash.h>

namespace vexfs::core {

void SlackTree::append(uint32_t slack) {
  if (size_ == leaves_) {
    // A new root: the old tree becomes its left half, level by level.
    std::vector<uint16_t> wider(leaves_ * 4, 0);
    for (size_t width = 1; width <= leaves_; width *= 2) {
      std::copy_n(tree_.begin() + static_cast<std::ptrdiff_t>(width), width,
                  wider.begin() + static_cast<std::ptrdiff_t>(width * 2));
    }
    wider[1] = wider[2];
    tree_ = std::move(wider);
    leaves_ *= 2;
  }
  set(size_++, slack);
}

void SlackTree::set(size_t block, uint32_t slack) {
  size_t node = leaves_ + block;
  tree_[node] = static_cast<uint16_t>(slack);
  for (node /= 2; node >= 1; node /= 2) {
    tree_[node] = std::max(tree_[node * 2], tree_[node * 2 + 1]);
  }
}

std::optional<size_t> SlackTree::first_with(uint32_t need) const {
  if (size_ == 0 || tree_[1] < need) return std::nullopt;
  size_t node = 1;
  while (node < leaves_) node = node * 2 + (tree_[node * 2] >= need ? 0 : 1);
  return node - leaves_;
}

std::optional<size_t> SlackTree::last_with(uint32_t need) const {
  if (size_ == 0 || tree_[1] < need) return std::nullopt;
  size_t node = 1;
  while (node < leaves_) node = node * 2 + (tree_[node * 2 + 1] >= need ? 1 : 0);
  return node - leaves_;
}

uint32_t NameTable::hash(std::string_view name) {
  return static_cast<uint32_t>(XXH3_64bits(name.data(), name.size()));
}

void NameTable::reserve_one() {
  if ((filled_ + 1) * 4 <= slots_.size() * 3) return;
  // Mostly erased slots: the same size without them; else twice as large.
  rebuild(used_ * 2 < slots_.size() ? slots_.size() : slots_.size() * 2);
}

void NameTable::rebuild(size_t size) {
  std::vector<Slot> old(size, Slot{0, kEmpty});
  old.swap(slots_);
  used_ = 0;
  filled_ = 0;
  for (const Slot& slot : old) {
    if (slot.place != kEmpty && slot.place != kErased) insert(slot.hash, uint64_t{slot.place} * 8);
  }
}

void NameTable::insert(uint32_t hash, uint64_t position) {
  size_t at = hash & mask();
  while (slots_[at].place != kEmpty && slots_[at].place != kErased) at = (at + 1) & mask();
  if (slots_[at].place == kEmpty) ++filled_;
  slots_[at] = {hash, static_cast<uint32_t>(position / 8)};
  ++used_;
}

void NameTable::erase(uint32_t hash, uint64_t position) {
  const auto place = static_cast<uint32_t>(position / 8);
  for (size_t at = hash & mask(); slots_[at].place != kEmpty; at = (at + 1) & mask()) {
    if (slots_[at].place != place || slots_[at].hash != hash) continue;
    slots_[at].place = kErased;
    --used_;
    return;
  }
}

size_t DirectoryIndex::bytes() const {
  return sizeof(DirectoryIndex) + names.bytes() + slack.bytes() +
         blocks.capacity() * sizeof(uint64_t);
}

std::shared_ptr<DirectoryIndex> DirectoryIndexes::get(uint64_t ino) {
  const std::lock_guard lock(mutex_);
  const auto [entry, made] = entries_.try_emplace(ino);
  if (made) {
    order_.push_front(ino);
    entry->second = {std::make_shared<DirectoryIndex>(), 0, order_.begin()};
  } else if (entry->second.place != order_.begin()) {
    order_.splice(order_.begin(), order_, entry->second.place);
  }
  return entry->second.index;
}

void DirectoryIndexes::account(uint64_t ino, const DirectoryIndex& index) {
  const uint64_t bytes = index.bytes();
  const std::lock_guard lock(mutex_);
  const auto entry = entries_.find(ino);
  if (entry == entries_.end() || entry->second.index.get() != &index) return;
  total_ += bytes - entry->second.bytes;
  entry->second.bytes = bytes;
  while (total_ > limit_ && order_.back() != ino) remove(entries_.find(order_.back()));
}

void DirectoryIndexes::erase(uint64_t ino) {
  const std::lock_guard lock(mutex_);
  if (const auto entry = entries_.find(ino); entry != entries_.end()) remove(entry);
}

void DirectoryIndexes::remove(std::unordered_map<uint64_t, Entry>::iterator entry) {
  total_ -= entry->second.bytes;
  order_.erase(entry->second.place);
  entries_.erase(entry);
}

uint64_t DirectoryIndexes::bytes() {
  const std::lock_guard lock(mutex_);
  return total_;
}

}  // namespace vexfs::core
