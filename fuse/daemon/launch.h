// SPDX-License-Identifier: MIT
// Going to the background without losing the error message of a mount that fails.
#pragma once

#include <expected>
#include <string>

#include "fuse/core/result.h"
#include "fuse/daemon/unique_fd.h"

namespace vexfs::daemon {

// The process that serves. With `foreground` it is the one that was started; else a child, while
// the parent waits for mounted() or for the child's end and exits with its code.
class Launch {
 public:
  // Forks unless `foreground`: call it before any thread is started. Returns in the process that
  // serves; the error is why there is none.
  static std::expected<Launch, core::Error> begin(bool foreground);

  // The mount stands: the parent exits 0, and the terminal is let go.
  void mounted();

 private:
  explicit Launch(UniqueFd parent) : parent_(std::move(parent)) {}

  UniqueFd parent_;  // a byte written here is the good news; none in the foreground
};

}  // namespace vexfs::daemon
