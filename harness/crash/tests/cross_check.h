// SPDX-License-Identifier: MIT
// Laws against the operational device, over all traces of a size.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "harness/crash/tests/laws.h"

namespace vexfs::parity::crash {

/// One law's result: in how many traces it gives another set for a sector than the device.
struct LawResult {
  std::uint64_t disagreements = 0;
  std::string first;  // the first one in words; empty if there is none
};

struct CrossCheck {
  std::uint64_t traces = 0;
  std::vector<LawResult> laws;  // in the order asked for
};

/// A trace: up to `requests` (at most 5) writes of sector 0, 1 or both, with FUA or without, and
/// flushes, arriving and answered in every order, with power failing at its end. As the sectors are
/// alike, only one of two mirrored traces is run; both are counted. Runs on `threads` threads.
///
/// Every sector is compared with a device of that sector alone; joint_states_are_products() shows
/// that nothing is lost by it.
CrossCheck cross_check(unsigned requests, std::span<const Law> laws, unsigned threads);

/// Runs all traces of up to `requests` on a device of two sectors, and returns how many there are,
/// or 0 if in one of them the two sectors together cannot hold all that they can hold apart.
std::uint64_t joint_states_are_products(unsigned requests);

}  // namespace vexfs::parity::crash
