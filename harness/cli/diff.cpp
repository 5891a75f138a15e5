// SPDX-License-Identifier: MIT
// vexfs-parity diff: where two volumes differ, structure by structure.
#include <fstream>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/cli/command.h"
#include "harness/diff/compare_volumes.h"
#include "reference/tools/inspect/mapped_file.h"

namespace vexfs::parity::cli {
namespace {

struct DiffOptions {
  std::string left;
  std::string right;
  bool free_blocks = false;
  bool raw = false;
  std::size_t most = 20;
  std::size_t dumps = 3;
  std::filesystem::path json;
};

bool write_json(const DiffOptions& options, const std::vector<Difference>& differences) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Difference& difference : differences) list.push_back(difference_json(difference));
  std::ofstream file(options.json);
  file << nlohmann::ordered_json{{"left", options.left},
                                 {"right", options.right},
                                 {"equal", differences.empty()},
                                 {"differences", list}}
              .dump(2)
       << '\n';
  return file.flush().good();
}

ExitCode diff(const DiffOptions& options) {
  const auto left = tools::MappedFile::open(options.left);
  const auto right = tools::MappedFile::open(options.right);
  for (const auto* side : {&left, &right}) {
    if (*side) continue;
    fmt::print(stderr, "vexfs-parity: {}\n", side->error());
    return static_cast<ExitCode>(Verdict::kUsage);
  }
  CompareOptions compare;
  compare.skip_free_blocks = !options.free_blocks;
  compare.raw = options.raw;
  // One more than is shown tells whether there are more.
  compare.max_differences = options.most + 1;
  auto differences = compare_volumes(left->bytes(), right->bytes(), compare);
  const bool more = differences.size() > options.most;
  if (more) differences.resize(options.most);
  fmt::print("{}", differences_text(differences, options.dumps));
  if (more) fmt::print("... and more: --max shows them\n");
  if (differences.empty()) fmt::print("equal\n");
  if (!options.json.empty() && !write_json(options, differences)) {
    return harness_failed("cannot write " + options.json.string() + "; see that its folder exists");
  }
  return static_cast<ExitCode>(differences.empty() ? Verdict::kParity : Verdict::kDivergence);
}

}  // namespace

void add_diff(CLI::App& program, ExitCode& exit_code) {
  CLI::App& command = *program.add_subcommand(
      "diff", "name the structures and fields in which two volumes differ (exit code 0: in none)");
  auto options = std::make_shared<DiffOptions>();
  command.add_option("left", options->left, "an image or block device, not mounted")->required();
  command.add_option("right", options->right, "another one")->required();
  command.add_flag("--free", options->free_blocks, "compare free blocks of the data region, too");
  command.add_flag("--raw", options->raw, "compare bytes without looking at structures");
  command.add_option("--max", options->most, "differences to show (default 20)")
      ->check(CLI::PositiveNumber);
  command.add_option("--dumps", options->dumps, "differences with a hex dump (default 3)");
  command.add_option("--json", options->json, "write the differences to this file");
  command.callback([options, &exit_code] { exit_code = diff(*options); });
}

}  // namespace vexfs::parity::cli
