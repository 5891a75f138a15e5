// SPDX-License-Identifier: MIT
// Searching a collection (docs/vectors.md, "Searching").
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "fuse/hnsw/index.h"
#include "fuse/hnsw/scratch.h"

namespace vexfs::hnsw {

/** The live slots of some ids, ascending, each once. */
std::vector<uint32_t> slots_of_ids(const Index& index, std::span<const uint64_t> ids);

struct Query {
  const std::byte* row = nullptr;  // stored, aligned
  uint32_t k = 1;
  uint32_t ef = 1;
  bool exact = false;
  uint32_t max_visits = 0;                         // 0: no limit
  const std::vector<uint32_t>* allowed = nullptr;  // from slots_of_ids(); null: every vector
};

struct Answer {
  uint64_t id = 0;
  uint32_t distance = 0;  // bits of an f32, or an i32
  uint32_t slot = 0;
  bool operator==(const Answer&) const = default;
};

struct Answers {
  std::vector<Answer> answers;
  bool truncated = false;
};

Answers search(const Index& index, const Query& query, Scratch& scratch);

}  // namespace vexfs::hnsw
