// SPDX-License-Identifier: MIT
// vexfs-parity replay and shrink: one scenario file, the same failure again, or a smaller one.
#include <chrono>
#include <memory>

#include <fmt/format.h>

#include "harness/campaign/campaign.h"
#include "harness/cli/command.h"
#include "harness/cli/crash_cases.h"
#include "harness/cli/reporting.h"
#include "harness/cli/team.h"
#include "harness/crash/crash_case.h"

namespace vexfs::parity::cli {
namespace {

struct ReplayOptions {
  std::vector<std::filesystem::path> files;
  TeamOptions team;
  ReportOptions report;
};

// Takes those that are one crash state out of the files and judges them. The first that fails is
// the answer.
ExitCode replay_crash_cases(std::vector<std::filesystem::path>& files) {
  ExitCode code = static_cast<ExitCode>(Verdict::kParity);
  std::erase_if(files, [&](const auto& file) {
    const auto scenario = load_scenario(file);
    if (!scenario || !crash::is_crash_case(*scenario)) return false;
    if (code == 0) code = replay_crash_case(*scenario);
    return true;
  });
  return code;
}

ExitCode replay(ReplayOptions options, std::chrono::seconds shrink_time) {
  for (const auto& file : options.files) {
    if (const auto scenario = load_scenario(file); !scenario) {
      fmt::print(stderr, "vexfs-parity: {}\n", scenario.error());
      return static_cast<ExitCode>(Verdict::kUsage);
    }
  }
  const ExitCode crashes = replay_crash_cases(options.files);
  if (crashes != 0 || options.files.empty()) return crashes;
  auto team = assemble(options.team);
  if (!team) return harness_failed(team.error());
  Coverage coverage;
  Broadcast broadcast;
  add_listeners(broadcast, options.report, coverage);
  CampaignOptions campaign;
  campaign.files = options.files;
  campaign.cases = 0;
  campaign.failures = options.files.size() + 1;
  campaign.failures_dir = "vexfs-failures";
  campaign.shrink_time = shrink_time;
  broadcast.on(RunStarted{shrink_time.count() > 0 ? "shrink" : "replay", 0, team->names});
  const Verdict verdict = Campaign(*team->crew, broadcast, coverage).run(campaign, {});
  broadcast.on(RunFinished{verdict});
  fmt::print("{}: {}\n", verdict_name(verdict), fmt::join(team->names, ", "));
  return static_cast<ExitCode>(verdict);
}

std::shared_ptr<ReplayOptions> add_replay_options(CLI::App& command) {
  auto options = std::make_shared<ReplayOptions>();
  command.add_option("case", options->files, "scenario files (*.vxs.json)")
      ->required()
      ->check(CLI::ExistingFile);
  add_team_options(command, options->team);
  add_report_options(command, options->report);
  return options;
}

}  // namespace

void add_replay(CLI::App& program, ExitCode& exit_code) {
  CLI::App& command = *program.add_subcommand("replay", "run scenario files");
  auto options = add_replay_options(command);
  command.callback(
      [options, &exit_code] { exit_code = replay(*options, std::chrono::seconds(0)); });
}

void add_shrink(CLI::App& program, ExitCode& exit_code) {
  CLI::App& command = *program.add_subcommand(
      "shrink",
      "run scenario files and make those that fail smaller, keeping the failure's signature");
  auto options = add_replay_options(command);
  auto seconds = std::make_shared<unsigned>(300);
  command.add_option("--seconds", *seconds, "time for each file (default 300)")
      ->check(CLI::PositiveNumber);
  command.callback([options, seconds, &exit_code] {
    exit_code = replay(*options, std::chrono::seconds(*seconds));
  });
}

}  // namespace vexfs::parity::cli
