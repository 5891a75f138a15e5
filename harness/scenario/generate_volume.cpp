// SPDX-License-Identifier: MIT
// Generators of operations on the volume as a whole.
#include "harness/scenario/generate_scene.h"

namespace vexfs::parity {
namespace {

constexpr unsigned kLeastSteps = 6;  // between two mounts, so that each has something to do

std::optional<Operation> make_control(Scene& scene) {
  const std::uint64_t kind = scene.draw.below(100);
  if (kind < 30) return Control{"sync"};
  if (kind < 45) return Control{"checkpoint"};
  if (kind < 95) {
    scene.clock += static_cast<std::int64_t>(scene.draw.below(5000000000));
    return Control{"clock " + std::to_string(scene.clock)};
  }
  return Control{scene.draw.pick<const char*>({"nonsense", "", "clock", "clock x",
                                               "clock 99999999999999999999", "sync now", "clock -5",
                                               " sync"})};
}

std::optional<Operation> make_events(Scene&) { return Events{}; }

std::optional<Operation> make_remount(Scene& scene) {
  if (scene.world.steps_since_mount() < kLeastSteps) return std::nullopt;
  MountOptions options = scene.world.options();
  options.data = static_cast<DataMode>(scene.draw.below(3));
  options.read_only = scene.draw.chance(35);
  return Remount{options};
}

std::optional<Operation> make_compare(Scene& scene) {
  if (scene.world.steps_since_mount() < kLeastSteps) return std::nullopt;
  return Compare{};
}

std::optional<Operation> make_crash(Scene& scene) {
  if (scene.world.steps_since_mount() < kLeastSteps) return std::nullopt;
  return Crash{};
}

constexpr Move kMoves[] = {{"control", 5, make_control},
                           {"events", 3, make_events},
                           {"remount", 3, make_remount},
                           {"compare", 4, make_compare},
                           {"crash", 4, make_crash}};

}  // namespace

std::span<const Move> volume_moves() { return kMoves; }

}  // namespace vexfs::parity
