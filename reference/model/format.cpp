// SPDX-License-Identifier: MIT
#include "reference/model/format.h"

#include <algorithm>
#include <cstddef>

#include "reference/contract/inode.h"

namespace vexfs::model {
namespace {

// The bytes of a region, zeroed.
std::span<std::byte> cleared(std::span<std::byte> image, const vexfs_region& region) {
  const auto bytes = image.subspan(region.start * kBlockSize, region.blocks * kBlockSize);
  std::ranges::fill(bytes, std::byte{0});
  return bytes;
}

void set_bits(std::span<std::byte> bitmap, std::uint64_t from, std::uint64_t to) {
  for (std::uint64_t bit = from; bit < to; ++bit)
    bitmap[bit / 8] |= static_cast<std::byte>(1U << (bit % 8));
}

void write_bitmaps(std::span<std::byte> image, const vexfs_superblock& super) {
  const auto blocks = cleared(image, super.block_bitmap);
  set_bits(blocks, 0, super.data.start);
  set_bits(blocks, super.data.start + super.data.blocks, blocks.size() * 8);
  const auto inodes = cleared(image, super.inode_bitmap);
  set_bits(inodes, 0, VEXFS_ROOT_INO + 1);
  set_bits(inodes, super.inodes + 1, inodes.size() * 8);
  cleared(image, super.orphan_bitmap);
}

void write_anchors(std::span<std::byte> image, const vexfs_superblock& super) {
  for (std::uint64_t number = 0; number < 2; ++number) {
    vexfs_anchor anchor{};
    anchor.magic = VEXFS_ANCHOR_MAGIC;
    anchor.number = number;
    anchor.epoch = 1;
    anchor.sequence = 1;
    anchor.flags = VEXFS_ANCHOR_CLEAN;
    anchor.crc =
        structure_checksum(super.uuid, number, bytes_of(anchor), offsetof(vexfs_anchor, crc));
    put(image, (VEXFS_ANCHOR_BLOCK + number) * kBlockSize, anchor);
  }
}

void write_state(std::span<std::byte> image, const vexfs_superblock& super) {
  vexfs_state state{};
  state.magic = VEXFS_STATE_MAGIC;
  state.free_blocks = super.data.blocks;
  state.free_inodes = super.inodes - 1;
  state.inode_cursor = 2;
  state.generation = 1;
  state.next_unit = 1;
  state.next_event = 1;
  state.crc = structure_checksum(super.uuid, super.state.start, bytes_of(state),
                                 offsetof(vexfs_state, crc));
  put(image, super.state.start * kBlockSize, state);
}

void write_root(std::span<std::byte> image, const vexfs_superblock& super,
                const Geometry& geometry) {
  vexfs_inode root{};
  root.mode = 040755;
  root.nlink = 2;
  root.uid = geometry.root_uid;
  root.gid = geometry.root_gid;
  root.generation = 1;
  root.home = VEXFS_ROOT_INO;
  root.atime = root.mtime = root.ctime = static_cast<std::uint64_t>(geometry.time);
  root.crc =
      structure_checksum(super.uuid, VEXFS_ROOT_INO, bytes_of(root), offsetof(vexfs_inode, crc));
  put(cleared(image, super.inode_table), VEXFS_ROOT_INO * VEXFS_INODE_SIZE, root);
}

}  // namespace

std::expected<void, std::string> format(std::span<std::byte> image, const Geometry& geometry) {
  if (geometry.blocks > image.size() / kBlockSize)
    return std::unexpected("the image has " + std::to_string(image.size() / kBlockSize) +
                           " blocks, the volume needs " + std::to_string(geometry.blocks) +
                           "; enlarge the image");
  VEXFS_TRY(super, plan_superblock(geometry));
  put(image, VEXFS_SUPER_BLOCK * kBlockSize, super);
  put(image, (super.blocks - 1) * kBlockSize, super);
  write_anchors(image, super);
  cleared(image, super.log);
  cleared(image, super.ring);
  write_state(image, super);
  write_bitmaps(image, super);
  write_root(image, super, geometry);
  return {};
}

}  // namespace vexfs::model
