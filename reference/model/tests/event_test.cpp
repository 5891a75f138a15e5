// SPDX-License-Identifier: MIT
#include "reference/model/event.h"

#include <linux/fs.h>
#include <sys/stat.h>

#include <map>

#include <gtest/gtest.h>

#include "reference/model/checksum.h"
#include "reference/model/tests/test_volume.h"

namespace vexfs::model::test {
namespace {

struct SeenEvent {
  vexfs_event header;
  std::vector<std::uint16_t> tags;
  std::map<std::uint16_t, std::string> fields;
};

std::uint64_t number(const std::string& field, std::size_t at = 0) {
  std::uint64_t value = 0;
  std::memcpy(&value, field.data() + at, std::min<std::size_t>(8, field.size() - at));
  return value;
}

// Takes the readable stream from `position` apart, as a reader of /.vexfs/events does.
std::vector<SeenEvent> seen(TestVolume& volume, std::uint64_t position = 0) {
  const auto stream = volume->events(position, UINT64_MAX).value();
  std::vector<SeenEvent> events;
  for (std::size_t at = 0; at < stream.size();) {
    SeenEvent event{get<vexfs_event>(stream, at), {}, {}};
    if (event.header.magic == 0) {  // padding up to the next block
      at = ((position + at) / kBlockSize + 1) * kBlockSize - position;
      continue;
    }
    EXPECT_EQ(event.header.magic, VEXFS_EVENT_MAGIC);
    for (std::size_t field = 128; field < 128U + event.header.payload;) {
      const auto head = get<vexfs_event_field>(stream, at + field);
      event.tags.push_back(head.tag);
      event.fields[head.tag] =
          std::string(reinterpret_cast<const char*>(&stream[at + field + 4]), head.length);
      field += 4 + (head.length + 3U) / 4 * 4;
    }
    events.push_back(event);
    at += event.header.length;
  }
  return events;
}

TEST(Events, ACreateNamesWhatItMade) {
  TestVolume volume;
  ASSERT_TRUE(volume->set_clock(42));
  ASSERT_TRUE(volume->mknod(1, "name", {S_IFCHR | 0600, 0, 0, 0x103}));
  ASSERT_TRUE(volume->sync());
  const auto events = seen(volume);
  ASSERT_EQ(events.size(), 1U);
  const auto& header = events[0].header;
  EXPECT_EQ(header.sequence, 1U);
  EXPECT_EQ(header.type, VEXFS_EV_CREATE);
  EXPECT_EQ(header.flags, 3U);
  EXPECT_EQ(header.priority, 3U);
  EXPECT_EQ(header.clock, 1U);
  EXPECT_EQ(header.length, 192U);
  EXPECT_EQ(header.time, 42U);
  EXPECT_EQ(header.ino, 2U);
  EXPECT_EQ(header.parent, 1U);
  EXPECT_EQ(header.transaction, 1U);
  EXPECT_EQ(header.epoch, 1U);
  EXPECT_EQ(header.clock_volume, 0x1716151413121110U);
  EXPECT_EQ(header.clock_counter, 1U);
  EXPECT_EQ(header.unit, 1U);
  EXPECT_EQ(header.payload, 4U + 8 + 4 + 4);
  EXPECT_EQ(events[0].tags, (std::vector<std::uint16_t>{VEXFS_TAG_NODE, VEXFS_TAG_NAME}));
  EXPECT_EQ(events[0].fields.at(VEXFS_TAG_NAME), "name");
  EXPECT_EQ(number(events[0].fields.at(VEXFS_TAG_NODE)), 0x0000010300002180U);
}

TEST(Events, EachOperationHasItsTypeAndFields) {
  TestVolume volume;
  const Ino file = volume.create("f");                                            // 1
  volume.mkdir("d");                                                              // 2
  ASSERT_TRUE(volume->symlink(1, "s", std::string(600, 't'), {0777, 0, 0, 0}));   // 3
  ASSERT_TRUE(volume->link(file, 1, "g"));                                        // 4
  ASSERT_TRUE(volume->rename(1, "g", 1, "s", 0));                                 // 5
  ASSERT_TRUE(volume->unlink(1, "s"));                                            // 6
  ASSERT_TRUE(volume->rmdir(1, "d"));                                             // 7
  ASSERT_TRUE(volume->setattr(file, {.size = 7, .kill_setid = S_ISUID}));         // 8
  ASSERT_TRUE(volume->setattr(file, {.uid = 8, .atime = posix::SetTime{}}));      // 9
  ASSERT_TRUE(volume->setattr(file, {.mode = 0600}));                             // 10
  ASSERT_TRUE(volume->setattr(file, {.mtime = posix::SetTime{false, {-3, 4}}}));  // 11
  ASSERT_TRUE(volume->sync());
  const auto events = seen(volume);
  using Tags = std::vector<std::uint16_t>;
  const std::vector<std::pair<unsigned, Tags>> expected = {
      {VEXFS_EV_CREATE, {VEXFS_TAG_NODE, VEXFS_TAG_NAME}},
      {VEXFS_EV_MKDIR, {VEXFS_TAG_NODE, VEXFS_TAG_NAME}},
      {VEXFS_EV_SYMLINK, {VEXFS_TAG_NAME, VEXFS_TAG_TARGET}},
      {VEXFS_EV_HARDLINK, {VEXFS_TAG_NAME}},
      {VEXFS_EV_RENAME,
       {VEXFS_TAG_NAME, VEXFS_TAG_NEW_NAME, VEXFS_TAG_NEW_PARENT, VEXFS_TAG_RENAME,
        VEXFS_TAG_OTHER}},
      {VEXFS_EV_DELETE, {VEXFS_TAG_NAME}},
      {VEXFS_EV_RMDIR, {VEXFS_TAG_NAME}},
      {VEXFS_EV_TRUNCATE, {VEXFS_TAG_SIZE}},
      {VEXFS_EV_CHOWN, {VEXFS_TAG_OWNER}},
      {VEXFS_EV_CHMOD, {VEXFS_TAG_MODE}},
      {VEXFS_EV_UTIMENS, {VEXFS_TAG_TIMES}}};
  ASSERT_EQ(events.size(), expected.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(events[i].header.type, expected[i].first) << i;
    EXPECT_EQ(events[i].tags, expected[i].second) << i;
    EXPECT_EQ(events[i].header.sequence, i + 1);
    EXPECT_EQ(events[i].header.unit, i + 1);
  }
  EXPECT_EQ(events[2].fields.at(VEXFS_TAG_TARGET).size(), 512U);
  EXPECT_EQ(number(events[10].fields.at(VEXFS_TAG_TIMES), 8), static_cast<std::uint64_t>(-3));
}

TEST(Events, WritesAreOneForEachInodeAtTheSeal) {
  TestVolume volume;
  const Ino a = volume.create("a");
  const Ino b = volume.create("b");
  ASSERT_TRUE(volume->sync());
  const auto position = volume.inside().readable_head;
  volume.write(b, 10, "x");
  volume.write(a, 5000, "yyyy");
  volume.write(a, 100, "zz");
  ASSERT_TRUE(volume->set_clock(99));
  ASSERT_TRUE(volume->sync());
  const auto events = seen(volume, position);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].header.ino, a);
  EXPECT_EQ(number(events[0].fields.at(VEXFS_TAG_RANGE)), 100U);
  EXPECT_EQ(number(events[0].fields.at(VEXFS_TAG_RANGE), 8), 5004U);
  EXPECT_EQ(events[1].header.ino, b);
  EXPECT_EQ(events[1].header.time, 99U);
  EXPECT_EQ(events[1].header.unit, 5U) << "the last unit of the transaction";
}

