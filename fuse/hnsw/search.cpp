// SPDX-License-Identifier: MIT
#include "fuse/hnsw/search.h"

#include <algorithm>

#include "fuse/hnsw/traverse.h"

namespace vexfs::hnsw {

using core::Fault;

namespace {

constexpr uint32_t kCandidatesPerEf = 8;
constexpr uint32_t kExactUpToPerEf = 16;

class Search {
 public:
  Search(const Index& index, const Query& query, Scratch& scratch)
      : index_(index), query_(query), scratch_(scratch), ef_(std::max(query.ef, query.k)) {}

  Answers run() {
    if (query_.exact ||
        (query_.allowed && query_.allowed->size() <= size_t{kExactUpToPerEf} * ef_)) {
      return answers_of(exact(), false);
    }
    const bool truncated = index_.entry() != VEXFS_SLOT_NONE && search_graph();
    auto keys = expanded();
    const size_t wanted = std::min<size_t>(query_.k, eligible_count());
    if (!truncated && keys.size() < wanted) return answers_of(exact(), false);
    return answers_of(std::move(keys), truncated);
  }

 private:
  size_t eligible_count() const { return query_.allowed ? query_.allowed->size() : index_.live(); }

  bool eligible(uint32_t slot) const {
    if (index_.dead(slot) && !index_.planted(Fault::kDeadAnswered)) return false;
    return !query_.allowed ||
           std::binary_search(query_.allowed->begin(), query_.allowed->end(), slot);
  }

  bool accepted(uint32_t slot) const {
    if (eligible(slot)) return true;
    const auto chain = index_.chain(slot);
    return std::any_of(chain.begin(), chain.end(), [&](uint32_t s) { return eligible(s); });
  }

  bool all_accepted() const { return !query_.allowed && index_.live() == index_.slots(); }

  // True if the limit of visits ended it. Leaves W in scratch.accepted, or in scratch.candidates if
  // all are accepted.
  bool search_graph() {
    const Key start = descend(index_, query_.row, 0, scratch_);
    scratch_.visited.begin(index_.slots());
    scratch_.visited.visit(slot_of(start));
    if (all_accepted()) {
      Pool& both = scratch_.candidates;
      both.begin(ef_);
      return expand(start, both, [&](Key key) { both.offer(key); });
    }
    Pool& nearest = scratch_.accepted;
    nearest.begin(ef_);
    scratch_.candidates.begin(size_t{kCandidatesPerEf} * ef_);
    return expand(start, nearest, [&](Key key) {
      // It could never be expanded, as the largest key of a full W only falls.
      if (nearest.full() && key > nearest.largest()) return;
      scratch_.candidates.offer(key);
      if (accepted(slot_of(key))) nearest.offer(key);
    });
  }

  template <typename Take>
  bool expand(Key start, const Pool& nearest, Take take) {
    take(start);
    for (uint32_t visits = 0;; ++visits) {
      const Key* next = scratch_.candidates.next();
      if (!next || (nearest.full() && *next > nearest.largest())) return false;
      if (query_.max_visits != 0 && visits == query_.max_visits) return true;
      hnsw::expand(index_, query_.row, 0, *next, scratch_, take);
    }
  }

  // The keys of the eligible slots on the chains of W and of the accepted slots of the tail.
  std::vector<Key> expanded() {
    std::vector<Key> keys;
    const auto add_chain = [&](Key key) {
      if (eligible(slot_of(key))) keys.push_back(key);
      for (const uint32_t slot : index_.chain(slot_of(key))) {
        if (index_.planted(Fault::kFilterIgnored) ? !index_.dead(slot) : eligible(slot)) {
          keys.push_back(make_key(order_of(key), slot));
        }
      }
    };
    if (index_.entry() != VEXFS_SLOT_NONE) {
      for (const Key key : all_accepted() ? scratch_.candidates : scratch_.accepted) add_chain(key);
    }
    auto tail = index_.tail();
    if (index_.planted(Fault::kTailOffByOne) && !tail.empty()) tail = tail.first(tail.size() - 1);
    for_each_exact_key(tail, add_chain);
    return keys;
  }

  /** Compares with any number of slots. */
  template <typename Take>
  void for_each_exact_key(std::span<const uint32_t> slots, Take take) {
    Neighbours& near = scratch_.neighbours;
    while (!slots.empty()) {
      near.count = std::min(slots.size(), Neighbours::kMax);
      std::copy_n(slots.begin(), near.count, near.slots.begin());
      for_each_key(index_, query_.row, scratch_, take);
      slots = slots.subspan(near.count);
    }
  }

  std::vector<Key> exact() {
    std::vector<uint32_t> live;
    if (!query_.allowed) {
      live.reserve(index_.live());
      for (uint32_t slot = 0; slot < index_.slots(); ++slot) {
        if (!index_.dead(slot)) live.push_back(slot);
      }
    }
    const auto& slots = query_.allowed ? *query_.allowed : live;
    std::vector<Key> keys;
    keys.reserve(slots.size());
    for_each_exact_key(slots, [&](Key key) { keys.push_back(key); });
    return keys;
  }

  Answers answers_of(std::vector<Key> keys, bool truncated) const {
    const size_t count = std::min<size_t>(query_.k, keys.size());
    std::partial_sort(keys.begin(), keys.begin() + static_cast<ptrdiff_t>(count), keys.end());
    if (index_.planted(Fault::kTieOrder)) {
      std::stable_sort(keys.begin(), keys.begin() + static_cast<ptrdiff_t>(count),
                       [](Key a, Key b) { return order_of(a) != order_of(b) ? a < b : a > b; });
    }
    Answers result{.answers = {}, .truncated = truncated};
    result.answers.reserve(count);
    for (size_t i = 0; i < count; ++i) {
      const uint32_t slot = slot_of(keys[i]);
      result.answers.push_back({index_.id(slot), index_.distance_bits(order_of(keys[i])), slot});
    }
    return result;
  }

  const Index& index_;
  const Query& query_;
  Scratch& scratch_;
  uint32_t ef_;
};

}  // namespace

std::vector<uint32_t> slots_of_ids(const Index& index, std::span<const uint64_t> ids) {
  std::vector<uint32_t> slots;
  for (const uint64_t id : ids) {
    if (const auto slot = index.find(id)) slots.push_back(*slot);
  }
  std::sort(slots.begin(), slots.end());
  slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
  return slots;
}

Answers search(const Index& index, const Query& query, Scratch& scratch) {
  return Search(index, query, scratch).run();
}

}  // namespace vexfs::hnsw
