// SPDX-License-Identifier: MIT
// The faults that the selftest plants, and what must notice each.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "fuse/core/planted.h"
#include "harness/lockstep/failure.h"

namespace vexfs::parity {

struct PlantedFault {
  core::Fault fault;
  std::string_view mistake;         // what the engine does wrong
  std::vector<FailureKind> checks;  // any of these must be the first to notice it
  /// The name of a file in scenarios/planted that brings the fault out, without its ending; empty
  /// if generated scenarios suffice.
  std::string_view trigger;
  /// Shows only where power fails: the crashes of each scenario are explored.
  bool of_crashes = false;
};

/// Every fault that the engine knows, once.
std::span<const PlantedFault> planted_faults();

}  // namespace vexfs::parity
