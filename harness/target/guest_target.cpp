// SPDX-License-Identifier: MIT
#include "harness/target/guest_target.h"

#include <fmt/format.h>

#include "harness/scenario/error_name.h"
#include "harness/scenario/json_reader.h"
#include "harness/scenario/outcome_codec.h"
#include "harness/scenario/scenario_codec.h"

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

// A refused request as the implementation's word: its errno counts.
TargetFailure refusal_of(const nlohmann::json& reply) {
  const int error = reply.value("errno", EIO);
  return {TargetFailure::Kind::kRefused,
          error,
          reply.value("error", std::string("refused: ") + error_name(error)),
          {}};
}

std::expected<std::vector<Outcome>, TargetFailure> outcomes_in(const nlohmann::json& result) {
  if (const auto error = result.find("error"); error != result.end()) {
    return std::unexpected(machine_failure("the agent cannot run the batch: " + error->dump()));
  }
  std::vector<Outcome> outcomes;
  std::optional<Fault> fault;
  const Json json(result.at("outcomes"));
  read_value(JsonReader(json, "/outcomes", fault), outcomes);
  if (fault) return std::unexpected(machine_failure("the agent's reply: " + fault->message()));
  return outcomes;
}

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

std::expected<nlohmann::json, TargetFailure> GuestTarget::ask(nlohmann::json request) {
  auto reply = guest_->call(std::move(request));
  if (!reply) return std::unexpected(failure_of(reply.error()));
  return std::move(*reply);
}

std::expected<void, TargetFailure> GuestTarget::mount(const MountOptions& options) {
  const auto reply = ask({{"kind", "mount"},
                          {"target", target_name(options_.kind)},
                          {"device", kDevice},
                          {"dir", kMountDir},
                          {"options", mount_options(options)}});
  if (!reply) return std::unexpected(reply.error());
  if (!reply->value("ok", false)) return std::unexpected(refusal_of(*reply));
  return {};
}

std::expected<std::vector<Outcome>, TargetFailure> GuestTarget::execute(
    std::span<const Step> steps) {
  if (steps.empty()) return std::vector<Outcome>{};
  nlohmann::json batch = {{"steps", nlohmann::json::array()}};
  for (const Step& step : steps) batch["steps"].push_back(nlohmann::json(write_value(step)));
  const auto reply = ask({{"kind", "steps"}, {"dir", kMountDir}, {"batch", std::move(batch)}});
  if (!reply) return std::unexpected(reply.error());
  if (!reply->value("ok", false)) {
    return std::unexpected(machine_failure("the agent refuses the steps: " + reply->dump()));
  }
  auto outcomes = outcomes_in(reply->at("result"));
  if (outcomes && outcomes->size() != steps.size()) {
    return std::unexpected(machine_failure("the agent answered another number of steps"));
  }
  return outcomes;
}

std::expected<void, TargetFailure> GuestTarget::unmount() {
  const auto reply = ask({{"kind", "umount"}, {"dir", kMountDir}});
  if (!reply) return std::unexpected(reply.error());
  if (!reply->value("ok", false)) return std::unexpected(refusal_of(*reply));
  if (reply->value("daemon_exit", 0) != 0) {
    return std::unexpected(TargetFailure{
        TargetFailure::Kind::kRefused, EIO, "the daemon failed at unmount: " + reply->dump(), {}});
  }
  return {};
}

std::expected<SegmentResult, TargetFailure> GuestTarget::run_in_live_guest(const Segment& segment) {
  Image disk = segment.volume;
  disk.resize(kGuestDiskBytes);
  if (const auto swapped = guest_->disk().set_volume(std::move(disk)); !swapped) {
    return std::unexpected(machine_failure(swapped.error().message));
  }
  if (const auto mounted = mount(segment.options); !mounted) {
    return std::unexpected(mounted.error());
  }
  auto outcomes = execute(segment.steps);
  if (!outcomes) return std::unexpected(outcomes.error());
  if (segment.ending == Ending::kUnmount) {
    if (const auto ended = unmount(); !ended) return std::unexpected(ended.error());
  } else if (const auto cut = guest_->cut_power(); !cut) {
    return std::unexpected(machine_failure(cut.error().message));
  }
  auto content = guest_->disk().volume();
  if (!content) return std::unexpected(machine_failure(content.error().message));
  content->resize(segment.volume.size());
  return SegmentResult{std::move(*outcomes), std::move(*content)};
}

std::expected<SegmentResult, TargetFailure> GuestTarget::run(const Segment& segment) {
  if (segment.volume.size() > kGuestDiskBytes) {
    return std::unexpected(machine_failure(
        fmt::format("a volume of {} bytes does not fit the guests' disk of {}; make it smaller",
                    segment.volume.size(), kGuestDiskBytes)));
  }
  auto result = run_in_live_guest(segment);
  const bool refused_at_mount = !result && result.error().kind == TargetFailure::Kind::kRefused;
  const bool still_fit = (result && segment.ending == Ending::kUnmount) || refused_at_mount;
  if (!still_fit) {
    if (const auto fresh = guest_->restart(); !fresh)
      return std::unexpected(failure_of(fresh.error()));
  }
  return result;
}

}  // namespace vexfs::parity
