// SPDX-License-Identifier: MIT
// The targets of a run: chosen on the command line, booted, put in lock-step.
#pragma once

#include <expected>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "harness/lockstep/crew.h"

namespace vexfs::parity::cli {

/// Which targets stand beside the reference, as options of a subcommand.
struct TeamOptions {
  std::vector<std::string> targets = {"core", "fuse", "kmod"};
  std::vector<std::string> kernels;  // empty: all that the build has images for
};

void add_team_options(CLI::App& command, TeamOptions& options);

/// A scratch folder that goes when this does.
struct WorkDir {
  WorkDir();
  ~WorkDir();
  WorkDir(const WorkDir&) = delete;
  WorkDir& operator=(const WorkDir&) = delete;

  std::filesystem::path path;
};

/// Boots the guests among the targets, all at once.
std::expected<std::vector<std::unique_ptr<Target>>, std::string> boot_guests(
    const TeamOptions& options, const std::filesystem::path& work_dir);

/// The targets in lock-step, and the scratch folder of their guests, which goes with them.
struct Team {
  std::unique_ptr<WorkDir> work_dir = std::make_unique<WorkDir>();
  /// Of one lockstep more than there are guests alike, so that they compute while one scenario is
  /// compared or waits for its slowest guest; without guests, of one for each core. Goes first.
  std::unique_ptr<Crew> crew;
  std::vector<std::string> names;  // the reference first
};

/// Boots what is needed, all guests at once. The error is one of the harness or the machine, for a
/// person.
std::expected<Team, std::string> assemble(const TeamOptions& options);

}  // namespace vexfs::parity::cli
