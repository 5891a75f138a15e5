// SPDX-License-Identifier: MIT
// Operations on attributes of inodes and of the volume.
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include "harness/guest/execute.h"

namespace vexfs::parity::guest {
namespace {

timespec to_timespec(const TimeChange& change) {
  switch (change.kind) {
    case TimeChange::Kind::kNow:
      return {0, UTIME_NOW};
    case TimeChange::Kind::kOmit:
      return {0, UTIME_OMIT};
    case TimeChange::Kind::kSet:
      break;
  }
  return {static_cast<time_t>(change.sec), static_cast<long>(change.nsec)};
}

Timestamp to_timestamp(const timespec& time) { return {time.tv_sec, time.tv_nsec}; }

Outcome stat_outcome(const struct stat64& from) {
  StatFields stat;
  stat.ino = from.st_ino;
  stat.mode = from.st_mode;
  stat.nlink = from.st_nlink;
  stat.uid = from.st_uid;
  stat.gid = from.st_gid;
  stat.rdev = device_number(major(from.st_rdev), minor(from.st_rdev));
  stat.size = from.st_size;
  stat.blocks = static_cast<std::uint64_t>(from.st_blocks);
  stat.atime = to_timestamp(from.st_atim);
  stat.mtime = to_timestamp(from.st_mtim);
  stat.ctime = to_timestamp(from.st_ctim);
  Outcome outcome;
  outcome.stat = stat;
  return outcome;
}

int follow_flag(bool follow) { return follow ? 0 : AT_SYMLINK_NOFOLLOW; }

}  // namespace

Outcome execute(const Chmod& o, OpenFiles&) {
  return outcome_of(::chmod(o.path.bytes.c_str(), o.mode.bits));
}

Outcome execute(const Chown& o, OpenFiles&) {
  return outcome_of(
      ::fchownat(AT_FDCWD, o.path.bytes.c_str(), o.uid, o.gid, follow_flag(o.follow)));
}

Outcome execute(const Utimens& o, OpenFiles&) {
  const timespec times[2] = {to_timespec(o.atime), to_timespec(o.mtime)};
  return outcome_of(::utimensat(AT_FDCWD, o.path.bytes.c_str(), times, follow_flag(o.follow)));
}

Outcome execute(const Stat& o, OpenFiles&) {
  struct stat64 attributes;
  const int result =
      ::fstatat64(AT_FDCWD, o.path.bytes.c_str(), &attributes, follow_flag(o.follow));
  return result < 0 ? Outcome::failure(errno) : stat_outcome(attributes);
}

Outcome execute(const Fstat& o, OpenFiles& files) {
  const OpenFile* file = files.find(o.handle);
  if (file == nullptr) return Outcome::failure(EBADF);
  struct stat64 attributes;
  return ::fstat64(file->descriptor, &attributes) < 0 ? Outcome::failure(errno)
                                                      : stat_outcome(attributes);
}

Outcome execute(const Statfs& o, OpenFiles&) {
  struct statfs64 from;
  if (::statfs64(o.path.bytes.c_str(), &from) < 0) return Outcome::failure(errno);
  StatfsFields statfs;
  statfs.bsize = static_cast<std::uint64_t>(from.f_bsize);
  statfs.blocks = from.f_blocks;
  statfs.bfree = from.f_bfree;
  statfs.bavail = from.f_bavail;
  statfs.files = from.f_files;
  statfs.ffree = from.f_ffree;
  statfs.namelen = static_cast<std::uint64_t>(from.f_namelen);
  Outcome outcome;
  outcome.statfs = statfs;
  return outcome;
}

}  // namespace vexfs::parity::guest
