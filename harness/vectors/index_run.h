// SPDX-License-Identifier: MIT
// A large collection is built and searched through one implementation, and what came of it is kept
// to be compared with what came of another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "harness/vectors/collection_access.h"

namespace vexfs::parity {

/// What is built and asked. The same shape gives the same requests.
struct IndexShape {
  std::uint32_t vectors = 100000;  // f32, some of them equal, some deleted again
  std::uint32_t dim = 128;
  std::uint32_t queries = 10000;  // k 10, ef 64
  std::uint32_t m = 16;
  std::uint32_t ef_construction = 200;
  std::uint64_t seed = 1;

  /// Of a volume that has room for it.
  std::uint64_t volume_blocks() const;
  /// Of user.vexfs.collection.
  std::string attribute() const;
};

/// All that a caller sees of it, and how long it took.
struct IndexRun {
  std::vector<std::byte> graph;
  std::vector<std::byte> vectors;
  std::vector<std::byte> replies;  // to the changes, then to the queries, in order
  double build_seconds = 0;
  double search_seconds = 0;
};

/// Fills a new collection and searches it with `threads` threads. The error names the call that
/// failed.
std::expected<IndexRun, std::string> run_index(CollectionAccess& collection,
                                               const IndexShape& shape, unsigned threads);

/// The first difference, for a person; empty without one.
std::string difference(const IndexRun& reference, const IndexRun& other);

}  // namespace vexfs::parity
