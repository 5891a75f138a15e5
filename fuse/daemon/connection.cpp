// SPDX-License-Identifier: MIT
// What the daemon and the kernel agree on when the connection begins.
#include "fuse/daemon/daemon.h"
#include "fuse/daemon/operations.h"

namespace vexfs::daemon {

namespace {

// Reasons in docs/tuning.md, "What is negotiated".
constexpr unsigned kWanted = FUSE_CAP_ATOMIC_O_TRUNC | FUSE_CAP_READDIRPLUS |
                             FUSE_CAP_READDIRPLUS_AUTO | FUSE_CAP_PARALLEL_DIROPS |
                             FUSE_CAP_CACHE_SYMLINKS | FUSE_CAP_EXPLICIT_INVAL_DATA |
                             FUSE_CAP_IOCTL_DIR;

}  // namespace

void on_init(void* userdata, fuse_conn_info* connection) {
  const auto& daemon = *static_cast<Daemon*>(userdata);
  connection->want = connection->capable & kWanted;
  // Asynchronous readahead holds files open after their close(2), and so delays RELEASE past later
  // requests: an unlinked file would be reclaimed in another transaction.
  if (!daemon.volume.options().manual_clock) {
    connection->want |= connection->capable & FUSE_CAP_ASYNC_READ;
  }
  connection->max_write = kMaxTransfer;
  // RELEASE is a background request: it must not wait behind a dozen others.
  connection->max_background = 65535;
  connection->congestion_threshold = 65535;
  connection->time_gran = 1;
}

}  // namespace vexfs::daemon
