// SPDX-License-Identifier: MIT
#include "harness/planted/crash_probe.h"

#include <algorithm>
#include <random>

#include <fmt/format.h>

#include "fuse/core/volume.h"
#include "harness/device/flat_copy.h"
#include "harness/lockstep/compare.h"
#include "harness/lockstep/fresh_volume.h"
#include "harness/planted/recording_device.h"
#include "harness/target/core_target.h"
#include "harness/target/core_volume.h"
#include "harness/target/image_disk.h"
#include "harness/target/posix_step.h"
#include "harness/target/reference_target.h"
#include "reference/model/volume.h"
#include "reference/tools/inspect/anchor.h"
#include "reference/tools/inspect/log.h"

namespace vexfs::parity {
namespace {

// The sequence that the next transaction after this volume's recovery gets; 0 if it has no anchor.
std::uint64_t recoverable_sequence(std::span<const std::byte> image) {
  const auto view = tools::VolumeView::open(image);
  if (!view) return 0;
  const tools::Anchors anchors = tools::read_anchors(*view);
  if (anchors.active() == nullptr) return 0;
  return anchors.active()->sequence + tools::read_chain(*view, *anchors.active()).size();
}

// After `requests` requests, transactions below `sequence` were promised to be durable.
struct Promise {
  std::size_t requests;
  std::uint64_t sequence;
};

struct Run {
  Image base;
  std::vector<RecordedRequest> requests;
  std::vector<Promise> promises;
};

core::MountOptions engine_options(const MountOptions& options, core::Fault fault) {
  core::MountOptions to;
  to.data = static_cast<core::DataMode>(options.data);
  to.commit_seconds = 0;
  to.manual_clock = options.clock == ClockMode::kManual;
  to.strict = options.strict;
  to.read_only = options.read_only;
  to.fault = fault;
  return to;
}
static_assert(static_cast<int>(core::DataMode::kJournal) == static_cast<int>(DataMode::kJournal));
static_assert(static_cast<int>(core::DataMode::kWriteback) ==
              static_cast<int>(DataMode::kWriteback));

model::MountOptions model_options(const MountOptions& options) {
  model::MountOptions to;
  to.data = static_cast<model::DataMode>(options.data);
  to.strict = options.strict;
  to.read_only = options.read_only;
  to.manual_clock = options.clock == ClockMode::kManual;
  return to;
}

bool is_sync_point(const Operation& operation) {
  if (const auto* control = std::get_if<Control>(&operation)) {
    return control->line == "sync" || control->line == "checkpoint";
  }
  return std::holds_alternative<Fsync>(operation) || std::holds_alternative<Fdatasync>(operation);
}

// Runs the steps on the engine and records what reaches the device, unmount included.
std::expected<Run, std::string> record(const Scenario& scenario, const Image& base,
                                       core::Fault fault) {
  Recording recording;
  recording.content = base;
  Run run{base, {}, {}};
  auto volume = core::Volume::open(std::make_unique<RecordingDevice>(recording),
                                   engine_options(scenario.mount, fault));
  if (!volume) return std::unexpected("the engine refuses a volume: " + volume.error().message);
  CoreVolume adapter(**volume);
  PosixSession session(adapter);
  // The model beside it knows how far the log is.
  Image of_model = base;
  auto model =
      model::Volume::mount(std::make_unique<ImageDisk>(of_model), model_options(scenario.mount));
  if (!model) return std::unexpected("the model refuses a volume");
  PosixSession beside(**model);
  for (const Step& step : scenario.steps) {
    if (is_volume_step(step.operation)) continue;
    const model::Mounted& now = (*model)->inside();
    const std::uint64_t sealed = now.log.sequence + (now.running.units > 0 ? 1 : 0);
    beside.execute(step);
    const Outcome outcome = session.execute(step);
    if (outcome.error != 0 || !is_sync_point(step.operation)) continue;
    const std::lock_guard lock(recording.mutex);
    run.promises.push_back({recording.requests.size(), sealed});
  }
  if (const auto ended = (*volume)->unmount(); !ended) {
    return std::unexpected("the engine cannot unmount a volume");
  }
  run.requests = std::move(recording.requests);
  return run;
}

std::size_t blocks_of(const RecordedRequest& request) {
  return (request.bytes.size() + 4095) / 4096;
}

class Probe {
 public:
  Probe(const Scenario& scenario, core::Fault fault, const ProbeOptions& options)
      : scenario_(scenario),
        fault_(fault),
        options_(options),
        random_(options.seed),
        engine_(fault) {}

  std::expected<std::optional<Failure>, std::string> go();

 private:
  std::optional<Failure> judge_states(const Run& run, std::size_t count, bool crash_again);
  std::size_t draw_moment(const Run& run);
  Image draw_state(const Run& run, std::size_t seen);
  std::optional<Failure> judge(const Run& run, std::size_t seen, const Image& crashed,
                               Image& recovered);
  std::size_t below(std::size_t end) { return end == 0 ? 0 : random_() % end; }

