// SPDX-License-Identifier: MIT
#include "fuse/daemon/event_watchers.h"

#include <utility>

namespace vexfs::daemon {

uint64_t EventWatchers::open() {
  const std::lock_guard lock(mutex_);
  watchers_.try_emplace(next_);
  return next_++;
}

void EventWatchers::close(uint64_t watcher) {
  const std::lock_guard lock(mutex_);
  watchers_.erase(watcher);
}

void EventWatchers::has_read_to(uint64_t watcher, uint64_t position) {
  const std::lock_guard lock(mutex_);
  if (const auto at = watchers_.find(watcher); at != watchers_.end()) {
    at->second.position = position;
  }
}

uint64_t EventWatchers::wait(uint64_t watcher, PollHandle handle) {
  const std::lock_guard lock(mutex_);
  const auto at = watchers_.find(watcher);
  if (at == watchers_.end()) {
    return 0;
  }
  at->second.waiting = std::move(handle);
  return at->second.position;
}

void EventWatchers::wake(uint64_t head) {
  const std::lock_guard lock(mutex_);
  for (auto& [id, watcher] : watchers_) {
    if (watcher.waiting && watcher.position < head) {
      fuse_lowlevel_notify_poll(watcher.waiting.get());
      watcher.waiting.reset();
    }
  }
}

}  // namespace vexfs::daemon
