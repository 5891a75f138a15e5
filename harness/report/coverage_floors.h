// SPDX-License-Identifier: MIT
// What generated scenarios must have tried to be worth their verdict.
#pragma once

#include <string>
#include <vector>

#include "harness/report/coverage.h"

namespace vexfs::parity {

/// The floors hold for at least this many generated scenarios.
inline constexpr std::uint64_t kScenariosOfFloors = 2000;

/// What is missing, one line each: every operation succeeds 500 times (those on collections 60) and
/// meets each errno that docs/api.md lets a healthy volume answer, each feature is reached by
/// enough scenarios, and of all operations 60 % succeed.
std::vector<std::string> missed_floors(const Coverage& coverage);

}  // namespace vexfs::parity
