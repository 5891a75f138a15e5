// SPDX-License-Identifier: MIT
// What the engine of this process does to its device while a scenario's steps run.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <vector>

#include "fuse/core/planted.h"
#include "harness/device/recorder.h"
#include "harness/scenario/scenario.h"
#include "harness/target/target.h"

namespace vexfs::parity::crash {

/// Steps that ran on one mount, and what reached the device meanwhile.
struct RecordedRun {
  device::Recording recording;  // with the marks of operation_marks.h, from mount to unmount
  std::vector<Outcome> outcomes;
};

/// The steps up to the first volume step: those of one mount.
std::span<const Step> first_mount(const Scenario& scenario);

/// Mounts `base`, runs the steps (none of them a volume step) and unmounts. The error is the
/// engine's refusal, for a person.
std::expected<RecordedRun, std::string> record_core(std::span<const Step> steps, const Image& base,
                                                    const MountOptions& options, core::Fault fault);

}  // namespace vexfs::parity::crash
