// SPDX-License-Identifier: MIT
// Every rule of docs/vectors.md, "On the volume", broken once.
#include <functional>

#include <gtest/gtest.h>

#include "reference/model/checksum.h"
#include "reference/model/tests/test_collection.h"

namespace vexfs::model::test {
namespace {

// A volume with a collection of 100 slots, 64 of them linked, that is not mounted, and hands on its
// parts by their place in the image.
class Damaged {
 public:
  Damaged() : collection_(volume_) {
    EXPECT_EQ(collection_.put(0, 100), 0);
    EXPECT_EQ(collection_.remove(90), 0);
    graph_ino_ = collection_.graph();
    header_ = place(graph_ino_, 0);
    fields_ = get<vexfs_collection>(volume_.image(), 0);
    volume_.unmount();
    fields_ = get<vexfs_collection>(volume_.image(), header_);
  }

  void change_header(const std::function<void(vexfs_collection&)>& change) {
    change(fields_);
    put(std::span(volume_.image()), header_, fields_);
    sign(header_);
  }

  void change_slot(std::uint32_t slot,
                   const std::function<void(vexfs_slot&, std::span<__u32>)>& change) {
    const std::uint32_t per_block = VEXFS_SLOTS_PER_BLOCK(4U);
    const std::size_t block = header_of_slots_[slot / per_block];
    const std::size_t at = block + 64 + slot % per_block * VEXFS_SLOT_BYTES(4U);
    auto record = get<vexfs_slot>(volume_.image(), at);
    std::array<__u32, 8> links;
    std::memcpy(links.data(), &volume_.image()[at + sizeof(record)], sizeof(links));
    change(record, links);
    put(std::span(volume_.image()), at, record);
    std::memcpy(&volume_.image()[at + sizeof(record)], links.data(), sizeof(links));
    sign(block);
  }

  void change_inode(Ino ino, const std::function<void(vexfs_inode&)>& change) {
    const auto super = get<vexfs_superblock>(volume_.image());
    const std::size_t at = super.inode_table.start * kBlockSize + ino * VEXFS_INODE_SIZE;
    auto inode = get<vexfs_inode>(volume_.image(), at);
    change(inode);
    inode.crc = structure_checksum(super.uuid, ino, bytes_of(inode), 0);
    put(std::span(volume_.image()), at, inode);
  }

  // What the collection answers once it is mounted again: that of its attribute, then of its door.
  std::string answers() {
    volume_.remount();
    const auto text = volume_->get_collection(collection_.directory());
    const std::string attribute = text ? "fine" : std::to_string(text.error());
    const auto reply = volume_->door(graph_ino_, posix::Door::kQuery, vectors::encode_count());
    if (!reply) return attribute + ", no reply";
    return attribute + ", " + std::to_string(status_of(*reply));
  }

  Image& image() { return volume_.image(); }
  Ino directory() const { return collection_.directory(); }
  Ino graph_ino() const { return graph_ino_; }
  Ino vectors_ino() const { return fields_.vectors_ino; }
  std::size_t first_slots() const { return header_of_slots_[0]; }
  std::size_t first_row() const { return row_; }
  std::size_t first_lists() const { return lists_; }
  void sign(std::size_t at) {
    const auto super = get<vexfs_superblock>(volume_.image());
    const auto block = std::span(volume_.image()).subspan(at, kBlockSize);
    put(block, 4, structure_checksum(super.uuid, at / kBlockSize, block, 4));
  }

 private:
  // Where the image holds a logical block.
  std::size_t place(Ino ino, std::uint32_t lblk) {
    const vexfs_inode inode = volume_.inode(ino);
    if (ino == graph_ino_ && lblk == 0) {
      for (std::uint32_t i = 1; i < inode.size / kBlockSize; ++i)
        header_of_slots_.push_back(place(ino, i));
      const auto fields = get<vexfs_collection>(volume_.inside().store.read(mapped(inode, 0)));
      row_ = place(fields.vectors_ino, 0);
      lists_ = place(fields.upper_ino, 0);
    }
    return mapped(inode, lblk) * kBlockSize;
  }

  static BlockNumber mapped(const vexfs_inode& inode, std::uint32_t lblk) {
    for (std::size_t i = 0; i < inode.extents; ++i) {
      const auto extent =
          get<vexfs_extent>(std::as_bytes(std::span(inode.inline_area)), i * sizeof(vexfs_extent));
      if (extent.lblk <= lblk && lblk < extent.lblk + extent.len)
        return extent.pblk + lblk - extent.lblk;
    }
    ADD_FAILURE() << "logical block " << lblk << " is not in the inode";
    return 0;
  }

