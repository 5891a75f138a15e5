// SPDX-License-Identifier: MIT
// The two ways to move through one level of the graph: docs/vectors.md, "The graph".
#pragma once

#include <functional>

#include "reference/vector/graph.h"

namespace vexfs::vectors {

struct LayerSearch {
  SlotNumber start = 0;
  unsigned level = 0;
  std::size_t cap = 0;                          // of C
  std::size_t ef = 0;                           // of W
  std::function<bool(SlotNumber)> is_accepted;  // into W
  std::uint64_t max_visits = UINT64_MAX;
};

struct LayerAnswer {
  std::vector<Key> keys;  // W, ascending
  bool truncated = false;
};

/// search_layer.
LayerAnswer search_layer(const Graph& graph, const Row& query, const LayerSearch& search);

/// The slot at which the descent through `level` ends.
SlotNumber greedy(const Graph& graph, const Row& query, SlotNumber from, unsigned level);

}  // namespace vexfs::vectors
