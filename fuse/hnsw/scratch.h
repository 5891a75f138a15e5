// SPDX-License-Identifier: MIT
// What a search works with, kept from one to the next so that searching allocates nothing. One for
// each thread.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
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
  void prefetch(uint32_t slot) const { __builtin_prefetch(&epochs_[slot], 1); }
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
    const size_t at = place_of(key);
    Key* const keys = keys_.data();
    std::memmove(keys + at + 1, keys + at, (size_ - at) * sizeof(Key));
    keys[at] = key;
    ++size_;
    cursor_ = std::min(cursor_, at);
  }

  /** The smallest key that is not expanded, or null. */
  const Key* next() {
    while (cursor_ < size_ && (keys_[cursor_] & kExpanded)) ++cursor_;
    return cursor_ < size_ ? &keys_[cursor_] : nullptr;
  }
  /** After next(): marks its key, and answers the key behind it, which is likely to be the next
   * one; at the end its own. */
  Key expand_next() {
    keys_[cursor_] |= kExpanded;
    return keys_[std::min(cursor_ + 1, size_ - 1)];
  }

 private:
  /** How many keys are smaller. Without branches: nobody can guess their outcomes. */
  size_t place_of(Key key) const {
    const Key* base = keys_.data();
    for (size_t length = size_; length > 0;) {
      const size_t half = (length + 1) / 2;
      base += base[half - 1] < key ? half : 0;
      length -= half;
    }
    return static_cast<size_t>(base - keys_.data());
  }

  std::vector<Key> keys_;
  size_t capacity_ = 0;
  size_t size_ = 0;
  size_t cursor_ = 0;  // everything before it is expanded
};

/** Slots that are compared at once: the neighbours of one, or the tail. */
struct Neighbours {
  static constexpr size_t kMax = 2 * VEXFS_M_MAX;

  std::array<uint32_t, kMax> slots;
  std::array<uint32_t, kMax> orders;
  size_t count = 0;
};

struct Scratch {
  Visited visited;
  Pool candidates;  // C of search_layer
  Pool accepted;    // W
  Neighbours neighbours;
};

}  // namespace vexfs::hnsw
