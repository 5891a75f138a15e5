// SPDX-License-Identifier: MIT
// System calls on a VexFS volume: what Linux 6.1 answers, from the path to the errno.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "reference/posix/credentials.h"
#include "reference/posix/inode_volume.h"
#include "reference/posix/path_walk.h"

namespace vexfs::posix {

/// How a file is opened; the flags of open(2) that VexFS knows.
struct OpenFlags {
  bool read = true;
  bool write = false;
  bool create = false;
  bool exclusive = false;
  bool truncate = false;
  bool append = false;
  bool directory = false;
  bool no_follow = false;
};

/// A time as utimensat(2) takes it. Nanoseconds may be out of range: EINVAL.
struct TimeSpec {
  enum class Kind { kSet, kNow, kOmit };
  Kind kind = Kind::kOmit;
  std::int64_t sec = 0;
  std::int64_t nsec = 0;
};

/// The open files of a process on one mounted volume, and its system calls.
///
/// Paths are absolute within the volume ("/a/b"); handles are names that the caller gives. umask is
/// 0. Results are values or errno, in Linux's order of checks. `volume` must outlive the process;
/// handles still open at its end are left to the volume's unmount.
class Process {
 public:
  explicit Process(InodeVolume& volume) : volume_(volume) {}

  // process_names.cpp
  Result<void> mkdir(const Credentials& who, std::string_view path, std::uint32_t mode);
  /// `mode` has the type bits; `rdev` as InodeVolume takes it.
  Result<void> mknod(const Credentials& who, std::string_view path, std::uint32_t mode,
                     std::uint32_t rdev);
  Result<void> symlink(const Credentials& who, std::string_view target, std::string_view path);
  Result<void> link(const Credentials& who, std::string_view from, std::string_view to);
  Result<void> unlink(const Credentials& who, std::string_view path);
  Result<void> rmdir(const Credentials& who, std::string_view path);
  Result<std::string> readlink(const Credentials& who, std::string_view path);

  // process_rename.cpp
  /// `flags` as renameat2(2).
  Result<void> rename(const Credentials& who, std::string_view from, std::string_view to,
                      unsigned flags);

  // process_open.cpp
  /// EBUSY if the handle is in use. ENXIO for devices and sockets, EOPNOTSUPP for fifos (whose
  /// answer depends on the other end, not on the filesystem).
  Result<void> open(const Credentials& who, const std::string& handle, std::string_view path,
                    const OpenFlags& flags, std::uint32_t mode);
  Result<void> close(const std::string& handle);

  // process_files.cpp
  Result<std::vector<std::byte>> read(const std::string& handle, std::int64_t offset,
                                      std::uint64_t length);
  /// No offset: at the end of the file. Returns the bytes written.
  Result<std::size_t> write(const Credentials& who, const std::string& handle,
                            std::optional<std::int64_t> offset, std::span<const std::byte> bytes);
  Result<void> truncate(const Credentials& who, std::string_view path, std::int64_t size);
  Result<void> ftruncate(const Credentials& who, const std::string& handle, std::int64_t size);
  /// Also fdatasync.
  Result<void> fsync(const std::string& handle);
  /// One line written to /.vexfs/control.
  Result<void> control(const Credentials& who, std::string_view line);
  /// The event stream from `position` to its readable end.
  Result<std::vector<std::byte>> events(const Credentials& who, std::uint64_t position);

  // process_attributes.cpp
  Result<void> chmod(const Credentials& who, std::string_view path, std::uint32_t mode);
  /// UINT32_MAX leaves an id as it is.
  Result<void> chown(const Credentials& who, std::string_view path, std::uint32_t uid,
                     std::uint32_t gid, bool follow);
  Result<void> utimens(const Credentials& who, std::string_view path, const TimeSpec& atime,
                       const TimeSpec& mtime, bool follow);
  Result<Attr> stat(const Credentials& who, std::string_view path, bool follow);
  Result<Attr> fstat(const std::string& handle);
  Result<StatFs> statfs(const Credentials& who, std::string_view path);

  // process_directories.cpp
  /// Everything, "." and ".." first.
  Result<std::vector<DirEntry>> readdir(const Credentials& who, std::string_view path);
  /// The next `count` entries of an open directory.
  Result<std::vector<DirEntry>> readdir_piece(const std::string& handle, std::size_t count,
                                              bool rewind);

 private:
  struct OpenFile {
    Ino ino = 0;
    std::uint32_t type = 0;  // S_IFMT bits
    bool readable = false;
    bool writable = false;
    bool append = false;
    std::uint64_t position = 0;   // of a directory
    std::optional<Attr> removed;  // a directory that has no name any more, as it was then
  };

  /// A name to be made: the path's parent, which may be written, and the name, which is not there.
  Result<Parent> new_name(const Credentials& who, std::string_view path, bool directory);
  /// After new_name()'s lookups: the caller may write the directory.
  Result<void> may_create(const Credentials& who, const Attr& dir);
  Result<void> may_delete(const Credentials& who, const Attr& dir, const Attr& victim,
                          bool directory);
  Result<void> open_existing(const Credentials& who, const std::string& handle, const Attr& inode,
                             const OpenFlags& flags, bool created);
  Result<void> open_or_create(const Credentials& who, const std::string& handle,
                              const Parent& parent, const OpenFlags& flags, std::uint32_t mode);
  Result<void> set_attributes(const Attr& inode, const SetAttr& change);
  Result<void> set_size(const Credentials& who, const Attr& inode, std::int64_t size);
  /// Attributes of a node of the volume or of /.vexfs.
  Result<Attr> attributes(Ino ino);
  /// Remembers the last attributes of a directory that was just removed from `parent` for handles
  /// on it.
  void note_removed(const Attr& directory, Ino parent);
  Result<std::vector<DirEntry>> list(Ino dir, std::uint64_t position, std::size_t most);
  OpenFile* find(const std::string& handle);

  InodeVolume& volume_;
  std::unordered_map<std::string, OpenFile> files_;
};

}  // namespace vexfs::posix
