// SPDX-License-Identifier: MIT
// The structure of a block of a collection's system inodes: header, slots and their links, rows.
#pragma once

#include <optional>

#include "reference/tools/inspect/structure.h"

namespace vexfs::tools {

// Of a block whose role is the data of a system inode. Fields are named as docs/vectors.md names
// things: "header › live", "slot 3 › id", "slot 3 › level 1 › link 0", "row 3 › element 0". None if
// the collection cannot be read.
std::optional<Structure> collection_structure(const VolumeView& view, std::uint64_t block,
                                              const BlockRole& role);

}  // namespace vexfs::tools
