// SPDX-License-Identifier: MIT
// The agent's own messages: they go to the kernel's log, since the agent's standard streams are
// nobody's and the port carries frames only.
#pragma once

#include <string>

#include <fcntl.h>
#include <unistd.h>

#include "harness/device/unique_fd.h"

namespace vexfs::parity::guest {

// Level 4 (warning): also shown on the serial console.
inline void log_warning(const std::string& text) {
  const UniqueFd log(::open("/dev/kmsg", O_WRONLY | O_CLOEXEC));
  const std::string line = "<4>parity-guest: " + text + "\n";
  // A lost line of the log is no reason to do anything else.
  [[maybe_unused]] const ssize_t put = ::write(log.get(), line.data(), line.size());
}

}  // namespace vexfs::parity::guest
