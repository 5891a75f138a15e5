// SPDX-License-Identifier: MIT
// Inodes in the blocks of the inode table: reading with validation, allocation of numbers, freeing.
#pragma once

#include <cstdint>
#include <vector>

#include "fuse/core/bitmap.h"
#include "fuse/core/types.h"
#include "reference/contract/inode.h"
#include "reference/contract/superblock.h"

namespace vexfs::core {

/** A checked inode, in place in its pinned table block. */
struct InodeRef {
  BlockRef block;
  vexfs_inode* raw = nullptr;
  InodeNumber ino = 0;

  uint32_t type() const { return raw->mode & 0170000U; }
  bool is_directory() const { return type() == 0040000; }
  bool is_regular() const { return type() == 0100000; }
  bool is_symlink() const { return type() == 0120000; }
  bool is_collection() const { return (raw->flags & VEXFS_INODE_COLLECTION) != 0; }
  /** Which blocks the inode owns may be in the metadata cache. */
  bool owns_metadata() const { return !is_regular() || (raw->flags & VEXFS_INODE_SYSTEM) != 0; }
  InodeRef again() const { return {block.again(), raw, ino}; }
};

/** How the caller came by an inode number. */
enum class InodeSource {
  /** From a record of the volume: a free inode, one without links or a system inode is damage. */
  kNamed,
  /** From a collection's own bytes: a free inode is damage. */
  kSystem,
  /** From a caller who may hold it for longer than it lives: a free inode is ESTALE. */
  kCaller,
};

/** The inode table with the inode and orphan bitmaps. */
class InodeTable {
 public:
  InodeTable(const Layout& layout, BlockCache& cache);

  /** The inode, validated (docs/format.md, "Validation on read"). ESTALE or EUCLEAN. */
  Expected<InodeRef> read(InodeNumber ino, InodeSource source);
  /** Gathering: loads the inode's block for editing. */
  void gather(Unit& unit, const InodeRef& inode) { unit.write(inode.block); }

  /** Gathering: finds the next free number and loads what allocate() edits. ENOSPC, EUCLEAN. */
  Expected<InodeNumber> gather_new(Unit& unit, const vexfs_state& state);
  /** The same for the next `count` numbers, in the order in which allocate() is to take them. */
  Expected<std::vector<InodeNumber>> gather_new(Unit& unit, const vexfs_state& state, size_t count);
  /** Applying: takes the number; the slot has only its generation. */
  InodeRef allocate(Unit& unit, vexfs_state& state, InodeNumber ino);

  /** Gathering: loads what set_orphan() and free() edit. */
  Expected<void> gather_orphan(Unit& unit, InodeNumber ino);
  Expected<void> gather_free(Unit& unit, const InodeRef& inode);
  /** Applying. */
  void set_orphan(Unit& unit, InodeNumber ino, bool orphan);
  void free(Unit& unit, vexfs_state& state, const InodeRef& inode);

  /** Orphans at or after `from`, the first of them. */
  Expected<std::optional<uint64_t>> next_orphan(InodeNumber from);

 private:
  bool valid(InodeNumber ino, const vexfs_inode& inode) const;
  uint64_t block_of(InodeNumber ino) const {
    return layout_.inode_table.start + ino / VEXFS_INODES_PER_BLOCK;
  }
  const Layout& layout_;
  BlockCache& cache_;
  Bitmap used_;
  Bitmap orphans_;
};

/** What stat(2) shows of an inode. */
Attributes attributes_of(const InodeRef& inode);

}  // namespace vexfs::core
