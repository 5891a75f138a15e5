// SPDX-License-Identifier: MIT
// Bounded exhaustive workloads: every short sequence of operations, for crashes to be explored.
#pragma once

#include <cstddef>
#include <vector>

#include "harness/scenario/scenario.h"

namespace vexfs::parity::crash {

/// How many operations sequences are made of.
std::size_t workload_operations();

/// Every sequence of `length` of the operations (1 to 3), each followed by a sync point: fsync of a
/// file that some of them change, fdatasync of it, or `sync`, in turn. All begin with the same few
/// files and directories, synced, on a volume of 4 MiB, and end with a crash anywhere after that;
/// operations that fail are among them, as sequences remove what later ones would need.
std::vector<Scenario> bounded_workloads(std::size_t length);

}  // namespace vexfs::parity::crash
