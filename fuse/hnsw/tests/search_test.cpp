// SPDX-License-Identifier: MIT
// What a search promises: nearly always the nearest, always as many as there are, the same when
// resumed.
#include <set>

#include <gtest/gtest.h>

#include "fuse/hnsw/standalone.h"

namespace vexfs::hnsw {
namespace {

constexpr uint32_t kDim = 16;

Standalone gaussian_collection(uint64_t count, uint64_t seed) {
  Standalone collection({.dim = kDim, .m = 8, .ef_construction = 60, .seed = 1});
  std::mt19937_64 random(seed);
  for (uint64_t id = 0; id < count; ++id) collection.put(id, gaussian(random, kDim));
  return collection;
}

TEST(Search, FindsNearlyAllOfTheNearest) {
  auto collection = gaussian_collection(3000, 1);
  std::mt19937_64 random(2);
  size_t found = 0;
  for (int i = 0; i < 100; ++i) {
    const auto query = gaussian(random, kDim);
    std::set<uint32_t> nearest;
    for (const auto& a : collection.search(query, {.k = 10, .ef = 10, .exact = true}).answers) {
      nearest.insert(a.slot);
    }
    for (const auto& a : collection.search(query, {.k = 10, .ef = 100}).answers) {
      found += nearest.count(a.slot);
    }
  }
  EXPECT_GE(found, 970u);
}

// Nearly all are dead, and the living are far from the queries.
TEST(Search, AnswersWithAsManyAsThereAre) {
  auto collection = gaussian_collection(2000, 5);
  for (uint64_t id = 0; id < 2000; ++id) {
    if (id % 100 != 0) collection.erase(id);
  }
  std::mt19937_64 random(6);
  for (int i = 0; i < 20; ++i) {
    const auto query = gaussian(random, kDim);
    const auto exact = collection.search(query, {.k = 30, .ef = 1, .exact = true});
    EXPECT_EQ(exact.answers.size(), 20u);
    EXPECT_EQ(collection.search(query, {.k = 30, .ef = 1}).answers, exact.answers);
  }
}

TEST(Search, LooksAtTheTailAndAtDuplicates) {
  Standalone collection({.dim = kDim});
  std::mt19937_64 random(7);
  const auto vector = gaussian(random, kDim);
  for (uint64_t id = 100; id < 105; ++id) collection.put(id, vector);
  collection.erase(100);  // the first of the chain
  EXPECT_EQ(collection.index().linked(), 0u);
  const auto found = collection.search(vector, {.k = 10, .ef = 10});
  ASSERT_EQ(found.answers.size(), 4u);
  EXPECT_EQ(found.answers[0].id, 101u);
  EXPECT_EQ(found.answers[3].id, 104u);
  EXPECT_EQ(found.answers[3].distance, 0u);
}

TEST(Search, KeepsToTheFilter) {
  auto collection = gaussian_collection(2000, 8);
  std::vector<uint64_t> ids;
  for (uint64_t id = 0; id < 2000; id += 2) ids.push_back(id);
  ids.push_back(999999);  // unknown ones are ignored
  const auto allowed = slots_of_ids(collection.index(), ids);
  EXPECT_EQ(allowed.size(), 1000u);
  std::mt19937_64 random(9);
  const auto found =
      collection.search(gaussian(random, kDim), {.k = 10, .ef = 50, .allowed = &allowed});
  ASSERT_EQ(found.answers.size(), 10u);
  for (const auto& answer : found.answers) EXPECT_EQ(answer.id % 2, 0u);
}

TEST(Search, EndsAtTheLimitOfVisitsAndSaysSo) {
  auto collection = gaussian_collection(3000, 10);
  std::mt19937_64 random(11);
  const auto query = gaussian(random, kDim);
  const auto whole = collection.search(query, {.k = 10, .ef = 80});
  EXPECT_FALSE(whole.truncated);
  EXPECT_TRUE(collection.search(query, {.k = 10, .ef = 80, .max_visits = 3}).truncated);
  const auto enough = collection.search(query, {.k = 10, .ef = 80, .max_visits = 100000});
  EXPECT_FALSE(enough.truncated);
  EXPECT_EQ(enough.answers, whole.answers);
}

}  // namespace
}  // namespace vexfs::hnsw
