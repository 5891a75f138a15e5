// SPDX-License-Identifier: MIT
// Sync points. What they seal is fixed when their request arrives; only the wait for the device
// leaves the reader.
#include "fuse/daemon/syncing.h"

#include <cerrno>
#include <utility>

#include "fuse/daemon/collection_tree.h"
#include "fuse/daemon/daemon.h"
#include "fuse/daemon/hidden_tree.h"
#include "fuse/daemon/operations.h"
#include "fuse/daemon/reply.h"

namespace vexfs::daemon {

void sync_then(Daemon& daemon, SyncReply reply) {
  const auto ticket = daemon.volume.start_sync();
  if (!ticket) {
    reply(std::unexpected(ticket.error()));
    return;
  }
  daemon.workers.run([&volume = daemon.volume, reply = std::move(reply),
                      ticket = *ticket]() mutable { reply(volume.finish_sync(ticket)); });
}

void on_fsync(fuse_req_t req, fuse_ino_t node, int /*data_only*/, fuse_file_info* file) {
  if (is_collection_node(node)) {
    collection_fsync(req, node, file);
    return;
  }
  if (is_hidden(node)) {
    // Nothing of the volume is behind these files.
    fuse_reply_err(req, EINVAL);
    return;
  }
  const auto ino = resolve(req, node);
  if (!ino) {
    return;
  }
  Daemon& daemon = daemon_of(req);
  if (const auto alive = daemon.volume.getattr(*ino); !alive) {
    fuse_reply_err(req, alive.error());
    return;
  }
  sync_then(daemon, [req](const core::Expected<void>& done) { reply_done(req, done); });
}

}  // namespace vexfs::daemon
