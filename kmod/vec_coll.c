// SPDX-License-Identifier: GPL-2.0-only
/* Finding a directory's collection, and the checks that every use of it makes. */
#include <linux/slab.h>

#include "vec_coll.h"

enum vexfs_kind vexfs_coll_kind(unsigned int which)
{
	return which == VEXFS_COLL_VECTORS ? VEXFS_KIND_ROWS : VEXFS_KIND_GRAPH;
}

/* Blocks that an inode needs for that many slots and lists. */
u32 vexfs_coll_need(const struct vec_params *params, unsigned int which, u32 slots, u32 lists)
{
	switch (which) {
	case VEXFS_COLL_GRAPH:
		return 1 + DIV_ROUND_UP(slots, VEXFS_SLOTS_PER_BLOCK(params->m));
	case VEXFS_COLL_VECTORS:
		return DIV_ROUND_UP_ULL((u64)slots * params->stride, VEXFS_BLOCK_SIZE);
	default:
		return DIV_ROUND_UP(lists, VEXFS_LISTS_PER_BLOCK(params->m));
	}
}

/* Where a block of a system inode lies. The mutex or image_lock is held. */
int vexfs_coll_map(struct vexfs_coll *coll, unsigned int which, u32 lblk, u64 *block)
{
	const struct vexfs_inode *raw;
	struct vexfs_mapping map;
	struct vexfs_ref ref;
	int err = vexfs_inode_read(coll->sb, coll->ino[which], &ref, &raw);

	if (err)
		return err;
	err = vexfs_extent_find(coll->sb, coll->ino[which], raw, lblk, &map);
	vexfs_put(&ref);
	if (!err && (!map.pblk || map.unwritten))
		err = vexfs_corrupt(coll->sb, "inode %u: block %u of a collection is not mapped",
				    coll->ino[which], lblk);
	*block = map.pblk;
	return err;
}

/*
 * Copies a block of a system inode; -ESTALE once the collection is gone: its blocks may be somebody
 * else's by then. Neither the mutex nor image_lock is held.
 */
int vexfs_coll_read(struct vexfs_coll *coll, unsigned int which, u32 lblk, u8 *bytes)
{
	struct vexfs_sb_info *sbi = vexfs_sb(coll->sb);
	struct vexfs_ref ref;
	u64 block;
	int err;

	down_read(&sbi->image_lock);
	err = vexfs_coll_gone(coll) ? -ESTALE : vexfs_coll_map(coll, which, lblk, &block);
	if (!err)
		err = vexfs_read(coll->sb, block, vexfs_coll_kind(which), &ref);
	if (!err) {
		memcpy(bytes, ref.data, VEXFS_BLOCK_SIZE);
		vexfs_put(&ref);
	}
	up_read(&sbi->image_lock);
	return err;
}

/* Checks that the number is that of a system inode of this directory, and takes its size. */
static int vexfs_coll_inode(struct vexfs_coll *coll, unsigned int which, u32 ino)
{
	const struct vexfs_inode *raw;
	struct vexfs_ref ref;
	int err = vexfs_inode_read(coll->sb, ino, &ref, &raw);
	u64 size;

	if (err)
		return err;
	size = le64_to_cpu(raw->size);
	if (!(le16_to_cpu(raw->flags) & VEXFS_INODE_SYSTEM) || le64_to_cpu(raw->home) != coll->dir)
		err = vexfs_corrupt(coll->sb, "inode %u: does not belong to collection %llu", ino,
				    coll->dir);
	else if (size % VEXFS_BLOCK_SIZE)
		err = vexfs_corrupt(coll->sb, "inode %u: size is not in whole blocks", ino);
	coll->ino[which] = ino;
	coll->blocks[which] = min_t(u64, size / VEXFS_BLOCK_SIZE, U32_MAX);
	vexfs_put(&ref);
	return err;
}

/* Takes the counters and parameters of the header. */
int vexfs_coll_reset(struct vexfs_coll *coll)
{
	const struct vexfs_collection *header = &coll->header;
	struct vec_params params = {
		.dim = le32_to_cpu(header->dim),
		.m = le16_to_cpu(header->m),
		.ef_construction = le32_to_cpu(header->ef_construction),
		.type = header->type,
		.metric = header->metric,
		.seed = le64_to_cpu(header->seed),
	};
	struct vec_set *set = &coll->set;
	int err;

	if (!vec_params_ok(&params) || le32_to_cpu(header->slots) > VEXFS_SLOTS_MAX)
		return vexfs_corrupt(coll->sb, "collection %llu: a parameter is out of bounds",
				     coll->dir);
	vec_params_derive(&params);
	vec_set_free(set);
	err = vec_set_init(set, &params);
	if (err)
		return err;
	set->slots = le32_to_cpu(header->slots);
	set->live = le32_to_cpu(header->live);
	set->linked = le32_to_cpu(header->linked);
	set->entry = le32_to_cpu(header->entry);
	set->entry_level = le32_to_cpu(header->entry_level);
	set->upper_lists = le32_to_cpu(header->upper_lists);
	set->sequence = le64_to_cpu(header->sequence);
	return 0;
}

