// SPDX-License-Identifier: MIT
// vexfs-parity bench: how fast the harness and the vector search are on this machine, beside what
// is promised.
#include <fstream>
#include <memory>

#include <fmt/format.h>

#include "harness/bench/harness_bench.h"
#include "harness/bench/vectors/vector_bench.h"
#include "harness/cli/command.h"
#include "harness/cli/places.h"
#include "harness/vm/acceleration.h"

namespace vexfs::parity::cli {
namespace {

struct BenchOptions {
  HarnessBenchOptions bench;
  std::vector<std::string> kernels;
  bool no_guests = false;
  std::filesystem::path json;
};

std::expected<void, std::string> choose_images(BenchOptions& options) {
  if (options.no_guests) return {};
  auto images = vm::find_images(images_dir());
  if (!images) return std::unexpected(images.error().message);
  for (vm::KernelImage& image : *images) {
    const auto& wanted = options.kernels;
    if (wanted.empty() || std::find(wanted.begin(), wanted.end(), image.family) != wanted.end()) {
      options.bench.images.push_back(std::move(image));
    }
  }
  if (options.bench.images.empty()) {
    return std::unexpected("there is no image of such a kernel in " + images_dir().string());
  }
  const auto acceleration =
      vm::probe_acceleration({options.bench.images.front(), options.bench.work_dir / "probe",
                              images_dir() / "acceleration.json"});
  if (!acceleration) return std::unexpected(acceleration.error().message);
  options.bench.accelerator = acceleration->accelerator;
  return {};
}

bool write_json(const std::filesystem::path& path, const HarnessBench& result) {
  std::ofstream file(path);
  file << nlohmann::json{{"figures", figures_json(result.figures)},
                         {"divergences", result.divergences},
                         {"unmeasured", result.unmeasured}}
              .dump(2)
       << '\n';
  return file.flush().good();
}

void print(const HarnessBench& result) {
  fmt::print("\n{}", figures_text(result.figures));
  for (const std::string& line : result.divergences) fmt::print("diverged: {}\n", line);
  for (const std::string& line : result.unmeasured) fmt::print("not measured: {}\n", line);
}

ExitCode bench_harness(BenchOptions options) {
  options.bench.work_dir = new_work_dir();
  if (const auto chosen = choose_images(options); !chosen) return harness_failed(chosen.error());
  const HarnessBench result = run_harness_bench(options.bench, [](const Figure& figure) {
    fmt::print("{}: {:.3f} {}\n", figure.name, figure.value, figure.unit);
    std::fflush(stdout);
  });
  std::error_code ignored;
  std::filesystem::remove_all(options.bench.work_dir, ignored);
  print(result);
  if (!options.json.empty() && !write_json(options.json, result)) {
    return harness_failed("cannot write " + options.json.string() + "; see that its folder exists");
  }
  if (!result.unmeasured.empty()) return static_cast<ExitCode>(Verdict::kHarnessFailed);
  const bool clean = result.divergences.empty();
  return static_cast<ExitCode>(clean ? Verdict::kParity : Verdict::kDivergence);
}

struct VectorOptions {
  VectorBenchOptions bench;
  std::filesystem::path json;
};

ExitCode bench_vectors(const VectorOptions& options) {
  const auto figures = run_vector_bench(options.bench, [](const Figure& figure) {
    fmt::print("{}: {:.3f} {} ({})\n", figure.name, figure.value, figure.unit, figure.note);
    std::fflush(stdout);
  });
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
  command.add_option("--vectors", options->bench.size.vectors, "in each set (default 20000)")
      ->check(CLI::PositiveNumber);
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
