// SPDX-License-Identifier: MIT
#include "reference/vector/graph.h"

#include "reference/vector/levels.h"

namespace vexfs::vectors {

Graph::Graph(State state) : state_(std::move(state)) {
  for (SlotNumber number = 0; number < size(); ++number) index(number);
}

void Graph::index(SlotNumber number) {
  const Slot& slot = state_.slots[number];
  if (!slot.dead) by_id_[slot.id] = number;
  if (!slot.is_duplicate()) by_row_[slot.row] = number;
  chains_[slot.is_duplicate() ? slot.first : number].push_back(number);
}

std::optional<SlotNumber> Graph::find(std::uint64_t id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? std::nullopt : std::optional(found->second);
}

List Graph::tail() const {
  List tail;
  for (SlotNumber number = state_.linked; number < size(); ++number)
    if (!slot(number).is_duplicate()) tail.push_back(number);
  return tail;
}

std::size_t Graph::room(unsigned level) const {
  return (level == 0 ? 2U : 1U) * std::size_t{parameters().m};
}

Key Graph::key(const Row& base, SlotNumber number) const {
  return make_key(order_bits(parameters(), distance(parameters(), base, slot(number).row)), number);
}

PutPlan Graph::plan_put(std::uint64_t id, Row row) const {
  PutPlan plan;
  plan.slot.id = id;
  plan.died = find(id).value_or(kNoSlot);
  if (const auto equal = by_row_.find(row); equal != by_row_.end())
    plan.slot.first = equal->second;
  else
    plan.slot.lists.resize(1 + level_of(parameters().seed, parameters().m, size()));
  plan.slot.row = std::move(row);
  return plan;
}

void Graph::apply(const PutPlan& plan) {
  if (plan.died != kNoSlot) state_.slots[plan.died].dead = true;
  state_.slots.push_back(plan.slot);
  index(size() - 1);
  ++state_.sequence;
}

void Graph::apply(const DeletePlan& plan) {
  Slot& slot = state_.slots[plan.slot];
  slot.dead = true;
  by_id_.erase(slot.id);
  ++state_.sequence;
}

}  // namespace vexfs::vectors
