// SPDX-License-Identifier: GPL-2.0-only
/* Requests put, delete, event and compact. */
#include "vec_request.h"

static int vexfs_check_ids(struct vexfs_exchange *ex, u32 row_bytes, u32 *count)
{
	const struct vexfs_ids *ids = (const void *)(ex->request + VEXFS_BODY);
	int err = vexfs_check_body(ex, sizeof(*ids));

	if (err)
		return err;
	*count = le32_to_cpu(ids->count);
	if (!*count)
		return vexfs_refuse(ex, -EINVAL, VEXFS_FIELD(vexfs_ids, count), 0);
	if (ids->reserved)
		return vexfs_refuse(ex, -EINVAL, VEXFS_FIELD(vexfs_ids, reserved), 0);
	return vexfs_check_length(ex, VEXFS_BODY + sizeof(*ids) + (u64)*count * (8 + row_bytes));
}

static u64 vexfs_id_at(const struct vexfs_exchange *ex, u32 i)
{
	const __le64 *ids = (const void *)(ex->request + VEXFS_BODY + sizeof(struct vexfs_ids));

	return le64_to_cpu(ids[i]);
}

static int vexfs_check_put(struct vexfs_exchange *ex, u8 *row, u32 *count)
{
	u32 at = VEXFS_BODY + sizeof(struct vexfs_ids), i;
	int err = vexfs_check_ids(ex, ex->coll->set.params.row_bytes, count);

	if (err)
		return err;
	for (i = 0; i < *count; i++)
		if (vexfs_id_at(ex, i) & VEXFS_ID_FILE)
			return vexfs_refuse(ex, -EINVAL, at + 8 * i, i);
	return vexfs_check_rows(ex, at + 8 * *count, *count, row);
}

/* Memory for the reply comes before the first unit. */
static int vexfs_update_begin(struct vexfs_exchange *ex)
{
	return vexfs_reply_begin(ex, sizeof(struct vexfs_reply) +
					     sizeof(struct vexfs_update_reply));
}

/* @err: what ended the batch. It is said in the reply, unless there is nobody to read that. */
static int vexfs_update_end(struct vexfs_exchange *ex, u32 done, u32 changed, int err)
{
	struct vexfs_update_reply *reply = vexfs_reply_take(ex, sizeof(*reply));

	reply->done = cpu_to_le32(done);
	reply->changed = cpu_to_le32(changed);
	reply->sequence = cpu_to_le64(ex->coll->set.sequence);
	if (err == -ESTALE || err == -EINTR)
		return err;
	ex->status = -err;
	return 0;
}

static int vexfs_put_rows(struct vexfs_exchange *ex, u32 count, u8 *row)
{
	const struct vec_params *params = &ex->coll->set.params;
	u32 at = VEXFS_BODY + sizeof(struct vexfs_ids) + 8 * count;
	u32 i, fault, handled = 0, changed = 0;
	int err = vexfs_update_begin(ex);

	if (err)
		return err;
	for (i = 0; !err && i < count; i++, at += params->row_bytes) {
		struct vexfs_put_row put = { .id = vexfs_id_at(ex, i), .row = row };

		err = vec_row_prepare(params, ex->request + at, row, &fault);
		if (!err)
			err = vexfs_coll_put_row(ex->coll, &put);
		handled += put.done;
		changed += put.replaced;
		cond_resched();
	}
	return vexfs_update_end(ex, handled, changed, err);
}

int vexfs_do_put(struct vexfs_exchange *ex)
{
	u8 *row = kvmalloc(ex->coll->set.params.room, GFP_KERNEL);
	u32 count;
	int err = row ? vexfs_check_put(ex, row, &count) : -ENOMEM;

	if (!err)
		err = vexfs_put_rows(ex, count, row);
	kvfree(row);
	return err;
}

int vexfs_do_delete(struct vexfs_exchange *ex)
{
	u32 count, i, changed = 0;
	int err = vexfs_check_ids(ex, 0, &count);

	if (!err)
		err = vexfs_update_begin(ex);
	if (err)
		return err;
	for (i = 0; i < count; i++) {
		bool found = false;

		err = vexfs_coll_delete(ex->coll, vexfs_id_at(ex, i), NULL, &found);
		if (err)
			break;
		changed += found;
		cond_resched();
	}
	return vexfs_update_end(ex, i, changed, err);
}

static int vexfs_check_event(struct vexfs_exchange *ex)
{
	const struct vexfs_custom_event *event = (const void *)(ex->request + VEXFS_BODY);
	int err = vexfs_check_body(ex, sizeof(*event));

	if (err)
		return err;
	if (le16_to_cpu(event->type) < VEXFS_EV_AGENT_FIRST ||
	    le16_to_cpu(event->type) > VEXFS_EV_AGENT_LAST)
		return vexfs_refuse(ex, -EINVAL, VEXFS_FIELD(vexfs_custom_event, type), 0);
	if (le16_to_cpu(event->text) > VEXFS_EVENT_TEXT_MAX)
		return vexfs_refuse(ex, -EINVAL, VEXFS_FIELD(vexfs_custom_event, text), 0);
	if (event->reserved)
		return vexfs_refuse(ex, -EINVAL, VEXFS_FIELD(vexfs_custom_event, reserved), 0);
	return vexfs_check_length(ex, VEXFS_BODY + sizeof(*event) + le16_to_cpu(event->text));
}

static int vexfs_sequence_begin(struct vexfs_exchange *ex)
{
	return vexfs_reply_begin(ex, sizeof(struct vexfs_reply) +
					     sizeof(struct vexfs_sequence_reply));
}

/* @err is said in the reply, unless there is nobody to read that. */
static int vexfs_sequence_end(struct vexfs_exchange *ex, u64 sequence, int err)
{
	struct vexfs_sequence_reply *reply;

	if (err == -ESTALE || err == -EINTR)
		return err;
	if (err)
		return vexfs_refuse(ex, err, 0, 0);
	reply = vexfs_reply_take(ex, sizeof(*reply));
	reply->sequence = cpu_to_le64(sequence);
	return 0;
}

int vexfs_do_event(struct vexfs_exchange *ex)
{
	const struct vexfs_custom_event *event = (const void *)(ex->request + VEXFS_BODY);
	u64 sequence = 0;
	int err = vexfs_check_event(ex);

	if (!err)
		err = vexfs_sequence_begin(ex);
	if (err)
		return err;
	err = vexfs_coll_event(ex->coll, le16_to_cpu(event->type), le64_to_cpu(event->cause),
			       event + 1, le16_to_cpu(event->text), &sequence);
	return vexfs_sequence_end(ex, sequence, err);
}

/* coll->changes is held, coll->sem is not. */
int vexfs_do_compact(struct vexfs_exchange *ex)
{
	u64 sequence = 0;
	int err = vexfs_check_length(ex, VEXFS_BODY);

	if (!err)
		err = vexfs_sequence_begin(ex);
	if (err)
		return err;
	err = vexfs_coll_compact(ex->coll, ex->dir, &sequence);
	return vexfs_sequence_end(ex, sequence, err);
}
