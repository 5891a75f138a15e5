// SPDX-License-Identifier: MIT
// The peer: hnswlib, behind the few calls that the benchmark makes.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "harness/bench/vectors/vector_set.h"

namespace vexfs::parity {

/// m 16, ef_construction 200, squared l2.
class HnswlibIndex {
 public:
  HnswlibIndex(std::size_t dim, std::size_t capacity);
  ~HnswlibIndex();

  void put(std::uint64_t id, const Vector& vector);
  void erase(std::uint64_t id);
  std::vector<std::uint64_t> search(const Vector& query, std::size_t k, std::size_t ef);

 private:
  struct Hidden;
  std::unique_ptr<Hidden> hidden_;
};

}  // namespace vexfs::parity
