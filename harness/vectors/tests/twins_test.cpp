// SPDX-License-Identifier: MIT
// The reference and the engine answer every request with the same bytes and leave the same volume.
#include "harness/vectors/twins.h"

#include <cstring>

#include <gtest/gtest.h>

#include "fuse/core/collection_value.h"
#include "reference/contract/door.h"
#include "reference/contract/inode.h"

namespace vexfs::parity {
namespace {

class TwinCollections : public testing::TestWithParam<const char*> {};

TEST_P(TwinCollections, AgreeOnTraffic) {
  auto twins = Twins::make(4096, GetParam(),
                           {.commit_seconds = 0, .manual_clock = true, .vector_threads = 2});
  ASSERT_TRUE(twins) << twins.error();
  DoorTraffic traffic(*core::parse_collection_value(GetParam(), 0), 5);
  for (int i = 0; i < 400; ++i) {
    const DoorMessage message = traffic.next();
    const auto reply = (*twins)->send(message);
    ASSERT_TRUE(reply) << "request " << i << ": " << reply.error();
    traffic.saw(message, *reply);
    if (i % 100 != 99) continue;
    const auto agreed = (*twins)->compare_files();
    ASSERT_TRUE(agreed) << agreed.error();
    const auto remounted = (*twins)->remount();
    ASSERT_TRUE(remounted) << remounted.error();
  }
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, TwinCollections,
    testing::Values("dim=5 m=4 ef_construction=12 seed=1",
                    "dim=33 metric=cosine m=5 ef_construction=20", "dim=64 metric=dot",
                    "dim=16 metric=manhattan m=8", "dim=9 type=f16 m=4 ef_construction=10",
                    "dim=40 type=f16 metric=dot", "dim=100 type=i8 m=6 ef_construction=30",
                    "dim=7 type=i8 metric=manhattan", "dim=3 type=i8 metric=dot m=4",
                    "dim=77 type=binary m=4 ef_construction=16"));

class TwinFiles : public testing::TestWithParam<const char*> {};

TEST_P(TwinFiles, AgreeOnTheVectorsOfFiles) {
  auto twins = Twins::make(4096, GetParam(),
                           {.commit_seconds = 0, .manual_clock = true, .vector_threads = 2});
  ASSERT_TRUE(twins) << twins.error();
  const auto other = (*twins)->make_directory("d");
  ASSERT_TRUE(other) << other.error();
  const auto parameters = *core::parse_collection_value(GetParam(), 0);
  DoorTraffic doors(parameters, 6);
  FileTraffic files({VEXFS_ROOT_INO, (*twins)->directory(), *other}, parameters, 7);
  for (int i = 0; i < 2000; ++i) {
    const FileAction action = files.next();
    const auto answer = (*twins)->act(action);
    ASSERT_TRUE(answer) << "action " << i << ": " << answer.error();
    files.saw(action, *answer);
    if (i % 10 == 0) {
      const DoorMessage message = doors.next();
      const auto reply = (*twins)->send(message);
      ASSERT_TRUE(reply) << "request after action " << i << ": " << reply.error();
      doors.saw(message, *reply);
    }
    if (i % 250 != 249) continue;
    const auto agreed = (*twins)->compare_files();
    ASSERT_TRUE(agreed) << agreed.error();
    const auto remounted = (*twins)->remount();
    ASSERT_TRUE(remounted) << remounted.error();
    files.remounted();
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, TwinFiles,
                         testing::Values("dim=2 m=4 ef_construction=12 seed=1",
                                         "dim=3 metric=cosine m=4 ef_construction=8",
                                         "dim=16 type=binary m=4 ef_construction=8"));

// Rows so large that the volume is full soon: puts and compactions end at every possible place.
TEST(FullTwins, AgreeWhereThereIsNoRoom) {
  const char* value = "dim=1000 m=4 ef_construction=8";
  auto twins = Twins::make(640, value, {.commit_seconds = 0, .manual_clock = true});
  ASSERT_TRUE(twins) << twins.error();
  DoorTraffic traffic(*core::parse_collection_value(value, 0), 8);
  int refused = 0;
  int compacted = 0;
  for (std::uint64_t i = 0; i < 400; ++i) {
    const DoorMessage message = i % 8 == 7 ? compaction(i) : traffic.next();
    const auto reply = (*twins)->send(message);
    ASSERT_TRUE(reply) << "request " << i << ": " << reply.error();
    vexfs_reply header;
    std::memcpy(&header, reply->data(), sizeof header);
    if (i % 8 == 7) ++(header.status == 0 ? compacted : refused);
    if (i % 100 != 99) continue;
    const auto remounted = (*twins)->remount();
    ASSERT_TRUE(remounted) << remounted.error();
  }
  EXPECT_GT(refused, 0);
  EXPECT_GT(compacted, 0);
}

}  // namespace
}  // namespace vexfs::parity
