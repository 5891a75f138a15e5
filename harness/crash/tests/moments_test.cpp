// SPDX-License-Identifier: MIT
#include "harness/crash/moments.h"

#include <gtest/gtest.h>

#include "harness/crash/operation_marks.h"

namespace vexfs::parity::crash {
namespace {

using Moments = std::vector<std::uint64_t>;

// Two steps, 5 and 6 of their scenario; each writes a block and then has it flushed.
device::Recording two_steps() {
  device::Recorder recorder{device::Volume(8192)};
  const std::vector<std::byte> data(4096);
  for (std::uint64_t step = 0; step < 2; ++step) {
    recorder.mark(begin_mark(step));  // 1, 7
    const auto write = recorder.submit({.kind = device::RequestKind::kWrite,
                                        .fua = false,
                                        .offset = step * 4096,
                                        .length = 4096,
                                        .data = data});  // 2, 8
    recorder.complete(write, 0);                         // 3, 9
    const auto flush = recorder.submit({.kind = device::RequestKind::kFlush,
                                        .fua = false,
                                        .offset = 0,
                                        .length = 0,
                                        .data = {}});  // 4, 10
    recorder.complete(flush, 0);                       // 5, 11
    recorder.mark(end_mark(step));                     // 6, 12
  }
  return recorder.recording();  // ends at 13
}

Moments of(const CrashPlace& place) {
  const auto moments = moments_of(place, two_steps(), 5);
  EXPECT_TRUE(moments) << moments.error();
  return moments.value_or(Moments{});
}

TEST(Moments, OfAnyPlaceAreAllThatMatter) {
  EXPECT_EQ(of(AnyMoment{}), (Moments{1, 2, 3, 6, 7, 8, 9, 12, 13}));
}

TEST(Moments, DuringAStepEndBeforeItHasReturned) {
  EXPECT_EQ(of(DuringStep{5}), (Moments{2, 3, 6}));
  EXPECT_EQ(of(DuringStep{6}), (Moments{8, 9, 12}));
}

TEST(Moments, AfterAStepBeginWhenItHasReturned) {
  EXPECT_EQ(of(AfterStep{5}), (Moments{7, 8, 9, 12, 13}));
  EXPECT_EQ(of(AfterStep{6}), (Moments{13}));
}

TEST(Moments, OfAFlushAreBeforeAndAfterItsAnswer) {
  EXPECT_EQ(of(DuringFlush{1}), (Moments{5, 6}));
  EXPECT_EQ(of(DuringFlush{2}), (Moments{11, 12}));
}

TEST(Moments, OfOneStateIsItsOwn) { EXPECT_EQ(of(OneState{{"9: 2[0]", "3:"}}), (Moments{9})); }

TEST(Moments, SayWhatIsNotThere) {
  const auto error = [](const CrashPlace& place) {
    const auto moments = moments_of(place, two_steps(), 5);
    return moments ? std::string("none") : moments.error();
  };
  EXPECT_TRUE(error(DuringStep{4}).starts_with("step 4 is not one of the mount"));
  EXPECT_TRUE(error(AfterStep{7}).starts_with("step 7 is not one of the mount"));
  EXPECT_EQ(error(DuringFlush{3}), "there is no flush 3: the device saw 2 in this mount");
  EXPECT_EQ(error(OneState{{"9"}}), "write set \"9\": expected ':' at character 1");
}

}  // namespace
}  // namespace vexfs::parity::crash
