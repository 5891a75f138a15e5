// SPDX-License-Identifier: MIT
// vexfs-parity bench harness: how fast the harness itself is on this machine.
#pragma once

#include <expected>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "harness/bench/figure.h"
#include "harness/vm/kernel_image.h"
#include "harness/vm/machine.h"

namespace vexfs::parity {

struct HarnessBenchOptions {
  std::vector<vm::KernelImage> images;  // none: only what runs in this process
  vm::Accelerator accelerator = vm::Accelerator::kTcg;
  std::filesystem::path work_dir;
  double seconds = 10;  // for each lock-step measurement
  unsigned boots = 5;
  std::uint64_t seed = 1;
  bool busy_host = false;  // measure only what a busy host does to guests; two minutes each
};

struct HarnessBench {
  std::vector<Figure> figures;
  std::vector<std::string> divergences;  // what was measured is not what should be
  std::vector<std::string> unmeasured;   // "kmod@6.1: the guest died: ..."
};

/// Measures one thing after the other; `on_figure` is called for each as it is there.
HarnessBench run_harness_bench(const HarnessBenchOptions& options,
                               const std::function<void(const Figure&)>& on_figure);

}  // namespace vexfs::parity
