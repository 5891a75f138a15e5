// SPDX-License-Identifier: MIT
// Closing a transaction, checkpoint and sync points.
#include <algorithm>
#include <cassert>
#include <cerrno>

#include "fuse/core/engine.h"
#include "fuse/core/transaction_builder.h"

namespace vexfs::core {
namespace {

/** Sealed bytes that may wait in memory for a sync point. */
constexpr uint64_t kQueueBytes = 8U << 20;
/** Neighbouring blocks go home together, up to this many. */
constexpr size_t kHomeRun = 256;

}  // namespace

void Engine::emit_write_events() {
  Unit unit(cache, running);
  EventContext context{.time = now(),
                       .manual_clock = options.manual_clock,
                       .unit = state().next_unit - 1,
                       .transaction = log.next_sequence(),
                       .epoch = log.epoch()};
  for (const auto& [ino, range] : running.writes) {
    event.start(VEXFS_EV_WRITE, ino, 0).longs(VEXFS_TAG_RANGE, {range.first, range.last});
    events.emit(unit, state(), event, context);
  }
}

void Engine::mark_sealed(const std::vector<Block*>& blocks) {
  for (Block* block : blocks) {
    logged_.insert(block->number);
    if (block->needs_home) continue;
    block->needs_home = true;
    not_home_.push_back(cache.find(block->number));
  }
  for (const BlockRef& block : running.touched) {
    block->touched = false;
    block->init = false;
    block->counted = false;
    block->before.reset();
  }
  for (const uint64_t number : running.freed) {
    const BlockRef block = cache.find(number);
    if (block && block->freed) cache.drop(number);
  }
}

void Engine::seal() {
  // What the transaction's data writes staged must be on its way before the transaction is.
  stage.flush();
  if (running.units == 0) return;
  emit_write_events();
  BuiltTransaction built = build_transaction(
      layout, faults, running,
      {.epoch = log.epoch(), .sequence = log.next_sequence(), .prev_crc = log.prev_crc()});
  mark_sealed(built.blocks);
  log.append(std::move(built.bytes), built.crc, options.data == DataMode::kOrdered);
  running.reset(state().next_unit, state().ring_head);
  counters.transactions.fetch_add(1, std::memory_order_relaxed);
  if (log.queued_bytes() > kQueueBytes) {
    // Failure breaks the log, which every later change and sync point answers for.
    [[maybe_unused]] const auto durable = log.make_durable(log.next_sequence() - 1, 0);
  }
  const bool many_blocks =
      logged_.size() >= layout.checkpoint_blocks && !faults.planted(Fault::kNoBlockTrigger);
  if (log.blocks_in_use() > layout.log.blocks / 2 || many_blocks ||
      allocator.parked() >= layout.checkpoint_freed) {
    [[maybe_unused]] const auto done = checkpoint(false);
  }
}

Expected<void> Engine::checkpoint(bool clean) {
  assert(running.units == 0 && "a checkpoint follows a seal");
  if (log.broken()) return fail(EIO);
  if (log.sealed_since_tail() == 0) {
    if (!clean || log.anchor_is_clean()) return {};
    return log.move_tail(true);
  }
  if (faults.planted(Fault::kHomeBeforeLog)) {
    if (auto home = bring_home(); !home) return home;
  }
  if (auto durable = log.make_durable(log.next_sequence() - 1, log.data_writes()); !durable) {
    return durable;
  }
  raise_readable_head(state().ring_head);
  if (faults.planted(Fault::kAnchorEarly)) {
    if (auto moved = log.move_tail(clean); !moved) return moved;
  }
  auto home = bring_home();
  if (home && options.strict) home = zero_parked();
  if (!home) {
    log.break_off();
    return home;
  }
  if (!faults.planted(Fault::kHomeNotFlushed)) {
    if (auto flushed = log.flush(); !flushed) return flushed;
  }
  if (!faults.planted(Fault::kAnchorEarly)) {
    if (auto moved = log.move_tail(clean); !moved) return moved;
  }
  logged_.clear();
  allocator.unpark();
  counters.checkpoints.fetch_add(1, std::memory_order_relaxed);
  return {};
}

/** Writes every block logged since the tail to its place. No unit is running: the bytes are the
 * sealed ones. */
Expected<void> Engine::bring_home() {
  std::ranges::sort(not_home_, {}, [](const BlockRef& block) { return block->number; });
  std::vector<std::byte> run;
  uint64_t next = 0;
  const auto write_run = [&]() -> Expected<void> {
    if (run.empty()) return {};
    auto written = device->write(next * kBlockSize - run.size(), run);
    run.clear();
    return written;
  };
  for (const BlockRef& block : not_home_) {
    if (block->freed) continue;
    if (block->number != next || run.size() >= kHomeRun * kBlockSize) {
      if (auto written = write_run(); !written) return written;
    }
    run.insert(run.end(), block->bytes.begin(), block->bytes.end());
    next = block->number + 1;
  }
  if (auto written = write_run(); !written) return written;
  for (const BlockRef& block : not_home_) block->needs_home = false;
  not_home_.clear();
  return {};
}

Expected<void> Engine::zero_parked() {
  const std::vector<std::byte> zeros(kBlockSize);
  for (const uint64_t block : allocator.parked_blocks()) {
    if (auto written = device->write(block * kBlockSize, zeros); !written) return written;
  }
  return {};
}

SyncTicket Engine::sync_point() {
  counters.sync_points.fetch_add(1, std::memory_order_relaxed);
  seal();
  const SyncTicket ticket{.sequence = log.next_sequence() - 1,
                          .data_writes = log.data_writes(),
                          .ring_head = state().ring_head};
  reclaim();
  return ticket;
}

Expected<void> Engine::finish_sync(const SyncTicket& ticket) {
  if (faults.planted(Fault::kSyncNotAwaited)) {
    raise_readable_head(ticket.ring_head);
    return {};
  }
  if (auto durable = log.make_durable(ticket.sequence, ticket.data_writes); !durable) {
    return durable;
  }
  // A checkpoint on the way may have failed although the log is durable.
  if (log.broken()) return fail(EIO);
  raise_readable_head(ticket.ring_head);
  tell_readers();
  return {};
}

}  // namespace vexfs::core
