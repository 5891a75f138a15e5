// SPDX-License-Identifier: MIT
#include "harness/crash/record_core.h"

#include <algorithm>

#include "fuse/core/volume.h"
#include "harness/crash/operation_marks.h"
#include "harness/crash/recorded_device.h"
#include "harness/scenario/error_name.h"
#include "harness/target/core_volume.h"
#include "harness/target/mount_options.h"
#include "harness/target/posix_step.h"

namespace vexfs::parity::crash {

std::span<const Step> first_mount(const Scenario& scenario) {
  const auto end = std::ranges::find_if(
      scenario.steps, [](const Step& step) { return !is_session_step(step.operation); });
  return {scenario.steps.begin(), end};
}

std::expected<RecordedRun, std::string> record_core(std::span<const Step> steps, const Image& base,
                                                    const MountOptions& options,
                                                    core::Fault fault) {
  device::Recorder recorder(base);
  Image content = base;
  auto volume = core::Volume::open(std::make_unique<RecordedDevice>(recorder, content),
                                   core_options(options, fault));
  if (!volume) return std::unexpected("core refuses the volume: " + volume.error().message);
  RecordedRun run;
  {
    CoreVolume adapter(**volume);
    PosixSession session(adapter);
    for (std::size_t i = 0; i < steps.size(); ++i) {
      recorder.mark(begin_mark(i));
      run.outcomes.push_back(session.execute(steps[i]));
      recorder.mark(end_mark(i));
    }
  }
  recorder.mark(begin_mark(steps.size()));
  if (const auto ended = (*volume)->unmount(); !ended) {
    return std::unexpected("core cannot unmount the volume: " +
                           std::string(error_name(ended.error())));
  }
  recorder.mark(end_mark(steps.size()));
  run.recording = recorder.recording();
  return run;
}

}  // namespace vexfs::parity::crash
