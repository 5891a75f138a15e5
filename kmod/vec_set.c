// SPDX-License-Identifier: GPL-2.0-only
/* Slots in memory: rows, links, who has which id, which rows are equal. */
#include "vec.h"

/* Bytes of a chunk, if its elements are not larger. */
#define VEC_CHUNK_BYTES		(128U << 10)
#define VEC_BITS_MIN		6

static void vec_array_init(struct vec_array *array, u32 size)
{
	array->size = size;
	array->shift = size < VEC_CHUNK_BYTES ? ilog2(VEC_CHUNK_BYTES / size) : 0;
}

static void vec_array_free(struct vec_array *array)
{
	u32 i;

	for (i = 0; i < array->used; i++)
		kvfree(array->chunks[i]);
	kvfree(array->chunks);
}

/* Room for the pointers to that many chunks. */
static int vec_array_widen(struct vec_array *array, u32 chunks)
{
	u32 most = max(2 * array->chunks_max, chunks);
	u8 **wider;

	if (chunks <= array->chunks_max)
		return 0;
	wider = kvcalloc(most, sizeof(*wider), GFP_KERNEL);
	if (!wider)
		return -ENOMEM;
	if (array->used)
		memcpy(wider, array->chunks, array->used * sizeof(*wider));
	kvfree(array->chunks);
	array->chunks = wider;
	array->chunks_max = most;
	return 0;
}

static int vec_array_reserve(struct vec_array *array, u32 count)
{
	u32 chunks = count ? ((count - 1) >> array->shift) + 1 : 0;
	int err = vec_array_widen(array, chunks);

	while (!err && array->used < chunks) {
		u8 *chunk = kvzalloc((size_t)array->size << array->shift, GFP_KERNEL);

		if (!chunk)
			return -ENOMEM;
		array->chunks[array->used++] = chunk;
	}
	return err;
}

static u32 vec_id_bucket(const struct vec_set *set, u64 id)
{
	return hash_64(id, set->bits);
}

static u32 vec_row_bucket(const struct vec_set *set, u32 row_crc)
{
	return hash_32(row_crc, set->bits);
}

static void vec_enter_id(struct vec_set *set, u32 slot)
{
	struct vec_node *node = vec_node(set, slot);
	u32 *head = &set->by_id[vec_id_bucket(set, node->id)];

	node->next_id = *head;
	*head = slot;
}

static void vec_enter_row(struct vec_set *set, u32 slot)
{
	struct vec_node *node = vec_node(set, slot);
	u32 *head = &set->by_row[vec_row_bucket(set, node->row_crc)];

	node->next_row = *head;
	*head = slot;
}

static u32 *vec_buckets(u32 bits)
{
	u32 *heads = kvmalloc_array(1U << bits, sizeof(*heads), GFP_KERNEL);

	if (heads)
		memset(heads, 0xff, sizeof(*heads) << bits);
	return heads;
}

/* Buckets for that many slots; all slots enter them anew. */
static int vec_rehash(struct vec_set *set, u32 slots)
{
	u32 bits = max_t(u32, ilog2(slots) + 1, VEC_BITS_MIN);
	u32 *by_id, *by_row, slot;

	if (set->by_id && bits <= set->bits)
		return 0;
	by_id = vec_buckets(bits);
	by_row = vec_buckets(bits);
	if (!by_id || !by_row) {
		kvfree(by_id);
		kvfree(by_row);
		return -ENOMEM;
	}
	kvfree(set->by_id);
	kvfree(set->by_row);
	set->by_id = by_id;
	set->by_row = by_row;
	set->bits = bits;
	for (slot = 0; slot < set->slots; slot++) {
		if (!vec_node(set, slot)->dead)
			vec_enter_id(set, slot);
		if (vec_node(set, slot)->first == VEXFS_SLOT_NONE)
			vec_enter_row(set, slot);
	}
	return 0;
}

int vec_set_init(struct vec_set *set, const struct vec_params *params)
{
	memset(set, 0, sizeof(*set));
	set->params = *params;
	set->entry = VEXFS_SLOT_NONE;
	vec_array_init(&set->nodes, sizeof(struct vec_node));
	vec_array_init(&set->rows, params->room);
	vec_array_init(&set->links, 2 * params->m * sizeof(u32));
	vec_array_init(&set->upper, params->m * sizeof(u32));
	return vec_rehash(set, 1);
}

