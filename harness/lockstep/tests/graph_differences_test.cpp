// SPDX-License-Identifier: MIT
// What differs in a collection is named as docs/vectors.md names it.
#include <cstring>

#include <gmock/gmock.h>

#include "harness/diff/compare_volumes.h"
#include "harness/lockstep/fresh_volume.h"
#include "harness/target/reference_target.h"
#include "reference/contract/vector.h"

namespace vexfs::parity {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

constexpr std::size_t kBlock = VEXFS_BLOCK_SIZE;
constexpr std::size_t kSlots = sizeof(vexfs_graph_block);

// A volume whose root is a collection of 70 vectors, m = 4.
std::vector<std::byte> volume_with_graph() {
  const std::vector<Step> steps = {
      {Setxattr{Path{"/"}, "user.vexfs.collection", "dim=2 m=4 ef_construction=8 seed=1", {}},
       {},
       {}},
      {VectorPut{Path{"/"}, {}, RowPattern{RowPattern::Fill::kPrng, 1, 2, 0}}, {}, {}}};
  std::vector<Step> put = steps;
  for (std::uint64_t id = 0; id < 70; ++id) {
    std::get<VectorPut>(put[1].operation).ids.values.push_back(id);
  }
  const auto fresh = fresh_volume({});
  EXPECT_TRUE(fresh);
  const auto result = ReferenceTarget().run({*fresh, {}, put, Ending::kUnmount});
  EXPECT_TRUE(result);
  const auto bytes = result->volume.bytes();
  return {bytes.begin(), bytes.end()};
}

// The place of the first block of data that begins with this magic.
std::size_t block_with(const std::vector<std::byte>& volume, std::uint32_t magic) {
  for (std::size_t at = 0; at < volume.size(); at += kBlock) {
    if (std::memcmp(&volume[at], &magic, sizeof magic) == 0) return at;
  }
  ADD_FAILURE() << "no block with magic " << magic;
  return 0;
}

class GraphDifferences : public testing::Test {
 protected:
  // What is said of a change of one byte at `offset` of the first block with the magic.
  std::vector<std::string> of(std::uint32_t magic, std::size_t offset) {
    std::vector<std::byte> right = left_;
    right[block_with(left_, magic) + offset] ^= std::byte{1};
    std::vector<std::string> paths;
    for (const Difference& difference : compare_volumes(left_, right)) {
      paths.push_back(difference.path);
    }
    return paths;
  }

  const std::vector<std::byte> left_ = volume_with_graph();
};

TEST_F(GraphDifferences, NameTheHeadersField) {
  EXPECT_THAT(of(VEXFS_COLLECTION_MAGIC, offsetof(vexfs_collection, live)),
              ElementsAre("collection 1 › header › live"));
}

TEST_F(GraphDifferences, NameSlotLevelAndLink) {
  EXPECT_THAT(of(VEXFS_GRAPH_MAGIC, kSlots + offsetof(vexfs_slot, id)),
              ElementsAre("collection 1 › slot 0 › id"));
  const std::size_t third = kSlots + 2 * VEXFS_SLOT_BYTES(4) + sizeof(vexfs_slot);
  EXPECT_THAT(of(VEXFS_GRAPH_MAGIC, third + 4),
              ElementsAre("collection 1 › slot 2 › level 0 › link 1"));
}

TEST_F(GraphDifferences, NameTheSlotOfAListAboveLevel0) {
  EXPECT_THAT(of(VEXFS_UPPER_MAGIC, kSlots + 4), ElementsAre(StartsWith("collection 1 › slot ")));
  EXPECT_THAT(of(VEXFS_UPPER_MAGIC, kSlots + 4).front(), testing::EndsWith(" › level 1 › link 1"));
}

}  // namespace
}  // namespace vexfs::parity
