// SPDX-License-Identifier: MIT
// The end of a transaction: docs/determinism.md, "Transactions".
#pragma once

#include "reference/model/mounted.h"

namespace vexfs::model {

/// Puts the counters into the state block.
void store_state(Mounted& volume);

/// Closes the running transaction and writes it to the log, then a checkpoint if one is due.
/// Nothing without units.
void seal(Mounted& volume);

/// seal, everything sealed durable, reclaim. In the model all that is sealed is durable at once.
/// EIO once the volume is broken.
Result<void> sync_point(Mounted& volume);

/// EIO, and the volume is broken from now on, if a write of the device has failed
/// (docs/determinism.md, "Errors of the device").
Result<void> check_device(Mounted& volume);

}  // namespace vexfs::model
