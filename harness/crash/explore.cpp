// SPDX-License-Identifier: MIT
#include "harness/crash/explore.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <numeric>
#include <thread>
#include <unordered_map>

#include <fmt/format.h>

#include "harness/crash/floor.h"
#include "harness/crash/judge.h"
#include "harness/crash/proof.h"
#include "harness/lockstep/compare.h"

namespace vexfs::parity::crash {
namespace {

using Clock = std::chrono::steady_clock;

// States of one crash point, at least, however small the budget.
constexpr std::uint64_t kLeastOfPoint = 8;

// The images judged so far, by their hash. Safe to use from many threads.
class Seen {
 public:
  struct Answer {
    bool first = false;                  // nobody else has this image
    std::shared_ptr<const Facts> facts;  // none yet: somebody is at it
  };

  Answer ask(const ImageHash& hash) {
    Part& part = part_of(hash);
    const std::scoped_lock lock(part.mutex);
    const auto [place, fresh] = part.known.try_emplace(hash);
    return {fresh, place->second};
  }

  void tell(const ImageHash& hash, std::shared_ptr<const Facts> facts) {
    Part& part = part_of(hash);
    const std::scoped_lock lock(part.mutex);
    part.known[hash] = std::move(facts);
  }

 private:
  struct Part {
    std::mutex mutex;
    std::unordered_map<ImageHash, std::shared_ptr<const Facts>> known;
  };
  Part& part_of(const ImageHash& hash) { return parts_[hash.high % parts_.size()]; }

  std::array<Part, 16> parts_;
};

// Some of the images of an exploration; which ones does not depend on the order in which they come.
class Samples {
 public:
  explicit Samples(std::size_t most) : most_(most) {}

  void offer(const HashedImage& image) {
    const std::scoped_lock lock(mutex_);
    if (most_ == 0 || (kept_.size() == most_ && kept_.rbegin()->first <= image.hash())) return;
    kept_.try_emplace(image.hash(), image.volume());
    if (kept_.size() > most_) kept_.erase(std::prev(kept_.end()));
  }

  const std::map<ImageHash, Image>& kept() const { return kept_; }

 private:
  std::mutex mutex_;
  std::size_t most_;
  std::map<ImageHash, Image> kept_;
};

// What all threads of an exploration share.
struct Common {
  Common(const device::Recording& the_recording, const History& the_history,
         const ExploreOptions& the_options)
      : recording(the_recording), history(the_history), options(the_options) {}

  const device::Recording& recording;
  const History& history;
  const ExploreOptions& options;
  Timeline timeline{recording};
  std::vector<std::uint64_t> points =
      options.moments.empty() ? crash_points(recording) : options.moments;
  // States of one crash point: few of each rather than all of the first ones.
  std::uint64_t quota = std::max<std::uint64_t>(options.states / points.size(), kLeastOfPoint);
  Memory memory;
  Seen seen;
  Samples samples{options.samples};
  std::atomic<std::size_t> next_point{0};
  std::atomic<std::uint64_t> counted{0};
  std::atomic<std::uint64_t> nested{0};
  std::atomic<bool> over{false};
  std::atomic<bool> cut_short{false};
  std::mutex mutex;
  std::vector<PointCounts> rows;  // under mutex
  std::vector<BadState> bad;      // under mutex
  std::string machine_fault;      // under mutex

  bool go_on() {
    if (counted.load() >= options.states || Clock::now() >= options.deadline) {
      cut_short = true;
      over = true;
    }
    return !over.load();
  }
  void break_off(const std::string& machine_fault_text) {
    const std::scoped_lock lock(mutex);
    machine_fault = machine_fault_text;
    cut_short = true;
    over = true;
  }
  void fail(BadState state) {
    const std::scoped_lock lock(mutex);
    bad.push_back(std::move(state));
    if (bad.size() >= options.failures) {
      cut_short = true;
      over = true;
    }
  }
};

// Indices of up to `most` out of `count`, spread evenly.
std::vector<std::size_t> spread(std::size_t count, std::size_t most) {
  std::vector<std::size_t> chosen(std::min(count, most));
  for (std::size_t n = 0; n < chosen.size(); ++n) chosen[n] = n * count / chosen.size();
  return chosen;
}

// One thread's part of an exploration.
class Explorer {
 public:
  explicit Explorer(Common& common)
      : common_(common),
        floor_(common.recording),
        judge_(common.history, common.memory, common.options.fault, common.options.recoverers,
               common.options.afterwards) {}

  // Takes crash points until there are none, or no more time.
  void run();

 private:
  // Where a state comes from: the window of the scenario's crash, and for a crash in a recovery
  // what the recovery had found.
  struct Origin {
    Window window;
    std::optional<std::uint64_t> transaction;
    std::vector<WriteSet> path;
  };

  void explore_point(std::uint64_t crash);
  void look_at(const Floor& floor, const WriteSet& set, const Origin& origin, StateCounts& counts);
  void interrupt_recovery(const HashedImage& crashed, const Origin& origin, StateCounts& counts);

