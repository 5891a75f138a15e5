// SPDX-License-Identifier: MIT
// Collections on a volume (docs/vectors.md): doors, what stays after a remount and after a crash,
// and what goes with the directory.
#include <sys/xattr.h>

#include <cerrno>
#include <cstring>
#include <random>

#include <gtest/gtest.h>

#include "fuse/core/tests/test_volume.h"
#include "reference/contract/door.h"
#include "reference/contract/vector.h"

namespace vexfs::core::testing {
namespace {

constexpr uint32_t kDim = 8;

template <typename T>
void append(Image& message, const T& value) {
  const auto bytes = std::as_bytes(std::span(&value, 1));
  message.insert(message.end(), bytes.begin(), bytes.end());
}

/** A request with its header; `fill` appends the body. */
template <typename Fill>
Image request(uint16_t opcode, Fill fill, uint32_t flags = 0) {
  Image message;
  append(message, vexfs_request{.magic = VEXFS_REQUEST_MAGIC,
                                .version = VEXFS_DOOR_VERSION,
                                .opcode = opcode,
                                .flags = flags,
                                .length = 0,
                                .tag = 77,
                                .reserved = 0});
  fill(message);
  reinterpret_cast<vexfs_request*>(message.data())->length = static_cast<__le32>(message.size());
  return message;
}

template <typename T>
const T& at(const Image& message, size_t offset) {
  return *reinterpret_cast<const T*>(message.data() + offset);
}

std::vector<float> vector_of(uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> vector(kDim);
  for (float& x : vector) x = normal(random);
  return vector;
}

class CollectionTest : public ::testing::Test {
 protected:
  CollectionTest()
      : image_(make_image({"--blocks", "2048", "--inodes", "64"})), volume_(mount(image_)) {}

  void SetUp() override {
    directory_ = make_directory(*volume_, "c");
    ASSERT_EQ(error_of(volume_->set_collection(directory_, "dim=8 m=4 ef_construction=20", 0)), 0);
    graph_ = volume_->getattr(directory_)->collection;
    ASSERT_NE(graph_, 0U);
  }

  void TearDown() override {
    ASSERT_EQ(error_of(volume_->unmount()), 0);
    EXPECT_EQ(fsck(image_), "");
  }

  void remount() {
    ASSERT_EQ(error_of(volume_->unmount()), 0);
    volume_ = mount(image_);
  }

  Image door(Door which, const Image& message) {
    const auto reply = volume_->door(graph_, which, message);
    EXPECT_TRUE(reply) << reply.error();
    return reply ? *reply : Image(sizeof(vexfs_reply));
  }

  Image put(uint64_t id, uint64_t seed) {
    return door(Door::kUpdate, request(VEXFS_OP_PUT, [&](Image& m) {
                  append(m, vexfs_ids{.count = 1, .reserved = 0});
                  append(m, id);
                  for (const float x : vector_of(seed)) append(m, x);
                }));
  }
  Image erase(uint64_t id) {
    return door(Door::kUpdate, request(VEXFS_OP_DELETE, [&](Image& m) {
                  append(m, vexfs_ids{.count = 1, .reserved = 0});
                  append(m, id);
                }));
  }
  Image search(uint64_t seed, uint32_t k, uint32_t flags = 0) {
    return door(Door::kQuery, request(
                                  VEXFS_OP_SEARCH,
                                  [&](Image& m) {
                                    vexfs_search body{};
                                    body.k = k;
                                    body.ef = 50;
                                    body.queries = 1;
                                    append(m, body);
                                    for (const float x : vector_of(seed)) append(m, x);
                                  },
                                  flags));
  }
  std::string graph_bytes() {
    std::string bytes(volume_->collection(graph_)->graph_bytes, '\0');
    EXPECT_EQ(*volume_->read_graph(graph_, 0, std::as_writable_bytes(std::span(bytes))),
              bytes.size());
    return bytes;
  }
  /** Some puts, replacements, duplicates and deletes; the tail is linked several times. */
  void fill() {
    for (uint64_t i = 0; i < 300; ++i) {
      put(i % 250, i % 20 == 0 ? 5 : i);
      if (i % 9 == 0) erase(i / 2);
    }
  }

  Image image_;
  std::unique_ptr<Volume> volume_;
  InodeNumber directory_ = 0;
  InodeNumber graph_ = 0;
};

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
  const auto& header = at<vexfs_reply>(reply, 0);
  EXPECT_EQ(header.status, 0U);
  EXPECT_EQ(header.tag, 77U);
  EXPECT_EQ(header.length, reply.size());
  const auto& answers = at<vexfs_answers>(reply, sizeof(vexfs_reply) + sizeof(vexfs_search_reply));
  ASSERT_EQ(answers.count, 3U);
  const auto& nearest = at<vexfs_answer>(
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
    EXPECT_EQ(at<vexfs_reply>(reply, 0).status, uint32_t{EINVAL});
    return at<vexfs_reply>(reply, 0).field;
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
  EXPECT_EQ(at<vexfs_reply>(reply, 0).field, 32U + 8 + 16 + 11 * 4);
  EXPECT_EQ(at<vexfs_reply>(reply, 0).index, 1U);
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
  EXPECT_EQ(at<vexfs_reply>(reply, 0).status, uint32_t{ENOSPC});
  const auto& body = at<vexfs_update_reply>(reply, sizeof(vexfs_reply));
  EXPECT_GT(body.done, 0U);
  EXPECT_LT(body.done, 2000U);
  EXPECT_EQ(volume_->collection(graph_)->vectors_bytes, uint64_t{body.done} * 64);
}

}  // namespace
}  // namespace vexfs::core::testing
