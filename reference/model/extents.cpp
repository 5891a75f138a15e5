// SPDX-License-Identifier: MIT
#include "reference/model/extents.h"

#include <algorithm>
#include <cerrno>

#include "reference/model/allocator.h"
#include "reference/model/extent_node.h"

namespace vexfs::model {
namespace {

std::uint32_t length(const Entry& extent) { return extent.len & ~VEXFS_EXTENT_UNWRITTEN; }
bool is_unwritten(const Entry& extent) { return (extent.len & VEXFS_EXTENT_UNWRITTEN) != 0; }
std::uint64_t after(const Entry& extent) { return std::uint64_t{extent.lblk} + length(extent); }

// Whether `right` goes on where `left` ends, logically and physically, and both fit in one extent.
bool joins(const Entry& left, const Entry& right) {
  return !is_unwritten(left) && !is_unwritten(right) && after(left) == right.lblk &&
         left.block + length(left) == right.block &&
         std::uint64_t{left.len} + right.len <= VEXFS_EXTENT_LEN_MAX;
}

// Joins the new block with its neighbours in the leaf, `at` being the first extent behind it. False
// if it has none.
bool join_in_leaf(std::vector<Entry>& leaf, std::size_t at, const Entry& added) {
  const bool left = at > 0 && joins(leaf[at - 1], added);
  const bool right = at < leaf.size() && joins(added, leaf[at]);
  if (left && right && std::uint64_t{leaf[at - 1].len} + 1 + leaf[at].len <= VEXFS_EXTENT_LEN_MAX) {
    leaf[at - 1].len += 1 + leaf[at].len;
    leaf.erase(leaf.begin() + static_cast<std::ptrdiff_t>(at));
  } else if (left) {
    leaf[at - 1].len += 1;
  } else if (right) {
    leaf[at] = {added.lblk, leaf[at].len + 1, added.block};
  }
  return left || right;
}

void insert_at(std::vector<Entry>& entries, std::size_t at, const Entry& entry) {
  entries.insert(entries.begin() + static_cast<std::ptrdiff_t>(at), entry);
}

// An insertion on its way from the leaf up to the first level that has room.
class Insertion {
 public:
  Insertion(Mounted& volume, Ino ino, vexfs_inode& inode, Path path)
      : volume_(volume), ino_(ino), inode_(inode), path_(std::move(path)) {}

  Result<void> insert(Entry entry, std::size_t at) {
    std::size_t level = path_.size() - 1;
    while (!has_room(level)) {
      if (level == 0) {
        VEXFS_CHECK(grow());
        level = 1;  // the same entries, now in a node of their own
        continue;
      }
      VEXFS_TRY(index_entry, split(level, entry, at));
      entry = index_entry;
      --level;
      at = path_[level].at + 1;
    }
    insert_at(path_[level].node.entries, at, entry);
    store_up_from(level);
    return {};
  }

  void store_up_from(std::size_t level) {
    for (;; --level) {
      store_node(volume_, ino_, inode_, path_[level].node);
      if (level == 0 || !follow_first_key(level)) return;
    }
  }

  bool has_room(std::size_t level) const {
    return path_[level].node.entries.size() < capacity(volume_, path_[level].node);
  }

  Path& path() { return path_; }

 private:
  // Where the first key of a node changed, the key above it follows. False if it had not changed.
  bool follow_first_key(std::size_t level) {
    Step& parent = path_[level - 1];
    std::uint32_t& key = parent.node.entries[parent.at].lblk;
    const std::uint32_t first = path_[level].node.entries[0].lblk;
    const bool changed = key != first;
    key = first;
    return changed;
  }

  // The inode's entries move to a new node, whose only parent entry is then the inode's.
  Result<void> grow() {
    VEXFS_TRY(number, allocate_lowest(volume_));
    ++inode_.blocks;
    Step below = path_[0];
    below.node.number = number;
    Node& root = path_[0].node;
    root.depth += 1;
    root.entries = {{below.node.entries[0].lblk, 0, number}};
    path_[0].at = 0;
    store_node(volume_, ino_, inode_, below.node, true);
    store_node(volume_, ino_, inode_, root);
    path_.insert(path_.begin() + 1, std::move(below));
    return {};
  }

  // Inserts `entry` at `at` of a full node by moving a part of it to a new right neighbour; answers
  // the index entry of that neighbour.
  Result<Entry> split(std::size_t level, const Entry& entry, std::size_t at) {
    VEXFS_TRY(number, allocate_lowest(volume_));
    ++inode_.blocks;
    Node& node = path_[level].node;
    Node right{number, node.depth, {}};
    if (at == node.entries.size() && is_on_right_edge(level)) {
      right.entries = {entry};
    } else {
      const std::size_t middle = node.entries.size() / 2;
      right.entries.assign(node.entries.begin() + static_cast<std::ptrdiff_t>(middle),
                           node.entries.end());
      node.entries.resize(middle);
      if (at <= middle)
        insert_at(node.entries, at, entry);
      else
        insert_at(right.entries, at - middle, entry);
    }
    store_node(volume_, ino_, inode_, node);
    store_node(volume_, ino_, inode_, right, true);
    follow_first_key(level);
    return Entry{right.entries[0].lblk, 0, number};
  }

  bool is_on_right_edge(std::size_t level) const {
    return std::all_of(path_.begin(), path_.begin() + static_cast<std::ptrdiff_t>(level),
                       [](const Step& step) { return step.at + 1 == step.node.entries.size(); });
  }

