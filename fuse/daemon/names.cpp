// SPDX-License-Identifier: MIT
// Names: finding, making, removing and moving them.
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <string_view>

#include "fuse/daemon/daemon.h"
#include "fuse/daemon/hidden_tree.h"
#include "fuse/daemon/operations.h"
#include "fuse/daemon/reply.h"
#include "fuse/daemon/waiting.h"
#include "reference/contract/inode.h"

namespace vexfs::daemon {

namespace {

core::NewNode new_node(fuse_req_t req, mode_t mode, dev_t rdev = 0) {
  const fuse_ctx* caller = fuse_req_ctx(req);
  return {
      .mode = mode, .uid = caller->uid, .gid = caller->gid, .rdev = static_cast<uint32_t>(rdev)};
}

void reply_new(fuse_req_t req, const core::Expected<core::Attributes>& made) {
  if (made) {
    reply_entry(req, *made);
  } else {
    fuse_reply_err(req, made.error());
  }
}

// The directory in which a name is made or removed. Nothing after the error was answered: `.vexfs`
// itself and what it holds can neither be made nor removed.
std::optional<core::InodeNumber> changeable(fuse_req_t req, fuse_ino_t parent,
                                            std::string_view name) {
  if (is_hidden(parent) || hidden_directory(req, parent, name) != 0) {
    fuse_reply_err(req, EPERM);
    return std::nullopt;
  }
  return resolve(req, parent);
}

}  // namespace

void on_lookup(fuse_req_t req, fuse_ino_t parent, const char* name) {
  if (is_hidden(parent)) {
    hidden_lookup(req, parent, name);
    return;
  }
  if (const fuse_ino_t hidden = hidden_directory(req, parent, name); hidden != 0) {
    hidden_directory_lookup(req, hidden);
    return;
  }
  const auto directory = resolve(req, parent);
  if (!directory) {
    return;
  }
  const auto found = daemon_of(req).volume.lookup(*directory, name);
  if (found) {
    reply_entry(req, *found);
  } else if (found.error() == ENOENT && name != kHiddenName) {
    reply_negative_entry(req);
  } else {
    // `.vexfs` may come to exist without a request that names it: its absence is never cached.
    fuse_reply_err(req, found.error());
  }
}

void on_mknod(fuse_req_t req, fuse_ino_t parent, const char* name, mode_t mode, dev_t rdev) {
  if (const auto directory = changeable(req, parent, name)) {
    reply_new(req, daemon_of(req).volume.mknod(*directory, name, new_node(req, mode, rdev)));
  }
}

void on_mkdir(fuse_req_t req, fuse_ino_t parent, const char* name, mode_t mode) {
  if (const auto directory = changeable(req, parent, name)) {
    const mode_t type_and_mode = (mode & ~static_cast<mode_t>(S_IFMT)) | S_IFDIR;
    reply_new(req, daemon_of(req).volume.mkdir(*directory, name, new_node(req, type_and_mode)));
  }
}

void on_symlink(fuse_req_t req, const char* target, fuse_ino_t parent, const char* name) {
  if (const auto directory = changeable(req, parent, name)) {
    reply_new(req, daemon_of(req).volume.symlink(*directory, name, target,
                                                 new_node(req, S_IFLNK | 0777)));
  }
}

void on_link(fuse_req_t req, fuse_ino_t node, fuse_ino_t parent, const char* name) {
  if (is_hidden(node)) {
    fuse_reply_err(req, EPERM);
    return;
  }
  const auto directory = changeable(req, parent, name);
  if (!directory) {
    return;
  }
  if (const auto ino = resolve(req, node)) {
    reply_new(req, daemon_of(req).volume.link(*ino, *directory, name));
  }
}

void on_unlink(fuse_req_t req, fuse_ino_t parent, const char* name) {
  if (const auto directory = changeable(req, parent, name)) {
    reply_when_done(req, [&volume = daemon_of(req).volume, directory = *directory,
                          name = std::string(name)] { return volume.unlink(directory, name); });
  }
}

void on_rmdir(fuse_req_t req, fuse_ino_t parent, const char* name) {
  if (const auto directory = changeable(req, parent, name)) {
    reply_done(req, daemon_of(req).volume.rmdir(*directory, name));
  }
}

void on_rename(fuse_req_t req, fuse_ino_t parent, const char* name, fuse_ino_t new_parent,
               const char* new_name, unsigned flags) {
  if ((flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE)) != 0) {
    fuse_reply_err(req, EINVAL);
    return;
  }
  const auto from = changeable(req, parent, name);
  if (!from) {
    return;
  }
  if (const auto to = changeable(req, new_parent, new_name)) {
    reply_when_done(req, [&volume = daemon_of(req).volume, from = *from, name = std::string(name),
                          to = *to, new_name = std::string(new_name),
                          flags] { return volume.rename(from, name, to, new_name, flags); });
  }
}

}  // namespace vexfs::daemon
