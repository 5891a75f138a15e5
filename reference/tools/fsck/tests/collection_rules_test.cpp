// SPDX-License-Identifier: MIT
// Each rule of collections is broken once, on a volume that the reference model made.
#include "reference/tools/fsck/tests/collection_rules.h"

#include <cstddef>
#include <functional>

#include <gtest/gtest.h>

#include "reference/model/tests/test_collection.h"
#include "reference/tools/fsck/check_volume.h"
#include "reference/tools/fsck/report.h"
#include "reference/tools/inspect/collection.h"

namespace vexfs::tools {
namespace {

// 101 slots, 64 of them linked, one dead, the last one of a file.
class Collections {
 public:
  Collections() {
    model::test::TestVolume volume;
    model::test::TestCollection collection(volume);
    EXPECT_EQ(collection.put(0, 99), 0);
    EXPECT_EQ(collection.put(7, 1), 0);
    directory_ = collection.directory();
    file_ = volume.create("f", directory_);
    EXPECT_TRUE(volume->set_vector(file_, model::test::row_of(500), 0));
    volume.unmount();
    image_ = volume.image();
    view_.emplace(VolumeView::open(image_).value());
    reader_.emplace(CollectionReader::open(*view_, directory_).value());
  }

  // Changes a structure of type T at a byte of a block and makes the block's checksum right.
  template <typename T>
  void change(std::uint64_t block, std::size_t at, const std::function<void(T&)>& change,
              bool reseal = true) {
    const auto bytes = MutableBytes(image_).subspan(block * kBlockSize, kBlockSize);
    T value = load<T>(bytes, at);
    change(value);
    store(bytes, at, value);
    if (reseal) store(bytes, 4, view_->crc(block, bytes, 4));
  }

  void header(const std::function<void(vexfs_collection&)>& edit) {
    change<vexfs_collection>(reader_->graph_blocks()[0], 0, edit);
  }
  void slot(std::uint32_t number, const std::function<void(vexfs_slot&)>& edit) {
    change<vexfs_slot>(reader_->graph_blocks()[1], 64 + number * VEXFS_SLOT_BYTES(4U), edit);
  }
  void link(std::uint32_t slot, std::size_t i, std::uint32_t value) {
    change<__u32>(reader_->graph_blocks()[1],
                  64 + slot * VEXFS_SLOT_BYTES(4U) + sizeof(vexfs_slot) + 4 * i,
                  [&](__u32& link) { link = value; });
  }
  void inode(std::uint64_t ino, const std::function<void(vexfs_inode&)>& edit) {
    const auto bytes = MutableBytes(image_).subspan(view_->inode_offset(ino), VEXFS_INODE_SIZE);
    auto value = load<vexfs_inode>(bytes);
    edit(value);
    store(bytes, 0, value);
    store(bytes, 0, view_->crc(ino, bytes, 0));
  }

  const CollectionReader& reader() const { return *reader_; }
  std::uint64_t directory() const { return directory_; }
  std::uint64_t file() const { return file_; }
  Findings check() const { return check_volume(image_); }

