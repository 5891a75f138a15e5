/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/* Inodes and extents (docs/format.md, "Inodes", "Extents"). */
#ifndef VEXFS_CONTRACT_INODE_H
#define VEXFS_CONTRACT_INODE_H

#include "base.h"
#include "limits.h"

#define VEXFS_ROOT_INO		1
#define VEXFS_INODE_SIZE	256
#define VEXFS_INODES_PER_BLOCK	(VEXFS_BLOCK_SIZE / VEXFS_INODE_SIZE)
#define VEXFS_INLINE_BYTES	128
#define VEXFS_INLINE_EXTENTS	8

/* vexfs_inode.flags */
#define VEXFS_INODE_TRUNCATING	0x1U	/* blocks at and after its size are still to be freed */
#define VEXFS_INODE_COLLECTION	0x2U	/* a directory that is a collection (docs/vectors.md) */
#define VEXFS_INODE_SYSTEM	0x4U	/* part of a collection: no name, all of it is metadata */
#define VEXFS_INODE_VECTOR	0x8U	/* a file that may have a vector in its home's collection */

/* len carries VEXFS_EXTENT_UNWRITTEN in bit 31. */
struct vexfs_extent {
	__le32 lblk;		/* 0 first logical block */
	__le32 len;		/* 4 blocks */
	__le64 pblk;		/* 8 first block of the volume */
};
VEXFS_ASSERT_SIZE(vexfs_extent, 16);

/* An entry of a node whose depth is above 0. */
struct vexfs_extent_index {
	__le32 lblk;		/* 0 first logical block of the child, always */
	__le32 reserved;	/* 4 zero */
	__le64 child;		/* 8 block number of the child node */
};
VEXFS_ASSERT_SIZE(vexfs_extent_index, 16);

struct vexfs_inode {
	__le32 crc;		/*   0 location: inode number */
	__le16 mode;		/*   4 type and permissions as in stat(2) */
	__le16 flags;		/*   6 VEXFS_INODE_* */
	__le32 nlink;		/*   8 */
	__le32 uid;		/*  12 */
	__le32 gid;		/*  16 */
	__le32 rdev;		/*  20 new_encode_dev(); 0 unless a device */
	__le64 size;		/*  24 bytes */
	__le64 blocks;		/*  32 blocks of the volume that belong to it */
	__le64 generation;	/*  40 */
	__le64 atime;		/*  48 seconds, signed */
	__le64 mtime;		/*  56 */
	__le64 ctime;		/*  64 */
	__le32 atime_nsec;	/*  72 */
	__le32 mtime_nsec;	/*  76 */
	__le32 ctime_nsec;	/*  80 */
	__le16 extents;		/*  84 entries in the inline area */
	__le16 depth;		/*  86 0: they are extents; else index entries */
	__le64 home;		/*  88 directory of its creation or last rename; of the root: 1 */
	__le64 xattr_block;	/*  96 reserved, zero */
	__le32 xattr_bytes;	/* 104 reserved, zero */
	__le32 collection;	/* 108 graph inode of a collection, else 0 */
	__u8 reserved[16];	/* 112 zero */
	__u8 inline_area[VEXFS_INLINE_BYTES];	/* 128 extents, index entries or a symlink */
};
VEXFS_ASSERT_SIZE(vexfs_inode, 256);
VEXFS_ASSERT_OFFSET(vexfs_inode, size, 24);
VEXFS_ASSERT_OFFSET(vexfs_inode, atime, 48);
VEXFS_ASSERT_OFFSET(vexfs_inode, extents, 84);
VEXFS_ASSERT_OFFSET(vexfs_inode, home, 88);
VEXFS_ASSERT_OFFSET(vexfs_inode, inline_area, 128);

#define VEXFS_NODE_MAGIC	VEXFS_MAGIC('V', 'X', 'E', 'N')

/* Header of an extent node; entries of 16 bytes follow it. */
struct vexfs_extent_node {
	__le32 magic;		/*  0 */
	__le32 crc;		/*  4 location: own block number; over the whole block */
	__le16 entries;		/*  8 in use; the rest of the block is zero */
	__le16 depth;		/* 10 0: extents; else index entries */
	__le32 reserved;	/* 12 zero */
	__le64 owner;		/* 16 inode number */
	__le64 reserved2;	/* 24 zero */
};
VEXFS_ASSERT_SIZE(vexfs_extent_node, 32);

#endif
