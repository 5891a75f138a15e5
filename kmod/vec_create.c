// SPDX-License-Identifier: GPL-2.0-only
/* Making a directory a collection, and the end of one (docs/vectors.md, "Units of work"). */
#include "vec_coll.h"

struct vexfs_founding {
	struct inode *dir;
	const struct vec_params *params;
	struct vexfs_inode *raw_dir;
	u64 ino[VEXFS_COLL_INODES];
	u64 block;
	struct vexfs_image *header;
};

/* Three inode numbers, in the order in which one after the other would get them. */
static int vexfs_founding_inodes(struct vexfs_founding *new)
{
	struct super_block *sb = new->dir->i_sb;
	const struct vexfs_state *state = vexfs_sb(sb)->unit.state;
	u64 cursor = le64_to_cpu(state->inode_cursor);
	unsigned int i;
	int err = 0;

	if (le64_to_cpu(state->free_inodes) < VEXFS_COLL_INODES ||
	    !vexfs_has_blocks(vexfs_sb(sb), 1))
		return -ENOSPC;
	for (i = 0; !err && i < VEXFS_COLL_INODES; i++) {
		err = vexfs_ialloc_gather_from(sb, cursor, &new->ino[i]);
		cursor = new->ino[i] == vexfs_sb(sb)->inodes ? 2 : new->ino[i] + 1;
	}
	return err;
}

static int vexfs_founding_gather(struct vexfs_founding *new)
{
	struct super_block *sb = new->dir->i_sb;
	int err = vexfs_unit_begin(vexfs_sb(sb));

	if (err)
		return err;
	if (vexfs_dead(new->dir))
		return -ESTALE;
	if (vexfs_i(new->dir)->is_collection)
		return -EEXIST;
	new->raw_dir = vexfs_inode_pin(sb, new->dir->i_ino);
	if (IS_ERR(new->raw_dir))
		return PTR_ERR(new->raw_dir);
	err = vexfs_founding_inodes(new);
	if (!err)
		err = vexfs_alloc_data(sb, 0, &new->block);
	if (err)
		return err;
	new->header = vexfs_pin_new(vexfs_sb(sb), new->block, VEXFS_KIND_GRAPH);
	return PTR_ERR_OR_ZERO(new->header);
}

static void vexfs_found_inode(struct vexfs_founding *new, unsigned int which)
{
	struct vexfs_sb_info *sbi = vexfs_sb(new->dir->i_sb);
	struct vexfs_inode *raw = vexfs_ialloc_apply(sbi, new->ino[which]);
	struct vexfs_extent *extent = (void *)raw->inline_area;

	raw->mode = cpu_to_le16(S_IFREG);
	raw->flags = cpu_to_le16(VEXFS_INODE_SYSTEM);
	raw->nlink = cpu_to_le32(1);
	vexfs_raw_time(sbi->unit.now, &raw->atime, &raw->atime_nsec);
	vexfs_raw_mctime(raw, sbi->unit.now);
	raw->home = cpu_to_le64(new->dir->i_ino);
	if (which != VEXFS_COLL_GRAPH)
		return;
	raw->size = cpu_to_le64(VEXFS_BLOCK_SIZE);
	raw->blocks = cpu_to_le64(1);
	raw->extents = cpu_to_le16(1);
	extent->len = cpu_to_le32(1);
	extent->pblk = cpu_to_le64(new->block);
}

static void vexfs_found_header(struct vexfs_founding *new)
{
	struct vexfs_collection *header = (void *)new->header->data;
	const struct vec_params *params = new->params;

	header->magic = cpu_to_le32(VEXFS_COLLECTION_MAGIC);
	header->directory = cpu_to_le64(new->dir->i_ino);
	header->vectors_ino = cpu_to_le32(new->ino[VEXFS_COLL_VECTORS]);
	header->upper_ino = cpu_to_le32(new->ino[VEXFS_COLL_UPPER]);
	header->dim = cpu_to_le32(params->dim);
	header->type = params->type;
	header->metric = params->metric;
	header->m = cpu_to_le16(params->m);
	header->ef_construction = cpu_to_le32(params->ef_construction);
	header->seed = cpu_to_le64(params->seed);
	header->entry = cpu_to_le32(VEXFS_SLOT_NONE);
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

static void vexfs_founding_apply(struct vexfs_founding *new)
{
	struct vexfs_sb_info *sbi = vexfs_sb(new->dir->i_sb);
	char text[VEXFS_PARAMS_TEXT_MAX + 1];
	unsigned int which, length = vexfs_params_format(new->params, text);

	vexfs_apply(sbi);
	vexfs_alloc_apply(sbi);
	for (which = 0; which < VEXFS_COLL_INODES; which++)
		vexfs_found_inode(new, which);
	vexfs_found_header(new);
	new->raw_dir->flags |= cpu_to_le16(VEXFS_INODE_COLLECTION);
	new->raw_dir->collection = cpu_to_le32(new->ino[VEXFS_COLL_GRAPH]);
	vexfs_raw_ctime(new->raw_dir, sbi->unit.now);
	vexfs_collection_event(sbi, VEXFS_EV_SETXATTR, new->dir->i_ino, text, length);
	vexfs_inode_refresh(new->dir, new->raw_dir);
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
	struct vexfs_founding new = { .dir = dir, .params = params };
	struct vexfs_sb_info *sbi = vexfs_sb(dir->i_sb);
	bool relieved = false;
	int err;

	if (!vexfs_params_fit(sbi, params))
		return -EINVAL;
	vexfs_lock(sbi);
	do {
		err = vexfs_founding_gather(&new);
	} while (vexfs_relieve(sbi, err, &relieved));
	if (err)
		vexfs_unit_cancel(sbi);
	else
		vexfs_founding_apply(&new);
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
