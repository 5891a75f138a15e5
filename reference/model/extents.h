// SPDX-License-Identifier: MIT
// The mapping of an inode's logical blocks to blocks of the volume: docs/format.md, "Extents".
//
// Functions that change the mapping change the inode value they are given (its extents, depth and
// blocks) and the nodes on the volume; the caller stores the inode.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "reference/model/inode.h"

namespace vexfs::model {

/// A run of logical blocks that lie one after the other on the volume.
struct Extent {
  std::uint32_t first = 0;   // logical block
  std::uint32_t blocks = 0;  // how many
  BlockNumber start = 0;     // on the volume
  bool unwritten = false;    // reads as zeros
  std::uint64_t after() const { return std::uint64_t{first} + blocks; }
};

/// What holds one logical block.
struct Mapping {
  BlockNumber block = 0;
  bool unwritten = false;
};

/// What holds logical block `lblk`, if it is mapped. EUCLEAN if a node on the way is not valid.
Result<std::optional<Mapping>> find_mapping(const Mounted& volume, Ino ino,
                                            const vexfs_inode& inode, std::uint32_t lblk);

/// The same for who wants bytes: an unwritten block has none.
Result<std::optional<BlockNumber>> mapped_block(const Mounted& volume, Ino ino,
                                                const vexfs_inode& inode, std::uint32_t lblk);

/// All extents that hold a logical block of [first, end), ascending. Reads only the nodes on the
/// way to these blocks. EUCLEAN.
Result<std::vector<Extent>> extents_between(const Mounted& volume, Ino ino,
                                            const vexfs_inode& inode, std::uint64_t first,
                                            std::uint64_t end);

/// Allocates the block of logical block `lblk`, which is not mapped, and maps it. EFBIG, ENOSPC,
/// EUCLEAN; the caller then undoes the unit.
Result<BlockNumber> map_new_block(Mounted& volume, Ino ino, vexfs_inode& inode, std::uint32_t lblk);

/// Removes one piece from the end, down to logical block `first`. Answers whether blocks at or
/// above `first` are left. EUCLEAN; the caller then undoes the unit.
Result<bool> remove_piece(Mounted& volume, Ino ino, vexfs_inode& inode, std::uint64_t first);

}  // namespace vexfs::model
