// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compaction (docs/vectors.md, "Compaction"): the live vectors are put into a collection of its own
 * beside the old one, which nobody sees until the last unit changes over.
 */
#include "vec_coll.h"

static int vexfs_heir_gather(struct vexfs_coll *old, struct vexfs_founding *founding)
{
	int err = vexfs_unit_begin(vexfs_sb(old->sb));

	if (err)
		return err;
	return vexfs_coll_gone(old) ? -ESTALE : vexfs_founding_gather(founding);
}

static void vexfs_heir_apply(struct vexfs_coll *old, struct vexfs_coll *new,
			     struct vexfs_founding *founding)
{
	struct vexfs_sb_info *sbi = vexfs_sb(old->sb);
	unsigned int which;

	vexfs_apply(sbi);
	vexfs_founding_apply(founding);
	for (which = 0; which < VEXFS_COLL_INODES; which++)
		new->ino[which] = founding->ino[which];
	new->blocks[VEXFS_COLL_GRAPH] = 1;
	old->heir = new;
	vexfs_unit_end(sbi);
}

/* Begin: the new inodes and an empty graph. */
static int vexfs_heir_found(struct vexfs_coll *old, struct vexfs_coll *new)
{
	struct vexfs_founding founding = {
		.sb = old->sb,
		.dir = old->dir,
		.params = &old->set.params,
		.sequence = old->set.sequence,
		.heir = true,
	};
	struct vexfs_sb_info *sbi = vexfs_sb(old->sb);
	bool relieved = false;
	int err;

	vexfs_lock(sbi);
	do {
		err = vexfs_heir_gather(old, &founding);
	} while (vexfs_relieve(sbi, err, &relieved));
	if (err)
		vexfs_unit_cancel(sbi);
	else
		vexfs_heir_apply(old, new, &founding);
	vexfs_unlock(sbi);
	return err;
}

/* Nobody changes the old collection meanwhile, and nobody else knows the new one. */
static int vexfs_heir_fill(const struct vexfs_coll *old, struct vexfs_coll *new)
{
	u32 slot;
	int err = 0;

	for (slot = 0; !err && slot < old->set.slots; slot++) {
		struct vexfs_put_row row = { .id = vec_node(&old->set, slot)->id,
					     .row = vec_row(&old->set, slot) };

		if (!vec_node(&old->set, slot)->dead)
			err = vexfs_coll_put_row(new, &row);
		cond_resched();
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
	}
	return err;
}

static int vexfs_change_over_gather(struct vexfs_coll *old, struct vexfs_coll *new,
				    struct inode *dir, struct vexfs_inode **raw_dir,
				    struct vexfs_image **header)
{
	struct super_block *sb = old->sb;
	int err = vexfs_coll_begin(new, header);
	unsigned int which;

	if (err)
		return err;
	*raw_dir = vexfs_inode_pin(sb, dir->i_ino);
	err = PTR_ERR_OR_ZERO(*raw_dir);
	for (which = 0; !err && which < VEXFS_COLL_INODES; which++) {
		err = PTR_ERR_OR_ZERO(vexfs_inode_pin(sb, new->ino[which]));
		if (!err)
			err = vexfs_orphan_gather(sb, new->ino[which]);
		if (!err)
			err = PTR_ERR_OR_ZERO(vexfs_inode_pin(sb, old->ino[which]));
		if (!err)
			err = vexfs_orphan_gather(sb, old->ino[which]);
	}
	return err;
}

static void vexfs_change_over_apply(struct vexfs_coll *old, struct vexfs_coll *new,
				    struct inode *dir, struct vexfs_inode *raw_dir,
				    struct vexfs_image *header)
{
	struct vexfs_sb_info *sbi = vexfs_sb(old->sb);
	unsigned int which;

	vexfs_apply(sbi);
	for (which = 0; which < VEXFS_COLL_INODES; which++) {
		vexfs_inode_slot(sbi, new->ino[which])->nlink = cpu_to_le32(1);
		vexfs_orphan_save(sbi, new->ino[which]);
		vexfs_inode_slot(sbi, old->ino[which])->nlink = 0;
		vexfs_orphan_add(sbi, old->ino[which]);
	}
	new->set.sequence++;
	vexfs_coll_write_header(new, header);
	raw_dir->collection = cpu_to_le32(new->ino[VEXFS_COLL_GRAPH]);
	vexfs_inode_refresh(dir, raw_dir);
	new->quiet = false;
	old->heir = NULL;
	vexfs_coll_bury(dir);
	kref_get(&new->ref);
	vexfs_i(dir)->coll = new;
	vexfs_unit_end(sbi);
}

static int vexfs_change_over(struct vexfs_coll *old, struct vexfs_coll *new, struct inode *dir)
{
	struct vexfs_sb_info *sbi = vexfs_sb(old->sb);
	struct vexfs_inode *raw_dir;
	struct vexfs_image *header;
	int err;

	vexfs_lock(sbi);
	err = vexfs_change_over_gather(old, new, dir, &raw_dir, &header);
	if (err)
		vexfs_unit_cancel(sbi);
	else
		vexfs_change_over_apply(old, new, dir, raw_dir, header);
	vexfs_unlock(sbi);
	return err;
}

/* It failed: the new inodes are orphans like others. */
static void vexfs_heir_disown(struct vexfs_coll *old)
{
	struct vexfs_sb_info *sbi = vexfs_sb(old->sb);
	unsigned int which;

	vexfs_lock(sbi);
	for (which = 0; which < VEXFS_COLL_INODES; which++)
		vexfs_orphan_let_go(sbi, old->heir->ino[which]);
	old->heir = NULL;
	vexfs_unlock(sbi);
}

static int vexfs_heir_make(struct vexfs_coll *old, struct vexfs_coll *new, struct inode *dir)
{
	int err = vec_set_init(&new->set, &old->set.params);

	if (err)
		return err;
	new->set.sequence = old->set.sequence;
	new->loaded = true;
	new->quiet = true;
	err = vexfs_heir_found(old, new);
	if (err)
		return err;
	err = vexfs_heir_fill(old, new);
	if (!err)
		err = vexfs_change_over(old, new, dir);
	if (err)
		vexfs_heir_disown(old);
	return err;
}

/*
 * Drops the dead slots of a loaded collection; *sequence is that of the collection afterwards. The
 * collection is gone then, unless it had no dead slot. -EINTR if killed, -ESTALE if it was removed
 * meanwhile, and what units fail with: it is as it was then.
 */
int vexfs_coll_compact(struct vexfs_coll *coll, struct inode *dir, u64 *sequence)
{
	struct vexfs_coll *new;
	int err;

	*sequence = coll->set.sequence;
	if (coll->set.live == coll->set.slots)
		return 0;
	new = vexfs_coll_new(coll->sb, coll->dir);
	if (!new)
		return -ENOMEM;
	err = vexfs_heir_make(coll, new, dir);
	*sequence = new->set.sequence;
	vexfs_coll_put(new);
	return err;
}
