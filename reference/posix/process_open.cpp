// SPDX-License-Identifier: MIT
// open(2): build_open_flags(), open_last_lookups(), lookup_open(), do_open() and may_open() of
// Linux 6.1, in this order.
#include <sys/stat.h>

#include <cerrno>

#include "reference/posix/dot_vexfs.h"
#include "reference/posix/process.h"
#include "reference/posix/try.h"

namespace vexfs::posix {

// The last component: what is there, or a new file. Why it cannot be made matters only if it is not
// there.
Result<Process::Opened> Process::last_or_create(const Credentials& who, const PathWalk& walk,
                                                OpenFlags flags, std::uint32_t mode) {
  auto found = walk.last();
  if (found) return Opened{*found, false};
  if (found.error() != ENOENT || !flags.create) return std::unexpected(found.error());
  POSIX_CHECK(writable());
  POSIX_CHECK(may_create(who, walk));
  const Attr& dir = walk.parent();
  if (is_dot(dir.ino)) return std::unexpected(EPERM);
  const NewNode node = new_node(who, dir, S_IFREG | (mode & 07777));
  POSIX_TRY(made, volume_.mknod(dir.ino, walk.last_name(), node));
  return Opened{made, true};
}

Result<Process::Opened> Process::find_or_create(const Credentials& who, std::string_view path,
                                                OpenFlags flags, std::uint32_t mode) {
  PathWalk walk(volume_, who);
  POSIX_CHECK(walk.to_parent(path));
  bool follow = !flags.no_follow && !(flags.create && flags.exclusive);
  bool must_be_directory = flags.directory;
  Opened opened;
  for (;;) {
    if (walk.last_type() != LastType::kName) {
      opened = {walk.go_to_dots(), false};
      break;
    }
    if (walk.trailing_slash()) {
      if (flags.create) return std::unexpected(EISDIR);
      follow = must_be_directory = true;
    }
    POSIX_TRY(last, last_or_create(who, walk, flags, mode));
    opened = last;
    if (!is_symlink(opened.attr) || !follow) break;
    POSIX_TRY(has_last, walk.follow(opened.attr));
    if (!has_last) {
      opened = {walk.parent(), false};
      break;
    }
  }
  if (flags.create && !opened.created) {
    if (flags.exclusive) return std::unexpected(EEXIST);
    if (is_directory(opened.attr)) return std::unexpected(EISDIR);
  }
  if (must_be_directory && !is_directory(opened.attr)) return std::unexpected(ENOTDIR);
  return opened;
}

Result<void> Process::may_open(const Credentials& who, const Opened& opened, OpenFlags flags) {
  const Attr& attr = opened.attr;
  if (opened.created) return {};
  if (is_regular(attr) && flags.truncate) POSIX_CHECK(writable());
  const unsigned access =
      (flags.read ? kMayRead : 0U) | (flags.write || flags.truncate ? kMayWrite : 0U);
  if (is_symlink(attr)) return std::unexpected(ELOOP);
  if (is_directory(attr) && (access & kMayWrite)) return std::unexpected(EISDIR);
  POSIX_CHECK(permit(who, attr, access));
  if (S_ISFIFO(attr.mode)) return std::unexpected(EOPNOTSUPP);
  if (!is_regular(attr) && !is_directory(attr)) return std::unexpected(ENXIO);
  return {};
}

// Everything but the handle. The inode is counted as open if it is a regular file of the volume.
Result<Process::Opened> Process::open_path(const Credentials& who, std::string_view path,
                                           OpenFlags flags, std::uint32_t mode) {
  if (flags.directory && flags.create) return std::unexpected(EINVAL);
  POSIX_TRY(opened, find_or_create(who, path, flags, mode));
  POSIX_CHECK(may_open(who, opened, flags));
  const bool counted = is_regular(opened.attr) && !is_dot(opened.attr.ino);
  if (counted) POSIX_CHECK(volume_.open(opened.attr.ino));
  if (!flags.truncate || opened.created || !is_regular(opened.attr)) return opened;
  if (auto done = truncate_inode(who, opened.attr, 0); !done) {
    if (counted) volume_.release(opened.attr.ino);
    return std::unexpected(done.error());
  }
  return opened;
}

Result<void> Process::open(const Credentials& who, const std::string& handle, std::string_view path,
                           OpenFlags flags, std::uint32_t mode) {
  if (files_.contains(handle)) return std::unexpected(EBUSY);
  POSIX_TRY(opened, open_path(who, path, flags, mode));
  const Attr& attr = opened.attr;
  files_[handle] = OpenFile{attr.ino, attr.generation, is_directory(attr), flags};
  return {};
}

}  // namespace vexfs::posix
