// SPDX-License-Identifier: MIT
// Crash states of the engine in this process: power fails somewhere in a scenario, some unflushed
// writes are gone, and what is left must be recovered as the reference does.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "fuse/core/planted.h"
#include "harness/lockstep/failure.h"
#include "harness/scenario/scenario.h"

namespace vexfs::parity {

struct ProbeOptions {
  std::uint64_t seed = 1;
  /// States judged after the first crash.
  std::size_t states = 40;
  /// One in so many of them is used again: the scenario's steps are repeated on the recovered
  /// volume, and power fails once more, in `states_of_second` ways.
  std::size_t crashed_again = 6;
  std::size_t states_of_second = 6;
};

/// Runs the scenario's steps (without its volume steps) on the engine with `fault`, and judges
/// sampled crash states. Judged is that reference and engine recover to the same bytes, that fsck
/// finds nothing wrong with them, and that no transaction is lost which a sync point had made
/// durable. The error is a fault of the harness.
std::expected<std::optional<Failure>, std::string> probe_crashes(const Scenario& scenario,
                                                                 core::Fault fault,
                                                                 const ProbeOptions& options);

}  // namespace vexfs::parity
