// SPDX-License-Identifier: MIT
// The two implementations of this process recover a volume after a crash.
#pragma once

#include <cstdint>
#include <expected>

#include "fuse/core/planted.h"
#include "harness/device/recorder.h"
#include "harness/scenario/scenario.h"
#include "harness/target/target.h"

namespace vexfs::parity::crash {

/// A volume after recovery and a clean unmount.
struct Recovered {
  Image volume;
  /// The last transaction that recovery found in the log, or that was home already.
  std::uint64_t transaction = 0;
};

/// By the reference model.
std::expected<Recovered, TargetFailure> recover_by_reference(const Image& crashed,
                                                             const MountOptions& options);

/// By the engine, with a fault if the build has one to plant.
std::expected<Image, TargetFailure> recover_by_core(const Image& crashed,
                                                    const MountOptions& options, core::Fault fault);

/// The same, and what the engine asked of its device meanwhile.
std::expected<device::Recording, TargetFailure> record_recovery(const Image& crashed,
                                                                const MountOptions& options,
                                                                core::Fault fault);

}  // namespace vexfs::parity::crash
