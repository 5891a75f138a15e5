// SPDX-License-Identifier: MIT
#include "harness/cli/reporting.h"

#include "harness/report/printers.h"

namespace vexfs::parity::cli {

void add_report_options(CLI::App& command, ReportOptions& options) {
  command.add_option("--json", options.json, "write one summary object to this file");
  command.add_option("--junit", options.junit, "write JUnit XML to this file");
  command.add_option("--jsonl", options.jsonl, "write one JSON object for each event to this file");
}

void add_listeners(Broadcast& broadcast, const ReportOptions& options, const Coverage& coverage) {
  broadcast.add(progress_for_stdout());
  if (!options.json.empty()) broadcast.add(json_summary(options.json, coverage));
  if (!options.junit.empty()) broadcast.add(junit_report(options.junit));
  if (!options.jsonl.empty()) broadcast.add(jsonl_log(options.jsonl));
}

}  // namespace vexfs::parity::cli
