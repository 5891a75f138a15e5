// SPDX-License-Identifier: MIT
#include "reference/model/directory.h"

#include <gtest/gtest.h>

#include "reference/contract/directory.h"
#include "reference/model/directory_block.h"
#include "reference/model/extents.h"
#include "reference/model/tests/test_volume.h"

namespace vexfs::model::test {
namespace {

using testing::Test;

class Directory : public Test {
 protected:
  // "offset+length name" of each record of a block of the root.
  std::vector<std::string> records(std::uint32_t lblk = 0) {
    const auto block =
        mapped_block(volume_.inside(), 1, volume_.inode(posix::kRootIno), lblk).value().value();
    std::vector<std::string> lines;
    const auto found = records_of(volume_.inside(), block).value();
    for (const Record& record : found)
      lines.push_back(std::to_string(record.offset) + "+" + std::to_string(record.length) + " " +
                      (record.ino == 0 ? "-" : std::string(record.name)));
    return lines;
  }
  std::string long_name(char letter) { return std::string(255, letter); }

  TestVolume volume_;
  using Lines = std::vector<std::string>;
};

TEST_F(Directory, IsEmptyWithoutABlockAndGrowsByBlocks) {
  EXPECT_EQ(volume_.inode(1).size, 0U);
  volume_.create("a");
  EXPECT_EQ(volume_.inode(1).size, kBlockSize);
  for (int i = 0; i < 16; ++i) volume_.create(long_name(static_cast<char>('a' + i)));
  EXPECT_EQ(volume_.inode(1).size, 2 * kBlockSize)
      << "15 records of 264 bytes fit behind one of 16";
  EXPECT_EQ(inconsistency(volume_.inside()), "");
}

TEST_F(Directory, InsertSplitsTheFirstRecordWithRoom) {
  volume_.create("a");
  EXPECT_EQ(records(), (Lines{"8+4088 a"}));
  volume_.create("nine byte");
  volume_.create("c");
  EXPECT_EQ(records(), (Lines{"8+16 a", "24+24 nine byte", "48+4048 c"}));
}

TEST_F(Directory, DeleteMergesIntoThePredecessorAndZeroes) {
  for (const char* name : {"a", "b", "c"}) volume_.create(name);
  ASSERT_TRUE(volume_->unlink(1, "b"));
  EXPECT_EQ(records(), (Lines{"8+32 a", "40+4056 c"}));
  const auto block = mapped_block(volume_.inside(), 1, volume_.inode(1), 0).value().value();
  const auto gap = volume_.inside().store.read(block).subspan(24, 16);
  EXPECT_TRUE(std::all_of(gap.begin(), gap.end(), [](std::byte b) { return b == std::byte{0}; }));
  volume_.create("d");
  EXPECT_EQ(records(), (Lines{"8+16 a", "24+16 d", "40+4056 c"}));
}

TEST_F(Directory, TheFirstRecordBecomesUnusedAndKeepsItsLength) {
  for (const char* name : {"a", "b"}) volume_.create(name);
  ASSERT_TRUE(volume_->unlink(1, "a"));
  EXPECT_EQ(records(), (Lines{"8+16 -", "24+4072 b"}));
  ASSERT_TRUE(volume_->unlink(1, "b"));
  EXPECT_EQ(records(), (Lines{"8+4088 -"})) << "merged into the unused record";
  volume_.create("long enough a name");
  EXPECT_EQ(records(), (Lines{"8+4088 long enough a name"})) << "it keeps its length";
  EXPECT_EQ(volume_.inode(1).size, kBlockSize) << "a directory never shrinks";
}

TEST_F(Directory, RenameOverReplacesInPlace) {
  for (const char* name : {"a", "b", "c"}) volume_.create(name);
  const auto c = volume_->lookup(1, "c")->ino;
  ASSERT_TRUE(volume_->rename(1, "c", 1, "a", 0));
  EXPECT_EQ(records(), (Lines{"8+16 a", "24+4072 b"}));
  EXPECT_EQ(volume_->lookup(1, "a")->ino, c);
}

TEST_F(Directory, PositionsSurviveRemovalsAndStandForWhatComesNext) {
  for (const char* name : {"a", "b", "c"}) volume_.create(name);
  const auto entries = volume_->readdir(1, 0, 4).value();
  ASSERT_EQ(entries.size(), 4U);
  EXPECT_EQ(entries[0].name, ".");
  EXPECT_EQ(entries[0].next, 1U);
  EXPECT_EQ(entries[1].name, "..");
  EXPECT_EQ(entries[1].next, 2U);
  EXPECT_EQ(entries[2].name, "a");
  EXPECT_EQ(entries[2].next, 2U + 8 + 16);
  EXPECT_EQ(entries[3].name, "b");
  ASSERT_TRUE(volume_->unlink(1, "b"));
  const auto rest = volume_->readdir(1, entries[2].next, 10).value();
  ASSERT_EQ(rest.size(), 1U);
  EXPECT_EQ(rest[0].name, "c");
  EXPECT_EQ(rest[0].next, 2U + kBlockSize);
  EXPECT_TRUE(volume_->readdir(1, rest[0].next, 10)->empty());
}

TEST_F(Directory, DotDotIsTheHome) {
  const Ino a = volume_.mkdir("a");
  const Ino b = volume_.mkdir("b", a);
  EXPECT_EQ(volume_->readdir(b, 1, 1)->at(0).ino, a);
  ASSERT_TRUE(volume_->rename(a, "b", 1, "b", 0));
  EXPECT_EQ(volume_->readdir(b, 1, 1)->at(0).ino, 1U);
}

TEST_F(Directory, ACorruptBlockIsEucleanAndTheVolumeStaysMounted) {
  const Ino dir = volume_.mkdir("d");
  volume_.create("f", dir);
  const auto block = mapped_block(volume_.inside(), dir, volume_.inode(dir), 0).value().value();
  volume_.unmount();
  volume_.image()[block * kBlockSize + 12] ^= std::byte{0x40};
  volume_.crash();
  EXPECT_EQ(volume_->lookup(dir, "f").error(), EUCLEAN);
  EXPECT_EQ(volume_->readdir(dir, 0, 9).error(), EUCLEAN);
  EXPECT_EQ(volume_->mknod(dir, "g", regular()).error(), EUCLEAN);
  EXPECT_TRUE(volume_->mknod(1, "g", regular()));
}

}  // namespace
}  // namespace vexfs::model::test
