// SPDX-License-Identifier: MIT
// The bytes of transactions, anchors and events (docs/format.md, docs/determinism.md).
#include "reference/contract/log.h"

#include <bit>
#include <cerrno>
#include <cstring>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fuse/core/crc32c.h"
#include "fuse/core/tests/test_volume.h"
#include "reference/contract/event.h"

namespace vexfs::core::testing {
namespace {

using ::testing::ElementsAre;

TEST(Crc32c, GivesTheStandardCheckValue) {
  const std::string_view digits = "123456789";
  EXPECT_EQ(~crc32c_update(~0U, std::as_bytes(std::span(digits))), 0xe3069283U);
}

Checksum checksum_of(const Image& image) {
  return Checksum(std::as_bytes(std::span<const __u8, 16>(super_of(image).uuid)));
}

/** The log region's bytes from block `index` on. */
std::span<const std::byte> log_at(const Image& image, uint64_t index) {
  return std::span(image).subspan((super_of(image).log.start + index) * VEXFS_BLOCK_SIZE);
}

template <typename T>
T load(std::span<const std::byte> bytes, size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

TEST(Log, ATransactionHoldsTheChangedUnitsOfEachBlockAscending) {
  Image image = make_image(small());
  auto volume = mount(image);
  make_file(*volume, "file");
  ASSERT_EQ(error_of(volume->sync()), 0);
  const auto bytes = log_at(image, 0);
  const auto header = load<vexfs_tx_header>(bytes, 0);
  EXPECT_EQ(header.magic, VEXFS_TX_MAGIC);
  EXPECT_EQ(header.epoch, 1U);
  EXPECT_EQ(header.sequence, 1U);
  EXPECT_EQ(header.first_unit, 1U);
  EXPECT_EQ(header.units, 1U);
  EXPECT_EQ(header.prev_crc, 0U);

  std::vector<uint64_t> blocks;
  std::vector<uint32_t> flags;
  size_t offset = sizeof header;
  for (uint32_t i = 0; i < header.blocks; ++i) {
    const auto record = load<vexfs_tx_block>(bytes, offset);
    blocks.push_back(record.block);
    flags.push_back(record.flags);
    offset += sizeof record + static_cast<size_t>(std::popcount(uint64_t{record.mask})) * 64;
  }
  const auto& super = super_of(image);
  EXPECT_THAT(blocks,
              ElementsAre(super.state.start, super.ring.start, super.block_bitmap.start,
                          super.inode_bitmap.start, super.inode_table.start, super.data.start));
  EXPECT_THAT(flags, ElementsAre(0, VEXFS_TX_BLOCK_INIT, 0, 0, 0, VEXFS_TX_BLOCK_INIT));
  EXPECT_EQ(header.bytes, offset + sizeof(vexfs_tx_commit));
  const auto commit = load<vexfs_tx_commit>(bytes, offset);
  EXPECT_EQ(commit.magic, VEXFS_COMMIT_MAGIC);
  EXPECT_EQ(commit.sequence, 1U);
  EXPECT_EQ(commit.crc, checksum_of(image).of(1, bytes.first(header.bytes),
                                              offset + offsetof(vexfs_tx_commit, crc)));
}

TEST(Log, EachTransactionNamesItsPredecessorsChecksum) {
  Image image = make_image(small());
  auto volume = mount(image);
  for (const char* name : {"one", "two"}) {
    make_file(*volume, name);
    ASSERT_EQ(error_of(volume->sync()), 0);
  }
  const auto first = log_at(image, 0);
  const auto length = load<vexfs_tx_header>(first, 0).bytes;
  const auto commit = load<vexfs_tx_commit>(first, length - sizeof(vexfs_tx_commit));
  const auto second =
      load<vexfs_tx_header>(log_at(image, (length + VEXFS_BLOCK_SIZE - 1) / VEXFS_BLOCK_SIZE), 0);
  EXPECT_EQ(second.sequence, 2U);
  EXPECT_EQ(second.prev_crc, commit.crc);
  EXPECT_EQ(anchor_of(image).number, 2U) << "the anchor is not clean once something follows it";
  EXPECT_EQ(anchor_of(image).flags, 0U);
}

TEST(Log, UnderJournalDataBlocksAreLoggedWhole) {
  MountOptions options = manual();
  options.data = DataMode::kJournal;
  Image image = make_image(small());
  auto volume = mount(image, options);
  put(*volume, make_file(*volume, "file"), 0, "x");
  ASSERT_EQ(error_of(volume->sync()), 0);
  const auto bytes = log_at(image, 0);
  const auto header = load<vexfs_tx_header>(bytes, 0);
  const auto last = load<vexfs_tx_block>(
      bytes, header.bytes - sizeof(vexfs_tx_commit) - VEXFS_BLOCK_SIZE - sizeof(vexfs_tx_block));
  EXPECT_EQ(last.flags, VEXFS_TX_BLOCK_DATA);
  EXPECT_EQ(last.mask, ~uint64_t{0});
  EXPECT_EQ(last.block, super_of(image).data.start + 1);
}

TEST(Log, ASyncPointWithNothingPendingWritesNothing) {
  RecordingDevice device(make_image(small()));
  auto volume = Volume::open(std::make_unique<BorrowedDevice>(device), manual());
  ASSERT_TRUE(volume);
  ASSERT_EQ(error_of((*volume)->sync()), 0);
  ASSERT_EQ(error_of((*volume)->checkpoint()), 0);
  ASSERT_EQ(error_of((*volume)->unmount()), 0);
  EXPECT_TRUE(device.writes.empty());
}

TEST(Log, ATransactionClosesAfterItsUnits) {
  auto arguments = small();
  arguments.emplace_back("--tx-units 2");
  Image image = make_image(arguments);
  auto volume = mount(image);
  for (const char* name : {"a", "b", "c", "d", "e"}) make_file(*volume, name);
  ASSERT_EQ(error_of(volume->unmount()), 0);
  EXPECT_EQ(anchor_of(image).sequence, 4U) << "units 1 2, 3 4, 5";
}

/** The records of the readable stream. */
std::vector<vexfs_event> events_of(Volume& volume) {
  std::vector<std::byte> stream(volume.readable_head());
  const auto got = volume.read_events(0, stream);
  EXPECT_TRUE(got && *got == stream.size());
  std::vector<vexfs_event> events;
  for (size_t at = 0; at < stream.size();) {
    const auto event = load<vexfs_event>(stream, at);
    if (event.magic == 0) {  // padding before a block boundary
      at = (at / VEXFS_BLOCK_SIZE + 1) * VEXFS_BLOCK_SIZE;
      continue;
    }
    events.push_back(event);
    at += event.length;
  }
  return events;
}

TEST(Events, AreReadableOnlyAfterASyncPoint) {
  Image image = make_image(small());
  auto volume = mount(image);
  make_file(*volume, "file");
  EXPECT_EQ(volume->readable_head(), 0U);
  uint64_t told = 0;
  volume->set_event_hook([&](uint64_t head) { told = head; });
  ASSERT_EQ(error_of(volume->sync()), 0);
  EXPECT_EQ(volume->readable_head(), 192U);
  EXPECT_EQ(told, 192U);
  EXPECT_EQ(volume->wait_events(0, std::chrono::milliseconds(0)), 192U);
}

TEST(Events, NameWhatHappenedInOrder) {
  Image image = make_image(small());
  auto volume = mount(image);
  ASSERT_EQ(error_of(volume->set_clock(5)), 0);
  const InodeNumber ino = make_file(*volume, "file");
  put(*volume, ino, 10, "12345");
  put(*volume, ino, 2, "1");
  ASSERT_TRUE(volume->setattr(ino, {.mode = 0600, .size = 3}));
  ASSERT_TRUE(volume->link(ino, VEXFS_ROOT_INO, "other"));
  ASSERT_EQ(error_of(volume->unlink(VEXFS_ROOT_INO, "file")), 0);
  ASSERT_EQ(error_of(volume->sync()), 0);
  const auto events = events_of(*volume);
  std::vector<int> types;
  uint64_t sequence = 0;
  for (const vexfs_event& event : events) {
    types.push_back(event.type);
    EXPECT_EQ(event.sequence, ++sequence);
    EXPECT_EQ(event.clock, VEXFS_EVENT_CLOCK_MANUAL);
    EXPECT_EQ(event.time, 5U);
    EXPECT_EQ(event.transaction, 1U);
  }
  EXPECT_THAT(types, ElementsAre(VEXFS_EV_CREATE, VEXFS_EV_TRUNCATE, VEXFS_EV_HARDLINK,
                                 VEXFS_EV_DELETE, VEXFS_EV_WRITE));
  EXPECT_EQ(events.back().unit, 6U) << "the last unit of the transaction";
}

TEST(Events, TheRingForgetsItsOldestBlocks) {
  Image image = make_image(small());  // 8 blocks of ring
  auto volume = mount(image);
  for (int i = 0; i < 400; ++i) {
    const auto made = volume->mknod(VEXFS_ROOT_INO, "file", {.mode = 0100644});
    ASSERT_TRUE(made);
    ASSERT_EQ(error_of(volume->unlink(VEXFS_ROOT_INO, "file")), 0);
  }
  ASSERT_EQ(error_of(volume->sync()), 0);
  std::vector<std::byte> some(sizeof(vexfs_event));
  EXPECT_EQ(error_of(volume->read_events(0, some)), ESTALE);
  const uint64_t last = (volume->readable_head() - 1) / VEXFS_BLOCK_SIZE;
  EXPECT_EQ(error_of(volume->read_events((last - 7) * VEXFS_BLOCK_SIZE, some)), 0);
  EXPECT_EQ(load<vexfs_event>(some, 0).magic, VEXFS_EVENT_MAGIC);
  EXPECT_EQ(*volume->read_events(volume->readable_head(), some), 0U);
  ASSERT_EQ(error_of(volume->unmount()), 0);
  EXPECT_EQ(fsck(image), "");
}

TEST(Control, ExecutesLinesInOrderUpToTheFirstError) {
  Image image = make_image(small());
  auto volume = mount(image);
  EXPECT_EQ(error_of(volume->control("clock -1500000000\nsync\ncheckpoint")), 0);
  const InodeNumber ino = make_file(*volume, "file");
  const Time time = volume->getattr(ino)->mtime;
  EXPECT_EQ(time.seconds, -2);
  EXPECT_EQ(time.nanoseconds, 500'000'000U);
  EXPECT_EQ(error_of(volume->control("nonsense\n")), EINVAL);
  EXPECT_EQ(error_of(volume->control("clock 99999999999999999999")), EINVAL);
  MountOptions options = manual();
  options.manual_clock = false;
  EXPECT_EQ(error_of(mount(image, options)->control("clock 1")), EPERM);
}

TEST(Timer, MakesASyncPointOfItsOwn) {
  MountOptions options = manual();
  options.commit_seconds = 1;
  Image image = make_image(small());
  auto volume = mount(image, options);
  make_file(*volume, "file");
  EXPECT_GT(volume->wait_events(0, std::chrono::seconds(20)), 0U);
}

}  // namespace
}  // namespace vexfs::core::testing
