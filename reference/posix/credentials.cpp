// SPDX-License-Identifier: MIT
#include "reference/posix/credentials.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

namespace vexfs::posix {

bool Credentials::in_group(std::uint32_t group) const {
  return group == gid || std::find(groups.begin(), groups.end(), group) != groups.end();
}

int check_access(const Credentials& who, const Attr& inode, unsigned want) {
  unsigned bits = inode.mode & 7;
  if (who.uid == inode.uid) {
    bits = (inode.mode >> 6) & 7;
  } else if (who.in_group(inode.gid)) {
    bits = (inode.mode >> 3) & 7;
  }
  if ((want & ~bits) == 0) return 0;
  if (!who.capable()) return EACCES;
  // CAP_DAC_OVERRIDE lets root do everything but execute a file that nobody may execute.
  const bool nobody_executes = (inode.mode & 0111) == 0;
  return !S_ISDIR(inode.mode) && (want & kMayExec) != 0 && nobody_executes ? EACCES : 0;
}

int check_sticky(const Credentials& who, const Attr& dir, const Attr& victim) {
  if ((dir.mode & S_ISVTX) == 0) return 0;
  return who.uid == victim.uid || who.uid == dir.uid || who.capable() ? 0 : EPERM;
}

bool owner_or_capable(const Credentials& who, const Attr& inode) {
  return who.uid == inode.uid || who.capable();
}

bool in_group_or_capable(const Credentials& who, std::uint32_t group) {
  return who.in_group(group) || who.capable();
}

// setattr_should_drop_sgid()
static std::uint32_t set_gid_lost(const Credentials& who, const Attr& inode) {
  if ((inode.mode & S_ISGID) == 0) return 0;
  if ((inode.mode & S_IXGRP) != 0) return S_ISGID;
  return in_group_or_capable(who, inode.gid) ? 0 : S_ISGID;
}

std::uint32_t set_id_lost_by_writing(const Credentials& who, const Attr& inode) {
  if (who.capable() || !S_ISREG(inode.mode)) return 0;
  return (inode.mode & S_ISUID) | set_gid_lost(who, inode);
}

std::uint32_t set_id_lost_by_chown(const Credentials& who, const Attr& inode) {
  if (S_ISDIR(inode.mode)) return 0;
  return (inode.mode & S_ISUID) | set_gid_lost(who, inode);
}

NewNode new_node(const Credentials& who, const Attr& dir, std::uint32_t mode) {
  NewNode node{.mode = mode, .uid = who.uid, .gid = who.gid, .rdev = 0};
  if ((dir.mode & S_ISGID) == 0) return node;
  node.gid = dir.gid;
  if (S_ISDIR(mode)) {
    node.mode |= S_ISGID;
  } else if ((mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) &&
             !in_group_or_capable(who, dir.gid)) {
    node.mode &= ~static_cast<std::uint32_t>(S_ISGID);
  }
  return node;
}

}  // namespace vexfs::posix
