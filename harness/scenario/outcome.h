// SPDX-License-Identifier: MIT
// What one operation answered on one target, and how two answers differ.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/scenario/digest.h"

namespace vexfs::parity {

struct Timestamp {
  std::int64_t sec = 0;
  std::int64_t nsec = 0;
  bool operator==(const Timestamp&) const = default;
};

/// Fields of stat(2). st_dev and st_blksize are left out: they belong to the mount, not to the
/// volume.
struct StatFields {
  std::uint64_t ino = 0;
  std::uint32_t mode = 0;  // with the type bits of S_IFMT
  std::uint64_t nlink = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint64_t rdev = 0;  // device_number()
  std::int64_t size = 0;
  std::uint64_t blocks = 0;  // in units of 512 bytes
  Timestamp atime{};
  Timestamp mtime{};
  Timestamp ctime{};
  bool operator==(const StatFields&) const = default;
};

/// Fields of statfs(2). f_type and f_fsid are left out: they name the implementation.
struct StatfsFields {
  std::uint64_t bsize = 0;
  std::uint64_t blocks = 0;
  std::uint64_t bfree = 0;
  std::uint64_t bavail = 0;
  std::uint64_t files = 0;
  std::uint64_t ffree = 0;
  std::uint64_t namelen = 0;
  bool operator==(const StatfsFields&) const = default;
};

/// One directory entry as getdents64(2) returns it.
struct DirectoryEntry {
  std::string name;  // bytes
  std::uint64_t ino = 0;
  std::uint8_t type = 0;  // DT_*
  std::int64_t cookie = 0;
  bool operator==(const DirectoryEntry&) const = default;
};

/// The answer to one step. Which parts are present depends on the operation only when it succeeded.
struct Outcome {
  int error = 0;                     // errno; 0 = success
  std::int64_t value = 0;            // bytes read or written; 0 for other operations
  std::optional<Digest> data;        // read, events, replies of doors
  std::optional<std::string> bytes;  // events: the bytes themselves while they are few
  std::optional<std::string> reply;  // of a door: the bytes themselves while they are few
  std::optional<std::string> text;   // readlink, getxattr; listxattr: names, one a line
  std::optional<std::vector<DirectoryEntry>> names;  // readdir, readdir_piece
  std::optional<StatFields> stat;
  std::optional<StatfsFields> statfs;
  bool operator==(const Outcome&) const = default;

  static Outcome failure(int error) {
    Outcome outcome;
    outcome.error = error;
    return outcome;
  }
};

/// `Outcome::bytes` and `Outcome::reply` are given up to this many bytes.
inline constexpr std::size_t kMostCarriedBytes = 16384;

/// The outcome of a request that was answered.
Outcome reply_outcome(std::string_view reply);

/// A device number as outcomes carry it, independent of any C library.
constexpr std::uint64_t device_number(std::uint32_t major, std::uint32_t minor) {
  return (std::uint64_t{major} << 20) | minor;
}

/// One field in which two outcomes differ, such as {"stat.nlink", "2", "1"}.
struct FieldDifference {
  std::string field;
  std::string left;
  std::string right;
  bool operator==(const FieldDifference&) const = default;
};

/// Every differing field; empty exactly when the outcomes are equal. A part that one side lacks
/// reads "absent".
std::vector<FieldDifference> differences(const Outcome& left, const Outcome& right);

}  // namespace vexfs::parity
