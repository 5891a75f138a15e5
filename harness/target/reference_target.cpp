// SPDX-License-Identifier: MIT
#include "harness/target/reference_target.h"

#include "harness/scenario/error_name.h"
#include "harness/target/build_id.h"
#include "harness/target/image_disk.h"
#include "harness/target/mount_options.h"
#include "harness/target/posix_step.h"
#include "reference/model/volume.h"

namespace vexfs::parity {

std::string ReferenceTarget::build() const { return "in process, build id " + own_build_id(); }

std::expected<SegmentResult, TargetFailure> ReferenceTarget::run(const Segment& segment) {
  SegmentResult result;
  result.volume = segment.volume;
  auto owned = std::make_unique<ImageDisk>(result.volume);
  ImageDisk& disk = *owned;
  auto volume = model::Volume::mount(std::move(owned), model_options(segment.options));
  if (!volume) {
    const std::string what =
        "the reference refuses the volume: " + std::string(error_name(volume.error()));
    return std::unexpected(TargetFailure{TargetFailure::Kind::kRefused, volume.error(), what, {}});
  }
  {
    PosixSession session(**volume);
    result.outcomes.reserve(segment.steps.size());
    for (const Step& step : segment.steps) {
      const auto* failing = std::get_if<FailWrites>(&step.operation);
      if (failing != nullptr) disk.fail_writes(failing->region);
      result.outcomes.push_back(failing == nullptr ? session.execute(step) : Outcome());
    }
  }
  if (segment.ending == Ending::kUnmount) (*volume)->unmount();
  return result;
}

}  // namespace vexfs::parity
