// SPDX-License-Identifier: MIT
// stats, sync, checkpoint.
#include <cerrno>
#include <fstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "tools/vexctl/commands.h"
#include "tools/vexctl/unique_fd.h"
#include "tools/vexctl/volume.h"

namespace vexfs::ctl {
namespace {

struct Options {
  std::string path;
  bool json = false;
};

void add_path(CLI::App& command, Options& options) {
  command.add_option("PATH", options.path, "Any path on the mounted volume")->required();
}

void add_path_and_json(CLI::App& command, Options& options) {
  add_path(command, options);
  command.add_flag("--json", options.json, "Print JSON");
}

Result<void> stats(const Options& options) {
  const auto files = volume_files(options.path);
  if (!files) return std::unexpected(files.error());
  std::ifstream file(*files + "/stats");
  nlohmann::ordered_json all = nlohmann::ordered_json::object();
  for (std::string name, value; file >> name >> value;) {
    all[name] = std::strtoull(value.c_str(), nullptr, 10);
    if (!options.json) fmt::print("{:<28} {}\n", name, value);
  }
  if (all.empty()) return std::unexpected(system_failure("reading " + *files + "/stats", errno));
  if (options.json) fmt::print("{}\n", all.dump());
  return {};
}

Result<void> control(const std::string& path, const std::string& line) {
  const auto files = volume_files(path);
  if (!files) return std::unexpected(files.error());
  const std::string name = *files + "/control";
  const UniqueFd file(::open(name.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file) return std::unexpected(system_failure("opening " + name + " (root may)", errno));
  if (::write(file.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size())) return {};
  return std::unexpected(system_failure("writing '" + line + "' to " + name, errno));
}

Result<void> sync(const Options& options) { return control(options.path, "sync"); }
Result<void> checkpoint(const Options& options) { return control(options.path, "checkpoint"); }

}  // namespace

void add_stats(CLI::App& app, Action& chosen) {
  add_command(app, chosen, "stats", "Print a volume's counters", add_path_and_json, stats);
}

void add_sync(CLI::App& app, Action& chosen) {
  add_command(app, chosen, "sync", "Make all changes durable (root)", add_path, sync);
}

void add_checkpoint(CLI::App& app, Action& chosen) {
  add_command(app, chosen, "checkpoint", "Empty the volume's log (root)", add_path, checkpoint);
}

}  // namespace vexfs::ctl
