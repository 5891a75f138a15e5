// SPDX-License-Identifier: MIT
// Reading a whole collection, and what is wrong with it: docs/vectors.md, "On the volume".
#pragma once

#include "reference/model/collection_inodes.h"

namespace vexfs::model {

/// The collection, read at its first use since the mount. ESTALE if it is no more, EUCLEAN.
Result<Collection*> use_collection(Mounted& volume, Ino graph);

/// The blocks of a system inode by logical block. EUCLEAN if one within its size is not mapped.
Result<std::vector<BlockNumber>> blocks_of(const Mounted& volume, Ino ino,
                                           const vexfs_inode& inode);

/// Where a slot's record and a list of the upper inode stand.
struct RecordPlace {
  std::uint32_t block = 0;  // logical
  std::size_t offset = 0;
};
RecordPlace slot_place(const vectors::Parameters& parameters, std::uint32_t slot);
RecordPlace list_place(const vectors::Parameters& parameters, std::uint32_t list);

}  // namespace vexfs::model
