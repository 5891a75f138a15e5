// SPDX-License-Identifier: MIT
// From a hash to the slots that have it: open addressing, four bytes an entry.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "reference/contract/vector.h"

namespace vexfs::hnsw {

class SlotTable {
 public:
  /** The slot among those of `hash` for which `matches(slot)` is true. */
  template <typename Matches>
  std::optional<uint32_t> find(uint64_t hash, Matches matches) const {
    for (size_t at = home(hash); entries_[at] != VEXFS_SLOT_NONE; at = next(at)) {
      if (matches(entries_[at])) return entries_[at];
    }
    return std::nullopt;
  }

  /** Makes room for one more, so that insert() cannot fail. `hash_of(slot)` is what it was inserted
   * with. */
  template <typename HashOf>
  void reserve_one(HashOf hash_of) {
    if ((used_ + 1) * 5 <= entries_.size() * 4) return;
    std::vector<uint32_t> old(entries_.size() * 2, VEXFS_SLOT_NONE);
    old.swap(entries_);
    for (const uint32_t slot : old) {
      if (slot != VEXFS_SLOT_NONE) place(hash_of(slot), slot);
    }
  }

  void insert(uint64_t hash, uint32_t slot) {
    place(hash, slot);
    ++used_;
  }

  /** Entries behind the gap move up, so that no marks of erased ones stay. */
  template <typename HashOf>
  void erase(uint32_t slot, HashOf hash_of) {
    size_t gap = home(hash_of(slot));
    while (entries_[gap] != slot) gap = next(gap);
    for (size_t at = next(gap); entries_[at] != VEXFS_SLOT_NONE; at = next(at)) {
      const size_t wanted = home(hash_of(entries_[at]));
      if (((at - wanted) & mask()) < ((at - gap) & mask())) continue;  // it is between home and gap
      entries_[gap] = entries_[at];
      gap = at;
    }
    entries_[gap] = VEXFS_SLOT_NONE;
    --used_;
  }

 private:
  size_t mask() const { return entries_.size() - 1; }
  size_t next(size_t at) const { return (at + 1) & mask(); }
  size_t home(uint64_t hash) const { return (hash * 0x9e3779b97f4a7c15) >> 32 & mask(); }
  void place(uint64_t hash, uint32_t slot) {
    size_t at = home(hash);
    while (entries_[at] != VEXFS_SLOT_NONE) at = next(at);
    entries_[at] = slot;
  }

  std::vector<uint32_t> entries_ = std::vector<uint32_t>(16, VEXFS_SLOT_NONE);
  size_t used_ = 0;
};

}  // namespace vexfs::hnsw
