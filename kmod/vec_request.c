// SPDX-License-Identifier: GPL-2.0-only
/* Requests of the doors: are they right (docs/vectors.md, "Doors"; door.h), and whom they go to. */
#include "vec_request.h"

/* The request is answered with this status; see struct vexfs_reply. Returns 1. */
int vexfs_refuse(struct vexfs_exchange *ex, int status, u32 field, u32 index)
{
	ex->status = -status;
	ex->field = field;
	ex->index = index;
	return VEXFS_REFUSED;
}

/* Memory for a reply of at most @bytes, all zero; the header is filled in at the end. */
int vexfs_reply_begin(struct vexfs_exchange *ex, u64 bytes)
{
	ex->reply = kvzalloc(bytes, GFP_KERNEL);
	ex->used = sizeof(struct vexfs_reply);
	return ex->reply ? 0 : -ENOMEM;
}

/* The next @bytes of the reply. */
void *vexfs_reply_take(struct vexfs_exchange *ex, u32 bytes)
{
	void *at = ex->reply + ex->used;

	ex->used += bytes;
	return at;
}

static bool vexfs_opcode_known(const struct vexfs_exchange *ex)
{
	if (ex->update)
		return ex->opcode >= VEXFS_OP_PUT && ex->opcode <= VEXFS_OP_COMPACT;
	return ex->opcode >= VEXFS_OP_SEARCH && ex->opcode <= VEXFS_OP_COUNT;
}

/* What stands in all requests alike. */
static int vexfs_check_header(struct vexfs_exchange *ex)
{
	const struct vexfs_request *request = (const void *)ex->request;
	u32 flags = ex->opcode == VEXFS_OP_SEARCH || ex->opcode == VEXFS_OP_RESUME ?
			    VEXFS_SEARCH_EXACT : 0;

	if (ex->length < sizeof(*request))
		return vexfs_refuse(ex, -EINVAL, offsetof(struct vexfs_request, length), 0);
	if (le32_to_cpu(request->magic) != VEXFS_REQUEST_MAGIC)
		return vexfs_refuse(ex, -EINVAL, offsetof(struct vexfs_request, magic), 0);
	if (le16_to_cpu(request->version) != VEXFS_DOOR_VERSION)
		return vexfs_refuse(ex, -EINVAL, offsetof(struct vexfs_request, version), 0);
	if (le32_to_cpu(request->length) != ex->length)
		return vexfs_refuse(ex, -EINVAL, offsetof(struct vexfs_request, length), 0);
	if (!vexfs_opcode_known(ex))
		return vexfs_refuse(ex, -EINVAL, offsetof(struct vexfs_request, opcode), 0);
	if (le32_to_cpu(request->flags) & ~flags)
		return vexfs_refuse(ex, -EINVAL, offsetof(struct vexfs_request, flags), 0);
	if (request->reserved)
		return vexfs_refuse(ex, -EINVAL, offsetof(struct vexfs_request, reserved), 0);
	ex->flags = le32_to_cpu(request->flags);
	return 0;
}

/* The fixed part of the body is there. */
int vexfs_check_body(struct vexfs_exchange *ex, u32 bytes)
{
	if (ex->length < sizeof(struct vexfs_request) + bytes)
		return vexfs_refuse(ex, -EINVAL, offsetof(struct vexfs_request, length), 0);
	return 0;
}

/* The request is as long as its fields say. */
int vexfs_check_length(struct vexfs_exchange *ex, u64 length)
{
	if (ex->length != length)
		return vexfs_refuse(ex, -EINVAL, offsetof(struct vexfs_request, length), 0);
	return 0;
}

/* Each of @count rows from byte @at of the request on may be stored; @row is room for one. */
int vexfs_check_rows(struct vexfs_exchange *ex, u32 at, u32 count, u8 *row)
{
	const struct vec_params *params = &ex->coll->set.params;
	u32 i, fault;

	for (i = 0; i < count; i++, at += params->row_bytes) {
		if (vec_row_prepare(params, ex->request + at, row, &fault))
			return vexfs_refuse(ex, -EINVAL, at + fault, i);
		cond_resched();
		if (fatal_signal_pending(current))
			return -EINTR;
	}
	return 0;
}

