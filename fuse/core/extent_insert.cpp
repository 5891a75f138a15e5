// SPDX-License-Identifier: MIT
// Inserting one block into an extent tree: joining, splitting, growing.
#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>

#include "fuse/core/extent_tree.h"

namespace vexfs::core {

/** A node, or the inode's inline area, whose entries are edited. */
struct ExtentTree::NodeEdit {
  vexfs_extent* entries;
  __le16* count;
  uint32_t capacity;
  uint16_t depth;
  /** 0 for the inode. */
  uint64_t block;

  bool is_inode() const { return block == 0; }
  bool has_room() const { return *count < capacity; }
  void insert(uint32_t at, const vexfs_extent& entry) {
    std::memmove(entries + at + 1, entries + at, (*count - at) * sizeof(vexfs_extent));
    entries[at] = entry;
    ++*count;
  }
  void erase(uint32_t at) {
    std::memmove(entries + at, entries + at + 1, (*count - at - 1) * sizeof(vexfs_extent));
    --*count;
    std::memset(entries + *count, 0, sizeof(vexfs_extent));
  }
  /** Moves the entries from `from` on to the empty node `to`. */
  void move_tail(uint32_t from, const NodeEdit& to) {
    const uint32_t moved = *count - from;
    std::memcpy(to.entries, entries + from, moved * sizeof(vexfs_extent));
    std::memset(entries + from, 0, moved * sizeof(vexfs_extent));
    *to.count = static_cast<__le16>(moved);
    *count = static_cast<__le16>(from);
  }
};

namespace {

/** Which neighbours in the leaf a new block joins. */
struct Joins {
  bool previous = false;
  bool next = false;
};

bool written(const vexfs_extent& extent) { return (extent.len & VEXFS_EXTENT_UNWRITTEN) == 0; }

Joins joins_of(const ExtentPath::Level& leaf, uint64_t lblk, uint64_t pblk, bool never_next) {
  Joins joins;
  uint64_t length = 1;
  if (leaf.index > 0) {
    const vexfs_extent& previous = leaf.entries[leaf.index - 1];
    joins.previous = written(previous) && previous.lblk + uint64_t{previous.len} == lblk &&
                     previous.pblk + previous.len == pblk && previous.len < VEXFS_EXTENT_LEN_MAX;
    if (joins.previous) length += previous.len;
  }
  if (leaf.index < *leaf.count && !never_next) {
    const vexfs_extent& next = leaf.entries[leaf.index];
    joins.next = written(next) && lblk + 1 == next.lblk && pblk + 1 == next.pblk &&
                 length + next.len <= VEXFS_EXTENT_LEN_MAX;
  }
  return joins;
}

/** The first key of the leaf became smaller: the keys above follow. */
void lower_keys(ExtentPath& path, uint64_t lblk) {
  for (uint32_t level = path.leaf; level > 0; --level) {
    ExtentPath::Level& parent = path.levels[level - 1];
    parent.entries[parent.index].lblk = static_cast<__le32>(lblk);
    if (parent.index != 0) return;
  }
}

}  // namespace

Expected<uint32_t> ExtentTree::gather_insert(Unit& unit, const InodeRef& inode, uint64_t lblk,
                                             uint64_t pblk) {
  ExtentPath path;
  if (auto found = descend(inode, lblk, path); !found) return fail(found.error());
  unit.write(inode.block);
  for (uint32_t level = 1; level <= path.leaf; ++level) unit.write(path.levels[level].block);
  const Joins joins = joins_of(path.bottom(), lblk, pblk, faults_.planted(Fault::kNoSuccessorJoin));
  if (joins.previous || joins.next) return 0;
  uint32_t nodes = 0;
  for (uint32_t level = path.leaf;; --level) {
    const ExtentPath::Level& here = path.levels[level];
    if (*here.count < here.capacity) return nodes;
    ++nodes;
    if (level > 0) continue;
    if (path.leaf == VEXFS_EXTENT_DEPTH_MAX) return fail(EFBIG);
    // The new node takes all entries of the inode; with a small fanout it is full at once and
    // splits.
    return nodes + (*here.count < layout_.extent_fanout ? 0 : 1);
  }
}

void ExtentTree::insert(Unit& unit, const InodeRef& inode, uint64_t lblk, uint64_t pblk) {
  ExtentPath path;
  [[maybe_unused]] const auto found = descend(inode, lblk, path);
  assert(found && "gathered before");
  ++inode.raw->blocks;
  ExtentPath::Level& leaf = path.bottom();
  const Joins joins = joins_of(leaf, lblk, pblk, faults_.planted(Fault::kNoSuccessorJoin));
  if (joins.previous && joins.next) {
    leaf.entries[leaf.index - 1].len += 1 + leaf.entries[leaf.index].len;
    NodeEdit{leaf.entries, leaf.count, leaf.capacity, 0, 0}.erase(leaf.index);
    return;
  }
  if (joins.previous) {
    ++leaf.entries[leaf.index - 1].len;
    return;
  }
  if (leaf.index == 0) lower_keys(path, lblk);
  if (joins.next) {
    vexfs_extent& next = leaf.entries[leaf.index];
    --next.lblk;
    --next.pblk;
    ++next.len;
    return;
  }
  insert_entry(unit, inode, path,
               vexfs_extent{.lblk = static_cast<__le32>(lblk), .len = 1, .pblk = pblk});
}

void ExtentTree::insert_entry(Unit& unit, const InodeRef& inode, ExtentPath& path,
                              vexfs_extent entry) {
  uint32_t level = path.leaf;
  uint32_t at = path.bottom().index;
  while (true) {
    ExtentPath::Level& here = path.levels[level];
    NodeEdit node{here.entries, here.count, here.capacity, static_cast<uint16_t>(path.leaf - level),
                  level == 0 ? 0 : here.block->number};
    if (node.has_room()) return node.insert(at, entry);
    if (node.is_inode()) return insert_below(unit, inode, node, at, entry);
    const bool right_edge =
        std::all_of(path.levels.begin(), path.levels.begin() + level,
                    [](const ExtentPath::Level& above) { return above.at_right(); });
    entry = split(unit, inode, node, at, right_edge, entry);
    --level;
    at = path.levels[level].index + 1;
  }
}

/** The inode is full: its entries go one level down, and the new one with them. */
void ExtentTree::insert_below(Unit& unit, const InodeRef& inode, const NodeEdit& top, uint32_t at,
                              vexfs_extent entry) {
  NodeEdit inline_area = top;
  NodeEdit node = grow(unit, inode, inline_area);
  if (node.has_room()) {
    node.insert(at, entry);
  } else {
    inline_area.insert(1, split(unit, inode, node, at, true, entry));
  }
  // The new entry may have become the first.
  inline_area.entries[0].lblk = node.entries[0].lblk;
}

ExtentTree::NodeEdit ExtentTree::make_node(Unit& unit, const InodeRef& inode, uint16_t depth) {
  Block* block = unit.create(unit.next_pick(), BlockKind::kNode);
  auto& header = *reinterpret_cast<vexfs_extent_node*>(block->bytes.data());
  header.magic = VEXFS_NODE_MAGIC;
  header.depth = depth;
  header.owner = inode.ino;
  ++inode.raw->blocks;
  return {reinterpret_cast<vexfs_extent*>(block->bytes.data() + sizeof header), &header.entries,
          layout_.extent_fanout, depth, block->number};
}

/** The inode's entries move into a new node below it, which is returned. */
ExtentTree::NodeEdit ExtentTree::grow(Unit& unit, const InodeRef& inode, NodeEdit& inline_area) {
  const NodeEdit below = make_node(unit, inode, inode.raw->depth);
  inline_area.move_tail(0, below);
  ++inode.raw->depth;
  inline_area.insert(0, vexfs_extent{.lblk = below.entries[0].lblk, .len = 0, .pblk = below.block});
  return below;
}

/** Splits a full node and puts `entry` in; returns the index entry for the new right half. */
vexfs_extent ExtentTree::split(Unit& unit, const InodeRef& inode, const NodeEdit& node, uint32_t at,
                               bool right_edge, vexfs_extent entry) {
  NodeEdit left = node;
  NodeEdit right = make_node(unit, inode, node.depth);
  const uint32_t count = *left.count;
  if (at == count && right_edge) {
    right.insert(0, entry);
  } else {
    uint32_t middle = count / 2;
    if (faults_.planted(Fault::kMidpointOffByOne)) ++middle;
    left.move_tail(middle, right);
    if (at <= middle) {
      left.insert(at, entry);
    } else {
      right.insert(at - middle, entry);
    }
  }
  return vexfs_extent{.lblk = right.entries[0].lblk, .len = 0, .pblk = right.block};
}

}  // namespace vexfs::core
