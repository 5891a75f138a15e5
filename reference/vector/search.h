// SPDX-License-Identifier: MIT
// Nearest neighbours: docs/vectors.md, "Searching".
#pragma once

#include <set>

#include "reference/vector/graph.h"

namespace vexfs::vectors {

struct Query {
  Row row;  // as stored_row() gives it
  std::uint32_t k = 1;
  std::uint32_t ef = 1;
  std::optional<std::set<std::uint64_t>> filter = {};  // allowed ids; none: all
  std::uint32_t max_visits = 0;                        // 0: no limit
  bool exact = false;
};

struct Answer {
  std::uint64_t id = 0;
  std::uint32_t distance = 0;  // as distance() gives it
  SlotNumber slot = 0;
  bool operator==(const Answer&) const = default;
};

struct Answers {
  std::vector<Answer> answers;  // by distance, then by slot
  bool truncated = false;
};

Answers search(const Graph& graph, const Query& query);

}  // namespace vexfs::vectors
