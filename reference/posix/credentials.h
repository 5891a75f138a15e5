// SPDX-License-Identifier: MIT
// Who asks, and what Linux lets them do: the checks of fs/namei.c and fs/attr.c, without ACLs and
// namespaces.
#pragma once

#include <cstdint>
#include <vector>

#include "reference/posix/inode_volume.h"

namespace vexfs::posix {

/// The caller of a system call. uid 0 has every capability, all others have none.
struct Credentials {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::vector<std::uint32_t> groups;  // supplementary

  bool is_root() const { return uid == 0; }
  bool in_group(std::uint32_t group) const;
  /// Linux's in_group_or_capable: may keep S_ISGID on an inode of this group.
  bool keeps_setgid(std::uint32_t group) const { return in_group(group) || is_root(); }
  /// Linux's inode_owner_or_capable.
  bool owns(const Attr& attr) const { return uid == attr.uid || is_root(); }
};

enum Access : unsigned { kMayExec = 1, kMayWrite = 2, kMayRead = 4 };

/// EACCES unless `who` may access the inode so. Read-only mounts are the caller's concern.
Result<void> check_permission(const Credentials& who, const Attr& attr, unsigned access);

/// EPERM if the directory is sticky and neither it nor the victim belongs to `who`.
Result<void> check_sticky(const Credentials& who, const Attr& dir, const Attr& victim);

/// The mode, owner and group of a new inode in `dir`. `type_and_mode`: as the caller asked, with
/// type bits; the umask of scenarios is always 0.
NewNode new_node(const Credentials& who, const Attr& dir, std::uint32_t type_and_mode,
                 std::uint32_t rdev = 0);

/// Which of S_ISUID and S_ISGID a change of owner takes from the mode.
std::uint32_t setid_lost_by_chown(const Credentials& who, const Attr& attr);
/// The same for a write or truncation.
std::uint32_t setid_lost_by_write(const Credentials& who, const Attr& attr);

bool is_directory(const Attr& attr);
bool is_regular(const Attr& attr);
bool is_symlink(const Attr& attr);

}  // namespace vexfs::posix
