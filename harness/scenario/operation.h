// SPDX-License-Identifier: MIT
// The operations of a scenario as values. What each does is written in docs/scenarios.md.
//
// To add an operation: its struct here and in `Operation`, its fields in operation_fields.h, its
// execution in harness/guest/execute_*.cpp and in the reference target, its generator in
// generate_*.cpp, its shrink rule in harness/shrink/simplify_*.cpp, its text in docs/scenarios.md
// and vxs.schema.json.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "harness/crash/severity.h"
#include "harness/scenario/data.h"
#include "harness/scenario/flags.h"
#include "harness/scenario/vector_values.h"

namespace vexfs::parity {

/// Absolute within the mount: "/a/b". Any bytes but NUL.
struct Path {
  std::string bytes;
  bool operator==(const Path&) const = default;
};

/// The name that a scenario gives to an open file description.
using Handle = std::string;

/// Permission bits with set-id and sticky bits, 0 to 07777.
struct Mode {
  std::uint32_t bits = 0;
  bool operator==(const Mode&) const = default;
};

/// One of the two times that `utimens` changes.
struct TimeChange {
  enum class Kind { kSet, kNow, kOmit };
  Kind kind = Kind::kOmit;
  std::int64_t sec = 0;   // kSet only
  std::int64_t nsec = 0;  // kSet only; above 999,999,999 is EINVAL from the system call
  bool operator==(const TimeChange&) const = default;
};

/// In `chown`: leave this id as it is.
inline constexpr std::uint32_t kKeepId = UINT32_MAX;

struct Mkdir {
  Path path;
  Mode mode;
  bool operator==(const Mkdir&) const = default;
};
struct Rmdir {
  Path path;
  bool operator==(const Rmdir&) const = default;
};
struct Mknod {
  Path path;
  Mode mode;
  NodeType type = NodeType::kFifo;
  std::uint32_t major = 0;  // chr and blk only
  std::uint32_t minor = 0;
  bool operator==(const Mknod&) const = default;
};
struct Open {
  Handle handle;
  Path path;
  OpenFlags flags;
  Mode mode;  // of a file that it creates
  bool operator==(const Open&) const = default;
};
struct Close {
  Handle handle;
  bool operator==(const Close&) const = default;
};
struct Read {
  Handle handle;
  std::int64_t offset = 0;
  std::uint64_t length = 0;
  bool operator==(const Read&) const = default;
};
struct Write {
  Handle handle;
  std::optional<std::int64_t> offset;  // none: at the current end of the file ("append")
  Data data;
  bool operator==(const Write&) const = default;
};
struct Truncate {
  Path path;
  std::int64_t size = 0;
  bool operator==(const Truncate&) const = default;
};
struct Ftruncate {
  Handle handle;
  std::int64_t size = 0;
  bool operator==(const Ftruncate&) const = default;
};
struct Unlink {
  Path path;
  bool operator==(const Unlink&) const = default;
};
struct Link {
  Path from;
  Path to;
  bool operator==(const Link&) const = default;
};
struct Symlink {
  Path target;  // the text of the link; need not be absolute
  Path path;
  bool operator==(const Symlink&) const = default;
};
struct Readlink {
  Path path;
  bool operator==(const Readlink&) const = default;
};
struct Rename {
  Path from;
  Path to;
  RenameFlags flags;
  bool operator==(const Rename&) const = default;
};
struct Chmod {
  Path path;
  Mode mode;
  bool operator==(const Chmod&) const = default;
};
struct Chown {
  Path path;
  std::uint32_t uid = kKeepId;
  std::uint32_t gid = kKeepId;
  bool follow = true;
  bool operator==(const Chown&) const = default;
};
struct Utimens {
  Path path;
  TimeChange atime;
  TimeChange mtime;
  bool follow = true;
  bool operator==(const Utimens&) const = default;
};
struct Stat {
  Path path;
  bool follow = true;
  bool operator==(const Stat&) const = default;
};
struct Fstat {
  Handle handle;
  bool operator==(const Fstat&) const = default;
};
struct Statfs {
  Path path;
  bool operator==(const Statfs&) const = default;
};
/// The whole directory in one go, on a descriptor of its own.
struct Readdir {
  Path path;
  bool operator==(const Readdir&) const = default;
};
/// The next `count` entries of an open directory, from the cookie that the last piece ended at.
struct ReaddirPiece {
  Handle handle;
  std::uint32_t count = 1;
  bool rewind = false;  // from the beginning instead
  bool operator==(const ReaddirPiece&) const = default;
};
struct Fsync {
  Handle handle;
  bool operator==(const Fsync&) const = default;
};
struct Fdatasync {
  Handle handle;
  bool operator==(const Fdatasync&) const = default;
};
/// One line written to /.vexfs/control, without its newline: "sync", "checkpoint", "clock N".
struct Control {
  std::string line;
  bool operator==(const Control&) const = default;
};
/// Everything new in /.vexfs/events since the session's last position.
struct Events {
  bool operator==(const Events&) const = default;
};

struct Setxattr {
  Path path;
  std::string name;
  std::string value;
  XattrFlags flags;
  bool operator==(const Setxattr&) const = default;
};
/// Into a buffer that is large enough.
struct Getxattr {
  Path path;
  std::string name;
  bool operator==(const Getxattr&) const = default;
};
struct Removexattr {
  Path path;
  std::string name;
  bool operator==(const Removexattr&) const = default;
};
struct Listxattr {
  Path path;
  bool operator==(const Listxattr&) const = default;
};

// Requests to a collection (docs/vectors.md, "Doors"), each on a door that is opened for it. `path`
// is the collection's directory. `type` says what the numbers are on the wire, and how a reply is
// shown. `piece`: bytes of each write and read; 0: as many as fit.

struct VectorPut {
  Path path;
  Ids ids;
  Rows rows;
  ElementType type = ElementType::kF32;
  std::uint32_t piece = 0;
  bool operator==(const VectorPut&) const = default;
};
struct VectorDelete {
  Path path;
  Ids ids;
  bool operator==(const VectorDelete&) const = default;
};
struct VectorGet {
  Path path;
  Ids ids;
  ElementType type = ElementType::kF32;
  bool operator==(const VectorGet&) const = default;
};
struct VectorList {
  Path path;
  std::uint32_t cursor = 0;
  std::uint32_t max = 1000;
  bool operator==(const VectorList&) const = default;
};
struct VectorCount {
  Path path;
  bool operator==(const VectorCount&) const = default;
};
struct VectorSearch {
  Path path;
  Rows queries;
  std::uint32_t k = 1;
  std::uint32_t ef = 1;  // k if that is more
  Ids filter;            // none: every vector is allowed
  std::uint32_t max_visits = 0;
  bool exact = false;
  ElementType type = ElementType::kF32;
  std::uint32_t piece = 0;
  bool operator==(const VectorSearch&) const = default;
};
/// Goes on with the last search of this path, on this mount, that was cut short. ENODATA, without a
/// system call, if there is none.
struct VectorResume {
  Path path;
  std::uint32_t max_visits = 0;
  ElementType type = ElementType::kF32;
  bool operator==(const VectorResume&) const = default;
};
/// A custom event.
struct VectorEvent {
  Path path;
  std::uint32_t type = 0;  // 16 bits of it are sent
  std::string text;
  std::uint64_t cause = 0;
  bool operator==(const VectorEvent&) const = default;
};
struct VectorCompact {
  Path path;
  bool operator==(const VectorCompact&) const = default;
};
/// Any bytes as a request.
struct VectorRaw {
  Path path;
  Door door = Door::kQuery;
  Data data;
  std::uint32_t piece = 0;
  bool operator==(const VectorRaw&) const = default;
};

/// setxattr of a file's `user.vexfs.vector`; the value is the row on the wire.
struct VectorAttach {
  Path path;
  Rows row;  // one
  ElementType type = ElementType::kF32;
  XattrFlags flags;
  bool operator==(const VectorAttach&) const = default;
};

enum class DataMode : std::uint32_t { kOrdered, kWriteback, kJournal };
enum class ClockMode : std::uint32_t { kManual, kSystem };

/// How a volume is mounted.
struct MountOptions {
  DataMode data = DataMode::kOrdered;
  bool strict = false;
  bool read_only = false;
  ClockMode clock = ClockMode::kManual;
  bool operator==(const MountOptions&) const = default;
};

/// From here to the end of the mount each write of the device into this region fails with EIO. The
/// mount ends as by power failure.
struct FailWrites {
  Region region = Region::kLog;
  bool operator==(const FailWrites&) const = default;
};

// Steps on the volume: the target executes them, never the session in a guest. Each ends every open
// handle.

/// Unmount and mount again. `options` replace those of the scenario from here on.
struct Remount {
  MountOptions options;
  bool operator==(const Remount&) const = default;
};
/// Where power fails in the steps of the mount that a crash ends, if more than one state is to be
/// looked at (docs/crash-model.md). Steps are counted from 0 in the whole scenario, flushes of the
/// device from 1 since the mount.
struct AnyMoment {
  bool operator==(const AnyMoment&) const = default;
};
struct DuringStep {
  std::uint32_t step = 0;
  bool operator==(const DuringStep&) const = default;
};
struct AfterStep {  // from when it has returned to the crash
  std::uint32_t step = 0;
  bool operator==(const AfterStep&) const = default;
};
struct DuringFlush {
  std::uint32_t flush = 1;
  bool operator==(const DuringFlush&) const = default;
};
/// One state: a write set, and then one for each further crash, in the recovery of the one before.
struct OneState {
  std::vector<std::string> write_sets;
  bool operator==(const OneState&) const = default;
};
using CrashPlace =
    std::variant<std::monostate, AnyMoment, DuringStep, AfterStep, DuringFlush, OneState>;

/// Power fails; every target recovers; the recovered volumes are compared and the scenario goes on.
/// In lock-step it fails now, with everything there that reached the device; `at` and `worst` are
/// for those who explore.
struct Crash {
  CrashPlace at;
  crash::Severity worst = crash::Severity::kTorn;
  bool operator==(const Crash&) const = default;
};
/// Unmount, compare everything, mount again.
struct Compare {
  bool operator==(const Compare&) const = default;
};

using Operation =
    std::variant<Mkdir, Rmdir, Mknod, Open, Close, Read, Write, Truncate, Ftruncate, Unlink, Link,
                 Symlink, Readlink, Rename, Chmod, Chown, Utimens, Stat, Fstat, Statfs, Readdir,
                 ReaddirPiece, Fsync, Fdatasync, Control, Events, Setxattr, Getxattr, Removexattr,
                 Listxattr, VectorPut, VectorDelete, VectorGet, VectorList, VectorCount,
                 VectorSearch, VectorResume, VectorEvent, VectorCompact, VectorRaw, VectorAttach,
                 FailWrites, Remount, Crash, Compare>;

/// An operation that is a request to a collection.
template <class T>
concept VectorOperation =
    std::same_as<T, VectorPut> || std::same_as<T, VectorDelete> || std::same_as<T, VectorGet> ||
    std::same_as<T, VectorList> || std::same_as<T, VectorCount> || std::same_as<T, VectorSearch> ||
    std::same_as<T, VectorResume> || std::same_as<T, VectorEvent> ||
    std::same_as<T, VectorCompact> || std::same_as<T, VectorRaw>;

/// Who executes a step.
struct Credentials {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::vector<std::uint32_t> groups;  // supplementary
  bool operator==(const Credentials&) const = default;
};

/// Whether the step needs the target (mounting, power) instead of a session on a mounted volume.
inline bool is_volume_step(const Operation& operation) {
  return std::holds_alternative<Remount>(operation) || std::holds_alternative<Crash>(operation) ||
         std::holds_alternative<Compare>(operation);
}

/// Whether a session on a mounted volume executes the step. Others are the target's: volume steps,
/// and what happens to the device below.
inline bool is_session_step(const Operation& operation) {
  return !is_volume_step(operation) && !std::holds_alternative<FailWrites>(operation);
}

}  // namespace vexfs::parity
