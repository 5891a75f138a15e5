// SPDX-License-Identifier: MIT
#include "harness/target/guest_target.h"

#include <numeric>
#include <optional>

#include <fmt/format.h>

#include "harness/crash/operation_marks.h"
#include "harness/guest/recording_message.h"
#include "harness/scenario/error_name.h"
#include "harness/scenario/json_reader.h"
#include "harness/scenario/outcome_codec.h"
#include "harness/scenario/scenario_codec.h"
#include "harness/target/failing_blocks.h"

namespace vexfs::parity {
namespace {

constexpr const char* kDevice = "/dev/vda";
constexpr const char* kMountDir = "/mnt";

const char* target_name(GuestKind kind) { return kind == GuestKind::kKmod ? "kmod" : "fuse"; }

TargetFailure failure_of(const vm::GuestError& error) {
  switch (error.kind) {
    case vm::GuestError::Kind::kDeath:
      return {TargetFailure::Kind::kDied, 0, error.death->headline, describe(*error.death)};
    case vm::GuestError::Kind::kTimeout:
      return {TargetFailure::Kind::kDied, 0, "an operation did not end", error.message};
    case vm::GuestError::Kind::kInfra:
      break;
  }
  return {TargetFailure::Kind::kMachine, 0, error.message, {}};
}

TargetFailure machine_failure(const std::string& what) {
  return {TargetFailure::Kind::kMachine, 0, what, {}};
}

std::string mount_options(const MountOptions& options) {
  std::string text = "commit=0,clock=";
  text += options.clock == ClockMode::kManual ? "manual" : "system";
  switch (options.data) {
    case DataMode::kOrdered:
      text += ",data=ordered";
      break;
    case DataMode::kWriteback:
      text += ",data=writeback";
      break;
    case DataMode::kJournal:
      text += ",data=journal";
      break;
  }
  if (options.strict) text += ",strict";
  if (options.read_only) text += ",ro";
  return text;
}

// What the implementation refused, if it did: its word, so the errno counts.
std::optional<TargetFailure> refusal_in(const nlohmann::json& reply) {
  if (!reply.value("ok", false)) {
    const int error = reply.value("errno", EIO);
    return TargetFailure{TargetFailure::Kind::kRefused,
                         error,
                         reply.value("error", std::string("refused: ") + error_name(error)),
                         {}};
  }
  if (reply.value("daemon_exit", 0) == 0) return std::nullopt;
  return TargetFailure{
      TargetFailure::Kind::kRefused, EIO, "the daemon failed at unmount: " + reply.dump(), {}};
}

std::expected<std::vector<Outcome>, TargetFailure> outcomes_in(const nlohmann::json& reply) {
  const Json result = Json::from_cbor(reply.at("result").get_binary(), true, false);
  if (!result.contains("outcomes")) {
    return std::unexpected(machine_failure("the agent cannot run the batch: " + result.dump()));
  }
  std::vector<Outcome> outcomes;
  std::optional<Fault> fault;
  read_value(JsonReader(result.at("outcomes"), "/outcomes", fault), outcomes);
  if (fault) return std::unexpected(machine_failure("the agent's reply: " + fault->message()));
  return outcomes;
}

// The base with all writes in the order in which they arrived, as the server applied them.
Image content_after(const device::Recording& recording) {
  Image content = recording.base;
  for (const device::RecordedRequest& request : recording.requests) {
    if (request.kind == device::RequestKind::kWrite) {
      content.write(request.offset, request.data);
    } else if (request.kind != device::RequestKind::kFlush) {
      content.zero(request.offset, request.length);
    }
  }
  return content;
}

// A pause before the first step and after each.
std::vector<std::size_t> each_step(const Segment& segment) {
  std::vector<std::size_t> pauses(segment.steps.size() + 1);
  std::iota(pauses.begin(), pauses.end(), std::size_t{0});
  return pauses;
}

// While it lives, the guest's disk fails as the segment's steps `fail_writes` say, for which the
// agent has to pause.
class FailingDisk {
 public:
  FailingDisk(device::NbdServer& disk, const Segment& segment) : disk_(disk), segment_(segment) {}
  ~FailingDisk() { disk_.set_fault_hook({}); }
  FailingDisk(const FailingDisk&) = delete;
  FailingDisk& operator=(const FailingDisk&) = delete;

  std::vector<std::size_t> pauses() const {
    std::vector<std::size_t> pauses;
    for (std::size_t i = 0; i < segment_.steps.size(); ++i) {
      if (failing_at(i) != nullptr) pauses.push_back(i + 1);
    }
    return pauses;
  }

