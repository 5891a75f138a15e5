// SPDX-License-Identifier: MIT
// Where a run is told: options of a subcommand and the listeners that they ask for.
#pragma once

#include <filesystem>

#include <CLI/CLI.hpp>

#include "harness/report/coverage.h"
#include "harness/report/events.h"

namespace vexfs::parity::cli {

struct ReportOptions {
  std::filesystem::path json;
  std::filesystem::path junit;
  std::filesystem::path jsonl;
};

void add_report_options(CLI::App& command, ReportOptions& options);

/// Progress on standard output and the files asked for. `coverage` must outlive the listeners.
void add_listeners(Broadcast& broadcast, const ReportOptions& options, const Coverage& coverage);

}  // namespace vexfs::parity::cli
