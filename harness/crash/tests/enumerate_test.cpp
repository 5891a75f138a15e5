// SPDX-License-Identifier: MIT
#include "harness/crash/enumerate.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "harness/crash/tests/random_recording.h"

namespace vexfs::parity::crash {
namespace {

// Calls visit(floor) for every crash of some random recordings.
void at_every_crash(const RecordingShape& shape, std::uint64_t recordings,
                    const std::function<void(const Floor&)>& visit) {
  for (std::uint64_t seed = 0; seed < recordings; ++seed) {
    SCOPED_TRACE(seed);
    const device::Recording recording = random_recording(seed, shape);
    ASSERT_EQ(flaw_of(recording), std::nullopt);
    Floor floor(recording);
    for (const std::uint64_t crash : crash_points(recording)) {
      SCOPED_TRACE(crash);
      floor.advance(crash);
      visit(floor);
      if (testing::Test::HasFailure()) return;
    }
  }
}

constexpr RecordingShape kSmall{.sectors = 16, .requests = 8, .longest = 4};

TEST(Floor, SaysTheSameAsTheLaw) {
  at_every_crash(kSmall, 200, [](const Floor& floor) {
    const LegalStates& states = floor.states();
    const auto& requests = states.recording().requests;
    std::set<std::size_t> undecided;
    for (std::size_t i = 0; i < states.arrived(); ++i) {
      const SectorRange range = sectors_of(requests[i]);
      for (std::uint64_t s = range.first; s < range.end(); ++s) {
        EXPECT_EQ(floor.legal(i, s), states.legal(i, s)) << "request " << i << " sector " << s;
        if (states.legal(i, s) && floor.owner(s) != i) undecided.insert(i);
      }
    }
    EXPECT_TRUE(std::ranges::equal(floor.undecided(), undecided));
    for (std::uint64_t s = 0; s < kSmall.sectors; ++s) {
      EXPECT_TRUE(states.legal(floor.owner(s), s));
    }
  });
}

TEST(WriteSets, AreLegalStates) {
  std::uint64_t states = 0;
  at_every_crash(kSmall, 60, [&](const Floor& floor) {
    for (const WriteSet& set : write_sets(floor, {})) {
      const HashedImage image = floor.state(set);
      const auto illegal = floor.states().first_illegal(image.volume());
      ASSERT_EQ(illegal, std::nullopt) << to_text(set) << "\n"
                                       << floor.states().explain(illegal.value_or(0));
      ++states;
    }
  });
  EXPECT_GT(states, 10'000u);
}

TEST(WriteSets, OfManyUndecidedRequestsAreLegalStates) {
  constexpr RecordingShape kMany{.sectors = 32, .requests = 24, .longest = 8};
  const Bounds bounds{.exhaustive = 4, .cuts = 3, .samples = 32};
  std::size_t most = 0;
  at_every_crash(kMany, 20, [&](const Floor& floor) {
    most = std::max(most, floor.undecided().size());
    for (const WriteSet& set : write_sets(floor, bounds)) {
      ASSERT_EQ(floor.states().first_illegal(floor.state(set).volume()), std::nullopt)
          << to_text(set);
    }
  });
  EXPECT_GT(most, 10u);
}

TEST(WriteSets, HaveTheHashOfTheirContent) {
  at_every_crash(kSmall, 10, [](const Floor& floor) {
    std::map<ImageHash, device::Volume> known;
    for (const WriteSet& set : write_sets(floor, {})) {
      const HashedImage image = floor.state(set);
      ASSERT_EQ(image.hash(), hash_of(image.volume())) << to_text(set);
      const auto [same, added] = known.emplace(image.hash(), image.volume());
      ASSERT_TRUE(added || same->second == image.volume()) << to_text(set);
    }
    for (auto one = known.begin(); one != known.end(); ++one) {
      for (auto other = std::next(one); other != known.end() && known.size() < 50; ++other) {
        ASSERT_FALSE(one->second == other->second);
      }
    }
  });
}

TEST(WriteSets, SurviveTheirText) {
  const Bounds bounds{.worst = Severity::kGarbage, .garbage = {{0, 16}}};
  at_every_crash(kSmall, 10, [&](const Floor& floor) {
    for (const WriteSet& set : write_sets(floor, bounds)) {
      ASSERT_EQ(parse_write_set(to_text(set)), set) << to_text(set);
    }
  });
}

TEST(WriteSets, KeepToTheSeverityAskedFor) {
  for (const Severity worst : {Severity::kPrefix, Severity::kDrop, Severity::kTorn}) {
    Severity seen = Severity::kPrefix;
    at_every_crash(kSmall, 10, [&](const Floor& floor) {
      const Bounds bounds{.exhaustive = 4, .worst = worst, .garbage = {{0, 16}}};
      for (const WriteSet& set : write_sets(floor, bounds)) {
        seen = std::max(seen, severity_of(floor, set));
      }
    });
    EXPECT_EQ(seen, worst);
  }
}

TEST(WriteSets, HoldGarbageOnlyWhereItIsAllowed) {
  const Bounds bounds{.worst = Severity::kGarbage, .garbage = {{3, 2}}};
  bool some = false;
  at_every_crash(kSmall, 20, [&](const Floor& floor) {
    for (const WriteSet& set : write_sets(floor, bounds)) {
      if (severity_of(floor, set) != Severity::kGarbage) continue;
      const auto illegal = floor.states().first_illegal(floor.state(set).volume());
      if (!illegal) continue;
      some = true;
      ASSERT_TRUE(*illegal == 3 || *illegal == 4) << to_text(set);
    }
  });
  EXPECT_TRUE(some);
}

TEST(WriteSets, OfVeryManyUndecidedRequestsAreNotManyMore) {
  constexpr std::uint64_t kRequests = 300;
  device::Recorder recorder{device::Volume(kRequests * kSectorBytes)};
  const std::vector<std::byte> data(kSectorBytes, std::byte{1});
  for (std::uint64_t n = 0; n < kRequests; ++n) {
    recorder.submit({.kind = device::RequestKind::kWrite,
                     .fua = false,
                     .offset = n * kSectorBytes,
                     .length = kSectorBytes,
                     .data = data});
  }
  const device::Recording recording = recorder.recording();
  Floor floor(recording);
  floor.advance(recording.end);
  const auto sets = write_sets(floor, {.each = 16, .samples = 10});
  EXPECT_EQ(sets.size(), 1u + 3 * 16 + 10);
  const auto has = [&](std::size_t survivors) {
    return std::ranges::any_of(
        sets, [&](const WriteSet& set) { return set.survivors.size() == survivors; });
  };
  EXPECT_TRUE(has(0) && has(1) && has(kRequests - 1) && has(kRequests));
}

// All legal images of a few sectors, by the law alone.
void collect(const LegalStates& states, std::uint64_t sector, HashedImage image,
             std::set<ImageHash>& all) {
  if (sector == states.recording().base.size() / kSectorBytes) {
    all.insert(image.hash());
    return;
  }
  for (const Source source : states.choices(sector)) {
    HashedImage next = image;
    if (source != kBase) next.put(sector, data_of(states.recording().requests[source], sector));
    collect(states, sector + 1, std::move(next), all);
  }
}

TEST(WriteSets, AreAllLegalStatesIfNoRequestIsLongerThanASector) {
  constexpr RecordingShape kShort{.sectors = 4, .requests = 8, .longest = 1};
  at_every_crash(kShort, 100, [](const Floor& floor) {
    std::set<ImageHash> legal;
    collect(floor.states(), 0, HashedImage(floor.states().recording().base), legal);
    std::set<ImageHash> found;
    for (const WriteSet& set : write_sets(floor, {})) found.insert(floor.state(set).hash());
    EXPECT_EQ(found, legal);
  });
}

TEST(CrashPoints, AreWhereSomethingChanges) {
  device::Recorder recorder{device::Volume(4096)};
  const std::vector<std::byte> data(512);
  const auto write = recorder.submit({.kind = device::RequestKind::kWrite,
                                      .fua = false,
                                      .offset = 0,
                                      .length = 512,
                                      .data = data});  // 1
  recorder.complete(write, 0);                         // 2
  recorder.mark("written");                            // 3
  const auto flush = recorder.submit(
      {.kind = device::RequestKind::kFlush, .fua = false, .offset = 0, .length = 0, .data = {}});
  recorder.complete(flush, 0);  // 5
  recorder.mark("flushed");     // 6
  EXPECT_EQ(crash_points(recorder.recording()), (std::vector<std::uint64_t>{2, 4, 6, 7}));
}

TEST(FlawOf, NamesTheRequestThatCannotBeExplored) {
  device::Recorder recorder{device::Volume(4096)};
  recorder.submit(
      {.kind = device::RequestKind::kTrim, .fua = false, .offset = 512, .length = 100, .data = {}});
  EXPECT_EQ(flaw_of(recorder.recording()),
            "request 0 (trim of 100 bytes at 512) is not made of whole 512-byte sectors");
}

}  // namespace
}  // namespace vexfs::parity::crash
