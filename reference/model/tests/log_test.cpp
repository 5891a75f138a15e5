// SPDX-License-Identifier: MIT
#include "reference/model/log.h"

#include <random>
#include <set>

#include <gtest/gtest.h>

#include "reference/model/tests/test_volume.h"

namespace vexfs::model::test {
namespace {

vexfs_tx_header header_at(const TestVolume& volume, const Image& image, std::uint64_t index) {
  return get<vexfs_tx_header>(image, (volume.inside().super.log.start + index) * kBlockSize);
}

vexfs_anchor best_anchor(const Image& image) {
  const auto a = get<vexfs_anchor>(image, 1 * kBlockSize);
  const auto b = get<vexfs_anchor>(image, 2 * kBlockSize);
  return a.number > b.number ? a : b;
}

TEST(Seal, WritesNothingWithoutUnits) {
  TestVolume volume;
  const Image before = volume.image();
  ASSERT_TRUE(volume->sync());
  ASSERT_TRUE(volume->checkpoint());
  EXPECT_EQ(volume.image(), before);
}

TEST(Seal, WritesOneTransactionAfterAnAnchorThatIsNotClean) {
  TestVolume volume;
  volume.create("f");
  volume.mkdir("d");
  EXPECT_EQ(best_anchor(volume.image()).number, 1U);
  ASSERT_TRUE(volume->sync());
  const auto anchor = best_anchor(volume.image());
  EXPECT_EQ(anchor.number, 2U);
  EXPECT_EQ(anchor.flags, 0U);
  EXPECT_EQ(anchor.tail, 0U);
  const auto header = header_at(volume, volume.image(), 0);
  EXPECT_EQ(header.magic, VEXFS_TX_MAGIC);
  EXPECT_EQ(header.epoch, 1U);
  EXPECT_EQ(header.sequence, 1U);
  EXPECT_EQ(header.first_unit, 1U);
  EXPECT_EQ(header.units, 2U);
  // State, ring (new), block bitmap, inode bitmap, inode table, the root's block (new).
  EXPECT_EQ(header.blocks, 6U);
}

TEST(Seal, LogsOnlyTheUnitsThatDiffer) {
  TestVolume volume;
  const Ino file = volume.create("f");
  ASSERT_TRUE(volume->sync());
  ASSERT_TRUE(volume->setattr(file, {.mode = 0600}));
  ASSERT_TRUE(volume->sync());
  const auto transactions = valid_transactions(volume.inside());
  ASSERT_EQ(transactions.size(), 2U);
  const auto header = get<vexfs_tx_header>(transactions[1].bytes);
  EXPECT_EQ(header.prev_crc, transactions[0].crc);
  // State: one unit; ring: the event of 192 bytes; inode: checksum and mode stand in one unit.
  EXPECT_EQ(header.blocks, 3U);
  EXPECT_EQ(header.bytes, 64U + 3 * 24 + (1 + 3 + 1) * 64 + 16);
}

TEST(Seal, UnitsCloseATransaction) {
  auto geometry = small_geometry();
  geometry.tx_units = 3;
  TestVolume volume(geometry);
  for (int i = 0; i < 7; ++i) volume.create("f" + std::to_string(i));
  EXPECT_EQ(valid_transactions(volume.inside()).size(), 2U);
  EXPECT_EQ(volume.inside().running.units, 1U);
}

TEST(Seal, DirtyBlocksCloseATransactionUnderDataJournal) {
  auto geometry = small_geometry();
  geometry.tx_blocks = 10;
  TestVolume volume(geometry, {.data = DataMode::kJournal});
  const Ino file = volume.create("f");
  // The create dirties 6 blocks; each written block one more, and the first of the bitmap is among
  // the 6.
  volume.write_blocks(file, 0, 3);
  EXPECT_EQ(volume.inside().running.units, 4U);
  volume.write_blocks(file, 3, 1);
  EXPECT_EQ(volume.inside().running.units, 0U);
}

TEST(Seal, EventsOfAQuarterOfTheRingCloseATransaction) {
  auto geometry = small_geometry();
  geometry.ring_blocks = 4;
  TestVolume volume(geometry);
  int created = 0;
  while (valid_transactions(volume.inside()).empty())
    volume.create("f" + std::to_string(++created));
  EXPECT_EQ(created, (4096 + 191) / 192 + 0) << "records of 192 bytes, of which 21 fit in a block";
}

TEST(Seal, ThirtyTwoWritersCloseATransaction) {
  TestVolume volume;
  std::vector<Ino> files;
  for (int i = 0; i < 32; ++i) files.push_back(volume.create("f" + std::to_string(i)));
  ASSERT_TRUE(volume->sync());
  const auto before = valid_transactions(volume.inside()).size();
  for (int i = 0; i < 31; ++i) volume.write(files[static_cast<std::size_t>(i)], 0, "x");
  EXPECT_EQ(valid_transactions(volume.inside()).size(), before);
  volume.write(files[31], 0, "x");
  EXPECT_EQ(valid_transactions(volume.inside()).size(), before + 1);
}

TEST(Recovery, OfACleanVolumeWritesNothingAndASecondOneChangesNoByte) {
  TestVolume volume;
  volume.create("f");
  volume.unmount();
  EXPECT_EQ(best_anchor(volume.image()).flags, VEXFS_ANCHOR_CLEAN);
  Image image = volume.image();
  volume.crash();
  EXPECT_EQ(volume.image(), image);

  volume.create("g");
  ASSERT_TRUE(volume->sync());
  volume.crash();
  image = volume.image();
  EXPECT_EQ(best_anchor(image).epoch, 2U);
  EXPECT_EQ(best_anchor(image).flags, VEXFS_ANCHOR_CLEAN);
  volume.crash();
  EXPECT_EQ(volume.image(), image);
}

TEST(Recovery, LosesWhatWasNotSealedAndNothingElse) {
  TestVolume volume;
  volume.create("kept");
  ASSERT_TRUE(volume->sync());
  volume.create("lost");
  volume.crash();
  EXPECT_EQ(volume.names(), (std::vector<std::string>{"kept"}));
  EXPECT_EQ(inconsistency(volume.inside()), "");
}

TEST(Recovery, ReadOnlySeesTheSameWithoutWriting) {
  TestVolume volume({small_geometry()}, {.data = DataMode::kJournal});
  const Ino file = volume.create("f");
  volume.write(file, 0, "journalled");
  ASSERT_TRUE(volume->fsync(file));
  const Image before = volume.image();
  volume.crash({.read_only = true});
  EXPECT_EQ(volume.read(file, 0, 99), "journalled");
  volume.unmount();
  EXPECT_EQ(volume.image(), before);
}

// Random operations, small limits; the log is cut at every block. Every cut recovers to what some
// prefix of the operations left, and later cuts never to an earlier prefix.
class CutLog : public testing::TestWithParam<DataMode> {};

TEST_P(CutLog, RecoversToAPrefix) {
  auto geometry = small_geometry();
  geometry.tx_units = 5;
  geometry.ring_blocks = 4;
  TestVolume volume(geometry, {.data = GetParam()});
  volume.mkdir("d");
  ASSERT_TRUE(volume->checkpoint());
  const Image before = volume.image();
  std::mt19937 random(3);
  for (int step = 0; step < 60; ++step) {
    const std::string name = "f" + std::to_string(random() % 8);
    const auto found = volume->lookup(1, name);
    if (!found)
      volume.create(name);
    else if (random() % 3 == 0)
      EXPECT_TRUE(volume->unlink(1, name));
    else if (random() % 3 == 0)
      volume.truncate(found->ino, random() % 20000);
    else
      volume.write(found->ino, random() % 20000, std::string(random() % 9000, 'w'));
  }
  ASSERT_TRUE(volume->sync());
  const Image after = volume.image();
  const auto& super = volume.inside().super;
  ASSERT_EQ(best_anchor(after).number, best_anchor(before).number) << "no checkpoint in between";

  Image cut = before;
  std::uint64_t units_before = 0;
  std::set<std::uint64_t> prefixes;
  for (std::uint64_t i = 0; i <= super.log.blocks; ++i) {
    Image crashed = cut;
    // Home blocks of data=ordered may be newer than the metadata; take them all.
    if (GetParam() != DataMode::kJournal)
      std::copy(after.begin() + static_cast<std::ptrdiff_t>(super.data.start * kBlockSize),
                after.end(),
                crashed.begin() + static_cast<std::ptrdiff_t>(super.data.start * kBlockSize));
    auto recovered = Volume::mount(crashed, {.data = GetParam()});
    ASSERT_TRUE(recovered) << i;
    ASSERT_EQ(inconsistency((*recovered)->inside()), "") << i;
    const std::uint64_t units = (*recovered)->inside().log.sequence;
    EXPECT_GE(units + 1, units_before);
    units_before = units;
    prefixes.insert(units);
    if (i == super.log.blocks) break;
    const auto at = static_cast<std::ptrdiff_t>((super.log.start + i) * kBlockSize);
    std::copy(after.begin() + at, after.begin() + at + kBlockSize, cut.begin() + at);
  }
  EXPECT_GT(prefixes.size(), 5U);
}

INSTANTIATE_TEST_SUITE_P(Modes, CutLog, testing::Values(DataMode::kOrdered, DataMode::kJournal));

TEST(Log, WrapsAroundManyTimes) {
  TestVolume volume;
  for (int round = 0; round < 400; ++round) {
    const Ino file = volume.create("f");
    volume.write_blocks(file, 0, 1);
    ASSERT_TRUE(volume->fsync(file));
    ASSERT_TRUE(volume->unlink(1, "f"));
    if (round % 37 == 0) volume.crash();
    if (round % 37 == 0) volume.crash();
    if (volume.names().size() == 1) {
      ASSERT_TRUE(volume->unlink(1, "f"));
    }
  }
  EXPECT_GT(volume.inside().log.sequence, volume.inside().super.log.blocks);
  ASSERT_TRUE(volume->sync());
  EXPECT_EQ(inconsistency(volume.inside()), "");
  const auto before = volume.names();
  volume.crash();
  EXPECT_EQ(volume.names(), before);
}

TEST(Determinism, TheSameOperationsGiveTheSameImage) {
  const auto run = [] {
    TestVolume volume(small_geometry(), {.strict = true});
    std::mt19937 random(11);
    for (int step = 0; step < 500; ++step) {
      const std::string name = "f" + std::to_string(random() % 30);
      const auto found = volume->lookup(1, name);
      if (!found)
        volume.create(name);
      else if (random() % 4 == 0)
        EXPECT_TRUE(volume->unlink(1, name));
      else
        volume.write(found->ino, random() % 50000, std::string(random() % 20000, 'w'));
    }
    volume.unmount();
    return volume.image();
  };
  EXPECT_EQ(run(), run());
}

}  // namespace
}  // namespace vexfs::model::test
