/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Faults that can be switched on to prove that a check catches them: the mount option fault=NAME.
 * Only in builds with VEXFS_PLANTED; in every other build there is no such option and the question
 * is a compile-time no.
 */
#ifndef VEXFS_PLANTED_H
#define VEXFS_PLANTED_H

/* One mistake each; the comment says what goes wrong and which check should catch it. */
enum vexfs_fault {
	VEXFS_FAULT_NONE,
	/* rename.c: a directory that moves leaves both parents' nlink. Check: stat; fsck. */
	VEXFS_FAULT_RENAME_KEEPS_NLINK,
	/* namei.c: a removal that failed leaves an event. Check: event stream; log bytes. */
	VEXFS_FAULT_EVENT_OF_FAILURE,
	/* journal.c: the commit's checksum leaves out its sequence. Check: log; recovery. */
	VEXFS_FAULT_COMMIT_CRC_SPAN,
	/* balloc.c: a freed block is allocatable before the checkpoint. Check: volume bytes. */
	VEXFS_FAULT_PARKED_REUSED,
	/* recovery.c: orphans are not reclaimed. Check: volume after a crash; fsck. */
	VEXFS_FAULT_ORPHANS_KEPT,
	/* pages.c: a cut file keeps bytes behind its end. Check: read after cut and growth. */
	VEXFS_FAULT_TRUNCATE_KEEPS_TAIL,
	/* checkpoint.c: an anchor with FUA alone. Check: crash states of what it wrote. */
	VEXFS_FAULT_ANCHOR_NOT_PREFLUSHED,
	/* journal.c: a sync point does not flush. Check: crash states of what it wrote. */
	VEXFS_FAULT_SYNC_NOT_FLUSHED,
	/* journal.c: the log overtakes ordered data. Check: crash states of what it wrote. */
	VEXFS_FAULT_ORDERED_NOT_FLUSHED,
};

#ifdef VEXFS_PLANTED
#define vexfs_planted(sbi, what) ((sbi)->opt.fault == (what))
#else
#define vexfs_planted(sbi, what) false
#endif

#endif
