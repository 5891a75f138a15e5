// SPDX-License-Identifier: MIT
#include "reference/posix/credentials.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

namespace vexfs::posix {
namespace {

constexpr std::uint32_t kAllExec = S_IXUSR | S_IXGRP | S_IXOTH;

bool mode_allows(const Credentials& who, const Attr& attr, unsigned access) {
  std::uint32_t mode = attr.mode;
  if (who.uid == attr.uid)
    mode >>= 6;
  else if (who.in_group(attr.gid))
    mode >>= 3;
  return (access & ~mode & 7) == 0;
}

bool root_may(const Attr& attr, unsigned access) {
  return is_directory(attr) || !(access & kMayExec) || (attr.mode & kAllExec);
}

std::uint32_t lost_setgid(const Credentials& who, const Attr& attr) {
  if (!(attr.mode & S_ISGID)) return 0;
  return (attr.mode & S_IXGRP) || !who.keeps_setgid(attr.gid) ? S_ISGID : 0;
}

// mode_strip_sgid(): a stranger to the directory's group gets no set-gid executable in it.
std::uint32_t strip_setgid(const Credentials& who, const Attr& dir, std::uint32_t mode) {
  constexpr std::uint32_t kBoth = S_ISGID | S_IXGRP;
  if ((mode & kBoth) != kBoth || S_ISDIR(mode) || !(dir.mode & S_ISGID)) return mode;
  return who.keeps_setgid(dir.gid) ? mode : mode & ~std::uint32_t{S_ISGID};
}

}  // namespace

bool Credentials::in_group(std::uint32_t group) const {
  return gid == group || std::ranges::find(groups, group) != groups.end();
}

Result<void> check_permission(const Credentials& who, const Attr& attr, unsigned access) {
  if (mode_allows(who, attr, access) || (who.is_root() && root_may(attr, access))) return {};
  return std::unexpected(EACCES);
}

Result<void> check_sticky(const Credentials& who, const Attr& dir, const Attr& victim) {
  if (!(dir.mode & S_ISVTX) || who.uid == victim.uid || who.uid == dir.uid || who.is_root())
    return {};
  return std::unexpected(EPERM);
}

NewNode new_node(const Credentials& who, const Attr& dir, std::uint32_t type_and_mode,
                 std::uint32_t rdev) {
  NewNode node;
  node.mode = strip_setgid(who, dir, type_and_mode);
  node.uid = who.uid;
  node.gid = who.gid;
  node.rdev = rdev;
  if (dir.mode & S_ISGID) {
    node.gid = dir.gid;
    if (S_ISDIR(node.mode)) node.mode |= S_ISGID;
  }
  return node;
}

std::uint32_t setid_lost_by_chown(const Credentials& who, const Attr& attr) {
  if (is_directory(attr)) return 0;
  return (attr.mode & S_ISUID) | lost_setgid(who, attr);
}

std::uint32_t setid_lost_by_write(const Credentials& who, const Attr& attr) {
  if (who.is_root() || !is_regular(attr)) return 0;
  return (attr.mode & S_ISUID) | lost_setgid(who, attr);
}

bool is_directory(const Attr& attr) { return S_ISDIR(attr.mode); }
bool is_regular(const Attr& attr) { return S_ISREG(attr.mode); }
bool is_symlink(const Attr& attr) { return S_ISLNK(attr.mode); }

}  // namespace vexfs::posix
