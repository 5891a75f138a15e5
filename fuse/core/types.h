// SPDX-License-Identifier: MIT
// The values that go in and out of a volume (fuse/core/volume.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fuse/core/planted.h"
#include "fuse/hnsw/kernels.h"

namespace vexfs::core {

/** Number of an inode of the volume, 1 (the root) to the volume's `inodes`. */
using InodeNumber = uint64_t;

/** `data=` (docs/determinism.md, "Data"). */
enum class DataMode { kOrdered, kWriteback, kJournal };

/** How a volume is mounted (docs/api.md, "Mount options"). */
struct MountOptions {
  DataMode data = DataMode::kOrdered;
  /** Seconds between the durability timer's sync points; 0 = no timer. */
  uint32_t commit_seconds = 5;
  /** Times come from set_clock() (0 at mount) instead of the system's clock. */
  bool manual_clock = false;
  /** Freed blocks are zeroed at the checkpoint. */
  bool strict = false;
  /** Bound of the metadata cache, bytes; blocks not yet home do not count as evictable. */
  uint64_t cache_bytes = 64ULL << 20;
  bool read_only = false;
  /** Instructions for distances; the CPU has them. The answers do not depend on it. */
  hnsw::SimdLevel simd = hnsw::best_simd_level();
  /** Threads that link a batch of vectors. Neither do they on this. */
  uint32_t vector_threads = 1;
  /** A mistake to make; only builds with VEXFS_PLANTED accept anything but kNone. */
  Fault fault = Fault::kNone;
};

/** Seconds since 1970 (signed) and nanoseconds below 10^9. */
struct Time {
  int64_t seconds = 0;
  uint32_t nanoseconds = 0;
  friend bool operator==(const Time&, const Time&) = default;
};

/** What stat(2) shows, and what a caller needs besides. */
struct Attributes {
  InodeNumber ino = 0;
  uint64_t generation = 0;
  /** Type and permission bits. */
  uint32_t mode = 0;
  uint32_t nlink = 0;
  uint32_t uid = 0;
  uint32_t gid = 0;
  /** new_encode_dev() form; 0 unless a device. */
  uint32_t rdev = 0;
  uint64_t size = 0;
  /** Blocks of 4096 bytes; st_blocks is 8 times that. */
  uint64_t blocks = 0;
  Time atime;
  Time mtime;
  Time ctime;
  /** For a directory its parent; otherwise the directory of creation or last rename. */
  InodeNumber home = 0;
  /** Graph inode of a directory that is a collection, else 0. */
  InodeNumber collection = 0;
};

/** Which collection is meant. */
struct CollectionName {
  CollectionName(InodeNumber graph_inode, uint64_t graph_generation = 0)
      : graph(graph_inode), generation(graph_generation) {}

  InodeNumber graph;
  /** Of the graph inode, which tells it from an earlier one of the same number; 0: whichever is
   * there. */
  uint64_t generation;
};

/** A collection as its files below `.vexfs` show it. */
struct CollectionView {
  InodeNumber graph = 0;
  /** Generation of the graph inode: tells it from an earlier one of the same number. */
  uint64_t generation = 0;
  /** Mode, owner and group are those of the directory. */
  Attributes directory;
  /** Sizes of the files `vectors` and `graph`. */
  uint64_t vectors_bytes = 0;
  uint64_t graph_bytes = 0;
};

/** What an inode to be made is like. A set-gid directory's group and bit are applied by the volume.
 */
struct NewNode {
  /** Type (ignored by create, mkdir, symlink) and permission bits, umask already applied. */
  uint32_t mode = 0;
  uint32_t uid = 0;
  uint32_t gid = 0;
  /** For devices, new_encode_dev() form. */
  uint32_t rdev = 0;
};

/** A time to set: a given one, or the volume's clock. */
struct TimeChange {
  bool now = false;
  Time time = {};
};

/** Attributes to change; all in one unit. With nothing set the call changes nothing. */
struct AttributeChange {
  /** Permission bits (07777). */
  std::optional<uint32_t> mode = {};
  std::optional<uint32_t> uid = {};
  std::optional<uint32_t> gid = {};
  /** Bytes; regular files only. */
  std::optional<uint64_t> size = {};
  std::optional<TimeChange> atime = {};
  std::optional<TimeChange> mtime = {};
  /** Clear set-uid, and set-gid if group-executable, with a change of size or owner (not of
   * directories). */
  bool kill_setid = false;
};

/** One name of a directory. */
struct DirectoryEntry {
  std::string_view name;
  InodeNumber ino = 0;
  /** DT_* of dirent.h, as the directory has it. */
  uint8_t type = 0;
  /** Where a listing continues after this entry (docs/format.md, "Positions"). */
  uint64_t next_position = 0;
  /** Set if asked for, the inode could be read and is of that type. */
  std::optional<Attributes> attributes;
};

/** statfs(2), in blocks of 4096 bytes. */
struct VolumeSpace {
  uint64_t blocks = 0;
  uint64_t free_blocks = 0;
  uint64_t inodes = 0;
  uint64_t free_inodes = 0;
};

/** A sync point whose changes are sealed and may not be durable yet. */
struct SyncTicket {
  /** Sequence of the last transaction to become durable. */
  uint64_t sequence = 0;
  /** Count of data writes that must be flushed. */
  uint64_t data_writes = 0;
  /** Stream position up to which events become readable. */
  uint64_t ring_head = 0;
};

}  // namespace vexfs::core
