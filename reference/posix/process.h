// SPDX-License-Identifier: MIT
// What Linux system calls answer on a VexFS volume: the VFS on top of an inode-level volume.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reference/posix/credentials.h"
#include "reference/posix/door_file.h"
#include "reference/posix/inode_volume.h"
#include "reference/posix/path_walk.h"

namespace vexfs::posix {

/// The flags of open(2). O_NONBLOCK and O_NOCTTY are always meant.
struct OpenFlags {
  bool read = false;
  bool write = false;
  bool create = false;
  bool exclusive = false;
  bool truncate = false;
  bool append = false;
  bool directory = false;
  bool no_follow = false;
};

/// One time of utimensat(2).
struct TimeSpec {
  enum class Kind { kSet, kNow, kOmit };
  Kind kind = Kind::kOmit;
  std::int64_t sec = 0;
  std::int64_t nsec = 0;  // kSet: outside 0 to 999,999,999 is EINVAL
};

/// In chown: leave this id as it is.
inline constexpr std::uint32_t kKeepId = UINT32_MAX;

/// A process on a mounted volume: its root directory is the volume's, its umask is 0, and the
/// sysctls fs.protected_* are 0. Each function is the system call of its name; the error is its
/// errno. Open files have names; one in use cannot be opened again (EBUSY), one that is not open is
/// EBADF, before anything else is looked at.
///
/// Sockets and devices cannot be opened (ENXIO), nor fifos (EOPNOTSUPP), once all that Linux checks
/// before is fine.
class Process {
 public:
  /// `volume` must outlive it. Open files end with the mount: nothing is released when a Process is
  /// destroyed.
  explicit Process(InodeVolume& volume) : volume_(volume) {}

  Result<void> mkdir(const Credentials& who, std::string_view path, std::uint32_t mode);
  Result<void> rmdir(const Credentials& who, std::string_view path);
  /// `mode` with type bits; none: a regular file. `rdev` as new_encode_dev() gives it.
  Result<void> mknod(const Credentials& who, std::string_view path, std::uint32_t mode,
                     std::uint32_t rdev);
  Result<void> symlink(const Credentials& who, std::string_view target, std::string_view path);
  /// Does not follow `from`.
  Result<void> link(const Credentials& who, std::string_view from, std::string_view to);
  Result<void> unlink(const Credentials& who, std::string_view path);
  /// renameat2(2).
  Result<void> rename(const Credentials& who, std::string_view from, std::string_view to,
                      std::uint32_t flags);
  Result<std::string> readlink(const Credentials& who, std::string_view path);

  Result<Attr> stat(const Credentials& who, std::string_view path, bool follow);
  Result<Attr> fstat(const std::string& handle);
  Result<StatFs> statfs(const Credentials& who, std::string_view path);
  Result<void> chmod(const Credentials& who, std::string_view path, std::uint32_t mode);
  /// With both ids kKeepId it changes nothing: a FUSE filesystem would not learn of it.
  Result<void> chown(const Credentials& who, std::string_view path, std::uint32_t uid,
                     std::uint32_t gid, bool follow);
  Result<void> utimens(const Credentials& who, std::string_view path, TimeSpec atime,
                       TimeSpec mtime, bool follow);
  Result<void> truncate(const Credentials& who, std::string_view path, std::int64_t size);
  Result<void> ftruncate(const Credentials& who, const std::string& handle, std::int64_t size);

  Result<void> open(const Credentials& who, const std::string& handle, std::string_view path,
                    OpenFlags flags, std::uint32_t mode);
  Result<void> close(const std::string& handle);
  /// pread(2).
  Result<std::vector<std::byte>> read(const std::string& handle, std::int64_t offset,
                                      std::uint64_t length);
  /// pwrite(2); without an offset at the present end of the file.
  Result<std::size_t> write(const Credentials& who, const std::string& handle,
                            std::optional<std::int64_t> offset, std::span<const std::byte> bytes);
  /// The whole directory on a descriptor of its own.
  Result<std::vector<DirEntry>> readdir(const Credentials& who, std::string_view path);
  /// The next `count` entries from where the handle's last piece ended; `rewind`: from the
  /// beginning.
  Result<std::vector<DirEntry>> readdir_piece(const std::string& handle, std::size_t count,
                                              bool rewind);
  /// Also fdatasync(2).
  Result<void> fsync(const std::string& handle);

