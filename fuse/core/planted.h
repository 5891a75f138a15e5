// SPDX-License-Identifier: MIT
// Faults that can be switched on to prove that a check catches them. Only in builds with
// VEXFS_PLANTED (library target vexfs_core_planted); in every other build the question is a
// compile-time no.
#pragma once

#include <string_view>

namespace vexfs::core {

/** One mistake each; the comment says what goes wrong and which check should catch it. */
enum class Fault {
  kNone,
  /** Journal: the commit's CRC covers header and records but not the commit. Check: log bytes. */
  kCommitCrcSpan,
  /** Journal: the highest changed unit of a block with several is left out. Check: log bytes; crash
     recovery. */
  kMissingMaskUnit,
  /** Recovery: epoch and predecessor CRC are not compared. Check: crash twice with a torn first
     transaction. */
  kStaleAccepted,
  /** Checkpoint: the log is not flushed before blocks go home. Check: crash states that lose
     unflushed writes. */
  kLogNotFlushed,
  /** Allocator: a freed block is allocatable at once. Check: allocation rules; volume bytes after
     delete + write. */
  kParkedReused,
  /** Allocator: the goal is two after the previous block instead of one. Check: volume bytes of any
     two-block file. */
  kGoalOffByOne,
  /** Directory: a merged record's bytes stay. Check: volume bytes after unlink. */
  kDeleteKeepsBytes,
  /** Directory: a name goes to the last place that fits instead of the first. Check: volume bytes;
     readdir order. */
  kInsertLast,
  /** Extents: a full node is split one entry too late. Check: volume bytes of a fragmented file. */
  kMidpointOffByOne,
  /** Extents: a new block never joins its successor. Check: volume bytes after writing backwards.
   */
  kNoSuccessorJoin,
  /** Events: a failed operation leaves a record of a create. Check: event streams; failed operation
     changes no byte. */
  kEventOfFailure,
  /** Events: a rename leaves no record. Check: event streams. */
  kNoRenameEvent,
  /** Recovery: orphans are not reclaimed. Check: fsck and volume after a crash with an unlinked
     file. */
  kOrphansKept,
  /** Recovery: the anchor keeps the epoch. Check: anchor bytes after a crash. */
  kEpochKept,
  /** Rename of a directory into another parent leaves both parents' nlink. Check: stat of the
     parents; fsck. */
  kRenameKeepsNlink,
  /** Truncate: the rest of the last block keeps its bytes. Check: read after shrink and grow. */
  kTruncateKeepsTail,
  /** Events can be read as soon as they are made. Check: event streams before a sync point. */
  kEventsEarly,
  /** Removal: one unit frees all extents, however many. Check: log bytes of a fragmented file. */
  kPieceUnbounded,
  /** Seal: distinct blocks in the log bring no checkpoint. Check: anchor bytes. */
  kNoBlockTrigger,
  /** Events: those of operations on an inode name its home as parent. Check: event streams. */
  kInodeEventHasParent,
  /** Rename leaves home. Check: volume bytes; readdir's "..". */
  kHomeKept,
  /** Unlink marks an orphan only if it is open. Check: log bytes. */
  kOrphanUnmarked,
  /** A write keeps set-id bits. Check: stat. */
  kSetidKept,
  /** A change of size to the same size is none. Check: stat; event streams. */
  kSameSizeIgnored,
  /** Unmount: what is open without a name stays an orphan. Check: volume bytes. */
  kOpenAtUnmountKept,
  /** Recovery: a transaction's checksum is not looked at. Check: crash states with a torn log. */
  kTornTailAccepted,
  /** Recovery: a transaction that goes on at the log's start is the end. Check: crash states. */
  kWrapNotFollowed,
  /** Recovery: only the first transaction is applied. Check: crash states. */
  kOneReplayed,
  /** Recovery: of several images of a block the first one stays. Check: crash states. */
  kFirstImageWins,
  /** Recovery: a block that starts from zeros starts from what is there. Check: crash states. */
  kInitIgnored,
  /** Recovery: the ring is not replayed. Check: events after a crash. */
  kEventsNotReplayed,
  /** Recovery: leaves an event of its own. Check: events after a crash. */
  kEventDoubled,
  /** Recovery: a truncation cut off by the crash stays so. Check: crash states, fsck. */
  kTruncationForgotten,
  /** Recovery: an inode that is reclaimed counts as two free ones. Check: crash states, fsck. */
  kOrphanCountedTwice,
  /** Recovery: what it replayed is not flushed before the anchor. Check: crashes in a recovery. */
  kRecoveryNotFlushed,
  /** Recovery: the anchor is written before what the log held is home. Check: crashes in a
     recovery. */
  kRecoveryAnchorFirst,
  /** data=ordered: the log is written before the data is flushed. Check: file data after a crash.
   */
  kDataNotAwaited,
  /** A sync point returns before anything is durable. Check: crash states after it. */
  kSyncNotAwaited,
  /** Checkpoint: the anchor moves before the blocks are home. Check: crash states. */
  kAnchorEarly,
  /** Checkpoint: blocks go home before the log is durable. Check: crash states. */
  kHomeBeforeLog,
  /** Checkpoint: what went home is not flushed before the anchor, as if FUA did that. Check: crash
     states. */
  kHomeNotFlushed,

