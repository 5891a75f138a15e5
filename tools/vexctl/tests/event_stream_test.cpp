// SPDX-License-Identifier: MIT
#include "tools/vexctl/event_stream.h"

#include <cstring>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tools/vexctl/element.h"
#include "tools/vexctl/event_text.h"

namespace vexfs::ctl {
namespace {

using testing::HasSubstr;

// A record of 192 bytes at `at`: VectorUpdate of id 5, slot 2, slot 1 died.
void add_record(Bytes& stream, std::size_t at, std::uint64_t sequence) {
  vexfs_event header{};
  header.magic = VEXFS_EVENT_MAGIC;
  header.sequence = sequence;
  header.type = VEXFS_EV_VECTOR_UPDATE;
  header.length = 192;
  header.time = 1'500'000'000'000'000'001ULL;
  header.ino = 4;
  header.payload = sizeof(vexfs_event_field) + 16;
  const vexfs_event_field field{VEXFS_TAG_VECTOR, 16};
  const std::uint64_t id = 5;
  const std::uint32_t slots[2] = {2, 1};
  stream.resize(std::max(stream.size(), at + header.length));
  std::byte* to = stream.data() + at;
  std::memcpy(to, &header, sizeof header);
  std::memcpy(to + 128, &field, sizeof field);
  std::memcpy(to + 132, &id, sizeof id);
  std::memcpy(to + 140, slots, sizeof slots);
}

TEST(EventStream, RecordsArePassedOverPaddingBeforeABoundary) {
  Bytes stream;
  add_record(stream, 0, 1);
  add_record(stream, 4096 - 64, 2);  // the piece begins at position 64
  std::vector<std::uint64_t> positions;
  const auto done = visit_records(
      stream, 64, [&](const tools::EventRecord& record) { positions.push_back(record.position); });
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_THAT(positions, testing::ElementsAre(64, 4096));
}

TEST(EventStream, APositionInTheMiddleOfARecordIsRefused) {
  Bytes stream;
  add_record(stream, 0, 1);
  const auto none = [](const tools::EventRecord&) { FAIL(); };
  const std::span<const std::byte> rest = std::span(stream).subspan(128);
  const auto done = visit_records(rest, 128, none);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("position 128"));
}

TEST(EventStream, AnEventIsALineOfTextOrJson) {
  Bytes stream;
  add_record(stream, 0, 7);
  const auto done = visit_records(stream, 0, [](const tools::EventRecord& record) {
    EXPECT_EQ(event_text(record),
              "         0 2017-07-14T02:40:00.000000001Z VectorUpdate  inode=4 vector=[5,2,1]");
    const auto json = nlohmann::json::parse(event_json(record));
    EXPECT_EQ(json["next"], 192);
    EXPECT_EQ(json["sequence"], 7);
    EXPECT_EQ(json["time"], 1'500'000'000'000'000'001LL);
    EXPECT_EQ(json["vector"], nlohmann::json({5, 2, 1}));
  });
  EXPECT_TRUE(done);
}

}  // namespace
}  // namespace vexfs::ctl
