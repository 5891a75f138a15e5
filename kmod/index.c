// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where the names of a large directory are: a hash table in memory, built when a name is first
 * looked up and dropped with the inode. Records never move, so an entry is a hash and a position.
 *
 * Lookups hold the directory's i_rwsem shared, whoever changes names holds it exclusively; so only
 * the building of the table can race with itself. Both also hold image_lock or the mutex, so that
 * who holds the mutex and image_lock for writing may drop any table. Without a table (no memory, or
 * one that is larger than the cache option allows) names are searched block by block.
 */
#include <linux/jhash.h>
#include <linux/log2.h>
#include <linux/slab.h>

#include "vexfs.h"

#define VEXFS_SLOT_EMPTY	0U		/* no record is at position 0 */
#define VEXFS_SLOT_DELETED	U32_MAX
#define VEXFS_INDEX_MIN_SLOTS	2048U
#define VEXFS_NAMES_PER_BLOCK	(VEXFS_BLOCK_SIZE / VEXFS_DIR_NEED(1))

struct vexfs_slot {
	u32 hash;
	u32 where;	/* position of the record / 8 */
};

struct vexfs_index {
	struct list_head link;		/* on sbi->indexes */
	struct vexfs_inode_info *owner;	/* NULL while it is built */
	bool wanted;			/* since vexfs_index_trim() saw it */
	u32 mask;
	u32 used;	/* slots that are not empty */
	u32 names;
	struct vexfs_slot slots[];
};

static u32 vexfs_hash(const struct qstr *name)
{
	return jhash(name->name, name->len, 0);
}

static size_t vexfs_index_bytes(u32 slots)
{
	return sizeof(struct vexfs_index) + (size_t)slots * sizeof(struct vexfs_slot);
}

static struct vexfs_index *vexfs_index_alloc(struct vexfs_sb_info *sbi, u32 slots)
{
	size_t bytes = vexfs_index_bytes(slots);
	struct vexfs_index *index;

	if (bytes > vexfs_index_limit(sbi))
		return NULL;
	index = kvzalloc(bytes, GFP_NOFS);
	if (!index)
		return NULL;
	INIT_LIST_HEAD(&index->link);
	index->wanted = true;
	index->mask = slots - 1;
	atomic64_add(bytes, &sbi->index_bytes);
	if (vexfs_cache_is_full(sbi))
		schedule_work(&sbi->trim_work);
	return index;
}

static void vexfs_index_free(struct vexfs_sb_info *sbi, struct vexfs_index *index)
{
	if (!index)
		return;
	spin_lock(&sbi->index_lock);
	list_del(&index->link);
	spin_unlock(&sbi->index_lock);
	atomic64_sub(vexfs_index_bytes(index->mask + 1), &sbi->index_bytes);
	kvfree(index);
}

/* The directory has this table from now on; trimming may take it. */
static void vexfs_index_publish(struct vexfs_sb_info *sbi, struct inode *dir,
				struct vexfs_index *index)
{
	index->owner = vexfs_i(dir);
	spin_lock(&sbi->index_lock);
	list_add_tail(&index->link, &sbi->indexes);
	spin_unlock(&sbi->index_lock);
}

/* There is an empty slot. */
static void vexfs_index_put(struct vexfs_index *index, u32 hash, u32 where)
{
	u32 at = hash & index->mask;

	while (index->slots[at].where != VEXFS_SLOT_EMPTY &&
	       index->slots[at].where != VEXFS_SLOT_DELETED)
		at = (at + 1) & index->mask;
	if (index->slots[at].where == VEXFS_SLOT_EMPTY)
		index->used++;
	index->names++;
	index->slots[at] = (struct vexfs_slot){ hash, where };
}

