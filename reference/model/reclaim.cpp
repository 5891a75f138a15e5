// SPDX-License-Identifier: MIT
#include "reference/model/reclaim.h"

#include <algorithm>
#include <bit>
#include <optional>

#include "reference/model/allocator.h"
#include "reference/model/bitmap.h"
#include "reference/model/extents.h"
#include "reference/model/inode.h"
#include "reference/model/seal.h"
#include "reference/model/unit.h"

namespace vexfs::model {
namespace {

std::optional<Ino> next_orphan(const Mounted& volume, Ino from) {
  for (Ino ino = from; ino <= volume.super.inodes; ino = (ino / 64 + 1) * 64) {
    const std::uint64_t word =
        bitmap_word(volume.store, volume.super.orphan_bitmap, ino / 64) >> (ino % 64);
    if (word != 0) return ino + static_cast<Ino>(std::countr_zero(word));
  }
  return std::nullopt;
}

// A corrupt orphan stays what it is: fsck.vexfs reports it.
bool is_reclaimable(const Mounted& volume, Ino ino) {
  const auto inode = load_inode(volume, ino);
  return inode && inode->nlink == 0 && !(is_regular(*inode) && volume.handles.contains(ino));
}

// One piece, and the inode itself when none is left. Answers whether there is more to do.
Result<bool> free_piece(Mounted& volume, Ino ino) {
  bool more = false;
  const auto done = run_unit(volume, [&]() -> Result<void> {
    VEXFS_TRY(inode, load_inode(volume, ino));
    VEXFS_TRY(left, remove_piece(volume, ino, inode, 0));
    more = left;
    if (!left) return free_ino(volume, ino);
    store_inode(volume, ino, inode);
    return {};
  });
  if (!done) return std::unexpected(done.error());
  return more;
}

void free_orphan(Mounted& volume, Ino ino) {
  for (Result<bool> more = true; more && *more;) more = free_piece(volume, ino);
}

}  // namespace

bool has_reclaimable(const Mounted& volume) {
  return std::ranges::any_of(volume.orphans, [&](Ino ino) { return is_reclaimable(volume, ino); });
}

void reclaim(Mounted& volume) {
  volume.reclaiming = true;
  for (auto next = volume.orphans.begin(); next != volume.orphans.end();) {
    const Ino ino = *next++;
    if (!is_reclaimable(volume, ino)) continue;
    free_orphan(volume, ino);
    volume.orphans.erase(ino);  // a damaged one stays on the volume
  }
  seal(volume);
  volume.reclaiming = false;
}

void reclaim_all(Mounted& volume) {
  volume.reclaiming = true;
  for (auto ino = next_orphan(volume, 1); ino; ino = next_orphan(volume, *ino + 1)) {
    const auto inode = load_inode(volume, *ino);
    if (!inode) continue;
    if (inode->nlink == 0)
      free_orphan(volume, *ino);
    else if (inode->flags & VEXFS_INODE_TRUNCATING)
      (void)finish_truncation(volume, *ino);  // fails only on a corrupt tree, which stays for fsck
  }
  seal(volume);
  volume.reclaiming = false;
}

Result<void> finish_truncation(Mounted& volume, Ino ino) {
  for (bool more = true; more;) {
    VEXFS_CHECK(run_unit(volume, [&]() -> Result<void> {
      VEXFS_TRY(inode, load_inode(volume, ino));
      const std::uint64_t first = (inode.size + kBlockSize - 1) / kBlockSize;
      VEXFS_TRY(left, remove_piece(volume, ino, inode, first));
      more = left;
      if (!left) {
        inode.flags &= static_cast<std::uint16_t>(~VEXFS_INODE_TRUNCATING);
        if (inode.nlink > 0) clear_orphan(volume, ino);
      }
      store_inode(volume, ino, inode);
      return {};
    }));
  }
  return {};
}

}  // namespace vexfs::model
