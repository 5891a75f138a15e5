// SPDX-License-Identifier: MIT
#include "fuse/core/planted.h"

#include <array>

namespace vexfs::core {
namespace {

struct Named {
  Fault fault;
  std::string_view name;
};

constexpr std::array kNames{
    Named{Fault::kNone, "none"},
    Named{Fault::kCommitCrcSpan, "commit_crc_span"},
    Named{Fault::kMissingMaskUnit, "missing_mask_unit"},
    Named{Fault::kStaleAccepted, "stale_accepted"},
    Named{Fault::kLogNotFlushed, "log_not_flushed"},
    Named{Fault::kParkedReused, "parked_reused"},
    Named{Fault::kGoalOffByOne, "goal_off_by_one"},
    Named{Fault::kDeleteKeepsBytes, "delete_keeps_bytes"},
    Named{Fault::kInsertLast, "insert_last"},
    Named{Fault::kMidpointOffByOne, "midpoint_off_by_one"},
    Named{Fault::kNoSuccessorJoin, "no_successor_join"},
    Named{Fault::kEventOfFailure, "event_of_failure"},
    Named{Fault::kNoRenameEvent, "no_rename_event"},
    Named{Fault::kOrphansKept, "orphans_kept"},
    Named{Fault::kEpochKept, "epoch_kept"},
    Named{Fault::kRenameKeepsNlink, "rename_keeps_nlink"},
    Named{Fault::kTruncateKeepsTail, "truncate_keeps_tail"},
    Named{Fault::kEventsEarly, "events_early"},
    Named{Fault::kPieceUnbounded, "piece_unbounded"},
    Named{Fault::kNoBlockTrigger, "no_block_trigger"},
    Named{Fault::kInodeEventHasParent, "inode_event_has_parent"},
    Named{Fault::kHomeKept, "home_kept"},
    Named{Fault::kOrphanUnmarked, "orphan_unmarked"},
    Named{Fault::kSetidKept, "setid_kept"},
    Named{Fault::kSameSizeIgnored, "same_size_ignored"},
    Named{Fault::kOpenAtUnmountKept, "open_at_unmount_kept"},
    Named{Fault::kTornTailAccepted, "torn_tail_accepted"},
    Named{Fault::kWrapNotFollowed, "wrap_not_followed"},
    Named{Fault::kOneReplayed, "one_replayed"},
    Named{Fault::kFirstImageWins, "first_image_wins"},
    Named{Fault::kInitIgnored, "init_ignored"},
    Named{Fault::kEventsNotReplayed, "events_not_replayed"},
    Named{Fault::kEventDoubled, "event_doubled"},
    Named{Fault::kTruncationForgotten, "truncation_forgotten"},
    Named{Fault::kOrphanCountedTwice, "orphan_counted_twice"},
    Named{Fault::kRecoveryNotFlushed, "recovery_not_flushed"},
    Named{Fault::kRecoveryAnchorFirst, "recovery_anchor_first"},
    Named{Fault::kDataNotAwaited, "data_not_awaited"},
    Named{Fault::kSyncNotAwaited, "sync_not_awaited"},
    Named{Fault::kAnchorEarly, "anchor_early"},
    Named{Fault::kHomeBeforeLog, "home_before_log"},
    Named{Fault::kHomeNotFlushed, "home_not_flushed"},
    Named{Fault::kFusedDistance, "fused_distance"},
    Named{Fault::kWrongFold, "wrong_fold"},
    Named{Fault::kRowEndLeftOut, "row_end_left_out"},
    Named{Fault::kTieOrder, "tie_order"},
    Named{Fault::kTailOffByOne, "tail_off_by_one"},
    Named{Fault::kDeadAnswered, "dead_answered"},
    Named{Fault::kFilterIgnored, "filter_ignored"},
    Named{Fault::kLevelThresholds, "level_thresholds"},
    Named{Fault::kReverseLinkLost, "reverse_link_lost"},
    Named{Fault::kSiblingsUnseen, "siblings_unseen"},
    Named{Fault::kEqualTaken, "equal_taken"},
    Named{Fault::kEntryKept, "entry_kept"},
    Named{Fault::kDeadForgotten, "dead_forgotten"},
    Named{Fault::kLinkedLate, "linked_late"},
    Named{Fault::kStaleTombstone, "stale_tombstone"},
    Named{Fault::kResumeOffByOne, "resume_off_by_one"},
    Named{Fault::kCompactionUncounted, "compaction_uncounted"},
    Named{Fault::kCompactionHeard, "compaction_heard"},
    Named{Fault::kFileVectorKept, "file_vector_kept"},
    Named{Fault::kVectorMoves, "vector_moves"},
};

}  // namespace

std::string_view fault_name(Fault fault) {
  for (const Named& named : kNames) {
    if (named.fault == fault) return named.name;
  }
  return "none";
}

Fault fault_of(std::string_view name) {
  for (const Named& named : kNames) {
    if (named.name == name) return named.fault;
  }
  return Fault::kNone;
}

}  // namespace vexfs::core
