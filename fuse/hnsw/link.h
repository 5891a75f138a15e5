// SPDX-License-Identifier: MIT
// The link step (docs/vectors.md, "Linking a batch").
#pragma once

#include <span>
#include <vector>

#include "fuse/hnsw/index.h"
#include "fuse/hnsw/scratch.h"
#include "fuse/hnsw/workers.h"

namespace vexfs::hnsw {

/**
 * How the graph changes when `batch` is linked, a prefix of the tail. `scratches`: one for each of
 * the workers. The plan is the same for any number of workers.
 */
LinkPlan plan_link(const Index& index, std::span<const uint32_t> batch, Workers& workers,
                   std::span<Scratch> scratches);

/**
 * The rule select: of `candidates`, ascending and with their distances to a base, at most `size`
 * slots, ascending by slot.
 */
std::vector<uint32_t> select(const Index& index, std::span<const Key> candidates, uint32_t size);

}  // namespace vexfs::hnsw
