// SPDX-License-Identifier: MIT
#include "reference/vector/layer_search.h"

#include <algorithm>
#include <set>
#include <unordered_set>

namespace vexfs::vectors {
namespace {

class Searching {
 public:
  Searching(const Graph& graph, const Row& query, const LayerSearch& search)
      : graph_(graph), query_(query), search_(search) {}

  LayerAnswer run() {
    LayerAnswer answer;
    see(search_.start);
    for (std::uint64_t visits = 0; has_next(); ++visits) {
      answer.truncated = visits == search_.max_visits;
      if (answer.truncated) break;
      expand();
    }
    answer.keys.assign(found_.begin(), found_.end());
    return answer;
  }

 private:
  bool has_next() const {
    if (open_.empty()) return false;
    return found_.size() < search_.ef || *open_.begin() <= *found_.rbegin();
  }

  void expand() {
    const SlotNumber slot = slot_of(*open_.begin());
    open_.erase(open_.begin());
    for (SlotNumber link : graph_.slot(slot).lists[search_.level]) see(link);
  }

  void see(SlotNumber slot) {
    if (!seen_.insert(slot).second) return;
    const Key key = graph_.key(query_, slot);
    candidates_.insert(key);
    open_.insert(key);
    if (candidates_.size() > search_.cap) {
      open_.erase(*candidates_.rbegin());
      candidates_.erase(*candidates_.rbegin());
    }
    if (!search_.is_accepted(slot)) return;
    found_.insert(key);
    if (found_.size() > search_.ef) found_.erase(*found_.rbegin());
  }

  const Graph& graph_;
  const Row& query_;
  const LayerSearch& search_;
  std::unordered_set<SlotNumber> seen_;
  std::set<Key> candidates_;  // C
  std::set<Key> open_;        // those of C that are not expanded
  std::set<Key> found_;       // W
};

}  // namespace

LayerAnswer search_layer(const Graph& graph, const Row& query, const LayerSearch& search) {
  return Searching(graph, query, search).run();
}

SlotNumber greedy(const Graph& graph, const Row& query, SlotNumber from, unsigned level) {
  Key present = graph.key(query, from);
  for (;;) {
    Key best = present;
    for (SlotNumber link : graph.slot(slot_of(present)).lists[level])
      best = std::min(best, graph.key(query, link));
    if (best == present) return slot_of(present);
    present = best;
  }
}

}  // namespace vexfs::vectors
