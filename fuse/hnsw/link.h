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

/** Bytes of log that linking one slot of `level` can take, at most ("Units of work"). */
uint64_t link_cost(uint32_t m, uint32_t level);

/** How many of a tail of VEXFS_TAIL_MAX slots or more one link step takes, given the bytes of the
 * largest transaction. */
size_t link_batch(const Index& index, uint64_t transaction_bytes);

/**
 * The rule select: of `candidates`, ascending and with their distances to a base, at most `size`
 * slots, ascending by slot.
 */
std::vector<uint32_t> select(const Index& index, std::span<const Key> candidates, uint32_t size);

}  // namespace vexfs::hnsw
