// SPDX-License-Identifier: GPL-2.0-only
/* Growing the inodes of a collection before a put (docs/vectors.md, "Units of work"). */
#include "vec_coll.h"

/* A block more for one of the inodes. */
struct vexfs_growth {
	struct vexfs_coll *coll;
	unsigned int which;
	u32 lblk;
	struct vexfs_inode *raw;
	struct vexfs_insertion ins;
	struct vexfs_image *image;
};

static int vexfs_growth_gather(struct vexfs_growth *growth)
{
	struct vexfs_coll *coll = growth->coll;
	struct super_block *sb = coll->sb;
	u32 ino = coll->ino[growth->which];
	struct vexfs_mapping before = { };
	int err = vexfs_unit_begin(vexfs_sb(sb));

	if (err)
		return err;
	if (vexfs_coll_gone(coll))
		return -ESTALE;
	growth->raw = vexfs_inode_pin(sb, ino);
	if (IS_ERR(growth->raw))
		return PTR_ERR(growth->raw);
	if (growth->lblk)
		err = vexfs_extent_find(sb, ino, growth->raw, growth->lblk - 1, &before);
	growth->ins.lblk = growth->lblk;
	if (!err)
		err = vexfs_alloc_data(sb, before.pblk, &growth->ins.pblk);
	if (!err)
		err = vexfs_extent_gather(sb, ino, growth->raw, &growth->ins);
	if (err)
		return err;
	growth->image = vexfs_pin_new(vexfs_sb(sb), growth->ins.pblk,
				      vexfs_coll_kind(growth->which));
	return PTR_ERR_OR_ZERO(growth->image);
}

static int vexfs_grow_coll(struct vexfs_coll *coll, unsigned int which)
{
	struct vexfs_growth growth = { .coll = coll, .which = which, .lblk = coll->blocks[which] };
	struct vexfs_sb_info *sbi = vexfs_sb(coll->sb);
	bool relieved = false;
	int err;

	vexfs_lock(sbi);
	do {
		err = vexfs_growth_gather(&growth);
	} while (vexfs_relieve(sbi, err, &relieved));
	if (err) {
		vexfs_unit_cancel(sbi);
	} else {
		vexfs_apply(sbi);
		vexfs_alloc_apply(sbi);
		vexfs_extent_apply(sbi, coll->ino[which], growth.raw, &growth.ins);
		le64_add_cpu(&growth.raw->size, VEXFS_BLOCK_SIZE);
		vexfs_coll_init_block(coll, growth.image, which, growth.lblk);
		coll->blocks[which]++;
		vexfs_unit_end(sbi);
	}
	vexfs_unlock(sbi);
	return err;
}

/* Room for one slot more, with that many lists above level 0. */
int vexfs_coll_make_room(struct vexfs_coll *coll, u32 lists)
{
	static const unsigned int order[] = { VEXFS_COLL_VECTORS, VEXFS_COLL_GRAPH,
					      VEXFS_COLL_UPPER };
	struct vec_set *set = &coll->set;
	u64 end = (set->slots + 1ULL) * set->params.stride;
	unsigned int i;
	int err;

	if (set->slots >= VEXFS_SLOTS_MAX || end > VEXFS_FILE_SIZE_MAX)
		return -ENOSPC;
	err = vec_reserve(set, set->slots + 1, set->upper_lists + lists);
	for (i = 0; i < ARRAY_SIZE(order); i++)
		while (!err && coll->blocks[order[i]] <
				       vexfs_coll_need(&set->params, order[i], set->slots + 1,
						       set->upper_lists + lists))
			err = vexfs_grow_coll(coll, order[i]);
	return err;
}