static int vexfs_dispatch(struct vexfs_exchange *ex)
{
	switch (ex->opcode) {
	case VEXFS_OP_SEARCH:
	case VEXFS_OP_RESUME:
		return vexfs_do_search(ex);
	case VEXFS_OP_GET:
		return vexfs_do_get(ex);
	case VEXFS_OP_LIST:
		return vexfs_do_list(ex);
	case VEXFS_OP_COUNT:
		return vexfs_do_count(ex);
	case VEXFS_OP_PUT:
		return vexfs_do_put(ex);
	case VEXFS_OP_DELETE:
		return vexfs_do_delete(ex);
	default:
		return vexfs_do_event(ex);
	}
}

/* The reply to a request that is wrong: a header alone. */
static int vexfs_reply_refusal(struct vexfs_exchange *ex)
{
	kvfree(ex->reply);
	return vexfs_reply_begin(ex, sizeof(struct vexfs_reply));
}

static void vexfs_reply_end(struct vexfs_exchange *ex)
{
	struct vexfs_reply *reply = (void *)ex->reply;

	reply->magic = cpu_to_le32(VEXFS_REPLY_MAGIC);
	reply->version = cpu_to_le16(VEXFS_DOOR_VERSION);
	reply->opcode = cpu_to_le16(ex->opcode);
	reply->status = cpu_to_le32(ex->status);
	reply->length = cpu_to_le32(ex->used);
	reply->tag = cpu_to_le64(ex->tag);
	reply->field = cpu_to_le32(ex->field);
	reply->index = cpu_to_le32(ex->index);
}

static int vexfs_answer_query(struct vexfs_exchange *ex)
{
	struct vexfs_coll *coll = ex->coll;
	int err;

	if (down_read_killable(&coll->sem))
		return -EINTR;
	err = vexfs_coll_gone(coll) ? -ESTALE : vexfs_check_header(ex);
	if (!err)
		err = vexfs_dispatch(ex);
	up_read(&coll->sem);
	return err;
}

/* Nobody searches while vectors come and go, but while the collection is compacted. */
static int vexfs_answer_update(struct vexfs_exchange *ex)
{
	struct vexfs_coll *coll = ex->coll;
	int err;

	if (mutex_lock_killable(&coll->changes))
		return -EINTR;
	err = vexfs_coll_gone(coll) ? -ESTALE : vexfs_check_header(ex);
	if (!err && ex->opcode == VEXFS_OP_COMPACT) {
		err = vexfs_do_compact(ex);
	} else if (!err) {
		down_write(&coll->sem);
		err = vexfs_dispatch(ex);
		up_write(&coll->sem);
	}
	mutex_unlock(&coll->changes);
	return err;
}

static int vexfs_answer(struct vexfs_exchange *ex)
{
	int err = vexfs_coll_load(ex->coll);

	if (err == -EUCLEAN)
		return vexfs_refuse(ex, err, 0, 0);
	if (err)
		return err;
	return ex->update ? vexfs_answer_update(ex) : vexfs_answer_query(ex);
}

/*
 * Executes a request of a door. An errno is returned where there is no reply: -ESTALE, -ENOMEM,
 * -EINTR, -EIO while loading. The caller frees *reply with kvfree.
 */
int vexfs_door_execute(struct inode *door, bool update, const u8 *request, u32 length, u8 **reply,
		       u32 *reply_length)
{
	const struct vexfs_request *header = (const void *)request;
	struct vexfs_exchange ex = {
		.coll = vexfs_i(door)->coll,
		.dir = vexfs_i(door)->dir,
		.update = update,
		.request = request,
		.length = length,
	};
	int err;

	if (length >= sizeof(*header)) {
		ex.opcode = le16_to_cpu(header->opcode);
		ex.tag = le64_to_cpu(header->tag);
	}
	err = vexfs_answer(&ex);
	if (err == VEXFS_REFUSED)
		err = vexfs_reply_refusal(&ex);
	if (err) {
		kvfree(ex.reply);
		return err;
	}
	vexfs_reply_end(&ex);
	*reply = ex.reply;
	*reply_length = ex.used;
	return 0;
}
