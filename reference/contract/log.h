/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/* The metadata log (docs/format.md, "Transactions"). */
#ifndef VEXFS_CONTRACT_LOG_H
#define VEXFS_CONTRACT_LOG_H

#include "base.h"

#define VEXFS_TX_MAGIC		VEXFS_MAGIC('V', 'X', 'T', 'X')
#define VEXFS_COMMIT_MAGIC	VEXFS_MAGIC('V', 'X', 'T', 'C')

struct vexfs_tx_header {
	__le32 magic;		/*  0 */
	__le32 flags;		/*  4 zero */
	__le64 epoch;		/*  8 */
	__le64 sequence;	/* 16 */
	__le64 first_unit;	/* 24 number of its first unit of work */
	__le32 units;		/* 32 how many units of work */
	__le32 blocks;		/* 36 how many block records follow */
	__le64 bytes;		/* 40 header, block records and commit, without padding */
	__le32 prev_crc;	/* 48 of the transaction before it */
	__u8 reserved[12];	/* 52 zero */
};
VEXFS_ASSERT_SIZE(vexfs_tx_header, 64);
VEXFS_ASSERT_OFFSET(vexfs_tx_header, prev_crc, 48);

#define VEXFS_TX_BLOCK_INIT	0x1U	/* starts from zeros, not from the block's old bytes */
#define VEXFS_TX_BLOCK_DATA	0x2U	/* a file's data (data=journal); the mask is full */

/* Bit i of the mask: bytes [64 i, 64 i + 64) of the block follow, in ascending order. */
struct vexfs_tx_block {
	__le64 block;		/*  0 block number */
	__le64 mask;		/*  8 */
	__le32 flags;		/* 16 VEXFS_TX_BLOCK_* */
	__le32 reserved;	/* 20 zero */
};
VEXFS_ASSERT_SIZE(vexfs_tx_block, 24);

struct vexfs_tx_commit {
	__le32 magic;		/* 0 */
	__le32 crc;		/* 4 location: epoch; over header, records and commit */
	__le64 sequence;	/* 8 */
};
VEXFS_ASSERT_SIZE(vexfs_tx_commit, 16);

#endif
