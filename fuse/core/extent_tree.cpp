// SPDX-License-Identifier: MIT
#include "fuse/core/extent_tree.h"

#include <algorithm>
#include <cerrno>

namespace vexfs::core {
namespace {

constexpr uint64_t length_of(const vexfs_extent& extent) {
  return extent.len & ~VEXFS_EXTENT_UNWRITTEN;
}

/** Position after all entries with a smaller key. */
uint32_t lower_bound(const vexfs_extent* entries, uint32_t count, uint64_t lblk) {
  return static_cast<uint32_t>(
      std::lower_bound(entries, entries + count, lblk,
                       [](const vexfs_extent& entry, uint64_t key) { return entry.lblk < key; }) -
      entries);
}

/** The last entry with key <= lblk, or the first entry. */
uint32_t child_for(const vexfs_extent* entries, uint32_t count, uint64_t lblk) {
  const uint32_t at = lower_bound(entries, count, lblk + 1);
  return at == 0 ? 0 : at - 1;
}

}  // namespace

bool ExtentTree::entries_ok(const vexfs_extent* entries, uint32_t count, bool leaf) const {
  uint64_t free_from = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const vexfs_extent& entry = entries[i];
    const uint64_t length = leaf ? length_of(entry) : 1;
    if (length == 0 || entry.lblk < free_from) return false;
    free_from = entry.lblk + length;
    if (free_from > VEXFS_FILE_SIZE_MAX / kBlockSize) return false;
    if (!layout_.data.contains(entry.pblk) || length > layout_.data.end() - entry.pblk) {
      return false;
    }
  }
  return true;
}

bool ExtentTree::node_ok(const Block& block, const vexfs_extent_node& node) const {
  if (node.magic != VEXFS_NODE_MAGIC || node.entries < 1 || node.entries > layout_.extent_fanout ||
      node.depth >= VEXFS_EXTENT_DEPTH_MAX) {
    return false;
  }
  const auto* entries =
      reinterpret_cast<const vexfs_extent*>(block.bytes.data() + sizeof(vexfs_extent_node));
  return node.crc ==
             layout_.checksum.of(block.number, block.bytes, offsetof(vexfs_extent_node, crc)) &&
         entries_ok(entries, node.entries, node.depth == 0);
}

Expected<void> ExtentTree::load_inode_level(const InodeRef& inode, ExtentPath& path) {
  ExtentPath::Level& top = path.levels[0];
  top.entries = reinterpret_cast<vexfs_extent*>(inode.raw->inline_area);
  top.count = &inode.raw->extents;
  top.capacity = layout_.inline_extents;
  path.leaf = inode.raw->depth;
  if (!entries_ok(top.entries, *top.count, path.leaf == 0)) return fail(EUCLEAN);
  return {};
}

Expected<void> ExtentTree::load_child(const InodeRef& inode, ExtentPath& path, uint32_t level) {
  const ExtentPath::Level& parent = path.levels[level - 1];
  const vexfs_extent& entry = parent.entries[parent.index];
  auto block = cache_.get(entry.pblk);
  if (!block) return fail(block.error());
  auto& node = *reinterpret_cast<vexfs_extent_node*>((*block)->bytes.data());
  if ((*block)->verified.load(std::memory_order_acquire) == 0 ||
      (*block)->kind != BlockKind::kNode) {
    if (!node_ok(**block, node)) return fail(EUCLEAN);
    (*block)->kind = BlockKind::kNode;
    (*block)->verified.store(1, std::memory_order_release);
  }
  ExtentPath::Level& child = path.levels[level];
  child.entries =
      reinterpret_cast<vexfs_extent*>((*block)->bytes.data() + sizeof(vexfs_extent_node));
  if (node.owner != inode.ino || node.depth != path.leaf - level ||
      child.entries[0].lblk != entry.lblk) {
    return fail(EUCLEAN);
  }
  child.block = std::move(*block);
  child.count = &node.entries;
  child.capacity = layout_.extent_fanout;
  return {};
}

Expected<void> ExtentTree::descend(const InodeRef& inode, uint64_t lblk, ExtentPath& path) {
  if (auto loaded = load_inode_level(inode, path); !loaded) return loaded;
  for (uint32_t level = 0; level < path.leaf; ++level) {
    ExtentPath::Level& here = path.levels[level];
    here.index = child_for(here.entries, *here.count, lblk);
    if (auto loaded = load_child(inode, path, level + 1); !loaded) return loaded;
  }
  ExtentPath::Level& leaf = path.bottom();
  leaf.index = lower_bound(leaf.entries, *leaf.count, lblk);
  return {};
}

Expected<Mapping> ExtentTree::map(const InodeRef& inode, uint64_t lblk) {
  ExtentPath path;
  if (auto found = descend(inode, lblk, path); !found) return fail(found.error());
  const ExtentPath::Level& leaf = path.bottom();
  uint32_t at = leaf.index;
  const bool starts_here = at < *leaf.count && leaf.entries[at].lblk == lblk;
  if (!starts_here && at > 0) --at;
  if (starts_here || leaf.index > 0) {
    const vexfs_extent& extent = leaf.entries[at];
    const uint64_t skip = lblk - extent.lblk;
    if (skip < length_of(extent)) {
      return Mapping{.pblk = extent.pblk + skip,
                     .count = length_of(extent) - skip,
                     .unwritten = (extent.len & VEXFS_EXTENT_UNWRITTEN) != 0};
    }
  }
  if (leaf.index < *leaf.count) return Mapping{.count = leaf.entries[leaf.index].lblk - lblk};
  const bool last = std::all_of(path.levels.begin(), path.levels.begin() + path.leaf,
                                [](const ExtentPath::Level& level) { return level.at_right(); });
  return Mapping{.count = last ? (VEXFS_FILE_SIZE_MAX / kBlockSize) : 1};
}

Expected<uint64_t> ExtentTree::goal(const InodeRef& inode, uint64_t lblk) {
  if (lblk == 0) return 0;
  const auto before = map(inode, lblk - 1);
  if (!before) return fail(before.error());
  return before->pblk == 0 ? 0 : before->pblk + 1;
}

}  // namespace vexfs::core
