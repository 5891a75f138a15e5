// SPDX-License-Identifier: MIT
// SIGTERM, SIGINT and SIGHUP unmount cleanly.
#pragma once

#include <functional>
#include <thread>

#include "fuse/daemon/unique_fd.h"

namespace vexfs::daemon {

// Blocks the signals that end the daemon, in this thread and those that it will start. Call it
// before any thread exists.
void block_termination_signals();

// Calls `unmount` on a thread of its own when the first of the signals arrives; later ones are
// ignored. Gone with the object.
class TerminationWatch {
 public:
  explicit TerminationWatch(std::function<void()> unmount);
  ~TerminationWatch();
  TerminationWatch(const TerminationWatch&) = delete;
  TerminationWatch& operator=(const TerminationWatch&) = delete;

 private:
  UniqueFd over_;  // an eventfd: readable when the object goes
  std::jthread thread_;
};

}  // namespace vexfs::daemon
