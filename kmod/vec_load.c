// SPDX-License-Identifier: GPL-2.0-only
/* Reading a collection into memory, with the checks of docs/vectors.md, "On the volume". */
#include <linux/slab.h>

#include "vec_coll.h"

/* The block that is being looked at. */
struct vexfs_loader {
	struct vexfs_coll *coll;
	unsigned int which;
	u32 lblk;
	bool valid;
	u8 *bytes;
};

static int vexfs_bad_collection(struct vexfs_coll *coll, const char *what, u32 number)
{
	return vexfs_corrupt(coll->sb, "collection %llu: %s %u", coll->dir, what, number);
}

static int vexfs_load_block(struct vexfs_loader *loader, unsigned int which, u32 lblk)
{
	int err;

	if (loader->valid && loader->which == which && loader->lblk == lblk)
		return 0;
	loader->valid = false;
	err = vexfs_coll_read(loader->coll, which, lblk, loader->bytes);
	if (err)
		return err;
	loader->which = which;
	loader->lblk = lblk;
	loader->valid = true;
	cond_resched();
	return fatal_signal_pending(current) ? -EINTR : 0;
}

/* A block of records or lists; @first is what its header must say. */
static int vexfs_load_lists(struct vexfs_loader *loader, unsigned int which, u32 lblk, u32 first)
{
	const struct vexfs_graph_block *block = (const void *)loader->bytes;
	u32 magic = which == VEXFS_COLL_GRAPH ? VEXFS_GRAPH_MAGIC : VEXFS_UPPER_MAGIC;
	int err = vexfs_load_block(loader, which, lblk);

	if (err)
		return err;
	if (le32_to_cpu(block->magic) != magic ||
	    le64_to_cpu(block->directory) != loader->coll->dir ||
	    le32_to_cpu(block->first) != first)
		return vexfs_bad_collection(loader->coll, "wrong header of graph block", lblk);
	return 0;
}

/* All mapped blocks are looked at, also those that no slot has taken yet. */
static int vexfs_load_headers(struct vexfs_loader *loader)
{
	struct vexfs_coll *coll = loader->coll;
	u32 m = coll->set.params.m, lblk;
	int err = 0;

	for (lblk = 1; !err && lblk < coll->blocks[VEXFS_COLL_GRAPH]; lblk++)
		err = vexfs_load_lists(loader, VEXFS_COLL_GRAPH, lblk,
				       (lblk - 1) * VEXFS_SLOTS_PER_BLOCK(m));
	for (lblk = 0; !err && lblk < coll->blocks[VEXFS_COLL_UPPER]; lblk++)
		err = vexfs_load_lists(loader, VEXFS_COLL_UPPER, lblk,
				       lblk * VEXFS_LISTS_PER_BLOCK(m));
	for (lblk = 0; !err && lblk < coll->blocks[VEXFS_COLL_VECTORS]; lblk++)
		err = vexfs_load_block(loader, VEXFS_COLL_VECTORS, lblk);
	return err;
}

static int vexfs_load_row(struct vexfs_loader *loader, u32 slot)
{
	const struct vec_params *params = &loader->coll->set.params;
	u8 *row = vec_row(&loader->coll->set, slot);
	u64 at = (u64)slot * params->stride;
	u32 done = 0;

	while (done < params->row_bytes) {
		u32 offset = (at + done) % VEXFS_BLOCK_SIZE;
		u32 n = min_t(u32, VEXFS_BLOCK_SIZE - offset, params->row_bytes - done);
		int err = vexfs_load_block(loader, VEXFS_COLL_VECTORS,
					   (at + done) / VEXFS_BLOCK_SIZE);

		if (err)
			return err;
		memcpy(row + done, loader->bytes + offset, n);
		done += n;
	}
	if (vec_row_crc(params, row) != vec_node(&loader->coll->set, slot)->row_crc)
		return vexfs_bad_collection(loader->coll, "wrong checksum of row", slot);
	return 0;
}

