// SPDX-License-Identifier: MIT
// System calls that make and remove names: filename_create(), do_unlinkat(), do_rmdir() of
// fs/namei.c.
#include <sys/stat.h>

#include <cerrno>

#include "reference/posix/dot_tree.h"
#include "reference/posix/process.h"

namespace vexfs::posix {
namespace {

constexpr std::size_t kPathMax = 4096;

}  // namespace

Result<Parent> Process::new_name(const Credentials& who, std::string_view path, bool directory) {
  PathWalk walk(volume_, who);
  auto parent = walk.parent(path);
  if (!parent) return parent;
  if (parent->kind != LastKind::kName) return std::unexpected(EEXIST);
  const auto existing = walk.child(parent->dir, parent->name);
  if (existing) return std::unexpected(EEXIST);
  if (existing.error() != ENOENT) return std::unexpected(existing.error());
  if (parent->trailing_slash && !directory) return std::unexpected(ENOENT);
  if (volume_.read_only()) return std::unexpected(EROFS);
  return parent;
}

Result<void> Process::may_create(const Credentials& who, const Attr& dir) {
  if (check_access(who, dir, kMayWrite | kMayExec) != 0) return std::unexpected(EACCES);
  if (is_dot_node(dir.ino)) return std::unexpected(EPERM);
  return {};
}

Result<void> Process::may_delete(const Credentials& who, const Attr& dir, const Attr& victim,
                                 bool directory) {
  if (check_access(who, dir, kMayWrite | kMayExec) != 0) return std::unexpected(EACCES);
  if (check_sticky(who, dir, victim) != 0) return std::unexpected(EPERM);
  if (directory && !S_ISDIR(victim.mode)) return std::unexpected(ENOTDIR);
  if (!directory && S_ISDIR(victim.mode)) return std::unexpected(EISDIR);
  return {};
}

Result<void> Process::mkdir(const Credentials& who, std::string_view path, std::uint32_t mode) {
  const auto parent = new_name(who, path, true);
  if (!parent) return std::unexpected(parent.error());
  if (const auto may = may_create(who, parent->dir); !may) return may;
  const NewNode node = new_node(who, parent->dir, S_IFDIR | (mode & 01777));
  const auto made = volume_.mkdir(parent->dir.ino, parent->name, node);
  if (!made) return std::unexpected(made.error());
  return {};
}

Result<void> Process::mknod(const Credentials& who, std::string_view path, std::uint32_t mode,
                            std::uint32_t rdev) {
  if (S_ISDIR(mode)) return std::unexpected(EPERM);
  if (S_ISLNK(mode)) return std::unexpected(EINVAL);
  const auto parent = new_name(who, path, false);
  if (!parent) return std::unexpected(parent.error());
  if (check_access(who, parent->dir, kMayWrite | kMayExec) != 0) return std::unexpected(EACCES);
  const bool device = S_ISCHR(mode) || S_ISBLK(mode);
  if (device && !who.capable()) return std::unexpected(EPERM);
  if (const auto may = may_create(who, parent->dir); !may) return may;
  NewNode node = new_node(who, parent->dir, mode & (S_IFMT | 07777));
  node.rdev = device ? rdev : 0;
  const auto made = volume_.mknod(parent->dir.ino, parent->name, node);
  if (!made) return std::unexpected(made.error());
  return {};
}

Result<void> Process::symlink(const Credentials& who, std::string_view target,
                              std::string_view path) {
  if (target.empty()) return std::unexpected(ENOENT);
  if (target.size() >= kPathMax) return std::unexpected(ENAMETOOLONG);
  const auto parent = new_name(who, path, false);
  if (!parent) return std::unexpected(parent.error());
  if (const auto may = may_create(who, parent->dir); !may) return may;
  const NewNode node = new_node(who, parent->dir, S_IFLNK | 0777);
  const auto made = volume_.symlink(parent->dir.ino, parent->name, target, node);
  if (!made) return std::unexpected(made.error());
  return {};
}

Result<void> Process::link(const Credentials& who, std::string_view from, std::string_view to) {
  const auto inode = PathWalk(volume_, who).inode(from, false);
  if (!inode) return std::unexpected(inode.error());
  const auto parent = new_name(who, to, false);
  if (!parent) return std::unexpected(parent.error());
  if (check_access(who, parent->dir, kMayWrite | kMayExec) != 0) return std::unexpected(EACCES);
  if (S_ISDIR(inode->mode)) return std::unexpected(EPERM);
  if (is_dot_node(parent->dir.ino) || is_dot_node(inode->ino)) return std::unexpected(EPERM);
  const auto linked = volume_.link(inode->ino, parent->dir.ino, parent->name);
  if (!linked) return std::unexpected(linked.error());
  return {};
}

Result<void> Process::unlink(const Credentials& who, std::string_view path) {
  PathWalk walk(volume_, who);
  const auto parent = walk.parent(path);
  if (!parent) return std::unexpected(parent.error());
  if (parent->kind != LastKind::kName) return std::unexpected(EISDIR);
  if (volume_.read_only()) return std::unexpected(EROFS);
  const auto victim = walk.child(parent->dir, parent->name);
  if (!victim) return std::unexpected(victim.error());
  if (parent->trailing_slash) return std::unexpected(S_ISDIR(victim->mode) ? EISDIR : ENOTDIR);
  if (const auto may = may_delete(who, parent->dir, *victim, false); !may) return may;
  if (is_dot_node(victim->ino)) return std::unexpected(EPERM);
  return volume_.unlink(parent->dir.ino, parent->name);
}

Result<void> Process::rmdir(const Credentials& who, std::string_view path) {
  PathWalk walk(volume_, who);
  const auto parent = walk.parent(path);
  if (!parent) return std::unexpected(parent.error());
  switch (parent->kind) {
    case LastKind::kDotDot:
      return std::unexpected(ENOTEMPTY);
    case LastKind::kDot:
      return std::unexpected(EINVAL);
    case LastKind::kRoot:
      return std::unexpected(EBUSY);
    case LastKind::kName:
      break;
  }
  if (volume_.read_only()) return std::unexpected(EROFS);
  const auto victim = walk.child(parent->dir, parent->name);
  if (!victim) return std::unexpected(victim.error());
  if (const auto may = may_delete(who, parent->dir, *victim, true); !may) return may;
  if (is_dot_node(victim->ino)) return std::unexpected(EPERM);
  const auto removed = volume_.rmdir(parent->dir.ino, parent->name);
  if (removed) note_removed(*victim, parent->dir.ino);
  return removed;
}

Result<std::string> Process::readlink(const Credentials& who, std::string_view path) {
  const auto inode = PathWalk(volume_, who).inode(path, false);
  if (!inode) return std::unexpected(inode.error());
  if (!S_ISLNK(inode->mode)) return std::unexpected(EINVAL);
  return volume_.readlink(inode->ino);
}

}  // namespace vexfs::posix
