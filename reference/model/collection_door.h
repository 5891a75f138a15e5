// SPDX-License-Identifier: MIT
// The doors of a collection: docs/vectors.md, "Doors".
#pragma once

#include <span>
#include <vector>

#include "reference/model/mounted.h"

namespace vexfs::model {

/// What posix::InodeVolume::door says.
Result<std::vector<std::byte>> execute_request(Mounted& volume, Ino graph, posix::Door which,
                                               std::span<const std::byte> request);

}  // namespace vexfs::model