static const struct vexfs_slot *vexfs_raw_slot(const struct vexfs_loader *loader, u32 slot)
{
	u32 m = loader->coll->set.params.m;

	return (const void *)(loader->bytes + sizeof(struct vexfs_graph_block) +
			      slot % VEXFS_SLOTS_PER_BLOCK(m) * VEXFS_SLOT_BYTES(m));
}

static bool vexfs_id_ok(const struct vexfs_coll *coll, u64 id)
{
	u64 ino = id & ~VEXFS_ID_FILE;

	return ino == id || (ino >= 2 && ino <= vexfs_sb(coll->sb)->inodes);
}

/* Checks a slot's record against the slots before it. @lists: taken by those. */
static int vexfs_check_slot(struct vexfs_coll *coll, u32 slot, u32 lists)
{
	const struct vec_node *node = vec_node(&coll->set, slot);
	bool plain = node->first == VEXFS_SLOT_NONE;

	if (!plain && (node->first >= slot ||
		       vec_node(&coll->set, node->first)->first != VEXFS_SLOT_NONE))
		return vexfs_bad_collection(coll, "wrong original of slot", slot);
	if (node->level != (plain ? vec_level(&coll->set.params, slot) : 0))
		return vexfs_bad_collection(coll, "wrong level of slot", slot);
	if (node->upper != (node->level ? lists : VEXFS_SLOT_NONE) ||
	    lists + node->level > coll->set.upper_lists)
		return vexfs_bad_collection(coll, "wrong upper lists of slot", slot);
	if (!vexfs_id_ok(coll, node->id))
		return vexfs_bad_collection(coll, "wrong id of slot", slot);
	if (!node->dead && vec_find_id(&coll->set, node->id) != VEXFS_SLOT_NONE)
		return vexfs_bad_collection(coll, "another slot has the id of slot", slot);
	return 0;
}

static void vexfs_copy_links(u32 *links, const __le32 *raw, u32 count)
{
	while (count--)
		links[count] = le32_to_cpu(raw[count]);
}

static int vexfs_load_slot(struct vexfs_loader *loader, u32 slot, u32 *lists)
{
	struct vexfs_coll *coll = loader->coll;
	u32 m = coll->set.params.m, lblk = slot / VEXFS_SLOTS_PER_BLOCK(m);
	struct vec_node *node = vec_node(&coll->set, slot);
	const struct vexfs_slot *raw;
	int err = vexfs_load_lists(loader, VEXFS_COLL_GRAPH, 1 + lblk,
				   lblk * VEXFS_SLOTS_PER_BLOCK(m));

	if (err)
		return err;
	raw = vexfs_raw_slot(loader, slot);
	node->id = le64_to_cpu(raw->id);
	node->row_crc = le32_to_cpu(raw->row_crc);
	node->first = le32_to_cpu(raw->first);
	node->upper = le32_to_cpu(raw->upper);
	node->level = raw->level;
	node->dead = raw->flags & VEXFS_SLOT_DEAD;
	vexfs_copy_links(vec_links(&coll->set, slot, 0), (const __le32 *)(raw + 1), 2 * m);
	err = vexfs_check_slot(coll, slot, *lists);
	*lists += node->level;
	return err;
}

static int vexfs_load_slots(struct vexfs_loader *loader)
{
	struct vec_set *set = &loader->coll->set;
	u32 slot, lists = 0;
	int err = 0;

	for (slot = 0; !err && slot < set->slots; slot++) {
		err = vexfs_load_slot(loader, slot, &lists);
		if (!err)
			vec_adopt(set, slot);
	}
	if (!err && lists != set->upper_lists)
		err = vexfs_bad_collection(loader->coll, "wrong number of upper lists", lists);
	for (slot = 0; !err && slot < set->slots; slot++)
		err = vexfs_load_row(loader, slot);
	return err;
}

static int vexfs_load_upper(struct vexfs_loader *loader)
{
	struct vec_set *set = &loader->coll->set;
	u32 m = set->params.m, per = VEXFS_LISTS_PER_BLOCK(m), list;
	int err = 0;

	for (list = 0; !err && list < set->upper_lists; list++) {
		err = vexfs_load_lists(loader, VEXFS_COLL_UPPER, list / per, list / per * per);
		if (!err)
			vexfs_copy_links(vec_at(&set->upper, list),
					 (const __le32 *)(loader->bytes +
							  sizeof(struct vexfs_graph_block)) +
						 list % per * m, m);
	}
	return err;
}

