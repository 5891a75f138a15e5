// SPDX-License-Identifier: MIT
#include "fuse/hnsw/link.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "fuse/hnsw/traverse.h"
#include "reference/contract/log.h"

namespace vexfs::hnsw {

namespace {

// The own lists of one member, by level.
using OwnLists = std::vector<std::vector<uint32_t>>;

// A member that names a slot in its own list, so that the slot is to name the member.
struct Naming {
  uint32_t level, target, member;
  auto operator<=>(const Naming&) const = default;
};

// True if one of `taken` is at most as far from `candidate` as `order`. They are compared a few at
// a time: most often one of the first is near enough.
bool covered(const Index& index, const std::byte* candidate, uint32_t order,
             std::span<const void* const> taken) {
  constexpr size_t kAtOnce = 4;
  std::array<uint32_t, kAtOnce> orders;
  for (size_t i = 0; i < taken.size(); i += kAtOnce) {
    const auto part = taken.subspan(i, std::min(kAtOnce, taken.size() - i));
    index.distances(candidate, part, orders.data());
    for (size_t j = 0; j < part.size(); ++j) {
      if (orders[j] < order) return true;
      if (orders[j] == order && !index.planted(core::Fault::kEqualTaken)) return true;
    }
  }
  return false;
}

class BatchLinker {
 public:
  BatchLinker(const Index& index, std::span<const uint32_t> batch)
      : index_(index), batch_(batch), own_(batch.size()) {}

  LinkPlan plan(Workers& workers, std::span<Scratch> scratches) {
    workers.for_each(batch_.size(),
                     [&](size_t i, size_t worker) { find_own_lists(i, scratches[worker]); });
    group_namings();
    LinkPlan plan;
    plan.lists.resize(groups_.size());
    workers.for_each(groups_.size(),
                     [&](size_t i, size_t) { plan.lists[i] = reversed(groups_[i]); });
    add_own_lists(plan);
    set_entry(plan);
    plan.linked = batch_.back() + 1;
    return plan;
  }

 private:
  void find_own_lists(size_t i, Scratch& scratch) {
    const uint32_t slot = batch_[i];
    const std::byte* row = index_.row(slot);
    const uint32_t level = index_.level(slot);
    own_[i].resize(level + 1);
    std::vector<Key> siblings(index_.planted(core::Fault::kSiblingsUnseen) ? 0 : i);
    for (size_t j = 0; j < siblings.size(); ++j) {
      siblings[j] = make_key(index_.distance(row, batch_[j]), batch_[j]);
    }
    const bool empty = index_.entry() == VEXFS_SLOT_NONE;
    const uint32_t top = empty ? 0 : std::min(index_.entry_level(), level);
    Key start = empty ? 0 : descend(index_, row, top, scratch);
    for (uint32_t l = level + 1; l-- > 0;) {
      scratch.candidates.begin(index_.parameters().ef_construction);
      if (!empty && l <= top) {
        search_to_link(index_, row, start, l, index_.parameters().ef_construction, scratch);
        start = *scratch.candidates.begin() & ~kExpanded;
      }
      for (size_t j = 0; j < siblings.size(); ++j) {
        if (index_.level(batch_[j]) >= l) scratch.candidates.offer(siblings[j]);
      }
      own_[i][l] = select(index_, {scratch.candidates.begin(), scratch.candidates.end()},
                          index_.parameters().m);
    }
  }

  void group_namings() {
    for (size_t i = 0; i < batch_.size(); ++i) {
      for (uint32_t l = 0; l < own_[i].size(); ++l) {
        for (const uint32_t target : own_[i][l]) namings_.push_back({l, target, batch_[i]});
      }
    }
    std::sort(namings_.begin(), namings_.end());
    const std::span<const Naming> all = namings_;
    for (size_t from = 0, to; from < all.size(); from = to) {
      for (to = from + 1; to < all.size() && all[to].level == all[from].level &&
                          all[to].target == all[from].target;) {
        ++to;
      }
      groups_.push_back(all.subspan(from, to - from));
    }
  }

  // The list of a slot at a level as it is after all own lists were written.
  std::vector<uint32_t> list_before(uint32_t slot, uint32_t level) const {
    const auto member = std::lower_bound(batch_.begin(), batch_.end(), slot);
    if (member != batch_.end() && *member == slot) {
      return own_[static_cast<size_t>(member - batch_.begin())][level];
    }
    const auto links = index_.links(slot, level);
    return {links.begin(), links.end()};
  }

