// SPDX-License-Identifier: MIT
#include "reference/vector/search.h"

#include <algorithm>

#include "reference/vector/layer_search.h"

namespace vexfs::vectors {
namespace {

class Searching {
 public:
  Searching(const Graph& graph, const Query& query)
      : graph_(graph), query_(query), ef_(std::max(query.ef, query.k)) {}

  Answers run() const {
    if (query_.exact || is_small_filter()) return {exact(), false};
    Answers found = through_graph();
    if (!found.truncated && found.answers.size() < std::min<std::size_t>(query_.k, eligible()))
      found.answers = exact();
    return found;
  }

 private:
  bool is_eligible(SlotNumber number) const {
    const Slot& slot = graph_.slot(number);
    return !slot.dead && (!query_.filter || query_.filter->contains(slot.id));
  }

  bool is_accepted(SlotNumber number) const {
    return std::ranges::any_of(graph_.chain(number),
                               [this](SlotNumber slot) { return is_eligible(slot); });
  }

  std::size_t eligible() const {
    std::size_t count = 0;
    for (SlotNumber number = 0; number < graph_.size(); ++number) count += is_eligible(number);
    return count;
  }

  bool is_small_filter() const {
    if (!query_.filter) return false;
    const auto known = std::ranges::count_if(
        *query_.filter, [this](std::uint64_t id) { return graph_.find(id).has_value(); });
    return static_cast<std::uint64_t>(known) <= 16 * std::uint64_t{ef_};
  }

  std::vector<Answer> exact() const {
    std::vector<SlotNumber> all;
    for (SlotNumber number = 0; number < graph_.size(); ++number)
      if (!graph_.slot(number).is_duplicate()) all.push_back(number);
    return best_on_chains(all);
  }

  Answers through_graph() const {
    Answers found;
    std::vector<SlotNumber> reached;
    if (graph_.state().entry != kNoSlot) {
      SlotNumber start = graph_.state().entry;
      for (unsigned level = graph_.state().entry_level; level > 0; --level)
        start = greedy(graph_, query_.row, start, level);
      const LayerAnswer layer =
          search_layer(graph_, query_.row,
                       {.start = start,
                        .level = 0,
                        .cap = 8 * std::size_t{ef_},
                        .ef = ef_,
                        .is_accepted = [this](SlotNumber slot) { return is_accepted(slot); },
                        .max_visits = query_.max_visits == 0 ? UINT64_MAX : query_.max_visits});
      found.truncated = layer.truncated;
      for (Key key : layer.keys) reached.push_back(slot_of(key));
    }
    for (SlotNumber slot : graph_.tail()) reached.push_back(slot);
    found.answers = best_on_chains(reached);
    return found;
  }

  // The k best of all eligible slots on the chains of `firsts`.
  std::vector<Answer> best_on_chains(const std::vector<SlotNumber>& firsts) const {
    std::vector<Key> keys;
    for (SlotNumber first : firsts)
      for (SlotNumber slot : graph_.chain(first))
        if (is_eligible(slot)) keys.push_back(graph_.key(query_.row, slot));
    std::ranges::sort(keys);
    if (keys.size() > query_.k) keys.resize(query_.k);
    std::vector<Answer> answers;
    for (Key key : keys) {
      const Slot& slot = graph_.slot(slot_of(key));
      answers.push_back(
          {slot.id, distance(graph_.parameters(), query_.row, slot.row), slot_of(key)});
    }
    return answers;
  }

  const Graph& graph_;
  const Query& query_;
  std::uint32_t ef_;
};

}  // namespace

Answers search(const Graph& graph, const Query& query) { return Searching(graph, query).run(); }

}  // namespace vexfs::vectors
