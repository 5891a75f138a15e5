// SPDX-License-Identifier: MIT
// vexfs-parity bench crash: how many crash states a minute are recovered and judged.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "harness/bench/figure.h"
#include "harness/target/guest_target.h"
#include "harness/vm/kernel_image.h"
#include "harness/vm/machine.h"

namespace vexfs::parity {

struct CrashBenchOptions {
  bool in_process = true;        // reference and engine alone, and the law of legal states
  std::vector<GuestKind> kinds;  // of guests that recover, too
  std::vector<vm::KernelImage> images;
  vm::Accelerator accelerator = vm::Accelerator::kTcg;
  std::filesystem::path work_dir;
  double seconds = 20;  // for each measurement
  std::uint64_t seed = 1;
};

struct CrashBench {
  std::vector<Figure> figures;
  std::vector<std::string> failures;    // crash states that are wrong, and a law that is
  std::vector<std::string> unmeasured;  // "kmod@6.1: the guest died: ..."
};

/// Explores crashes of generated scenarios that the engine of this process wrote, on volumes of
/// 4 MiB or more: first recovered by this process alone, then by guests, too. Then holds the law of
/// legal states against a device that works, over all traces of up to 5 requests. `on_figure` is
/// called for each figure as it is there.
CrashBench run_crash_bench(const CrashBenchOptions& options,
                           const std::function<void(const Figure&)>& on_figure);

}  // namespace vexfs::parity
