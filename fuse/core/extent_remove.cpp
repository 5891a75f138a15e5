// SPDX-License-Identifier: MIT
// Removing blocks from the end of an extent tree, one bounded piece at a time.
#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>

#include "fuse/core/extent_tree.h"

namespace vexfs::core {
namespace {

uint64_t length_of(const vexfs_extent& extent) { return extent.len & ~VEXFS_EXTENT_UNWRITTEN; }

}  // namespace

/** Loads the rightmost way below `level`, whose index is set. */
Expected<void> ExtentTree::descend_right(Unit& unit, const InodeRef& inode, ExtentPath& path,
                                         uint32_t level) {
  for (; level < path.leaf; ++level) {
    if (auto loaded = load_child(inode, path, level + 1); !loaded) return loaded;
    ExtentPath::Level& child = path.levels[level + 1];
    unit.write(child.block);
    child.index = *child.count - 1U;
  }
  return {};
}

/** Moves to the extent before; nodes that are passed become empty. False: there is none. */
Expected<bool> ExtentTree::step_back(Unit& unit, const InodeRef& inode, ExtentPath& path) {
  uint32_t level = path.leaf;
  while (path.levels[level].index == 0) {
    if (level == 0) return false;
    const uint64_t node = path.levels[level].block->number;
    if (auto gathered = allocator_.gather_free(unit, node, 1); !gathered) {
      return fail(gathered.error());
    }
    --level;
  }
  --path.levels[level].index;
  if (auto loaded = descend_right(unit, inode, path, level); !loaded) return fail(loaded.error());
  return true;
}

Expected<RemovalPlan> ExtentTree::gather_removal(Unit& unit, const InodeRef& inode,
                                                 uint64_t first) {
  RemovalPlan plan;
  ExtentPath path;
  if (auto loaded = load_inode_level(inode, path); !loaded) return fail(loaded.error());
  unit.write(inode.block);
  bool more = *path.levels[0].count > 0;
  if (more) {
    path.levels[0].index = *path.levels[0].count - 1U;
    if (auto loaded = descend_right(unit, inode, path, 0); !loaded) return fail(loaded.error());
  }
  uint64_t freed = 0;
  while (more) {
    const vexfs_extent& extent = path.bottom().entries[path.bottom().index];
    const uint64_t end = extent.lblk + length_of(extent);
    if (end <= first) break;
    const bool full = plan.runs.size() >= layout_.unit_extents || freed >= layout_.unit_blocks;
    if (full && !faults_.planted(Fault::kPieceUnbounded)) return plan;
    const uint64_t count =
        std::min(end - std::max<uint64_t>(first, extent.lblk), layout_.unit_blocks - freed);
    const uint64_t start = extent.pblk + length_of(extent) - count;
    if (auto gathered = allocator_.gather_free(unit, start, count); !gathered) {
      return fail(gathered.error());
    }
    plan.runs.push_back({start, count});
    freed += count;
    if (count < length_of(extent)) {
      plan.complete = end - count <= first;
      return plan;
    }
    const auto stepped = step_back(unit, inode, path);
    if (!stepped) return fail(stepped.error());
    more = *stepped;
  }
  plan.complete = true;
  return plan;
}

void ExtentTree::remove(Unit& unit, vexfs_state& state, const InodeRef& inode,
                        const RemovalPlan& plan, bool forget) {
  for (const RemovalPlan::Run& run : plan.runs) {
    drop_last(unit, state, inode, run.count);
    allocator_.free(unit, state, run.start, run.count);
    for (uint64_t block = run.start; forget && block < run.start + run.count; ++block) {
      unit.running().forget(block);
    }
    inode.raw->blocks -= std::min<uint64_t>(inode.raw->blocks, run.count);
  }
}

/** Takes `blocks` from the end of the last extent; what becomes empty goes. */
void ExtentTree::drop_last(Unit& unit, vexfs_state& state, const InodeRef& inode, uint64_t blocks) {
  ExtentPath path;
  [[maybe_unused]] const auto found = descend(inode, VEXFS_FILE_SIZE_MAX / kBlockSize, path);
  assert(found && "gathered before");
  vexfs_extent& last = path.bottom().entries[*path.bottom().count - 1U];
  last.len -= static_cast<__le32>(blocks);
  if (length_of(last) > 0) return;
  for (uint32_t level = path.leaf;; --level) {
    ExtentPath::Level& here = path.levels[level];
    --*here.count;
    std::memset(here.entries + *here.count, 0, sizeof(vexfs_extent));
    if (*here.count > 0) return;
    if (level == 0) {
      inode.raw->depth = 0;
      return;
    }
    const uint64_t node = here.block->number;
    unit.running().forget(node);
    allocator_.free(unit, state, node, 1);
    inode.raw->blocks -= std::min<uint64_t>(inode.raw->blocks, 1);
  }
}

}  // namespace vexfs::core
