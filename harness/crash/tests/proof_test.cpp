// SPDX-License-Identifier: MIT
#include "harness/crash/proof.h"

#include <gtest/gtest.h>

namespace vexfs::parity::crash {
namespace {

using device::RequestKind;

TEST(Proof, SaysWhatBecameOfEachUndecidedRequest) {
  device::Recorder recorder{device::Volume(8192)};
  const std::vector<std::byte> data(1024);
  const auto write = [&](std::uint64_t sector) {
    return recorder.submit({.kind = RequestKind::kWrite,
                            .fua = false,
                            .offset = sector * kSectorBytes,
                            .length = 1024,
                            .data = data});
  };
  const auto first = write(0);   // arrives at 1
  const auto second = write(1);  // 2
  recorder.complete(first, 0);   // 3
  recorder.complete(second, 0);  // 4
  const auto flush = recorder.submit(
      {.kind = RequestKind::kFlush, .fua = false, .offset = 0, .length = 0, .data = {}});  // 5
  recorder.complete(flush, 0);                                                             // 6
  recorder.complete(write(4), 0);                                                          // 7, 8
  recorder.complete(write(8), 5);                                                          // 9, 10
  write(12);                                                                               // 11
  const device::Recording recording = recorder.recording();
  Floor floor(recording);
  floor.advance(recording.end);
  const auto set = parse_write_set("12: 0 3[0]");
  ASSERT_TRUE(set);
  EXPECT_EQ(proof_of(floor, *set),
            (std::vector<std::string>{
                "crash state \"12: 0 3[0]\": power failed at 12; of 6 requests that had arrived 4 "
                "were undecided",
                "request 0 (write of sectors 0 to 1) survives: it is durable, but so is a "
                "concurrent write of a sector",
                "request 3 (write of sectors 4 to 5) survives in part: no flush that arrived after "
                "8 was answered before 12",
                "request 4 (write of sectors 8 to 9) is lost: it was answered with an error",
                "request 5 (write of sectors 12 to 13) is lost: it was in flight"}));
}

}  // namespace
}  // namespace vexfs::parity::crash
