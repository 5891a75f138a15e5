// SPDX-License-Identifier: MIT
#include "reference/tools/mkfs/format_volume.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "reference/contract/inode.h"
#include "reference/tools/inspect/layout.h"

namespace vexfs::tools {
namespace {

using Block = std::array<std::byte, kBlockSize>;

template <typename T>
Bytes bytes_of(const T& structure) {
  return std::as_bytes(std::span(&structure, 1));
}

// Sets the checksum and writes the structure, which fills a block or less, at `offset`.
template <typename T>
void write_checked(BlockSink& sink, const Uuid& uuid, std::uint64_t location, std::uint64_t offset,
                   T structure) {
  structure.crc = structure_crc(uuid, location, bytes_of(structure), offsetof(T, crc));
  sink.write(offset, bytes_of(structure));
}

void write_anchors(BlockSink& sink, const Uuid& uuid) {
  for (std::uint64_t number = 0; number < 2; ++number) {
    vexfs_anchor anchor{};
    anchor.magic = VEXFS_ANCHOR_MAGIC;
    anchor.number = number;
    anchor.epoch = 1;
    anchor.sequence = 1;
    anchor.flags = VEXFS_ANCHOR_CLEAN;
    write_checked(sink, uuid, number, (VEXFS_ANCHOR_BLOCK + number) * kBlockSize, anchor);
  }
}

void write_state(BlockSink& sink, const Uuid& uuid, const vexfs_superblock& super) {
  vexfs_state state{};
  state.magic = VEXFS_STATE_MAGIC;
  state.free_blocks = super.data.blocks;
  state.free_inodes = super.inodes - 1;
  state.inode_cursor = 2;
  state.generation = 1;
  state.next_unit = 1;
  state.next_event = 1;
  write_checked(sink, uuid, super.state.start, super.state.start * kBlockSize, state);
}

// Sets the bits [first, last) of `block`, whose first bit is number `base` of its bitmap.
void set_bits(Block& block, std::uint64_t base, std::uint64_t first, std::uint64_t last) {
  first = std::max(first, base);
  last = std::min<std::uint64_t>(last, base + VEXFS_BITS_PER_BLOCK);
  for (std::uint64_t bit = first; bit < last; ++bit) {
    block[(bit - base) / 8] |= std::byte{1} << ((bit - base) % 8);
  }
}

// A bitmap in which only the bits [clear_first, clear_last) are clear.
void write_bitmap(BlockSink& sink, const vexfs_region& region, std::uint64_t clear_first,
                  std::uint64_t clear_last) {
  for (std::uint64_t i = 0; i < region.blocks; ++i) {
    Block block{};
    const std::uint64_t base = i * VEXFS_BITS_PER_BLOCK;
    set_bits(block, base, 0, clear_first);
    set_bits(block, base, clear_last, base + VEXFS_BITS_PER_BLOCK);
    sink.write((region.start + i) * kBlockSize, block);
  }
}

void write_root(BlockSink& sink, const vexfs_superblock& super, const Geometry& geometry) {
  vexfs_inode root{};
  root.mode = 040755;
  root.nlink = 2;
  root.uid = geometry.uid;
  root.gid = geometry.gid;
  root.generation = 1;
  const auto time = static_cast<std::uint64_t>(geometry.time);
  root.atime = root.mtime = root.ctime = time;
  root.home = VEXFS_ROOT_INO;
  const std::uint64_t table = super.inode_table.start * kBlockSize;
  write_checked(sink, geometry.uuid, VEXFS_ROOT_INO, table + VEXFS_ROOT_INO * VEXFS_INODE_SIZE,
                root);
}

void zero_region(BlockSink& sink, const vexfs_region& region) {
  sink.zero(region.start * kBlockSize, region.blocks * kBlockSize);
}

}  // namespace

void write_volume(BlockSink& sink, const vexfs_superblock& super, const Geometry& geometry) {
  sink.zero(0, kBlockSize);
  write_anchors(sink, geometry.uuid);
  zero_region(sink, super.log);
  write_state(sink, geometry.uuid, super);
  zero_region(sink, super.ring);
  write_bitmap(sink, super.block_bitmap, super.data.start, end_of(super.data));
  write_bitmap(sink, super.inode_bitmap, VEXFS_ROOT_INO + 1, super.inodes + 1);
  zero_region(sink, super.orphan_bitmap);
  zero_region(sink, super.inode_table);
  write_root(sink, super, geometry);
  sink.write((super.blocks - 1) * kBlockSize, bytes_of(super));
  sink.write(VEXFS_SUPER_BLOCK * kBlockSize, bytes_of(super));
}

std::expected<vexfs_superblock, GeometryError> format_volume(MutableBytes image,
                                                             const Geometry& geometry) {
  auto super = make_superblock(geometry);
  if (!super) return super;
  if (image.size() / kBlockSize < super->blocks) {
    return std::unexpected(GeometryError{
        fmt::format("the image has {} bytes, but {} blocks of 4096 are asked for: give a larger "
                    "image or fewer blocks",
                    image.size(), geometry.blocks)});
  }
  MemorySink sink(image);
  write_volume(sink, *super, geometry);
  return super;
}

std::expected<std::vector<std::byte>, GeometryError> make_volume(const Geometry& geometry) {
  // Checked before memory is taken for what may be a nonsensical size.
  if (auto super = make_superblock(geometry); !super) return std::unexpected(super.error());
  std::vector<std::byte> image(geometry.blocks * kBlockSize);
  if (auto super = format_volume(image, geometry); !super) return std::unexpected(super.error());
  return image;
}

}  // namespace vexfs::tools
