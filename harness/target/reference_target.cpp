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
  auto volume = model::Volume::mount(std::make_unique<ImageDisk>(result.volume),
                                     model_options(segment.options));
  if (!volume) {
    const std::string what =
        "the reference refuses the volume: " + std::string(error_name(volume.error()));
    return std::unexpected(TargetFailure{TargetFailure::Kind::kRefused, volume.error(), what, {}});
  }
  {
    PosixSession session(**volume);
    result.outcomes.reserve(segment.steps.size());
    for (const Step& step : segment.steps) result.outcomes.push_back(session.execute(step));
  }
  if (segment.ending == Ending::kUnmount) (*volume)->unmount();
  return result;
}

}  // namespace vexfs::parity
