// SPDX-License-Identifier: MIT
#include "reference/model/unit.h"

#include <algorithm>
#include <cerrno>

#include "reference/contract/limits.h"
#include "reference/model/allocator.h"
#include "reference/model/checkpoint.h"
#include "reference/model/reclaim.h"
#include "reference/model/seal.h"

namespace vexfs::model {
namespace {

// Adds to D the blocks that this unit left different from the end of the previous transaction.
void count_dirty(Mounted& volume) {
  for (BlockNumber number : volume.store.touched_in_unit()) {
    if (!is_allocated(volume, number)) continue;
    const ChangedBlock& changed = volume.store.changed().at(number);
    if (changed.kind != ChangedBlock::Kind::kOld ||
        !std::ranges::equal(volume.store.read(number), changed.before))
      volume.running.dirty.insert(number);
  }
}

void finish(Mounted& volume) {
  Transaction& running = volume.running;
  if (running.units == 0) running.first_unit = volume.state.next_unit;
  ++running.units;
  ++volume.state.next_unit;
  store_state(volume);
  count_dirty(volume);
  volume.store.keep_unit();
}

Result<void> attempt(Mounted& volume, const UnitBody& body) {
  const vexfs_state state_before = volume.state;
  volume.parked_in_unit.clear();
  if (auto done = body(); !done) {
    volume.store.undo_unit();
    volume.state = state_before;
    for (BlockNumber number : volume.parked_in_unit) volume.parked.remove(number);
    return done;
  }
  finish(volume);
  return {};
}

// Makes room if anything can: parked blocks become allocatable, orphans give back what they hold.
bool relieve(Mounted& volume) {
  if (volume.reclaiming) return false;
  if (volume.parked.count() == 0 && !has_reclaimable(volume)) return false;
  seal(volume);
  reclaim(volume);
  (void)checkpoint(volume);  // a failure breaks the volume
  return !volume.broken;
}

bool is_due(const Mounted& volume) {
  const Transaction& running = volume.running;
  const std::uint64_t ring_bytes = volume.super.ring.blocks * kBlockSize;
  return running.units >= volume.super.tx_units || running.dirty.size() >= volume.super.tx_blocks ||
         volume.state.ring_head - running.ring_start >= ring_bytes / 4 ||
         running.written.size() >= VEXFS_TX_WRITERS_MAX;
}

}  // namespace

std::uint64_t current_unit(const Mounted& volume) { return volume.state.next_unit; }

Result<void> run_unit(Mounted& volume, const UnitBody& body) {
  if (!volume.takes_changes()) return std::unexpected(EROFS);
  auto done = attempt(volume, body);
  if (!done && done.error() == ENOSPC && relieve(volume)) done = attempt(volume, body);
  if (!done) return done;
  if (is_due(volume)) {
    seal(volume);
    if (!volume.reclaiming) reclaim(volume);
  }
  return {};
}

void note_write(Mounted& volume, Ino ino, WriteRange written) {
  const auto [range, fresh] = volume.running.written.try_emplace(ino, written);
  if (fresh) return;
  range->second.first = std::min(range->second.first, written.first);
  range->second.after = std::max(range->second.after, written.after);
}

}  // namespace vexfs::model
