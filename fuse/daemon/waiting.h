// SPDX-License-Identifier: MIT
// Changes that a running compaction may keep from being done.
#pragma once

#include <cerrno>
#include <utility>

#include "fuse/daemon/daemon.h"
#include "fuse/daemon/reply.h"

namespace vexfs::daemon {

// Answers with what `change` gives. If that has to wait for a compaction, it is done on a thread of
// its own: the caller's goes on.
template <typename Change>
void reply_when_done(fuse_req_t req, Change change) {
  Daemon& daemon = daemon_of(req);
  const auto done = change();
  if (done || done.error() != EAGAIN) {
    reply_done(req, done);
    return;
  }
  daemon.long_jobs.run([req, &daemon, change = std::move(change)] {
    reply_done(req, daemon.volume.patiently(change));
  });
}

}  // namespace vexfs::daemon
