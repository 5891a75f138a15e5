// SPDX-License-Identifier: MIT
// The place in the file tree: /dev/fuse opened and mounted on a directory.
#pragma once

#include <expected>
#include <string>

#include "fuse/core/result.h"
#include "fuse/daemon/options.h"
#include "fuse/daemon/unique_fd.h"

namespace vexfs::daemon {

// Mounted from attach() until it goes, or until somebody unmounts it. libfuse could do it, but
// the helper that it uses for that knows neither suid nor dev, and a connection of one's own is
// what fuse_session_custom_io() needs.
class Mountpoint {
 public:
  // Mounts on options.directory. The error names the directory, the reason and the mend.
  static std::expected<Mountpoint, core::Error> attach(const Options& options);

  Mountpoint(Mountpoint&& other) noexcept;
  Mountpoint& operator=(Mountpoint&&) = delete;
  ~Mountpoint();

  // The connection. Whoever takes it closes it.
  UniqueFd take_connection() { return std::move(connection_); }

  // Unmounts; if a process still uses the mount, only takes it out of the tree (MNT_DETACH). Says
  // whether the mount is gone altogether.
  bool detach();

  // The connection has ended. Mostly because somebody has unmounted, and then nothing is left to
  // do; if it was aborted instead, takes what is left out of the tree.
  void settle();

 private:
  Mountpoint(std::string directory, UniqueFd connection)
      : directory_(std::move(directory)), connection_(std::move(connection)) {}

  std::string directory_;  // empty: not mounted
  UniqueFd connection_;
};

}  // namespace vexfs::daemon
