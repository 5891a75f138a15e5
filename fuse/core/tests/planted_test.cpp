// SPDX-License-Identifier: MIT
// Each fault of fuse/core/planted.h shows where its comment says: the harness's checks have
// something to find.
#include <cerrno>
#include <cstring>

#include <gtest/gtest.h>

#include "fuse/core/tests/test_volume.h"
#include "reference/contract/log.h"

namespace vexfs::core::testing {
namespace {

MountOptions with(Fault fault) {
  MountOptions options = manual();
  options.strict = true;
  options.fault = fault;
  return options;
}

/** A history that comes by every place where a fault can be. */
Image tell_story(Fault fault) {
  Image image = make_image(small());
  auto volume = mount(image, with(fault));
  // Names: three records, the middle one goes, a short one comes back.
  for (const char* name : {"aaa", "bbb", "ccc"}) make_file(*volume, name);
  EXPECT_EQ(error_of(volume->unlink(VEXFS_ROOT_INO, "bbb")), 0);
  make_file(*volume, "d");
  EXPECT_EQ(error_of(volume->unlink(VEXFS_ROOT_INO, "ccc")), 0);
  EXPECT_EQ(error_of(volume->mknod(VEXFS_ROOT_INO, "aaa", {.mode = 0100644})), EEXIST);
  // Directories and a rename between parents.
  const InodeNumber one = make_directory(*volume, "one");
  const InodeNumber two = make_directory(*volume, "two");
  make_directory(*volume, "child", one);
  EXPECT_EQ(error_of(volume->rename(one, "child", two, "child", 0)), 0);
  // Extents: a split in the middle, a join with the successor, a cut block.
  const InodeNumber file = make_file(*volume, "file");
  for (const uint64_t lblk : {0, 1, 10, 12, 14, 11}) put_block(*volume, file, lblk);
  put(*volume, file, 20 * VEXFS_BLOCK_SIZE, std::string(500, 'x'));
  EXPECT_TRUE(volume->setattr(file, {.size = 20 * VEXFS_BLOCK_SIZE + 100}));
  const InodeNumber other = make_file(*volume, "other");
  put_block(*volume, other, 0);
  const InodeNumber later = make_file(*volume, "later");
  put_block(*volume, later, 5);
  EXPECT_TRUE(volume->setattr(other, {.size = 0}));
  put_block(*volume, other, 0);
  EXPECT_EQ(error_of(volume->checkpoint()), 0);
  put_block(*volume, later, 4);
  EXPECT_EQ(error_of(volume->unmount()), 0);
  return image;
}

class InTheBytes : public ::testing::TestWithParam<Fault> {};

TEST_P(InTheBytes, TheVolumeDiffersFromThatOfTheEngineAsItShips) {
  static const Image right = tell_story(Fault::kNone);
  EXPECT_NE(tell_story(GetParam()), right);
}

INSTANTIATE_TEST_SUITE_P(Faults, InTheBytes,
                         ::testing::Values(Fault::kCommitCrcSpan, Fault::kMissingMaskUnit,
                                           Fault::kParkedReused, Fault::kGoalOffByOne,
                                           Fault::kDeleteKeepsBytes, Fault::kInsertLast,
                                           Fault::kMidpointOffByOne, Fault::kNoSuccessorJoin,
                                           Fault::kEventOfFailure, Fault::kNoRenameEvent,
                                           Fault::kRenameKeepsNlink, Fault::kTruncateKeepsTail),
                         [](const auto& info) { return std::string(fault_name(info.param)); });

/** A crash with a file that was unlinked while open, then recovery. */
Image recover(Fault fault) {
  Image image = make_image(small());
  auto volume = mount(image, with(Fault::kNone));
  const auto file = volume->create(VEXFS_ROOT_INO, "file", {.mode = 0644});
  EXPECT_TRUE(file);
  put_block(*volume, file->ino, 0);
  EXPECT_EQ(error_of(volume->unlink(VEXFS_ROOT_INO, "file")), 0);
  EXPECT_EQ(error_of(volume->sync()), 0);
  volume.reset();
  mount(image, with(fault));
  return image;
}

TEST(InRecovery, OrphansKeptAndEpochKeptShowInTheVolume) {
  const Image right = recover(Fault::kNone);
  EXPECT_NE(recover(Fault::kOrphansKept), right);
  EXPECT_NE(recover(Fault::kEpochKept), right);
}

/** Whether a block goes home before the flush that follows the last log write. */
bool home_before_flush(Fault fault) {
  RecordingDevice device(make_image(small()));
  auto volume = Volume::open(std::make_unique<BorrowedDevice>(device), with(fault));
  EXPECT_TRUE(volume);
  make_file(**volume, "file");
  EXPECT_EQ(error_of((*volume)->checkpoint()), 0);
  Image image(device.size());
  EXPECT_TRUE(device.read(0, image));
  const auto& log = super_of(image).log;
  uint64_t logged = 0;
  for (const auto& write : device.writes) {
    const uint64_t block = write.offset / VEXFS_BLOCK_SIZE;
    if (block >= log.start && block < log.start + log.blocks) logged = write.flushes + 1;
    if (block >= log.start + log.blocks && write.flushes < logged) return true;
  }
  return false;
}

TEST(InTheOrderOfWrites, AnUnflushedLogShows) {
  EXPECT_FALSE(home_before_flush(Fault::kNone));
  EXPECT_TRUE(home_before_flush(Fault::kLogNotFlushed));
}

/** Two transactions reach the log in one write; the first is torn. Then the first is repeated, and
 * power fails. */
bool old_transaction_returns(Fault fault) {
  Image image = make_image(small());
  auto volume = mount(image, with(Fault::kNone));
  make_directory(*volume, "a");
  EXPECT_TRUE(volume->start_sync());
  make_directory(*volume, "b");
  EXPECT_EQ(error_of(volume->sync()), 0);
  volume.reset();
  // Transaction 1 is torn: its header is lost.
  std::memset(image.data() + super_of(image).log.start * VEXFS_BLOCK_SIZE, 0, 64);
  volume = mount(image, with(fault));
  make_directory(*volume, "a");
  EXPECT_EQ(error_of(volume->sync()), 0);
  volume.reset();
  volume = mount(image, with(fault));
  return volume && volume->lookup(VEXFS_ROOT_INO, "b").has_value();
}

TEST(InRecovery, StaleTransactionsAreNotAccepted) {
  EXPECT_FALSE(old_transaction_returns(Fault::kNone));
  EXPECT_TRUE(old_transaction_returns(Fault::kStaleAccepted));
}

TEST(Names, AreFoundAgain) {
  for (const char* name : {"commit_crc_span", "stale_accepted", "truncate_keeps_tail"}) {
    EXPECT_EQ(fault_name(fault_of(name)), name);
  }
  EXPECT_EQ(fault_of("no such fault"), Fault::kNone);
}

}  // namespace
}  // namespace vexfs::core::testing
