// SPDX-License-Identifier: MIT
// The inode-level interface of a mounted VexFS volume: what is left of a filesystem once Linux's
// VFS has walked the path and checked permissions. reference/posix plays the VFS on top of it; the
// reference model implements it, and an adapter lets the production engine stand in its place.
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vexfs::posix {

/// Number of an inode of the volume, 1 = root. The files of /.vexfs are not among them.
using Ino = std::uint64_t;

inline constexpr Ino kRootIno = 1;

/// A value or a positive errno.
template <typename T>
using Result = std::expected<T, int>;

struct Timestamp {
  std::int64_t sec = 0;
  std::uint32_t nsec = 0;  // below 10^9
  bool operator==(const Timestamp&) const = default;
};

/// What stat(2) tells of an inode, and its generation.
struct Attr {
  Ino ino = 0;
  std::uint32_t mode = 0;  // type and permission bits
  std::uint32_t nlink = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint32_t rdev = 0;  // as on disk: the kernel's new_encode_dev()
  std::uint64_t size = 0;
  std::uint64_t blocks = 0;  // of 4096 bytes; st_blocks is 8 times that
  std::uint64_t generation = 0;
  Timestamp atime, mtime, ctime;
  bool operator==(const Attr&) const = default;
};

/// A time to be set: a value, or the volume's clock at the moment when the change takes effect.
struct SetTime {
  bool now = true;
  Timestamp value;  // when not `now`
};

/// A change of attributes: one unit of work with one event. What is not given stays. Nothing given:
/// no unit.
struct SetAttr {
  std::optional<std::uint32_t> mode = {};  // permission bits 07777; the type stays
  std::optional<std::uint32_t> uid = {};
  std::optional<std::uint32_t> gid = {};
  std::optional<std::uint64_t> size = {};
  std::optional<SetTime> atime = {};
  std::optional<SetTime> mtime = {};
  /// Which of S_ISUID and S_ISGID the change takes from the mode, as an OR of them; only with
  /// `size`, `uid`, `gid`.
  std::uint32_t kill_setid = 0;
};

/// What a new inode looks like: final values, umask and set-gid inheritance already applied.
struct NewNode {
  std::uint32_t mode = 0;  // permission bits; for mknod also the type
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint32_t rdev = 0;  // new_encode_dev(), character and block devices only
};

struct DirEntry {
  std::string name;
  Ino ino = 0;
  std::uint8_t type = 0;   // DT_*
  std::uint64_t next = 0;  // position after this entry (docs/format.md, "Directories")
  bool operator==(const DirEntry&) const = default;
};

struct StatFs {
  std::uint64_t blocks = 0;  // of the data region, 4096 bytes each
  std::uint64_t free_blocks = 0;
  std::uint64_t inodes = 0;
  std::uint64_t free_inodes = 0;
  bool operator==(const StatFs&) const = default;
};

/// A collection as its files show it (docs/api.md, "Collections").
struct CollectionAttr {
  Ino graph = 0;      // its graph inode, which names it
  Ino directory = 0;  // whose collection it is
  std::uint64_t generation = 0;
  std::uint64_t vectors_size = 0;  // bytes of the file `vectors`
  std::uint64_t graph_size = 0;    // bytes of the file `graph`
};

enum class Door { kQuery, kUpdate };
enum class CollectionFile { kVectors, kGraph, kInfo };

/// A mounted volume. Calls come one at a time. Names are 1 to 255 bytes without '/' and NUL, never
/// "." or "..".
///
/// The caller has done what the VFS does: permissions, sticky bits, "is it a directory", name
/// lengths, EXDEV, and that a read-only volume is not asked to change (it answers EROFS anyway).
/// The volume still answers correctly when asked for the impossible (ENOENT, EEXIST, ENOTDIR,
/// EISDIR), and adds the filesystem's own checks in the order of docs/api.md: reserved name,
/// ENOTEMPTY, EMLINK, EFBIG, ENOSPC. A number that names no inode in use is ESTALE, a corrupt
/// structure EUCLEAN, a failing device EIO.
class InodeVolume {
 public:
  virtual ~InodeVolume() = default;

  virtual bool read_only() const = 0;

  /// ENOENT if there is none. `.vexfs` is never found here.
  virtual Result<Attr> lookup(Ino dir, std::string_view name) = 0;
  virtual Result<Attr> getattr(Ino ino) = 0;
  /// `size` on a regular file only. EFBIG above 16 TiB.
  virtual Result<Attr> setattr(Ino ino, const SetAttr& change) = 0;

  /// A regular file, fifo, socket or device, as the type bits of `node.mode` say. Does not open it.
  virtual Result<Attr> mknod(Ino dir, std::string_view name, const NewNode& node) = 0;
  virtual Result<Attr> mkdir(Ino dir, std::string_view name, const NewNode& node) = 0;
  /// `target` of 1 to 4095 bytes. `node.mode` is 0777.
  virtual Result<Attr> symlink(Ino dir, std::string_view name, std::string_view target,
                               const NewNode& node) = 0;
  virtual Result<Attr> link(Ino ino, Ino dir, std::string_view name) = 0;
  virtual Result<void> unlink(Ino dir, std::string_view name) = 0;
  virtual Result<void> rmdir(Ino dir, std::string_view name) = 0;
  /// `flags`: 0, RENAME_NOREPLACE or RENAME_EXCHANGE; others EINVAL. Loops are the caller's check.
  virtual Result<void> rename(Ino old_dir, std::string_view old_name, Ino new_dir,
                              std::string_view new_name, unsigned flags) = 0;
  virtual Result<std::string> readlink(Ino ino) = 0;

  /// Counts a handle of a regular file: while there is one, the file survives the loss of its last
  /// link.
  virtual Result<void> open(Ino ino) = 0;
  /// Takes back one open(). The volume itself releases everything at unmount.
  virtual void release(Ino ino) = 0;

  /// At most `length` bytes from `offset`; fewer only at the end of the file.
  virtual Result<std::vector<std::byte>> read(Ino ino, std::uint64_t offset,
                                              std::uint64_t length) = 0;
  /// How many bytes were written; short if space or the 16 TiB limit ran out after some.
  /// `kill_setid`: which of S_ISUID and S_ISGID the first block's unit takes from the mode.
  virtual Result<std::size_t> write(Ino ino, std::uint64_t offset, std::span<const std::byte> bytes,
                                    std::uint32_t kill_setid) = 0;

  /// Up to `most` entries from `position`, "." and ".." first; an empty list at the end.
  virtual Result<std::vector<DirEntry>> readdir(Ino dir, std::uint64_t position,
                                                std::size_t most) = 0;

  /// A sync point, and the inode's data durable. Also fdatasync.
  virtual Result<void> fsync(Ino ino) = 0;
  /// A sync point (docs/determinism.md).
  virtual Result<void> sync() = 0;
  /// A sync point, then a checkpoint.
  virtual Result<void> checkpoint() = 0;
  /// EPERM unless the volume is mounted with clock=manual.
  virtual Result<void> set_clock(std::int64_t nanoseconds) = 0;
  virtual Result<StatFs> statfs() = 0;

  /// At most `length` bytes of the event stream from `position`; none at the readable head or above
  /// it. ESTALE below the oldest kept position.
  virtual Result<std::vector<std::byte>> events(std::uint64_t position, std::uint64_t length) = 0;
  /// The text of /.vexfs/stats.
  virtual Result<std::string> stats() = 0;
  /// One command of /.vexfs/control, without its newline. EINVAL if it is none.
  virtual Result<void> control(std::string_view line) = 0;

  // Collections: docs/vectors.md. A volume that does not have them yet says EOPNOTSUPP.

  /// setxattr of user.vexfs.collection; `replace`: XATTR_REPLACE. Errors as docs/api.md says.
  virtual Result<void> set_collection(Ino, std::string_view /*value*/, bool /*replace*/) {
    return std::unexpected(EOPNOTSUPP);
  }
  /// All parameters as text. ENODATA if it is no collection.
  virtual Result<std::string> get_collection(Ino) { return std::unexpected(EOPNOTSUPP); }
  virtual Result<void> remove_collection(Ino) { return std::unexpected(EOPNOTSUPP); }
  /// The graph inode that the directory names, unchecked; 0 if it is no collection.
  virtual Result<Ino> graph_inode(Ino) { return 0; }
  /// The collection of a directory. ENOENT if it is none.
  virtual Result<CollectionAttr> collection_of(Ino /*directory*/) {
    return std::unexpected(ENOENT);
  }
  /// The same by its graph inode. ESTALE if it is no more.
  virtual Result<CollectionAttr> collection(Ino /*graph*/) { return std::unexpected(ESTALE); }
  /// setxattr of user.vexfs.vector with the VFS's flags. Errors as docs/vectors.md says.
  virtual Result<void> set_vector(Ino, std::span<const std::byte> /*value*/, int /*flags*/) {
    return std::unexpected(EOPNOTSUPP);
  }
  /// The row as it is stored. ENODATA if the inode has none.
  virtual Result<std::vector<std::byte>> get_vector(Ino) { return std::unexpected(EOPNOTSUPP); }
  /// ENODATA if the inode has none.
  virtual Result<void> remove_vector(Ino) { return std::unexpected(EOPNOTSUPP); }
  virtual Result<bool> has_vector(Ino) { return false; }
  /// Executes a request and answers the reply. ESTALE if the collection is no more.
  virtual Result<std::vector<std::byte>> door(Ino /*graph*/, Door,
                                              std::span<const std::byte> /*request*/) {
    return std::unexpected(EOPNOTSUPP);
  }
  /// All bytes of one of the files.
  virtual Result<std::vector<std::byte>> collection_file(Ino /*graph*/, CollectionFile) {
    return std::unexpected(EOPNOTSUPP);
  }
};

}  // namespace vexfs::posix
