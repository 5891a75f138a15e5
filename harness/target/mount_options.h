// SPDX-License-Identifier: MIT
// A scenario's mount options in the words of the two implementations of this process.
#pragma once

#include "fuse/core/types.h"
#include "harness/scenario/scenario.h"
#include "reference/model/mounted.h"

namespace vexfs::parity {

/// For the engine, without its commit timer. `fault`: as CoreTarget takes it.
core::MountOptions core_options(const MountOptions& options, core::Fault fault);

/// For the reference model.
model::MountOptions model_options(const MountOptions& options);

}  // namespace vexfs::parity
