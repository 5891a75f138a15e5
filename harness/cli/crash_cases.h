// SPDX-License-Identifier: MIT
// Crash states that failed, as files and on the terminal.
#pragma once

#include <filesystem>
#include <string>

#include "harness/cli/command.h"
#include "harness/crash/explore.h"
#include "harness/scenario/scenario.h"

namespace vexfs::parity::cli {

/// Writes the state as a scenario into `dir` and says on standard output what is wrong with it and
/// how to see it again. `number` keeps the cases of one scenario apart.
void report_bad_state(const Scenario& scenario, const crash::BadState& bad,
                      const std::filesystem::path& dir, std::size_t number);

/// The one crash state of such a scenario (crash::is_crash_case), once more.
ExitCode replay_crash_case(const Scenario& scenario);

}  // namespace vexfs::parity::cli
