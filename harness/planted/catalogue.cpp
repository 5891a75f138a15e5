// SPDX-License-Identifier: MIT
#include "harness/planted/catalogue.h"

namespace vexfs::parity {

using core::Fault;
using enum FailureKind;

std::span<const PlantedFault> planted_faults() {
  static const std::vector<PlantedFault> kFaults{
      {Fault::kCommitCrcSpan,
       "the commit's checksum leaves out the commit",
       {kVolume, kRecovery},
       "",
       false},
      {Fault::kMissingMaskUnit,
       "a changed 64-byte unit is not logged",
       {kVolume, kRecovery},
       "",
       false},
      {Fault::kStaleAccepted,
       "recovery takes transactions of an older epoch",
       {kRecovery},
       "stale-transaction",
       true},
      {Fault::kLogNotFlushed,
       "the log is not flushed at sync points and checkpoints",
       {kRecovery, kFsck},
       "log-before-anchor",
       true},
      {Fault::kParkedReused,
       "a freed block is used again before the checkpoint",
       {kVolume},
       "parked-block",
       false},
      // More extents may need more nodes, which statfs tells before the volumes are compared.
      {Fault::kGoalOffByOne,
       "files leave a block free between their blocks",
       {kTrace, kVolume},
       "",
       false},
      {Fault::kDeleteKeepsBytes,
       "a deleted name stays in the directory's slack",
       {kVolume, kFsck},
       "",
       false},
      {Fault::kInsertLast, "a name goes to the last place that fits", {kTrace, kVolume}, "", false},
      {Fault::kMidpointOffByOne,
       "an extent node is split one entry too late",
       {kTrace, kVolume},
       "split-node",
       false},
      {Fault::kNoSuccessorJoin,
       "a block does not join the extent after it",
       {kTrace, kVolume},
       "write-backwards",
       false},
      {Fault::kEventOfFailure,
       "an event is emitted for an operation that failed",
       {kTrace, kVolume},
       "failed-operation",
       false},
      {Fault::kNoRenameEvent, "a rename emits no event", {kTrace, kVolume}, "", false},
      {Fault::kOrphansKept,
       "recovery does not reclaim orphans",
       {kRecovery},
       "orphan-at-crash",
       false},
      {Fault::kEpochKept, "recovery keeps the epoch", {kRecovery}, "", false},
      {Fault::kRenameKeepsNlink,
       "a directory that moves leaves both parents' nlink",
       {kTrace, kVolume},
       "",
       false},
      {Fault::kTruncateKeepsTail,
       "a cut file keeps bytes behind its end",
       {kTrace, kVolume},
       "cut-and-grow",
       false},
  };
  return kFaults;
}

}  // namespace vexfs::parity
