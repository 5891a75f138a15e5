// SPDX-License-Identifier: MIT
#include "fuse/core/block_allocator.h"

#include <algorithm>
#include <cerrno>

namespace vexfs::core {

BlockAllocator::BlockAllocator(const Layout& layout, BlockCache& cache, PlantedFault faults)
    : layout_(layout),
      faults_(faults),
      bitmap_(cache, layout.block_bitmap),
      lowest_hint_(layout.data.start) {}

uint64_t BlockAllocator::allocatable(const vexfs_state& state) const {
  return state.free_blocks - std::min<uint64_t>(state.free_blocks, parked_blocks_.size());
}

Expected<bool> BlockAllocator::goal_is_good(const Unit& unit, uint64_t goal) {
  if (!layout_.data.contains(goal) || parked_.test(goal)) return false;
  if (std::ranges::find(unit.picks, goal) != unit.picks.end()) return false;
  const auto used = bitmap_.test(goal);
  if (!used) return fail(used.error());
  return !*used;
}

Expected<uint64_t> BlockAllocator::lowest(const Unit& unit) {
  uint64_t from = lowest_hint_;
  bool lowest = true;
  while (true) {
    const auto bit = bitmap_.first_clear(from, layout_.data.end(), &parked_, lowest);
    if (!bit) return fail(bit.error());
    if (!*bit) return fail(EUCLEAN);
    if (lowest) lowest_hint_ = **bit;
    if (std::ranges::find(unit.picks, **bit) == unit.picks.end()) return **bit;
    // A pick is not yet taken, and its unit may still fail: the hint stays below it.
    from = **bit + 1;
    lowest = false;
  }
}

Expected<uint64_t> BlockAllocator::pick(Unit& unit, uint64_t goal) {
  if (goal != 0 && faults_.planted(Fault::kGoalOffByOne)) ++goal;
  uint64_t block = goal;
  bool good = false;
  if (goal != 0) {
    const auto answer = goal_is_good(unit, goal);
    if (!answer) return fail(answer.error());
    good = *answer;
  }
  if (!good) {
    const auto answer = lowest(unit);
    if (!answer) return fail(answer.error());
    block = *answer;
  }
  if (auto loaded = bitmap_.gather(unit, block); !loaded) return fail(loaded.error());
  unit.picks.push_back(block);
  return block;
}

void BlockAllocator::take(Unit& unit, vexfs_state& state) {
  for (const uint64_t block : unit.picks) bitmap_.set(unit, block);
  state.free_blocks -= std::min<uint64_t>(state.free_blocks, unit.picks.size());
}

Expected<void> BlockAllocator::gather_free(Unit& unit, uint64_t start, uint64_t count) {
  const auto used = bitmap_.all_set(start, start + count);
  if (!used) return fail(used.error());
  if (!*used) return fail(EUCLEAN);
  const uint64_t last = start + count - 1;
  for (uint64_t bit = start; bit <= last;
       bit = (bit / VEXFS_BITS_PER_BLOCK + 1) * VEXFS_BITS_PER_BLOCK) {
    if (auto loaded = bitmap_.gather(unit, bit); !loaded) return fail(loaded.error());
  }
  return {};
}

void BlockAllocator::free(Unit& unit, vexfs_state& state, uint64_t start, uint64_t count) {
  for (uint64_t block = start; block < start + count; ++block) {
    // On a damaged volume two extents may name one block; it is freed once.
    if (!bitmap_.clear(unit, block)) continue;
    ++state.free_blocks;
    if (faults_.planted(Fault::kParkedReused)) {
      lowest_hint_ = std::min(lowest_hint_, block);
      continue;
    }
    parked_.set(block);
    parked_blocks_.push_back(block);
  }
}

void BlockAllocator::unpark() {
  for (const uint64_t block : parked_blocks_) {
    lowest_hint_ = std::min(lowest_hint_, block);
    bitmap_.forget_full(block);
  }
  parked_.clear();
  parked_blocks_.clear();
}

}  // namespace vexfs::core
