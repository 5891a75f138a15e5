// SPDX-License-Identifier: MIT
#include "reference/model/allocator.h"

#include <algorithm>
#include <bit>
#include <cerrno>

#include "reference/contract/inode.h"
#include "reference/model/bitmap.h"

namespace vexfs::model {
namespace {

bool in_data_region(const Mounted& volume, BlockNumber number) {
  const vexfs_region& data = volume.super.data;
  return number >= data.start && number - data.start < data.blocks;
}

std::optional<BlockNumber> lowest_allocatable(const Mounted& volume) {
  const std::uint64_t first = volume.super.data.start / 64;
  for (std::uint64_t index = first; index < volume.parked.words(); ++index) {
    std::uint64_t free =
        ~(bitmap_word(volume.store, volume.super.block_bitmap, index) | volume.parked.word(index));
    if (index == first) free &= ~std::uint64_t{0} << (volume.super.data.start % 64);
    if (free == 0) continue;
    const BlockNumber number = index * 64 + std::countr_zero(free);
    return in_data_region(volume, number) ? std::optional(number) : std::nullopt;
  }
  return std::nullopt;
}

// The counter decides, not the bitmap.
bool has_room(const Mounted& volume) { return volume.state.free_blocks > volume.parked.count(); }

BlockNumber take(Mounted& volume, BlockNumber number) {
  set_bit(volume.store, volume.super.block_bitmap, number);
  --volume.state.free_blocks;
  return number;
}

// The first clear bit in [from, to).
std::optional<Ino> first_free_ino(const Mounted& volume, Ino from, Ino to) {
  for (Ino ino = from; ino < to;) {
    const std::uint64_t used = bitmap_word(volume.store, volume.super.inode_bitmap, ino / 64);
    const std::uint64_t free = ~used >> (ino % 64);
    if (free != 0) {
      ino += std::countr_zero(free);
      return ino < to ? std::optional(ino) : std::nullopt;
    }
    ino = (ino / 64 + 1) * 64;
  }
  return std::nullopt;
}

}  // namespace

bool is_allocatable(const Mounted& volume, BlockNumber number) {
  return in_data_region(volume, number) &&
         !test_bit(volume.store, volume.super.block_bitmap, number) &&
         !volume.parked.contains(number);
}

bool is_allocated(const Mounted& volume, BlockNumber number) {
  return !in_data_region(volume, number) ||
         test_bit(volume.store, volume.super.block_bitmap, number);
}

Result<BlockNumber> allocate_lowest(Mounted& volume) {
  if (!has_room(volume)) return std::unexpected(ENOSPC);
  const auto number = lowest_allocatable(volume);
  if (!number) return std::unexpected(EUCLEAN);  // the counter promises one that the bitmap lacks
  return take(volume, *number);
}

Result<BlockNumber> allocate_after(Mounted& volume, std::optional<BlockNumber> previous) {
  if (!has_room(volume)) return std::unexpected(ENOSPC);
  if (previous && is_allocatable(volume, *previous + 1)) return take(volume, *previous + 1);
  return allocate_lowest(volume);
}

Result<void> free_block(Mounted& volume, BlockNumber number) {
  if (!in_data_region(volume, number)) return std::unexpected(EUCLEAN);
  if (!test_bit(volume.store, volume.super.block_bitmap, number)) {
    // A damaged inode may name a block twice.
    const auto& freed = volume.parked_in_unit;
    if (std::ranges::find(freed, number) != freed.end()) return {};
    return std::unexpected(EUCLEAN);
  }
  clear_bit(volume.store, volume.super.block_bitmap, number);
  ++volume.state.free_blocks;
  volume.parked.add(number);
  volume.parked_in_unit.push_back(number);
  return {};
}

Result<Ino> allocate_ino(Mounted& volume) {
  vexfs_state& state = volume.state;
  if (state.free_inodes == 0) return std::unexpected(ENOSPC);
  const Ino last = volume.super.inodes;
  auto ino = first_free_ino(volume, state.inode_cursor, last + 1);
  if (!ino) ino = first_free_ino(volume, 2, state.inode_cursor);
  if (!ino) return std::unexpected(EUCLEAN);  // the counter promises one that the bitmap lacks
  set_bit(volume.store, volume.super.inode_bitmap, *ino);
  state.inode_cursor = *ino == last ? 2 : *ino + 1;
  ++state.generation;
  --state.free_inodes;
  return *ino;
}

Result<void> free_ino(Mounted& volume, Ino ino) {
  if (!test_bit(volume.store, volume.super.inode_bitmap, ino)) return std::unexpected(EUCLEAN);
  const BlockNumber block = volume.super.inode_table.start + ino / VEXFS_INODES_PER_BLOCK;
  const auto slot = volume.store.edit(block).subspan(
      ino % VEXFS_INODES_PER_BLOCK * VEXFS_INODE_SIZE, VEXFS_INODE_SIZE);
  std::ranges::fill(slot, std::byte{0});
  clear_bit(volume.store, volume.super.inode_bitmap, ino);
  clear_bit(volume.store, volume.super.orphan_bitmap, ino);
  ++volume.state.free_inodes;
  return {};
}

}  // namespace vexfs::model