/* A table with room for @more names beside those of @old. */
static struct vexfs_index *vexfs_index_copy(struct vexfs_sb_info *sbi,
					    const struct vexfs_index *old, u32 more)
{
	u32 slots = roundup_pow_of_two(max(2 * (old->names + more), VEXFS_INDEX_MIN_SLOTS));
	struct vexfs_index *index = vexfs_index_alloc(sbi, slots);
	u32 i;

	for (i = 0; index && i <= old->mask; i++)
		if (old->slots[i].where != VEXFS_SLOT_EMPTY &&
		    old->slots[i].where != VEXFS_SLOT_DELETED)
			vexfs_index_put(index, old->slots[i].hash, old->slots[i].where);
	return index;
}

static bool vexfs_index_full(const struct vexfs_index *index, u32 more)
{
	return (u64)(index->used + more) * 4 > (u64)(index->mask + 1) * 3;
}

/* Adds the names of a block; the table grows as needed. */
static int vexfs_index_block(struct vexfs_sb_info *sbi, struct vexfs_index **index,
			     const u8 *bytes, u64 lblk)
{
	unsigned int offset = sizeof(struct vexfs_dir_header);

	if (vexfs_index_full(*index, VEXFS_NAMES_PER_BLOCK)) {
		struct vexfs_index *larger = vexfs_index_copy(sbi, *index, VEXFS_NAMES_PER_BLOCK);

		if (!larger)
			return -ENOMEM;
		vexfs_index_free(sbi, *index);
		*index = larger;
	}
	while (offset < VEXFS_BLOCK_SIZE) {
		const struct vexfs_dir_record *record = (const void *)(bytes + offset);
		struct qstr name = QSTR_INIT((const u8 *)(record + 1), record->name_length);

		if (record->ino)
			vexfs_index_put(*index, vexfs_hash(&name),
					(lblk * VEXFS_BLOCK_SIZE + offset) / 8);
		offset += le16_to_cpu(record->length);
	}
	return 0;
}

static int vexfs_index_fill(struct inode *dir, struct vexfs_index **index)
{
	struct vexfs_walk walk;
	int err = vexfs_walk_begin(&walk, dir, 0);

	while (!err) {
		err = vexfs_walk_next(&walk);
		if (err <= 0)
			break;
		err = vexfs_index_block(vexfs_sb(dir->i_sb), index, walk.ref.data,
					walk.lblk - 1);
	}
	vexfs_walk_end(&walk);
	return err;
}

/* The directory's table, built if it is worth it; NULL if there is none. */
static struct vexfs_index *vexfs_index_get(struct inode *dir)
{
	struct vexfs_sb_info *sbi = vexfs_sb(dir->i_sb);
	struct vexfs_index *index = READ_ONCE(vexfs_i(dir)->index);
	u64 blocks = i_size_read(dir) / VEXFS_BLOCK_SIZE;

	if (index || blocks < VEXFS_INDEX_BLOCKS || blocks > U32_MAX / (VEXFS_BLOCK_SIZE / 8))
		return index;
	index = vexfs_index_alloc(sbi, VEXFS_INDEX_MIN_SLOTS);
	if (!index)
		return NULL;
	if (vexfs_index_fill(dir, &index)) {
		vexfs_index_free(sbi, index);
		return NULL;
	}
	if (cmpxchg(&vexfs_i(dir)->index, NULL, index)) {
		vexfs_index_free(sbi, index);
		return READ_ONCE(vexfs_i(dir)->index);
	}
	vexfs_index_publish(sbi, dir, index);
	return index;
}

/* Whether the record at the position has this name. */
static int vexfs_index_check(struct inode *dir, u64 position, const struct qstr *name,
			     struct vexfs_place *place)
{
	unsigned int offset = position % VEXFS_BLOCK_SIZE;
	const struct vexfs_dir_record *record;
	struct vexfs_walk walk;
	int found = vexfs_walk_begin(&walk, dir, position / VEXFS_BLOCK_SIZE);

