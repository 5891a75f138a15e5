// SPDX-License-Identifier: MIT
// Sets of vectors on which indexes are compared, made by seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace vexfs::parity {

using Vector = std::vector<float>;

struct VectorSet {
  std::string name;
  std::vector<Vector> vectors;  // the id of each is its place
  std::vector<Vector> queries;
  std::vector<std::uint64_t> deleted;  // ids to delete once all are there
};

struct VectorSetSize {
  std::size_t vectors = 20000;
  std::size_t dim = 128;
  std::size_t queries = 2000;
};

/**
 * gaussian: the hardest, as no structure helps; manifold: 16 hidden dimensions and noise, as
 * embeddings are; clustered: 1000 centres; duplicates: half of the set are copies of 50 vectors;
 * deleted: gaussian hidden dimensions, a region with half of the set deleted.
 */
std::vector<VectorSet> vector_sets(const VectorSetSize& size, std::uint64_t seed);

/// The one with 16 hidden dimensions alone.
VectorSet manifold_set(const VectorSetSize& size, std::uint64_t seed);

}  // namespace vexfs::parity
