// SPDX-License-Identifier: MIT
#include "reference/model/inode.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "reference/model/bitmap.h"
#include "reference/model/checksum.h"

namespace vexfs::model {
namespace {

struct Slot {
  BlockNumber block;
  std::size_t offset;
};

Slot slot_of(const Mounted& volume, Ino ino) {
  return {volume.super.inode_table.start + ino / VEXFS_INODES_PER_BLOCK,
          ino % VEXFS_INODES_PER_BLOCK * VEXFS_INODE_SIZE};
}

std::uint32_t checksum(const Mounted& volume, Ino ino, const vexfs_inode& inode) {
  return structure_checksum(volume.super.uuid, ino, bytes_of(inode), offsetof(vexfs_inode, crc));
}

bool has_known_type(const vexfs_inode& inode) {
  switch (inode.mode & S_IFMT) {
    case S_IFREG:
    case S_IFDIR:
    case S_IFLNK:
    case S_IFIFO:
    case S_IFSOCK:
    case S_IFCHR:
    case S_IFBLK:
      return true;
    default:
      return false;
  }
}

// The checks of docs/format.md, "Validation on read", that need no other block.
bool is_valid(const Mounted& volume, Ino ino, const vexfs_inode& inode) {
  constexpr std::uint32_t kBillion = 1'000'000'000;
  constexpr std::uint32_t kNobody = UINT32_MAX;  // what chown(2) takes for "as it is"
  const unsigned most_extents =
      std::min<unsigned>(VEXFS_INLINE_EXTENTS, volume.super.extent_fanout);
  if (inode.crc != checksum(volume, ino, inode) || !has_known_type(inode)) return false;
  if (inode.uid == kNobody || inode.gid == kNobody) return false;
  if (inode.size > VEXFS_FILE_SIZE_MAX) return false;
  if (is_directory(inode) && inode.size % kBlockSize != 0) return false;
  if (is_symlink(inode) && (inode.size < 1 || inode.size > VEXFS_SYMLINK_MAX)) return false;
  if (inode.extents > most_extents || inode.depth > VEXFS_EXTENT_DEPTH_MAX) return false;
  if (inode.depth >= 1 && inode.extents < 1) return false;
  return inode.atime_nsec < kBillion && inode.mtime_nsec < kBillion && inode.ctime_nsec < kBillion;
}

Timestamp time_of(std::uint64_t seconds, std::uint32_t nanoseconds) {
  return {static_cast<std::int64_t>(seconds), nanoseconds};
}

}  // namespace

Result<vexfs_inode> load_inode(const Mounted& volume, Ino ino) {
  if (ino < 1 || ino > volume.super.inodes) return std::unexpected(ESTALE);
  const Slot slot = slot_of(volume, ino);
  const auto inode = get<vexfs_inode>(volume.store.read(slot.block), slot.offset);
  if (is_valid(volume, ino, inode)) return inode;
  const bool in_use = test_bit(volume.store, volume.super.inode_bitmap, ino);
  return std::unexpected(in_use ? EUCLEAN : ESTALE);
}

Result<vexfs_inode> load_named_inode(const Mounted& volume, Ino ino) {
  auto inode = load_inode(volume, ino);
  if (!inode || inode->nlink == 0 || (inode->flags & VEXFS_INODE_SYSTEM))
    return std::unexpected(EUCLEAN);
  return inode;
}

bool is_free_slot(const Mounted& volume, Ino ino) {
  const Slot slot = slot_of(volume, ino);
  return std::ranges::all_of(volume.store.read(slot.block).subspan(slot.offset, VEXFS_INODE_SIZE),
                             [](std::byte byte) { return byte == std::byte{0}; });
}

void store_inode(Mounted& volume, Ino ino, vexfs_inode inode) {
  inode.crc = checksum(volume, ino, inode);
  const Slot slot = slot_of(volume, ino);
  put(volume.store.edit(slot.block), slot.offset, inode);
}

bool is_directory(const vexfs_inode& inode) { return S_ISDIR(inode.mode); }
bool is_regular(const vexfs_inode& inode) { return S_ISREG(inode.mode); }
bool is_symlink(const vexfs_inode& inode) { return S_ISLNK(inode.mode); }

std::uint8_t record_type(const vexfs_inode& inode) {
  return static_cast<std::uint8_t>((inode.mode & S_IFMT) >> 12);
}

posix::Attr attributes(Ino ino, const vexfs_inode& inode) {
  posix::Attr attr;
  attr.ino = ino;
  attr.mode = inode.mode;
  attr.nlink = inode.nlink;
  attr.uid = inode.uid;
  attr.gid = inode.gid;
  attr.rdev = S_ISCHR(inode.mode) || S_ISBLK(inode.mode) ? inode.rdev : 0;
  attr.size = inode.size;
  attr.blocks = inode.blocks;
  attr.generation = inode.generation;
  attr.atime = time_of(inode.atime, inode.atime_nsec);
  attr.mtime = time_of(inode.mtime, inode.mtime_nsec);
  attr.ctime = time_of(inode.ctime, inode.ctime_nsec);
  return attr;
}

void set_atime(vexfs_inode& inode, Timestamp time) {
  inode.atime = static_cast<std::uint64_t>(time.sec);
  inode.atime_nsec = time.nsec;
}

void set_mtime(vexfs_inode& inode, Timestamp time) {
  inode.mtime = static_cast<std::uint64_t>(time.sec);
  inode.mtime_nsec = time.nsec;
}

void set_ctime(vexfs_inode& inode, Timestamp time) {
  inode.ctime = static_cast<std::uint64_t>(time.sec);
  inode.ctime_nsec = time.nsec;
}

void set_changed(vexfs_inode& inode, Timestamp time) {
  set_mtime(inode, time);
  set_ctime(inode, time);
}

void set_orphan(Mounted& volume, Ino ino) {
  set_bit(volume.store, volume.super.orphan_bitmap, ino);
  volume.orphans.insert(ino);
}

void clear_orphan(Mounted& volume, Ino ino) {
  clear_bit(volume.store, volume.super.orphan_bitmap, ino);
}

}  // namespace vexfs::model