  const Scenario& scenario_;
  core::Fault fault_;
  ProbeOptions options_;
  std::mt19937_64 random_;
  ReferenceTarget reference_;
  CoreTarget engine_;
  device::FlatCopy flat_;
  std::string harness_fault_;
};

// Often just before a flush ends, when the most is undecided; flushes of many blocks more often.
std::size_t Probe::draw_moment(const Run& run) {
  const std::size_t any = below(run.requests.size() + 1);
  if (any == run.requests.size() || below(4) == 0) return any;
  std::size_t blocks = 0;
  for (const RecordedRequest& request : run.requests) blocks += blocks_of(request);
  std::size_t chosen = below(blocks);
  std::size_t at = 0;
  while (at < run.requests.size() && chosen >= blocks_of(run.requests[at])) {
    chosen -= blocks_of(run.requests[at++]);
  }
  while (at < run.requests.size() && !run.requests[at].is_flush()) ++at;
  return at;
}

// Which unflushed blocks are there: none, all, all but one, one alone, the first ones, each by a
// coin.
Image Probe::draw_state(const Run& run, std::size_t seen) {
  std::size_t durable = seen;
  while (durable > 0 && !run.requests[durable - 1].is_flush()) --durable;
  std::vector<std::size_t> first_block;  // of each undecided request
  std::size_t blocks = 0;
  for (std::size_t i = durable; i < seen; ++i) {
    first_block.push_back(blocks);
    blocks += blocks_of(run.requests[i]);
  }
  const std::size_t chosen = below(blocks);
  const std::uint64_t coins = random_();
  const std::size_t way = below(6);
  return crash_state(run.base, run.requests, seen, [&](std::size_t request, std::size_t block) {
    const std::size_t number = first_block[request - durable] + block;
    switch (way) {
      case 0:
        return false;
      case 1:
        return true;
      case 2:
        return number != chosen;
      case 3:
        return number == chosen;
      case 4:
        return number < chosen;
      default:
        return ((coins >> (number % 64)) & 1) != 0;
    }
  });
}

std::optional<Failure> Probe::judge(const Run& run, std::size_t seen, const Image& crashed,
                                    Image& recovered) {
  std::uint64_t promised = 0;
  for (const Promise& promise : run.promises) {
    if (promise.requests <= seen) promised = promise.sequence;
  }
  if (const std::uint64_t there = recoverable_sequence(flat_.of(crashed)); there < promised) {
    Failure failure;
    failure.kind = FailureKind::kRecovery;
    failure.target = engine_.name();
    failure.signature = "recovery core durability";
    failure.lines.push_back(fmt::format("transactions up to {} were durable, {} are there",
                                        promised - 1, there == 0 ? 0 : there - 1));
    return failure;
  }
  const Segment segment{crashed, scenario_.mount, {}, Ending::kUnmount};
  auto expected = reference_.run(segment);
  const auto got = engine_.run(segment);
  if (auto failure = compare_failures(expected ? nullptr : &expected.error(),
                                      got ? nullptr : &got.error(), engine_.name())) {
    return failure;
  }
  if (!expected) return compare_failures(nullptr, &expected.error(), reference_.name());
  if (auto failure = compare_images(expected->volume, got->volume, false, engine_.name(),
                                    FailureKind::kRecovery)) {
    return failure;
  }
  recovered = std::move(expected->volume);
  return check_volume(flat_.of(recovered), "what the engine left after a crash");
}

std::optional<Failure> Probe::judge_states(const Run& run, std::size_t count, bool crash_again) {
  for (std::size_t n = 0; n < count; ++n) {
    const std::size_t seen = draw_moment(run);
    Image recovered;
    if (auto failure = judge(run, seen, draw_state(run, seen), recovered)) {
      failure->lines.insert(
          failure->lines.begin(),
          fmt::format("power failed after {} of {} requests", seen, run.requests.size()));
      return failure;
    }
    if (!crash_again || below(options_.crashed_again) != 0) continue;
    const auto second = record(scenario_, recovered, fault_);
    if (!second) {
      harness_fault_ = second.error();
      return std::nullopt;
    }
    if (auto failure = judge_states(*second, options_.states_of_second, false)) return failure;
  }
  return std::nullopt;
}

std::expected<std::optional<Failure>, std::string> Probe::go() {
  const auto fresh = fresh_volume(scenario_.volume);
  if (!fresh) return std::unexpected(fresh.error());
  const auto run = record(scenario_, *fresh, fault_);
  if (!run) return std::unexpected(run.error());
  auto failure = judge_states(*run, options_.states, true);
  if (!failure && !harness_fault_.empty()) return std::unexpected(harness_fault_);
  return failure;
}

}  // namespace

std::expected<std::optional<Failure>, std::string> probe_crashes(const Scenario& scenario,
                                                                 core::Fault fault,
                                                                 const ProbeOptions& options) {
  if (scenario.mount.read_only) return std::nullopt;
  return Probe(scenario, fault, options).go();
}

}  // namespace vexfs::parity
