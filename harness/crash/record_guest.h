// SPDX-License-Identifier: MIT
// What an implementation in a guest does to its disk while a scenario's steps run.
#pragma once

#include <expected>
#include <span>
#include <string>

#include "harness/crash/record_core.h"
#include "harness/target/guest_target.h"

namespace vexfs::parity::crash {

/// As record_core(), by the real thing: system calls, the kernel's block layer, replies that come
/// in another order than their requests.
std::expected<RecordedRun, std::string> record_guest(GuestTarget& guest,
                                                     std::span<const Step> steps, const Image& base,
                                                     const MountOptions& options,
                                                     const device::RecordOptions& record,
                                                     RecordedPath path);

}  // namespace vexfs::parity::crash
