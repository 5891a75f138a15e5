// SPDX-License-Identifier: MIT
// Which block and which inode number comes next: docs/format.md, "Block allocation" and "Allocation
// of a number".
#pragma once

#include <optional>

#include "reference/model/mounted.h"

namespace vexfs::model {

/// Whether the block lies in the data region, its bit is clear and it is not parked.
bool is_allocatable(const Mounted& volume, BlockNumber number);

/// Whether the block lies in the data region and is in use, or lies outside it.
bool is_allocated(const Mounted& volume, BlockNumber number);

/// Takes the lowest allocatable block. ENOSPC if the counters say that there is none, EUCLEAN if
/// the bitmap says so.
Result<BlockNumber> allocate_lowest(Mounted& volume);

/// Takes the block after `previous` if there is a previous one and that is allocatable, else the
/// lowest.
Result<BlockNumber> allocate_after(Mounted& volume, std::optional<BlockNumber> previous);

/// Gives a block back and parks it; a second time within a unit does nothing. EUCLEAN if it was not
/// in use.
Result<void> free_block(Mounted& volume, BlockNumber number);

/// Takes the next inode number and raises the state's generation. ENOSPC if there is none.
Result<Ino> allocate_ino(Mounted& volume);

/// Zeroes the inode's slot and clears its inode and orphan bits. EUCLEAN if the number was not in
/// use.
Result<void> free_ino(Mounted& volume, Ino ino);

}  // namespace vexfs::model
