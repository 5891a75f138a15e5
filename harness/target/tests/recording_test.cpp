// SPDX-License-Identifier: MIT
// What a guest writes is recorded with its marks, so that crash states can be made from it.
#include <gtest/gtest.h>

#include "harness/lockstep/fresh_volume.h"
#include "harness/scenario/generate.h"
#include "harness/target/tests/guest_target_test.h"

namespace vexfs::parity {
namespace {

using device::RecordedRequest;
using device::Recording;
using device::RequestKind;

class RecordedGuest : public GuestTargetTest {
 protected:
  RecordedSegment record(const Segment& segment, RecordedPath path) {
    auto recorded = target_->record(segment, {.seed = 1}, path);
    if (!recorded) throw std::runtime_error(recorded.error().what + recorded.error().evidence);
    return std::move(*recorded);
  }
};

// The base with every write in the order of submission.
Image replayed(const Recording& recording) {
  Image volume = recording.base;
  for (const RecordedRequest& request : recording.requests) {
    if (request.kind == RequestKind::kWrite) volume.write(request.offset, request.data);
    if (request.kind == RequestKind::kTrim || request.kind == RequestKind::kWriteZeroes) {
      volume.zero(request.offset, request.length);
    }
  }
  return volume;
}

std::uint64_t number_of(const Recording& recording, const std::string& text) {
  for (const auto& mark : recording.marks) {
    if (mark.text == text) return mark.number;
  }
  ADD_FAILURE() << "no mark " << text;
  return 0;
}

TEST_P(RecordedGuest, WritesWhatItsVolumeHoldsAfterwards) {
  const auto generated = generate_scenario(scenario_seed(7, 1));
  ASSERT_TRUE(generated.has_value()) << generated.error();
  const auto volume = fresh_volume(generated->scenario.volume);
  ASSERT_TRUE(volume.has_value()) << volume.error();
  for (const Ending ending : {Ending::kUnmount, Ending::kPowerFailure}) {
    const Segment segment{*volume, generated->scenario.mount, first_segment(generated->scenario),
                          ending};
    const SegmentResult plain = run(segment);
    for (const RecordedPath path : {RecordedPath::kVirtio, RecordedPath::kNbd}) {
      const auto [result, recording] = record(segment, path);
      EXPECT_TRUE(result.outcomes == plain.outcomes);
      EXPECT_TRUE(result.volume == plain.volume);
      EXPECT_TRUE(replayed(recording) == result.volume);
      // Begin and end of each step, and of the unmount.
      EXPECT_EQ(recording.marks.size(),
                2 * segment.steps.size() + (ending == Ending::kUnmount ? 2 : 1));
    }
  }
}

TEST_P(RecordedGuest, FlushesAndIsAnsweredBeforeAnFsyncReturns) {
  const auto volume = fresh_volume({});
  ASSERT_TRUE(volume.has_value()) << volume.error();
  const std::vector<Step> steps{
      {Open{{"f"}, {"/f"}, {OpenFlags::kReadWrite + std::uint32_t{OpenFlags::kCreate}}, {0644}},
       {},
       {}},
      {Fsync{{"f"}}, {}, {}}};
  for (const RecordedPath path : {RecordedPath::kVirtio, RecordedPath::kNbd}) {
    const Recording recording = record({*volume, {}, steps, Ending::kPowerFailure}, path).recording;
    const auto before = number_of(recording, "begin 1");
    const auto after = number_of(recording, "end 1");
    std::size_t flushes = 0;
    for (const RecordedRequest& request : recording.requests) {
      if (request.submitted < before || request.submitted > after) continue;
      EXPECT_NE(request.completed, 0u);
      EXPECT_LT(request.completed, after);
      flushes += request.kind == RequestKind::kFlush ? 1 : 0;
    }
    EXPECT_GT(flushes, 0u);
  }
}

// What the module writes with FUA comes as FUA on the one disk and as a flush on the other. The
// daemon has only fdatasync.
TEST_P(RecordedGuest, ShowsFuaWhereTheDiskTakesIt) {
  const auto volume = fresh_volume({});
  ASSERT_TRUE(volume.has_value()) << volume.error();
  const std::vector<Step> steps{{Mkdir{{"/d"}, {0755}}, {}, {}}};
  const auto fua_writes = [&](RecordedPath path) {
    return std::ranges::count_if(
        record({*volume, {}, steps, Ending::kUnmount}, path).recording.requests,
        &RecordedRequest::fua);
  };
  EXPECT_EQ(fua_writes(RecordedPath::kVirtio), 0);
  EXPECT_EQ(fua_writes(RecordedPath::kNbd) > 0, GetParam() == GuestKind::kKmod);
}

INSTANTIATE_TEST_SUITE_P(Guests, RecordedGuest, testing::Values(GuestKind::kFuse, GuestKind::kKmod),
                         name_of_kind);

}  // namespace
}  // namespace vexfs::parity
