// SPDX-License-Identifier: MIT
// Regular files: making, opening, reading, writing, closing.
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>

#include <fcntl.h>
#include <poll.h>

#include "fuse/daemon/daemon.h"
#include "fuse/daemon/hidden_tree.h"
#include "fuse/daemon/operations.h"
#include "fuse/daemon/reply.h"

namespace vexfs::daemon {

namespace {

// Reads above this go to a worker: copying them would keep every other request waiting.
constexpr size_t kInlineRead = 256 << 10;

// The planted mistake: what comes next overtakes the close.
void release_late(Daemon& daemon, core::InodeNumber ino) {
  daemon.workers.run([&daemon, ino] {
    std::this_thread::sleep_for(std::chrono::seconds(5));
    daemon.volume.release(ino);
  });
}

// O_TRUNC comes with the open, not as a change of attributes of its own.
core::Expected<core::Attributes> cut_to_nothing(core::Volume& volume, core::InodeNumber ino,
                                                int flags) {
  core::AttributeChange change;
  change.size = 0;
  change.kill_setid = (flags & kClearSetIdFlag) != 0;
  return volume.setattr(ino, change);
}

void read_and_reply(fuse_req_t req, core::InodeNumber ino, uint64_t offset,
                    std::span<std::byte> into) {
  const auto got = daemon_of(req).volume.read(ino, offset, into);
  if (got) {
    reply_bytes(req, into.first(*got));
  } else {
    fuse_reply_err(req, got.error());
  }
}

}  // namespace

void on_create(fuse_req_t req, fuse_ino_t parent, const char* name, mode_t mode,
               fuse_file_info* file) {
  if (is_hidden(parent) || hidden_directory(req, parent, name) != 0) {
    fuse_reply_err(req, EPERM);
    return;
  }
  const auto directory = resolve(req, parent);
  if (!directory) {
    return;
  }
  Daemon& daemon = daemon_of(req);
  const fuse_ctx* caller = fuse_req_ctx(req);
  const auto made = daemon.volume.create(
      *directory, name, {.mode = mode, .uid = caller->uid, .gid = caller->gid, .rdev = 0});
  if (!made) {
    fuse_reply_err(req, made.error());
    return;
  }
  file->keep_cache = 1;
  const fuse_entry_param entry = entry_of(req, *made);
  if (fuse_reply_create(req, &entry, file) != 0) {
    // The caller was interrupted: the file exists, but nobody will close it.
    daemon.volume.release(made->ino);
    daemon.nodes.forget(entry.ino, 1);
  }
}

void on_open(fuse_req_t req, fuse_ino_t node, fuse_file_info* file) {
  // The kernel knows of a read-only mount, but not of a volume that has lost its log.
  if ((file->flags & O_ACCMODE) != O_RDONLY && daemon_of(req).volume.read_only()) {
    fuse_reply_err(req, EROFS);
    return;
  }
  if (is_hidden(node)) {
    hidden_open(req, node, file);
    return;
  }
  const auto ino = resolve(req, node);
  if (!ino) {
    return;
  }
  core::Volume& volume = daemon_of(req).volume;
  auto opened = volume.open_inode(*ino);
  if (opened && (file->flags & O_TRUNC) != 0) {
    opened = cut_to_nothing(volume, *ino, file->flags);
    if (!opened) {
      volume.release(*ino);
    }
  }
  if (!opened) {
    fuse_reply_err(req, opened.error());
    return;
  }
  file->keep_cache = 1;
  if (fuse_reply_open(req, file) != 0) {
    volume.release(*ino);
  }
}

void on_read(fuse_req_t req, fuse_ino_t node, size_t size, off_t offset, fuse_file_info* file) {
  if (is_hidden(node)) {
    hidden_read(req, node, size, offset, file);
    return;
  }
  const auto ino = resolve(req, node);
  if (!ino) {
    return;
  }
  Daemon& daemon = daemon_of(req);
  const size_t length = std::min(size, kMaxTransfer);
  const auto from = static_cast<uint64_t>(offset);
  if (length <= kInlineRead) {
    read_and_reply(req, *ino, from, {daemon.scratch.get(), length});
    return;
  }
  daemon.workers.run([req, ino = *ino, from, length] {
    const auto bytes = std::make_unique_for_overwrite<std::byte[]>(length);
    read_and_reply(req, ino, from, {bytes.get(), length});
  });
}

void on_write(fuse_req_t req, fuse_ino_t node, const char* bytes, size_t size, off_t offset,
              fuse_file_info* file) {
  if (is_hidden(node)) {
    hidden_write(req, node, {bytes, size}, file);
    return;
  }
  const auto ino = resolve(req, node);
  if (!ino) {
    return;
  }
  const std::span from(reinterpret_cast<const std::byte*>(bytes), size);
  const auto written = daemon_of(req).volume.write(*ino, static_cast<uint64_t>(offset), from,
                                                   (file->flags & kClearSetIdFlag) != 0);
  if (written) {
    fuse_reply_write(req, *written);
  } else {
    fuse_reply_err(req, written.error());
  }
}

// In arrival order and never on a worker: whether an unlinked file is still open when a transaction
// closes decides bytes of the log.
void on_release(fuse_req_t req, fuse_ino_t node, fuse_file_info* file) {
  if (is_hidden(node)) {
    hidden_release(req, node, file);
    return;
  }
  Daemon& daemon = daemon_of(req);
  const auto identity = daemon.nodes.find(node);
  if (identity && planted(daemon.fault, Fault::kReleaseLate)) {
    release_late(daemon, identity->ino);
  } else if (identity && !planted(daemon.fault, Fault::kReleaseLost)) {
    daemon.volume.release(identity->ino);
  }
  fuse_reply_err(req, 0);
}

void on_poll(fuse_req_t req, fuse_ino_t node, fuse_file_info* file, fuse_pollhandle* handle) {
  if (is_hidden(node)) {
    hidden_poll(req, node, file, handle);
    return;
  }
  if (handle != nullptr) {
    fuse_pollhandle_destroy(handle);
  }
  // What the VFS says of files without a poll of their own. ENOSYS would end poll for `events` too.
  fuse_reply_poll(req, POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM);
}

}  // namespace vexfs::daemon
