// SPDX-License-Identifier: MIT
// How fast guests are: to boot, to come back from their saved state, to answer.
#pragma once

#include <chrono>
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

/// How often a guest is declared dead while other processes keep every CPU of the host busy: never,
/// it is promised, with four of them for two minutes. The guest answers one request after the other
/// meanwhile.
struct BusyHostOptions {
  GuestFigureOptions guest;
  unsigned loops = 4;
  std::chrono::seconds time = std::chrono::minutes(2);
};
std::expected<Figure, std::string> measure_busy_host(const BusyHostOptions& options);

/// How long it takes until a guest that panics, or whose QEMU ends, is known to be dead.
std::expected<std::vector<Figure>, std::string> measure_deaths(const GuestFigureOptions& options);

}  // namespace vexfs::parity
