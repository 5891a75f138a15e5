// SPDX-License-Identifier: MIT
// Checkpoints: what was sealed goes home, and the log's space and the parked blocks are free again.
#pragma once

#include "reference/model/mounted.h"

namespace vexfs::model {

/// docs/determinism.md, checkpoint(). Nothing if nothing was sealed since the last. Called with no
/// unit in the running transaction. EIO if a write of the device fails, or has failed before.
Result<void> checkpoint(Mounted& volume);

/// The same with flag CLEAN: at unmount and at the end of recovery. Also marks the anchor if only
/// that is missing.
void checkpoint_clean(Mounted& volume);

}  // namespace vexfs::model
