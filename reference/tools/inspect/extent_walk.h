// SPDX-License-Identifier: MIT
// The mapping of an inode from logical to physical blocks (docs/format.md, "Extents").
#pragma once

#include <cstdint>
#include <vector>

#include "reference/tools/inspect/volume_view.h"

namespace vexfs::tools {

// An extent that lies within the data region and behind its predecessor.
struct MappedExtent {
  std::uint64_t lblk;
  std::uint64_t len;  // blocks, at least 1
  std::uint64_t pblk;
  bool unwritten;
};

// A node of the tree; it belongs to the inode even if its own bytes are wrong.
struct MappedNode {
  std::uint64_t block;
  std::uint16_t depth;
};

struct Mapping {
  std::vector<MappedExtent> extents;  // ascending
  std::vector<MappedNode> nodes;      // as the walk met them: parents first
  bool complete = true;               // false if a fault hid a part of the tree

  // Data blocks and nodes.
  std::uint64_t blocks() const;
  // The physical block of logical block `lblk`, 0 if it is not mapped.
  std::uint64_t find(std::uint64_t lblk) const;
};

// Walks the tree of a regular file, directory or long symlink. Faults go to `findings` under the
// path "inode N"; what is behind them is left out. Terminates on any bytes.
Mapping walk_extents(const VolumeView& view, std::uint64_t number, const vexfs_inode& inode,
                     Findings& findings);

// True if the inode has a mapping: its inline area holds extents or index entries.
bool has_mapping(const vexfs_inode& inode);

}  // namespace vexfs::tools
