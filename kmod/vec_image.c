// SPDX-License-Identifier: GPL-2.0-only
/* Blocks of a collection as units change them. The mutex is held; writing needs image_lock too. */
#include "vec_coll.h"

/* A mapped block of a system inode for the running unit to change. */
struct vexfs_image *vexfs_coll_pin(struct vexfs_coll *coll, unsigned int which, u32 lblk)
{
	u64 block;
	int err = vexfs_coll_map(coll, which, lblk, &block);

	if (err)
		return ERR_PTR(err);
	return vexfs_pin(coll->sb, block, vexfs_coll_kind(which));
}

/* The block with the record of the slot. */
struct vexfs_image *vexfs_coll_pin_slot(struct vexfs_coll *coll, u32 slot)
{
	return vexfs_coll_pin(coll, VEXFS_COLL_GRAPH,
			      1 + slot / VEXFS_SLOTS_PER_BLOCK(coll->set.params.m));
}

/* The block with the list of this number. */
struct vexfs_image *vexfs_coll_pin_list(struct vexfs_coll *coll, u32 list)
{
	return vexfs_coll_pin(coll, VEXFS_COLL_UPPER,
			      list / VEXFS_LISTS_PER_BLOCK(coll->set.params.m));
}

void vexfs_coll_write_header(const struct vexfs_coll *coll, struct vexfs_image *image)
{
	struct vexfs_collection *header = (void *)image->data;
	const struct vec_set *set = &coll->set;
	const struct vec_params *params = &set->params;

	header->magic = cpu_to_le32(VEXFS_COLLECTION_MAGIC);
	header->directory = cpu_to_le64(coll->dir);
	header->vectors_ino = cpu_to_le32(coll->ino[VEXFS_COLL_VECTORS]);
	header->upper_ino = cpu_to_le32(coll->ino[VEXFS_COLL_UPPER]);
	header->dim = cpu_to_le32(params->dim);
	header->type = params->type;
	header->metric = params->metric;
	header->m = cpu_to_le16(params->m);
	header->ef_construction = cpu_to_le32(params->ef_construction);
	header->slots = cpu_to_le32(set->slots);
	header->seed = cpu_to_le64(params->seed);
	header->sequence = cpu_to_le64(set->sequence);
	header->live = cpu_to_le32(set->live);
	header->linked = cpu_to_le32(set->linked);
	header->entry = cpu_to_le32(set->entry);
	header->entry_level = cpu_to_le32(set->entry_level);
	header->upper_lists = cpu_to_le32(set->upper_lists);
}

static void vexfs_write_links(const struct vexfs_coll *coll, __le32 *raw, u32 slot, u32 level)
{
	const u32 *links = vec_links(&coll->set, slot, level);
	u32 i, room = vec_list_room(&coll->set, level);

	for (i = 0; i < room; i++)
		raw[i] = cpu_to_le32(links[i]);
}

/* The record of the slot and its list of level 0. */
void vexfs_coll_write_slot(const struct vexfs_coll *coll, struct vexfs_image *image, u32 slot)
{
	const struct vec_node *node = vec_node(&coll->set, slot);
	u32 m = coll->set.params.m;
	struct vexfs_slot *raw = (void *)(image->data + sizeof(struct vexfs_graph_block) +
					  slot % VEXFS_SLOTS_PER_BLOCK(m) * VEXFS_SLOT_BYTES(m));

	raw->id = cpu_to_le64(node->id);
	raw->row_crc = cpu_to_le32(node->row_crc);
	raw->first = cpu_to_le32(node->first);
	raw->upper = cpu_to_le32(node->upper);
	raw->level = node->level;
	raw->flags = node->dead ? VEXFS_SLOT_DEAD : 0;
	vexfs_write_links(coll, (__le32 *)(raw + 1), slot, 0);
}

/* A list above level 0. */
void vexfs_coll_write_list(const struct vexfs_coll *coll, struct vexfs_image *image, u32 slot,
			   u32 level)
{
	u32 m = coll->set.params.m;
	u32 list = vec_node(&coll->set, slot)->upper + level - 1;
	__le32 *lists = (__le32 *)(image->data + sizeof(struct vexfs_graph_block));

	vexfs_write_links(coll, lists + list % VEXFS_LISTS_PER_BLOCK(m) * m, slot, level);
}

/* What stands in a new block before anything uses it. */
void vexfs_coll_init_block(const struct vexfs_coll *coll, struct vexfs_image *image,
			   unsigned int which, u32 lblk)
{
	struct vexfs_graph_block *block = (void *)image->data;
	u32 m = coll->set.params.m;

	if (which == VEXFS_COLL_VECTORS)
		return;
	block->directory = cpu_to_le64(coll->dir);
	if (which == VEXFS_COLL_GRAPH) {
		block->magic = cpu_to_le32(VEXFS_GRAPH_MAGIC);
		block->first = cpu_to_le32((lblk - 1) * VEXFS_SLOTS_PER_BLOCK(m));
	} else {
		block->magic = cpu_to_le32(VEXFS_UPPER_MAGIC);
		block->first = cpu_to_le32(lblk * VEXFS_LISTS_PER_BLOCK(m));
	}
}
