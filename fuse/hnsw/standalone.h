// SPDX-License-Identifier: MIT
// A collection without a volume, for tests and benchmarks: puts link by themselves.
#pragma once

#include <cstring>
#include <memory>
#include <random>
#include <vector>

#include "fuse/hnsw/link.h"
#include "fuse/hnsw/row.h"
#include "fuse/hnsw/search.h"

namespace vexfs::hnsw {

class Standalone {
 public:
  explicit Standalone(const Parameters& parameters, SimdLevel simd = best_simd_level(),
                      size_t threads = 1)
      : index_(parameters, simd),
        workers_(std::make_unique<Workers>(threads)),
        scratches_(threads),
        row_(parameters.stride()) {}

  const Index& index() const { return index_; }

  void put(uint64_t id, const std::vector<float>& vector) {
    store(vector, row_);
    index_.apply(index_.plan_put(id, row_.data(), checksum(row_)), row_.data());
    while (index_.tail().size() >= VEXFS_TAIL_MAX) {
      index_.apply(plan_link(index_, index_.tail().first(VEXFS_TAIL_MAX), *workers_, scratches_));
    }
  }

  void erase(uint64_t id) {
    if (const auto slot = index_.find(id)) index_.kill(*slot);
  }

  Answers search(const std::vector<float>& vector, Query query) {
    AlignedBytes row(index_.parameters().stride());
    store(vector, row);
    query.row = row.data();
    return hnsw::search(index_, query, scratches_[0]);
  }

 private:
  void store(const std::vector<float>& vector, AlignedBytes& row) const {
    const auto stored =
        store_row(index_.parameters(), std::as_bytes(std::span(vector)), {row.data(), stride()});
    if (!stored) throw std::invalid_argument("a vector that cannot be stored");
  }
  // Any function of the row does.
  uint32_t checksum(const AlignedBytes& row) const {
    return static_cast<uint32_t>(std::hash<std::string_view>{}(
        {reinterpret_cast<const char*>(row.data()), index_.parameters().row_bytes()}));
  }
  size_t stride() const { return index_.parameters().stride(); }

  Index index_;
  std::unique_ptr<Workers> workers_;
  std::vector<Scratch> scratches_;
  AlignedBytes row_;
};

inline std::vector<float> gaussian(std::mt19937_64& random, uint32_t dim) {
  std::normal_distribution<float> normal;
  std::vector<float> vector(dim);
  for (float& x : vector) x = normal(random);
  return vector;
}

}  // namespace vexfs::hnsw
