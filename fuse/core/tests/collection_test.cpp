// SPDX-License-Identifier: MIT
// Collections on a volume (docs/vectors.md): doors, what stays after a remount and after a crash,
// and what goes with the directory.
#include <sys/xattr.h>

#include <cerrno>

#include "fuse/core/tests/collection_volume.h"

namespace vexfs::core::testing {
namespace {

TEST_F(CollectionTest, AnswersWithItsParameters) {
  EXPECT_EQ(*volume_->collection_value(directory_),
            "dim=8 type=f32 metric=l2 m=4 ef_construction=20 seed=0");
  EXPECT_EQ(error_of(volume_->set_collection(directory_, "dim=8", XATTR_REPLACE)), EEXIST);
  EXPECT_EQ(volume_->collection_value(VEXFS_ROOT_INO).error(), ENODATA);
  for (const char* wrong : {"", "dim=0", "dim=8  m=4", "dim=8 dim=8", "dim=-1", "m=16",
                            "dim=8 type=i8 metric=cosine", "dim=99999"}) {
    EXPECT_EQ(error_of(volume_->set_collection(VEXFS_ROOT_INO, wrong, 0)), EINVAL) << wrong;
  }
}

TEST_F(CollectionTest, FindsWhatWasPut) {
  fill();
  const Image reply = search(101, 3);
  const auto& header = part<vexfs_reply>(reply, 0);
  EXPECT_EQ(header.status, 0U);
  EXPECT_EQ(header.tag, 77U);
  EXPECT_EQ(header.length, reply.size());
  const auto& answers =
      part<vexfs_answers>(reply, sizeof(vexfs_reply) + sizeof(vexfs_search_reply));
  ASSERT_EQ(answers.count, 3U);
  const auto& nearest = part<vexfs_answer>(
      reply, sizeof(vexfs_reply) + sizeof(vexfs_search_reply) + sizeof(vexfs_answers));
  EXPECT_EQ(nearest.id, 101U);
  EXPECT_EQ(nearest.distance, 0U);
}

TEST_F(CollectionTest, IsTheSameAfterARemount) {
  fill();
  const std::string graph = graph_bytes();
  const std::string info = *volume_->collection_info(graph_);
  const Image found = search(1000, 10);
  remount();
  EXPECT_EQ(graph_bytes(), graph);
  EXPECT_EQ(*volume_->collection_info(graph_), info);
  EXPECT_EQ(search(1000, 10), found);
}

TEST_F(CollectionTest, KeepsAPrefixOfTheUnitsOverACrash) {
  fill();
  ASSERT_TRUE(volume_->sync());
  const std::string graph = graph_bytes();
  put(1000, 1000);  // not durable
  volume_.reset();
  volume_ = mount(image_);
  EXPECT_EQ(graph_bytes(), graph);
}

TEST_F(CollectionTest, GoesWithItsDirectory) {
  const auto before = volume_->statfs();
  fill();
  ASSERT_EQ(error_of(volume_->rmdir(VEXFS_ROOT_INO, "c")), 0);
  EXPECT_EQ(volume_->collection(graph_).error(), ESTALE);
  ASSERT_TRUE(volume_->checkpoint());
  EXPECT_EQ(volume_->statfs().free_inodes, before.free_inodes + 4);
  EXPECT_GT(volume_->statfs().free_blocks, before.free_blocks);
}

TEST_F(CollectionTest, EndsWithItsAttribute) {
  fill();
  ASSERT_EQ(error_of(volume_->remove_collection(directory_)), 0);
  EXPECT_EQ(volume_->door(graph_, Door::kQuery, {}).error(), ESTALE);
  EXPECT_EQ(volume_->getattr(directory_)->collection, 0U);
  EXPECT_EQ(error_of(volume_->remove_collection(directory_)), ENODATA);
}

TEST_F(CollectionTest, RefusesAWrongRequestByField) {
  const auto field_of = [&](Door which, const Image& message) {
    const Image reply = door(which, message);
    EXPECT_EQ(reply.size(), sizeof(vexfs_reply));
    EXPECT_EQ(part<vexfs_reply>(reply, 0).status, uint32_t{EINVAL});
    return part<vexfs_reply>(reply, 0).field;
  };
  const auto nothing = [](Image&) {};
  EXPECT_EQ(field_of(Door::kQuery, Image(5)), 12U);
  EXPECT_EQ(field_of(Door::kQuery, request(VEXFS_OP_PUT, nothing)), 6U) << "of the other door";
  EXPECT_EQ(field_of(Door::kQuery, request(VEXFS_OP_COUNT, nothing, 1)), 8U);
  EXPECT_EQ(field_of(Door::kQuery, request(VEXFS_OP_SEARCH, nothing)), 12U);
  const Image nan = request(VEXFS_OP_PUT, [](Image& m) {
    append(m, vexfs_ids{.count = 2, .reserved = 0});
    append(m, uint64_t{1});
    append(m, uint64_t{2});
    for (uint32_t i = 0; i < 2 * kDim; ++i) append(m, i == 11 ? 0x7fc00000U : 0U);
  });
  const Image reply = door(Door::kUpdate, nan);
  EXPECT_EQ(part<vexfs_reply>(reply, 0).field, 32U + 8 + 16 + 11 * 4);
  EXPECT_EQ(part<vexfs_reply>(reply, 0).index, 1U);
  EXPECT_EQ(volume_->collection(graph_)->vectors_bytes, 0U) << "nothing of it happened";
}

TEST_F(CollectionTest, SaysHowFarItCameWhenThereIsNoRoom) {
  const InodeNumber file = make_file(*volume_, "rest");
  const std::string block(4096, 'x');
  for (uint64_t i = 0; volume_->statfs().free_blocks > 3; ++i) put_block(*volume_, file, i);
  const Image reply = door(Door::kUpdate, request(VEXFS_OP_PUT, [](Image& m) {
                             append(m, vexfs_ids{.count = 2000, .reserved = 0});
                             for (uint64_t id = 0; id < 2000; ++id) append(m, id);
                             for (uint64_t id = 0; id < 2000; ++id) {
                               for (const float x : vector_of(id)) append(m, x);
                             }
                           }));
  EXPECT_EQ(part<vexfs_reply>(reply, 0).status, uint32_t{ENOSPC});
  const auto& body = part<vexfs_update_reply>(reply, sizeof(vexfs_reply));
  EXPECT_GT(body.done, 0U);
  EXPECT_LT(body.done, 2000U);
  EXPECT_EQ(volume_->collection(graph_)->vectors_bytes, uint64_t{body.done} * 64);
}

}  // namespace
}  // namespace vexfs::core::testing
