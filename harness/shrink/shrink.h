// SPDX-License-Identifier: MIT
// A failing scenario becomes the smallest scenario that fails in the same way.
#pragma once

#include <functional>
#include <string>

#include "harness/scenario/scenario.h"
#include "harness/shrink/minimize.h"

namespace vexfs::parity {

/// Runs a scenario and names how it failed; "" = it did not. Equal names are the same failure.
using Judge = std::function<std::string(const Scenario&)>;

struct ShrinkResult {
  Scenario best;
  std::size_t runs = 0;   // calls of the judge
  bool finished = false;  // false: the deadline ended it; `best` is still a failing scenario
};

/// Drops steps, then simplifies arguments and names, again and again until nothing helps or
/// `deadline` has passed (checked before each run, in every pass). Every scenario it accepts is
/// judged `signature`. Volume and mount options stay. `improved` sees each new best one before the
/// search goes on: save it there.
ShrinkResult shrink_scenario(const Scenario& failing, const std::string& signature,
                             const Judge& judge, Deadline deadline,
                             const std::function<void(const Scenario&)>& improved);

}  // namespace vexfs::parity
