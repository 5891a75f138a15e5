// SPDX-License-Identifier: GPL-2.0-only
/* Making a directory a collection, and the end of one (docs/vectors.md, "Units of work"). */
#include "vec_coll.h"

/* A directory on its way to be a collection. */
struct vexfs_creating {
	struct inode *dir;
	struct vexfs_inode *raw_dir;
	struct vexfs_founding new;
};

static int vexfs_creating_gather(struct vexfs_creating *creating)
{
	struct inode *dir = creating->dir;
	int err = vexfs_unit_begin(vexfs_sb(dir->i_sb));

	if (err)
		return err;
	if (vexfs_dead(dir))
		return -ESTALE;
	if (vexfs_i(dir)->is_collection)
		return -EEXIST;
	creating->raw_dir = vexfs_inode_pin(dir->i_sb, dir->i_ino);
	if (IS_ERR(creating->raw_dir))
		return PTR_ERR(creating->raw_dir);
	return vexfs_founding_gather(&creating->new);
}

static void vexfs_collection_event(struct vexfs_sb_info *sbi, u16 type, u64 ino, const char *text,
				   unsigned int length)
{
	vexfs_event_begin(sbi, type, ino, 0);
	vexfs_event_bytes(sbi, VEXFS_TAG_NAME, VEXFS_XATTR_COLLECTION,
			  strlen(VEXFS_XATTR_COLLECTION));
	if (text)
		vexfs_event_bytes(sbi, VEXFS_TAG_TEXT, text, length);
	vexfs_event_end(sbi, sbi->unit.number, sbi->unit.now);
}

static void vexfs_creating_apply(struct vexfs_creating *creating)
{
	struct inode *dir = creating->dir;
	struct vexfs_inode *raw = creating->raw_dir;
	struct vexfs_sb_info *sbi = vexfs_sb(dir->i_sb);
	char text[VEXFS_PARAMS_TEXT_MAX + 1];
	unsigned int length = vexfs_params_format(creating->new.params, text);

	vexfs_apply(sbi);
	vexfs_founding_apply(&creating->new);
	raw->flags |= cpu_to_le16(VEXFS_INODE_COLLECTION);
	raw->collection = cpu_to_le32(creating->new.ino[VEXFS_COLL_GRAPH]);
	vexfs_raw_ctime(raw, sbi->unit.now);
	vexfs_collection_event(sbi, VEXFS_EV_SETXATTR, dir->i_ino, text, length);
	vexfs_inode_refresh(dir, raw);
	vexfs_unit_end(sbi);
}

/* Whether a link step of one vector and a row fit what the volume's limits allow. */
static bool vexfs_params_fit(const struct vexfs_sb_info *sbi, const struct vec_params *params)
{
	return vec_link_cost(params, VEXFS_LEVEL_MAX) + VEXFS_BLOCK_SIZE <=
		       (u64)sbi->tx_max * VEXFS_BLOCK_SIZE &&
	       params->stride <= 16384ULL * sbi->unit_extents;
}

int vexfs_coll_create(struct inode *dir, const struct vec_params *params)
{
	struct vexfs_creating creating = {
		.dir = dir,
		.new = { .sb = dir->i_sb, .dir = dir->i_ino, .params = params },
	};
	struct vexfs_sb_info *sbi = vexfs_sb(dir->i_sb);
	bool relieved = false;
	int err;

	if (!vexfs_params_fit(sbi, params))
		return -EINVAL;
	vexfs_lock(sbi);
	do {
		err = vexfs_creating_gather(&creating);
	} while (vexfs_relieve(sbi, err, &relieved));
	if (err)
		vexfs_unit_cancel(sbi);
	else
		vexfs_creating_apply(&creating);
	vexfs_unlock(sbi);
	return err;
}

/* The running unit ends the directory's collection, if it is one. */
int vexfs_coll_drop_gather(struct inode *dir)
{
	struct super_block *sb = dir->i_sb;
	struct vexfs_coll *coll;
	unsigned int which;
	int err = 0;

	if (!vexfs_i(dir)->is_collection)
		return 0;
	coll = vexfs_coll_find(dir);
	if (IS_ERR(coll))
		return PTR_ERR(coll);
	for (which = 0; !err && which < VEXFS_COLL_INODES; which++) {
		err = PTR_ERR_OR_ZERO(vexfs_inode_pin(sb, coll->ino[which]));
		if (!err)
			err = vexfs_orphan_gather(sb, coll->ino[which]);
	}
	vexfs_coll_put(coll);
	return err;
}

/* vexfs_inode_refresh of the directory follows. */
void vexfs_coll_drop_apply(struct inode *dir, struct vexfs_inode *raw_dir)
{
	struct vexfs_sb_info *sbi = vexfs_sb(dir->i_sb);
	const struct vexfs_coll *coll = vexfs_i(dir)->coll;
	unsigned int which;

	if (!vexfs_i(dir)->is_collection)
		return;
	for (which = 0; which < VEXFS_COLL_INODES; which++) {
		vexfs_inode_slot(sbi, coll->ino[which])->nlink = 0;
		vexfs_orphan_add(sbi, coll->ino[which]);
	}
	raw_dir->flags &= ~cpu_to_le16(VEXFS_INODE_COLLECTION);
	raw_dir->collection = 0;
	vexfs_coll_bury(dir);
}

/* removexattr; -ENODATA if the directory is no collection. */
int vexfs_coll_remove(struct inode *dir)
{
	struct vexfs_sb_info *sbi = vexfs_sb(dir->i_sb);
	struct vexfs_inode *raw = NULL;
	int err;

	vexfs_lock(sbi);
	err = vexfs_unit_begin(sbi);
	if (!err && vexfs_dead(dir))
		err = -ESTALE;
	if (!err && !vexfs_i(dir)->is_collection)
		err = -ENODATA;
	if (!err) {
		raw = vexfs_inode_pin(dir->i_sb, dir->i_ino);
		err = PTR_ERR_OR_ZERO(raw);
	}
	if (!err)
		err = vexfs_coll_drop_gather(dir);
	if (err) {
		vexfs_unit_cancel(sbi);
	} else {
		vexfs_apply(sbi);
		vexfs_coll_drop_apply(dir, raw);
		vexfs_raw_ctime(raw, sbi->unit.now);
		vexfs_collection_event(sbi, VEXFS_EV_REMOVEXATTR, dir->i_ino, NULL, 0);
		vexfs_inode_refresh(dir, raw);
		vexfs_unit_end(sbi);
	}
	vexfs_unlock(sbi);
	return err;
}