static int vexfs_coll_check_sizes(struct vexfs_coll *coll)
{
	unsigned int which;

	for (which = 0; which < VEXFS_COLL_INODES; which++)
		if (coll->blocks[which] < vexfs_coll_need(&coll->set.params, which,
							  coll->set.slots,
							  coll->set.upper_lists))
			return vexfs_corrupt(coll->sb, "collection %llu: inode %u is too short",
					     coll->dir, coll->ino[which]);
	return 0;
}

static int vexfs_coll_take_header(struct vexfs_coll *coll, const u8 *bytes)
{
	struct vexfs_collection *header = &coll->header;
	u32 vectors, upper;
	int err;

	memcpy(header, bytes, sizeof(*header));
	vectors = le32_to_cpu(header->vectors_ino);
	upper = le32_to_cpu(header->upper_ino);
	if (le32_to_cpu(header->magic) != VEXFS_COLLECTION_MAGIC ||
	    le64_to_cpu(header->directory) != coll->dir)
		return vexfs_corrupt(coll->sb, "collection %llu: not its header", coll->dir);
	if (vectors == upper || vectors == coll->ino[VEXFS_COLL_GRAPH] ||
	    upper == coll->ino[VEXFS_COLL_GRAPH])
		return vexfs_corrupt(coll->sb, "collection %llu: has not three inodes", coll->dir);
	err = vexfs_coll_inode(coll, VEXFS_COLL_VECTORS, vectors);
	if (!err)
		err = vexfs_coll_inode(coll, VEXFS_COLL_UPPER, upper);
	if (!err)
		err = vexfs_coll_reset(coll);
	return err ? err : vexfs_coll_check_sizes(coll);
}

static int vexfs_coll_open(struct vexfs_coll *coll, u32 graph)
{
	struct vexfs_ref ref;
	u64 block;
	int err = vexfs_coll_inode(coll, VEXFS_COLL_GRAPH, graph);

	if (!err)
		err = vexfs_coll_map(coll, VEXFS_COLL_GRAPH, 0, &block);
	if (!err)
		err = vexfs_read(coll->sb, block, VEXFS_KIND_GRAPH, &ref);
	if (err)
		return err;
	err = vexfs_coll_take_header(coll, ref.data);
	vexfs_put(&ref);
	return err;
}

static void vexfs_coll_free(struct kref *ref)
{
	struct vexfs_coll *coll = container_of(ref, struct vexfs_coll, ref);

	vec_set_free(&coll->set);
	kfree(coll);
}

void vexfs_coll_put(struct vexfs_coll *coll)
{
	if (coll)
		kref_put(&coll->ref, vexfs_coll_free);
}

/* Memory for a collection, with a reference; NULL if there is none. */
struct vexfs_coll *vexfs_coll_new(struct super_block *sb, u64 dir)
{
	struct vexfs_coll *coll = kzalloc(sizeof(*coll), GFP_NOFS);

	if (!coll)
		return NULL;
	kref_init(&coll->ref);
	mutex_init(&coll->changes);
	init_rwsem(&coll->sem);
	coll->sb = sb;
	coll->dir = dir;
	return coll;
}

/*
 * The collection of a directory, with a reference; -ENODATA if it is none. The mutex is held: no
 * collection comes or goes.
 */
struct vexfs_coll *vexfs_coll_find(struct inode *dir)
{
	struct vexfs_inode_info *info = vexfs_i(dir);
	struct vexfs_coll *coll = info->coll;
	int err;

	if (!info->is_collection)
		return ERR_PTR(-ENODATA);
	if (coll) {
		kref_get(&coll->ref);
		return coll;
	}
	coll = vexfs_coll_new(dir->i_sb, dir->i_ino);
	if (!coll)
		return ERR_PTR(-ENOMEM);
	err = vexfs_coll_open(coll, info->collection);
	if (err) {
		vexfs_coll_put(coll);
		return ERR_PTR(err);
	}
	kref_get(&coll->ref);
	info->coll = coll;
	return coll;
}

/* The same for those who do not hold the mutex. */
struct vexfs_coll *vexfs_coll_get(struct inode *dir)
{
	struct vexfs_sb_info *sbi = vexfs_sb(dir->i_sb);
	struct vexfs_coll *coll;

	vexfs_lock(sbi);
	coll = vexfs_coll_find(dir);
	vexfs_unlock(sbi);
	return coll;
}

/* The directory's collection is removed, and so is what it was to become. The mutex is held. */
void vexfs_coll_bury(struct inode *dir)
{
	struct vexfs_coll *coll = vexfs_i(dir)->coll;

	vexfs_i(dir)->coll = NULL;
	if (coll) {
		WRITE_ONCE(coll->gone, true);
		if (coll->heir)
			WRITE_ONCE(coll->heir->gone, true);
	}
	vexfs_coll_put(coll);
}