  ListChange reversed(std::span<const Naming> group) const {
    const uint32_t target = group.front().target;
    const uint32_t level = group.front().level;
    const uint32_t room = index_.parameters().room(level);
    const std::byte* row = index_.row(target);
    ListChange change{target, level, list_before(target, level)};
    auto& links = change.links;
    for (const Naming& naming : group) {
      if (index_.planted(core::Fault::kReverseLinkLost) && links.size() == room) break;
      links.insert(std::upper_bound(links.begin(), links.end(), naming.member), naming.member);
      if (links.size() <= room) continue;
      std::vector<uint32_t> orders(links.size());
      index_.distances(row, links, orders.data());
      std::vector<Key> keys(links.size());
      for (size_t i = 0; i < links.size(); ++i) keys[i] = make_key(orders[i], links[i]);
      std::sort(keys.begin(), keys.end());
      links = select(index_, keys, room);
    }
    return change;
  }

  // Those that no other member named; the others are among the reversed ones.
  void add_own_lists(LinkPlan& plan) {
    std::vector<ListChange> rest;
    for (size_t i = 0; i < batch_.size(); ++i) {
      for (uint32_t l = 0; l < own_[i].size(); ++l) {
        const Naming first{l, batch_[i], 0};
        const auto at = std::lower_bound(namings_.begin(), namings_.end(), first);
        const bool named = at != namings_.end() && at->level == l && at->target == batch_[i];
        if (!named) rest.push_back({batch_[i], l, std::move(own_[i][l])});
      }
    }
    plan.lists.insert(plan.lists.end(), std::make_move_iterator(rest.begin()),
                      std::make_move_iterator(rest.end()));
    std::sort(plan.lists.begin(), plan.lists.end(), [](const auto& a, const auto& b) {
      return std::tie(a.level, a.slot) < std::tie(b.level, b.slot);
    });
  }

  void set_entry(LinkPlan& plan) const {
    plan.entry = index_.entry();
    plan.entry_level = index_.entry_level();
    for (const uint32_t slot : batch_) {
      const bool kept =
          index_.planted(core::Fault::kEntryKept) || index_.level(slot) <= plan.entry_level;
      if (plan.entry != VEXFS_SLOT_NONE && kept) continue;
      plan.entry = slot;
      plan.entry_level = index_.level(slot);
    }
  }

  const Index& index_;
  std::span<const uint32_t> batch_;
  std::vector<OwnLists> own_;
  std::vector<Naming> namings_;
  std::vector<std::span<const Naming>> groups_;
};

}  // namespace

std::vector<uint32_t> select(const Index& index, std::span<const Key> candidates, uint32_t size) {
  std::vector<uint32_t> taken;
  std::vector<uint32_t> passed;
  std::vector<const void*> taken_rows;
  taken.reserve(size);
  taken_rows.reserve(size);
  for (const Key key : candidates) {
    if (taken.size() == size) break;
    const uint32_t slot = slot_of(key);
    const std::byte* row = index.row(slot);
    if (covered(index, row, order_of(key), taken_rows)) {
      passed.push_back(slot);
    } else {
      taken.push_back(slot);
      taken_rows.push_back(row);
    }
  }
  const size_t fill = std::min<size_t>(size - taken.size(), passed.size());
  taken.insert(taken.end(), passed.begin(), passed.begin() + static_cast<ptrdiff_t>(fill));
  std::sort(taken.begin(), taken.end());
  return taken;
}

uint64_t link_cost(uint32_t m, uint32_t level) {
  const uint64_t units = (VEXFS_SLOT_BYTES(m) + VEXFS_UNIT_SIZE - 1) / VEXFS_UNIT_SIZE + 2;
  return uint64_t{level + 1} * (m + 1) * (sizeof(vexfs_tx_block) + VEXFS_UNIT_SIZE * units);
}

size_t link_batch(const Index& index, uint64_t transaction_bytes) {
  uint64_t left = transaction_bytes - VEXFS_BLOCK_SIZE;
  size_t count = 0;
  for (const uint32_t slot : index.tail().first(VEXFS_TAIL_MAX)) {
    const uint64_t cost = link_cost(index.parameters().m, index.level(slot));
    if (cost > left) break;
    left -= cost;
    ++count;
  }
  return count;
}

LinkPlan plan_link(const Index& index, std::span<const uint32_t> batch, Workers& workers,
                   std::span<Scratch> scratches) {
  return BatchLinker(index, batch).plan(workers, scratches);
}

}  // namespace vexfs::hnsw