  Mounted& volume_;
  Ino ino_;
  vexfs_inode& inode_;
  Path path_;
};

Result<void> insert_mapping(Mounted& volume, Ino ino, vexfs_inode& inode, std::uint32_t lblk,
                            BlockNumber block) {
  VEXFS_TRY(path, path_to(volume, ino, inode, lblk));
  Insertion insertion(volume, ino, inode, std::move(path));
  const std::size_t leaf_level = insertion.path().size() - 1;
  std::vector<Entry>& leaf = insertion.path().back().node.entries;
  const Entry added{lblk, 1, block};
  const auto behind =
      std::ranges::lower_bound(leaf, lblk, {}, [](const Entry& entry) { return entry.lblk; });
  const auto at = static_cast<std::size_t>(behind - leaf.begin());
  if (join_in_leaf(leaf, at, added)) {
    insertion.store_up_from(leaf_level);
    return {};
  }
  bool full = true;
  for (std::size_t level = 0; level <= leaf_level; ++level) full &= !insertion.has_room(level);
  if (full && inode.depth == VEXFS_EXTENT_DEPTH_MAX) return std::unexpected(EFBIG);
  return insertion.insert(added, at);
}

// The path to the last extent; the inode alone if there is none.
Result<Path> path_to_last(const Mounted& volume, Ino ino, const vexfs_inode& inode) {
  return path_to(volume, ino, inode, UINT32_MAX);
}

// The leaf at the end of the path has lost its last entry, or only changed: nodes that became empty
// go.
Result<void> store_after_removal(Mounted& volume, Ino ino, vexfs_inode& inode, Path& path) {
  std::size_t level = path.size() - 1;
  while (level > 0 && path[level].node.entries.empty()) {
    VEXFS_CHECK(free_block(volume, path[level].node.number));
    --inode.blocks;
    --level;
    path[level].node.entries.pop_back();
  }
  store_node(volume, ino, inode, path[level].node);
  return {};
}

struct Range {
  std::uint64_t first = 0;
  std::uint64_t end = 0;
};

void collect(const Node& leaf, Range wanted, std::vector<Extent>& extents) {
  for (const Entry& entry : leaf.entries)
    if (after(entry) > wanted.first && entry.lblk < wanted.end)
      extents.push_back({entry.lblk, length(entry), entry.block, is_unwritten(entry)});
}

Result<void> collect_below(const Mounted& volume, Ino ino, const Node& node, Range wanted,
                           std::vector<Extent>& extents) {
  if (node.depth == 0) {
    collect(node, wanted, extents);
    return {};
  }
  for (std::size_t at = 0; at < node.entries.size(); ++at) {
    // All that lies below an entry ends at the next entry's key at the latest.
    if (at + 1 < node.entries.size() && node.entries[at + 1].lblk <= wanted.first) continue;
    if (at > 0 && node.entries[at].lblk >= wanted.end) break;
    VEXFS_TRY(child, child_node(volume, ino, node, at));
    VEXFS_CHECK(collect_below(volume, ino, child, wanted, extents));
  }
  return {};
}

}  // namespace

Result<std::optional<Mapping>> find_mapping(const Mounted& volume, Ino ino,
                                            const vexfs_inode& inode, std::uint32_t lblk) {
  VEXFS_TRY(path, path_to(volume, ino, inode, lblk));
  for (const Entry& entry : path.back().node.entries)
    if (entry.lblk <= lblk && lblk < after(entry))
      return Mapping{entry.block + (lblk - entry.lblk), is_unwritten(entry)};
  return std::nullopt;
}

Result<std::optional<BlockNumber>> mapped_block(const Mounted& volume, Ino ino,
                                                const vexfs_inode& inode, std::uint32_t lblk) {
  VEXFS_TRY(mapping, find_mapping(volume, ino, inode, lblk));
  return mapping && !mapping->unwritten ? std::optional(mapping->block) : std::nullopt;
}

Result<std::vector<Extent>> extents_between(const Mounted& volume, Ino ino,
                                            const vexfs_inode& inode, std::uint64_t first,
                                            std::uint64_t end) {
  std::vector<Extent> extents;
  VEXFS_TRY(root, inode_node(volume, inode));
  VEXFS_CHECK(collect_below(volume, ino, root, {first, end}, extents));
  return extents;
}

Result<BlockNumber> map_new_block(Mounted& volume, Ino ino, vexfs_inode& inode,
                                  std::uint32_t lblk) {
  std::optional<BlockNumber> previous;
  if (lblk > 0) {
    VEXFS_TRY(before, find_mapping(volume, ino, inode, lblk - 1));
    if (before) previous = before->block;
  }
  VEXFS_TRY(block, allocate_after(volume, previous));
  ++inode.blocks;
  VEXFS_CHECK(insert_mapping(volume, ino, inode, lblk, block));
  return block;
}

Result<bool> remove_piece(Mounted& volume, Ino ino, vexfs_inode& inode, std::uint64_t first) {
  std::uint64_t freed = 0;
  for (std::uint32_t round = 0;; ++round) {
    VEXFS_TRY(path, path_to_last(volume, ino, inode));
    std::vector<Entry>& leaf = path.back().node.entries;
    if (leaf.empty() || after(leaf.back()) <= first) return false;
    if (round == volume.super.unit_extents || freed >= volume.super.unit_blocks) return true;
    Entry& last = leaf.back();
    const std::uint64_t above = after(last) - std::max<std::uint64_t>(first, last.lblk);
    const std::uint64_t cut = std::min(above, volume.super.unit_blocks - freed);
    for (std::uint64_t block = last.block + length(last) - cut; block < last.block + length(last);
         ++block)
      VEXFS_CHECK(free_block(volume, block));
    freed += cut;
    inode.blocks -= cut;
    last.len -= static_cast<std::uint32_t>(cut);
    if (length(last) == 0) leaf.pop_back();
    VEXFS_CHECK(store_after_removal(volume, ino, inode, path));
  }
}

}  // namespace vexfs::model
