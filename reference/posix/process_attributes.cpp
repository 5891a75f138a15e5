// SPDX-License-Identifier: MIT
// System calls on attributes; the order of checks is that of Linux's fs/open.c, fs/attr.c and
// fs/utimes.c.
#include <sys/stat.h>

#include <cerrno>

#include "reference/posix/collection_dir.h"
#include "reference/posix/dot_vexfs.h"
#include "reference/posix/process.h"
#include "reference/posix/try.h"

namespace vexfs::posix {
namespace {

constexpr std::uint32_t kPermissions = 07777;

bool is_valid(const TimeSpec& time) {
  return time.kind != TimeSpec::Kind::kSet || (time.nsec >= 0 && time.nsec <= 999'999'999);
}

std::optional<SetTime> set_time(const TimeSpec& time) {
  if (time.kind == TimeSpec::Kind::kOmit) return std::nullopt;
  if (time.kind == TimeSpec::Kind::kNow) return SetTime{};
  return SetTime{false, {time.sec, static_cast<std::uint32_t>(time.nsec)}};
}

// chown_ok() and chgrp_ok().
bool may_give(const Credentials& who, const Attr& attr, std::uint32_t uid) {
  return (who.uid == attr.uid && uid == attr.uid) || who.is_root();
}

bool may_give_to_group(const Credentials& who, const Attr& attr, std::uint32_t gid) {
  return (who.uid == attr.uid && (gid == attr.gid || who.in_group(gid))) || who.is_root();
}

}  // namespace

Result<void> Process::writable() const {
  if (volume_.read_only()) return std::unexpected(EROFS);
  return {};
}

// inode_permission(): a read-only volume comes before the mode.
Result<void> Process::permit(const Credentials& who, const Attr& attr, unsigned access) const {
  const bool kept_from_writing = is_regular(attr) || is_directory(attr) || is_symlink(attr);
  if ((access & kMayWrite) && kept_from_writing) POSIX_CHECK(writable());
  return check_permission(who, attr, access);
}

Result<Attr> Process::current(Ino ino) {
  if (is_collection_ino(ino)) return collection_attr(volume_, ino);
  if (is_dot(ino)) return dot_attr(ino);
  return volume_.getattr(ino);
}

Result<void> Process::change(const Attr& attr, const SetAttr& change) {
  if (is_dot(attr.ino)) return std::unexpected(EPERM);
  POSIX_CHECK(volume_.setattr(attr.ino, change));
  return {};
}

Result<Attr> Process::stat(const Credentials& who, std::string_view path, bool follow) {
  return PathWalk(volume_, who).to_inode(path, follow);
}

Result<StatFs> Process::statfs(const Credentials& who, std::string_view path) {
  POSIX_CHECK(PathWalk(volume_, who).to_inode(path, true));
  return volume_.statfs();
}

Result<void> Process::chmod(const Credentials& who, std::string_view path, std::uint32_t mode) {
  POSIX_TRY(attr, PathWalk(volume_, who).to_inode(path, true));
  POSIX_CHECK(writable());
  if (!who.owns(attr)) return std::unexpected(EPERM);
  mode &= kPermissions;
  if (!who.keeps_setgid(attr.gid)) mode &= ~std::uint32_t{S_ISGID};
  return change(attr, {.mode = mode});
}

Result<void> Process::chown(const Credentials& who, std::string_view path, std::uint32_t uid,
                            std::uint32_t gid, bool follow) {
  POSIX_TRY(attr, PathWalk(volume_, who).to_inode(path, follow));
  POSIX_CHECK(writable());
  SetAttr owner;
  if (uid != kKeepId) owner.uid = uid;
  if (gid != kKeepId) owner.gid = gid;
  if (owner.uid && !may_give(who, attr, uid)) return std::unexpected(EPERM);
  if (owner.gid && !may_give_to_group(who, attr, gid)) return std::unexpected(EPERM);
  owner.kill_setid = setid_lost_by_chown(who, attr);
  if (owner.kill_setid != 0) {  // the kernel makes a chmod of it, with that call's checks
    if (!who.owns(attr)) return std::unexpected(EPERM);
    if (!who.keeps_setgid(owner.gid.value_or(attr.gid))) owner.kill_setid |= attr.mode & S_ISGID;
  }
  if (!owner.uid && !owner.gid) return {};
  return change(attr, owner);
}

Result<void> Process::utimens(const Credentials& who, std::string_view path, TimeSpec atime,
                              TimeSpec mtime, bool follow) {
  using Kind = TimeSpec::Kind;
  if (atime.kind == Kind::kOmit && mtime.kind == Kind::kOmit) return {};
  POSIX_TRY(attr, PathWalk(volume_, who).to_inode(path, follow));
  if (!is_valid(atime) || !is_valid(mtime)) return std::unexpected(EINVAL);
  POSIX_CHECK(writable());
  const bool touch = atime.kind == Kind::kNow && mtime.kind == Kind::kNow;
  if (!who.owns(attr)) {
    if (!touch) return std::unexpected(EPERM);
    POSIX_CHECK(permit(who, attr, kMayWrite));
  }
  return change(attr, {.atime = set_time(atime), .mtime = set_time(mtime)});
}

// do_truncate(). The files of /.vexfs can be truncated to 0, as `echo sync > control` does.
Result<void> Process::truncate_inode(const Credentials& who, const Attr& attr, std::uint64_t size) {
  if (is_dot(attr.ino)) return size == 0 ? Result<void>{} : std::unexpected(EINVAL);
  return change(attr, {.size = size, .kill_setid = setid_lost_by_write(who, attr)});
}

Result<void> Process::truncate(const Credentials& who, std::string_view path, std::int64_t size) {
  if (size < 0) return std::unexpected(EINVAL);
  POSIX_TRY(attr, PathWalk(volume_, who).to_inode(path, true));
  if (is_directory(attr)) return std::unexpected(EISDIR);
  if (!is_regular(attr)) return std::unexpected(EINVAL);
  POSIX_CHECK(writable());
  POSIX_CHECK(permit(who, attr, kMayWrite));
  return truncate_inode(who, attr, static_cast<std::uint64_t>(size));
}

}  // namespace vexfs::posix
