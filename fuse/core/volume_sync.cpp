// SPDX-License-Identifier: MIT
// Sync points, the control commands, readable events.
#include <cerrno>
#include <charconv>

#include "fuse/core/engine.h"
#include "fuse/core/volume.h"

namespace vexfs::core {
namespace {

/** Longest write to the control file, bytes. */
constexpr size_t kControlBytes = 4096;
constexpr std::string_view kClockCommand = "clock ";

/** The decimal number that `text` is, whole. */
Expected<int64_t> parse_number(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return fail(EINVAL);
  return value;
}

}  // namespace

Expected<SyncTicket> Volume::start_sync() {
  Engine& engine = *engine_;
  const Mutation lock(engine);
  if (engine.options.read_only || engine.unmounted) return SyncTicket{};
  if (engine.log.broken()) return fail(EIO);
  return engine.sync_point();
}

Expected<void> Volume::finish_sync(const SyncTicket& ticket) {
  return engine_->finish_sync(ticket);
}

Expected<void> Volume::sync() {
  const auto ticket = start_sync();
  if (!ticket) return fail(ticket.error());
  return finish_sync(*ticket);
}

Expected<void> Volume::fsync(InodeNumber ino) {
  if (auto exists = getattr(ino); !exists) return fail(exists.error());
  return sync();
}

Expected<void> Volume::checkpoint() {
  Engine& engine = *engine_;
  SyncTicket ticket;
  {
    const Mutation lock(engine);
    if (engine.options.read_only || engine.unmounted) return {};
    if (engine.log.broken()) return fail(EIO);
    ticket = engine.sync_point();
    if (auto done = engine.checkpoint(false); !done) return done;
  }
  return finish_sync(ticket);
}

Expected<void> Volume::set_clock(int64_t nanoseconds) {
  const Mutation lock(*engine_);
  if (!engine_->options.manual_clock) return fail(EPERM);
  engine_->manual_time = nanoseconds;
  return {};
}

Expected<void> Volume::control(std::string_view lines) {
  if (lines.size() > kControlBytes) return fail(EINVAL);
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(lines.size(), line.size() + 1));
    Expected<void> done = fail(EINVAL);
    if (line == "sync") {
      done = sync();
    } else if (line == "checkpoint") {
      done = checkpoint();
    } else if (line.starts_with(kClockCommand)) {
      const auto time = parse_number(line.substr(kClockCommand.size()));
      done = time ? set_clock(*time) : fail(time.error());
    }
    if (!done) return done;
  }
  return {};
}

Expected<size_t> Volume::read_events(uint64_t position, std::span<std::byte> into) {
  Engine& engine = *engine_;
  const std::shared_lock lock(engine.lock);
  if (position < engine.events.oldest(engine.state().ring_head)) return fail(ESTALE);
  return engine.events.read(position, readable_head(), into);
}

uint64_t Volume::readable_head() const {
  if (engine_->faults.planted(Fault::kEventsEarly)) return engine_->state().ring_head;
  return engine_->readable_head;
}

uint64_t Volume::wait_events(uint64_t position, std::chrono::milliseconds timeout) {
  Engine& engine = *engine_;
  std::unique_lock lock(engine.readers_mutex);
  engine.readers_wake.wait_for(lock, timeout, [&] { return engine.readable_head > position; });
  return engine.readable_head;
}

void Volume::set_event_hook(std::function<void(uint64_t)> hook) {
  const std::lock_guard lock(engine_->readers_mutex);
  engine_->event_hook = std::move(hook);
}

}  // namespace vexfs::core