  void paused(std::size_t steps_done) {
    failing_.add(segment_.volume, failing_at(steps_done - 1)->region);
    disk_.set_fault_hook(
        [failing = failing_](const device::Request& request) -> std::optional<device::Fault> {
          using enum device::RequestKind;
          const bool changes = request.kind == kWrite || request.kind == kWriteZeroes;
          if (!changes || !failing.meets(request.offset, request.length)) return std::nullopt;
          return device::Fault{.error = EIO};
        });
  }

 private:
  const FailWrites* failing_at(std::size_t step) const {
    return std::get_if<FailWrites>(&segment_.steps[step].operation);
  }

  device::NbdServer& disk_;
  const Segment& segment_;
  FailingBlocks failing_;
};

}  // namespace

GuestTarget::GuestTarget(GuestTargetOptions options, std::unique_ptr<vm::Guest> guest)
    : options_(std::move(options)),
      name_(fmt::format("{}@{}", target_name(options_.kind), options_.image.family)),
      guest_(std::move(guest)) {}

std::expected<std::unique_ptr<GuestTarget>, TargetFailure> GuestTarget::boot(
    const GuestTargetOptions& options) {
  vm::GuestOptions machine;
  machine.image = options.image;
  machine.accelerator = options.accelerator;
  machine.work_dir = options.work_dir;
  machine.volume_size = kGuestDiskBytes;
  machine.smap = options.kind == GuestKind::kKmod;
  if (options.kind == GuestKind::kKmod) {
    machine.preparation.push_back({{"kind", "insmod"}, {"path", "/vexfs.ko"}});
  }
  auto guest = vm::Guest::boot(machine);
  if (!guest) return std::unexpected(failure_of(guest.error()));
  return std::unique_ptr<GuestTarget>(new GuestTarget(options, std::move(*guest)));
}

std::string GuestTarget::build() const {
  const char* binary = options_.kind == GuestKind::kKmod ? "vexfs.ko" : "vexfs-fuse";
  return fmt::format("{} on Linux {}", binary, options_.image.release);
}

std::expected<nlohmann::json, TargetFailure> GuestTarget::ask(nlohmann::json request,
                                                              const vm::OnPause& on_pause) {
  auto reply = guest_->call(std::move(request), vm::AgentLink::kDefaultLimit, on_pause);
  if (!reply) return std::unexpected(failure_of(reply.error()));
  return std::move(*reply);
}

nlohmann::json GuestTarget::request_of(const Segment& segment,
                                       const std::vector<std::size_t>& pauses) const {
  Json steps = Json::array();
  for (const Step& step : segment.steps) steps.push_back(write_value(step));
  Json batch;
  batch["steps"] = std::move(steps);
  batch["pauses"] = pauses;
  return {{"kind", "segment"},
          {"target", target_name(options_.kind)},
          {"device", kDevice},
          {"dir", kMountDir},
          {"options", mount_options(segment.options) + (fault_.empty() ? "" : ",fault=" + fault_)},
          {"batch", nlohmann::json::binary(Json::to_cbor(batch))},
          {"unmount", segment.ending == Ending::kUnmount}};
}

std::expected<GuestTarget::Executed, TargetFailure> GuestTarget::execute(
    nlohmann::json request, std::size_t steps, const vm::OnPause& on_pause) {
  auto reply = ask(std::move(request), on_pause);
  if (!reply) return std::unexpected(reply.error());
  if (auto refused = refusal_in(*reply)) {
    fit_ = reply->value("stage", "") == "mount";
    return std::unexpected(*refused);
  }
  auto outcomes = outcomes_in(*reply);
  if (!outcomes) return std::unexpected(outcomes.error());
  if (outcomes->size() != steps) {
    return std::unexpected(machine_failure("the agent answered another number of steps"));
  }
  return Executed{std::move(*outcomes), std::move(*reply)};
}

std::expected<void, TargetFailure> GuestTarget::unmount() {
  const auto reply = ask({{"kind", "umount"}, {"dir", kMountDir}});
  if (!reply) return std::unexpected(reply.error());
  if (auto refused = refusal_in(*reply)) return std::unexpected(*refused);
  return {};
}

std::expected<Image, TargetFailure> GuestTarget::disk_content() {
  auto content = guest_->disk().volume();
  if (!content) return std::unexpected(machine_failure(content.error().message));
  return std::move(*content);
}

std::expected<Image, TargetFailure> GuestTarget::fail_power(bool disk_fails) {
  const bool kill = options_.kill_one_crash_in != 0 && crashes_++ % options_.kill_one_crash_in == 0;
  if (kill) {
    if (const auto cut = guest_->cut_power(); !cut) {
      return std::unexpected(machine_failure(cut.error().message));
    }
  }
  auto content = disk_content();
  if (!content) return content;
  if (!kill) {
    const auto ended = unmount();
    // What cannot write says so.
    const bool refused = !ended && ended.error().kind == TargetFailure::Kind::kRefused;
    if (!ended && !(refused && disk_fails)) return std::unexpected(ended.error());
  } else if (const auto fresh = guest_->restart(); !fresh) {
    return std::unexpected(failure_of(fresh.error()));
  }
  return content;
}

std::expected<Image, TargetFailure> GuestTarget::end(const Segment& segment) {
  auto content = segment.ending == Ending::kUnmount ? disk_content()
                                                    : fail_power(has_failing_writes(segment.steps));
  if (!content) return content;
  fit_ = true;
  content->resize(segment.volume.size());
  return content;
}

std::expected<SegmentResult, TargetFailure> GuestTarget::run_in_guest(const Segment& segment) {
  FailingDisk disk(guest_->disk(), segment);
  auto executed = execute(request_of(segment, disk.pauses()), segment.steps.size(),
                          [&disk](std::size_t steps_done) { disk.paused(steps_done); });
  if (!executed) return std::unexpected(executed.error());
  auto content = end(segment);
  if (!content) return std::unexpected(content.error());
  return SegmentResult{std::move(executed->outcomes), std::move(*content)};
}

std::expected<RecordedSegment, TargetFailure> GuestTarget::record_virtio(
    const Segment& segment, const device::RecordOptions& options) {
  device::NbdServer& disk = guest_->disk();
  if (const auto begun = disk.start_recording(options); !begun) {
    return std::unexpected(machine_failure(begun.error().message));
  }
  auto executed =
      execute(request_of(segment, each_step(segment)), segment.steps.size(),
              [&disk](std::size_t steps_done) { crash::mark_between(disk, steps_done); });
  if (executed && segment.ending == Ending::kUnmount)
    disk.mark(crash::end_mark(segment.steps.size()));
  auto recording = disk.stop_recording();
  if (!recording) return std::unexpected(machine_failure(recording.error().message));
  if (!executed) return std::unexpected(executed.error());
  std::erase_if(recording->requests, [](const auto& request) {
    return request.kind == device::RequestKind::kRead;  // says nothing about crash states
  });
  recording->base = segment.volume;
  auto content = end(segment);
  if (!content) return std::unexpected(content.error());
  return RecordedSegment{{std::move(executed->outcomes), std::move(*content)},
                         std::move(*recording)};
}

std::expected<RecordedSegment, TargetFailure> GuestTarget::record_nbd(
    const Segment& segment, const device::RecordOptions& options) {
  auto request = request_of(segment, each_step(segment));
  request["kind"] = "record";
  request["seed"] = options.seed;
  request["max_hold_us"] = options.max_hold.count();
  request["bytes"] = segment.volume.size();
  request["steps"] = segment.steps.size();
  auto executed = execute(std::move(request), segment.steps.size());
  if (!executed) return std::unexpected(executed.error());
  fit_ = true;
  auto recording = guest::recording_in(executed->reply.at("recording"));
  if (!recording) return std::unexpected(machine_failure(recording.error()));
  recording->base = segment.volume;
  Image content = content_after(*recording);
  return RecordedSegment{{std::move(executed->outcomes), std::move(content)},
                         std::move(*recording)};
}

template <class Work>
auto GuestTarget::with_volume(const Segment& segment, Work work) -> decltype(work()) {
  if (segment.volume.size() > kGuestDiskBytes) {
    return std::unexpected(machine_failure(
        fmt::format("a volume of {} bytes does not fit the guests' disk of {}; make it smaller",
                    segment.volume.size(), kGuestDiskBytes)));
  }
  Image disk = segment.volume;
  disk.resize(kGuestDiskBytes);
  if (const auto swapped = guest_->disk().set_volume(std::move(disk)); !swapped) {
    return std::unexpected(machine_failure(swapped.error().message));
  }
  fit_ = false;
  auto result = work();
  if (!fit_) {
    const auto fresh = guest_->restart();
    if (!fresh) return std::unexpected(failure_of(fresh.error()));
    fit_ = true;
  }
  return result;
}

std::expected<SegmentResult, TargetFailure> GuestTarget::run(const Segment& segment) {
  return with_volume(segment, [&] { return run_in_guest(segment); });
}

std::expected<RecordedSegment, TargetFailure> GuestTarget::record(
    const Segment& segment, const device::RecordOptions& options, RecordedPath path) {
  return with_volume(segment, [&] {
    return path == RecordedPath::kNbd ? record_nbd(segment, options)
                                      : record_virtio(segment, options);
  });
}

}  // namespace vexfs::parity
