// SPDX-License-Identifier: MIT
#include "reference/tools/inspect/block_roles.h"

#include <sys/stat.h>

#include <algorithm>

#include <fmt/format.h>

#include "reference/tools/inspect/extent_walk.h"

namespace vexfs::tools {

BlockRoles::BlockRoles(const VolumeView& view) : super_(view.super()) {
  for (std::uint64_t i = 0; i < super_.inode_bitmap.blocks; ++i) {
    const Bytes bitmap = view.block(super_.inode_bitmap.start + i);
    for (std::uint64_t bit = 0; bit < VEXFS_BITS_PER_BLOCK; ++bit) {
      if (bit % 64 == 0 && load<std::uint64_t>(bitmap, bit / 8) == 0) {
        bit += 63;
        continue;
      }
      const std::uint64_t ino = i * VEXFS_BITS_PER_BLOCK + bit;
      if (ino > super_.inodes) break;
      if (ino != 0 && bit_is_set(bitmap, bit)) add_inode(view, ino);
    }
  }
  std::ranges::stable_sort(runs_, {}, &Run::start);
}

void BlockRoles::add_inode(const VolumeView& view, std::uint64_t ino) {
  const vexfs_inode inode = view.inode(ino);
  if (!has_mapping(inode)) return;
  Findings ignored;
  const Mapping mapping = walk_extents(view, ino, inode, ignored);
  const BlockKind kind = S_ISDIR(inode.mode)   ? BlockKind::kDirectory
                         : S_ISLNK(inode.mode) ? BlockKind::kSymlink
                                               : BlockKind::kFileData;
  for (const MappedExtent& extent : mapping.extents) {
    runs_.push_back({extent.pblk, extent.len, {kind, ino, extent.lblk}});
  }
  for (const MappedNode& node : mapping.nodes) {
    runs_.push_back({node.block, 1, {BlockKind::kExtentNode, ino, 0}});
  }
}

BlockRole BlockRoles::role_in_data(std::uint64_t block) const {
  const auto after = std::ranges::upper_bound(runs_, block, {}, &Run::start);
  if (after == runs_.begin()) return {BlockKind::kUnused};
  const Run& run = *std::prev(after);
  if (block - run.start >= run.blocks) return {BlockKind::kUnused};
  return {run.role.kind, run.role.ino, run.role.lblk + (block - run.start)};
}

BlockRole BlockRoles::role(std::uint64_t block) const {
  if (contains(super_.data, block)) return role_in_data(block);
  if (block == VEXFS_SUPER_BLOCK || block == super_.blocks - 1) return {BlockKind::kSuperblock};
  if (block < super_.log.start) return {BlockKind::kAnchor, 0, block - VEXFS_ANCHOR_BLOCK};
  const std::pair<const vexfs_region*, BlockKind> regions[] = {
      {&super_.log, BlockKind::kLog},
      {&super_.state, BlockKind::kState},
      {&super_.ring, BlockKind::kRing},
      {&super_.block_bitmap, BlockKind::kBlockBitmap},
      {&super_.inode_bitmap, BlockKind::kInodeBitmap},
      {&super_.orphan_bitmap, BlockKind::kOrphanBitmap},
      {&super_.inode_table, BlockKind::kInodeTable},
  };
  for (const auto& [region, kind] : regions) {
    if (contains(*region, block)) return {kind, 0, block - region->start};
  }
  return {BlockKind::kOutside};
}

std::string role_text(const BlockRole& role) {
  switch (role.kind) {
    case BlockKind::kSuperblock:
      return "superblock";
    case BlockKind::kAnchor:
      return "anchor";
    case BlockKind::kLog:
      return "log";
    case BlockKind::kState:
      return "state";
    case BlockKind::kRing:
      return "event ring";
    case BlockKind::kBlockBitmap:
      return "block bitmap";
    case BlockKind::kInodeBitmap:
      return "inode bitmap";
    case BlockKind::kOrphanBitmap:
      return "orphan bitmap";
    case BlockKind::kInodeTable:
      return "inode table";
    case BlockKind::kDirectory:
      return fmt::format("dir {}", role.ino);
    case BlockKind::kExtentNode:
      return fmt::format("inode {} extent node", role.ino);
    case BlockKind::kSymlink:
      return fmt::format("inode {} target", role.ino);
    case BlockKind::kFileData:
      return fmt::format("inode {} data", role.ino);
    case BlockKind::kUnused:
      return "unused";
    case BlockKind::kOutside:
      break;
  }
  return "outside the volume";
}

}  // namespace vexfs::tools
