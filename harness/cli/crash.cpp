// SPDX-License-Identifier: MIT
// vexfs-parity crash: power fails everywhere in scenarios.
#include <chrono>
#include <fstream>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/cli/command.h"
#include "harness/cli/crash_cases.h"
#include "harness/crash/explore_scenario.h"
#include "harness/crash/generated.h"
#include "harness/scenario/operation_fields.h"

namespace vexfs::parity::cli {
namespace {

using Clock = std::chrono::steady_clock;

struct CrashOptions {
  std::vector<std::filesystem::path> files;
  crash::ScenarioOptions crash;
  std::uint64_t cases = 0;
  std::uint64_t seed = 1;
  std::uint64_t states = 0;
  double budget_seconds = 60;
  std::filesystem::path failures_dir = "vexfs-failures";
  std::filesystem::path json;
};

// What all scenarios of the command came to.
struct Sum {
  crash::StateCounts states;
  std::uint64_t nested = 0;
  std::size_t scenarios = 0;
  std::size_t bad = 0;
  bool out_of_time = false;
};

std::string counts_text(const crash::StateCounts& counts) {
  std::string text;
  for (const std::uint64_t count : counts.counted) text += fmt::format(" {:>9}", count);
  return text + fmt::format(" {:>9}", counts.known);
}

std::string header() {
  std::string text = fmt::format("{:<40} {:>7}", "power fails in step", "moments");
  for (std::size_t i = 0; i < crash::kSeverities; ++i) {
    text += fmt::format(" {:>9}", crash::name_of(static_cast<crash::Severity>(i)));
  }
  return text + fmt::format(" {:>9}", "known");
}

// The step in which power failed at the moment.
std::string where(const crash::PointCounts& point, std::span<const Step> steps) {
  if (point.begun == 0) return "before the first";
  if (point.begun > steps.size()) return "unmount";
  const std::size_t step = point.begun - 1;
  const char* when = point.returned == point.begun ? " (returned)" : "";
  return fmt::format("{} {}{}", step, operation_name(steps[step].operation), when);
}

void print_table(const Scenario& scenario, const crash::Exploration& found) {
  const auto steps = crash::first_mount(scenario);
  fmt::print("{}\n", header());
  for (std::size_t i = 0; i < found.points.size();) {
    const std::string name = where(found.points[i], steps);
    crash::StateCounts counts;
    const std::size_t first = i;
    for (; i < found.points.size() && where(found.points[i], steps) == name; ++i) {
      counts += found.points[i].states;
    }
    if (counts.total() > 0) fmt::print("{:<40} {:>7}{}\n", name, i - first, counts_text(counts));
  }
  fmt::print("{:<40} {:>7}{}\n", "all", found.points.size(), counts_text(found.states));
}

std::expected<void, std::string> explore(const Scenario& scenario, const CrashOptions& options,
                                         Clock::time_point deadline, bool table, Sum& sum) {
  crash::ScenarioOptions crash = options.crash;
  crash.explore.bounds.seed = options.seed;
  crash.explore.deadline = deadline;
  if (options.states != 0) crash.explore.states = options.states;
  const auto found = crash::explore_scenario(scenario, crash);
  if (!found) return std::unexpected(found.error());
  if (table) print_table(scenario, *found);
  for (const crash::BadState& bad : found->bad) {
    report_bad_state(scenario, bad, options.failures_dir, sum.bad++);
  }
  sum.states += found->states;
  sum.nested += found->nested;
  ++sum.scenarios;
  sum.out_of_time |= !found->complete && Clock::now() >= deadline;
  return {};
}

std::expected<Sum, std::string> explore_all(const CrashOptions& options) {
  const auto deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                           std::chrono::duration<double>(options.budget_seconds));
  Sum sum;
  for (const auto& file : options.files) {
    const auto scenario = load_scenario(file);
    if (!scenario) return std::unexpected(scenario.error());
    fmt::print("{}\n", file.string());
    const auto done = explore(*scenario, options, deadline, true, sum);
    if (!done) return std::unexpected(done.error());
  }
  for (std::uint64_t n = 0; n < options.cases && Clock::now() < deadline && sum.bad == 0; ++n) {
    auto scenario = crash::generated_for_crashes(options.seed, n);
    if (!scenario) return std::unexpected(scenario.error());
    const auto done = explore(*scenario, options, deadline, false, sum);
    if (!done) return std::unexpected(done.error());
  }
  return sum;
}

Verdict verdict_of(const Sum& sum, const CrashOptions& options) {
  if (sum.bad > 0) return Verdict::kDivergence;
  return sum.out_of_time && options.cases == 0 ? Verdict::kNoVerdict : Verdict::kParity;
}

bool write_json(const CrashOptions& options, const Sum& sum, Verdict verdict, double seconds) {
  nlohmann::json by_severity = nlohmann::json::object();
  for (std::size_t i = 0; i < crash::kSeverities; ++i) {
    by_severity[crash::name_of(static_cast<crash::Severity>(i))] = sum.states.counted[i];
  }
  std::ofstream file(options.json);
  file << nlohmann::json{{"verdict", verdict_name(verdict)},
                         {"scenarios", sum.scenarios},
                         {"states", sum.states.total()},
                         {"by_severity", by_severity},
                         {"nested", sum.nested},
                         {"known", sum.states.known},
                         {"failures", sum.bad},
                         {"seconds", seconds}}
              .dump(2)
       << '\n';
  return file.flush().good();
}

ExitCode crash_all(const CrashOptions& options) {
  const auto start = Clock::now();
  const auto sum = explore_all(options);
  if (!sum) return harness_failed(sum.error());
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  const Verdict verdict = verdict_of(*sum, options);
  fmt::print(
      "{}: {} scenarios, {} states judged ({} of them of crashes in a recovery), {} known "
      "already, {} failed, {:.1f} s\n",
      verdict_name(verdict), sum->scenarios, sum->states.total(), sum->nested, sum->states.known,
      sum->bad, seconds);
  if (!options.json.empty() && !write_json(options, *sum, verdict, seconds)) {
    return harness_failed("cannot write " + options.json.string() + "; see that its folder exists");
  }
  return static_cast<ExitCode>(verdict);
}

void add_severity(CLI::App& command, crash::Severity& worst) {
  command
      .add_option("--severity", worst,
                  "the worst device: prefix, drop, torn or garbage (default garbage)")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, crash::Severity>{{"prefix", crash::Severity::kPrefix},
                                                 {"drop", crash::Severity::kDrop},
                                                 {"torn", crash::Severity::kTorn},
                                                 {"garbage", crash::Severity::kGarbage}}));
}

}  // namespace

