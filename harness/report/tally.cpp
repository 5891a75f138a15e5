// SPDX-License-Identifier: MIT
#include "harness/report/tally.h"

namespace vexfs::parity {

std::string verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kParity:
      return "parity";
    case Verdict::kDivergence:
      return "divergence";
    case Verdict::kUsage:
      return "usage";
    case Verdict::kHarnessFailed:
      return "harness failed";
    case Verdict::kNoVerdict:
      return "no verdict";
    case Verdict::kOops:
      return "oops";
  }
  return "unknown verdict";
}

void Tally::add(const ScenarioFinished& event) {
  ++scenarios;
  parity += event.verdict == Verdict::kParity;
  divergences += event.verdict == Verdict::kDivergence;
  harness_failures += event.verdict == Verdict::kHarnessFailed || event.verdict == Verdict::kUsage;
  oopses += event.verdict == Verdict::kOops;
  no_verdict += event.verdict == Verdict::kNoVerdict;
  operations += event.operations;
  crash_states += event.crash_states;
  coverage += event.new_coverage;
}

}  // namespace vexfs::parity
