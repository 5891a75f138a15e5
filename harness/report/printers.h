// SPDX-License-Identifier: MIT
// The listeners that turn a run into something to read.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <ostream>

#include "harness/report/coverage.h"
#include "harness/report/events.h"

namespace vexfs::parity {

/// Time since some fixed point; tests pass their own.
using Now = std::function<std::chrono::nanoseconds()>;
Now steady_now();

/// One line that is rewritten in place, at most ten times a second; failures and notices scroll
/// above it.
std::unique_ptr<Listener> terminal_progress(std::ostream& out, Now now = steady_now());

/// Whole lines: failures and notices at once, totals every ten seconds and at the end.
std::unique_ptr<Listener> plain_progress(std::ostream& out, Now now = steady_now());

/// terminal_progress where descriptor 1 is a terminal, else plain_progress; on standard output.
std::unique_ptr<Listener> progress_for_stdout();

/// Writes one summary object at the end of the run. `coverage` is read then and must live until
/// then. A file that cannot be written is reported on standard error.
std::unique_ptr<Listener> json_summary(std::filesystem::path file, const Coverage& coverage,
                                       Now now = steady_now());

/// Writes a JUnit file at the end of the run: one testcase a scenario; divergence and oops are
/// failures, a failed harness is an error, no verdict is skipped.
std::unique_ptr<Listener> junit_report(std::filesystem::path file);

/// One JSON object a line, written as events come.
std::unique_ptr<Listener> jsonl_log(std::filesystem::path file);

}  // namespace vexfs::parity
