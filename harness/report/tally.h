// SPDX-License-Identifier: MIT
// The totals of a run, kept while it goes on; every printer uses the same sums.
#pragma once

#include "harness/report/events.h"

namespace vexfs::parity {

struct Tally {
  std::uint64_t scenarios = 0;
  std::uint64_t parity = 0;
  std::uint64_t divergences = 0;
  std::uint64_t harness_failures = 0;
  std::uint64_t oopses = 0;
  std::uint64_t no_verdict = 0;
  std::uint64_t operations = 0;
  std::uint64_t crash_states = 0;
  std::uint64_t coverage = 0;

  void add(const ScenarioFinished& event);
};

}  // namespace vexfs::parity