  // Of vectors. The first ones are made in fuse/hnsw.

  /** Distance: multiply and add are fused. Check: replies; graph bytes. */
  kFusedDistance,
  /** Distance: the accumulators are added one after the other. Check: replies; graph bytes. */
  kWrongFold,
  /** Distance: the last element of a row's last 64 bytes does not count. Check: replies. */
  kRowEndLeftOut,
  /** Search: of equal distances the later slot comes first. Check: replies. */
  kTieOrder,
  /** Search: the last slot of the tail is left out. Check: replies. */
  kTailOffByOne,
  /** Search: slots that died are answered. Check: replies. */
  kDeadAnswered,
  /** Search: duplicates are answered though the filter does not allow them. Check: replies. */
  kFilterIgnored,
  /** Level: the first threshold is that of m + 1. Check: volume bytes. */
  kLevelThresholds,
  /** Link step: a full list takes no new link. Check: graph bytes. */
  kReverseLinkLost,
  /** Link step: a member does not see those before it in its batch. Check: graph bytes. */
  kSiblingsUnseen,
  /** Link step: a link is passed over only if another is nearer, not if it is as near. Check: graph
     bytes. */
  kEqualTaken,
  /** Link step: the entry point stays though a higher slot was linked. Check: graph bytes. */
  kEntryKept,
  /** Put: the copy of a dead slot's row is no duplicate. Check: volume bytes. */
  kDeadForgotten,
  /** Put: the tail is linked one slot too late. Check: volume bytes. */
  kLinkedLate,
  /** Put: the slot that was replaced stays live on the volume. Check: volume bytes; EUCLEAN at the
     next use. */
  kStaleTombstone,
  /** Resume: one visit too many. Check: replies. */
  kResumeOffByOne,
  /** Compaction: the change over does not count in the sequence. Check: replies. */
  kCompactionUncounted,
  /** Compaction: the puts of the copy are events. Check: event streams. */
  kCompactionHeard,
  /** Unlink: a file's vector stays. Check: counters; volume bytes. */
  kFileVectorKept,
  /** Rename: a file takes its name out of the collection that has its vector. Check: EXDEV. */
  kVectorMoves,
};

/** Name as the harness spells it ("commit_crc_span"), or "none". */
std::string_view fault_name(Fault fault);
/** The fault of that name; kNone if there is none. */
Fault fault_of(std::string_view name);

#ifdef VEXFS_PLANTED
inline constexpr bool kCanPlant = true;

/** Which fault one volume has. */
class PlantedFault {
 public:
  explicit PlantedFault(Fault fault) : fault_(fault) {}
  bool planted(Fault fault) const { return fault == fault_; }

 private:
  Fault fault_;
};
#else
inline constexpr bool kCanPlant = false;

/** No fault: every question folds to false. */
class PlantedFault {
 public:
  explicit constexpr PlantedFault(Fault) {}
  static constexpr bool planted(Fault) { return false; }
};
#endif

}  // namespace vexfs::core
