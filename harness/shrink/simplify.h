// SPDX-License-Identifier: MIT
// Simpler forms of single steps and of the names in a scenario: the shrink rules of the operations.
#pragma once

#include <vector>

#include "harness/scenario/scenario.h"

namespace vexfs::parity {

/// Steps that do the same with less: smaller numbers, less data, fewer flags, root instead of
/// somebody else. The boldest come first. Each is strictly simpler, so following them ends.
std::vector<Step> simpler_steps(const Step& step);

/// Part of simpler_steps(): requests with fewer ids and their rows, queries or filter ids, patterns
/// of few numbers as numbers, collections with fewer parameters.
std::vector<Step> simpler_vectors(const Step& step);

/// Scenarios in which collections of one dimension, and all rows of that dimension, have a smaller
/// one.
std::vector<std::vector<Step>> smaller_dimensions(const std::vector<Step>& steps);

/// Scenarios in which a path component is shorter everywhere, a directory level is gone everywhere,
/// or a handle has a shorter name everywhere.
std::vector<std::vector<Step>> simpler_names(const std::vector<Step>& steps);

}  // namespace vexfs::parity
