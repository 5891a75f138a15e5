/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/* Superblock, anchors and state block (docs/format.md, "Superblock", "Anchors", "State"). */
#ifndef VEXFS_CONTRACT_SUPERBLOCK_H
#define VEXFS_CONTRACT_SUPERBLOCK_H

#include "base.h"

#define VEXFS_SUPER_MAGIC	VEXFS_MAGIC('V', 'E', 'X', 'F')
#define VEXFS_ANCHOR_MAGIC	VEXFS_MAGIC('V', 'X', 'A', 'N')
#define VEXFS_STATE_MAGIC	VEXFS_MAGIC('V', 'X', 'S', 'T')
#define VEXFS_FORMAT_VERSION	1

#define VEXFS_SUPER_BLOCK	0	/* block number; the copy is the last block */
#define VEXFS_ANCHOR_BLOCK	1	/* anchor n lives in block 1 + (n & 1) */

/* A run of blocks of the volume. */
struct vexfs_region {
	__le64 start;		/* first block number */
	__le64 blocks;		/* length in blocks */
};
VEXFS_ASSERT_SIZE(vexfs_region, 16);

/* Never changes after mkfs. */
struct vexfs_superblock {
	__le32 magic;			/*   0 */
	__le32 crc;			/*   4 location 0, so both copies are the same bytes */
	__le32 version;			/*   8 */
	__le32 block_size;		/*  12 */
	__le64 feature_compat;		/*  16 */
	__le64 feature_incompat;	/*  24 */
	__le64 feature_ro_compat;	/*  32 */
	__u8 uuid[16];			/*  40 seed of every checksum */
	__u8 label[32];			/*  56 NUL-padded UTF-8 */
	__le64 blocks;			/*  88 blocks of the volume, both superblocks included */
	__le64 inodes;			/*  96 inode numbers 1..inodes exist */
	struct vexfs_region log;		/* 104 */
	struct vexfs_region state;		/* 120 one block */
	struct vexfs_region ring;		/* 136 event ring */
	struct vexfs_region block_bitmap;	/* 152 */
	struct vexfs_region inode_bitmap;	/* 168 */
	struct vexfs_region orphan_bitmap;	/* 184 */
	struct vexfs_region inode_table;	/* 200 */
	struct vexfs_region data;		/* 216 */
	__le32 tx_units;		/* 232 units that close a transaction */
	__le32 tx_blocks;		/* 236 distinct dirty blocks that close a transaction */
	__le32 unit_extents;		/* 240 extents one unit frees, at most */
	__le32 unit_blocks;		/* 244 file blocks one unit frees, at most */
	__le32 extent_fanout;		/* 248 entries in an extent node, at most */
	__le32 max_links;		/* 252 links of an inode, at most */
	__le32 checkpoint_blocks;	/* 256 distinct logged blocks that trigger a checkpoint */
	__le32 checkpoint_freed;	/* 260 parked blocks that trigger a checkpoint */
	__le64 level_seed;		/* 264 default seed of a collection's levels */
	__u8 reserved[3824];		/* 272 zero */
};
VEXFS_ASSERT_SIZE(vexfs_superblock, 4096);
VEXFS_ASSERT_OFFSET(vexfs_superblock, uuid, 40);
VEXFS_ASSERT_OFFSET(vexfs_superblock, blocks, 88);
VEXFS_ASSERT_OFFSET(vexfs_superblock, data, 216);
VEXFS_ASSERT_OFFSET(vexfs_superblock, tx_units, 232);
VEXFS_ASSERT_OFFSET(vexfs_superblock, reserved, 272);

#define VEXFS_ANCHOR_CLEAN	0x1U	/* nothing to replay or reclaim */

/* Where the log starts. The only metadata that is written outside the log. */
struct vexfs_anchor {
	__le32 magic;		/*  0 */
	__le32 crc;		/*  4 location: number; over the whole block */
	__le64 number;		/*  8 rises by one with each anchor written */
	__le64 epoch;		/* 16 of every transaction from the tail on */
	__le64 tail;		/* 24 index of the tail within the log region */
	__le64 sequence;	/* 32 of the transaction at the tail */
	__le32 prev_crc;	/* 40 that this transaction must name */
	__le32 flags;		/* 44 VEXFS_ANCHOR_* */
	__u8 reserved[4048];	/* 48 zero */
};
VEXFS_ASSERT_SIZE(vexfs_anchor, 4096);
VEXFS_ASSERT_OFFSET(vexfs_anchor, prev_crc, 40);
VEXFS_ASSERT_OFFSET(vexfs_anchor, reserved, 48);

/* Every counter that changes after mkfs; ordinary logged metadata. */
struct vexfs_state {
	__le32 magic;			/*  0 */
	__le32 crc;			/*  4 location: own block number */
	__le64 free_blocks;		/*  8 clear bits of the block bitmap */
	__le64 free_inodes;		/* 16 clear bits of the inode bitmap */
	__le64 inode_cursor;		/* 24 where the search for a free inode starts */
	__le64 generation;		/* 32 last generation handed out */
	__le64 next_unit;		/* 40 number of the next unit of work, from 1 */
	__le64 next_event;		/* 48 sequence of the next event, from 1 */
	__le64 ring_head;		/* 56 stream position after the last record, bytes */
	__u8 reserved[4032];		/* 64 zero */
};
VEXFS_ASSERT_SIZE(vexfs_state, 4096);
VEXFS_ASSERT_OFFSET(vexfs_state, ring_head, 56);

#endif
