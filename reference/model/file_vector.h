// SPDX-License-Identifier: MIT
// The attribute user.vexfs.vector: docs/vectors.md, "Vectors of files".
#pragma once

#include <optional>
#include <span>

#include "reference/contract/inode.h"
#include "reference/model/mounted.h"

namespace vexfs::model {

/// Where a file's vector is.
struct FileVector {
  Collection* collection = nullptr;
  vectors::SlotNumber slot = 0;
};

/// None if it has none. EUCLEAN if that cannot be said.
Result<std::optional<FileVector>> find_file_vector(Mounted& volume, Ino ino,
                                                   const vexfs_inode& inode);

/// Before the file gets a name in `dir`: EXDEV if its vector's collection is another directory's.
Result<void> check_vector_stays(Mounted& volume, Ino ino, const vexfs_inode& inode, Ino dir);

/// What posix::InodeVolume says of the functions of the same name.
Result<void> set_vector(Mounted& volume, Ino ino, std::span<const std::byte> value, int flags);
Result<vectors::Row> get_vector(Mounted& volume, Ino ino);
Result<void> remove_vector(Mounted& volume, Ino ino);
Result<bool> has_vector(Mounted& volume, Ino ino);

/// The vector that goes with the last link of its file, in the unit that takes the link.
class VectorDeath {
 public:
  /// First in the unit: is there one? `inode` still has the link. EUCLEAN.
  Result<void> find(Mounted& volume, Ino ino, const vexfs_inode& inode);
  /// In the unit: changes the collection, and `inode`, which the caller stores.
  Result<void> write(Mounted& volume, vexfs_inode& inode) const;
  /// In the unit, after its own event.
  void emit(Mounted& volume) const;
  /// After the unit, if it succeeded.
  void apply() const;

 private:
  std::optional<FileVector> found_;
};

}  // namespace vexfs::model
