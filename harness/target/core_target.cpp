// SPDX-License-Identifier: MIT
#include "harness/target/core_target.h"

#include "fuse/core/volume.h"
#include "harness/scenario/error_name.h"
#include "harness/target/build_id.h"
#include "harness/target/core_volume.h"
#include "harness/target/image_device.h"
#include "harness/target/mount_options.h"
#include "harness/target/posix_step.h"

namespace vexfs::parity {
namespace {

TargetFailure refused(int error, const std::string& what) {
  return {TargetFailure::Kind::kRefused, error, what + ": " + std::string(error_name(error)), {}};
}

}  // namespace

std::string CoreTarget::build() const { return "in process, build id " + own_build_id(); }

std::expected<SegmentResult, TargetFailure> CoreTarget::run(const Segment& segment) {
  SegmentResult result;
  result.volume = segment.volume;
  auto owned = std::make_unique<ImageDevice>(result.volume);
  ImageDevice& device = *owned;
  auto volume = core::Volume::open(std::move(owned), core_options(segment.options, fault_));
  if (!volume) {
    return std::unexpected(
        refused(volume.error().number, "core refuses the volume: " + volume.error().message));
  }
  {
    CoreVolume adapter(**volume);
    PosixSession session(adapter);
    result.outcomes.reserve(segment.steps.size());
    for (const Step& step : segment.steps) {
      const auto* failing = std::get_if<FailWrites>(&step.operation);
      if (failing != nullptr) device.fail_writes(failing->region);
      result.outcomes.push_back(failing == nullptr ? session.execute(step) : Outcome());
    }
  }
  if (segment.ending == Ending::kUnmount) {
    if (const auto ended = (*volume)->unmount(); !ended) {
      return std::unexpected(refused(ended.error(), "core cannot unmount the volume"));
    }
  }
  return result;
}

}  // namespace vexfs::parity
