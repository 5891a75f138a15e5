// SPDX-License-Identifier: GPL-2.0-only
/*
 * Units of work on a collection (docs/vectors.md, "Units of work"). Memory and volume change
 * together: all that can fail is gathered before either does.
 */
#include <linux/slab.h>

#include "vec_coll.h"

/* Blocks that a row may touch. */
#define VEXFS_ROW_BLOCKS	(4 * VEXFS_DIM_MAX / VEXFS_BLOCK_SIZE + 1)

/* Begins a unit of the collection and pins its header. The mutex is held. */
int vexfs_coll_begin(struct vexfs_coll *coll, struct vexfs_image **header)
{
	int err = vexfs_unit_begin(vexfs_sb(coll->sb));

	if (err)
		return err;
	if (vexfs_coll_gone(coll))
		return -ESTALE;
	*header = vexfs_coll_pin(coll, VEXFS_COLL_GRAPH, 0);
	return PTR_ERR_OR_ZERO(*header);
}

/* What a put changes. */
struct vexfs_put_unit {
	struct vexfs_coll *coll;
	u32 slot;
	u32 old;		/* slot that dies or VEXFS_SLOT_NONE */
	u32 level;
	u32 first;
	struct inode *file;	/* whose vector it is or NULL */
	struct vexfs_inode *raw;
	struct vexfs_image *header, *record, *old_record;
	struct vexfs_image *rows[VEXFS_ROW_BLOCKS];
	struct vexfs_image *lists[VEXFS_LEVEL_MAX];
};

static int vexfs_put_gather_row(struct vexfs_put_unit *put)
{
	u64 start = (u64)put->slot * put->coll->set.params.stride;
	u32 first = start / VEXFS_BLOCK_SIZE, i;
	u32 last = (start + put->coll->set.params.stride - 1) / VEXFS_BLOCK_SIZE;

	for (i = 0; i <= last - first; i++) {
		put->rows[i] = vexfs_coll_pin(put->coll, VEXFS_COLL_VECTORS, first + i);
		if (IS_ERR(put->rows[i]))
			return PTR_ERR(put->rows[i]);
	}
	return 0;
}

static int vexfs_put_gather(struct vexfs_put_unit *put)
{
	struct vexfs_coll *coll = put->coll;
	int err = vexfs_coll_begin(coll, &put->header);
	u32 i;

	if (err)
		return err;
	put->record = vexfs_coll_pin_slot(coll, put->slot);
	if (IS_ERR(put->record))
		return PTR_ERR(put->record);
	if (put->old != VEXFS_SLOT_NONE) {
		put->old_record = vexfs_coll_pin_slot(coll, put->old);
		if (IS_ERR(put->old_record))
			return PTR_ERR(put->old_record);
	}
	for (i = 0; i < put->level; i++) {
		put->lists[i] = vexfs_coll_pin_list(coll, coll->set.upper_lists + i);
		if (IS_ERR(put->lists[i]))
			return PTR_ERR(put->lists[i]);
	}
	if (put->file) {
		put->raw = vexfs_inode_pin(coll->sb, put->file->i_ino);
		if (IS_ERR(put->raw))
			return PTR_ERR(put->raw);
	}
	return vexfs_put_gather_row(put);
}

static void vexfs_put_write_row(struct vexfs_put_unit *put, const u8 *row)
{
	const struct vec_params *params = &put->coll->set.params;
	u64 start = (u64)put->slot * params->stride;
	u32 offset = start % VEXFS_BLOCK_SIZE, done = 0, i;

	for (i = 0; done < params->row_bytes; i++) {
		u32 n = min_t(u32, VEXFS_BLOCK_SIZE - offset, params->row_bytes - done);

		memcpy(put->rows[i]->data + offset, row + done, n);
		done += n;
		offset = 0;
	}
}

void vexfs_vector_event(struct vexfs_coll *coll, u16 type, u64 id, u32 slot, u32 died)
{
	struct vexfs_sb_info *sbi = vexfs_sb(coll->sb);
	struct {
		__le64 id;
		__le32 slot, died;
	} field = { cpu_to_le64(id), cpu_to_le32(slot), cpu_to_le32(died) };

	vexfs_event_begin(sbi, type, coll->dir, 0);
	vexfs_event_bytes(sbi, VEXFS_TAG_VECTOR, &field, sizeof(field));
	vexfs_event_end(sbi, sbi->unit.number, sbi->unit.now);
}

static void vexfs_put_mark_file(struct vexfs_put_unit *put)
{
	if (!put->file)
		return;
	put->raw->flags |= cpu_to_le16(VEXFS_INODE_VECTOR);
	vexfs_raw_ctime(put->raw, vexfs_sb(put->coll->sb)->unit.now);
	vexfs_inode_refresh(put->file, put->raw);
}

static void vexfs_put_apply(struct vexfs_put_unit *put, u64 id, const u8 *row, u32 row_crc)
{
	struct vexfs_coll *coll = put->coll;
	bool replaces = put->old != VEXFS_SLOT_NONE;
	u32 i;

	vexfs_apply(vexfs_sb(coll->sb));
	if (replaces)
		vec_kill(&coll->set, put->old);
	vec_put(&coll->set, id, row, row_crc, put->first);
	coll->set.sequence++;
	vexfs_put_write_row(put, row);
	vexfs_coll_write_slot(coll, put->record, put->slot);
	if (replaces)
		vexfs_coll_write_slot(coll, put->old_record, put->old);
	for (i = 0; i < put->level; i++)
		vexfs_coll_write_list(coll, put->lists[i], put->slot, i + 1);
	vexfs_coll_write_header(coll, put->header);
	vexfs_put_mark_file(put);
	if (!coll->quiet)
		vexfs_vector_event(coll,
				   replaces ? VEXFS_EV_VECTOR_UPDATE : VEXFS_EV_VECTOR_CREATE, id,
				   put->slot, put->old);
	vexfs_unit_end(vexfs_sb(coll->sb));
}

