// SPDX-License-Identifier: MIT
// Inodes: their attributes, and how long the kernel refers to them.
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <cerrno>

#include "fuse/daemon/daemon.h"
#include "fuse/daemon/hidden_tree.h"
#include "fuse/daemon/operations.h"
#include "fuse/daemon/reply.h"
#include "reference/contract/base.h"
#include "reference/contract/limits.h"

namespace vexfs::daemon {

namespace {

void forget(Daemon& daemon, fuse_ino_t node, uint64_t count) {
  if (const auto gone = daemon.nodes.forget(node, count)) {
    daemon.volume.forget(gone->ino);
  }
}

core::TimeChange time_change(const timespec& time, bool now) {
  return {.now = now,
          .time = {.seconds = time.tv_sec, .nanoseconds = static_cast<uint32_t>(time.tv_nsec)}};
}

core::AttributeChange change_of(const struct stat& values, int to_set) {
  core::AttributeChange change;
  if ((to_set & FUSE_SET_ATTR_MODE) != 0) {
    change.mode = values.st_mode & 07777;
  }
  if ((to_set & FUSE_SET_ATTR_UID) != 0) {
    change.uid = values.st_uid;
  }
  if ((to_set & FUSE_SET_ATTR_GID) != 0) {
    change.gid = values.st_gid;
  }
  if ((to_set & FUSE_SET_ATTR_SIZE) != 0) {
    change.size = static_cast<uint64_t>(values.st_size);
  }
  if ((to_set & (FUSE_SET_ATTR_ATIME | FUSE_SET_ATTR_ATIME_NOW)) != 0) {
    change.atime = time_change(values.st_atim, (to_set & FUSE_SET_ATTR_ATIME_NOW) != 0);
  }
  if ((to_set & (FUSE_SET_ATTR_MTIME | FUSE_SET_ATTR_MTIME_NOW)) != 0) {
    change.mtime = time_change(values.st_mtim, (to_set & FUSE_SET_ATTR_MTIME_NOW) != 0);
  }
  // A change of owner clears set-id bits whoever asks for it; a change of size when the kernel says
  // so, which is when the caller lacks CAP_FSETID. Its bit for that has the name of an older one.
  change.kill_setid = change.uid || change.gid || (to_set & FUSE_SET_ATTR_KILL_SUID) != 0;
  return change;
}

bool changes_nothing(const core::AttributeChange& change) {
  return !change.mode && !change.uid && !change.gid && !change.size && !change.atime &&
         !change.mtime;
}

}  // namespace

std::optional<core::InodeNumber> resolve(fuse_req_t req, fuse_ino_t node) {
  if (node == FUSE_ROOT_ID) {
    return node;
  }
  const auto identity = daemon_of(req).nodes.find(node);
  if (!identity) {
    fuse_reply_err(req, ESTALE);
    return std::nullopt;
  }
  return identity->ino;
}

void on_forget(fuse_req_t req, fuse_ino_t node, uint64_t count) {
  forget(daemon_of(req), node, count);
  fuse_reply_none(req);
}

void on_forget_multi(fuse_req_t req, size_t count, fuse_forget_data* forgets) {
  for (size_t i = 0; i < count; ++i) {
    forget(daemon_of(req), forgets[i].ino, forgets[i].nlookup);
  }
  fuse_reply_none(req);
}

void on_getattr(fuse_req_t req, fuse_ino_t node, fuse_file_info* /*file*/) {
  if (is_hidden(node)) {
    hidden_getattr(req, node);
    return;
  }
  const auto ino = resolve(req, node);
  if (!ino) {
    return;
  }
  const auto attributes = daemon_of(req).volume.getattr(*ino);
  if (attributes) {
    reply_attributes(req, *attributes);
  } else {
    fuse_reply_err(req, attributes.error());
  }
}

void on_setattr(fuse_req_t req, fuse_ino_t node, struct stat* values, int to_set,
                fuse_file_info* /*file*/) {
  if (is_hidden(node)) {
    hidden_setattr(req, node, *values, to_set);
    return;
  }
  const auto ino = resolve(req, node);
  if (!ino) {
    return;
  }
  const core::AttributeChange change = change_of(*values, to_set);
  const bool nothing = changes_nothing(change);
  Daemon& daemon = daemon_of(req);
  const auto before = planted(daemon.fault, Fault::kOldAttributesReplied)
                          ? daemon.volume.getattr(*ino)
                          : core::Expected<core::Attributes>(std::unexpected(ENODATA));
  auto attributes = nothing ? daemon.volume.getattr(*ino) : daemon.volume.setattr(*ino, change);
  if (attributes && before) {
    attributes = before;
  }
  if (!attributes) {
    fuse_reply_err(req, attributes.error());
    return;
  }
  if (nothing) {
    // The kernel asks for nothing right before a write that clears set-id bits: what it knows of
    // the mode is about to be wrong, and it would not ask again by itself.
    const struct stat result = stat_of(*attributes);
    fuse_reply_attr(req, &result, 0);
    return;
  }
  reply_attributes(req, *attributes);
}

void on_readlink(fuse_req_t req, fuse_ino_t node) {
  const auto ino = resolve(req, node);
  if (!ino) {
    return;
  }
  const auto target = daemon_of(req).volume.readlink(*ino);
  if (target) {
    fuse_reply_readlink(req, target->c_str());
  } else {
    fuse_reply_err(req, target.error());
  }
}

void on_statfs(fuse_req_t req, fuse_ino_t /*node*/) {
  const core::VolumeSpace space = daemon_of(req).volume.statfs();
  struct statvfs result{};
  result.f_bsize = VEXFS_BLOCK_SIZE;
  result.f_frsize = VEXFS_BLOCK_SIZE;
  result.f_blocks = space.blocks;
  result.f_bfree = space.free_blocks;
  result.f_bavail = space.free_blocks;
  result.f_files = space.inodes;
  result.f_ffree = space.free_inodes;
  result.f_favail = space.free_inodes;
  result.f_namemax = VEXFS_NAME_MAX;
  fuse_reply_statfs(req, &result);
}

void on_ioctl(fuse_req_t req, fuse_ino_t /*node*/, unsigned /*command*/, void* /*argument*/,
              fuse_file_info* /*file*/, unsigned /*flags*/, const void* /*in*/, size_t /*in_size*/,
              size_t /*out_size*/) {
  fuse_reply_err(req, ENOTTY);
}

}  // namespace vexfs::daemon
