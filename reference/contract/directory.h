/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/* Directory blocks (docs/format.md, "Directories"). */
#ifndef VEXFS_CONTRACT_DIRECTORY_H
#define VEXFS_CONTRACT_DIRECTORY_H

#include "base.h"

#define VEXFS_DIR_MAGIC		VEXFS_MAGIC('V', 'X', 'D', 'B')

/* The first bytes of each directory block; records fill the rest. */
struct vexfs_dir_header {
	__le32 magic;		/* 0 */
	__le32 crc;		/* 4 location: own block number; over the whole block */
};
VEXFS_ASSERT_SIZE(vexfs_dir_header, 8);

/* A record: this header, the name without NUL, zeros to the end of the record. */
struct vexfs_dir_record {
	__le32 ino;		/* 0 0: unused; only the first record of a block may be */
	__le16 length;		/* 4 of the whole record, a multiple of 8 */
	__u8 name_length;	/* 6 */
	__u8 type;		/* 7 (mode & S_IFMT) >> 12, as in DT_* */
};
VEXFS_ASSERT_SIZE(vexfs_dir_record, 8);

/* Bytes that a record with a name of this length needs. */
#define VEXFS_DIR_NEED(name_length)	((8 + (name_length) + 7) & ~7)

/* The name that readdir never lists and nobody can create. */
#define VEXFS_DOT_NAME		".vexfs"
/* Inode numbers of the files that are on no volume (docs/api.md). */
#define VEXFS_INO_DOT_DIR	(1ULL << 62)
#define VEXFS_INO_EVENTS	(VEXFS_INO_DOT_DIR + 1)
#define VEXFS_INO_STATS		(VEXFS_INO_DOT_DIR + 3)
#define VEXFS_INO_CONTROL	(VEXFS_INO_DOT_DIR + 4)

#endif
