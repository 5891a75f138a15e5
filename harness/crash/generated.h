// SPDX-License-Identifier: MIT
// Generated scenarios that are made for crashes.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "harness/scenario/scenario.h"

namespace vexfs::parity::crash {

/// Scenario number `n` of a run, with what crashes need: 4 MiB or more, a log so small that it
/// wraps, no volume steps, a sync point now and then. As nth_scenario(), one thread of a process at
/// a time.
std::expected<Scenario, std::string> generated_for_crashes(std::uint64_t seed, std::uint64_t n);

}  // namespace vexfs::parity::crash
