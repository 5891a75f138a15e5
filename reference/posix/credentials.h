// SPDX-License-Identifier: MIT
// Who makes a system call, and what Linux lets him do (fs/namei.c, fs/attr.c, fs/inode.c of
// Linux 6.1).
#pragma once

#include <cstdint>
#include <vector>

#include "reference/posix/inode_volume.h"

namespace vexfs::posix {

/// Effective identity of a caller. uid 0 has all capabilities, any other uid none.
struct Credentials {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::vector<std::uint32_t> groups;  // supplementary

  bool capable() const { return uid == 0; }
  bool in_group(std::uint32_t group) const;
};

/// What a caller wants to do with an inode; as rwx bits of one class.
inline constexpr unsigned kMayExec = 1;
inline constexpr unsigned kMayWrite = 2;
inline constexpr unsigned kMayRead = 4;

/// 0, or EACCES if the mode bits and the caller's capabilities do not allow all of `want`.
int check_access(const Credentials& who, const Attr& inode, unsigned want);

/// 0, or EPERM if the sticky bit of `dir` keeps the caller from removing or renaming `victim`.
int check_sticky(const Credentials& who, const Attr& dir, const Attr& victim);

/// Owner of the inode, or root.
bool owner_or_capable(const Credentials& who, const Attr& inode);

/// Whether the caller may keep or set S_ISGID on something of this group.
bool in_group_or_capable(const Credentials& who, std::uint32_t group);

/// The set-id bits that a write to or truncation of a regular file by this caller takes away.
std::uint32_t set_id_lost_by_writing(const Credentials& who, const Attr& inode);

/// The set-id bits that a change of owner takes away.
std::uint32_t set_id_lost_by_chown(const Credentials& who, const Attr& inode);

/// Owner, group and mode of an inode made in `dir`: umask 0, set-gid directories hand on their
/// group. `mode` has the type bits.
NewNode new_node(const Credentials& who, const Attr& dir, std::uint32_t mode);

}  // namespace vexfs::posix