void add_crash(CLI::App& program, ExitCode& exit_code) {
  CLI::App& command = *program.add_subcommand(
      "crash",
      "let power fail everywhere in scenarios on the engine; recover and judge what is left");
  auto options = std::make_shared<CrashOptions>();
  options->crash.explore.bounds.worst = crash::Severity::kGarbage;
  CLI::Option* files =
      command.add_option("scenario", options->files, "scenario files (*.vxs.json)")
          ->check(CLI::ExistingFile);
  CLI::Option* cases =
      command.add_option("--cases", options->cases, "generated scenarios, at most");
  files->excludes(cases);
  command.add_option("--budget", options->budget_seconds, "time for all scenarios (default 60s)")
      ->transform(
          CLI::AsNumberWithUnit(std::map<std::string, double>{{"s", 1}, {"m", 60}, {"h", 3600}},
                                CLI::AsNumberWithUnit::DEFAULT, "TIME"));
  command.add_option("--seed", options->seed, "of generated scenarios and of samples (default 1)");
  command.add_option("--states", options->states, "of each scenario, at most (default: all)");
  command
      .add_option("--depth", options->crash.explore.depth,
                  "crashes one after the other, the first in the scenario and the others in "
                  "recoveries (default 3)")
      ->check(CLI::Range(1, 5));
  command.add_option("--failures", options->crash.explore.failures,
                     "failures after which a scenario ends (default 1)");
  command.add_option("--failures-dir", options->failures_dir, "where failing states go");
  command.add_option("--json", options->json, "write a summary to this file");
  add_severity(command, options->crash.explore.bounds.worst);
  command.callback([options, &exit_code] { exit_code = crash_all(*options); });
}

}  // namespace vexfs::parity::cli
