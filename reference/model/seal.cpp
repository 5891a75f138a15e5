// SPDX-License-Identifier: MIT
#include "reference/model/seal.h"

#include <cerrno>
#include <cstddef>

#include "reference/model/anchor.h"
#include "reference/model/checkpoint.h"
#include "reference/model/checksum.h"
#include "reference/model/event.h"
#include "reference/model/log.h"
#include "reference/model/reclaim.h"

namespace vexfs::model {
namespace {

// One Write event for each inode that was written, as if the last unit had emitted them.
void emit_write_events(Mounted& volume) {
  for (const auto& [ino, range] : volume.running.written)
    Event(VEXFS_EV_WRITE, ino, 0).range(range).emit(volume, volume.state.next_unit - 1);
}

bool is_checkpoint_due(const Mounted& volume) {
  const Log& log = volume.log;
  return log.used > volume.super.log.blocks / 2 ||
         log.logged.size() >= volume.super.checkpoint_blocks ||
         volume.parked.count() >= volume.super.checkpoint_freed;
}

}  // namespace

void store_state(Mounted& volume) {
  vexfs_state& state = volume.state;
  state.crc = structure_checksum(volume.super.uuid, volume.super.state.start, bytes_of(state),
                                 offsetof(vexfs_state, crc));
  put(volume.store.edit(volume.super.state.start), 0, state);
}

void seal(Mounted& volume) {
  if (volume.running.units == 0) return;
  emit_write_events(volume);
  store_state(volume);
  volume.store.keep_unit();
  if (volume.anchor.flags & VEXFS_ANCHOR_CLEAN) write_next_anchor(volume, 0);
  // Nothing may become durable behind a write that did not.
  if (!volume.disk.failed()) append_to_log(volume, build_transaction(volume));
  volume.store.end_transaction();
  volume.running = {};
  volume.running.ring_start = volume.state.ring_head;
  // A failure shows at the next change or sync point.
  if (is_checkpoint_due(volume)) (void)checkpoint(volume);
}

Result<void> check_device(Mounted& volume) {
  volume.broken = volume.broken || volume.disk.failed();
  if (volume.broken) return std::unexpected(EIO);
  return {};
}

Result<void> sync_point(Mounted& volume) {
  if (volume.broken) return std::unexpected(EIO);
  seal(volume);
  VEXFS_CHECK(check_device(volume));
  volume.readable_head = volume.state.ring_head;
  reclaim(volume);
  return {};
}

}  // namespace vexfs::model
