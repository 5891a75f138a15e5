// SPDX-License-Identifier: MIT
// docs/vectors.md, "Compaction".
#include <cstring>
#include <functional>
#include <map>

#include <gtest/gtest.h>

#include "reference/model/tests/test_collection.h"
#include "reference/vector/golden/generator.h"

namespace vexfs::model::test {
namespace {

using Rows = std::map<std::uint64_t, vectors::Row>;

// 150 slots in two batches and a tail; ids 0, 3, 6 … are dead.
class Compaction : public testing::Test {
 protected:
  void SetUp() override {
    EXPECT_EQ(collection_.put(0, 150), 0);
    for (std::uint64_t id = 0; id < 150; id += 3) EXPECT_EQ(collection_.remove(id), 0);
  }

  vectors::Message compact() { return collection_.update(vectors::encode_compact()); }
  const vectors::Graph& graph(const TestVolume& volume) {
    (void)collection_.count();
    return volume.inside().collections.at(collection_.graph()).graph;
  }

  TestVolume volume_;
  TestCollection collection_{volume_};
};

Rows live_rows(const vectors::Graph& graph) {
  Rows rows;
  for (const vectors::Slot& slot : graph.state().slots)
    if (!slot.dead) rows[slot.id] = slot.row;
  return rows;
}

TEST_F(Compaction, GivesTheGraphOfTheLiveVectorsPutAnew) {
  const vectors::Graph before = graph(volume_);
  const auto reply = compact();
  EXPECT_EQ(status_of(reply), 0);
  const vectors::Graph& after = graph(volume_);
  EXPECT_EQ(after.size(), 100U);
  EXPECT_EQ(after.live(), 100U);
  EXPECT_EQ(live_rows(after), live_rows(before));
  EXPECT_EQ(vectors::golden::digest(after),
            vectors::golden::digest(vectors::golden::compacted(before, UINT64_MAX)));
  EXPECT_EQ(body_of<vexfs_sequence_reply>(reply).sequence, after.state().sequence);
  EXPECT_EQ(after.state().sequence, before.state().sequence + 100 + 1 + 1)
      << "the puts, a link step, the change over";
  const std::uint32_t digest = vectors::golden::digest(after);
  volume_.remount();
  EXPECT_EQ(vectors::golden::digest(graph(volume_)), digest);
  EXPECT_EQ(inconsistency(volume_.inside()), "");
}

TEST_F(Compaction, TakesNewInodesAndGivesBackTheOldOnes) {
  const Ino old = collection_.graph();
  const vexfs_inode before = volume_.inode(collection_.directory());
  ASSERT_TRUE(volume_->sync());
  const auto state = volume_.inside().state;
  ASSERT_TRUE(volume_->set_clock(5'000'000'007));
  EXPECT_EQ(status_of(compact()), 0);
  EXPECT_NE(collection_.graph(), old);
  EXPECT_EQ(volume_->door(old, posix::Door::kQuery, {}).error(), ESTALE);
  const vexfs_inode after = volume_.inode(collection_.directory());
  EXPECT_EQ(after.ctime, before.ctime);
  EXPECT_EQ(volume_.inode(collection_.graph()).atime, 5U);
  EXPECT_EQ(volume_.inode(collection_.graph()).nlink, 1U);
  EXPECT_EQ(volume_.inside().state.next_event, state.next_event) << "no event";
  ASSERT_TRUE(volume_->sync());
  EXPECT_EQ(volume_->getattr(old).error(), ESTALE) << "reclaimed";
  EXPECT_EQ(volume_.inside().state.free_inodes, state.free_inodes);
  EXPECT_GT(volume_.inside().state.free_blocks, state.free_blocks);
}

TEST_F(Compaction, WithoutADeadSlotIsNoUnit) {
  EXPECT_EQ(status_of(compact()), 0);
  const Ino graph = collection_.graph();
  const auto unit = volume_.inside().state.next_unit;
  const auto again = compact();
  EXPECT_EQ(status_of(again), 0);
  EXPECT_EQ(body_of<vexfs_sequence_reply>(again).sequence, collection_.count().sequence);
  EXPECT_EQ(volume_.inside().state.next_unit, unit);
  EXPECT_EQ(collection_.graph(), graph);
}

TEST_F(Compaction, OfNothingButDeadSlotsGivesAnEmptyCollection) {
  for (std::uint64_t id = 0; id < 150; ++id) collection_.remove(id);
  const auto unit = volume_.inside().state.next_unit;
  EXPECT_EQ(status_of(compact()), 0);
  EXPECT_EQ(volume_.inside().state.next_unit, unit + 2) << "begin and change over";
  EXPECT_EQ(collection_.count().slots, 0U);
  EXPECT_EQ(collection_.put(7, 1), 0);
  EXPECT_EQ(inconsistency(volume_.inside()), "");
}

TEST_F(Compaction, ThatFindsNoRoomLeavesTheOldCollection) {
  const Ino file = volume_.create("f");
  const auto free = volume_.inside().state.free_blocks;
  volume_.write_blocks(file, 0, free - 3);
  ASSERT_TRUE(volume_->checkpoint());
  const auto before = collection_.count();
  const auto free_inodes = volume_.inside().state.free_inodes;
  const auto reply = compact();
  EXPECT_EQ(status_of(reply), ENOSPC);
  EXPECT_EQ(reply.size(), sizeof(vexfs_reply));
  const auto after = collection_.count();
  EXPECT_EQ(std::memcmp(&before, &after, sizeof before), 0);
  ASSERT_TRUE(volume_->checkpoint());
  EXPECT_EQ(volume_.inside().state.free_inodes, free_inodes);
  EXPECT_EQ(volume_.inside().state.free_blocks, 3U) << "what was built is given back";
  EXPECT_EQ(inconsistency(volume_.inside()), "");
  volume_.truncate(file, 0);
  EXPECT_EQ(status_of(compact()), 0) << "with what is parked";
}

// Calls back before each write, when a crash would leave what the image holds.
class WatchedDisk final : public Disk {
 public:
  WatchedDisk(std::span<std::byte> image, std::function<void()> watch)
      : disk_(image), watch_(std::move(watch)) {}

  std::uint64_t blocks() const override { return disk_.blocks(); }
  BlockView read(BlockNumber number) const override { return disk_.read(number); }
  BlockEdit write(BlockNumber number) override {
    watch_();
    return disk_.write(number);
  }

 private:
  MemoryDisk disk_;
  std::function<void()> watch_;
};

TEST_F(Compaction, ACrashLeavesTheOldCollectionOrTheNewOne) {
  volume_.unmount();
  Image image = volume_.image();
  std::map<std::uint32_t, unsigned> slots_seen;
  unsigned writes = 0;
  bool watching = false;
  const Ino directory = collection_.directory();
  const auto crash = [&] {
    if (!watching || ++writes % 7 != 0) return;
    TestVolume crashed(small_geometry());
    crashed.image() = image;
    crashed.crash();
    const Ino graph = crashed.inode(directory).collection;
    const auto reply = crashed->door(graph, posix::Door::kQuery, vectors::encode_count()).value();
    const auto count = body_of<vexfs_count_reply>(reply);
    EXPECT_EQ(count.live, 100U);
    ++slots_seen[count.slots];
    EXPECT_EQ(crashed.inside().state.free_inodes, 251U) << "no inode is lost";
    EXPECT_EQ(inconsistency(crashed.inside()), "");
  };
  auto mounted = Volume::mount(std::make_unique<WatchedDisk>(image, crash), {});
  ASSERT_TRUE(mounted);
  watching = true;
  const Ino graph = (*mounted)->graph_inode(directory).value();
  for (int i = 0; i < 2; ++i) {  // the second finds nothing to do
    ASSERT_TRUE((*mounted)->door(*(*mounted)->graph_inode(directory), posix::Door::kUpdate,
                                 vectors::encode_compact()));
    ASSERT_TRUE((*mounted)->checkpoint());
  }
  EXPECT_NE((*mounted)->graph_inode(directory).value(), graph);
  watching = false;
  EXPECT_EQ(slots_seen.size(), 2U);
  EXPECT_GT(slots_seen[150], 0U);
  EXPECT_GT(slots_seen[100], 0U);
}

}  // namespace
}  // namespace vexfs::model::test
