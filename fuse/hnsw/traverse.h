// SPDX-License-Identifier: MIT
// greedy and search_layer (docs/vectors.md, "The graph").
#pragma once

#include <cstdint>

#include "fuse/hnsw/index.h"
#include "fuse/hnsw/scratch.h"

namespace vexfs::hnsw {

/** Compares the row with `scratch.neighbours` and calls `take(key)` for each. */
template <typename Take>
void for_each_key(const Index& index, const std::byte* row, Scratch& scratch, Take take) {
  Neighbours& near = scratch.neighbours;
  index.distances(row, {near.slots.data(), near.count}, near.orders.data());
  for (size_t i = 0; i < near.count; ++i) take(make_key(near.orders[i], near.slots[i]));
}

/** Where no neighbour at `level` is nearer to `row`, beginning at `from`. */
inline Key greedy(const Index& index, const std::byte* row, Key from, uint32_t level,
                  Scratch& scratch) {
  Neighbours& near = scratch.neighbours;
  for (Key best = from;; from = best) {
    near.count = 0;
    index.for_each_link(slot_of(from), level,
                        [&](uint32_t link) { near.slots[near.count++] = link; });
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

/** Makes the neighbours of `slot` that were not seen before `scratch.neighbours`. */
inline void gather_unseen(const Index& index, uint32_t slot, uint32_t level, Scratch& scratch) {
  index.for_each_link(slot, level, [&](uint32_t link) { scratch.visited.prefetch(link); });
  Neighbours& near = scratch.neighbours;
  near.count = 0;
  index.for_each_link(slot, level, [&](uint32_t link) {
    near.slots[near.count] = link;
    near.count += scratch.visited.visit(link) ? 1 : 0;
  });
}

/** Expands the smallest key of the candidates that is not expanded, which next() has answered. */
template <typename Take>
void expand(const Index& index, const std::byte* row, uint32_t level, Key next, Scratch& scratch,
            Take take) {
  index.prefetch_links(slot_of(scratch.candidates.expand_next()));
  gather_unseen(index, slot_of(next), level, scratch);
  for_each_key(index, row, scratch, take);
}

/**
 * The search of an insertion: all slots are accepted and C has room for ef keys, so C and W are
 * one. The answer is scratch.candidates.
 */
inline void search_to_link(const Index& index, const std::byte* row, Key start, uint32_t level,
                           uint32_t ef, Scratch& scratch) {
  Pool& pool = scratch.candidates;
  scratch.visited.begin(index.slots());
  scratch.visited.visit(slot_of(start));
  pool.begin(ef);
  pool.offer(start);
  while (const Key* next = pool.next()) {
    expand(index, row, level, *next, scratch, [&](Key key) { pool.offer(key); });
  }
}

}  // namespace vexfs::hnsw
