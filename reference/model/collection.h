// SPDX-License-Identifier: MIT
// A collection that was read from the volume: docs/vectors.md.
#pragma once

#include <cstdint>

#include "reference/vector/graph.h"

namespace vexfs::model {

/// What a collection's blocks say, taken apart. Changed after the unit that changed the blocks.
struct Collection {
  std::uint64_t directory = 0;
  std::uint64_t graph_ino = 0;
  std::uint64_t vectors_ino = 0;
  std::uint64_t upper_ino = 0;
  vectors::Graph graph;
  std::vector<std::uint32_t> upper;  // of each slot: number of its list of level 1, or none
  std::uint32_t upper_lists = 0;     // in use
};

}  // namespace vexfs::model
