// SPDX-License-Identifier: MIT
// Targets of one kind for several locksteps.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "harness/target/target.h"

namespace vexfs::parity {

/// `holders` targets, for as many threads. Behind them stand these, at least one and all of one
/// kind: a segment runs on any that is free, and waits while none is. So guests compute some
/// scenarios while others' results are compared.
std::vector<std::unique_ptr<Target>> share_targets(std::vector<std::unique_ptr<Target>> targets,
                                                   std::size_t holders);

}  // namespace vexfs::parity