/* Whether the link may stand in a list of @slot at @level behind @before. */
static bool vexfs_link_ok(const struct vec_set *set, u32 slot, u32 level, s64 before, u32 link)
{
	const struct vec_node *node;

	if (link >= set->linked || link == slot || link <= before)
		return false;
	node = vec_node(set, link);
	return node->first == VEXFS_SLOT_NONE && node->level >= level;
}

static bool vexfs_list_ok(const struct vec_set *set, u32 slot, u32 level)
{
	const u32 *links = vec_links(set, slot, level);
	u32 room = vec_list_room(set, level), i;
	bool linked = slot < set->linked && vec_node(set, slot)->first == VEXFS_SLOT_NONE;
	s64 before = -1;

	for (i = 0; i < room && links[i] != VEXFS_SLOT_NONE; i++) {
		if (!linked || !vexfs_link_ok(set, slot, level, before, links[i]))
			return false;
		before = links[i];
	}
	for (; i < room; i++)
		if (links[i] != VEXFS_SLOT_NONE)
			return false;
	return true;
}

static int vexfs_check_lists(struct vexfs_coll *coll)
{
	const struct vec_set *set = &coll->set;
	u32 slot, level;

	for (slot = 0; slot < set->slots; slot++) {
		for (level = 0; level <= vec_node(set, slot)->level; level++)
			if (!vexfs_list_ok(set, slot, level))
				return vexfs_bad_collection(coll, "wrong link of slot", slot);
		cond_resched();
	}
	return 0;
}

static bool vexfs_entry_ok(const struct vec_set *set)
{
	bool any = false;
	u32 slot;

	if (set->entry != VEXFS_SLOT_NONE)
		return set->entry < set->linked &&
		       vec_node(set, set->entry)->first == VEXFS_SLOT_NONE &&
		       vec_node(set, set->entry)->level == set->entry_level;
	for (slot = 0; slot < set->linked; slot++)
		any |= vec_node(set, slot)->first == VEXFS_SLOT_NONE;
	return !any && !set->entry_level;
}

static int vexfs_load_set(struct vexfs_loader *loader)
{
	struct vexfs_coll *coll = loader->coll;
	struct vec_set *set = &coll->set;
	u32 slots = set->slots;
	int err = vexfs_load_headers(loader);

	if (err)
		return err;
	if (set->linked > slots)
		return vexfs_bad_collection(coll, "more slots linked than there are:", set->linked);
	/* While it makes room it must not look at slots that are not there yet. */
	set->slots = 0;
	set->live = 0;
	err = vec_reserve(set, slots, set->upper_lists);
	set->slots = slots;
	if (!err)
		err = vexfs_load_slots(loader);
	if (!err && set->live != le32_to_cpu(coll->header.live))
		err = vexfs_bad_collection(coll, "wrong number of live slots, there are",
					   set->live);
	if (!err)
		err = vexfs_load_upper(loader);
	if (!err)
		err = vexfs_check_lists(coll);
	if (!err && !vexfs_entry_ok(set))
		err = vexfs_bad_collection(coll, "wrong entry", set->entry);
	return err;
}

int vexfs_coll_load(struct vexfs_coll *coll)
{
	struct vexfs_loader loader = { .coll = coll };
	int err = 0;

	if (READ_ONCE(coll->loaded))
		return 0;
	loader.bytes = (u8 *)__get_free_page(GFP_KERNEL);
	if (!loader.bytes)
		return -ENOMEM;
	down_write(&coll->sem);
	if (!coll->loaded) {
		err = vexfs_coll_gone(coll) ? -ESTALE : vexfs_coll_reset(coll);
		if (!err)
			err = vexfs_load_set(&loader);
		if (err)
			vexfs_coll_reset(coll);
		WRITE_ONCE(coll->loaded, !err);
	}
	up_write(&coll->sem);
	free_page((unsigned long)loader.bytes);
	return err;
}
