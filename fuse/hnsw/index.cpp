// SPDX-License-Identifier: MIT
#include "fuse/hnsw/index.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "fuse/hnsw/planted_kernels.h"

namespace vexfs::hnsw {

using core::Fault;

namespace {

DistanceKernel kernel_of(const Parameters& parameters, SimdLevel simd,
                         [[maybe_unused]] core::PlantedFault faults) {
  if constexpr (core::kCanPlant) {
    if (const auto wrong = planted_kernel(faults, parameters.type, parameters.metric)) return wrong;
  }
  return distance_kernel(simd, parameters.type, parameters.metric);
}

}  // namespace

Index::Index(const Parameters& parameters, SimdLevel simd, core::PlantedFault faults)
    : parameters_(parameters),
      faults_(faults),
      kernel_(kernel_of(parameters, simd, faults)),
      is_float_(parameters.type == ElementType::kF32 || parameters.type == ElementType::kF16),
      stride_(parameters.stride()),
      rows_(stride_),
      lists_(size_t{4} * parameters.room(0)),
      upper_(size_t{4} * parameters.room(1)) {}

std::span<const uint32_t> Index::links(uint32_t slot, uint32_t level) const {
  const auto* begin = reinterpret_cast<const uint32_t*>(list(slot, level));
  uint32_t used = parameters_.room(level);
  while (used > 0 && begin[used - 1] == VEXFS_SLOT_NONE) --used;
  return {begin, used};
}

std::span<const uint32_t> Index::chain(uint32_t slot) const {
  if (!(nodes_[slot] & kHasChain)) return {};
  return chains_.at(slot);
}

std::optional<uint32_t> Index::find(uint64_t id) const {
  return by_id_.find(mix64(id), [&](uint32_t slot) { return ids_[slot] == id; });
}

void Index::distances(const std::byte* from, std::span<const uint32_t> slots,
                      uint32_t* orders) const {
  constexpr size_t kAtOnce = 64;
  std::array<const void*, kAtOnce> rows;
  for (size_t done = 0; done < slots.size(); done += kAtOnce) {
    const size_t count = std::min(kAtOnce, slots.size() - done);
    for (size_t i = 0; i < count; ++i) {
      rows[i] = rows_[slots[done + i]];
      // The first lines; the hardware sees by itself that the rest follow.
      for (size_t byte = 0; byte < std::min<size_t>(stride_, 256); byte += 64) {
        __builtin_prefetch(static_cast<const char*>(rows[i]) + byte);
      }
    }
    distances(from, {rows.data(), count}, orders + done);
  }
}

void Index::distances(const std::byte* from, std::span<const void* const> rows,
                      uint32_t* orders) const {
  kernel_(from, rows.data(), rows.size(), stride_, orders);
  for (size_t i = 0; i < rows.size(); ++i) orders[i] = order_bits(orders[i], is_float_);
}

uint32_t Index::distance(const std::byte* from, uint32_t slot) const {
  const void* row = rows_[slot];
  uint32_t distance = 0;
  kernel_(from, &row, 1, stride_, &distance);
  return order_bits(distance, is_float_);
}

void Index::reserve_slot(uint32_t level) {
  const size_t size = size_t{slots_} + 1;
  rows_.reserve(size);
  lists_.reserve(size);
  ids_.reserve(size);
  row_crcs_.reserve(size);
  uppers_.reserve(size);
  nodes_.reserve(size);
  upper_.reserve(size_t{upper_lists_} + level);
  tail_.reserve(tail_.size() + 1);
  by_id_.reserve_one([&](uint32_t slot) { return mix64(ids_[slot]); });
  by_row_.reserve_one([&](uint32_t slot) { return row_hash(slot); });
}

PutPlan Index::plan_put(uint64_t id, const std::byte* row, uint32_t row_crc) {
  PutPlan plan{.id = id, .slot = slots_, .row_crc = row_crc};
  plan.first = by_row_
                   .find(plan.row_crc,
                         [&](uint32_t slot) {
                           return row_crcs_[slot] == plan.row_crc &&
                                  std::memcmp(rows_[slot], row, stride_) == 0 &&
                                  !(planted(Fault::kDeadForgotten) && dead(slot));
                         })
                   .value_or(VEXFS_SLOT_NONE);
  plan.died = find(id).value_or(VEXFS_SLOT_NONE);
  if (plan.first == VEXFS_SLOT_NONE) plan.level = level_of(parameters_, plan.slot, faults_);
  if (plan.level > 0) plan.upper = upper_lists_;
  reserve_slot(plan.level);
  if (plan.first != VEXFS_SLOT_NONE) {
    auto& chain = chains_[plan.first];
    chain.reserve(chain.size() + 1);
  }
  return plan;
}

void Index::add_slot(const PutPlan& plan, const std::byte* row) {
  const uint32_t slot = plan.slot;
  std::memcpy(rows_[slot], row, stride_);
  std::memset(lists_[slot], 0xff, size_t{4} * parameters_.room(0));
  for (uint32_t i = 0; i < plan.level; ++i) {
    std::memset(upper_[plan.upper + i], 0xff, size_t{4} * parameters_.room(1));
  }
  ids_[slot] = plan.id;
  row_crcs_[slot] = plan.row_crc;
  uppers_[slot] = plan.upper;
  nodes_[slot] = static_cast<uint8_t>(plan.level);
  upper_lists_ += plan.level;
  if (plan.first == VEXFS_SLOT_NONE) {
    tail_.push_back(slot);
    by_row_.insert(plan.row_crc, slot);
  } else {
    nodes_[slot] |= kDuplicate;
    nodes_[plan.first] |= kHasChain;
    chains_[plan.first].push_back(slot);
  }
  ++slots_;
}

void Index::apply(const PutPlan& plan, const std::byte* row) {
  if (plan.died != VEXFS_SLOT_NONE) kill(plan.died);
  add_slot(plan, row);
  by_id_.insert(mix64(plan.id), plan.slot);
  ++live_;
}

void Index::restore_slot(const PutPlan& slot, const std::byte* row, bool dead) {
  reserve_slot(slot.level);
  add_slot(slot, row);
  if (dead) {
    nodes_[slot.slot] |= kDead;
    return;
  }
  by_id_.insert(mix64(slot.id), slot.slot);
  ++live_;
}

void Index::set_links(uint32_t slot, uint32_t level, std::span<const uint32_t> links) {
  std::byte* to = list(slot, level);
  std::memset(to, 0xff, size_t{4} * parameters_.room(level));
  std::memcpy(to, links.data(), links.size_bytes());
}

void Index::set_graph(uint32_t linked, uint32_t entry, uint32_t entry_level) {
  linked_ = linked;
  entry_ = entry;
  entry_level_ = entry_level;
  std::erase_if(tail_, [&](uint32_t slot) { return slot < linked_; });
}

void Index::kill(uint32_t slot) {
  by_id_.erase(slot, [&](uint32_t other) { return mix64(ids_[other]); });
  nodes_[slot] |= kDead;
  --live_;
}

void Index::apply(const LinkPlan& plan) {
  for (const ListChange& change : plan.lists) {
    set_links(change.slot, change.level, change.links);
  }
  set_graph(plan.linked, plan.entry, plan.entry_level);
}

}  // namespace vexfs::hnsw
