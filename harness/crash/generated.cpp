// SPDX-License-Identifier: MIT
#include "harness/crash/generated.h"

#include <algorithm>

#include "harness/scenario/generate.h"

namespace vexfs::parity::crash {
namespace {

constexpr std::uint64_t kLeastBlocks = 1024;  // 4 MiB
constexpr std::size_t kSyncEvery = 7;

// The smallest log that these limits allow (docs/format.md, "Limits").
void make_log_small(VolumeOptions& volume) {
  volume.blocks = std::max(volume.blocks.value_or(kLeastBlocks), kLeastBlocks);
  volume.tx_blocks = 4;
  volume.unit_extents = 1;
  const std::uint64_t images = *volume.tx_blocks + 32 + 4 * *volume.unit_extents;
  const std::uint64_t largest = (64 + 16 + images * (24 + 4096) + 4095) / 4096;
  volume.log_blocks = 2 * largest;
}

}  // namespace

std::expected<Scenario, std::string> generated_for_crashes(std::uint64_t seed, std::uint64_t n) {
  auto scenario = nth_scenario(seed, n);
  if (!scenario) return std::unexpected(scenario.error());
  make_log_small(scenario->volume);
  std::vector<Step> steps;
  for (Step& step : scenario->steps) {
    if (!is_session_step(step.operation)) continue;
    step.expect.reset();
    steps.push_back(std::move(step));
    if (steps.size() % kSyncEvery == 0) steps.push_back({Control{"sync"}, {}, {}});
  }
  scenario->steps = std::move(steps);
  scenario->mount.read_only = false;
  return scenario;
}

}  // namespace vexfs::parity::crash
