// SPDX-License-Identifier: MIT
#include "harness/crash/explore_scenario.h"

#include "harness/crash/authored.h"
#include "harness/crash/floor.h"
#include "harness/crash/moments.h"
#include "harness/lockstep/compare.h"
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

// A step that the writer answers unlike the model: nothing else can be judged.
std::optional<BadState> different_answers(const AuthoredCrash& authored, const Prepared& prepared,
                                          const std::string& writer) {
  auto failure = compare_outcomes(authored.mount.steps, authored.first_step,
                                  prepared.history.outcomes(), prepared.run.outcomes, writer);
  if (!failure) return std::nullopt;
  return BadState{{}, std::move(*failure), false};
}

std::expected<std::vector<WriteSet>, std::string> path_in(const OneState& state) {
  std::vector<WriteSet> path;
  for (const std::string& text : state.write_sets) {
    auto set = parse_write_set(text);
    if (!set) return std::unexpected(set.error());
    path.push_back(std::move(*set));
  }
  return path;
}

// The one state that the scenario names, as an exploration.
std::expected<Exploration, std::string> explore_one(const OneState& state, const Prepared& prepared,
                                                    const ExploreOptions& options) {
  auto path = path_in(state);
  if (!path) return std::unexpected(path.error());
  auto judged = judge_path(prepared.run.recording, prepared.history, *path, options.fault,
                           options.afterwards);
  if (!judged) return std::unexpected(judged.error());
  Exploration one;
  one.complete = true;
  Floor floor(prepared.run.recording);
  floor.advance(path->front().crash);
  const Timeline timeline(prepared.run.recording);
  PointCounts row{path->front().crash, timeline.begun(path->front().crash),
                  timeline.returned(path->front().crash), StateCounts{}};
  row.states.counted[static_cast<std::size_t>(severity_of(floor, path->front()))] = 1;
  one.points.push_back(row);
  one.states = row.states;
  if (*judged) one.bad.push_back({std::move(*path), std::move(**judged), false});
  return one;
}

std::expected<Exploration, std::string> explore_prepared(const AuthoredCrash& authored,
                                                         const Prepared& prepared,
                                                         const std::string& writer,
                                                         ExploreOptions options) {
  if (auto different = different_answers(authored, prepared, writer)) {
    Exploration exploration;
    exploration.bad.push_back(std::move(*different));
    return exploration;
  }
  options.afterwards = {authored.after, authored.first_after};
  if (const auto* state = std::get_if<OneState>(&authored.crash.at)) {
    return explore_one(*state, prepared, options);
  }
  auto moments = moments_of(authored.crash.at, prepared.run.recording, authored.first_step);
  if (!moments) return std::unexpected(moments.error());
  options.moments = std::move(*moments);
  options.bounds.garbage = checked_sectors(prepared.run.recording.base);
  Exploration explored = explore(prepared.run.recording, prepared.history, options);
  if (!explored.machine_fault.empty()) return std::unexpected(explored.machine_fault);
  return explored;
}

std::expected<Prepared, std::string> prepare_on(const Image& base, const Scenario& mount,
                                                const ScenarioOptions& options) {
  return options.writer ? prepare(mount, base, options.writer)
                        : prepare(mount, base, options.explore.fault);
}

// The same steps again on volumes that an exploration handed back.
std::expected<void, std::string> explore_again(const AuthoredCrash& authored,
                                               const ScenarioOptions& options, Exploration& all) {
  for (const Image& recovered : all.samples) {
    if (!all.bad.empty()) break;
    const auto again = prepare_on(recovered, authored.mount, options);
    if (!again) return std::unexpected(again.error());
    ExploreOptions second = options.explore;
    second.states = options.states_of_second;
    auto more = explore_prepared(authored, *again, options.writer_name, second);
    if (!more) return std::unexpected(more.error());
    all.states += more->states;
    all.nested += more->nested;
    all.time += more->time;
    for (BadState& bad : more->bad) {
      bad.failure.lines.insert(bad.failure.lines.begin(),
                               "the scenario's steps ran a second time, on a recovered volume");
      bad.second_run = true;
      all.bad.push_back(std::move(bad));
    }
  }
  return {};
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
  const auto authored = authored_crash(scenario);
  if (!authored) return std::unexpected(authored.error());
  const auto prepared = prepare_on(authored->base, authored->mount, options);
  if (!prepared) return std::unexpected(prepared.error());
  ExploreOptions first = options.explore;
  if (authored->has_place) first.bounds.worst = authored->crash.worst;
  // What a scenario says of its crash holds the first time that its steps are executed.
  first.samples = authored->has_place ? 0 : options.second_runs;
  auto all = explore_prepared(*authored, *prepared, options.writer_name, first);
  if (!all) return std::unexpected(all.error());
  if (auto more = explore_again(*authored, options, *all); !more) {
    return std::unexpected(more.error());
  }
  return all;
}

}  // namespace vexfs::parity::crash
