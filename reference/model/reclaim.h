// SPDX-License-Identifier: MIT
// Orphans: inodes without a name, and interrupted truncations. docs/determinism.md, reclaim().
#pragma once

#include "reference/model/mounted.h"

namespace vexfs::model {

/// Whether reclaim() has anything to do.
bool has_reclaimable(const Mounted& volume);

/// Frees every reclaimable orphan, ascending, and seals.
void reclaim(Mounted& volume);

/// The same in recovery: every orphan; one that still has links is cut down to its size.
void reclaim_all(Mounted& volume);

/// The units after the first of a large truncation: each removes one piece; the last clears the
/// flag, and the orphan bit if the inode has links.
Result<void> finish_truncation(Mounted& volume, Ino ino);

}  // namespace vexfs::model
