// SPDX-License-Identifier: MIT
#include "harness/cli/crash_cases.h"

#include <fmt/format.h>

#include "harness/crash/crash_case.h"
#include "harness/crash/explore_scenario.h"

namespace vexfs::parity::cli {
namespace {

void print_failure(const std::string& name, const Failure& failure) {
  fmt::print("FAIL {}: {}\n", name, failure.signature);
  for (const std::string& line : failure.lines) fmt::print("  {}\n", line);
}

}  // namespace

void report_bad_state(const Scenario& scenario, const crash::BadState& bad,
                      const std::filesystem::path& dir, std::size_t number) {
  print_failure(scenario.name, bad.failure);
  // A second run starts from a volume that no scenario names: the whole has to be explored again.
  const bool one_state = !bad.path.empty() && !bad.second_run;
  Scenario kept = one_state ? crash::crash_case(scenario, bad.path) : scenario;
  kept.found = Finding{bad.failure.signature, {}};
  const auto file = dir / fmt::format("{}.crash-{}.vxs.json", scenario.name, number);
  std::error_code ignored;
  std::filesystem::create_directories(dir, ignored);
  const auto saved = save_scenario(kept, file);
  fmt::print("  {}\n", saved ? fmt::format("see it again: vexfs-parity {} {}",
                                           one_state ? "replay" : "crash", file.string())
                             : saved.error());
}

ExitCode replay_crash_case(const Scenario& scenario) {
  const auto explored = crash::explore_scenario(scenario, {});
  if (!explored) return harness_failed(scenario.name + ": " + explored.error());
  for (const crash::BadState& bad : explored->bad) print_failure(scenario.name, bad.failure);
  if (!explored->bad.empty()) return static_cast<ExitCode>(Verdict::kDivergence);
  fmt::print("{}: the crash state is recovered as it should be\n", scenario.name);
  return static_cast<ExitCode>(Verdict::kParity);
}

}  // namespace vexfs::parity::cli
