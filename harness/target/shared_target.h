// SPDX-License-Identifier: MIT
// One target for several locksteps.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "harness/target/target.h"

namespace vexfs::parity {

/// `holders` targets that are all this one, for as many threads: it runs one segment at a time and
/// the others wait. So a guest computes one scenario while another's results are compared.
std::vector<std::unique_ptr<Target>> share_target(std::unique_ptr<Target> target,
                                                  std::size_t holders);

}  // namespace vexfs::parity
