// SPDX-License-Identifier: MIT
// How fast guests are: to boot, to come back from their saved state, to answer.
#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <vector>

#include "harness/bench/figure.h"
#include "harness/vm/guest.h"

namespace vexfs::parity {

struct GuestFigureOptions {
  vm::KernelImage image;
  vm::Accelerator accelerator = vm::Accelerator::kTcg;
  std::filesystem::path work_dir;
  unsigned boots = 5;     // of which the median counts; also that many restarts
  unsigned echoes = 500;  // round trips over the console
};

/// Boot, fork from the saved state and console round trip of one kernel. The error is one of the
/// harness or the machine.
std::expected<std::vector<Figure>, std::string> measure_guest(const GuestFigureOptions& options);

}  // namespace vexfs::parity
