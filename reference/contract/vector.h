/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/* Collections of vectors on the volume (docs/vectors.md, "On the volume"). */
#ifndef VEXFS_CONTRACT_VECTOR_H
#define VEXFS_CONTRACT_VECTOR_H

#include "base.h"

/* Unlinked vectors that trigger a link step. */
#define VEXFS_TAIL_MAX			64
/* "No slot", "no list", and an unused link. */
#define VEXFS_SLOT_NONE			0xffffffffU
#define VEXFS_SLOTS_MAX			0x7ffffff0U
#define VEXFS_LEVEL_MAX			15
/* Bytes of a row are padded with zeros to a multiple of this. */
#define VEXFS_ROW_ALIGN			64

/* Bounds of a collection's parameters, inclusive. */
#define VEXFS_DIM_MIN			1U
#define VEXFS_DIM_MAX			16384U
#define VEXFS_M_MIN			4U
#define VEXFS_M_MAX			64U
#define VEXFS_EF_CONSTRUCTION_MIN	1U
#define VEXFS_EF_CONSTRUCTION_MAX	4096U

/* Defaults of parameters that are not given; the seed's is the superblock's level_seed. */
#define VEXFS_M_DEFAULT			16U
#define VEXFS_EF_CONSTRUCTION_DEFAULT	200U

/* Ids with this bit belong to files: bit 63 | inode number. */
#define VEXFS_ID_FILE			(1ULL << 63)

/* vexfs_collection.type */
#define VEXFS_TYPE_F32			1
#define VEXFS_TYPE_F16			2
#define VEXFS_TYPE_I8			3
#define VEXFS_TYPE_BINARY		4

/* vexfs_collection.metric */
#define VEXFS_METRIC_L2			1
#define VEXFS_METRIC_COSINE		2
#define VEXFS_METRIC_DOT		3
#define VEXFS_METRIC_MANHATTAN		4
#define VEXFS_METRIC_HAMMING		5

#define VEXFS_COLLECTION_MAGIC		VEXFS_MAGIC('V', 'X', 'C', 'O')
#define VEXFS_GRAPH_MAGIC		VEXFS_MAGIC('V', 'X', 'G', 'R')
#define VEXFS_UPPER_MAGIC		VEXFS_MAGIC('V', 'X', 'G', 'U')

/* Block 0 of the graph inode; the rest of the block is zero. */
struct vexfs_collection {
	__le32 magic;			/*   0 */
	__le32 crc;			/*   4 location: own block number; over the whole block */
	__le64 directory;		/*   8 inode whose collection this is */
	__le32 vectors_ino;		/*  16 system inode of the rows */
	__le32 upper_ino;		/*  20 system inode of the lists above level 0 */
	__le32 dim;			/*  24 elements of a vector */
	__u8 type;			/*  28 VEXFS_TYPE_* */
	__u8 metric;			/*  29 VEXFS_METRIC_* */
	__le16 m;			/*  30 links of a new node at each level */
	__le32 ef_construction;		/*  32 */
	__le32 slots;			/*  36 slots in use, 0 .. slots - 1 */
	__le64 seed;			/*  40 of the levels */
	__le64 sequence;		/*  48 rises by one with each unit that changes the collection */
	__le32 live;			/*  56 slots without a tombstone */
	__le32 linked;			/*  60 slots below it are in the graph or duplicates; the tail begins here */
	__le32 entry;			/*  64 entry point or VEXFS_SLOT_NONE */
	__le32 entry_level;		/*  68 its level; 0 without one */
	__le32 upper_lists;		/*  72 lists in use in the upper inode */
	__le32 reserved;		/*  76 zero */
};
VEXFS_ASSERT_SIZE(vexfs_collection, 80);
VEXFS_ASSERT_OFFSET(vexfs_collection, seed, 40);
VEXFS_ASSERT_OFFSET(vexfs_collection, upper_lists, 72);

/* Header of every other block of the graph inode and of every block of the upper inode. */
struct vexfs_graph_block {
	__le32 magic;			/*  0 VEXFS_GRAPH_MAGIC or VEXFS_UPPER_MAGIC */
	__le32 crc;			/*  4 location: own block number; over the whole block */
	__le64 directory;		/*  8 as in the collection's header */
	__le32 first;			/* 16 slot of the first record, or number of the first list */
	__u8 reserved[44];		/* 20 zero */
};
VEXFS_ASSERT_SIZE(vexfs_graph_block, 64);

/* vexfs_slot.flags */
#define VEXFS_SLOT_DEAD			0x1U	/* tombstone */

/* A slot's record in the graph inode; its level-0 list of 2 m __le32 follows. */
struct vexfs_slot {
	__le64 id;			/*  0 chosen by the caller */
	__le32 row_crc;			/*  8 CRC-32C of the row's bytes without padding; no location */
	__le32 first;			/* 12 of a duplicate: slot whose chain it is on; else VEXFS_SLOT_NONE */
	__le32 upper;			/* 16 number of its list of level 1 or VEXFS_SLOT_NONE */
	__u8 level;			/* 20 */
	__u8 flags;			/* 21 VEXFS_SLOT_* */
	__u8 reserved[10];		/* 22 zero */
};
VEXFS_ASSERT_SIZE(vexfs_slot, 32);
VEXFS_ASSERT_OFFSET(vexfs_slot, level, 20);

/* Bytes of a slot's record, and how many a block holds; lists of the upper inode likewise. */
#define VEXFS_SLOT_BYTES(m)		(32U + 8U * (m))
#define VEXFS_SLOTS_PER_BLOCK(m)	((VEXFS_BLOCK_SIZE - 64U) / VEXFS_SLOT_BYTES(m))
#define VEXFS_LISTS_PER_BLOCK(m)	((VEXFS_BLOCK_SIZE - 64U) / (4U * (m)))

#endif
