// SPDX-License-Identifier: GPL-2.0-only
/* Requests get, list and count. */
#include "vec_request.h"

#define VEXFS_LIST_MAX	1000000U

static u64 vexfs_get_bytes(const struct vec_params *params, u64 count)
{
	return sizeof(struct vexfs_reply) + sizeof(struct vexfs_get_reply) +
	       count * (sizeof(struct vexfs_got) + ALIGN(params->row_bytes, 8));
}

static int vexfs_check_get(struct vexfs_exchange *ex)
{
	const struct vexfs_ids *ids = (const void *)(ex->request + VEXFS_BODY);
	int err = vexfs_check_body(ex, sizeof(*ids));
	u64 count;

	if (err)
		return err;
	count = le32_to_cpu(ids->count);
	if (!count || vexfs_get_bytes(&ex->coll->set.params, count) > VEXFS_MESSAGE_MAX)
		return vexfs_refuse(ex, -EINVAL, VEXFS_FIELD(vexfs_ids, count), 0);
	if (ids->reserved)
		return vexfs_refuse(ex, -EINVAL, VEXFS_FIELD(vexfs_ids, reserved), 0);
	return vexfs_check_length(ex, VEXFS_BODY + sizeof(*ids) + 8 * count);
}

static void vexfs_give_row(struct vexfs_exchange *ex, u64 id)
{
	const struct vec_set *set = &ex->coll->set;
	struct vexfs_got *got = vexfs_reply_take(ex, sizeof(*got));
	u32 slot = vec_find_id(set, id);

	got->id = cpu_to_le64(id);
	got->slot = cpu_to_le32(slot);
	if (slot == VEXFS_SLOT_NONE)
		return;
	memcpy(vexfs_reply_take(ex, ALIGN(set->params.row_bytes, 8)), vec_row(set, slot),
	       set->params.row_bytes);
}

int vexfs_do_get(struct vexfs_exchange *ex)
{
	const struct vexfs_ids *ids = (const void *)(ex->request + VEXFS_BODY);
	const __le64 *id = (const void *)(ids + 1);
	struct vexfs_get_reply *reply;
	int err = vexfs_check_get(ex);
	u32 i, count;

	if (err)
		return err;
	count = le32_to_cpu(ids->count);
	err = vexfs_reply_begin(ex, vexfs_get_bytes(&ex->coll->set.params, count));
	if (err)
		return err;
	reply = vexfs_reply_take(ex, sizeof(*reply));
	reply->count = ids->count;
	reply->row_bytes = cpu_to_le32(ex->coll->set.params.row_bytes);
	for (i = 0; i < count; i++)
		vexfs_give_row(ex, le64_to_cpu(id[i]));
	return 0;
}

static int vexfs_check_list(struct vexfs_exchange *ex)
{
	const struct vexfs_list *list = (const void *)(ex->request + VEXFS_BODY);
	int err = vexfs_check_body(ex, sizeof(*list));

	if (err)
		return err;
	if (!list->max || le32_to_cpu(list->max) > VEXFS_LIST_MAX)
		return vexfs_refuse(ex, -EINVAL, VEXFS_FIELD(vexfs_list, max), 0);
	return vexfs_check_length(ex, VEXFS_BODY + sizeof(*list));
}

int vexfs_do_list(struct vexfs_exchange *ex)
{
	const struct vexfs_list *list = (const void *)(ex->request + VEXFS_BODY);
	const struct vec_set *set = &ex->coll->set;
	struct vexfs_list_reply *reply;
	u32 slot, most, count = 0;
	int err = vexfs_check_list(ex);

	if (err)
		return err;
	most = min(le32_to_cpu(list->max), set->live);
	err = vexfs_reply_begin(ex, sizeof(struct vexfs_reply) + sizeof(*reply) +
					    (u64)most * sizeof(struct vexfs_listed));
	if (err)
		return err;
	reply = vexfs_reply_take(ex, sizeof(*reply));
	reply->next = cpu_to_le32(VEXFS_SLOT_NONE);
	for (slot = le32_to_cpu(list->cursor); slot < set->slots; slot++) {
		struct vexfs_listed *listed;

		if (vec_node(set, slot)->dead)
			continue;
		if (count == most) {
			reply->next = cpu_to_le32(slot);
			break;
		}
		listed = vexfs_reply_take(ex, sizeof(*listed));
		listed->id = cpu_to_le64(vec_node(set, slot)->id);
		listed->slot = cpu_to_le32(slot);
		count++;
	}
	reply->count = cpu_to_le32(count);
	return 0;
}

int vexfs_do_count(struct vexfs_exchange *ex)
{
	const struct vec_set *set = &ex->coll->set;
	struct vexfs_count_reply *reply;
	int err = vexfs_check_length(ex, VEXFS_BODY);

	if (!err)
		err = vexfs_reply_begin(ex, sizeof(struct vexfs_reply) + sizeof(*reply));
	if (err)
		return err;
	reply = vexfs_reply_take(ex, sizeof(*reply));
	reply->sequence = cpu_to_le64(set->sequence);
	reply->live = cpu_to_le32(set->live);
	reply->slots = cpu_to_le32(set->slots);
	reply->linked = cpu_to_le32(set->linked);
	reply->tail = cpu_to_le32(set->tail);
	return 0;
}
