/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/* Messages of the doors query and update (docs/vectors.md, "Doors"). Little-endian, no padding but what is named. */
#ifndef VEXFS_CONTRACT_DOOR_H
#define VEXFS_CONTRACT_DOOR_H

#include "base.h"

#define VEXFS_REQUEST_MAGIC		VEXFS_MAGIC('V', 'X', 'R', 'Q')
#define VEXFS_REPLY_MAGIC		VEXFS_MAGIC('V', 'X', 'R', 'P')
#define VEXFS_DOOR_VERSION		1
/* A request and a reply, header included, bytes, at most. */
#define VEXFS_MESSAGE_MAX		(16U << 20)
/* k and ef of a search, at most. */
#define VEXFS_K_MAX			65536U
#define VEXFS_EF_MAX			65536U
/* Bytes of a custom event's text, at most. */
#define VEXFS_EVENT_TEXT_MAX		512U

/* Opcodes of the query door. */
#define VEXFS_OP_SEARCH			0x01
#define VEXFS_OP_RESUME			0x02
#define VEXFS_OP_GET			0x03
#define VEXFS_OP_LIST			0x04
#define VEXFS_OP_COUNT			0x05
/* Opcodes of the update door. */
#define VEXFS_OP_PUT			0x11
#define VEXFS_OP_DELETE			0x12
#define VEXFS_OP_EVENT			0x13
#define VEXFS_OP_COMPACT		0x14

struct vexfs_request {
	__le32 magic;			/*  0 */
	__le16 version;			/*  4 */
	__le16 opcode;			/*  6 VEXFS_OP_* */
	__le32 flags;			/*  8 VEXFS_SEARCH_* of search and resume; else 0 */
	__le32 length;			/* 12 of the whole request, bytes */
	__le64 tag;			/* 16 returned in the reply */
	__le64 reserved;		/* 24 zero */
};
VEXFS_ASSERT_SIZE(vexfs_request, 32);

struct vexfs_reply {
	__le32 magic;			/*  0 */
	__le16 version;			/*  4 */
	__le16 opcode;			/*  6 of the request; 0 if its header was not readable */
	__le32 status;			/*  8 0 or an errno */
	__le32 length;			/* 12 of the whole reply, bytes */
	__le64 tag;			/* 16 of the request; 0 if its header was not readable */
	__le32 field;			/* 24 of an error: byte offset of the field at fault; else 0 */
	__le32 index;			/* 28 of an error: which element of an array; else 0 */
};
VEXFS_ASSERT_SIZE(vexfs_reply, 32);

#define VEXFS_SEARCH_EXACT		0x1U	/* compare with every vector */

/* Body of search and resume; then the queries' rows, zeros to a multiple of 8, then filter ids. */
struct vexfs_search {
	__le32 k;			/*  0 answers wanted, 1 .. VEXFS_K_MAX */
	__le32 ef;			/*  4 1 .. VEXFS_EF_MAX; k if that is more */
	__le32 queries;			/*  8 1 .. */
	__le32 filter;			/* 12 number of ids; 0: every vector is allowed */
	__le32 max_visits;		/* 16 of each query; 0: no limit */
	__le32 visits;			/* 20 of resume: from the token; of search: 0 */
	__le64 sequence;		/* 24 of resume: from the token; of search: 0 */
	__le32 crc;			/* 32 of resume: from the token; of search: 0 */
	__le32 reserved;		/* 36 zero */
};
VEXFS_ASSERT_SIZE(vexfs_search, 40);

/* Body of the reply to search and resume; then for each query a vexfs_answers with its answers. */
struct vexfs_search_reply {
	__le32 queries;			/*  0 */
	__le32 visits;			/*  4 token: 0 if no query was truncated */
	__le64 sequence;		/*  8 token */
	__le32 crc;			/* 16 token */
	__le32 reserved;		/* 20 zero */
};
VEXFS_ASSERT_SIZE(vexfs_search_reply, 24);

