// SPDX-License-Identifier: MIT
#include "reference/model/checkpoint.h"

#include <cassert>

#include "reference/model/anchor.h"
#include "reference/model/seal.h"

namespace vexfs::model {
namespace {

void zero_parked(Mounted& volume) {
  for (BlockNumber number = volume.super.data.start; number < volume.super.blocks - 1; ++number)
    if (volume.parked.contains(number)) volume.store.zero_on_disk(number);
}

Result<void> move_home(Mounted& volume, std::uint32_t anchor_flags) {
  assert(volume.running.units == 0);
  VEXFS_CHECK(check_device(volume));
  volume.readable_head = volume.state.ring_head;
  volume.store.bring_home();
  if (volume.options.strict && volume.parked.count() > 0) zero_parked(volume);
  VEXFS_CHECK(check_device(volume));  // the anchor would say that all is home
  move_anchor_to_head(volume);
  write_next_anchor(volume, anchor_flags);
  VEXFS_CHECK(check_device(volume));
  volume.parked.clear();
  volume.log.used = 0;
  volume.log.logged.clear();
  return {};
}

}  // namespace

Result<void> checkpoint(Mounted& volume) {
  if (volume.log.used == 0) return {};
  return move_home(volume, 0);
}

void checkpoint_clean(Mounted& volume) {
  if (volume.log.used > 0 || (volume.anchor.flags & VEXFS_ANCHOR_CLEAN) == 0)
    (void)move_home(volume, VEXFS_ANCHOR_CLEAN);  // a broken volume stays as it is
}

}  // namespace vexfs::model
