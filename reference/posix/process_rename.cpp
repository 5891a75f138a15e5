// SPDX-License-Identifier: MIT
// renameat2(2): do_renameat2() and vfs_rename() of fs/namei.c.
#include <linux/fs.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include <fcntl.h>

#include "reference/posix/dot_tree.h"
#include "reference/posix/process.h"

namespace vexfs::posix {
namespace {

// One side of a rename after lookup.
struct Side {
  Parent parent;
  std::optional<Attr> inode;  // none: the name is free
  bool is_dir() const { return inode && S_ISDIR(inode->mode); }
};

Result<Side> look_up(PathWalk& walk, const Parent& parent) {
  const auto inode = walk.child(parent.dir, parent.name);
  if (inode) return Side{parent, *inode};
  if (inode.error() != ENOENT) return std::unexpected(inode.error());
  return Side{parent, std::nullopt};
}

// Whether `inode` is a directory on the way from the root to `place`.
bool is_ancestor(const Side& inode, const Parent& place) {
  const auto& way = place.ancestors;
  return inode.inode && std::find(way.begin(), way.end(), inode.inode->ino) != way.end();
}

// What do_renameat2() checks between lookup and vfs_rename(); 0 or an errno.
int check_names(const Side& from, const Side& to, unsigned flags) {
  const bool exchange = (flags & RENAME_EXCHANGE) != 0;
  if (!from.inode) return ENOENT;
  if ((flags & RENAME_NOREPLACE) != 0 && to.inode) return EEXIST;
  if (exchange) {
    if (!to.inode) return ENOENT;
    if (!to.is_dir() && to.parent.trailing_slash) return ENOTDIR;
  }
  if (!from.is_dir()) {
    if (from.parent.trailing_slash) return ENOTDIR;
    if (!exchange && to.parent.trailing_slash) return ENOTDIR;
  }
  if (is_ancestor(from, to.parent)) return EINVAL;
  if (is_ancestor(to, from.parent)) return exchange ? EINVAL : ENOTEMPTY;
  return 0;
}

}  // namespace

Result<void> Process::rename(const Credentials& who, std::string_view from, std::string_view to,
                             unsigned flags) {
  const bool exchange = (flags & RENAME_EXCHANGE) != 0;
  if ((flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE)) != 0) return std::unexpected(EINVAL);
  if (exchange && (flags & RENAME_NOREPLACE) != 0) return std::unexpected(EINVAL);
  PathWalk old_walk(volume_, who);
  PathWalk new_walk(volume_, who);
  const auto old_parent = old_walk.parent(from);
  if (!old_parent) return std::unexpected(old_parent.error());
  const auto new_parent = new_walk.parent(to);
  if (!new_parent) return std::unexpected(new_parent.error());
  if (old_parent->kind != LastKind::kName) return std::unexpected(EBUSY);
  if (new_parent->kind != LastKind::kName) {
    return std::unexpected((flags & RENAME_NOREPLACE) != 0 ? EEXIST : EBUSY);
  }
  if (volume_.read_only()) return std::unexpected(EROFS);
  const auto source = look_up(old_walk, *old_parent);
  if (!source) return std::unexpected(source.error());
  if (!source->inode) return std::unexpected(ENOENT);
  const auto target = look_up(new_walk, *new_parent);
  if (!target) return std::unexpected(target.error());
  if (const int error = check_names(*source, *target, flags); error != 0) {
    return std::unexpected(error);
  }
  if (target->inode && source->inode->ino == target->inode->ino) return {};

  const Attr& old_dir = old_parent->dir;
  const Attr& new_dir = new_parent->dir;
  auto may = may_delete(who, old_dir, *source->inode, source->is_dir());
  if (!may) return may;
  if (!target->inode) {
    if (check_access(who, new_dir, kMayWrite | kMayExec) != 0) return std::unexpected(EACCES);
  } else {
    may = may_delete(who, new_dir, *target->inode, exchange ? target->is_dir() : source->is_dir());
    if (!may) return may;
  }
  if (old_dir.ino != new_dir.ino) {
    // A directory that moves has its ".." changed.
    if (source->is_dir() && check_access(who, *source->inode, kMayWrite) != 0) {
      return std::unexpected(EACCES);
    }
    if (exchange && target->is_dir() && check_access(who, *target->inode, kMayWrite) != 0) {
      return std::unexpected(EACCES);
    }
  }
  if (is_dot_node(old_dir.ino) || is_dot_node(new_dir.ino) || is_dot_node(source->inode->ino) ||
      (target->inode && is_dot_node(target->inode->ino))) {
    return std::unexpected(EPERM);
  }
  const auto renamed =
      volume_.rename(old_dir.ino, old_parent->name, new_dir.ino, new_parent->name, flags);
  if (renamed && target->is_dir() && !exchange) note_removed(*target->inode, new_dir.ino);
  return renamed;
}

}  // namespace vexfs::posix
