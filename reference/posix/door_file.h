// SPDX-License-Identifier: MIT
// What one open file description of a door holds: docs/vectors.md, "Doors".
#pragma once

#include "reference/posix/inode_volume.h"

namespace vexfs::posix {

class DoorFile {
 public:
  /// write(2): stages bytes. How many fitted; EFBIG if none did.
  Result<std::size_t> write(std::span<const std::byte> bytes);

  /// read(2): executes what is staged, then gives the reply piece by piece.
  Result<std::vector<std::byte>> read(InodeVolume& volume, Ino ino, std::uint64_t length);

 private:
  std::vector<std::byte> staged_;
  std::vector<std::byte> reply_;
  std::size_t given_ = 0;  // of the reply
  bool has_reply_ = false;
};

}  // namespace vexfs::posix
