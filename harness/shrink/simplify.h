// SPDX-License-Identifier: MIT
// Simpler forms of single steps and of the names in a scenario: the shrink rules of the operations.
#pragma once

#include <vector>

#include "harness/scenario/scenario.h"

namespace vexfs::parity {

/// Steps that do the same with less: smaller numbers, less data, fewer flags, root instead of
/// somebody else. The boldest come first. Each is strictly simpler, so following them ends.
std::vector<Step> simpler_steps(const Step& step);

/// Scenarios in which a path component is shorter everywhere, a directory level is gone everywhere,
/// or a handle has a shorter name everywhere.
std::vector<std::vector<Step>> simpler_names(const std::vector<Step>& steps);

}  // namespace vexfs::parity
