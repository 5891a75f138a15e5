// SPDX-License-Identifier: GPL-2.0-only
/* Walks through one level of the graph (docs/vectors.md, "The graph"). */
#include "vec.h"

static int vec_heap_init(struct vec_heap *heap, u32 max, u32 room)
{
	heap->max = max;
	heap->keys = kvmalloc_array(room, sizeof(*heap->keys), GFP_KERNEL);
	return heap->keys ? 0 : -ENOMEM;
}

void vec_walk_free(struct vec_walk *walk)
{
	if (!walk)
		return;
	kvfree(walk->seen);
	kvfree(walk->near.keys);
	kvfree(walk->open.keys);
	kvfree(walk->found.keys);
	kvfree(walk);
}

/* @all: every slot is accepted; then @cap is @ef. NULL if there is no memory. */
struct vec_walk *vec_walk_new(const struct vec_set *set, u32 cap, u32 ef, bool all)
{
	struct vec_walk *walk = kvzalloc(sizeof(*walk), GFP_KERNEL);
	u32 slots = max(set->slots, 1U);
	u32 near = min(cap, slots);
	int err;

	if (!walk)
		return NULL;
	walk->set = set;
	walk->ef = ef;
	walk->all = all;
	walk->limit = U64_MAX;
	walk->seen = kvcalloc(BITS_TO_LONGS(slots), sizeof(long), GFP_KERNEL);
	err = walk->seen ? 0 : -ENOMEM;
	if (!err)
		err = vec_heap_init(&walk->near, near, near);
	if (!err)
		err = vec_heap_init(&walk->open, 2 * near, 2 * near);
	if (!err && !all)
		err = vec_heap_init(&walk->found, min(ef, slots), min(ef, slots));
	if (!err)
		return walk;
	vec_walk_free(walk);
	return NULL;
}

/* The keys of walk->slots. */
void vec_walk_keys(struct vec_walk *walk, u32 count)
{
	const struct vec_params *params = &walk->set->params;
	u32 i;

	for (i = 0; i < count; i++)
		walk->rows[i] = vec_row(walk->set, walk->slots[i]);
	vec_distances(params, walk->query, walk->rows, count, walk->distances);
	for (i = 0; i < count; i++)
		walk->keys[i] = (u64)vec_order(params, walk->distances[i]) << 32 | walk->slots[i];
}

u64 vec_key_of(struct vec_walk *walk, u32 slot)
{
	walk->slots[0] = slot;
	vec_walk_keys(walk, 1);
	return walk->keys[0];
}

static int vec_pause(void)
{
	cond_resched();
	return fatal_signal_pending(current) ? -EINTR : 0;
}

/* Moves to the neighbour with the smallest key while it is smaller than the present one. */
int vec_greedy(struct vec_walk *walk, u32 level, u64 *key)
{
	u32 room = vec_list_room(walk->set, level);
	u64 before;
	u32 i, n;

	do {
		const u32 *links = vec_links(walk->set, (u32)*key, level);

		before = *key;
		for (n = 0; n < room && links[n] != VEXFS_SLOT_NONE; n++)
			walk->slots[n] = links[n];
		vec_walk_keys(walk, n);
		for (i = 0; i < n; i++)
			*key = min(*key, walk->keys[i]);
		if (vec_pause())
			return -EINTR;
	} while (*key != before);
	return 0;
}

static bool vec_accepts(const struct vec_walk *walk, u32 slot)
{
	if (walk->accept)
		return test_bit(slot, walk->accept);
	return vec_node(walk->set, slot)->alive;
}

static void vec_see(struct vec_walk *walk, u64 key)
{
	if (!walk->all && vec_accepts(walk, (u32)key))
		vec_heap_offer(&walk->found, key);
	if (!vec_heap_offer(&walk->near, key))
		return;
	/* What fell out of near is never expanded; without it there is room. */
	if (walk->open.count == walk->open.max)
		vec_heap_keep_below(&walk->open, walk->near.keys[0]);
	vec_heap_push_min(&walk->open, key);
}

static void vec_expand(struct vec_walk *walk, u32 slot, u32 level)
{
	const u32 *links = vec_links(walk->set, slot, level);
	u32 room = vec_list_room(walk->set, level);
	u32 i, n = 0;

	for (i = 0; i < room && links[i] != VEXFS_SLOT_NONE; i++)
		if (!__test_and_set_bit(links[i], walk->seen))
			walk->slots[n++] = links[i];
	vec_walk_keys(walk, n);
	for (i = 0; i < n; i++)
		vec_see(walk, walk->keys[i]);
}

/* Whether nothing that is left to expand can change the answer. */
static bool vec_settled(const struct vec_walk *walk, u64 next)
{
	const struct vec_heap *found = walk->all ? &walk->near : &walk->found;

	if (walk->near.count == walk->near.max && next > walk->near.keys[0])
		return true;
	return found->count == walk->ef && next > found->keys[0];
}

/* Leaves W in walk->found, or in walk->near if all slots are accepted: a heap, not sorted. */
int vec_search_layer(struct vec_walk *walk, u64 start, u32 level)
{
	bitmap_zero(walk->seen, max(walk->set->slots, 1U));
	walk->near.count = 0;
	walk->open.count = 0;
	walk->found.count = 0;
	walk->visits = 0;
	walk->truncated = false;
	__set_bit((u32)start, walk->seen);
	vec_see(walk, start);
	while (walk->open.count) {
		u64 next = vec_heap_pop_min(&walk->open);

		if (vec_settled(walk, next))
			break;
		if (walk->visits == walk->limit) {
			walk->truncated = true;
			break;
		}
		walk->visits++;
		vec_expand(walk, (u32)next, level);
		if (vec_pause())
			return -EINTR;
	}
	return 0;
}
