/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/* Limits that no volume can change (docs/format.md, "Limits"). */
#ifndef VEXFS_CONTRACT_LIMITS_H
#define VEXFS_CONTRACT_LIMITS_H

#include "base.h"

/* Longest file name, bytes. */
#define VEXFS_NAME_MAX		255
/* Longest symlink target, bytes, without a terminating NUL. */
#define VEXFS_SYMLINK_MAX	4095
/* Largest file size, bytes (16 TiB); logical blocks fit in 32 bits. */
#define VEXFS_FILE_SIZE_MAX	(1ULL << 44)
/* Levels of extent nodes below the inode, at most. */
#define VEXFS_EXTENT_DEPTH_MAX	4
/* Length of one extent, blocks, at most; bit 31 of the length field marks it unwritten. */
#define VEXFS_EXTENT_LEN_MAX	0x7fffffffU
#define VEXFS_EXTENT_UNWRITTEN	0x80000000U
/* Inodes with an unemitted Write event that close a transaction. */
#define VEXFS_TX_WRITERS_MAX	32
/* Distinct blocks that a single unit may dirty beyond tx_blocks: 32 + 4 * unit_extents. */
#define VEXFS_UNIT_BLOCKS_MAX(unit_extents)	(32U + 4U * (unit_extents))

/* Bounds of the volume's own limits, inclusive (struct vexfs_superblock). */
#define VEXFS_TX_UNITS_MIN	1U
#define VEXFS_TX_UNITS_MAX	65536U
#define VEXFS_TX_BLOCKS_MIN	4U
#define VEXFS_TX_BLOCKS_MAX	65536U
#define VEXFS_UNIT_EXTENTS_MIN	1U
#define VEXFS_UNIT_EXTENTS_MAX	1024U
#define VEXFS_UNIT_BLOCKS_MIN	1U
#define VEXFS_UNIT_BLOCKS_LIMIT	0x7fffffffU
#define VEXFS_FANOUT_MIN	4U
#define VEXFS_FANOUT_MAX	254U
#define VEXFS_LINKS_MIN		4U
#define VEXFS_LINKS_MAX		65000U
#define VEXFS_RING_BLOCKS_MIN	4U
#define VEXFS_INODES_MIN	8U
#define VEXFS_INODES_MAX	0xfffffff0U

#endif