#define VEXFS_ANSWERS_TRUNCATED		0x1U	/* max_visits ended the search */

struct vexfs_answers {
	__le32 count;			/* 0 of vexfs_answer that follow */
	__le32 flags;			/* 4 VEXFS_ANSWERS_* */
};
VEXFS_ASSERT_SIZE(vexfs_answers, 8);

struct vexfs_answer {
	__le64 id;			/*  0 */
	__le32 distance;		/*  8 bits of an f32, or an i32 */
	__le32 slot;			/* 12 */
};
VEXFS_ASSERT_SIZE(vexfs_answer, 16);

/* Body of get, put and delete: this, then ids (__le64 each), then, of put, the rows without padding. */
struct vexfs_ids {
	__le32 count;			/* 0 1 .. */
	__le32 reserved;		/* 4 zero */
};
VEXFS_ASSERT_SIZE(vexfs_ids, 8);

/* Body of the reply to get; then for each id a vexfs_got, the row and zeros to a multiple of 8. */
struct vexfs_get_reply {
	__le32 count;			/* 0 */
	__le32 row_bytes;		/* 4 of a row without padding */
};
VEXFS_ASSERT_SIZE(vexfs_get_reply, 8);

struct vexfs_got {
	__le64 id;			/*  0 */
	__le32 slot;			/*  8 VEXFS_SLOT_NONE: there is none, and no row follows */
	__le32 reserved;		/* 12 zero */
};
VEXFS_ASSERT_SIZE(vexfs_got, 16);

/* Body of list. */
struct vexfs_list {
	__le32 cursor;			/* 0 first slot to look at */
	__le32 max;			/* 4 entries wanted, 1 .. 1,000,000 */
};
VEXFS_ASSERT_SIZE(vexfs_list, 8);

/* Body of the reply to list; then count vexfs_listed. */
struct vexfs_list_reply {
	__le32 count;			/* 0 */
	__le32 next;			/* 4 cursor to go on with; VEXFS_SLOT_NONE at the end */
};
VEXFS_ASSERT_SIZE(vexfs_list_reply, 8);

struct vexfs_listed {
	__le64 id;			/*  0 */
	__le32 slot;			/*  8 */
	__le32 reserved;		/* 12 zero */
};
VEXFS_ASSERT_SIZE(vexfs_listed, 16);

/* Body of the reply to count. */
struct vexfs_count_reply {
	__le64 sequence;		/*  0 */
	__le32 live;			/*  8 */
	__le32 slots;			/* 12 */
	__le32 linked;			/* 16 */
	__le32 tail;			/* 20 slots that wait to be linked */
};
VEXFS_ASSERT_SIZE(vexfs_count_reply, 24);

/* Body of the reply to put and delete, also when status is ENOSPC or EIO. */
struct vexfs_update_reply {
	__le32 done;			/*  0 ids of the request that were handled, in its order */
	__le32 changed;			/*  4 of them: put replaced a vector; delete found one */
	__le64 sequence;		/*  8 of the collection afterwards */
};
VEXFS_ASSERT_SIZE(vexfs_update_reply, 16);

/* Body of event; then text bytes of text. */
struct vexfs_custom_event {
	__le16 type;			/* 0 an agent event, 0x0401 .. 0x0406 */
	__le16 text;			/* 2 bytes of text, at most VEXFS_EVENT_TEXT_MAX */
	__le32 reserved;		/* 4 zero */
	__le64 cause;			/* 8 sequence of the event that caused it, or 0 */
};
VEXFS_ASSERT_SIZE(vexfs_custom_event, 16);

/* Body of the reply to event and compact. */
struct vexfs_sequence_reply {
	__le64 sequence;		/* 0 of the event; of the collection afterwards */
};
VEXFS_ASSERT_SIZE(vexfs_sequence_reply, 8);

#endif
