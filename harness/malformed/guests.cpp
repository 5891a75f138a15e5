// SPDX-License-Identifier: MIT
#include "harness/malformed/guests.h"

#include <future>
#include <optional>

#include <fmt/format.h>

#include "harness/lockstep/compare.h"
#include "harness/malformed/use_volume.h"
#include "harness/target/image_disk.h"
#include "harness/target/posix_step.h"
#include "harness/target/reference_target.h"
#include "reference/model/volume.h"

namespace vexfs::parity {
namespace {

constexpr std::size_t kMostNodes = 40;  // a guest is slow, and there are many volumes

// What there is to do on the volume, as the reference finds it; nothing if it refuses to mount.
struct Plan {
  std::vector<Step> steps;
  std::size_t reads = 0;  // the first of them
};

Plan plan_for(const Image& volume) {
  Plan plan;
  Image copy = volume;
  const auto mounted = model::Volume::mount(std::make_unique<ImageDisk>(copy), {});
  if (!mounted) return plan;
  PosixSession session(**mounted);
  const auto ask = [&](Operation operation) -> std::optional<Outcome> {
    plan.steps.push_back({std::move(operation), {}, {}});
    return session.execute(plan.steps.back());
  };
  const auto files = walk_volume(ask, kMostNodes);
  plan.reads = plan.steps.size();
  change_volume(ask, files);
  return plan;
}

using Run = std::expected<SegmentResult, TargetFailure>;

std::optional<Failure> difference(const Plan& plan, Laid laid, const Run& expected, const Run& got,
                                  const std::string& target) {
  const bool failed = !expected || !got;
  if (failed) {
    return compare_failures(expected ? nullptr : &expected.error(), got ? nullptr : &got.error(),
                            target);
  }
  const std::size_t compared = laid == Laid::kReads ? plan.reads : plan.steps.size();
  const auto first = [compared](const auto& all) { return std::span(all).first(compared); };
  if (auto trace = compare_outcomes(first(plan.steps), 0, first(expected->outcomes),
                                    first(got->outcomes), target))
    return trace;
  if (laid != Laid::kAll) return std::nullopt;
  return compare_images(expected->volume, got->volume, false, target, FailureKind::kVolume);
}

Complaint complaint_of(const Failure& failure, const std::string& mutation, std::size_t n) {
  Complaint complaint{name_of(failure.kind), failure.signature, n, failure.lines};
  complaint.lines.insert(complaint.lines.begin(), mutation);
  if (!failure.evidence.empty()) complaint.lines.push_back(failure.evidence);
  return complaint;
}

std::expected<SpoilReport, std::string> spoil_in(Target& guest,
                                                 const std::vector<VolumeToSpoil>& volumes,
                                                 const SpoilOptions& options) {
  SpoilReport report;
  ReferenceTarget reference;
  for (std::size_t n = options.first; n < options.first + options.mutations; ++n) {
    const SpoiledVolume spoiled = spoiled_volume(volumes, options.seed, n);
    const Plan plan = plan_for(spoiled.image);
    const Segment segment{spoiled.image, {}, plan.steps, Ending::kUnmount};
    const Run expected = reference.run(segment);
    const Run got = guest.run(segment);
    if (!got && got.error().kind == TargetFailure::Kind::kMachine)
      return std::unexpected(guest.name() + ": " + got.error().what);
    report.operations += plan.steps.size();
    const auto differs = difference(plan, spoiled.laid, expected, got, guest.name());
    if (differs) report.complaints.push_back(complaint_of(*differs, spoiled.text, n));
    const char* outcome = differs ? "complaint" : expected ? "as the reference" : "refused";
    ++report.outcomes[fmt::format("{}: {}", guest.name(), outcome)];
  }
  return report;
}

}  // namespace

std::expected<SpoilReport, std::string> spoil_in_guests(
    const std::vector<VolumeToSpoil>& volumes, const SpoilOptions& options,
    const std::vector<std::unique_ptr<Target>>& guests) {
  std::vector<std::future<std::expected<SpoilReport, std::string>>> running;
  for (const auto& guest : guests) {
    running.push_back(
        std::async(std::launch::async, [&] { return spoil_in(*guest, volumes, options); }));
  }
  SpoilReport report;
  std::string failed;
  for (auto& part : running) {
    const auto done = part.get();
    if (done) add(report, *done);
    if (!done && failed.empty()) failed = done.error();
  }
  if (!failed.empty()) return std::unexpected(failed);
  return report;
}

}  // namespace vexfs::parity
