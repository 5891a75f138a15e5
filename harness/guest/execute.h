// SPDX-License-Identifier: MIT
// Executes operations by the system calls of the same names. The caller is inside the mount (its
// root directory is the volume's root), with umask 0 and the identity of the step.
#pragma once

#include <cerrno>
#include <cstdint>
#include <map>
#include <string>

#include "harness/scenario/door_request.h"
#include "harness/scenario/operation.h"
#include "harness/scenario/outcome.h"

namespace vexfs::parity::guest {

/// An open file description of the scenario.
struct OpenFile {
  int descriptor = -1;
  std::int64_t cookie = 0;  // where the last readdir_piece ended
};

/// What steps of one mount share. Descriptors are closed in the order of the handles' names.
struct OpenFiles {
  OpenFiles() = default;
  OpenFiles(const OpenFiles&) = delete;
  OpenFiles& operator=(const OpenFiles&) = delete;
  ~OpenFiles();

  /// nullptr where the scenario has not opened it.
  OpenFile* find(const Handle& handle);

  std::map<Handle, OpenFile> by_handle;
  std::uint64_t events_position = 0;  // in the stream of /.vexfs/events
  DoorRequests requests;
};

/// Executes one step that is not a volume step (those answer ENOTSUP: they belong to the target).
Outcome execute(const Operation& operation, OpenFiles& files);

/// 0 for success, else the outcome of the errno that a system call has just set.
Outcome outcome_of(int result);

// One for each operation, in execute_*.cpp.
Outcome execute(const Mkdir& o, OpenFiles& files);
Outcome execute(const Rmdir& o, OpenFiles& files);
Outcome execute(const Mknod& o, OpenFiles& files);
Outcome execute(const Open& o, OpenFiles& files);
Outcome execute(const Close& o, OpenFiles& files);
Outcome execute(const Read& o, OpenFiles& files);
Outcome execute(const Write& o, OpenFiles& files);
Outcome execute(const Truncate& o, OpenFiles& files);
Outcome execute(const Ftruncate& o, OpenFiles& files);
Outcome execute(const Unlink& o, OpenFiles& files);
Outcome execute(const Link& o, OpenFiles& files);
Outcome execute(const Symlink& o, OpenFiles& files);
Outcome execute(const Readlink& o, OpenFiles& files);
Outcome execute(const Rename& o, OpenFiles& files);
Outcome execute(const Chmod& o, OpenFiles& files);
Outcome execute(const Chown& o, OpenFiles& files);
Outcome execute(const Utimens& o, OpenFiles& files);
Outcome execute(const Stat& o, OpenFiles& files);
Outcome execute(const Fstat& o, OpenFiles& files);
Outcome execute(const Statfs& o, OpenFiles& files);
Outcome execute(const Readdir& o, OpenFiles& files);
Outcome execute(const ReaddirPiece& o, OpenFiles& files);
Outcome execute(const Fsync& o, OpenFiles& files);
Outcome execute(const Fdatasync& o, OpenFiles& files);
Outcome execute(const Control& o, OpenFiles& files);
Outcome execute(const Events& o, OpenFiles& files);
Outcome execute(const Setxattr& o, OpenFiles& files);
Outcome execute(const VectorAttach& o, OpenFiles& files);
Outcome execute(const Getxattr& o, OpenFiles& files);
Outcome execute(const Removexattr& o, OpenFiles& files);
Outcome execute(const Listxattr& o, OpenFiles& files);
Outcome execute(const FailWrites& o, OpenFiles& files);
Outcome execute(const Remount& o, OpenFiles& files);
Outcome execute(const Crash& o, OpenFiles& files);
Outcome execute(const Compare& o, OpenFiles& files);

/// Opens the door, writes the request, reads the whole reply, closes.
Outcome execute_request(const DoorRequest& request, OpenFiles& files);

template <VectorOperation O>
Outcome execute(const O& o, OpenFiles& files) {
  const auto request = files.requests.request_of(o);
  return request ? execute_request(*request, files) : Outcome::failure(ENODATA);
}

}  // namespace vexfs::parity::guest
