// SPDX-License-Identifier: MIT
// One level of an extent tree: the inode's inline area or a node block, taken apart and checked.
#pragma once

#include <vector>

#include "reference/model/inode.h"

namespace vexfs::model {

/// An extent {lblk, len, block} or an index entry {lblk, 0, child}: both are 16 bytes of the same
/// shape.
struct Entry {
  std::uint32_t lblk = 0;
  std::uint32_t len = 0;
  BlockNumber block = 0;
};

struct Node {
  BlockNumber number = 0;  // 0: the inode itself
  unsigned depth = 0;      // 0: its entries are extents
  std::vector<Entry> entries;
};

/// A node and the position in it at which a path goes on.
struct Step {
  Node node;
  std::size_t at = 0;
};

/// From the inode to a leaf.
using Path = std::vector<Step>;

/// Entries that fit.
std::size_t capacity(const Mounted& volume, const Node& node);

/// The inode's own entries. EUCLEAN if they are not valid.
Result<Node> inode_node(const Mounted& volume, const vexfs_inode& inode);

/// The child at position `at` of `parent`. EUCLEAN if it is not valid.
Result<Node> child_node(const Mounted& volume, Ino owner, const Node& parent, std::size_t at);

/// Puts the node into its block, which `fresh` makes a metadata block first, or into the inode.
void store_node(Mounted& volume, Ino owner, vexfs_inode& inode, const Node& node,
                bool fresh = false);

/// From the inode to the leaf where `lblk` belongs: in each node the last entry with a key <= lblk,
/// or the first.
Result<Path> path_to(const Mounted& volume, Ino ino, const vexfs_inode& inode, std::uint64_t lblk);

}  // namespace vexfs::model