void vec_set_free(struct vec_set *set)
{
	vec_array_free(&set->nodes);
	vec_array_free(&set->rows);
	vec_array_free(&set->links);
	vec_array_free(&set->upper);
	kvfree(set->by_id);
	kvfree(set->by_row);
	memset(set, 0, sizeof(*set));
}

/* Memory for that many slots and lists in all, at least. */
int vec_reserve(struct vec_set *set, u32 slots, u32 lists)
{
	int err = vec_array_reserve(&set->nodes, slots);

	if (!err)
		err = vec_array_reserve(&set->rows, slots);
	if (!err)
		err = vec_array_reserve(&set->links, slots);
	if (!err)
		err = vec_array_reserve(&set->upper, lists);
	return err ? err : vec_rehash(set, max(slots, 1U));
}

/* The live slot that has this id, or VEXFS_SLOT_NONE. */
u32 vec_find_id(const struct vec_set *set, u64 id)
{
	u32 slot = set->by_id[vec_id_bucket(set, id)];

	while (slot != VEXFS_SLOT_NONE && vec_node(set, slot)->id != id)
		slot = vec_node(set, slot)->next_id;
	return slot;
}

/* The slot that is no duplicate and has this row, or VEXFS_SLOT_NONE. */
u32 vec_find_row(const struct vec_set *set, const u8 *row, u32 row_crc)
{
	u32 slot = set->by_row[vec_row_bucket(set, row_crc)];

	while (slot != VEXFS_SLOT_NONE &&
	       (vec_node(set, slot)->row_crc != row_crc ||
		memcmp(vec_row(set, slot), row, set->params.row_bytes)))
		slot = vec_node(set, slot)->next_row;
	return slot;
}

u32 vec_row_crc(const struct vec_params *params, const u8 *row)
{
	return ~crc32c(~0U, row, params->row_bytes);
}

/* A slot whose node is filled in becomes part of the buckets and chains and of the counts. */
void vec_adopt(struct vec_set *set, u32 slot)
{
	struct vec_node *node = vec_node(set, slot);
	struct vec_node *first = node;

	node->chain = VEXFS_SLOT_NONE;
	node->alive = 0;
	if (node->first == VEXFS_SLOT_NONE) {
		vec_enter_row(set, slot);
		set->tail += slot >= set->linked;
	} else {
		first = vec_node(set, node->first);
		node->chain = first->chain;
		first->chain = slot;
	}
	if (node->dead)
		return;
	first->alive++;
	set->live++;
	vec_enter_id(set, slot);
}

/* Takes the next slot, which vec_reserve made room for. @first: of a duplicate, as found. */
u32 vec_put(struct vec_set *set, u64 id, const u8 *row, u32 row_crc, u32 first)
{
	u32 slot = set->slots++;
	struct vec_node *node = vec_node(set, slot);
	u32 level;

	memset(node, 0, sizeof(*node));
	node->id = id;
	node->row_crc = row_crc;
	node->first = first;
	node->level = first == VEXFS_SLOT_NONE ? vec_level(&set->params, slot) : 0;
	node->upper = node->level ? set->upper_lists : VEXFS_SLOT_NONE;
	set->upper_lists += node->level;
	memcpy(vec_row(set, slot), row, set->params.room);
	for (level = 0; level <= node->level; level++)
		memset(vec_links(set, slot, level), 0xff,
		       vec_list_room(set, level) * sizeof(u32));
	vec_adopt(set, slot);
	return slot;
}

/* The slot's vector was deleted or replaced. */
void vec_kill(struct vec_set *set, u32 slot)
{
	struct vec_node *node = vec_node(set, slot);
	u32 *at = &set->by_id[vec_id_bucket(set, node->id)];

	while (*at != slot)
		at = &vec_node(set, *at)->next_id;
	*at = node->next_id;
	node->dead = 1;
	set->live--;
	vec_node(set, node->first == VEXFS_SLOT_NONE ? slot : node->first)->alive--;
}
