// SPDX-License-Identifier: MIT
// What the harness says when a scenario fails.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace vexfs::parity {

/// The kinds of failure that a scenario can show, in the order in which a run looks for them.
enum class FailureKind {
  kDeath,        // a target or its kernel crashed or hung
  kRefusal,      // a target refused to mount or unmount and the reference did not, or the other way
                 // round
  kExpectation,  // the reference missed what the scenario expects
  kTrace,        // an operation answered differently
  kVolume,       // the volumes differ after unmount
  kFsck,         // the reference's volume breaks a rule of the format
  kRecovery,     // a crash image was recovered differently
  kDurability,   // recovery lost a durable transaction, or found one that had not begun
  kWrongState,   // what was recovered is not what the model has after that transaction
  kLostEvents,   // the same of the events
  kWrongData,    // the same of file data that is not in the log
};

/// One failure of one scenario.
struct Failure {
  FailureKind kind = FailureKind::kTrace;
  std::string target;               // the one that differs from the reference
  std::optional<std::size_t> step;  // index into the scenario's steps
  /// Stays the same while a scenario shrinks: kind, target and the first differing field, without
  /// values.
  std::string signature;
  /// One line for each difference, the first one first.
  std::vector<std::string> lines;
  /// Console tail or hex dump; may be empty.
  std::string evidence;
};

/// "trace", "volume", ...
const char* name_of(FailureKind kind);

}  // namespace vexfs::parity
