// SPDX-License-Identifier: MIT
#include "reference/model/recovery.h"

#include <cerrno>
#include <cstddef>

#include "reference/contract/event.h"
#include "reference/model/anchor.h"
#include "reference/model/checkpoint.h"
#include "reference/model/checksum.h"
#include "reference/model/geometry.h"
#include "reference/model/inode.h"
#include "reference/model/log.h"
#include "reference/model/reclaim.h"

namespace vexfs::model {
namespace {

Result<void> load_state(Mounted& volume) {
  const vexfs_superblock& super = volume.super;
  const auto state = get<vexfs_state>(volume.store.read(super.state.start));
  const std::uint32_t crc = structure_checksum(super.uuid, super.state.start, bytes_of(state),
                                               offsetof(vexfs_state, crc));
  if (state.magic != VEXFS_STATE_MAGIC || state.crc != crc || state.inode_cursor < 2 ||
      state.inode_cursor > super.inodes || state.free_blocks > super.data.blocks ||
      state.free_inodes > super.inodes - 1 || state.ring_head % VEXFS_EVENT_ALIGN != 0 ||
      state.ring_head >= VEXFS_RING_HEAD_END)
    return std::unexpected(EUCLEAN);
  volume.state = state;
  volume.readable_head = state.ring_head;
  volume.running.ring_start = state.ring_head;
  return {};
}

Result<void> check_root(const Mounted& volume) {
  const auto root = load_named_inode(volume, VEXFS_ROOT_INO);
  if (!root || !is_directory(*root)) return std::unexpected(EUCLEAN);
  return {};
}

// Applies what the log holds to the blocks in memory and sets the log's head behind it.
Result<void> replay(Mounted& volume, const std::vector<LogTransaction>& transactions) {
  Log& log = volume.log;
  log.head = volume.anchor.tail;
  log.sequence = volume.anchor.sequence;
  log.prev_crc = volume.anchor.prev_crc;
  for (const LogTransaction& transaction : transactions) {
    VEXFS_CHECK(apply(volume, transaction));
    log.head = (log.head + transaction.blocks()) % volume.super.log.blocks;
    log.prev_crc = transaction.crc;
    ++log.sequence;
  }
  return {};
}

// Steps 4 and 5 of the recovery, after the replay in memory.
void recover(Mounted& volume) {
  volume.store.bring_home();
  ++volume.anchor.epoch;
  move_anchor_to_head(volume);
  write_next_anchor(volume, 0);
  reclaim_all(volume);
  checkpoint_clean(volume);
}

}  // namespace

Result<std::unique_ptr<Mounted>> mount_disk(Disk& disk, const MountOptions& options) {
  if (disk.blocks() == 0) return std::unexpected(EINVAL);
  const auto super = get<vexfs_superblock>(disk.read(VEXFS_SUPER_BLOCK));
  VEXFS_CHECK(check_superblock(super, disk.blocks(), options.read_only));
  auto volume = std::make_unique<Mounted>(disk, super, options);
  VEXFS_TRY(anchor, read_anchor(*volume));
  volume->anchor = anchor;
  const auto transactions = valid_transactions(*volume);
  VEXFS_CHECK(replay(*volume, transactions));
  VEXFS_CHECK(load_state(*volume));
  VEXFS_CHECK(check_root(*volume));
  const bool clean = transactions.empty() && (anchor.flags & VEXFS_ANCHOR_CLEAN);
  if (!clean && !options.read_only) recover(*volume);
  return volume;
}

}  // namespace vexfs::model
