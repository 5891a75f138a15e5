// SPDX-License-Identifier: MIT
// A mounted VexFS volume: the whole production engine behind inode-level operations.
#pragma once

#include <sys/uio.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fuse/core/block_device.h"
#include "fuse/core/door_message.h"
#include "fuse/core/result.h"
#include "fuse/core/types.h"

namespace vexfs::core {

class Engine;

/**
 * A mounted volume (docs/api.md).
 *
 * Every method may be called from any thread. Reading methods run beside each other; changing
 * methods one at a time. Errors are positive errno values. Methods do the checks of the filesystem
 * and those checks of the VFS that need no credentials (existence, type, name length); permissions
 * are the caller's business. An inode number that is not in use answers ESTALE; damage found on the
 * volume answers EUCLEAN; changes of a read-only volume answer EROFS; after a failed log or anchor
 * write every change answers EROFS and sync points answer EIO.
 *
 * `/.vexfs` is not here: lookup answers ENOENT for the name and making it is EPERM. The caller
 * serves the tree with control(), read_events() and stats().
 */
class Volume {
 public:
  /**
   * Mounts: validates, recovers (or, read-only, replays in memory).
   * Errors: EINVAL (not VexFS, unknown features, bad options), EUCLEAN (damage), EIO, ENOMEM,
   * EROFS.
   */
  static std::expected<std::unique_ptr<Volume>, Error> open(std::unique_ptr<BlockDevice> device,
                                                            const MountOptions& options);

  /** Without unmount() before, this is a crash: what is not durable is lost. */
  ~Volume();
  Volume(const Volume&) = delete;
  Volume& operator=(const Volume&) = delete;

  /** Releases all handles, seals, reclaims, checkpoints with CLEAN. No other call may follow. */
  Expected<void> unmount();

  // Names. `.` and `..` are answered by lookup, and are EINVAL, EEXIST or ENOTEMPTY elsewhere as in
  // rename(2) and rmdir(2).

  Expected<Attributes> lookup(InodeNumber directory, std::string_view name);
  /** Makes a regular file, fifo, socket or device. */
  Expected<Attributes> mknod(InodeNumber directory, std::string_view name, const NewNode& node);
  /** Makes a regular file and opens it: release() must follow. */
  Expected<Attributes> create(InodeNumber directory, std::string_view name, const NewNode& node);
  Expected<Attributes> mkdir(InodeNumber directory, std::string_view name, const NewNode& node);
  Expected<Attributes> symlink(InodeNumber directory, std::string_view name,
                               std::string_view target, const NewNode& node);
  Expected<Attributes> link(InodeNumber ino, InodeNumber directory, std::string_view name);
  Expected<void> unlink(InodeNumber directory, std::string_view name);
  Expected<void> rmdir(InodeNumber directory, std::string_view name);
  /** `flags`: RENAME_NOREPLACE or RENAME_EXCHANGE of renameat2(2), or 0. */
  Expected<void> rename(InodeNumber old_directory, std::string_view old_name,
                        InodeNumber new_directory, std::string_view new_name, uint32_t flags);
  Expected<std::string> readlink(InodeNumber ino);

  /** Called for each entry in order; false ends the listing without that entry. Must not call the
   * volume. */
  using DirectoryVisitor = std::function<bool(const DirectoryEntry&)>;
  /** Lists from `position` (0 = start, `.` and `..` included). ENOTDIR unless a directory. */
  Expected<void> readdir(InodeNumber directory, uint64_t position, bool with_attributes,
                         const DirectoryVisitor& visitor);

  // Inodes.

  Expected<Attributes> getattr(InodeNumber ino);
  Expected<Attributes> setattr(InodeNumber ino, const AttributeChange& change);
  /** Counts a handle; a regular file is not reclaimed while it has one. Works for every type. */
  Expected<Attributes> open_inode(InodeNumber ino);
  /** Gives back one handle of open_inode() or create(). */
  void release(InodeNumber ino);
  /** The caller remembers nothing of the inode any more; frees memory only. */
  void forget(InodeNumber ino);

  // Contents of regular files. EISDIR for directories, EINVAL for other types.

  /** Returns the bytes read: short at the end of the file, 0 beyond it. */
  Expected<size_t> read(InodeNumber ino, uint64_t offset, std::span<std::byte> into);
  /**
   * Writes all of `from`, or what fits before an error that follows at least one written block
   * (short count). `kill_setid`: clear set-id bits with the first block. EFBIG at or past 16 TiB,
   * ENOSPC.
   */
  Expected<size_t> write(InodeNumber ino, uint64_t offset, std::span<const iovec> from,
                         bool kill_setid);
  Expected<size_t> write(InodeNumber ino, uint64_t offset, std::span<const std::byte> from,
                         bool kill_setid);

