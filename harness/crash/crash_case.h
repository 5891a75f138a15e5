// SPDX-License-Identifier: MIT
// One crash state as a scenario, which is how failing states are saved.
#pragma once

#include <vector>

#include "harness/crash/write_set.h"
#include "harness/scenario/scenario.h"

namespace vexfs::parity::crash {

/// The scenario with nothing but this state in place of the crash that explore_scenario() explores;
/// `path` as BadState has it.
Scenario crash_case(const Scenario& scenario, const std::vector<WriteSet>& path);

/// Whether the scenario asks for one such state.
bool is_crash_case(const Scenario& scenario);

}  // namespace vexfs::parity::crash
