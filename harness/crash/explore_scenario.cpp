// SPDX-License-Identifier: MIT
#include "harness/crash/explore_scenario.h"

#include "harness/lockstep/compare.h"
#include "harness/lockstep/fresh_volume.h"
#include "reference/contract/superblock.h"
#include "reference/tools/inspect/bytes.h"

namespace vexfs::parity::crash {
namespace {

// Only these may hold garbage after a crash (docs/hard-cases.md, 5).
std::vector<SectorRange> checked_sectors(const Image& base) {
  constexpr std::uint64_t kSectors = Image::kChunkBytes / kSectorBytes;
  const auto super = tools::load<vexfs_superblock>(base.chunk(VEXFS_SUPER_BLOCK));
  return {{VEXFS_ANCHOR_BLOCK * kSectors, 2 * kSectors},
          {super.log.start * kSectors, super.log.blocks * kSectors}};
}

Exploration explore_prepared(const Scenario& scenario, const Prepared& prepared,
                             const std::string& writer, ExploreOptions options) {
  const auto steps = first_mount(scenario);
  auto failure =
      compare_outcomes(steps, 0, prepared.history.outcomes(), prepared.run.outcomes, writer);
  if (failure) {
    Exploration exploration;
    exploration.bad.push_back({{}, std::move(*failure)});
    return exploration;
  }
  options.bounds.garbage = checked_sectors(prepared.run.recording.base);
  return explore(prepared.run.recording, prepared.history, options);
}

}  // namespace

std::expected<Prepared, std::string> prepare(const Scenario& scenario, const Image& base,
                                             core::Fault fault) {
  return prepare(
      scenario, base,
      [fault](std::span<const Step> steps, const Image& volume, const MountOptions& options) {
        return record_core(steps, volume, options, fault);
      });
}

std::expected<Prepared, std::string> prepare(const Scenario& scenario, const Image& base,
                                             const Writer& writer) {
  if (scenario.mount.read_only) {
    return std::unexpected(scenario.name + ": a read-only mount writes nothing to be lost");
  }
  if (scenario.mount.clock != ClockMode::kManual) {
    return std::unexpected(scenario.name +
                           ": only with \"clock\": \"manual\" is a run the same "
                           "on the engine and the model");
  }
  const auto steps = first_mount(scenario);
  auto run = writer(steps, base, scenario.mount);
  if (!run) return std::unexpected(run.error());
  auto history = History::of(steps, base, scenario.mount);
  if (!history) return std::unexpected(history.error());
  return Prepared{std::move(*run), std::move(*history)};
}

std::expected<Exploration, std::string> explore_scenario(const Scenario& scenario,
                                                         const ScenarioOptions& options) {
  const auto base = fresh_volume(scenario.volume);
  if (!base) return std::unexpected(base.error());
  const auto prepare_on = [&](const Image& volume) {
    return options.writer ? prepare(scenario, volume, options.writer)
                          : prepare(scenario, volume, options.explore.fault);
  };
  const auto prepared = prepare_on(*base);
  if (!prepared) return std::unexpected(prepared.error());
  ExploreOptions first = options.explore;
  first.samples = options.second_runs;
  Exploration all = explore_prepared(scenario, *prepared, options.writer_name, first);
  if (!all.machine_fault.empty()) return std::unexpected(all.machine_fault);
  for (const Image& recovered : all.samples) {
    if (!all.bad.empty()) break;
    const auto again = prepare_on(recovered);
    if (!again) return std::unexpected(again.error());
    ExploreOptions second = options.explore;
    second.states = options.states_of_second;
    Exploration more = explore_prepared(scenario, *again, options.writer_name, second);
    if (!more.machine_fault.empty()) return std::unexpected(more.machine_fault);
    all.states += more.states;
    all.nested += more.nested;
    all.time += more.time;
    for (BadState& bad : more.bad) {
      bad.failure.lines.insert(bad.failure.lines.begin(),
                               "the scenario's steps ran a second time, on a recovered volume");
      all.bad.push_back(std::move(bad));
    }
  }
  return all;
}

}  // namespace vexfs::parity::crash