  Common& common_;
  Floor floor_;
  Judge judge_;
};

void Explorer::run() {
  while (common_.go_on()) {
    const std::size_t next = common_.next_point.fetch_add(1);
    if (next >= common_.points.size()) return;
    explore_point(common_.points[next]);
  }
}

void Explorer::explore_point(std::uint64_t crash) {
  floor_.advance(crash);
  PointCounts row{crash, common_.timeline.begun(crash), common_.timeline.returned(crash),
                  StateCounts{}};
  const Origin origin{common_.history.window(row.begun, row.returned), {}, {}};
  const std::vector<WriteSet> sets = write_sets(floor_, common_.options.bounds);
  const std::vector<std::size_t> chosen = spread(sets.size(), common_.quota);
  if (chosen.size() < sets.size()) common_.cut_short = true;
  for (const std::size_t n : chosen) {
    if (!common_.go_on()) break;
    look_at(floor_, sets[n], origin, row.states);
  }
  const std::scoped_lock lock(common_.mutex);
  common_.rows.push_back(row);
}

void Explorer::look_at(const Floor& floor, const WriteSet& set, const Origin& origin,
                       StateCounts& counts) {
  const HashedImage crashed = floor.state(set);
  const Seen::Answer answer = common_.seen.ask(crashed.hash());
  std::shared_ptr<const Facts> facts = answer.facts;
  if (!facts) {
    facts = std::make_shared<Facts>(judge_.examine(crashed.volume(), origin.transaction));
    common_.seen.tell(crashed.hash(), facts);
  }
  if (!facts->machine_fault.empty()) return common_.break_off(facts->machine_fault);
  const Severity severity = severity_of(floor, set);
  if (answer.first) {
    ++counts.counted[static_cast<std::size_t>(severity)];
    ++common_.counted;
    if (!origin.path.empty()) ++common_.nested;
  } else {
    ++counts.known;
  }
  Origin here = origin;
  here.path.push_back(set);
  if (auto failure = judge_.hold_against(*facts, origin.window)) {
    for (std::string& line : proof_of(floor, set)) failure->lines.push_back(std::move(line));
    common_.fail({here.path, std::move(*failure), false});
    return;
  }
  if (!answer.first) return;
  if (severity >= Severity::kDrop) common_.samples.offer(crashed);
  if (common_.options.nest_every == 0) return;
  here.transaction = facts->transaction;
  const bool chosen = crashed.hash().high / 16 % common_.options.nest_every == 0;
  if (chosen && here.path.size() < common_.options.depth) {
    interrupt_recovery(crashed, here, counts);
  }
}

void Explorer::interrupt_recovery(const HashedImage& crashed, const Origin& origin,
                                  StateCounts& counts) {
  const auto recording =
      record_recovery(crashed.volume(), common_.history.options(), common_.options.fault);
  if (!recording) return;  // examine() has said so
  std::vector<WriteSet> sets;
  Floor floor(*recording);
  for (const std::uint64_t crash : crash_points(*recording)) {
    floor.advance(crash);
    const auto here = write_sets(floor, common_.options.bounds);
    sets.insert(sets.end(), here.begin(), here.end());
  }
  Floor again(*recording);
  for (const std::size_t n : spread(sets.size(), common_.options.nested_states)) {
    if (!common_.go_on()) return;
    again.advance(sets[n].crash);
    look_at(again, sets[n], origin, counts);
  }
}

}  // namespace

std::uint64_t StateCounts::total() const {
  return std::accumulate(counted.begin(), counted.end(), std::uint64_t{0});
}

StateCounts& StateCounts::operator+=(const StateCounts& other) {
  for (std::size_t i = 0; i < kSeverities; ++i) counted[i] += other.counted[i];
  known += other.known;
  return *this;
}

Exploration explore(const device::Recording& recording, const History& history,
                    const ExploreOptions& options) {
  const auto start = Clock::now();
  Common common(recording, history, options);
  {
    std::vector<std::jthread> threads;
    for (std::size_t n = 0; n < options.threads; ++n) {
      threads.emplace_back([&common] { Explorer(common).run(); });
    }
  }
  Exploration exploration;
  exploration.points = std::move(common.rows);
  std::ranges::sort(exploration.points, {}, &PointCounts::crash);
  for (const PointCounts& row : exploration.points) exploration.states += row.states;
  exploration.nested = common.nested;
  exploration.bad = std::move(common.bad);
  std::ranges::sort(exploration.bad, {}, [](const BadState& bad) { return bad.path[0].crash; });
  exploration.machine_fault = std::move(common.machine_fault);
  exploration.complete = !common.cut_short;
  for (const auto& [hash, crashed] : common.samples.kept()) {
    auto recovered = recover_by_reference(crashed, history.options());
    if (recovered) exploration.samples.push_back(std::move(recovered->volume));
  }
  exploration.time = Clock::now() - start;
  return exploration;
}

std::expected<std::optional<Failure>, std::string> judge_path(const device::Recording& recording,
                                                              const History& history,
                                                              const std::vector<WriteSet>& path,
                                                              core::Fault fault,
                                                              const Afterwards& afterwards) {
  Memory memory;
  Judge judge(history, memory, fault, {}, afterwards);
  const Timeline timeline(recording);
  const Window window =
      history.window(timeline.begun(path[0].crash), timeline.returned(path[0].crash));
  device::Recording current = recording;
  std::optional<std::uint64_t> transaction;
  for (std::size_t n = 0; n < path.size(); ++n) {
    for (const Survivor& survivor : path[n].survivors) {
      if (survivor.request >= current.requests.size() ||
          current.requests[survivor.request].submitted >= path[n].crash) {
        return std::unexpected(
            fmt::format("request {} has not arrived when power fails at {}: "
                        "the write set is of another recording",
                        survivor.request, path[n].crash));
      }
    }
    Floor floor(current);
    floor.advance(path[n].crash);
    const Image crashed = floor.state(path[n]).volume();
    const Facts facts = judge.examine(crashed, transaction);
    auto failure = judge.hold_against(facts, window);
    if (failure || n + 1 == path.size()) return failure;
    transaction = facts.transaction;
    auto next = record_recovery(crashed, history.options(), fault);
    if (!next) return compare_failures(nullptr, &next.error(), "core");
    current = std::move(*next);
  }
  return std::nullopt;
}

}  // namespace vexfs::parity::crash