 private:
  std::vector<std::byte> image_;
  std::optional<VolumeView> view_;
  std::optional<CollectionReader> reader_;
  std::uint64_t directory_ = 0;
  std::uint64_t file_ = 0;
};

struct Case {
  std::string rule;
  std::function<void(Collections&)> damage;
};

std::vector<Case> cases() {
  using C = Collections;
  return {
      {"collection.header", [](C& c) { c.header([](auto& f) { f.magic = 1; }); }},
      {"collection.header", [](C& c) { c.header([](auto& f) { f.m = 3; }); }},
      {"collection.header", [](C& c) { c.header([](auto& f) { f.directory = 1; }); }},
      {"collection.header",
       [](C& c) { c.inode(c.directory(), [](auto& inode) { inode.collection = 0; }); }},
      {"collection.crc",
       [](C& c) {
         c.change<__u64>(c.reader().graph_blocks()[1], 64, [](auto& id) { id = 1000; }, false);
       }},
      {"collection.inode", [](C& c) { c.header([](auto& f) { f.upper_ino = f.vectors_ino; }); }},
      {"collection.inode",
       [](C& c) { c.inode(c.reader().graph_ino(), [](auto& inode) { inode.home = 1; }); }},
      {"collection.size",
       [](C& c) {
         c.inode(c.reader().graph_ino(), [](auto& inode) { inode.size -= kBlockSize; });
       }},
      {"collection.size", [](C& c) { c.header([](auto& f) { f.slots = 200; }); }},
      {"collection.block",
       [](C& c) {
         c.change<vexfs_graph_block>(c.reader().upper_blocks()[0], 0,
                                     [](auto& block) { block.first = 1; });
       }},
      {"collection.counters", [](C& c) { c.header([](auto& f) { ++f.live; }); }},
      {"collection.counters", [](C& c) { c.header([](auto& f) { f.linked = 102; }); }},
      {"collection.counters", [](C& c) { c.header([](auto& f) { f.entry = VEXFS_SLOT_NONE; }); }},
      {"collection.counters", [](C& c) { c.header([](auto& f) { ++f.entry_level; }); }},
      {"collection.counters", [](C& c) { c.header([](auto& f) { ++f.upper_lists; }); }},
      {"collection.slot", [](C& c) { c.slot(5, [](auto& slot) { slot.id = 6; }); }},
      {"collection.slot", [](C& c) { c.slot(5, [](auto& slot) { slot.id = VEXFS_ID_FILE; }); }},
      {"collection.file",
       [](C& c) { c.slot(5, [](auto& slot) { slot.id = VEXFS_ID_FILE | 60; }); }},
      {"collection.file", [](C& c) { c.inode(c.file(), [](auto& inode) { inode.flags = 0; }); }},
      {"collection.file", [](C& c) { c.inode(c.file(), [](auto& inode) { inode.home = 1; }); }},
      {"collection.slot", [](C& c) { c.slot(5, [](auto& slot) { slot.flags = 2; }); }},
      {"collection.slot", [](C& c) { c.slot(5, [](auto& slot) { ++slot.level; }); }},
      {"collection.slot", [](C& c) { c.slot(5, [](auto& slot) { slot.upper ^= 1; }); }},
      {"collection.first", [](C& c) { c.slot(5, [](auto& slot) { slot.first = 4; }); }},
      {"collection.row", [](C& c) { c.slot(5, [](auto& slot) { slot.row_crc ^= 1; }); }},
      {"collection.list", [](C& c) { c.link(5, 0, 64); }},
      {"collection.list", [](C& c) { c.link(5, 0, 5); }},
      {"collection.list", [](C& c) { c.link(5, 0, VEXFS_SLOT_NONE); }},
      {"collection.unreachable",
       [](C& c) {
         const std::uint32_t entry = c.reader().fields().entry;
         for (std::size_t i = 0; i < 8; ++i) c.link(entry, i, VEXFS_SLOT_NONE);
       }},
      {"collection.zero", [](C& c) { c.slot(5, [](auto& slot) { slot.reserved[3] = 1; }); }},
      {"collection.zero", [](C& c) { c.header([](auto& f) { f.reserved = 1; }); }},
      {"collection.zero",
       [](C& c) {
         c.change<__u32>(c.reader().upper_blocks()[0], kBlockSize - 16, [](auto& l) { l = 1; });
       }},
      {"collection.zero",
       [](C& c) {
         c.change<std::byte>(
             c.reader().vectors_blocks()[0], 20, [](auto& b) { b = std::byte{1}; }, false);
       }},
      {"inode.system",
       [](C& c) { c.inode(c.reader().graph_ino(), [](auto& inode) { inode.uid = 1; }); }},
      {"inode.nlink",
       [](C& c) {
         c.inode(c.directory(), [](auto& inode) { inode.flags = 0, inode.collection = 0; });
       }},
  };
}

TEST(CollectionRules, HoldOnASoundVolume) {
  const Findings findings = Collections().check();
  EXPECT_TRUE(findings.clean()) << findings_text("volume", findings);
}

TEST(CollectionRules, AreEachNamedWhenBroken) {
  for (const Case& broken : cases()) {
    Collections collections;
    broken.damage(collections);
    const Findings findings = collections.check();
    EXPECT_TRUE(findings.has(broken.rule)) << broken.rule << findings_text("volume", findings);
    EXPECT_EQ(findings.clean(), broken.rule == "collection.unreachable") << broken.rule;
  }
}

}  // namespace

std::set<std::string> collection_rules_with_a_test() {
  std::set<std::string> names;
  for (const Case& broken : cases()) names.insert(broken.rule);
  return names;
}

}  // namespace vexfs::tools
