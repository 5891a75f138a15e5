// SPDX-License-Identifier: MIT
// How a generated scenario may end: the device takes no more writes of a region, a sync point finds
// out, and the volume is recovered.
#include "harness/scenario/generate_scene.h"

namespace vexfs::parity {
namespace {

Step plain(Operation operation) { return {std::move(operation), std::nullopt, std::nullopt}; }

// Changes that reach the region at the last of them, whatever the mount's options.
std::vector<Operation> changes_for(Region region, const std::string& name, std::uint64_t seed) {
  const Control checkpoint{"checkpoint"};
  if (region == Region::kLog) return {Mkdir{{name}, {0755}}, Control{"sync"}};
  if (region == Region::kAnchor) return {Mkdir{{name}, {0755}}, checkpoint};
  const OpenFlags flags{std::uint32_t{OpenFlags::kReadWrite} | OpenFlags::kCreate};
  const Handle handle = "failing";
  return {Open{handle, {name}, flags, {0644}}, Write{handle, 0, PrngFill{seed, 9000}},
          Fsync{handle}, checkpoint};
}

}  // namespace

std::vector<Step> failing_device_steps(Scene& scene) {
  if (scene.world.options().read_only) return {};
  const auto region = static_cast<Region>(scene.draw.below(3));
  const std::uint64_t seed = scene.draw.below(1000);
  const std::string name = "/failing-" + std::to_string(seed);
  // What is not durable yet may or may not reach a device that begins to fail.
  std::vector<Step> steps{plain(Control{"sync"}), plain(FailWrites{region})};
  for (Operation& change : changes_for(region, name, seed))
    steps.push_back(plain(std::move(change)));
  steps.push_back(plain(Mkdir{{name + "-refused"}, {0755}}));
  steps.push_back(plain(Stat{{name}}));
  steps.push_back(plain(Events{}));
  steps.push_back(plain(Crash{}));
  steps.push_back(plain(Readdir{{"/"}}));
  return steps;
}

}  // namespace vexfs::parity
