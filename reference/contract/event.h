/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/* Semantic events (docs/format.md, "Events"). */
#ifndef VEXFS_CONTRACT_EVENT_H
#define VEXFS_CONTRACT_EVENT_H

#include "base.h"

#define VEXFS_EVENT_MAGIC	VEXFS_MAGIC('S', 'E', 'M', 'J')
#define VEXFS_EVENT_ALIGN	64
/* Stream positions are below this. */
#define VEXFS_RING_HEAD_END	(1ULL << 62)
/* Bytes of a symlink target that its event keeps. */
#define VEXFS_EVENT_TARGET_MAX	512

/* Event types. */
#define VEXFS_EV_CREATE		0x0101
#define VEXFS_EV_DELETE		0x0102
#define VEXFS_EV_READ		0x0103	/* never recorded */
#define VEXFS_EV_WRITE		0x0104
#define VEXFS_EV_RENAME		0x0105
#define VEXFS_EV_CHMOD		0x0106
#define VEXFS_EV_CHOWN		0x0107
#define VEXFS_EV_TRUNCATE	0x0108
#define VEXFS_EV_MKDIR		0x0109
#define VEXFS_EV_RMDIR		0x010a
#define VEXFS_EV_SYMLINK	0x010b
#define VEXFS_EV_HARDLINK	0x010c
#define VEXFS_EV_SETXATTR	0x010d
#define VEXFS_EV_REMOVEXATTR	0x010e
#define VEXFS_EV_FALLOCATE	0x010f	/* reserved */
#define VEXFS_EV_UTIMENS	0x0110
#define VEXFS_EV_VECTOR_CREATE	0x0301
#define VEXFS_EV_VECTOR_DELETE	0x0302
#define VEXFS_EV_VECTOR_UPDATE	0x0303
/* Custom events of the update door: the agent's own, first and last type. */
#define VEXFS_EV_AGENT_FIRST	0x0401
#define VEXFS_EV_AGENT_LAST	0x0406
/*
 * Reserved: 0x0201..0a graph, 0x0304..08 vector, 0x0501..06 system, 0x0601..06 semantic,
 * 0x0801..0c observability.
 */

/* vexfs_event.flags */
#define VEXFS_EVF_ATOMIC		0x01
#define VEXFS_EVF_TRANSACTIONAL		0x02
#define VEXFS_EVF_CAUSAL		0x04
#define VEXFS_EVF_AGENT_VISIBLE		0x08
#define VEXFS_EVF_DETERMINISTIC		0x10
#define VEXFS_EVF_COMPRESSED		0x20
#define VEXFS_EVF_INDEXED		0x40
#define VEXFS_EVF_REPLICATED		0x80

#define VEXFS_EVENT_PRIORITY_NORMAL	3
#define VEXFS_EVENT_CLOCK_MANUAL	1
#define VEXFS_EVENT_CLOCK_SYSTEM	2

/* Header of a record; payload fields follow, then zeros to the record's length. */
struct vexfs_event {
	__le32 magic;		/*   0 */
	__le32 crc;		/*   4 location: sequence; over the whole record */
	__le64 sequence;	/*   8 gapless, from 1 */
	__le16 type;		/*  16 VEXFS_EV_* */
	__le16 flags;		/*  18 VEXFS_EVF_* */
	__u8 priority;		/*  20 1 most urgent .. 5 */
	__u8 clock;		/*  21 VEXFS_EVENT_CLOCK_* */
	__le16 length;		/*  22 of the record, bytes, a multiple of 64 */
	__le64 time;		/*  24 nanoseconds since 1970, signed */
	__le64 ino;		/*  32 */
	__le64 parent;		/*  40 0 for operations on an inode rather than a name */
	__le64 transaction;	/*  48 sequence of the transaction that holds it */
	__le64 epoch;		/*  56 of that transaction */
	__le64 cause;		/*  64 causal parent's sequence or 0 */
	__le64 clock_volume;	/*  72 vector clock: first 8 bytes of the uuid, as le64 */
	__le64 clock_counter;	/*  80 vector clock: equals sequence */
	__le64 unit;		/*  88 number of its unit of work; of a Write: of the last unit */
	__le16 payload;		/*  96 bytes of payload fields, padding of the last included */
	__u8 reserved[30];	/*  98 zero */
};
VEXFS_ASSERT_SIZE(vexfs_event, 128);
VEXFS_ASSERT_OFFSET(vexfs_event, time, 24);
VEXFS_ASSERT_OFFSET(vexfs_event, payload, 96);

/* A payload field: this header, the value, zeros to a multiple of 4. */
struct vexfs_event_field {
	__le16 tag;		/* 0 VEXFS_TAG_* */
	__le16 length;		/* 2 of the value without padding */
};
VEXFS_ASSERT_SIZE(vexfs_event_field, 4);

#define VEXFS_TAG_NAME		1	/* bytes */
#define VEXFS_TAG_NEW_NAME	2	/* bytes */
#define VEXFS_TAG_NEW_PARENT	3	/* le64 inode */
#define VEXFS_TAG_TARGET	4	/* bytes, at most VEXFS_EVENT_TARGET_MAX */
#define VEXFS_TAG_MODE		5	/* le32 old, le32 new */
#define VEXFS_TAG_OWNER		6	/* le32 old uid, old gid, new uid, new gid */
#define VEXFS_TAG_SIZE		7	/* le64 old, le64 new */
#define VEXFS_TAG_RANGE		8	/* le64 first byte, le64 first byte after */
#define VEXFS_TAG_TIMES		9	/* le64 atime, le64 mtime, le32 atime_nsec, le32 mtime_nsec */
#define VEXFS_TAG_NODE		10	/* le32 mode, le32 rdev */
#define VEXFS_TAG_RENAME	11	/* le32 flags as in renameat2(2) */
#define VEXFS_TAG_OTHER		12	/* le64 inode that was replaced or exchanged */
#define VEXFS_TAG_VECTOR	13	/* le64 id, le32 slot, le32 slot that died or VEXFS_SLOT_NONE */
#define VEXFS_TAG_TEXT		14	/* bytes: value of an attribute, text of a custom event */

#endif
