// SPDX-License-Identifier: GPL-2.0-only
/* Searches (docs/vectors.md, "Searching"). */
#include "vec.h"

/* With a filter of up to this many ids for each of ef, all of them are compared. */
#define VEC_EXACT_FACTOR	16
#define VEC_CAP_FACTOR		8

struct vec_finder {
	const struct vec_set *set;
	struct vec_query query;
	struct vec_walk *walk;
	unsigned long *eligible;	/* slots that the filter allows */
	unsigned long *accept;		/* slots with one of them on their chain */
	u32 *allowed;			/* the same slots, listed */
	u32 count;			/* of eligible slots */
	bool exact;
	struct vec_heap best;
};

static int vec_compare_ids(const void *a, const void *b)
{
	u64 left = *(const u64 *)a, right = *(const u64 *)b;

	return left < right ? -1 : left > right;
}

static int vec_filter(struct vec_finder *finder)
{
	const struct vec_set *set = finder->set;
	struct vec_query *query = &finder->query;
	u32 words = BITS_TO_LONGS(max(set->slots, 1U));
	u32 i, slot, first;

	finder->eligible = kvcalloc(words, sizeof(long), GFP_KERNEL);
	finder->accept = kvcalloc(words, sizeof(long), GFP_KERNEL);
	finder->allowed = kvmalloc_array(max(query->allowed_count, 1U), sizeof(u32), GFP_KERNEL);
	if (!finder->eligible || !finder->accept || !finder->allowed)
		return -ENOMEM;
	sort(query->allowed, query->allowed_count, sizeof(u64), vec_compare_ids, NULL);
	for (i = 0; i < query->allowed_count; i++) {
		if (i && query->allowed[i] == query->allowed[i - 1])
			continue;
		slot = vec_find_id(set, query->allowed[i]);
		if (slot == VEXFS_SLOT_NONE)
			continue;
		first = vec_node(set, slot)->first;
		__set_bit(slot, finder->eligible);
		__set_bit(first == VEXFS_SLOT_NONE ? slot : first, finder->accept);
		finder->allowed[finder->count++] = slot;
	}
	return 0;
}

static int vec_finder_init(struct vec_finder *finder)
{
	const struct vec_set *set = finder->set;
	struct vec_query *query = &finder->query;
	int err = 0;

	query->ef = max(query->ef, query->k);
	if (query->filtered)
		err = vec_filter(finder);
	else
		finder->count = set->live;
	if (err)
		return err;
	finder->exact = query->exact ||
			(query->filtered && finder->count <= VEC_EXACT_FACTOR * query->ef);
	finder->best.max = min(query->k, finder->count);
	finder->best.keys = kvmalloc_array(max(finder->best.max, 1U), sizeof(u64), GFP_KERNEL);
	finder->walk = vec_walk_new(set, finder->exact ? 1 : VEC_CAP_FACTOR * query->ef,
				    finder->exact ? 1 : query->ef, false);
	if (!finder->walk || !finder->best.keys)
		return -ENOMEM;
	finder->walk->accept = finder->accept;
	finder->walk->limit = query->max_visits;
	return 0;
}

/* Makes ready for searches with these parameters while the set does not change. */
int vec_finder_new(const struct vec_set *set, const struct vec_query *query,
		   struct vec_finder **finder)
{
	int err = -ENOMEM;

	*finder = kvzalloc(sizeof(**finder), GFP_KERNEL);
	if (*finder) {
		(*finder)->set = set;
		(*finder)->query = *query;
		err = vec_finder_init(*finder);
	}
	if (err) {
		vec_finder_free(*finder);
		*finder = NULL;
	}
	return err;
}

void vec_finder_free(struct vec_finder *finder)
{
	if (!finder)
		return;
	vec_walk_free(finder->walk);
	kvfree(finder->best.keys);
	kvfree(finder->eligible);
	kvfree(finder->accept);
	kvfree(finder->allowed);
	kvfree(finder);
}

