// SPDX-License-Identifier: MIT
// vexfs-parity run: shipped scenarios first, then generated ones until the budget ends.
#include <memory>

#include <fmt/format.h>

#include "harness/campaign/campaign.h"
#include "harness/cli/command.h"
#include "harness/cli/places.h"
#include "harness/cli/reporting.h"
#include "harness/cli/team.h"
#include "harness/report/coverage_floors.h"
#include "harness/scenario/generate.h"

namespace vexfs::parity::cli {
namespace {

struct RunOptions {
  TeamOptions team;
  ReportOptions report;
  CampaignOptions campaign;
  std::vector<std::string> themes;
  bool only_generated = false;
  bool floors = false;
  double budget_seconds = 60;
  double shrink_seconds = 60;
  std::uint64_t seed = 1;
  std::uint64_t cases = 0;
};

// "30", "30s", "10m" or "1h" as seconds.
void add_budget(CLI::App& command, const std::string& name, double& seconds,
                const std::string& text) {
  command.add_option(name, seconds, text)
      ->transform(
          CLI::AsNumberWithUnit(std::map<std::string, double>{{"s", 1}, {"m", 60}, {"h", 3600}},
                                CLI::AsNumberWithUnit::DEFAULT, "TIME"));
}

std::chrono::steady_clock::duration seconds_of(double seconds) {
  return std::chrono::duration_cast<std::chrono::steady_clock::duration>(
      std::chrono::duration<double>(seconds));
}

void print_coverage(const Coverage& coverage) {
  fmt::print("operations: {}, {:.1f}% succeeded\n{}", coverage.operations(),
             100 * coverage.success_share(), coverage.text());
  for (const std::string& feature : all_feature_names()) {
    fmt::print("  {:<20} {:>6} scenarios\n", feature, coverage.reached(feature));
  }
}

// Whether the run has tried what so many scenarios must try; says it, or what it has not.
bool covers_enough(const Coverage& coverage) {
  const auto missed = missed_floors(coverage);
  if (missed.empty()) fmt::print("coverage: no floor is missed\n");
  for (const std::string& line : missed) fmt::print("coverage: FLOOR MISSED: {}\n", line);
  return missed.empty();
}

std::string joined(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

Generator generated_from(const RunOptions& options) {
  return [&options](std::uint64_t n) { return nth_scenario(options.seed, n, options.themes); };
}

ExitCode run(const RunOptions& options) {
  auto team = assemble(options.team);
  if (!team) return harness_failed(team.error());
  fmt::print("targets: {}\n", joined(team->names));
  Coverage coverage;
  Broadcast broadcast;
  add_listeners(broadcast, options.report, coverage);
  CampaignOptions campaign = options.campaign;
  campaign.budget = seconds_of(options.budget_seconds);
  campaign.shrink_time = seconds_of(options.shrink_seconds);
  if (options.cases != 0) campaign.cases = options.cases;
  if (!options.only_generated) campaign.files = shipped_scenarios();
  broadcast.on(RunStarted{"run", options.seed, team->names});
  Verdict verdict =
      Campaign(*team->crew, broadcast, coverage).run(campaign, generated_from(options));
  broadcast.on(RunFinished{verdict});
  print_coverage(coverage);
  if (options.floors || (options.themes.empty() && options.cases >= kScenariosOfFloors)) {
    const bool enough = covers_enough(coverage);
    if (options.floors && !enough && verdict == Verdict::kParity) verdict = Verdict::kHarnessFailed;
  }
  fmt::print("{}: {}\n", verdict_name(verdict), joined(team->names));
  return static_cast<ExitCode>(verdict);
}

}  // namespace

void add_run(CLI::App& program, ExitCode& exit_code) {
  CLI::App& command =
      *program.add_subcommand("run", "run scenarios through all targets in lock-step");
  auto options = std::make_shared<RunOptions>();
  options->campaign.failures_dir = "vexfs-failures";
  add_team_options(command, options->team);
  add_report_options(command, options->report);
  add_budget(command, "--budget", options->budget_seconds, "time for scenarios (default 60s)");
  add_budget(command, "--shrink", options->shrink_seconds,
             "time to make a failure smaller; 0: not at all");
  command.add_option("--cases", options->cases, "generated scenarios, at most");
  command.add_option("--seed", options->seed, "of the generated scenarios (default 1)");
  command.add_option("--failures", options->campaign.failures,
                     "failures after which the run ends (default 1)");
  command.add_option("--failures-dir", options->campaign.failures_dir,
                     "where failing scenarios go");
  command
      .add_option("--theme", options->themes,
                  "generate only scenarios of this theme; may be given more than once")
      ->check(CLI::IsMember(theme_names()));
  command.add_flag("--only-generated", options->only_generated, "leave the shipped scenarios out");
  command.add_flag("--floors", options->floors,
                   fmt::format("fail (exit code 3) if the run has not tried what {} generated "
                               "scenarios must try; a run of that many cases says it anyway",
                               kScenariosOfFloors));
  command.callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace vexfs::parity::cli
