// SPDX-License-Identifier: MIT
// The mapping from logical blocks to blocks (docs/format.md, "Extents").
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "fuse/core/block_allocator.h"
#include "fuse/core/inode_table.h"
#include "fuse/core/running.h"
#include "reference/contract/inode.h"

namespace vexfs::core {

/** Blocks that lie behind each other on the volume and in the file. */
struct Mapping {
  /** First block of the volume; 0: a hole. */
  uint64_t pblk = 0;
  /** Blocks, at least 1: as far as this mapping or this hole is known to go. */
  uint64_t count = 0;
  bool unwritten = false;
};

/** The way from the inode (level 0) down to a leaf. */
struct ExtentPath {
  struct Level {
    /** Empty at level 0. */
    BlockRef block;
    vexfs_extent* entries = nullptr;
    /** The stored number of entries. */
    __le16* count = nullptr;
    uint32_t capacity = 0;
    /** Entry through which the way goes; at the leaf, the place after all smaller extents. */
    uint32_t index = 0;

    bool at_right() const { return index + 1 == *count; }
  };
  std::array<Level, VEXFS_EXTENT_DEPTH_MAX + 1> levels;
  /** Level of the leaf. */
  uint32_t leaf = 0;

  Level& bottom() { return levels[leaf]; }
};

/** One piece of a removal from the end, gathered. */
struct RemovalPlan {
  struct Run {
    uint64_t start = 0;
    uint64_t count = 0;
  };
  /** Blocks that go, one run for each extent, from the end. */
  std::vector<Run> runs;
  /** The first extent at or above the limit is reached: nothing is left to do after this piece. */
  bool complete = false;
};

/** Reads and changes the extent trees of all inodes. */
class ExtentTree {
 public:
  ExtentTree(const Layout& layout, BlockCache& cache, BlockAllocator& allocator,
             PlantedFault faults)
      : layout_(layout), cache_(cache), allocator_(allocator), faults_(faults) {}

  /** Where logical block `lblk` is. EUCLEAN for damaged extents. Shared lock suffices. */
  Expected<Mapping> map(const InodeRef& inode, uint64_t lblk);

  /** The block that continues the one before `lblk`, or 0. */
  Expected<uint64_t> goal(const InodeRef& inode, uint64_t lblk);
  /** Gathering: loads what insert() edits; answers how many nodes it will make. EFBIG: no deeper
   * tree. */
  Expected<uint32_t> gather_insert(Unit& unit, const InodeRef& inode, uint64_t lblk, uint64_t pblk);
  /** Applying: maps lblk to pblk; nodes come from the unit's picks. Counts the blocks in the inode.
   */
  void insert(Unit& unit, const InodeRef& inode, uint64_t lblk, uint64_t pblk);

  /** Gathering: the next piece of a removal down to logical block `first`; loads all that remove()
   * edits. */
  Expected<RemovalPlan> gather_removal(Unit& unit, const InodeRef& inode, uint64_t first);
  /** Applying it; frees the blocks and empty nodes. `forget`: the blocks may be in the metadata
   * cache. */
  void remove(Unit& unit, vexfs_state& state, const InodeRef& inode, const RemovalPlan& plan,
              bool forget);

 private:
  struct NodeEdit;
  Expected<void> descend(const InodeRef& inode, uint64_t lblk, ExtentPath& path);
  Expected<void> load_inode_level(const InodeRef& inode, ExtentPath& path);
  Expected<void> load_child(const InodeRef& inode, ExtentPath& path, uint32_t level);
  bool node_ok(const Block& block, const vexfs_extent_node& node) const;
  bool entries_ok(const vexfs_extent* entries, uint32_t count, bool leaf) const;

  void insert_entry(Unit& unit, const InodeRef& inode, ExtentPath& path, vexfs_extent entry);
  void insert_below(Unit& unit, const InodeRef& inode, const NodeEdit& top, uint32_t at,
                    vexfs_extent entry);
  NodeEdit grow(Unit& unit, const InodeRef& inode, NodeEdit& inline_area);
  vexfs_extent split(Unit& unit, const InodeRef& inode, const NodeEdit& node, uint32_t at,
                     bool right_edge, vexfs_extent entry);
  NodeEdit make_node(Unit& unit, const InodeRef& inode, uint16_t depth);

  Expected<bool> step_back(Unit& unit, const InodeRef& inode, ExtentPath& path);
  Expected<void> descend_right(Unit& unit, const InodeRef& inode, ExtentPath& path, uint32_t level);
  void drop_last(Unit& unit, vexfs_state& state, const InodeRef& inode, uint64_t blocks);

  const Layout& layout_;
  BlockCache& cache_;
  BlockAllocator& allocator_;
  PlantedFault faults_;
};

}  // namespace vexfs::core
