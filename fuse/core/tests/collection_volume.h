// SPDX-License-Identifier: MIT
// A small collection on a volume in memory, and requests for its doors.
#pragma once

#include <cstring>
#include <random>

#include <gtest/gtest.h>

#include "fuse/core/tests/test_volume.h"
#include "reference/contract/door.h"
#include "reference/contract/vector.h"

namespace vexfs::core::testing {

inline constexpr uint32_t kDim = 8;

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
const T& part(const Image& message, size_t offset) {
  return *reinterpret_cast<const T*>(message.data() + offset);
}

inline std::vector<float> vector_of(uint64_t seed) {
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
  /** Status and body of the reply. The collection has another graph inode afterwards. */
  vexfs_reply compact(uint64_t* sequence = nullptr) {
    const Image reply = door(Door::kUpdate, request(VEXFS_OP_COMPACT, [](Image&) {}));
    if (sequence != nullptr && reply.size() >= sizeof(vexfs_reply) + sizeof *sequence) {
      *sequence = part<uint64_t>(reply, sizeof(vexfs_reply));
    }
    graph_ = volume_->getattr(directory_)->collection;
    return part<vexfs_reply>(reply, 0);
  }
  std::vector<uint64_t> ids() {
    const Image reply = door(Door::kQuery, request(VEXFS_OP_LIST, [](Image& m) {
                               append(m, vexfs_list{.cursor = 0, .max = 100000});
                             }));
    std::vector<uint64_t> ids;
    constexpr size_t kHead = sizeof(vexfs_reply) + sizeof(vexfs_list_reply);
    for (size_t i = 0; i < part<vexfs_list_reply>(reply, sizeof(vexfs_reply)).count; ++i) {
      ids.push_back(part<vexfs_listed>(reply, kHead + i * sizeof(vexfs_listed)).id);
    }
    return ids;
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

}  // namespace vexfs::core::testing
