// SPDX-License-Identifier: MIT
#include "harness/malformed/volumes.h"

#include "harness/lockstep/fresh_volume.h"
#include "harness/scenario/generate.h"
#include "harness/target/reference_target.h"

namespace vexfs::parity {
namespace {

// A mutation costs as much as its volume is long, and damage needs no room: the first length that
// mkfs accepts, and some blocks more for data.
std::expected<Image, std::string> small_volume(VolumeOptions options) {
  constexpr std::uint64_t kStep = 64;
  const std::uint64_t wanted = options.blocks.value_or(kDefaultBlocks);
  for (options.blocks = 2 * kStep; *options.blocks < wanted; *options.blocks += kStep) {
    if (!fresh_volume(options)) continue;
    *options.blocks = std::min(*options.blocks + 2 * kStep, wanted);
    return fresh_volume(options);
  }
  return fresh_volume(options);
}

}  // namespace

std::expected<std::vector<VolumeToSpoil>, std::string> make_volumes(std::size_t count,
                                                                    std::uint64_t seed) {
  std::vector<VolumeToSpoil> volumes;
  for (std::size_t n = 0; volumes.size() < count; ++n) {
    const auto generated = generate_scenario(scenario_seed(seed, n));
    if (!generated) return std::unexpected(generated.error());
    const Scenario& scenario = generated->scenario;
    if (scenario.mount.read_only) continue;
    const auto fresh = small_volume(scenario.volume);
    if (!fresh) return std::unexpected(fresh.error());
    std::vector<Step> steps;
    for (const Step& step : scenario.steps) {
      if (is_session_step(step.operation)) steps.push_back(step);
    }
    const bool clean = volumes.size() % 2 == 0;
    const auto result = ReferenceTarget().run(
        {*fresh, scenario.mount, steps, clean ? Ending::kUnmount : Ending::kPowerFailure});
    if (!result) return std::unexpected(scenario.name + ": " + result.error().what);
    std::vector<std::byte> bytes = result->volume.bytes();
    auto mutator = tools::Mutator::open(bytes);
    if (!mutator) return std::unexpected(scenario.name + ": " + mutator.error());
    volumes.push_back({scenario.name + (clean ? " unmounted" : " crashed"), std::move(bytes),
                       std::move(*mutator)});
  }
  return volumes;
}

}  // namespace vexfs::parity
