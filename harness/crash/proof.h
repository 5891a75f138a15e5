// SPDX-License-Identifier: MIT
// Why a crash state is legal, in words.
#pragma once

#include <string>
#include <vector>

#include "harness/crash/floor.h"
#include "harness/crash/write_set.h"

namespace vexfs::parity::crash {

/// The write set of a crash state at the floor's crash, and for each undecided request (the first
/// ones, if they are many) a line that says what became of it and why that may be. Goes with a
/// verdict, so that whoever reads it can check that the device did nothing wrong.
std::vector<std::string> proof_of(const Floor& floor, const WriteSet& set);

}  // namespace vexfs::parity::crash
