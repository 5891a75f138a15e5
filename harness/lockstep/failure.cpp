// SPDX-License-Identifier: MIT
#include "harness/lockstep/failure.h"

namespace vexfs::parity {

const char* name_of(FailureKind kind) {
  switch (kind) {
    case FailureKind::kDeath:
      return "death";
    case FailureKind::kRefusal:
      return "refusal";
    case FailureKind::kExpectation:
      return "expectation";
    case FailureKind::kTrace:
      return "trace";
    case FailureKind::kVolume:
      return "volume";
    case FailureKind::kFsck:
      return "fsck";
    case FailureKind::kRecovery:
      return "recovery";
    case FailureKind::kDurability:
      return "durability";
    case FailureKind::kWrongState:
      return "state";
    case FailureKind::kLostEvents:
      return "events";
    case FailureKind::kWrongData:
      return "data";
  }
  return "unknown";
}

}  // namespace vexfs::parity
