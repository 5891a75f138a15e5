// SPDX-License-Identifier: MIT
// Units of work: what changes the volume does so in one. docs/determinism.md, "Units of work".
#pragma once

#include <functional>

#include "reference/model/mounted.h"

namespace vexfs::model {

/// The changes of one unit. May fail at any point: what it did to blocks and state is then taken
/// back.
using UnitBody = std::function<Result<void>()>;

/// The number that the running unit will have.
std::uint64_t current_unit(const Mounted& volume);

/// Runs one unit. If it lacks blocks or an inode number, relieves and runs it once more. Closes the
/// transaction if it is due. Fails as the body does; EROFS on a read-only mount.
Result<void> run_unit(Mounted& volume, const UnitBody& body);

/// Widens the inode's Write range; the last thing that a unit does.
void note_write(Mounted& volume, Ino ino, WriteRange written);

}  // namespace vexfs::model
