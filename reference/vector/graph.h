// SPDX-License-Identifier: MIT
// The slots of a collection and the links between them: docs/vectors.md, "Slots" and "The graph".
//
// Changes come in two steps, because a unit of work may fail: plan_*() says what would change and
// apply() changes it.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "reference/vector/arithmetic.h"

namespace vexfs::vectors {

using SlotNumber = std::uint32_t;
inline constexpr SlotNumber kNoSlot = VEXFS_SLOT_NONE;

/// Links, ascending.
using List = std::vector<SlotNumber>;

struct Slot {
  std::uint64_t id = 0;
  Row row;
  SlotNumber first = kNoSlot;   // of a duplicate: the slot whose chain it is on
  bool dead = false;            // deleted or replaced
  std::vector<List> lists{{}};  // by level, from 0 to the slot's own

  unsigned level() const { return static_cast<unsigned>(lists.size() - 1); }
  bool is_duplicate() const { return first != kNoSlot; }
};

/// All that a collection consists of; the rest of Graph is derived from it.
struct State {
  Parameters parameters;
  std::vector<Slot> slots{};
  SlotNumber linked = 0;       // slots below it are linked or duplicates
  SlotNumber entry = kNoSlot;  // where searches begin
  unsigned entry_level = 0;    // 0 without an entry
  std::uint64_t sequence = 0;  // rises by one with each apply()
};

/// A vector that takes the next slot.
struct PutPlan {
  Slot slot;
  SlotNumber died = kNoSlot;  // the slot that had the id until now
};

/// A slot that dies.
struct DeletePlan {
  SlotNumber slot = kNoSlot;
};

/// A link step: the lists that it changes, by level and slot, and the header's values afterwards.
struct LinkPlan {
  std::map<std::pair<unsigned, SlotNumber>, List> lists;
  SlotNumber linked = 0;
  SlotNumber entry = kNoSlot;
  unsigned entry_level = 0;
};

class Graph {
 public:
  explicit Graph(const Parameters& parameters) : Graph(State{.parameters = parameters}) {}
  explicit Graph(State state);

  const Parameters& parameters() const { return state_.parameters; }
  const State& state() const { return state_; }
  const Slot& slot(SlotNumber number) const { return state_.slots[number]; }
  SlotNumber size() const { return static_cast<SlotNumber>(state_.slots.size()); }
  std::uint32_t live() const { return static_cast<std::uint32_t>(by_id_.size()); }

  /// The live slot of this id.
  std::optional<SlotNumber> find(std::uint64_t id) const;
  /// The slot, which is no duplicate, and all duplicates of it, ascending.
  const List& chain(SlotNumber first) const { return chains_.at(first); }
  /// The slots that wait to be linked, ascending.
  List tail() const;
  /// Room of a list of this level.
  std::size_t room(unsigned level) const;
  /// Of a slot, to the stored row `base`.
  Key key(const Row& base, SlotNumber slot) const;

  /// `row` is a stored row.
  PutPlan plan_put(std::uint64_t id, Row row) const;
  void apply(const PutPlan& plan);

  void apply(const DeletePlan& plan);

  /// The next batch, if 64 slots are in the tail: as many of them as fit a transaction of
  /// `transaction_bytes`. Else none.
  List next_batch(std::uint64_t transaction_bytes) const;
  /// `batch`: the first slots of the tail.
  LinkPlan plan_link(const List& batch) const;
  void apply(const LinkPlan& plan);

  /// For a unit that changes nothing else here.
  void raise_sequence() { ++state_.sequence; }

 private:
  void index(SlotNumber number);

  State state_;
  std::unordered_map<std::uint64_t, SlotNumber> by_id_;  // live slots
  std::map<Row, SlotNumber> by_row_;                     // slots that are no duplicates
  std::map<SlotNumber, List> chains_;
};

}  // namespace vexfs::vectors
