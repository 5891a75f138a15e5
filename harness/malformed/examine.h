// SPDX-License-Identifier: MIT
// Holds reference and engine against each other on a volume that may be damaged: both must answer
// the same, and neither may crash or hang.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/malformed/use_volume.h"
#include "harness/target/target.h"

namespace vexfs::parity {

/// What came of one volume on one kind of mount.
struct Examination {
  /// How reference and engine differ, one line for each; empty if they answer alike.
  std::vector<std::string> disagreement;
  std::string signature;    // of a disagreement, without values: "mount", "readdir names", ...
  bool refused = false;     // both refused to mount, with the same errno
  bool damage_met = false;  // an operation answered EUCLEAN on both
  std::uint64_t operations = 0;
};

/// Mounts a copy of the volume on both, lists and reads everything through reference/posix, and, if
/// writable, changes something and unmounts.
Examination examine(const Image& volume, bool read_only, Laid laid);

}  // namespace vexfs::parity
