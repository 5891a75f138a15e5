// SPDX-License-Identifier: MIT
// Giving back what inodes without links held (docs/determinism.md, "reclaim").
#include <cerrno>

#include "fuse/core/engine.h"

namespace vexfs::core {

void Engine::reclaim() {
  while (!reclaimable.empty() && !log.broken()) {
    const InodeNumber ino = *reclaimable.begin();
    if (auto done = reclaim_inode(ino); !done) {
      // Damage: the orphan stays for fsck.vexfs, the others go on.
      counters.damaged.fetch_add(1, std::memory_order_relaxed);
    } else {
      counters.reclaimed.fetch_add(1, std::memory_order_relaxed);
    }
    reclaimable.erase(ino);
  }
  seal();
}

Expected<void> Engine::reclaim_inode(InodeNumber ino) {
  const auto inode = inodes.read(ino, InodeSource::kCaller);
  if (!inode) return fail(inode.error());
  const bool linked = inode->raw->nlink > 0;
  // Only recovery meets an orphan with links: one whose truncation a crash cut off.
  if (linked && (inode->raw->flags & VEXFS_INODE_TRUNCATING) == 0) return fail(EUCLEAN);
  if (linked && faults.planted(Fault::kTruncationForgotten)) return {};
  while (true) {
    const auto complete = remove_piece(ino, linked);
    if (!complete) return fail(complete.error());
    if (full()) seal();
    if (*complete) return {};
  }
}

Expected<void> Engine::finish_truncation(InodeNumber ino) {
  while (true) {
    const auto complete = remove_piece(ino, true);
    if (!complete) return fail(complete.error());
    close_if_full();
    if (*complete) return {};
  }
}

Expected<bool> Engine::remove_piece(InodeNumber ino, bool truncation) {
  Unit unit(cache, running);
  unit.write(state_block_);
  const auto inode = inodes.read(ino, InodeSource::kCaller);
  if (!inode) return fail(inode.error());
  const uint64_t first = truncation ? (inode->raw->size + kBlockSize - 1) / kBlockSize : 0;
  const auto plan = tree.gather_removal(unit, *inode, first);
  if (!plan) return fail(plan.error());
  inodes.gather(unit, *inode);
  if (plan->complete) {
    auto gathered = truncation ? inodes.gather_orphan(unit, ino) : inodes.gather_free(unit, *inode);
    if (!gathered) return fail(gathered.error());
  }

  tree.remove(unit, state(), *inode, *plan, inode->owns_metadata() || data_in_cache);
  if (plan->complete && truncation) {
    inode->raw->flags &= static_cast<__le16>(~VEXFS_INODE_TRUNCATING);
    if (inode->raw->nlink > 0) inodes.set_orphan(unit, ino, false);
  } else if (plan->complete) {
    directories.forget(ino);
    inodes.free(unit, state(), *inode);
  }
  commit(unit);
  return plan->complete;
}

}  // namespace vexfs::core
