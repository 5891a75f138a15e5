// SPDX-License-Identifier: MIT
#include "fuse/core/engine.h"

#include <cerrno>
#include <ctime>

namespace vexfs::core {

Engine::Engine(std::unique_ptr<BlockDevice> the_device, const MountOptions& the_options,
               const Layout& the_layout)
    : options(the_options),
      faults(the_options.fault),
      layout(the_layout),
      device(std::move(the_device)),
      cache(*device, the_options.cache_bytes),
      log(*device, layout, faults),
      running(cache),
      allocator(layout, cache, faults),
      inodes(layout, cache),
      tree(layout, cache, allocator, faults),
      directories(layout, cache, tree, faults, the_options.cache_bytes / 2),
      events(layout, cache),
      stage(*device, log),
      data_in_cache(the_options.data == DataMode::kJournal) {}

Engine::~Engine() { stop_timer(); }

void Engine::start_timer(std::function<void()> sync_point) {
  if (options.commit_seconds == 0 || options.read_only) return;
  const std::chrono::seconds interval(options.commit_seconds);
  timer_ = std::jthread([interval, sync_point](const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock waiting(mutex);
    while (!stop.stop_requested()) {
      wake.wait_for(waiting, stop, interval, [] { return false; });
      if (!stop.stop_requested()) sync_point();
    }
  });
}

void Engine::stop_timer() {
  if (!timer_.joinable()) return;
  timer_.request_stop();
  timer_.join();
}

Expected<void> Engine::check_writable() const {
  if (options.read_only || log.broken() || unmounted) return fail(EROFS);
  return {};
}

Expected<void> Engine::begin(Unit& unit) {
  unit.write(state_block_);
  return events.gather(unit, state());
}

Expected<void> Engine::check_room(uint64_t blocks) {
  if (allocator.allocatable(state()) < blocks) return fail(ENOSPC);
  return {};
}

void Engine::emit(Unit& unit) {
  const EventContext context{.time = now(),
                             .manual_clock = options.manual_clock,
                             .unit = state().next_unit,
                             .transaction = log.next_sequence(),
                             .epoch = log.epoch()};
  events.emit(unit, state(), event, context);
}

void Engine::commit(Unit& unit) {
  ++state().next_unit;
  ++running.units;
  unit.finish();
  counters.units.fetch_add(1, std::memory_order_relaxed);
}

bool Engine::full() const {
  const auto& raw = *reinterpret_cast<const vexfs_state*>(state_block_->bytes.data());
  return running.units >= layout.tx_units || running.dirty >= layout.tx_blocks ||
         raw.ring_head - running.ring_start >= layout.ring_bytes() / 4 ||
         running.writes.size() >= VEXFS_TX_WRITERS_MAX;
}

void Engine::close_if_full() {
  if (!full()) return;
  seal();
  reclaim();
}

void Engine::relief() {
  counters.reliefs.fetch_add(1, std::memory_order_relaxed);
  seal();
  reclaim();
  // A failed checkpoint frees nothing and breaks the log: the second attempt answers for it.
  [[maybe_unused]] const auto done = checkpoint(false);
}

void Engine::note_orphan(const InodeRef& inode) {
  const bool held = inode.is_regular() && handles.contains(inode.ino);
  (held ? held_orphans : reclaimable).insert(inode.ino);
}

int64_t Engine::now() const {
  if (options.manual_clock) return manual_time.load(std::memory_order_relaxed);
  timespec time{};
  clock_gettime(CLOCK_REALTIME, &time);
  return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

Time Engine::time_of(int64_t nanoseconds) {
  constexpr int64_t kSecond = 1'000'000'000;
  int64_t seconds = nanoseconds / kSecond;
  int64_t rest = nanoseconds % kSecond;
  if (rest < 0) {
    rest += kSecond;
    --seconds;
  }
  return {seconds, static_cast<uint32_t>(rest)};
}

void Engine::raise_readable_head(uint64_t head) {
  uint64_t now = readable_head.load();
  while (now < head && !readable_head.compare_exchange_weak(now, head)) {
  }
}

void Engine::tell_readers() {
  std::function<void(uint64_t)> hook;
  uint64_t head = 0;
  {
    const std::lock_guard guard(readers_mutex);
    head = readable_head.load();
    if (head == told_head_) return;
    told_head_ = head;
    hook = event_hook;
  }
  readers_wake.notify_all();
  if (hook) hook(head);
}

}  // namespace vexfs::core