TEST(Events, AreReadableAfterASyncPointOnly) {
  TestVolume volume;
  volume.create("f");
  EXPECT_TRUE(volume->events(0, 9999)->empty());
  ASSERT_TRUE(volume->sync());
  EXPECT_EQ(volume->events(0, 9999)->size(), 192U);
  EXPECT_EQ(volume->events(64, 10)->size(), 10U);
  EXPECT_TRUE(volume->events(192, 10)->empty());
  EXPECT_TRUE(volume->events(99999, 10)->empty());
}

TEST(Events, NeverCrossABlockAndTheOldestAreForgottenInWholeBlocks) {
  auto geometry = small_geometry();
  geometry.ring_blocks = 4;
  TestVolume volume(geometry);
  std::uint64_t sequence = 0;
  for (int i = 0; i < 130; ++i) {
    volume.create("f" + std::to_string(i));
    ++sequence;
  }
  ASSERT_TRUE(volume->sync());
  // 21 records of 192 bytes fit in a block, which leaves 64 bytes of zeros.
  const auto head = volume.inside().state.ring_head;
  EXPECT_EQ(head, 130 / 21 * kBlockSize + 130 % 21 * 192);
  const auto oldest = oldest_event_position(volume.inside());
  EXPECT_EQ(oldest, 3 * kBlockSize);
  EXPECT_EQ(volume->events(oldest - 1, 1).error(), ESTALE);
  const auto events = seen(volume, oldest);
  ASSERT_EQ(events.size(), 130U - 3 * 21);
  EXPECT_EQ(events.front().header.sequence, 3U * 21 + 1);
  EXPECT_EQ(events.back().header.sequence, sequence);
  volume.remount();
  EXPECT_EQ(seen(volume, oldest).size(), 130U - 3 * 21);
}

TEST(Events, AFailedOperationLeavesNone) {
  TestVolume volume;
  volume.create("f");
  EXPECT_FALSE(volume->mknod(1, "f", regular()));
  EXPECT_FALSE(volume->rmdir(1, "none"));
  EXPECT_EQ(volume.inside().state.next_event, 2U);
}

}  // namespace
}  // namespace vexfs::model::test
