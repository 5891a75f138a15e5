// SPDX-License-Identifier: MIT
// Checks and steps that several operations of Volume share. The caller holds the engine's lock.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string_view>

#include "fuse/core/engine.h"

namespace vexfs::core {

/** Set-id bits that a write, truncation or change of owner clears. */
inline uint32_t without_setid(uint32_t mode) {
  mode &= ~static_cast<uint32_t>(S_ISUID);
  return (mode & S_IXGRP) != 0 ? mode & ~static_cast<uint32_t>(S_ISGID) : mode;
}

inline bool is_dot(std::string_view name) { return name == "." || name == ".."; }
inline bool is_reserved(std::string_view name) { return name == VEXFS_DOT_NAME; }
/** Whether lookup of the name in `directory` finds what the caller serves: a directory of doors and
 * files. */
inline bool is_served(const InodeRef& directory, std::string_view name) {
  return is_reserved(name) && (directory.ino == VEXFS_ROOT_INO || directory.is_collection());
}
inline uint8_t type_of(const InodeRef& inode) { return static_cast<uint8_t>(inode.type() >> 12); }

/** ENOENT for an empty name, ENAMETOOLONG above 255 bytes, EINVAL with a slash or NUL. */
Expected<void> check_name(std::string_view name);
/** The directory `ino`. ESTALE, ENOTDIR, EUCLEAN. */
Expected<InodeRef> directory_of(Engine& engine, InodeNumber ino);
/** As directory_of, for changes: also ENOENT if the directory itself was removed. */
Expected<InodeRef> live_directory_of(Engine& engine, InodeNumber ino);
/** The record of `name`; ENOENT if there is none. */
Expected<FoundRecord> find_record(Engine& engine, const InodeRef& directory, std::string_view name);

/**
 * Gathering: chooses the block for logical block `lblk` of `inode`, then the nodes that its mapping
 * asks for. EFBIG, ENOSPC.
 */
Expected<void> gather_block(Engine& engine, Unit& unit, const InodeRef& inode, uint64_t lblk);
/** Gathering: where `name` goes in `directory`, with a new block if it needs one. */
Expected<InsertPlace> gather_name(Engine& engine, Unit& unit, const InodeRef& directory,
                                  std::string_view name);
/** Applying: puts the name there. The unit's next picks are those of gather_name. */
void insert_name(Engine& engine, Unit& unit, const InodeRef& directory, const InsertPlace& place,
                 std::string_view name, InodeNumber ino, uint8_t type);

/** Applying: sets times. */
inline void set_mtime(const InodeRef& inode, const Time& time) {
  inode.raw->mtime = static_cast<__le64>(time.seconds);
  inode.raw->mtime_nsec = time.nanoseconds;
}
inline void set_ctime(const InodeRef& inode, const Time& time) {
  inode.raw->ctime = static_cast<__le64>(time.seconds);
  inode.raw->ctime_nsec = time.nanoseconds;
}
inline void set_atime(const InodeRef& inode, const Time& time) {
  inode.raw->atime = static_cast<__le64>(time.seconds);
  inode.raw->atime_nsec = time.nanoseconds;
}
inline void touch_directory(const InodeRef& directory, const Time& time) {
  set_mtime(directory, time);
  set_ctime(directory, time);
}
/** Applying: the inode lost its last link. Its orphan bit was gathered. */
inline void make_orphan(Engine& engine, Unit& unit, const InodeRef& inode) {
  inode.raw->nlink = 0;
  const bool marks =
      !engine.faults.planted(Fault::kOrphanUnmarked) || engine.handles.contains(inode.ino);
  if (marks) engine.inodes.set_orphan(unit, inode.ino, true);
  engine.note_orphan(inode);
}

}  // namespace vexfs::core
