// SPDX-License-Identifier: MIT
// Compares two volumes structure by structure.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "harness/diff/difference.h"

namespace vexfs::parity {

struct CompareOptions {
  // Blocks of the data region that are free in both bitmaps are not compared. What they hold is
  // left open by docs/determinism.md, except on `strict` mounts.
  bool skip_free_blocks = true;
  // Compare every byte of the images and name blocks and bytes only. Also done if one of them is
  // no volume.
  bool raw = false;
  // The comparison ends when it has found this many.
  std::size_t max_differences = 100;
};

// The places in which the volumes differ: anchors first, then the log, the events, and the rest by
// block. Empty if they are equal. Equal volumes are compared at the speed of memory.
std::vector<Difference> compare_volumes(std::span<const std::byte> left,
                                        std::span<const std::byte> right,
                                        const CompareOptions& options = {});

}  // namespace vexfs::parity
