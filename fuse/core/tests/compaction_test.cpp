// SPDX-License-Identifier: MIT
// Compaction (docs/vectors.md): what it makes, what a crash or a full volume leaves, and what
// others may do while it runs.
#include <sys/xattr.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <thread>

#include "fuse/core/tests/collection_volume.h"

namespace vexfs::core::testing {
namespace {

class Compaction : public CollectionTest {
 protected:
  /** The bytes of `graph` that do not say where and how often the collection was changed. */
  static std::string shape(std::string graph) {
    const auto forget = [&](size_t at, size_t size) { graph.replace(at, size, size, '\0'); };
    forget(0, offsetof(vexfs_collection, dim));
    forget(offsetof(vexfs_collection, sequence), sizeof(uint64_t));
    for (size_t block = 4096; block < graph.size(); block += 4096) {
      forget(block, offsetof(vexfs_graph_block, first));
    }
    return graph;
  }
  std::string rows() {
    std::string bytes(volume_->collection(graph_)->vectors_bytes, '\0');
    EXPECT_EQ(*volume_->read_vectors(graph_, 0, std::as_writable_bytes(std::span(bytes))),
              bytes.size());
    return bytes;
  }
  std::string info() { return *volume_->collection_info(graph_); }
  uint64_t sequence() {
    const Image reply = door(Door::kQuery, request(VEXFS_OP_COUNT, [](Image&) {}));
    return part<vexfs_count_reply>(reply, sizeof(vexfs_reply)).sequence;
  }
  /** Puts the row that `id` has at `rows` + 64 * `slot` once more, into the present collection. */
  void put_stored(uint64_t id, std::string_view row) {
    door(Door::kUpdate, request(VEXFS_OP_PUT, [&](Image& m) {
           append(m, vexfs_ids{.count = 1, .reserved = 0});
           append(m, id);
           const auto bytes = std::as_bytes(std::span(row.substr(0, kDim * sizeof(float))));
           m.insert(m.end(), bytes.begin(), bytes.end());
         }));
  }
  uint64_t stat(std::string_view name) {
    const std::string text = "\n" + volume_->stats();
    const size_t at = text.find("\n" + std::string(name) + " ");
    return std::stoull(text.substr(at + name.size() + 2));
  }
};

TEST_F(Compaction, MakesWhatPuttingTheLiveVectorsWouldHaveMade) {
  fill();
  const std::vector<uint64_t> live = ids();
  ASSERT_EQ(compact().status, 0U);
  EXPECT_EQ(ids(), live);
  const std::string graph = shape(graph_bytes());
  const std::string vectors = rows();
  EXPECT_EQ(vectors.size(), live.size() * 64);

  const InodeNumber other = make_directory(*volume_, "d");
  ASSERT_EQ(error_of(volume_->set_collection(other, "dim=8 m=4 ef_construction=20", 0)), 0);
  graph_ = volume_->getattr(other)->collection;
  for (size_t i = 0; i < live.size(); ++i) put_stored(live[i], vectors.substr(i * 64));
  EXPECT_TRUE(shape(graph_bytes()) == graph);
  EXPECT_TRUE(rows() == vectors);
}

TEST_F(Compaction, IsTheSameAfterARemount) {
  fill();
  ASSERT_EQ(compact().status, 0U);
  const std::string graph = graph_bytes();
  const std::string lines = info();
  const Image found = search(1000, 10);
  remount();
  EXPECT_TRUE(graph_bytes() == graph);
  EXPECT_EQ(info(), lines);
  EXPECT_EQ(search(1000, 10), found);
}

TEST_F(Compaction, CountsEachOfItsPutsAndLinkSteps) {
  fill();
  const uint64_t before = sequence();
  uint64_t told = 0;
  ASSERT_EQ(compact(&told).status, 0U);
  EXPECT_EQ(told, sequence());
  EXPECT_GT(told, before + ids().size()) << "link steps and the change over count too";
}

TEST_F(Compaction, DoesNothingIfNoSlotIsDead) {
  for (uint64_t id = 0; id < 100; ++id) put(id, id);
  const uint64_t before = sequence();
  const uint64_t units = stat("units");
  const InodeNumber graph = graph_;
  uint64_t told = 0;
  ASSERT_EQ(compact(&told).status, 0U);
  EXPECT_EQ(told, before);
  EXPECT_EQ(graph_, graph);
  EXPECT_EQ(stat("units"), units);
}

TEST_F(Compaction, LeavesNothingIfNoVectorLives) {
  put(1, 1);
  erase(1);
  ASSERT_EQ(compact().status, 0U);
  EXPECT_EQ(rows(), "");
  EXPECT_NE(info().find("entry none\n"), std::string::npos);
}

TEST_F(Compaction, HasNoEventAndNoTime) {
  fill();
  ASSERT_EQ(error_of(volume_->set_clock(5'000'000'000)), 0);
  const uint64_t events = stat("events");
  const Attributes before = *volume_->getattr(directory_);
  ASSERT_EQ(compact().status, 0U);
  EXPECT_EQ(stat("events"), events);
  const Attributes after = *volume_->getattr(directory_);
  EXPECT_EQ(after.mtime, before.mtime);
  EXPECT_EQ(after.ctime, before.ctime);
}

TEST_F(Compaction, MakesTheOldNameStale) {
  fill();
  const InodeNumber old = graph_;
  ASSERT_EQ(compact().status, 0U);
  EXPECT_NE(graph_, old);
  EXPECT_EQ(volume_->collection(old).error(), ESTALE);
  EXPECT_EQ(volume_->door(old, Door::kQuery, {}).error(), ESTALE);
  const uint64_t generation = volume_->collection(graph_)->generation;
  EXPECT_TRUE(volume_->collection({graph_, generation}));
  EXPECT_EQ(volume_->collection({graph_, generation + 1}).error(), ESTALE);
}

TEST_F(Compaction, GivesBackWhatTheOldCollectionHad) {
  const uint64_t inodes = volume_->statfs().free_inodes;
  fill();
  ASSERT_EQ(error_of(volume_->checkpoint()), 0);
  const uint64_t blocks = volume_->statfs().free_blocks;
  ASSERT_EQ(compact().status, 0U);
  ASSERT_EQ(error_of(volume_->checkpoint()), 0);
  EXPECT_EQ(volume_->statfs().free_inodes, inodes);
  EXPECT_GT(volume_->statfs().free_blocks, blocks);
}

TEST_F(Compaction, RefusesABody) {
  const Image reply =
      door(Door::kUpdate, request(VEXFS_OP_COMPACT, [](Image& m) { append(m, uint64_t{0}); }));
  EXPECT_EQ(part<vexfs_reply>(reply, 0).status, uint32_t{EINVAL});
  EXPECT_EQ(part<vexfs_reply>(reply, 0).field, offsetof(vexfs_request, length));
}

TEST_F(Compaction, WithoutRoomLeavesTheOldCollection) {
  fill();
  const InodeNumber file = make_file(*volume_, "rest");
  // A little more room each time, so that it fails in all of its phases.
  for (uint64_t left = 0; left < 9; left += 2) {
    ASSERT_EQ(error_of(volume_->setattr(file, {.size = 0})), 0);
    ASSERT_EQ(error_of(volume_->checkpoint()), 0);
    for (uint64_t i = 0; volume_->statfs().free_blocks > left; ++i) put_block(*volume_, file, i);
    const std::string graph = graph_bytes();
    const std::string lines = info();
    EXPECT_EQ(compact().status, uint32_t{ENOSPC});
    EXPECT_TRUE(graph_bytes() == graph);
    EXPECT_EQ(info(), lines);
    ASSERT_EQ(error_of(volume_->checkpoint()), 0);
    EXPECT_EQ(volume_->statfs().free_blocks, left) << "the new inodes are reclaimed";
  }
}

TEST_F(Compaction, WithoutInodesLeavesTheOldCollection) {
  fill();
  for (int i = 0; volume_->statfs().free_inodes > 2; ++i) {
    make_file(*volume_, "file" + std::to_string(i));
  }
  const std::string lines = info();
  EXPECT_EQ(compact().status, uint32_t{ENOSPC});
  EXPECT_EQ(info(), lines);
}

TEST_F(Compaction, WhenToldToStopLeavesTheOldCollection) {
  fill();
  const std::string lines = info();
  volume_->stop_compactions();
  EXPECT_EQ(compact().status, uint32_t{EINTR});
  EXPECT_EQ(info(), lines);
}

TEST_F(Compaction, ACrashLeavesTheOldOrTheNewCollection) {
  // A log so small that the compaction's transactions are many, and the device sees them while it
  // runs.
  image_ = make_image({"--blocks", "2048", "--inodes", "64", "--log-blocks", "512"});
  volume_.reset();
  RecordingDevice device(image_);
  volume_ = *Volume::open(std::make_unique<BorrowedDevice>(device), manual());
  directory_ = make_directory(*volume_, "c");
  ASSERT_EQ(error_of(volume_->set_collection(directory_, "dim=8 m=4 ef_construction=20", 0)), 0);
  graph_ = volume_->getattr(directory_)->collection;
  fill();
  ASSERT_EQ(error_of(volume_->sync()), 0);
  const std::string old_lines = info();
  const size_t begun = device.writes.size();
  ASSERT_EQ(compact().status, 0U);
  const std::string new_lines = info();
  ASSERT_EQ(error_of(volume_->sync()), 0);
  ASSERT_EQ(error_of(volume_->unmount()), 0);

  Image state = image_;
  const auto store = [&](const RecordingDevice::Write& write) {
    std::ranges::copy(write.bytes, state.begin() + static_cast<std::ptrdiff_t>(write.offset));
  };
  std::for_each_n(device.writes.begin(), begun, store);
  bool changed_over = false;
  for (size_t i = begun; i < device.writes.size(); ++i) {
    store(device.writes[i]);
    image_ = state;
    volume_ = mount(image_);
    graph_ = volume_->getattr(directory_)->collection;
    ASSERT_EQ(info(), changed_over || info() != old_lines ? new_lines : old_lines) << i;
    changed_over = info() == new_lines;
    ASSERT_EQ(volume_->statfs().free_inodes, 63U - 4) << "recovery reclaims the other one";
    ASSERT_EQ(error_of(volume_->unmount()), 0);
    if (i % 8 == 0) {
      ASSERT_EQ(fsck(image_), "") << i;
    }
  }
  EXPECT_TRUE(changed_over);
  volume_ = mount(image_);
}

/** Others at work while compactions run. For TSan too. */
class CompactionThreads : public Compaction {
 protected:
  static MountOptions with_threads() {
    MountOptions options = manual();
    options.vector_threads = 2;
    return options;
  }
  void SetUp() override {
    volume_.reset();
    volume_ = mount(image_, with_threads());
    Compaction::SetUp();
    fill();
  }
  InodeNumber graph_now() { return volume_->getattr(directory_)->collection; }
};

TEST_F(CompactionThreads, SearchesGoOnAndUpdatesWait) {
  const Image asked = request(VEXFS_OP_SEARCH, [](Image& m) {
    vexfs_search body{};
    body.k = 5;
    body.ef = 50;
    body.queries = 1;
    append(m, body);
    for (const float x : vector_of(101)) append(m, x);
  });
  std::atomic<bool> done = false;
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      while (!done) {
        const auto reply = volume_->door(graph_now(), Door::kQuery, asked);
        if (reply ? part<vexfs_reply>(*reply, 0).status != 0 : reply.error() != ESTALE) ++failures;
      }
    });
  }
  threads.emplace_back([&] {
    for (uint64_t i = 0; !done; ++i) {
      const auto reply = volume_->patiently([&] {
        return volume_->door(graph_now(), Door::kUpdate, request(VEXFS_OP_DELETE, [&](Image& m) {
                               append(m, vexfs_ids{.count = 1, .reserved = 0});
                               append(m, i % 250);
                             }));
      });
      if (!reply && reply.error() != ESTALE) ++failures;
    }
  });
  for (int i = 0; i < 5; ++i) {
    put(300, static_cast<uint64_t>(i));
    put(300, static_cast<uint64_t>(i + 1));
    EXPECT_EQ(compact().status, 0U);
  }
  done = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
}

TEST_F(CompactionThreads, RemovingTheCollectionEndsIt) {
  const Image asked = request(VEXFS_OP_COMPACT, [](Image&) {});
  std::thread compaction([&] {
    const auto reply = volume_->door(graph_, Door::kUpdate, asked);
    if (!reply) {
      EXPECT_EQ(reply.error(), ESTALE);
    }
  });
  EXPECT_EQ(error_of(volume_->remove_collection(directory_)), 0);
  compaction.join();
  EXPECT_EQ(volume_->getattr(directory_)->collection, 0U);
  ASSERT_EQ(error_of(volume_->checkpoint()), 0);
  EXPECT_EQ(volume_->statfs().free_inodes, 62U);
}

}  // namespace
}  // namespace vexfs::core::testing