/* The blocks that the plan's lists lie in, for the running unit to change. */
static int vexfs_link_gather(struct vexfs_coll *coll, const struct vec_plan *plan,
			     struct vexfs_image **header, struct vexfs_image **images)
{
	int err = vexfs_coll_begin(coll, header);
	u32 i;

	for (i = 0; !err && i < plan->changes_count; i++) {
		const struct vec_change *change = &plan->changes[i];

		if (change->level) {
			u32 upper = vec_node(&coll->set, change->slot)->upper;

			images[i] = vexfs_coll_pin_list(coll, upper + change->level - 1);
		} else {
			images[i] = vexfs_coll_pin_slot(coll, change->slot);
		}
		err = PTR_ERR_OR_ZERO(images[i]);
	}
	return err;
}

static void vexfs_link_apply(struct vexfs_coll *coll, const struct vec_plan *plan,
			     struct vexfs_image *header, struct vexfs_image **images)
{
	u32 i;

	vexfs_apply(vexfs_sb(coll->sb));
	vec_link(&coll->set, plan);
	coll->set.sequence++;
	for (i = 0; i < plan->changes_count; i++) {
		const struct vec_change *change = &plan->changes[i];

		if (change->level)
			vexfs_coll_write_list(coll, images[i], change->slot, change->level);
		else
			vexfs_coll_write_slot(coll, images[i], change->slot);
	}
	vexfs_coll_write_header(coll, header);
	vexfs_unit_end(vexfs_sb(coll->sb));
}

static int vexfs_link_unit(struct vexfs_coll *coll, const struct vec_plan *plan)
{
	struct vexfs_sb_info *sbi = vexfs_sb(coll->sb);
	struct vexfs_image *header, **images;
	int err;

	images = kvmalloc_array(plan->changes_count, sizeof(*images), GFP_KERNEL);
	if (!images)
		return -ENOMEM;
	vexfs_lock(sbi);
	/* It changes too many blocks to come on top of what the transaction has. */
	err = vexfs_seal(sbi);
	if (!err) {
		err = vexfs_link_gather(coll, plan, &header, images);
		if (err)
			vexfs_unit_cancel(sbi);
		else
			vexfs_link_apply(coll, plan, header, images);
	}
	vexfs_unlock(sbi);
	kvfree(images);
	return err;
}

static int vexfs_link_step(struct vexfs_coll *coll)
{
	u64 most = (u64)vexfs_sb(coll->sb)->tx_max * VEXFS_BLOCK_SIZE;
	struct vec_plan *plan;
	int err = vec_plan_begin(&coll->set, most, &plan);

	if (err)
		return err;
	err = plan->count ? vexfs_link_unit(coll, plan) :
			    vexfs_corrupt(coll->sb, "collection %llu: too large for the log",
					  coll->dir);
	vec_plan_end(plan);
	return err;
}

/* The unit of a put alone, once there is room. */
static int vexfs_put_unit(struct vexfs_coll *coll, struct vexfs_put_row *row, u32 row_crc,
			  u32 first, u32 level)
{
	struct vexfs_put_unit put = {
		.coll = coll,
		.slot = coll->set.slots,
		.old = vec_find_id(&coll->set, row->id),
		.level = level,
		.first = first,
		.file = row->file,
	};
	struct vexfs_sb_info *sbi = vexfs_sb(coll->sb);
	int err;

	vexfs_lock(sbi);
	err = vexfs_put_gather(&put);
	if (err)
		vexfs_unit_cancel(sbi);
	else
		vexfs_put_apply(&put, row->id, row->row, row_crc);
	vexfs_unlock(sbi);
	row->done = !err;
	row->replaced = !err && put.old != VEXFS_SLOT_NONE;
	return err;
}

/* Puts a row, and links when the tail is full: that may fail although the vector is there. */
int vexfs_coll_put_row(struct vexfs_coll *coll, struct vexfs_put_row *row)
{
	struct vec_set *set = &coll->set;
	u32 row_crc = vec_row_crc(&set->params, row->row);
	u32 first = vec_find_row(set, row->row, row_crc);
	u32 level = first == VEXFS_SLOT_NONE ? vec_level(&set->params, set->slots) : 0;
	int err = vexfs_coll_make_room(coll, level);

	if (!err)
		err = vexfs_put_unit(coll, row, row_crc, first, level);
	while (!err && set->tail >= VEXFS_TAIL_MAX)
		err = vexfs_link_step(coll);
	return err;
}

/* A custom event; *sequence is its number. */
int vexfs_coll_event(struct vexfs_coll *coll, u16 type, u64 cause, const void *text,
		     unsigned int length, u64 *sequence)
{
	struct vexfs_sb_info *sbi = vexfs_sb(coll->sb);
	int err;

	vexfs_lock(sbi);
	err = vexfs_unit_begin(sbi);
	if (!err && vexfs_coll_gone(coll))
		err = -ESTALE;
	if (err) {
		vexfs_unit_cancel(sbi);
	} else {
		vexfs_apply(sbi);
		*sequence = le64_to_cpu(sbi->unit.state->next_event);
		vexfs_event_begin(sbi, type, coll->dir, 0);
		vexfs_event_cause(sbi, cause);
		vexfs_event_bytes(sbi, VEXFS_TAG_TEXT, text, length);
		vexfs_event_end(sbi, sbi->unit.number, sbi->unit.now);
		vexfs_unit_end(sbi);
	}
	vexfs_unlock(sbi);
	return err;
}
