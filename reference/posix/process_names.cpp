// SPDX-License-Identifier: MIT
// System calls that make, remove and move names; the order of checks is that of Linux's fs/namei.c.
#include <linux/fs.h>
#include <sys/stat.h>

#include <cerrno>

#include "reference/posix/dot_vexfs.h"
#include "reference/posix/process.h"
#include "reference/posix/try.h"

namespace vexfs::posix {
namespace {

// What is found, or nothing for ENOENT.
Result<std::optional<Attr>> last_if_any(const PathWalk& walk) {
  auto found = walk.last();
  if (found) return *found;
  if (found.error() == ENOENT) return std::nullopt;
  return std::unexpected(found.error());
}

// The filesystem refuses to change what is in /.vexfs, and /.vexfs itself.
Result<void> check_not_dot(const Attr& dir, const std::optional<Attr>& named = {}) {
  if (is_dot(dir.ino) || (named && is_dot(named->ino))) return std::unexpected(EPERM);
  return {};
}

constexpr std::uint32_t kPermissions = 07777;

}  // namespace

// filename_create(): the name must not exist, and without `directory` must not end in a slash.
Result<void> Process::to_new_name(PathWalk& walk, std::string_view path, bool directory) {
  POSIX_CHECK(walk.to_parent(path));
  if (walk.last_type() != LastType::kName) return std::unexpected(EEXIST);
  POSIX_TRY(found, last_if_any(walk));
  if (found) return std::unexpected(EEXIST);
  if (walk.trailing_slash() && !directory) return std::unexpected(ENOENT);
  return writable();
}

Result<void> Process::may_create(const Credentials& who, const PathWalk& walk) const {
  return permit(who, walk.parent(), kMayWrite | kMayExec);
}

Result<void> Process::may_delete(const Credentials& who, const Attr& dir, const Attr& victim,
                                 bool directory) const {
  POSIX_CHECK(permit(who, dir, kMayWrite | kMayExec));
  POSIX_CHECK(check_sticky(who, dir, victim));
  if (directory && !is_directory(victim)) return std::unexpected(ENOTDIR);
  if (!directory && is_directory(victim)) return std::unexpected(EISDIR);
  return {};
}

Result<void> Process::mkdir(const Credentials& who, std::string_view path, std::uint32_t mode) {
  PathWalk walk(volume_, who);
  POSIX_CHECK(to_new_name(walk, path, true));
  POSIX_CHECK(may_create(who, walk));
  POSIX_CHECK(check_not_dot(walk.parent()));
  const Attr& dir = walk.parent();
  NewNode node = new_node(who, dir, S_IFDIR | (mode & (0777 | S_ISVTX)));
  node.mode &= kPermissions;
  POSIX_CHECK(volume_.mkdir(dir.ino, walk.last_name(), node));
  return {};
}

Result<void> Process::mknod(const Credentials& who, std::string_view path, std::uint32_t mode,
                            std::uint32_t rdev) {
  if (S_ISDIR(mode)) return std::unexpected(EPERM);
  if (S_ISLNK(mode)) return std::unexpected(EINVAL);
  if ((mode & S_IFMT) == 0) mode |= S_IFREG;
  const bool device = S_ISCHR(mode) || S_ISBLK(mode);
  const bool whiteout = S_ISCHR(mode) && rdev == 0;
  PathWalk walk(volume_, who);
  POSIX_CHECK(to_new_name(walk, path, false));
  POSIX_CHECK(may_create(who, walk));
  if (device && !whiteout && !who.is_root()) return std::unexpected(EPERM);
  POSIX_CHECK(check_not_dot(walk.parent()));
  const Attr& dir = walk.parent();
  const NewNode node =
      new_node(who, dir, (mode & S_IFMT) | (mode & kPermissions), device ? rdev : 0);
  POSIX_CHECK(volume_.mknod(dir.ino, walk.last_name(), node));
  return {};
}

Result<void> Process::symlink(const Credentials& who, std::string_view target,
                              std::string_view path) {
  if (target.size() > 4095) return std::unexpected(ENAMETOOLONG);
  if (target.empty()) return std::unexpected(ENOENT);
  PathWalk walk(volume_, who);
  POSIX_CHECK(to_new_name(walk, path, false));
  POSIX_CHECK(may_create(who, walk));
  POSIX_CHECK(check_not_dot(walk.parent()));
  const Attr& dir = walk.parent();
  NewNode node = new_node(who, dir, S_IFLNK | 0777);
  node.mode &= kPermissions;
  POSIX_CHECK(volume_.symlink(dir.ino, walk.last_name(), target, node));
  return {};
}

Result<void> Process::link(const Credentials& who, std::string_view from, std::string_view to) {
  POSIX_TRY(source, PathWalk(volume_, who).to_inode(from, false));
  PathWalk walk(volume_, who);
  POSIX_CHECK(to_new_name(walk, to, false));
  POSIX_CHECK(may_create(who, walk));
  if (is_directory(source)) return std::unexpected(EPERM);
  POSIX_CHECK(check_not_dot(walk.parent(), source));
  POSIX_CHECK(volume_.link(source.ino, walk.parent().ino, walk.last_name()));
  return {};
}

Result<void> Process::unlink(const Credentials& who, std::string_view path) {
  PathWalk walk(volume_, who);
  POSIX_CHECK(walk.to_parent(path));
  if (walk.last_type() != LastType::kName) return std::unexpected(EISDIR);
  POSIX_CHECK(writable());
  POSIX_TRY(victim, walk.last());
  if (walk.trailing_slash()) return std::unexpected(is_directory(victim) ? EISDIR : ENOTDIR);
  POSIX_CHECK(may_delete(who, walk.parent(), victim, false));
  POSIX_CHECK(check_not_dot(walk.parent(), victim));
  return volume_.unlink(walk.parent().ino, walk.last_name());
}

Result<void> Process::rmdir(const Credentials& who, std::string_view path) {
  PathWalk walk(volume_, who);
  POSIX_CHECK(walk.to_parent(path));
  if (walk.last_type() == LastType::kDotDot) return std::unexpected(ENOTEMPTY);
  if (walk.last_type() == LastType::kDot) return std::unexpected(EINVAL);
  if (walk.last_type() == LastType::kRoot) return std::unexpected(EBUSY);
  POSIX_CHECK(writable());
  POSIX_TRY(victim, walk.last());
  POSIX_CHECK(may_delete(who, walk.parent(), victim, true));
  POSIX_CHECK(check_not_dot(walk.parent(), victim));
  return volume_.rmdir(walk.parent().ino, walk.last_name());
}

// vfs_rename() up to the call of the filesystem.
Result<void> Process::may_rename(const Credentials& who, const PathWalk& from, const PathWalk& to,
                                 const Attr& source, const std::optional<Attr>& target,
                                 std::uint32_t flags) const {
  const bool exchange = flags & RENAME_EXCHANGE;
  const bool directory = is_directory(source);
  POSIX_CHECK(may_delete(who, from.parent(), source, directory));
  if (!target)
    POSIX_CHECK(may_create(who, to));
  else
    POSIX_CHECK(
        may_delete(who, to.parent(), *target, exchange ? is_directory(*target) : directory));
  if (from.parent().ino == to.parent().ino) return {};
  // A directory that moves gets another parent written into it.
  if (directory) POSIX_CHECK(permit(who, source, kMayWrite));
  if (exchange && is_directory(*target)) POSIX_CHECK(permit(who, *target, kMayWrite));
  return {};
}

namespace {

// The checks of do_renameat2() on what the two names are.
Result<void> check_rename_names(const PathWalk& from, const PathWalk& to, const Attr& source,
                                const std::optional<Attr>& target, std::uint32_t flags) {
  const bool exchange = flags & RENAME_EXCHANGE;
  if ((flags & RENAME_NOREPLACE) && target) return std::unexpected(EEXIST);
  if (exchange) {
    if (!target) return std::unexpected(ENOENT);
    if (!is_directory(*target) && to.trailing_slash()) return std::unexpected(ENOTDIR);
  }
  if (!is_directory(source) && (from.trailing_slash() || (!exchange && to.trailing_slash())))
    return std::unexpected(ENOTDIR);
  if (is_directory(source) && to.parent_is_within(source.ino)) return std::unexpected(EINVAL);
  if (target && is_directory(*target) && from.parent_is_within(target->ino))
    return std::unexpected(exchange ? EINVAL : ENOTEMPTY);
  return {};
}

}  // namespace

Result<void> Process::rename(const Credentials& who, std::string_view from, std::string_view to,
                             std::uint32_t flags) {
  if (flags & ~std::uint32_t{RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT})
    return std::unexpected(EINVAL);
  if ((flags & RENAME_EXCHANGE) && (flags & (RENAME_NOREPLACE | RENAME_WHITEOUT)))
    return std::unexpected(EINVAL);
  PathWalk old_walk(volume_, who);
  POSIX_CHECK(old_walk.to_parent(from));
  PathWalk new_walk(volume_, who);
  POSIX_CHECK(new_walk.to_parent(to));
  if (old_walk.last_type() != LastType::kName) return std::unexpected(EBUSY);
  if (new_walk.last_type() != LastType::kName)
    return std::unexpected((flags & RENAME_NOREPLACE) ? EEXIST : EBUSY);
  POSIX_CHECK(writable());
  POSIX_TRY(source, old_walk.last());
  POSIX_TRY(target, last_if_any(new_walk));
  POSIX_CHECK(check_rename_names(old_walk, new_walk, source, target, flags));
  if (target && target->ino == source.ino) return {};
  POSIX_CHECK(may_rename(who, old_walk, new_walk, source, target, flags));
  POSIX_CHECK(check_not_dot(old_walk.parent(), source));
  POSIX_CHECK(check_not_dot(new_walk.parent(), target));
  return volume_.rename(old_walk.parent().ino, old_walk.last_name(), new_walk.parent().ino,
                        new_walk.last_name(), flags);
}

Result<std::string> Process::readlink(const Credentials& who, std::string_view path) {
  POSIX_TRY(attr, PathWalk(volume_, who).to_inode(path, false));
  if (!is_symlink(attr)) return std::unexpected(EINVAL);
  return volume_.readlink(attr.ino);
}

}  // namespace vexfs::posix
