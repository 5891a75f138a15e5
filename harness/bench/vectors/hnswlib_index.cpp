// SPDX-License-Identifier: MIT
#include "harness/bench/vectors/hnswlib_index.h"

#include <hnswlib/hnswlib.h>

namespace vexfs::parity {

struct HnswlibIndex::Hidden {
  Hidden(std::size_t dim, std::size_t capacity)
      : space(dim), graph(&space, capacity, /*M=*/16, /*ef_construction=*/200) {}

  hnswlib::L2Space space;
  hnswlib::HierarchicalNSW<float> graph;
};

HnswlibIndex::HnswlibIndex(std::size_t dim, std::size_t capacity)
    : hidden_(std::make_unique<Hidden>(dim, capacity)) {}

HnswlibIndex::~HnswlibIndex() = default;

void HnswlibIndex::put(std::uint64_t id, const Vector& vector) {
  hidden_->graph.addPoint(vector.data(), id);
}

void HnswlibIndex::erase(std::uint64_t id) { hidden_->graph.markDelete(id); }

std::vector<std::uint64_t> HnswlibIndex::search(const Vector& query, std::size_t k,
                                                std::size_t ef) {
  hidden_->graph.setEf(ef);
  auto queue = hidden_->graph.searchKnn(query.data(), k);
  std::vector<std::uint64_t> ids;
  for (; !queue.empty(); queue.pop()) ids.push_back(queue.top().second);
  return ids;
}

}  // namespace vexfs::parity
