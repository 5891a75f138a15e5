// SPDX-License-Identifier: MIT
// Themes: what a scenario is about, so that the rare corners of the format are met often.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "harness/scenario/generate_scene.h"

namespace vexfs::parity {

struct Boost {
  std::string_view move;
  unsigned weight;
};

struct Theme {
  std::string_view name;
  unsigned weight;  // against the other themes
  /// Moves with a weight of their own here; they are never switched off.
  std::vector<Boost> boosts;
  void (*set_up)(Draw& draw, VolumeOptions& volume, MountOptions& mount, Habits& habits);
};

std::span<const Theme> themes();

/// Options that fit every theme: a small volume with random limits.
void draw_volume(Draw& draw, VolumeOptions& volume, MountOptions& mount);

/// The least log that mkfs accepts (docs/format.md, "Limits").
std::uint64_t least_log_blocks(std::uint64_t tx_blocks, std::uint64_t unit_extents);

}  // namespace vexfs::parity
