// SPDX-License-Identifier: MIT
// The subcommands of vexfs-parity. Each adds itself to the command line and sets the exit code when
// it has run.
#pragma once

#include <CLI/CLI.hpp>

#include "harness/report/events.h"

namespace vexfs::parity::cli {

/// The exit code of the program; the values of Verdict.
using ExitCode = int;

void add_run(CLI::App& program, ExitCode& exit_code);
void add_replay(CLI::App& program, ExitCode& exit_code);
void add_shrink(CLI::App& program, ExitCode& exit_code);
void add_diff(CLI::App& program, ExitCode& exit_code);
void add_crash(CLI::App& program, ExitCode& exit_code);
void add_doctor(CLI::App& program, ExitCode& exit_code);
void add_selftest(CLI::App& program, ExitCode& exit_code);
void add_bench(CLI::App& program, ExitCode& exit_code);
void add_stack(CLI::App& program, ExitCode& exit_code);

/// Writes "vexfs-parity: <message>" to standard error and returns the exit code of a failed
/// harness.
ExitCode harness_failed(const std::string& message);

}  // namespace vexfs::parity::cli
