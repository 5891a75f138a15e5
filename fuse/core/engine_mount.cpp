// SPDX-License-Identifier: MIT
// Mounting: reading the anchor and the state, recovery, read-only replay.
#include <bit>
#include <cerrno>
#include <cstring>

#include "fuse/core/engine.h"
#include "fuse/core/log_reader.h"

namespace vexfs::core {
namespace {

std::unexpected<Error> refuse(int number, const std::string& what) {
  return std::unexpected(Error{number, what + ": " + std::strerror(number)});
}

void apply_image(Block& block, const BlockImage& image, bool from_zeros) {
  if (from_zeros) block.bytes.fill(std::byte{0});
  const std::byte* from = image.units.data();
  for (uint64_t rest = image.mask; rest != 0; rest &= rest - 1) {
    const auto unit = static_cast<size_t>(std::countr_zero(rest));
    std::memcpy(block.bytes.data() + unit * VEXFS_UNIT_SIZE, from, VEXFS_UNIT_SIZE);
    from += VEXFS_UNIT_SIZE;
  }
}

}  // namespace

std::expected<void, Error> Engine::mount() {
  const auto anchor = read_anchor(*device, layout);
  if (!anchor) return refuse(anchor.error(), "no valid anchor; run fsck.vexfs");
  LogReader reader(*device, layout, faults, *anchor);
  while (true) {
    const auto more = reader.next();
    if (!more) return refuse(more.error(), "the log cannot be read");
    if (!*more) break;
    const auto applied = reader.for_each([&](const BlockImage& image) -> Expected<void> {
      const bool from_zeros = image.init && !faults.planted(Fault::kInitIgnored);
      const bool whole = from_zeros || image.mask == ~uint64_t{0};
      auto block =
          whole ? Expected<BlockRef>(cache.get_unread(image.block)) : cache.get(image.block);
      if (!block) return fail(block.error());
      if (skips_image(**block)) return {};
      apply_image(**block, image, from_zeros);
      if ((*block)->needs_home) return {};
      (*block)->needs_home = true;
      not_home_.push_back(std::move(*block));
      if (options.read_only && not_home_.size() > cache.limit()) return fail(ENOMEM);
      return {};
    });
    if (!applied) {
      return refuse(applied.error(), "a transaction of the log cannot be applied; run fsck.vexfs");
    }
  }
  log.start(*anchor);
  if (auto read = read_state(); !read) return read;
  running.reset(state().next_unit, state().ring_head);
  if (options.read_only) {
    // Nothing is written: the images stay where every read looks first.
    data_in_cache = data_in_cache || reader.transactions() > 0;
  } else if (reader.transactions() > 0 || !anchor->clean) {
    Anchor next = reader.position();
    next.number = anchor->number + 1;
    next.epoch = anchor->epoch + (faults.planted(Fault::kEpochKept) ? 0 : 1);
    next.clean = false;
    if (auto done = finish_recovery(next); !done) {
      return refuse(done.error(), "recovery failed; the volume is as the crash left it");
    }
  }
  readable_head = state().ring_head;
  told_head_ = readable_head;
  return {};
}

std::expected<void, Error> Engine::read_state() {
  auto block = cache.get(layout.state.start);
  if (!block) return refuse(block.error(), "the state block cannot be read");
  state_block_ = std::move(*block);
  state_block_->kind = BlockKind::kState;
  const vexfs_state& raw = state();
  if (raw.magic != VEXFS_STATE_MAGIC ||
      raw.crc != layout.checksum.of(state_block_->number, state_block_->bytes,
                                    offsetof(vexfs_state, crc))) {
    return refuse(EUCLEAN, "the state block is damaged; run fsck.vexfs");
  }
  if (raw.inode_cursor < 2 || raw.inode_cursor > layout.inodes ||
      raw.free_blocks > layout.data.blocks || raw.free_inodes > layout.inodes - 1 ||
      raw.ring_head % VEXFS_EVENT_ALIGN != 0 || raw.ring_head >= VEXFS_RING_HEAD_END) {
    return refuse(EUCLEAN, "a counter of the state block is impossible; run fsck.vexfs");
  }
  const auto root = inodes.read(VEXFS_ROOT_INO, InodeSource::kNamed);
  if (!root) return refuse(root.error(), "the root directory's inode is damaged; run fsck.vexfs");
  if (!root->is_directory()) {
    return refuse(EUCLEAN, "the root inode is not a directory; run fsck.vexfs");
  }
  return {};
}

/** What the log held goes home, then the anchor, then orphans (docs/format.md, "Recovery" 4 and 5).
 */
Expected<void> Engine::finish_recovery(const Anchor& next) {
  if (faults.planted(Fault::kRecoveryAnchorFirst)) {
    if (auto written = log.write_recovery_anchor(next); !written) return written;
  }
  if (auto home = bring_home(); !home) return home;
  if (!faults.planted(Fault::kRecoveryNotFlushed)) {
    if (auto flushed = log.flush(); !flushed) return flushed;
  }
  if (auto written = log.write_recovery_anchor(next); !written) return written;
  for (InodeNumber from = 1; !faults.planted(Fault::kOrphansKept);) {
    const auto orphan = inodes.next_orphan(from);
    if (!orphan) return fail(orphan.error());
    if (!*orphan) break;
    reclaimable.insert(**orphan);
    from = **orphan + 1;
  }
  const bool reclaimed = !reclaimable.empty();
  reclaim();
  if (auto planted = plant_after_recovery(reclaimed); !planted) return planted;
  return checkpoint(true);
}

bool Engine::skips_image(const Block& block) const {
  const bool again = block.needs_home && faults.planted(Fault::kFirstImageWins);
  const bool event = layout.ring.contains(block.number);
  return again || (event && faults.planted(Fault::kEventsNotReplayed));
}

Expected<void> Engine::plant_after_recovery(bool reclaimed) {
  const bool counts = reclaimed && faults.planted(Fault::kOrphanCountedTwice);
  const bool tells = faults.planted(Fault::kEventDoubled);
  if (!counts && !tells) return {};
  Unit unit(cache, running);
  if (auto begun = begin(unit); !begun) return begun;
  if (counts) ++state().free_inodes;
  if (tells) {
    event.start(VEXFS_EV_DELETE, VEXFS_ROOT_INO, 0);
    emit(unit);
  }
  commit(unit);
  seal();
  return {};
}

}  // namespace vexfs::core
