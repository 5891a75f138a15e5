// SPDX-License-Identifier: MIT
// Which of the two anchors counts (docs/format.md, "Anchors", "Recovery").
#pragma once

#include <array>
#include <optional>

#include "reference/tools/inspect/volume_view.h"

namespace vexfs::tools {

struct AnchorSlot {
  std::uint64_t block;
  vexfs_anchor anchor;
  bool valid;  // magic, checksum, and the block that its number asks for
};

struct Anchors {
  std::array<AnchorSlot, 2> slots;
  // Index of the valid slot with the higher number; nothing if none is valid.
  std::optional<std::size_t> current;

  const vexfs_anchor* active() const { return current ? &slots[*current].anchor : nullptr; }
};

Anchors read_anchors(const VolumeView& view);

}  // namespace vexfs::tools
