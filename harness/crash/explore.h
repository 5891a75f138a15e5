// SPDX-License-Identifier: MIT
// Power fails everywhere in a recorded run: each legal state is made, recovered and judged.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "fuse/core/planted.h"
#include "harness/crash/enumerate.h"
#include "harness/crash/history.h"
#include "harness/crash/judge.h"
#include "harness/crash/write_set.h"
#include "harness/device/recorder.h"
#include "harness/lockstep/failure.h"
#include "harness/target/target.h"

namespace vexfs::parity::crash {

struct ExploreOptions {
  Bounds bounds;
  /// Ends when so many states were counted, or at the deadline.
  std::uint64_t states = UINT64_MAX;
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  /// Of one crash state in so many, the recovery itself is interrupted: every state if there are no
  /// more than `nested_states`, else so many of them. 0: of none.
  std::uint64_t nest_every = 16;
  std::size_t nested_states = 64;
  /// How many crashes a state may be away from the scenario: 1 is none within a recovery.
  std::size_t depth = 3;
  /// Ends after so many states that failed.
  std::size_t failures = 1;
  std::size_t threads = 2;
  /// Crash states to hand back, recovered: sound ones, of which something was lost.
  std::size_t samples = 0;
  core::Fault fault = core::Fault::kNone;
  /// They recover each counted state, too, and must give the same bytes. Each serves `threads`
  /// threads (harness/target/shared_target.h).
  std::vector<Target*> recoverers;
  /// The crashes of the recording to look at, ascending; none: all crash_points().
  std::vector<std::uint64_t> moments = {};
  Afterwards afterwards = {};
};

inline constexpr std::size_t kSeverities = 4;

/// How many states were looked at.
struct StateCounts {
  /// Distinct images, recovered and judged; by Severity of the last crash.
  std::array<std::uint64_t, kSeverities> counted{};
  /// Images that had been seen before: judged by what was found then.
  std::uint64_t known = 0;

  std::uint64_t total() const;
  StateCounts& operator+=(const StateCounts& other);
};

/// One moment at which power failed.
struct PointCounts {
  std::uint64_t crash = 0;
  std::size_t begun = 0;     // operations
  std::size_t returned = 0;  // of them
  StateCounts states;        // nested ones are those of their first crash
};

/// A crash state that is wrong. The second write set is of the recording of the recovery of the
/// first state, and so on.
struct BadState {
  std::vector<WriteSet> path;
  Failure failure;
  bool second_run = false;  // of the scenario's steps, on a recovered volume
};

struct Exploration {
  std::vector<PointCounts> points;  // ascending by crash
  StateCounts states;
  std::uint64_t nested = 0;  // of the counted ones, those of a crash within a recovery
  std::vector<BadState> bad;
  std::vector<Image> samples;
  /// Not empty: a recoverer's machine failed, which ended the exploration.
  std::string machine_fault;
  bool complete = false;  // every state within the bounds was looked at
  std::chrono::nanoseconds time{0};
};

/// `history` is that of the recorded steps on the recording's base.
Exploration explore(const device::Recording& recording, const History& history,
                    const ExploreOptions& options);

/// The one state that the path names. The error says why there is no such state: the recording is
/// another one than that of the path.
std::expected<std::optional<Failure>, std::string> judge_path(const device::Recording& recording,
                                                              const History& history,
                                                              const std::vector<WriteSet>& path,
                                                              core::Fault fault,
                                                              const Afterwards& afterwards = {});

}  // namespace vexfs::parity::crash