  // Collections (docs/vectors.md, docs/api.md). A collection is named by its directory, or by its
  // graph inode, which tells it from earlier ones of the same directory: ESTALE once it is no more.

  /** setxattr of `user.vexfs.collection`; `flags`: XATTR_CREATE, XATTR_REPLACE or 0. */
  Expected<void> set_collection(InodeNumber directory, std::string_view value, int flags);
  /** removexattr. ENODATA. */
  Expected<void> remove_collection(InodeNumber directory);
  /** The attribute's value. ENODATA. */
  Expected<std::string> collection_value(InodeNumber directory);
  Expected<CollectionView> collection(const CollectionName& name);
  /** Executes a request; answers with the reply's bytes. A compaction takes long. */
  Expected<std::vector<std::byte>> door(const CollectionName& name, Door door,
                                        std::span<const std::byte> request);
  /** Bytes of the files `vectors` and `graph`: short at the end, 0 beyond it. */
  Expected<size_t> read_vectors(const CollectionName& name, uint64_t offset,
                                std::span<std::byte> into);
  Expected<size_t> read_graph(const CollectionName& name, uint64_t offset,
                              std::span<std::byte> into);
  /** The text of `info`. */
  Expected<std::string> collection_info(const CollectionName& name);

  // Vectors of files (docs/vectors.md).

  /** setxattr of `user.vexfs.vector`; `flags`: XATTR_CREATE, XATTR_REPLACE or 0. */
  Expected<void> set_vector(InodeNumber ino, std::span<const std::byte> value, int flags);
  /** removexattr. ENODATA. */
  Expected<void> remove_vector(InodeNumber ino);
  /** The attribute's value: the row as stored. ENODATA. */
  Expected<std::vector<std::byte>> vector(InodeNumber ino);
  Expected<bool> has_vector(InodeNumber ino);

  // While a collection is being compacted, whatever would change it does nothing and answers
  // EAGAIN, so that a caller may choose where to wait: door(), set_vector(), remove_vector(),
  // unlink() and rename() of files with vectors.

  /** Calls `change` again after each compaction until it answers something else. */
  template <typename Change>
  auto patiently(Change change) -> decltype(change()) {
    while (true) {
      const uint64_t seen = compactions_ended();
      auto done = change();
      if (done || done.error() != EAGAIN) return done;
      wait_for_compaction(seen);
    }
  }
  uint64_t compactions_ended();
  /** Returns when compactions_ended() is no longer `seen`. */
  void wait_for_compaction(uint64_t seen);
  /** Running compactions fail with EINTR, and so do later ones: for a caller who is about to
   * unmount. */
  void stop_compactions();

  // Sync points.

  /** fsync, fdatasync and O_SYNC of anything: a sync point. ESTALE and EUCLEAN as getattr. */
  Expected<void> fsync(InodeNumber ino);
  /** The `sync` command. */
  Expected<void> sync();
  /** First half of sync(): seals and reclaims, in memory; fixes the log's content. */
  Expected<SyncTicket> start_sync();
  /** Second half: returns when all that `ticket` covers is durable. Holds no lock while the device
   * flushes. */
  Expected<void> finish_sync(const SyncTicket& ticket);
  /** The `checkpoint` command. */
  Expected<void> checkpoint();

  // What /.vexfs needs.

  /** One write(2) to `control`: complete lines, at most 4096 bytes. EINVAL, EPERM as docs/api.md
   * says. */
  Expected<void> control(std::string_view lines);
  /** Nanoseconds since 1970. EPERM unless clock=manual. */
  Expected<void> set_clock(int64_t nanoseconds);
  /** Stream bytes from `position`; 0 at the readable head; ESTALE below the oldest kept position.
   */
  Expected<size_t> read_events(uint64_t position, std::span<std::byte> into);
  /** Stream position up to which events are readable. */
  uint64_t readable_head() const;
  /** Waits until the readable head is above `position` or `timeout` passes; returns the head. */
  uint64_t wait_events(uint64_t position, std::chrono::milliseconds timeout);
  /** Called after the readable head rose, from the thread that did it, without locks; must not call
   * the volume's changing methods. */
  void set_event_hook(std::function<void(uint64_t readable_head)> hook);
  /** `name value` lines. */
  std::string stats();

  VolumeSpace statfs();
  bool read_only() const;
  const MountOptions& options() const;

 private:
  explicit Volume(std::unique_ptr<Engine> engine);
  std::unique_ptr<Engine> engine_;
};

}  // namespace vexfs::core