	if (!found)
		found = vexfs_walk_next(&walk);
	if (found > 0) {
		record = (const void *)(walk.ref.data + offset);
		found = record->ino && record->name_length == name->len &&
			!memcmp(record + 1, name->name, name->len);
		place->lblk = walk.lblk - 1;
		place->block = walk.block;
		place->offset = offset;
		place->ino = le32_to_cpu(record->ino);
	}
	vexfs_walk_end(&walk);
	return found;
}

/* -ENOENT if there is no such name, -EAGAIN if there is no table. */
int vexfs_index_find(struct inode *dir, const struct qstr *name, struct vexfs_place *place)
{
	struct vexfs_index *index = vexfs_index_get(dir);
	u32 hash = vexfs_hash(name);
	u32 at;

	if (!index)
		return -EAGAIN;
	WRITE_ONCE(index->wanted, true);
	for (at = hash & index->mask; index->slots[at].where != VEXFS_SLOT_EMPTY;
	     at = (at + 1) & index->mask) {
		int found;

		if (index->slots[at].hash != hash ||
		    index->slots[at].where == VEXFS_SLOT_DELETED)
			continue;
		found = vexfs_index_check(dir, (u64)index->slots[at].where * 8, name, place);
		if (found)
			return min(found, 0);
	}
	return -ENOENT;
}

/* Before a name is added: there is room for it, or no table any more. The mutex is held. */
void vexfs_index_reserve(struct inode *dir)
{
	struct vexfs_sb_info *sbi = vexfs_sb(dir->i_sb);
	struct vexfs_index *old = vexfs_i(dir)->index;

	if (!old || !vexfs_index_full(old, 1))
		return;
	vexfs_i(dir)->index = vexfs_index_copy(sbi, old, 1);
	vexfs_index_free(sbi, old);
	if (vexfs_i(dir)->index)
		vexfs_index_publish(sbi, dir, vexfs_i(dir)->index);
}

void vexfs_index_add(struct inode *dir, const struct qstr *name, u64 position)
{
	if (vexfs_i(dir)->index)
		vexfs_index_put(vexfs_i(dir)->index, vexfs_hash(name), position / 8);
}

void vexfs_index_remove(struct inode *dir, const struct qstr *name, u64 position)
{
	struct vexfs_index *index = vexfs_i(dir)->index;
	u32 at;

	if (!index)
		return;
	for (at = vexfs_hash(name) & index->mask; index->slots[at].where != VEXFS_SLOT_EMPTY;
	     at = (at + 1) & index->mask) {
		if (index->slots[at].where != position / 8)
			continue;
		index->slots[at].where = VEXFS_SLOT_DELETED;
		index->names--;
		return;
	}
}

/* At eviction; trimming may be about to take the table away. */
void vexfs_index_drop(struct inode *dir)
{
	struct vexfs_sb_info *sbi = vexfs_sb(dir->i_sb);
	struct vexfs_index *index;

	spin_lock(&sbi->index_lock);
	index = vexfs_i(dir)->index;
	vexfs_i(dir)->index = NULL;
	if (index)
		list_del_init(&index->link);
	spin_unlock(&sbi->index_lock);
	vexfs_index_free(sbi, index);
}

/*
 * Drops tables until all take at most @limit bytes, those first that were not used since the last
 * time. The mutex is held, and image_lock for writing.
 */
void vexfs_index_trim(struct vexfs_sb_info *sbi, s64 limit)
{
	struct vexfs_index *index;

	while (atomic64_read(&sbi->index_bytes) > limit) {
		spin_lock(&sbi->index_lock);
		index = list_first_entry_or_null(&sbi->indexes, struct vexfs_index, link);
		if (index && index->wanted) {
			index->wanted = false;
			list_move_tail(&index->link, &sbi->indexes);
			spin_unlock(&sbi->index_lock);
			continue;
		}
		if (index) {
			index->owner->index = NULL;
			list_del_init(&index->link);
		}
		spin_unlock(&sbi->index_lock);
		if (!index)
			break;
		vexfs_index_free(sbi, index);
	}
}
