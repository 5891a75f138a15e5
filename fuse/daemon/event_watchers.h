// SPDX-License-Identifier: MIT
// Who has `/.vexfs/events` open, how far each has read, and who waits for more.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "fuse/daemon/fuse_api.h"

namespace vexfs::daemon {

struct PollHandleDeleter {
  void operator()(fuse_pollhandle* handle) const { fuse_pollhandle_destroy(handle); }
};
using PollHandle = std::unique_ptr<fuse_pollhandle, PollHandleDeleter>;

// Any thread may call any method. The kernel does not say where a file's position is when it polls,
// so a handle stands where its last read ended, and at 0 before the first.
class EventWatchers {
 public:
  uint64_t open();
  void close(uint64_t watcher);
  void has_read_to(uint64_t watcher, uint64_t position);

  // Remembers whom to wake (null: nobody), replacing the one before, and returns the position.
  uint64_t wait(uint64_t watcher, PollHandle handle);

  // Wakes those who wait below `head`, once.
  void wake(uint64_t head);

 private:
  struct Watcher {
    uint64_t position = 0;
    PollHandle waiting;
  };

  std::mutex mutex_;
  uint64_t next_ = 1;
  std::unordered_map<uint64_t, Watcher> watchers_;
};

}  // namespace vexfs::daemon
