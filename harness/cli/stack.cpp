// SPDX-License-Identifier: MIT
// vexfs-parity stack: how deep the kernel module's stack gets, from what the compiler wrote beside
// its objects, and whether that is within the limits.
#include <fstream>
#include <iterator>
#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/cli/command.h"
#include "harness/cli/places.h"
#include "harness/stack/call_graph.h"

namespace vexfs::parity::cli {
namespace {

namespace fs = std::filesystem;

// A kernel stack has 16 KiB; the VFS is above the module and the block layer below it.
constexpr std::uint32_t kFrameLimit = 1024;
constexpr std::uint32_t kPathLimit = 6144;

// A reclaim consists of units, and the end of a unit reclaims unless one is under way
// (vexfs_sb_info.reclaiming).
const std::vector<stack::BoundedCall> kBounded{{"vexfs_unit_close", "vexfs_reclaim"}};

struct StackOptions {
  std::vector<std::string> folders;
  std::size_t paths = 5;
};

// The modules that the build has made, <build>/kmod/<release>/kmod.
std::vector<std::string> built_modules() {
  std::vector<std::string> folders;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(images_dir().parent_path() / "kmod", error)) {
    if (fs::exists(entry.path() / "kmod/vexfs.ko")) folders.push_back(entry.path() / "kmod");
  }
  std::ranges::sort(folders);
  return folders;
}

// Objects whose source is gone are left over from an earlier build.
bool read_graph(const fs::path& folder, stack::CallGraph& graph) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    fs::path source = entry.path();
    if (source.extension() != ".ci" || !fs::exists(source.replace_extension(".c"))) continue;
    std::ifstream file(entry.path());
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    if (!graph.add(text)) {
      fmt::print(stderr, "vexfs-parity: {} is no call graph of GCC\n", entry.path().string());
      return false;
    }
  }
  if (!graph.functions().empty()) return true;
  fmt::print(stderr, "vexfs-parity: {} has no .ci files: build the target kmod\n", folder.string());
  return false;
}

void print_path(const stack::Path& path) {
  fmt::print("{:>7}  {}\n", path.bytes, path.functions.front()->name);
  for (const auto* function : path.functions) {
    fmt::print("         {:>5}  {}\n", function->frame, function->name);
  }
}

// What is above the limits, a line each.
std::vector<std::string> violations(const stack::CallGraph& graph,
                                    const stack::CallGraph::Report& report) {
  std::vector<std::string> lines;
  for (const auto& [title, function] : graph.functions()) {
    if (function.frame > kFrameLimit || function.unbounded) {
      lines.push_back(fmt::format(
          "{} ({}) takes {}{} bytes; allowed are {}", function.name, function.place, function.frame,
          function.unbounded ? " and an unknown number of" : "", kFrameLimit));
    }
  }
  for (const auto& path : report.paths) {
    if (path.bytes <= kPathLimit) break;
    lines.push_back(fmt::format("the path from {} takes {} bytes; allowed are {}",
                                path.functions.front()->name, path.bytes, kPathLimit));
  }
  for (const auto& cycle : report.cycles) {
    lines.push_back(fmt::format("recursion: {}", fmt::join(cycle, " -> ")));
  }
  return lines;
}

ExitCode stack_of(const StackOptions& options) {
  const auto folders = options.folders.empty() ? built_modules() : options.folders;
  if (folders.empty()) return harness_failed("no module is built: build the target kmod");
  bool within = true;
  for (const std::string& folder : folders) {
    stack::CallGraph graph;
    if (!read_graph(folder, graph)) return static_cast<ExitCode>(Verdict::kHarnessFailed);
    const auto report = graph.report(kBounded);
    const auto lines = violations(graph, report);
    fmt::print("{}: {} functions, deepest path {} of {} bytes\n", folder, graph.functions().size(),
               report.paths.empty() ? 0 : report.paths.front().bytes, kPathLimit);
    for (std::size_t i = 0; i < std::min(options.paths, report.paths.size()); i++) {
      print_path(report.paths[i]);
    }
    for (const std::string& line : lines) fmt::print("FAIL {}\n", line);
    within = within && lines.empty();
  }
  return static_cast<ExitCode>(within ? Verdict::kParity : Verdict::kDivergence);
}

}  // namespace

void add_stack(CLI::App& program, ExitCode& exit_code) {
  CLI::App& command = *program.add_subcommand(
      "stack", "the deepest paths through the kernel module's stack (exit code 1: above a limit)");
  auto options = std::make_shared<StackOptions>();
  command.add_option("folders", options->folders,
                     "with .ci files of GCC (default: every module that is built)");
  command.add_option("--paths", options->paths, "deepest paths to show (default 5)");
  command.callback([options, &exit_code] { exit_code = stack_of(*options); });
}

}  // namespace vexfs::parity::cli
