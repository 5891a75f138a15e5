// SPDX-License-Identifier: GPL-2.0-only
/* The inodes and the header of a new collection, a directory's first one or a compaction's. */
#include "vec_coll.h"

/* Three inode numbers, in the order in which one after the other would get them. */
static int vexfs_founding_inodes(struct vexfs_founding *new)
{
	struct vexfs_sb_info *sbi = vexfs_sb(new->sb);
	u64 cursor = le64_to_cpu(sbi->unit.state->inode_cursor);
	unsigned int i;
	int err = 0;

	if (le64_to_cpu(sbi->unit.state->free_inodes) < VEXFS_COLL_INODES ||
	    !vexfs_has_blocks(sbi, 1))
		return -ENOSPC;
	for (i = 0; !err && i < VEXFS_COLL_INODES; i++) {
		err = vexfs_ialloc_gather_from(new->sb, cursor, &new->ino[i]);
		if (!err && new->heir)
			err = vexfs_orphan_gather(new->sb, new->ino[i]);
		cursor = new->ino[i] == sbi->inodes ? 2 : new->ino[i] + 1;
	}
	return err;
}

int vexfs_founding_gather(struct vexfs_founding *new)
{
	int err = vexfs_founding_inodes(new);

	if (!err)
		err = vexfs_alloc_data(new->sb, 0, &new->block);
	if (err)
		return err;
	new->header = vexfs_pin_new(vexfs_sb(new->sb), new->block, VEXFS_KIND_GRAPH);
	return PTR_ERR_OR_ZERO(new->header);
}

static void vexfs_found_inode(struct vexfs_founding *new, unsigned int which)
{
	struct vexfs_sb_info *sbi = vexfs_sb(new->sb);
	struct vexfs_inode *raw = vexfs_ialloc_apply(sbi, new->ino[which]);
	struct vexfs_extent *extent = (void *)raw->inline_area;

	raw->mode = cpu_to_le16(S_IFREG);
	raw->flags = cpu_to_le16(VEXFS_INODE_SYSTEM);
	if (new->heir)
		vexfs_orphan_hold(sbi, new->ino[which]);
	else
		raw->nlink = cpu_to_le32(1);
	vexfs_raw_time(sbi->unit.now, &raw->atime, &raw->atime_nsec);
	vexfs_raw_mctime(raw, sbi->unit.now);
	raw->home = cpu_to_le64(new->dir);
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
	header->directory = cpu_to_le64(new->dir);
	header->vectors_ino = cpu_to_le32(new->ino[VEXFS_COLL_VECTORS]);
	header->upper_ino = cpu_to_le32(new->ino[VEXFS_COLL_UPPER]);
	header->dim = cpu_to_le32(params->dim);
	header->type = params->type;
	header->metric = params->metric;
	header->m = cpu_to_le16(params->m);
	header->ef_construction = cpu_to_le32(params->ef_construction);
	header->seed = cpu_to_le64(params->seed);
	header->sequence = cpu_to_le64(new->sequence);
	header->entry = cpu_to_le32(VEXFS_SLOT_NONE);
}

/* After vexfs_apply. */
void vexfs_founding_apply(struct vexfs_founding *new)
{
	unsigned int which;

	vexfs_alloc_apply(vexfs_sb(new->sb));
	for (which = 0; which < VEXFS_COLL_INODES; which++)
		vexfs_found_inode(new, which);
	vexfs_found_header(new);
}
