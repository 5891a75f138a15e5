// SPDX-License-Identifier: MIT
// What a search works with, kept from one to the next so that searching allocates nothing. One for
// each thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "fuse/hnsw/key.h"

namespace vexfs::hnsw {

/** The slots that a search has seen. Forgetting them costs nothing, but for one time in 65,535. */
class Visited {
 public:
  void begin(size_t slots) {
    if (epochs_.size() < slots) epochs_.resize(slots + slots / 8);
    if (++epoch_ == 0) {
      std::fill(epochs_.begin(), epochs_.end(), uint16_t{0});
      epoch_ = 1;
    }
  }
  /** True the first time. */
  bool visit(uint32_t slot) {
    if (epochs_[slot] == epoch_) return false;
    epochs_[slot] = epoch_;
    return true;
  }

 private:
  std::vector<uint16_t> epochs_;
  uint16_t epoch_ = 0;
};

/** The smallest keys of all that were offered, ascending, and how far they have been expanded. */
class Pool {
 public:
  void begin(size_t capacity) {
    keys_.resize(capacity + 1);
    capacity_ = capacity;
    size_ = cursor_ = 0;
  }
  size_t size() const { return size_; }
  bool full() const { return size_ == capacity_; }
  Key largest() const { return keys_[size_ - 1]; }
  const Key* begin() const { return keys_.data(); }
  const Key* end() const { return keys_.data() + size_; }

  void offer(Key key) {
    if (full()) {
      if (key >= largest()) return;
      --size_;
    }
    Key* const at = std::upper_bound(keys_.data(), keys_.data() + size_, key);
    std::copy_backward(at, keys_.data() + size_, keys_.data() + size_ + 1);
    *at = key;
    ++size_;
    cursor_ = std::min(cursor_, static_cast<size_t>(at - keys_.data()));
  }

  /** The smallest key that is not expanded, or null. */
  const Key* next() {
    while (cursor_ < size_ && (keys_[cursor_] & kExpanded)) ++cursor_;
    return cursor_ < size_ ? &keys_[cursor_] : nullptr;
  }
  void mark_next_expanded() { keys_[cursor_] |= kExpanded; }

 private:
  std::vector<Key> keys_;
  size_t capacity_ = 0;
  size_t size_ = 0;
  size_t cursor_ = 0;  // everything before it is expanded
};

struct Scratch {
  Visited visited;
  Pool candidates;              // C of search_layer
  Pool accepted;                // W
  std::vector<uint32_t> slots;  // the neighbours of one expansion
  std::vector<uint32_t> orders;
};

}  // namespace vexfs::hnsw