  TestVolume volume_;
  TestCollection collection_;
  Ino graph_ino_ = 0;
  std::size_t header_ = 0;
  std::vector<std::size_t> header_of_slots_;
  std::size_t row_ = 0;
  std::size_t lists_ = 0;
  vexfs_collection fields_{};
};

constexpr const char* kFine = "fine, 0";
constexpr const char* kAtOnce = "117, 117";       // EUCLEAN from everything
constexpr const char* kAtFirstUse = "fine, 117";  // from the door only

TEST(DamagedCollection, IsFineWithoutDamage) { EXPECT_EQ(Damaged().answers(), kFine); }

TEST(DamagedCollection, HeaderIsCheckedByEverything) {
  const std::vector<std::function<void(vexfs_collection&)>> changes = {
      [](auto& f) { f.magic ^= 1; },
      [](auto& f) { ++f.directory; },
      [](auto& f) { f.vectors_ino = f.upper_ino; },
      [](auto& f) { f.upper_ino = 1; },
      [](auto& f) { f.dim = 0; },
      [](auto& f) { f.type = VEXFS_TYPE_BINARY; },
      [](auto& f) { f.metric = VEXFS_METRIC_COSINE; },
      [](auto& f) { f.m = 3; },
      [](auto& f) { f.ef_construction = 4097; },
      [](auto& f) { f.slots = VEXFS_SLOTS_MAX + 1; },
      [](auto& f) { f.slots = 1000; },
      [](auto& f) { f.upper_lists = 1000; },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    Damaged damaged;
    damaged.change_header(changes[i]);
    EXPECT_EQ(damaged.answers(), kAtOnce) << i;
  }
}

TEST(DamagedCollection, CountersAreCheckedAtFirstUse) {
  const std::vector<std::function<void(vexfs_collection&)>> changes = {
      [](auto& f) { f.live += 1; },
      [](auto& f) { f.linked = 101; },
      [](auto& f) { f.linked = 0; },
      [](auto& f) { f.entry = f.linked; },
      [](auto& f) { f.entry = VEXFS_SLOT_NONE; },
      [](auto& f) { f.entry_level += 1; },
      [](auto& f) { f.upper_lists += 1; },
      [](auto& f) { f.upper_lists -= 1; },
      [](auto& f) { f.seed += 1; },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    Damaged damaged;
    damaged.change_header(changes[i]);
    EXPECT_EQ(damaged.answers(), kAtFirstUse) << i;
  }
}

TEST(DamagedCollection, SlotsAreCheckedAtFirstUse) {
  using Links = std::span<__u32>;
  const std::vector<std::function<void(vexfs_slot&, Links)>> changes = {
      [](auto& slot, Links) { slot.id = VEXFS_ID_FILE | 1; },
      [](auto& slot, Links) { slot.id = VEXFS_ID_FILE | 257; },  // there are 256 inodes
      [](auto& slot, Links) { slot.id = 4; },
      [](auto& slot, Links) { slot.row_crc ^= 1; },
      [](auto& slot, Links) { slot.first = 5; },
      [](auto& slot, Links) { slot.first = 60; },
      [](auto& slot, Links) { slot.level += 1; },
      [](auto& slot, Links) { slot.upper ^= 1; },
      [](auto& slot, Links) { slot.flags = VEXFS_SLOT_DEAD; },
      [](auto&, Links links) { links[0] = 64; },
      [](auto&, Links links) { links[0] = 5; },
      [](auto&, Links links) { std::swap(links[0], links[1]); },
      [](auto&, Links links) { links[1] = links[0]; },
      [](auto&, Links links) { links[0] = VEXFS_SLOT_NONE; },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    Damaged damaged;
    damaged.change_slot(5, changes[i]);
    EXPECT_EQ(damaged.answers(), kAtFirstUse) << i;
  }
  Damaged damaged;
  damaged.change_slot(80, [](auto&, Links links) { links[0] = 1; });
  EXPECT_EQ(damaged.answers(), kAtFirstUse) << "a slot of the tail has no links";
}

TEST(DamagedCollection, BlocksAndInodesAreChecked) {
  Damaged row;
  row.image()[row.first_row() + 3] ^= std::byte{1};
  EXPECT_EQ(row.answers(), kAtFirstUse);
  Damaged unsigned_block;
  unsigned_block.image()[unsigned_block.first_slots() + 70] ^= std::byte{1};
  EXPECT_EQ(unsigned_block.answers(), kAtFirstUse);
  for (const std::size_t at : {0, 8, 16}) {  // magic, directory, first
    Damaged graph;
    graph.image()[graph.first_slots() + at] ^= std::byte{1};
    graph.sign(graph.first_slots());
    EXPECT_EQ(graph.answers(), kAtFirstUse) << at;
    Damaged upper;
    upper.image()[upper.first_lists() + at] ^= std::byte{1};
    upper.sign(upper.first_lists());
    EXPECT_EQ(upper.answers(), kAtFirstUse) << at;
  }
  Damaged flag;
  flag.change_inode(flag.vectors_ino(), [](auto& inode) { inode.flags = 0; });
  EXPECT_EQ(flag.answers(), kAtOnce);
  Damaged home;
  home.change_inode(home.vectors_ino(), [](auto& inode) { inode.home = 1; });
  EXPECT_EQ(home.answers(), kAtOnce);
  Damaged size;
  size.change_inode(size.vectors_ino(), [](auto& inode) { inode.size -= 1; });
  EXPECT_EQ(size.answers(), kAtOnce);
  Damaged hole;
  hole.change_inode(hole.vectors_ino(), [](auto& inode) { inode.extents = 0; });
  EXPECT_EQ(hole.answers(), kAtFirstUse);
}

}  // namespace
}  // namespace vexfs::model::test
