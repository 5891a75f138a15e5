// SPDX-License-Identifier: GPL-2.0-only
/* The end of a vector: on its own, or in the unit that ends its file (docs/vectors.md). */
#include "vec_coll.h"

/* The running unit will end the vector. */
int vexfs_death_gather(struct vexfs_death *death)
{
	death->header = vexfs_coll_pin(death->coll, VEXFS_COLL_GRAPH, 0);
	if (IS_ERR(death->header))
		return PTR_ERR(death->header);
	death->record = vexfs_coll_pin_slot(death->coll, death->slot);
	return PTR_ERR_OR_ZERO(death->record);
}

/* The event is the caller's. */
void vexfs_death_apply(struct vexfs_death *death)
{
	struct vexfs_coll *coll = death->coll;

	vec_kill(&coll->set, death->slot);
	coll->set.sequence++;
	vexfs_coll_write_slot(coll, death->record, death->slot);
	vexfs_coll_write_header(coll, death->header);
}

static int vexfs_delete_gather(struct vexfs_death *death, struct inode *file,
			       struct vexfs_inode **raw)
{
	int err = vexfs_coll_begin(death->coll, &death->header);

	if (!err)
		err = vexfs_death_gather(death);
	if (err || !file)
		return err;
	*raw = vexfs_inode_pin(death->coll->sb, file->i_ino);
	return PTR_ERR_OR_ZERO(*raw);
}

/* *found: there was one, and it is gone. @file: whose attribute it was or NULL. */
int vexfs_coll_delete(struct vexfs_coll *coll, u64 id, struct inode *file, bool *found)
{
	struct vexfs_sb_info *sbi = vexfs_sb(coll->sb);
	struct vexfs_death death = { .coll = coll, .slot = vec_find_id(&coll->set, id) };
	struct vexfs_inode *raw;
	int err;

	*found = death.slot != VEXFS_SLOT_NONE;
	if (!*found)
		return 0;
	vexfs_lock(sbi);
	err = vexfs_delete_gather(&death, file, &raw);
	if (err) {
		vexfs_unit_cancel(sbi);
	} else {
		vexfs_apply(sbi);
		vexfs_death_apply(&death);
		if (file) {
			raw->flags &= ~cpu_to_le16(VEXFS_INODE_VECTOR);
			vexfs_raw_ctime(raw, sbi->unit.now);
			vexfs_inode_refresh(file, raw);
		}
		vexfs_vector_event(coll, VEXFS_EV_VECTOR_DELETE, id, death.slot, death.slot);
		vexfs_unit_end(sbi);
	}
	vexfs_unlock(sbi);
	return err;
}