static bool vec_is_eligible(const struct vec_finder *finder, u32 slot)
{
	if (finder->eligible)
		return test_bit(slot, finder->eligible);
	return !vec_node(finder->set, slot)->dead;
}

static void vec_compare(struct vec_finder *finder, u32 count)
{
	u32 i;

	vec_walk_keys(finder->walk, count);
	for (i = 0; i < count; i++)
		vec_heap_offer(&finder->best, finder->walk->keys[i]);
}

/* All eligible slots are compared. */
static int vec_find_exact(struct vec_finder *finder)
{
	u32 most = finder->allowed ? finder->count : finder->set->slots;
	u32 i, n = 0;

	finder->best.count = 0;
	for (i = 0; i < most; i++) {
		u32 slot = finder->allowed ? finder->allowed[i] : i;

		if (!vec_is_eligible(finder, slot))
			continue;
		finder->walk->slots[n++] = slot;
		if (n < VEC_ROWS_MAX)
			continue;
		vec_compare(finder, n);
		n = 0;
		cond_resched();
		if (fatal_signal_pending(current))
			return -EINTR;
	}
	vec_compare(finder, n);
	return 0;
}

/* The eligible slots on the chain of the key's slot. */
static void vec_offer_chain(struct vec_finder *finder, u64 key)
{
	u64 order = key >> 32 << 32;
	u32 slot = (u32)key;

	while (slot != VEXFS_SLOT_NONE) {
		if (vec_is_eligible(finder, slot))
			vec_heap_offer(&finder->best, order | slot);
		slot = vec_node(finder->set, slot)->chain;
	}
}

static void vec_offer_chains(struct vec_finder *finder, const u64 *keys, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++)
		vec_offer_chain(finder, keys[i]);
}

static void vec_find_in_tail(struct vec_finder *finder)
{
	const struct vec_set *set = finder->set;
	struct vec_walk *walk = finder->walk;
	u32 slot, n = 0;

	for (slot = set->linked; slot < set->slots; slot++) {
		const struct vec_node *node = vec_node(set, slot);

		if (node->first != VEXFS_SLOT_NONE ||
		    !(finder->accept ? test_bit(slot, finder->accept) : node->alive))
			continue;
		walk->slots[n++] = slot;
		if (n < VEC_ROWS_MAX)
			continue;
		vec_walk_keys(walk, n);
		vec_offer_chains(finder, walk->keys, n);
		n = 0;
	}
	vec_walk_keys(walk, n);
	vec_offer_chains(finder, walk->keys, n);
}

static int vec_find_in_graph(struct vec_finder *finder)
{
	const struct vec_set *set = finder->set;
	struct vec_walk *walk = finder->walk;
	u32 level;
	u64 key;
	int err = 0;

	walk->truncated = false;
	walk->found.count = 0;
	if (set->entry == VEXFS_SLOT_NONE)
		return 0;
	key = vec_key_of(walk, set->entry);
	for (level = set->entry_level; !err && level; level--)
		err = vec_greedy(walk, level, &key);
	if (!err)
		err = vec_search_layer(walk, key, 0);
	if (!err)
		vec_offer_chains(finder, walk->found.keys, walk->found.count);
	return err;
}

/* @row as prepared. The answers' keys stay valid until the next search. -EINTR if killed. */
int vec_find(struct vec_finder *finder, const u8 *row, struct vec_answers *answers)
{
	int err = 0;

	finder->walk->query = row;
	finder->walk->truncated = false;
	finder->best.count = 0;
	if (!finder->exact) {
		err = vec_find_in_graph(finder);
		vec_find_in_tail(finder);
	}
	if (!err && !finder->walk->truncated && finder->best.count < finder->best.max)
		err = vec_find_exact(finder);
	vec_sort_keys(finder->best.keys, finder->best.count);
	answers->keys = finder->best.keys;
	answers->count = finder->best.count;
	answers->truncated = finder->walk->truncated;
	return err;
}
