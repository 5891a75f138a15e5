// SPDX-License-Identifier: MIT
// greedy and search_layer (docs/vectors.md, "The graph").
#pragma once

#include <cstdint>

#include "fuse/hnsw/index.h"
#include "fuse/hnsw/scratch.h"

namespace vexfs::hnsw {

/** Computes the keys of `scratch.slots` and calls `take(key)` for each. */
template <typename Take>
void for_each_key(const Index& index, const std::byte* row, Scratch& scratch, Take take) {
  scratch.orders.resize(scratch.slots.size());
  index.distances(row, scratch.slots, scratch.orders.data());
  for (size_t i = 0; i < scratch.slots.size(); ++i) {
    take(make_key(scratch.orders[i], scratch.slots[i]));
  }
}

/** Where no neighbour at `level` is nearer to `row`, beginning at `from`. */
inline Key greedy(const Index& index, const std::byte* row, Key from, uint32_t level,
                  Scratch& scratch) {
  for (Key best = from;; from = best) {
    scratch.slots.clear();
    index.for_each_link(slot_of(from), level,
                        [&](uint32_t link) { scratch.slots.push_back(link); });
    for_each_key(index, row, scratch, [&](Key key) { best = std::min(best, key); });
    if (best == from) return best;
  }
}

/** greedy from the entry point down to `level`, which is at most entry_level(). Not in an empty
 * graph. */
inline Key descend(const Index& index, const std::byte* row, uint32_t level, Scratch& scratch) {
  Key at = make_key(index.distance(row, index.entry()), index.entry());
  for (uint32_t l = index.entry_level(); l > level; --l) {
    at = greedy(index, row, at, l, scratch);
  }
  return at;
}

/** Puts the neighbours of `slot` that were not seen before into `scratch.slots`. */
inline void gather_unseen(const Index& index, uint32_t slot, uint32_t level, Scratch& scratch) {
  scratch.slots.clear();
  index.for_each_link(slot, level, [&](uint32_t link) {
    if (scratch.visited.visit(link)) scratch.slots.push_back(link);
  });
}

/**
 * The search of an insertion: all slots are accepted and C has room for ef keys, so C and W are
 * one. The answer is scratch.candidates.
 */
inline void search_to_link(const Index& index, const std::byte* row, Key start, uint32_t level,
                           uint32_t ef, Scratch& scratch) {
  scratch.visited.begin(index.slots());
  scratch.visited.visit(slot_of(start));
  scratch.candidates.begin(ef);
  scratch.candidates.offer(start);
  while (const Key* next = scratch.candidates.next()) {
    const uint32_t slot = slot_of(*next);
    scratch.candidates.mark_next_expanded();
    gather_unseen(index, slot, level, scratch);
    for_each_key(index, row, scratch, [&](Key key) { scratch.candidates.offer(key); });
  }
}

}  // namespace vexfs::hnsw
