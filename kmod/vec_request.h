/* SPDX-License-Identifier: GPL-2.0-only */
/* A request on its way through a door. coll->sem is held, but for compaction. */
#ifndef VEXFS_VEC_REQUEST_H
#define VEXFS_VEC_REQUEST_H

#include "reference/contract/door.h"
#include "vec_coll.h"

/* Returned where the request is answered with an error reply; errnos end the call itself. */
#define VEXFS_REFUSED	1

struct vexfs_exchange {
	struct vexfs_coll *coll;
	struct inode *dir;
	bool update;			/* which door */
	const u8 *request;
	u32 length;
	u16 opcode;
	u64 tag;
	u32 flags;
	u8 *reply;
	u32 used;			/* bytes of it */
	u32 status, field, index;	/* of the reply's header */
};

/* vec_request.c */
int vexfs_refuse(struct vexfs_exchange *ex, int status, u32 field, u32 index);
int vexfs_reply_begin(struct vexfs_exchange *ex, u64 bytes);
void *vexfs_reply_take(struct vexfs_exchange *ex, u32 bytes);
int vexfs_check_body(struct vexfs_exchange *ex, u32 bytes);
int vexfs_check_length(struct vexfs_exchange *ex, u64 length);
int vexfs_check_rows(struct vexfs_exchange *ex, u32 at, u32 count, u8 *row);

/* vec_query.c, vec_find_request.c, vec_update.c: 0, VEXFS_REFUSED or an errno */
int vexfs_do_search(struct vexfs_exchange *ex);
int vexfs_do_get(struct vexfs_exchange *ex);
int vexfs_do_list(struct vexfs_exchange *ex);
int vexfs_do_count(struct vexfs_exchange *ex);
int vexfs_do_put(struct vexfs_exchange *ex);
int vexfs_do_delete(struct vexfs_exchange *ex);
int vexfs_do_event(struct vexfs_exchange *ex);
int vexfs_do_compact(struct vexfs_exchange *ex);

#define VEXFS_BODY		((u32)sizeof(struct vexfs_request))
/* The byte of the request at which a field of its body stands. */
#define VEXFS_FIELD(type, member)	(VEXFS_BODY + (u32)offsetof(struct type, member))

#endif
