// SPDX-License-Identifier: MIT
// open(2) and close(2): open_last_lookups(), lookup_open(), do_open() and may_open() of fs/namei.c.
#include <sys/stat.h>

#include <cerrno>

#include "reference/posix/dot_tree.h"
#include "reference/posix/process.h"

namespace vexfs::posix {
namespace {

unsigned wanted_access(const OpenFlags& flags) {
  unsigned want = 0;
  if (flags.read) want |= kMayRead;
  if (flags.write || flags.truncate) want |= kMayWrite;
  return want;
}

// What an open of this type of file answers before the filesystem has a say; 0: it may be opened.
int check_type(const Attr& inode, unsigned want) {
  switch (inode.mode & S_IFMT) {
    case S_IFLNK:
      return ELOOP;
    case S_IFDIR:
      return (want & kMayWrite) != 0 ? EISDIR : 0;
    default:
      return 0;
  }
}

}  // namespace

Process::OpenFile* Process::find(const std::string& handle) {
  const auto found = files_.find(handle);
  return found == files_.end() ? nullptr : &found->second;
}

Result<void> Process::open_existing(const Credentials& who, const std::string& handle,
                                    const Attr& inode, const OpenFlags& flags, bool created) {
  if (flags.create && !created) {
    if (flags.exclusive) return std::unexpected(EEXIST);
    if (S_ISDIR(inode.mode)) return std::unexpected(EISDIR);
  }
  if (flags.directory && !S_ISDIR(inode.mode)) return std::unexpected(ENOTDIR);
  const bool truncate = flags.truncate && !created && S_ISREG(inode.mode);
  if (truncate && volume_.read_only()) return std::unexpected(EROFS);
  const unsigned want = created ? 0 : wanted_access(flags);
  if (const int error = check_type(inode, want); error != 0) return std::unexpected(error);
  const bool on_volume = S_ISREG(inode.mode) || S_ISDIR(inode.mode);
  if ((want & kMayWrite) != 0 && volume_.read_only() && on_volume) return std::unexpected(EROFS);
  if (check_access(who, inode, want) != 0) return std::unexpected(EACCES);
  if (S_ISFIFO(inode.mode)) return std::unexpected(EOPNOTSUPP);
  if (!on_volume) return std::unexpected(ENXIO);

  const bool counted = S_ISREG(inode.mode) && !is_dot_node(inode.ino);
  if (counted) {
    if (const auto opened = volume_.open(inode.ino); !opened) return opened;
  }
  if (truncate) {
    if (const auto cut = set_size(who, inode, 0); !cut) {
      if (counted) volume_.release(inode.ino);
      return cut;
    }
  }
  OpenFile file;
  file.ino = inode.ino;
  file.type = inode.mode & S_IFMT;
  file.readable = flags.read;
  file.writable = flags.write;
  file.append = flags.append;
  files_.emplace(handle, file);
  return {};
}

Result<void> Process::open_or_create(const Credentials& who, const std::string& handle,
                                     const Parent& parent, const OpenFlags& flags,
                                     std::uint32_t mode) {
  PathWalk walk(volume_, who);
  if (parent.kind == LastKind::kRoot || parent.kind == LastKind::kDot) {
    return open_existing(who, handle, parent.dir, flags, false);
  }
  if (parent.kind == LastKind::kDotDot) {
    const auto& way = parent.ancestors;
    const auto above = attributes(way.size() > 1 ? way[way.size() - 2] : way.back());
    if (!above) return std::unexpected(above.error());
    return open_existing(who, handle, *above, flags, false);
  }
  if (parent.trailing_slash) return std::unexpected(EISDIR);
  const auto existing = walk.child(parent.dir, parent.name);
  if (existing) return open_existing(who, handle, *existing, flags, false);
  if (existing.error() != ENOENT) return std::unexpected(existing.error());
  if (volume_.read_only()) return std::unexpected(EROFS);
  if (check_access(who, parent.dir, kMayWrite | kMayExec) != 0) return std::unexpected(EACCES);
  if (is_dot_node(parent.dir.ino)) return std::unexpected(EPERM);
  const NewNode node = new_node(who, parent.dir, S_IFREG | (mode & 07777));
  const auto made = volume_.mknod(parent.dir.ino, parent.name, node);
  if (!made) return std::unexpected(made.error());
  return open_existing(who, handle, *made, flags, true);
}

Result<void> Process::open(const Credentials& who, const std::string& handle, std::string_view path,
                           const OpenFlags& flags, std::uint32_t mode) {
  if (find(handle) != nullptr) return std::unexpected(EBUSY);
  PathWalk walk(volume_, who);
  if (!flags.create) {
    const auto inode = walk.inode(path, !flags.no_follow);
    if (!inode) return std::unexpected(inode.error());
    return open_existing(who, handle, *inode, flags, false);
  }
  const bool follow = !flags.no_follow && !flags.exclusive;
  const auto parent = follow ? walk.parent_through_links(path) : walk.parent(path);
  if (!parent) return std::unexpected(parent.error());
  return open_or_create(who, handle, *parent, flags, mode);
}

Result<void> Process::close(const std::string& handle) {
  const OpenFile* file = find(handle);
  if (file == nullptr) return std::unexpected(EBADF);
  if (file->type == S_IFREG && !is_dot_node(file->ino)) volume_.release(file->ino);
  files_.erase(handle);
  return {};
}

}  // namespace vexfs::posix
