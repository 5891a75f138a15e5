// SPDX-License-Identifier: MIT
// The graph is a function of the operations: not of the instruction set, not of the number of
// threads.
#include <gtest/gtest.h>

#include "fuse/hnsw/standalone.h"

namespace vexfs::hnsw {
namespace {

// A few hundred vectors, among them copies and deleted ones.
Standalone build(SimdLevel simd, size_t threads, Metric metric = Metric::kL2) {
  Standalone collection({.dim = 24, .metric = metric, .m = 6, .ef_construction = 40, .seed = 42},
                        simd, threads);
  std::mt19937_64 random(3);
  std::vector<float> last = gaussian(random, 24);
  for (uint64_t id = 0; id < 700; ++id) {
    if (id % 9 != 0) last = gaussian(random, 24);
    collection.put(id % 600, last);
    if (id % 7 == 0) collection.erase(id / 2);
  }
  return collection;
}

std::vector<std::vector<uint32_t>> lists_of(const Index& index) {
  std::vector<std::vector<uint32_t>> lists;
  for (uint32_t slot = 0; slot < index.slots(); ++slot) {
    for (uint32_t level = 0; level <= index.level(slot); ++level) {
      const auto links = index.links(slot, level);
      lists.emplace_back(links.begin(), links.end());
    }
  }
  return lists;
}

TEST(Graph, IsTheSameFromEveryInstructionSetAndNumberOfThreads) {
  for (const Metric metric : {Metric::kL2, Metric::kCosine, Metric::kDot, Metric::kManhattan}) {
    const auto expected = build(SimdLevel::kScalar, 1, metric);
    for (const auto level : {SimdLevel::kSse2, SimdLevel::kAvx2, SimdLevel::kAvx512}) {
      if (!cpu_has(level)) continue;
      const auto other = build(level, 3, metric);
      EXPECT_EQ(lists_of(other.index()), lists_of(expected.index())) << name_of(level);
      EXPECT_EQ(other.index().entry(), expected.index().entry());
    }
  }
}

TEST(Graph, KeepsItsRules) {
  const auto collection = build(best_simd_level(), 1);
  const Index& index = collection.index();
  EXPECT_LT(index.tail().size(), size_t{VEXFS_TAIL_MAX});
  EXPECT_EQ(index.level(index.entry()), index.entry_level());
  for (uint32_t slot = 0; slot < index.slots(); ++slot) {
    for (uint32_t level = 0; level <= index.level(slot); ++level) {
      const auto links = index.links(slot, level);
      ASSERT_LE(links.size(), index.parameters().room(level));
      ASSERT_TRUE(std::is_sorted(links.begin(), links.end()));
      if (index.duplicate(slot) || slot >= index.linked()) {
        ASSERT_TRUE(links.empty());
      }
      for (const uint32_t link : links) {
        ASSERT_LT(link, index.linked());
        ASSERT_NE(link, slot);
        ASSERT_FALSE(index.duplicate(link));
        ASSERT_GE(index.level(link), level);
      }
    }
  }
}

TEST(Levels, AreThoseOfTheDocument) {
  uint32_t above = 0;
  for (uint32_t slot = 0; slot < 16000; ++slot) above += level_of({.dim = 1, .seed = 42}, slot) > 0;
  EXPECT_NEAR(above, 1000, 100);
}

}  // namespace
}  // namespace vexfs::hnsw
