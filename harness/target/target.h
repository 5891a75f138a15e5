// SPDX-License-Identifier: MIT
// One implementation of VexFS as the harness sees it: something that runs a piece of a scenario on
// a volume.
#pragma once

#include <cstddef>
#include <expected>
#include <span>
#include <string>
#include <vector>

#include "harness/device/volume.h"
#include "harness/scenario/scenario.h"

namespace vexfs::parity {

/// A whole volume. Copies share what none of them has written since, so that handing one on, and
/// comparing two of the same origin, costs what changed.
using Image = device::Volume;

/// How a segment ends.
enum class Ending {
  kUnmount,       // cleanly
  kPowerFailure,  // the volume is what had reached the device
};

/// Whether the device of a mount with these steps comes to fail. Such a mount always ends as by
/// power failure.
bool has_failing_writes(std::span<const Step> steps);

/// A part of a scenario between two mounts: mount `volume`, run `steps`, end.
struct Segment {
  const Image& volume;
  MountOptions options;
  std::span<const Step> steps;  // none of them a volume step
  Ending ending = Ending::kUnmount;
};

/// What a target made of a segment.
struct SegmentResult {
  std::vector<Outcome> outcomes;  // one for each step
  Image volume;                   // afterwards, as long as the segment's volume
};

/// Why a segment has no result.
struct TargetFailure {
  enum class Kind {
    kRefused,  // mount or unmount answered an errno: the implementation's word, comparable between
               // targets
    kDied,     // the implementation or its kernel crashed or hung
    kMachine,  // the harness or the machine failed; says nothing about the implementation
  };
  Kind kind = Kind::kMachine;
  int error = 0;         // kRefused: the errno
  std::string what;      // one line: what happened, with which object
  std::string evidence;  // console tail, decoded oops; may be empty
};

/// An implementation under test. Not thread-safe; different targets run in different threads.
class Target {
 public:
  virtual ~Target() = default;

  /// As reports name it: "reference", "core", "fuse@6.1", "kmod@6.12".
  virtual const std::string& name() const = 0;

  /// Which binary answers, so that a report can say what was really tested.
  virtual std::string build() const = 0;

  /// Runs one segment. After a failure the target is ready for the next segment.
  virtual std::expected<SegmentResult, TargetFailure> run(const Segment& segment) = 0;
};

}  // namespace vexfs::parity
