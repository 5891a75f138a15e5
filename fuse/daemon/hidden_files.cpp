// SPDX-License-Identifier: MIT
// What the files of `/.vexfs` do.
#include <algorithm>
#include <cerrno>
#include <string_view>

#include <fmt/format.h>
#include <poll.h>

#include "fuse/daemon/collection_tree.h"
#include "fuse/daemon/daemon.h"
#include "fuse/daemon/hidden_tree.h"
#include "fuse/daemon/reply.h"
#include "fuse/daemon/syncing.h"

namespace vexfs::daemon {

namespace {

std::string stats_text(Daemon& daemon) {
  return daemon.volume.stats() + fmt::format("nodes {}\n", daemon.nodes.size()) +
         daemon.requests.text();
}

void read_stats(fuse_req_t req, size_t size, off_t offset, uint64_t handle) {
  Daemon& daemon = daemon_of(req);
  if (offset == 0) {
    daemon.stats.set(handle, stats_text(daemon));
  }
  std::string_view text = daemon.stats.text(handle);
  text.remove_prefix(std::min(static_cast<size_t>(offset), text.size()));
  fuse_reply_buf(req, text.data(), std::min(size, text.size()));
}

void read_events(fuse_req_t req, size_t size, off_t offset, uint64_t handle) {
  Daemon& daemon = daemon_of(req);
  const std::span into(daemon.scratch.get(), std::min(size, kMaxTransfer));
  const auto position = static_cast<uint64_t>(offset);
  const auto got = daemon.volume.read_events(position, into);
  if (!got) {
    fuse_reply_err(req, got.error());
    return;
  }
  daemon.watchers.has_read_to(handle, position + *got);
  reply_bytes(req, into.first(*got));
}

bool is_sync(std::string_view lines) { return lines == "sync" || lines == "sync\n"; }

}  // namespace

void hidden_open(fuse_req_t req, fuse_ino_t node, fuse_file_info* file) {
  if (is_collection_node(node)) {
    collection_open(req, node, file);
    return;
  }
  Daemon& daemon = daemon_of(req);
  file->direct_io = 1;  // sizes are 0: the kernel must not judge by them
  if (node == kEvents) {
    file->fh = daemon.watchers.open();
  } else if (node == kStats) {
    file->fh = daemon.stats.open();
  }
  fuse_reply_open(req, file);
}

void hidden_read(fuse_req_t req, fuse_ino_t node, size_t size, off_t offset, fuse_file_info* file) {
  if (is_collection_node(node)) {
    collection_read(req, node, size, offset, file);
  } else if (node == kEvents) {
    read_events(req, size, offset, file->fh);
  } else if (node == kStats) {
    read_stats(req, size, offset, file->fh);
  } else {
    reply_bytes(req, {});
  }
}

void hidden_write(fuse_req_t req, fuse_ino_t node, std::span<const char> bytes,
                  fuse_file_info* file) {
  if (is_collection_node(node)) {
    collection_write(req, node, bytes, file);
    return;
  }
  if (node != kControl) {
    fuse_reply_err(req, EINVAL);
    return;
  }
  Daemon& daemon = daemon_of(req);
  const std::string_view lines(bytes.data(), bytes.size());
  const auto reply = [req, size = bytes.size()](const core::Expected<void>& done) {
    if (done) {
      fuse_reply_write(req, size);
    } else {
      fuse_reply_err(req, done.error());
    }
  };
  if (is_sync(lines)) {
    sync_then(daemon, reply);
  } else {
    reply(daemon.volume.control(lines));
  }
}

void hidden_release(fuse_req_t req, fuse_ino_t node, fuse_file_info* file) {
  if (is_collection_node(node)) {
    collection_release(req, node, file);
    return;
  }
  Daemon& daemon = daemon_of(req);
  if (node == kEvents) {
    daemon.watchers.close(file->fh);
  } else if (node == kStats) {
    daemon.stats.close(file->fh);
  }
  fuse_reply_err(req, 0);
}

void hidden_poll(fuse_req_t req, fuse_ino_t node, fuse_file_info* file, fuse_pollhandle* handle) {
  PollHandle waiting(handle);
  if (node != kEvents) {
    fuse_reply_poll(req, POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM);
    return;
  }
  Daemon& daemon = daemon_of(req);
  // The head is looked at after the handle is in its place: a rise in between wakes it.
  const uint64_t position = daemon.watchers.wait(file->fh, std::move(waiting));
  const bool readable = position < daemon.volume.readable_head();
  fuse_reply_poll(req, readable ? POLLIN | POLLRDNORM : 0);
}

}  // namespace vexfs::daemon
