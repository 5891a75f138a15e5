// SPDX-License-Identifier: MIT
// A collection in memory (docs/vectors.md, "Slots", "The graph"). Changes are planned first, which
// may fail for want of memory and changes nothing, then applied, which cannot fail: so the owner
// can find room on its volume in between.
//
// Locking: none of its own. Any number of threads may call const functions at once; functions that
// are not const need the index alone. plan_link(), the long one, is const.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "fuse/core/planted.h"
#include "fuse/hnsw/chunks.h"
#include "fuse/hnsw/kernels.h"
#include "fuse/hnsw/key.h"
#include "fuse/hnsw/parameters.h"
#include "fuse/hnsw/slot_table.h"

namespace vexfs::hnsw {

/** What a put will do. */
struct PutPlan {
  uint64_t id = 0;
  uint32_t slot = 0;                 // the new one
  uint32_t level = 0;                //
  uint32_t first = VEXFS_SLOT_NONE;  // of a duplicate
  uint32_t died = VEXFS_SLOT_NONE;   // the slot that had the id
  uint32_t upper = VEXFS_SLOT_NONE;  // its first list above level 0
  uint32_t row_crc = 0;
};

/** A list as it will be, ascending. */
struct ListChange {
  uint32_t slot = 0;
  uint32_t level = 0;
  std::vector<uint32_t> links;
};

/** What a link step will do. */
struct LinkPlan {
  std::vector<ListChange> lists;  // by level, then slot
  uint32_t linked = 0;
  uint32_t entry = VEXFS_SLOT_NONE;
  uint32_t entry_level = 0;
};

class Index {
 public:
  /** The CPU has `simd`; valid parameters. `faults`: what it shall do wrong. */
  Index(const Parameters& parameters, SimdLevel simd,
        core::PlantedFault faults = core::PlantedFault(core::Fault::kNone));

  const Parameters& parameters() const { return parameters_; }
  uint32_t slots() const { return slots_; }
  uint32_t live() const { return live_; }
  uint32_t linked() const { return linked_; }
  uint32_t entry() const { return entry_; }
  uint32_t entry_level() const { return entry_level_; }
  uint32_t upper_lists() const { return upper_lists_; }
  /** Slots that wait to be linked, ascending. */
  std::span<const uint32_t> tail() const { return tail_; }

  bool planted(core::Fault fault) const { return faults_.planted(fault); }

  uint64_t id(uint32_t slot) const { return ids_[slot]; }
  uint32_t level(uint32_t slot) const { return nodes_[slot] & kLevelMask; }
  /** Number of its list of level 1, if its level is above 0. */
  uint32_t upper(uint32_t slot) const { return uppers_[slot]; }
  bool dead(uint32_t slot) const { return nodes_[slot] & kDead; }
  bool duplicate(uint32_t slot) const { return nodes_[slot] & kDuplicate; }
  const std::byte* row(uint32_t slot) const { return rows_[slot]; }
  /** Ascending; empty for what is not linked. */
  std::span<const uint32_t> links(uint32_t slot, uint32_t level) const;
  /** Calls `take(link)` for each link, ascending. */
  template <typename Take>
  void for_each_link(uint32_t slot, uint32_t level, Take take) const {
    const auto* link = reinterpret_cast<const uint32_t*>(list(slot, level));
    for (const auto* end = link + parameters_.room(level); link != end; ++link) {
      if (*link == VEXFS_SLOT_NONE) return;
      take(*link);
    }
  }
  void prefetch_links(uint32_t slot) const { __builtin_prefetch(lists_[slot]); }
  /** The duplicates of a slot, ascending. */
  std::span<const uint32_t> chain(uint32_t slot) const;
  /** The live slot of an id. */
  std::optional<uint32_t> find(uint64_t id) const;

  /** Order bits of the distances from a stored row to some slots. */
  void distances(const std::byte* from, std::span<const uint32_t> slots, uint32_t* orders) const;
  /** The same to rows that were used a moment ago. */
  void distances(const std::byte* from, std::span<const void* const> rows, uint32_t* orders) const;
  uint32_t distance(const std::byte* from, uint32_t slot) const;
  /** The distance itself, as replies carry it. */
  uint32_t distance_bits(uint32_t order) const { return distance_of_order(order, is_float_); }

  /** `row`: stored, stride() bytes; `row_crc`: its checksum as the volume has it. There is room for
   * another slot. */
  PutPlan plan_put(uint64_t id, const std::byte* row, uint32_t row_crc);
  /** `plan` is of the index as it is now. */
  void apply(const PutPlan& plan, const std::byte* row);
  /** The slot is live. */
  void kill(uint32_t slot);
  void apply(const LinkPlan& plan);

  // Rebuilding from a volume: every slot ascending, then the lists, then the rest.

  void restore_slot(const PutPlan& slot, const std::byte* row, bool dead);
  /** `links`: ascending, at most the list's room. */
  void set_links(uint32_t slot, uint32_t level, std::span<const uint32_t> links);
  void set_graph(uint32_t linked, uint32_t entry, uint32_t entry_level);

 private:
  static constexpr uint8_t kLevelMask = 0x0f;
  static constexpr uint8_t kDead = 0x10;
  static constexpr uint8_t kDuplicate = 0x20;
  static constexpr uint8_t kHasChain = 0x40;

  uint64_t row_hash(uint32_t slot) const { return row_crcs_[slot]; }
  void reserve_slot(uint32_t level);
  void add_slot(const PutPlan& plan, const std::byte* row);
  std::byte* list(uint32_t slot, uint32_t level) {
    return level == 0 ? lists_[slot] : upper_[uppers_[slot] + level - 1];
  }
  const std::byte* list(uint32_t slot, uint32_t level) const {
    return level == 0 ? lists_[slot] : upper_[uppers_[slot] + level - 1];
  }

  Parameters parameters_;
  [[no_unique_address]] core::PlantedFault faults_;
  DistanceKernel kernel_;
  bool is_float_;
  size_t stride_;

  Chunks rows_;
  Chunks lists_;  // of level 0
  Chunks upper_;  // of higher levels
  ChunkedArray<uint64_t> ids_;
  ChunkedArray<uint32_t> row_crcs_;
  ChunkedArray<uint32_t> uppers_;  // first list above level 0
  ChunkedArray<uint8_t> nodes_;    // level and flags
  SlotTable by_id_;                // live slots
  SlotTable by_row_;               // slots that are no duplicates
  std::unordered_map<uint32_t, std::vector<uint32_t>> chains_;
  std::vector<uint32_t> tail_;

  uint32_t slots_ = 0;
  uint32_t live_ = 0;
  uint32_t linked_ = 0;
  uint32_t entry_ = VEXFS_SLOT_NONE;
  uint32_t entry_level_ = 0;
  uint32_t upper_lists_ = 0;
};

}  // namespace vexfs::hnsw
