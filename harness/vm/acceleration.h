// SPDX-License-Identifier: MIT
// Whether KVM works here. /dev/kvm that opens proves nothing: only a guest that boots does.
#pragma once

#include <chrono>
#include <expected>
#include <filesystem>
#include <string>

#include "harness/device/error.h"
#include "harness/vm/kernel_image.h"
#include "harness/vm/machine.h"

namespace vexfs::parity::vm {

struct Acceleration {
  Accelerator accelerator = Accelerator::kTcg;
  std::string reason;       // one line: why not KVM, or that it booted
  bool remembered = false;  // from the cache file
};

struct ProbeOptions {
  KernelImage image;
  std::filesystem::path work_dir;    // for the probe's logs
  std::filesystem::path cache_file;  // remembers the verdict for this host and image; may be empty
  std::chrono::milliseconds patience = std::chrono::seconds(3);  // wall time
};

// Boots the image with KVM and waits for its agent. Any failure means TCG and is told as reason;
// a host too busy to tell means TCG this time and is not remembered. The only error is that QEMU is
// not installed.
std::expected<Acceleration, InfraError> probe_acceleration(const ProbeOptions& options);

}  // namespace vexfs::parity::vm
