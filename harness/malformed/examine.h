// SPDX-License-Identifier: MIT
// Holds reference and engine against each other on a volume that may be damaged: both must answer
// the same, and neither may crash or hang.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/target/target.h"

namespace vexfs::parity {

/// What came of one volume on one kind of mount.
struct Examination {
  /// How reference and engine differ, one line for each; empty if they answer alike.
  std::vector<std::string> disagreement;
  std::string signature;  // of a disagreement, without values: "mount", "readdir names", ...
  bool refused = false;   // both refused to mount, with the same errno
  /// A read met damage on one side only. docs/format.md leaves that open ("depends on what it
  /// reads"): one side walks all extents of a file, the other those that the read needs.
  bool met_by_one = false;
  bool damage_met = false;    // an operation answered EUCLEAN on both
  bool bytes_differ = false;  // after a writable mount: the volumes differ where they are compared
  std::uint64_t operations = 0;
};

/// Mounts a copy of the volume on both, lists and reads everything through reference/posix, and, if
/// writable, changes something and unmounts.
Examination examine(const Image& volume, bool read_only);

}  // namespace vexfs::parity
