// SPDX-License-Identifier: MIT
// Executes scenario steps by reference/posix: the in-process counterpart of the guest's session.
#pragma once

#include "harness/scenario/door_request.h"
#include "harness/scenario/scenario.h"
#include "reference/posix/process.h"

namespace vexfs::parity {

/// One mounted volume as the steps of one segment see it. Handles end with it.
class PosixSession {
 public:
  /// `volume` must outlive the session.
  explicit PosixSession(posix::InodeVolume& volume) : process_(volume) {}

  /// `step` is no volume step.
  Outcome execute(const Step& step);

 private:
  template <class Operation>
  Outcome run(const Operation& operation);

  template <VectorOperation Operation>
  Outcome request(const Operation& operation);

  posix::Process process_;
  DoorRequests requests_;
  posix::Credentials who_;             // of the step that runs
  std::uint64_t events_position_ = 0;  // where `events` goes on
};

}  // namespace vexfs::parity
