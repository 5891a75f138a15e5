// SPDX-License-Identifier: MIT
// The crashes of a scenario on the engine of this process.
#pragma once

#include <expected>
#include <functional>
#include <span>
#include <string>

#include "harness/crash/explore.h"
#include "harness/crash/record_core.h"
#include "harness/scenario/scenario.h"

namespace vexfs::parity::crash {

/// A scenario's first mount, made ready to be explored.
struct Prepared {
  RecordedRun run;
  History history;
};

/// Runs steps (none of them a volume step) on a mount of `base`, unmounts, and says what reached
/// the device. The error is for a person.
using Writer = std::function<std::expected<RecordedRun, std::string>(
    std::span<const Step> steps, const Image& base, const MountOptions& options)>;

/// Records the steps of the first mount on `base` with the engine and runs them on the model. The
/// error is for a person: the scenario cannot be explored (read-only, a clock of its own), or one
/// of the two refuses the volume.
std::expected<Prepared, std::string> prepare(const Scenario& scenario, const Image& base,
                                             core::Fault fault);
/// The same with another writer.
std::expected<Prepared, std::string> prepare(const Scenario& scenario, const Image& base,
                                             const Writer& writer);

struct ScenarioOptions {
  /// None: the engine of this process, with the fault of `explore`.
  Writer writer;
  std::string writer_name = "core";
  ExploreOptions explore;
  /// So many recovered volumes are used again: the same steps run on each, and power fails again,
  /// in up to `states_of_second` ways.
  std::size_t second_runs = 2;
  std::uint64_t states_of_second = 200;
};

/// Explores the crash that the scenario asks for, else its first mount (authored.h). A crash with a
/// place says itself how bad the device is, and its steps are not run a second time. A step that
/// the engine answers unlike the model is a bad state without a path. The garbage of
/// `Bounds::garbage` is that of the log and the anchors.
std::expected<Exploration, std::string> explore_scenario(const Scenario& scenario,
                                                         const ScenarioOptions& options);

}  // namespace vexfs::parity::crash
