// SPDX-License-Identifier: MIT
// A short scenario with much to lose.
#pragma once

#include <string>
#include <utility>

#include "harness/scenario/scenario.h"

namespace vexfs::parity::crash {

inline Step step(Operation operation) { return {std::move(operation), {}, {}}; }

/// Files made, written, synced and removed, with small transactions.
inline Scenario busy_scenario(DataMode mode) {
  Scenario scenario;
  scenario.name = "busy";
  scenario.volume.blocks = 1024;
  scenario.volume.tx_units = 3;
  scenario.mount.data = mode;
  for (int i = 0; i < 6; ++i) {
    const std::string path = "/f" + std::to_string(i);
    const OpenFlags flags{std::uint32_t{OpenFlags::kReadWrite} | OpenFlags::kCreate};
    scenario.steps.push_back(step(Open{"f", {path}, flags, {0644}}));
    scenario.steps.push_back(step(Write{"f", 100, Data{PrngFill{1, 9000}}}));
    if (i % 3 == 2) scenario.steps.push_back(step(Fsync{"f"}));
    scenario.steps.push_back(step(Close{"f"}));
    if (i % 4 == 3) scenario.steps.push_back(step(Unlink{{path}}));
  }
  scenario.steps.push_back(step(Control{"checkpoint"}));
  return scenario;
}

}  // namespace vexfs::parity::crash