  /// setxattr(2) and the others; they follow symlinks. `flags`: XATTR_*.
  Result<void> setxattr(const Credentials& who, std::string_view path, std::string_view name,
                        std::string_view value, int flags);
  /// Into a buffer that is large enough.
  Result<std::string> getxattr(const Credentials& who, std::string_view path,
                               std::string_view name);
  Result<std::vector<std::string>> listxattr(const Credentials& who, std::string_view path);
  Result<void> removexattr(const Credentials& who, std::string_view path, std::string_view name);

  /// read(2) of a door.
  Result<std::vector<std::byte>> read_door(const std::string& handle, std::uint64_t length);
  /// Opens a door, writes the request, reads the whole reply, closes.
  Result<std::vector<std::byte>> door(const Credentials& who, std::string_view path,
                                      std::span<const std::byte> request);

  /// Opens /.vexfs/control, writes the line and a newline, closes.
  Result<void> control(const Credentials& who, std::string_view line);
  /// Opens /.vexfs/events and reads from `position` to the end.
  Result<std::vector<std::byte>> events(const Credentials& who, std::uint64_t position);

 private:
  struct OpenFile {
    Ino ino = 0;
    std::uint64_t generation = 0;
    bool directory = false;
    OpenFlags flags;
    std::uint64_t position = 0;  // of readdir_piece
    DoorFile door = {};          // of a door
  };

  // process_names.cpp
  Result<void> to_new_name(PathWalk& walk, std::string_view path, bool directory);
  Result<void> may_create(const Credentials& who, const PathWalk& walk) const;
  Result<void> may_delete(const Credentials& who, const Attr& dir, const Attr& victim,
                          bool directory) const;
  Result<void> may_rename(const Credentials& who, const PathWalk& from, const PathWalk& to,
                          const Attr& source, const std::optional<Attr>& target,
                          std::uint32_t flags) const;

  // process_attributes.cpp
  Result<Attr> current(Ino ino);
  Result<void> change(const Attr& attr, const SetAttr& change);
  Result<void> truncate_inode(const Credentials& who, const Attr& attr, std::uint64_t size);
  Result<void> writable() const;
  Result<void> permit(const Credentials& who, const Attr& attr, unsigned access) const;

  // process_xattrs.cpp
  Result<void> permit_xattr(const Credentials& who, const Attr& attr, std::string_view name,
                            unsigned access) const;

  // process_open.cpp
  struct Opened {
    Attr attr;
    bool created = false;
  };
  Result<Opened> find_or_create(const Credentials& who, std::string_view path, OpenFlags flags,
                                std::uint32_t mode);
  Result<Opened> last_or_create(const Credentials& who, const PathWalk& walk, OpenFlags flags,
                                std::uint32_t mode);
  Result<void> may_open(const Credentials& who, const Opened& opened, OpenFlags flags);
  Result<Opened> open_path(const Credentials& who, std::string_view path, OpenFlags flags,
                           std::uint32_t mode);

  // process_files.cpp
  OpenFile* find_file(const std::string& handle);
  Result<Attr> attr_of(const OpenFile& file);
  Result<std::vector<DirEntry>> list_dot(Ino ino);
  Result<std::vector<DirEntry>> list(const OpenFile& file, std::uint64_t position,
                                     std::size_t most);

  InodeVolume& volume_;
  std::map<std::string, OpenFile> files_;
};

}  // namespace vexfs::posix
