// SPDX-License-Identifier: MIT
// What came of a run as short text, so that a program in a guest can tell it and another program
// can compare.
#pragma once

#include <cstdint>
#include <string>

#include "fuse/hnsw/parameters.h"
#include "harness/vectors/collection_access.h"
#include "harness/vectors/index_run.h"

namespace vexfs::parity {

/// Sends random and mutated requests; for each a line with its door, and bytes and checksum of the
/// reply or the errno.
std::string report_traffic(CollectionAccess& collection, const hnsw::Parameters& parameters,
                           std::uint64_t seed, std::uint64_t messages);

/// Bytes and checksum of `graph`, `vectors` and all replies, a line each.
std::string report_index(const IndexRun& run);

}  // namespace vexfs::parity
