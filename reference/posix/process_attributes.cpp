// SPDX-License-Identifier: MIT
// Attributes of inodes and of the volume: fs/attr.c, fs/open.c, fs/utimes.c, fs/stat.c.
#include <sys/stat.h>

#include <cerrno>

#include "reference/posix/dot_tree.h"
#include "reference/posix/process.h"

namespace vexfs::posix {
namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

bool is_valid(const TimeSpec& time) {
  return time.kind != TimeSpec::Kind::kSet || (time.nsec >= 0 && time.nsec < kNanosecondsPerSecond);
}

std::optional<SetTime> to_set(const TimeSpec& time) {
  switch (time.kind) {
    case TimeSpec::Kind::kOmit:
      return std::nullopt;
    case TimeSpec::Kind::kNow:
      return SetTime{.now = true, .value = {}};
    case TimeSpec::Kind::kSet:
      break;
  }
  return SetTime{.now = false, .value = {time.sec, static_cast<std::uint32_t>(time.nsec)}};
}

}  // namespace

Result<Attr> Process::attributes(Ino ino) {
  return is_dot_node(ino) ? dot_attr(ino) : volume_.getattr(ino);
}

Result<void> Process::set_attributes(const Attr& inode, const SetAttr& change) {
  if (is_dot_node(inode.ino)) return std::unexpected(EPERM);
  const auto changed = volume_.setattr(inode.ino, change);
  if (!changed) return std::unexpected(changed.error());
  return {};
}

Result<void> Process::chmod(const Credentials& who, std::string_view path, std::uint32_t mode) {
  const auto inode = PathWalk(volume_, who).inode(path, true);
  if (!inode) return std::unexpected(inode.error());
  if (volume_.read_only()) return std::unexpected(EROFS);
  if (!owner_or_capable(who, *inode)) return std::unexpected(EPERM);
  SetAttr change;
  change.mode = mode & 07777;
  if (!in_group_or_capable(who, inode->gid)) *change.mode &= ~static_cast<std::uint32_t>(S_ISGID);
  return set_attributes(*inode, change);
}

Result<void> Process::chown(const Credentials& who, std::string_view path, std::uint32_t uid,
                            std::uint32_t gid, bool follow) {
  const auto inode = PathWalk(volume_, who).inode(path, follow);
  if (!inode) return std::unexpected(inode.error());
  if (volume_.read_only()) return std::unexpected(EROFS);
  SetAttr change;
  if (uid != UINT32_MAX) change.uid = uid;
  if (gid != UINT32_MAX) change.gid = gid;
  const bool owner = who.uid == inode->uid;
  if (change.uid && !who.capable() && !(owner && uid == inode->uid)) return std::unexpected(EPERM);
  const bool own_group = who.in_group(gid) || gid == inode->gid;
  if (change.gid && !who.capable() && !(owner && own_group)) return std::unexpected(EPERM);
  const std::uint32_t lost = set_id_lost_by_chown(who, *inode);
  if (lost != 0 && !owner_or_capable(who, *inode)) return std::unexpected(EPERM);
  if (!change.uid && !change.gid) {
    // Nothing to change but set-id bits, which Linux takes away all the same.
    if (lost == 0) return {};
    change.mode = inode->mode & 07777 & ~lost;
  } else {
    change.kill_setid = lost;
  }
  return set_attributes(*inode, change);
}

Result<void> Process::utimens(const Credentials& who, std::string_view path, const TimeSpec& atime,
                              const TimeSpec& mtime, bool follow) {
  const auto kind = [](const TimeSpec& time, TimeSpec::Kind of) { return time.kind == of; };
  if (kind(atime, TimeSpec::Kind::kOmit) && kind(mtime, TimeSpec::Kind::kOmit)) return {};
  const auto inode = PathWalk(volume_, who).inode(path, follow);
  if (!inode) return std::unexpected(inode.error());
  if (!is_valid(atime) || !is_valid(mtime)) return std::unexpected(EINVAL);
  if (volume_.read_only()) return std::unexpected(EROFS);
  const bool touch = kind(atime, TimeSpec::Kind::kNow) && kind(mtime, TimeSpec::Kind::kNow);
  if (!owner_or_capable(who, *inode)) {
    if (!touch) return std::unexpected(EPERM);
    if (check_access(who, *inode, kMayWrite) != 0) return std::unexpected(EACCES);
  }
  SetAttr change;
  change.atime = to_set(atime);
  change.mtime = to_set(mtime);
  return set_attributes(*inode, change);
}

Result<Attr> Process::stat(const Credentials& who, std::string_view path, bool follow) {
  return PathWalk(volume_, who).inode(path, follow);
}

Result<Attr> Process::fstat(const std::string& handle) {
  const OpenFile* file = find(handle);
  if (file == nullptr) return std::unexpected(EBADF);
  if (file->removed) return *file->removed;
  return attributes(file->ino);
}

Result<StatFs> Process::statfs(const Credentials& who, std::string_view path) {
  const auto inode = PathWalk(volume_, who).inode(path, true);
  if (!inode) return std::unexpected(inode.error());
  return volume_.statfs();
}

}  // namespace vexfs::posix
