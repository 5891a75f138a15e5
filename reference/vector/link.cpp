// SPDX-License-Identifier: MIT
// Linking a batch: docs/vectors.md, "Linking a batch".
#include <algorithm>
#include <set>

#include "reference/vector/graph.h"
#include "reference/vector/layer_search.h"

namespace vexfs::vectors {
namespace {

// `candidates` ascending by their keys to the base; the chosen slots ascending.
List select(const Graph& graph, const std::vector<Key>& candidates, std::size_t size) {
  List taken;
  List passed_over;
  for (Key candidate : candidates) {
    if (taken.size() == size) break;
    const Row& row = graph.slot(slot_of(candidate)).row;
    const bool is_covered = std::ranges::any_of(taken, [&](SlotNumber other) {
      return order_of(graph.key(row, other)) <= order_of(candidate);
    });
    (is_covered ? passed_over : taken).push_back(slot_of(candidate));
  }
  for (SlotNumber slot : passed_over)
    if (taken.size() < size) taken.push_back(slot);
  std::ranges::sort(taken);
  return taken;
}

class Linking {
 public:
  Linking(const Graph& graph, const List& batch) : graph_(graph), batch_(batch) {
    plan_.linked = batch.back() + 1;
    plan_.entry = graph.state().entry;
    plan_.entry_level = graph.state().entry_level;
  }

  LinkPlan run() {
    for (SlotNumber member : batch_) choose_own(member);
    plan_.lists = own_;
    for (const auto& [place, list] : own_)
      for (SlotNumber target : list) link_back(place.first, target, place.second);
    for (SlotNumber member : batch_) offer_as_entry(member);
    return std::move(plan_);
  }

 private:
  // Step 1 for one member: every search is on the graph before the batch.
  void choose_own(SlotNumber member) {
    const Slot& slot = graph_.slot(member);
    const bool has_graph = graph_.state().entry != kNoSlot;
    const unsigned top = graph_.state().entry_level;
    SlotNumber start = graph_.state().entry;
    if (has_graph)
      for (unsigned level = top; level > slot.level(); --level)
        start = greedy(graph_, slot.row, start, level);
    for (unsigned level = slot.level() + 1; level-- > 0;) {
      std::vector<Key> found;
      if (has_graph && level <= top) {
        found = search(slot.row, start, level);
        start = slot_of(found.front());
      }
      own_[{level, member}] = select(graph_, candidates(member, level, found), parameters().m);
    }
  }

  std::vector<Key> search(const Row& row, SlotNumber start, unsigned level) const {
    const std::size_t ef = parameters().ef_construction;
    return search_layer(graph_, row,
                        {.start = start,
                         .level = level,
                         .cap = ef,
                         .ef = ef,
                         .is_accepted = [](SlotNumber) { return true; }})
        .keys;
  }

  // What was found and the smaller members of the batch, the nearest first.
  std::vector<Key> candidates(SlotNumber member, unsigned level, std::vector<Key> keys) const {
    for (SlotNumber other : batch_)
      if (other < member && graph_.slot(other).level() >= level)
        keys.push_back(graph_.key(graph_.slot(member).row, other));
    std::ranges::sort(keys);
    if (keys.size() > parameters().ef_construction) keys.resize(parameters().ef_construction);
    return keys;
  }

  // Step 3. The map's order is by level, then by member ascending, as the law wants it.
  void link_back(unsigned level, SlotNumber target, SlotNumber member) {
    const auto [place, fresh] = plan_.lists.try_emplace({level, target});
    List& list = place->second;
    if (fresh) list = graph_.slot(target).lists[level];
    list.push_back(member);
    if (list.size() > graph_.room(level)) {
      std::vector<Key> keys;
      for (SlotNumber slot : list) keys.push_back(graph_.key(graph_.slot(target).row, slot));
      std::ranges::sort(keys);
      list = select(graph_, keys, graph_.room(level));
    }
    std::ranges::sort(list);
  }

  // Step 4.
  void offer_as_entry(SlotNumber member) {
    const unsigned level = graph_.slot(member).level();
    if (plan_.entry != kNoSlot && level <= plan_.entry_level) return;
    plan_.entry = member;
    plan_.entry_level = level;
  }

  const Parameters& parameters() const { return graph_.parameters(); }

  const Graph& graph_;
  const List& batch_;
  std::map<std::pair<unsigned, SlotNumber>, List> own_;
  LinkPlan plan_;
};

}  // namespace

List Graph::next_batch(std::uint64_t transaction_bytes) const {
  constexpr std::uint64_t kHeaderAndState = 4096;
  List waiting = tail();
  if (waiting.size() < VEXFS_TAIL_MAX) return {};
  List batch;
  std::uint64_t cost = kHeaderAndState;
  for (SlotNumber number : waiting) {
    cost += link_cost(parameters(), slot(number).level());
    if (batch.size() == VEXFS_TAIL_MAX || cost > transaction_bytes) break;
    batch.push_back(number);
  }
  return batch;
}

LinkPlan Graph::plan_link(const List& batch) const { return Linking(*this, batch).run(); }

void Graph::apply(const LinkPlan& plan) {
  for (const auto& [place, list] : plan.lists) state_.slots[place.second].lists[place.first] = list;
  state_.linked = plan.linked;
  state_.entry = plan.entry;
  state_.entry_level = plan.entry_level;
  ++state_.sequence;
}

}  // namespace vexfs::vectors
