// SPDX-License-Identifier: MIT
// The inputs of the golden numbers: docs/vectors.md, "Worked examples".
#pragma once

#include <string>

#include "reference/vector/graph.h"

namespace vexfs::vectors::golden {

inline constexpr std::uint32_t kOperations = 300;

/// Row `number` as a caller would send it.
Row wire_row(const Parameters& parameters, std::uint64_t number);

/// The graph after the operations, with transactions of this many bytes for link steps.
Graph build(const Parameters& parameters, std::uint64_t transaction_bytes);

/// What a compaction makes of it.
Graph compacted(const Graph& graph, std::uint64_t transaction_bytes);

/// CRC-32C over everything that the law says of a graph.
std::uint32_t digest(const Graph& graph);

/// The whole of vectors.json, its last newline included.
std::string document();

}  // namespace vexfs::vectors::golden
