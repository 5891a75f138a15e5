// SPDX-License-Identifier: MIT
// Mounting: validation and recovery. docs/format.md, "Recovery" and "Validation on read".
#pragma once

#include <memory>

#include "reference/model/mounted.h"

namespace vexfs::model {

/// A volume that is ready for operations. EINVAL or EUCLEAN as docs/format.md says. `disk` must
/// outlive it.
Result<std::unique_ptr<Mounted>> mount_disk(Disk& disk, const MountOptions& options);

}  // namespace vexfs::model
