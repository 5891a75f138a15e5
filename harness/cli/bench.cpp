// SPDX-License-Identifier: MIT
// vexfs-parity bench: how fast the harness, crash replay and the vector search are on this machine,
// beside what is promised.
#include <fstream>
#include <memory>

#include <fmt/format.h>

#include "harness/bench/crash_bench.h"
#include "harness/bench/harness_bench.h"
#include "harness/bench/vectors/engine_bench.h"
#include "harness/bench/vectors/vector_bench.h"
#include "harness/cli/command.h"
#include "harness/cli/places.h"
#include "harness/cli/team.h"
#include "harness/vm/acceleration.h"

namespace vexfs::parity::cli {
namespace {

struct BenchOptions {
  HarnessBenchOptions bench;
  std::vector<std::string> kernels;
  bool no_guests = false;
  std::filesystem::path json;
};

struct CrashOptions {
  CrashBenchOptions bench;
  TeamOptions team;
  std::filesystem::path json;
};

// The images of these kernel families, all if there are none, and how to run them.
template <class Options>
std::expected<void, std::string> choose_images(const std::vector<std::string>& wanted,
                                               Options& bench) {
  auto images = vm::find_images(images_dir());
  if (!images) return std::unexpected(images.error().message);
  for (vm::KernelImage& image : *images) {
    if (wanted.empty() || std::find(wanted.begin(), wanted.end(), image.family) != wanted.end()) {
      bench.images.push_back(std::move(image));
    }
  }
  if (bench.images.empty()) {
    return std::unexpected("there is no image of such a kernel in " + images_dir().string());
  }
  const auto acceleration = vm::probe_acceleration(
      {bench.images.front(), bench.work_dir / "probe", images_dir() / "acceleration.json"});
  if (!acceleration) return std::unexpected(acceleration.error().message);
  bench.accelerator = acceleration->accelerator;
  return {};
}

// What a bench with guests found. `wrong`: results that should not be, and their name in the file.
struct Found {
  std::vector<Figure> figures;
  const char* wrong_name;
  std::vector<std::string> wrong;
  std::vector<std::string> unmeasured;
};

bool write_json(const std::filesystem::path& path, const Found& found) {
  std::ofstream file(path);
  file << nlohmann::json{{"figures", figures_json(found.figures)},
                         {found.wrong_name, found.wrong},
                         {"unmeasured", found.unmeasured}}
              .dump(2)
       << '\n';
  return file.flush().good();
}

ExitCode tell(const Found& found, const std::filesystem::path& json) {
  fmt::print("\n{}", figures_text(found.figures));
  for (const std::string& line : found.wrong) fmt::print("{}: {}\n", found.wrong_name, line);
  for (const std::string& line : found.unmeasured) fmt::print("not measured: {}\n", line);
  if (!json.empty() && !write_json(json, found)) {
    return harness_failed("cannot write " + json.string() + "; see that its folder exists");
  }
  if (!found.unmeasured.empty()) return static_cast<ExitCode>(Verdict::kHarnessFailed);
  return static_cast<ExitCode>(found.wrong.empty() ? Verdict::kParity : Verdict::kDivergence);
}

void print_at_once(const Figure& figure) {
  fmt::print("{}: {:.3f} {}\n", figure.name, figure.value, figure.unit);
  std::fflush(stdout);
}

ExitCode bench_harness(BenchOptions options) {
  const WorkDir work_dir;
  options.bench.work_dir = work_dir.path;
  if (!options.no_guests) {
    const auto chosen = choose_images(options.kernels, options.bench);
    if (!chosen) return harness_failed(chosen.error());
  }
  HarnessBench result = run_harness_bench(options.bench, print_at_once);
  return tell({std::move(result.figures), "divergences", std::move(result.divergences),
               std::move(result.unmeasured)},
              options.json);
}

ExitCode bench_crash(CrashOptions options) {
  const WorkDir work_dir;
  options.bench.work_dir = work_dir.path;
  const auto wants = [&](const char* target) {
    return std::ranges::find(options.team.targets, target) != options.team.targets.end();
  };
  options.bench.in_process = wants("core");
  if (wants("kmod")) options.bench.kinds.push_back(GuestKind::kKmod);
  if (wants("fuse")) options.bench.kinds.push_back(GuestKind::kFuse);
  if (!options.bench.kinds.empty()) {
    const auto chosen = choose_images(options.team.kernels, options.bench);
    if (!chosen) return harness_failed(chosen.error());
  }
  CrashBench result = run_crash_bench(options.bench, print_at_once);
  return tell({std::move(result.figures), "failures", std::move(result.failures),
               std::move(result.unmeasured)},
              options.json);
}

void add_bench_crash(CLI::App& bench, ExitCode& exit_code) {
  CLI::App& command = *bench.add_subcommand(
      "crash",
      "how many crash states a minute are recovered and judged. A missed target is said and "
      "changes no exit code");
  auto options = std::make_shared<CrashOptions>();
  command.add_option("--seconds", options->bench.seconds, "for each measurement (default 20)");
  command.add_option("--seed", options->bench.seed, "of the generated scenarios (default 1)");
  add_team_options(command, options->team);
  command.add_option("--json", options->json, "write the figures to this file");
  command.callback([options, &exit_code] { exit_code = bench_crash(*options); });
}

struct VectorOptions {
  VectorBenchOptions bench;
  EngineBenchOptions engine;
  std::filesystem::path json;
};

ExitCode bench_vectors(const VectorOptions& options) {
  std::vector<Figure> figures;
  const auto tell = [&](const Figure& figure) {
    fmt::print("{}: {:.3f} {} ({})\n", figure.name, figure.value, figure.unit, figure.note);
    std::fflush(stdout);
    figures.push_back(figure);
  };
  if (options.engine.vectors != 0) {
    if (const auto done = run_engine_bench(options.engine, tell); !done)
      return harness_failed(done.error());
  }
  if (options.bench.size.vectors != 0) run_vector_bench(options.bench, tell);
  fmt::print("\n{}", figures_text(figures));
  if (!options.json.empty()) {
    std::ofstream file(options.json);
    file << nlohmann::json{{"figures", figures_json(figures)}}.dump(2) << '\n';
    if (!file.flush().good()) {
      return harness_failed("cannot write " + options.json.string() +
                            "; see that its folder exists");
    }
  }
  return static_cast<ExitCode>(Verdict::kParity);
}

void add_bench_vectors(CLI::App& bench, ExitCode& exit_code) {
  CLI::App& command = *bench.add_subcommand(
      "vectors",
      "vector search beside hnswlib: build, searches at equal recall, memory. A missed target is "
      "said and changes no exit code");
  auto options = std::make_shared<VectorOptions>();
  command.add_option("--vectors", options->bench.size.vectors,
                     "in each set (default 20000); 0: no comparison with hnswlib");
  command.add_option("--load", options->engine.vectors,
                     "of one large collection on a volume (default 100000); 0: none");
  command.add_option("--dim", options->bench.size.dim, "of the vectors (default 128)")
      ->check(CLI::Range(1, 16384));
  command.add_option("--queries", options->bench.size.queries, "of each set (default 2000)")
      ->check(CLI::PositiveNumber);
  command.add_option("--seed", options->bench.seed, "of the sets (default 1)");
  command.add_option("--json", options->json, "write the figures to this file");
  command.callback([options, &exit_code] { exit_code = bench_vectors(*options); });
}

}  // namespace

void add_bench(CLI::App& program, ExitCode& exit_code) {
  CLI::App& bench = *program.add_subcommand("bench", "measure");
  bench.require_subcommand(1);
  add_bench_vectors(bench, exit_code);
  add_bench_crash(bench, exit_code);
  CLI::App& command = *bench.add_subcommand(
      "harness",
      "how fast the harness is: guests, lock-step, round trips. A missed target is said and "
      "changes no exit code");
  auto options = std::make_shared<BenchOptions>();
  command.add_option("--seconds", options->bench.seconds,
                     "for each lock-step measurement (default 10)");
  command.add_option("--boots", options->bench.boots, "of each kernel (default 5)")
      ->check(CLI::PositiveNumber);
  command.add_option("--seed", options->bench.seed, "of the generated scenarios (default 1)");
  command.add_option("--kernels", options->kernels, "kernel families, such as 6.1,6.12")
      ->delimiter(',');
  CLI::Option* busy_host =
      command.add_flag("--busy-host", options->bench.busy_host,
                       "only whether guests live beside four busy loops, two minutes each");
  command.add_flag("--no-guests", options->no_guests, "only what runs in this process")
      ->excludes(busy_host);
  command.add_option("--json", options->json, "write the figures to this file");
  command.callback([options, &exit_code] { exit_code = bench_harness(*options); });
}

}  // namespace vexfs::parity::cli
