// SPDX-License-Identifier: GPL-2.0-only
/* Link steps (docs/vectors.md, "Linking a batch"). */
#include "vec.h"

/* What planning a step needs beside the plan. */
struct vec_linker {
	const struct vec_set *set;
	struct vec_plan *plan;
	struct vec_walk *walk;
	u64 *candidates;		/* ef_construction + VEXFS_TAIL_MAX keys */
	u32 owns;			/* lists of all members */
	u32 own_at[VEXFS_TAIL_MAX];	/* a member's list of level 0 */
	u32 *own;			/* owns times m links */
	u32 *own_count;
};

static u32 vec_member_level(const struct vec_linker *linker, u32 i)
{
	return vec_node(linker->set, linker->plan->members[i])->level;
}

/* The longest run of the tail that is allowed to be linked at once. */
static void vec_choose_members(struct vec_linker *linker, u64 transaction_bytes)
{
	const struct vec_set *set = linker->set;
	struct vec_plan *plan = linker->plan;
	u64 cost = VEXFS_BLOCK_SIZE;
	u32 slot;

	for (slot = set->linked; slot < set->slots && plan->count < VEXFS_TAIL_MAX; slot++) {
		const struct vec_node *node = vec_node(set, slot);

		if (node->first != VEXFS_SLOT_NONE)
			continue;
		cost += vec_link_cost(&set->params, node->level);
		if (transaction_bytes && cost > transaction_bytes)
			break;
		linker->own_at[plan->count] = linker->owns;
		linker->owns += node->level + 1;
		plan->members[plan->count++] = slot;
		plan->linked = slot + 1;
	}
}

static int vec_linker_alloc(struct vec_linker *linker)
{
	const struct vec_params *params = &linker->set->params;
	u32 ef = params->ef_construction;

	linker->walk = vec_walk_new(linker->set, ef, ef, true);
	linker->candidates = kvmalloc_array(ef + VEXFS_TAIL_MAX, sizeof(u64), GFP_KERNEL);
	linker->own = kvmalloc_array((size_t)linker->owns * params->m, sizeof(u32), GFP_KERNEL);
	linker->own_count = kvcalloc(linker->owns, sizeof(u32), GFP_KERNEL);
	if (!linker->walk || !linker->candidates || !linker->own || !linker->own_count)
		return -ENOMEM;
	return 0;
}

static void vec_linker_free(struct vec_linker *linker)
{
	vec_walk_free(linker->walk);
	kvfree(linker->candidates);
	kvfree(linker->own);
	kvfree(linker->own_count);
	kvfree(linker);
}

/* Adds the keys of the members before member @i that reach @level to the candidates. */
static u32 vec_add_members(struct vec_linker *linker, u32 i, u32 level, u32 count)
{
	struct vec_walk *walk = linker->walk;
	u32 j, n = 0;

	for (j = 0; j < i; j++)
		if (vec_member_level(linker, j) >= level)
			walk->slots[n++] = linker->plan->members[j];
	vec_walk_keys(walk, n);
	memcpy(linker->candidates + count, walk->keys, n * sizeof(u64));
	return count + n;
}

/* own(b, level); *nearest becomes the smallest key of W, if there is a graph at this level. */
static int vec_own_list(struct vec_linker *linker, u32 i, u32 level, bool graph, u64 *nearest)
{
	const struct vec_params *params = &linker->set->params;
	u32 at = linker->own_at[i] + level, count = 0;
	int err;

	if (graph) {
		err = vec_search_layer(linker->walk, *nearest, level);
		if (err)
			return err;
		count = linker->walk->near.count;
		memcpy(linker->candidates, linker->walk->near.keys, count * sizeof(u64));
		vec_sort_keys(linker->candidates, count);
		*nearest = linker->candidates[0];
	}
	count = vec_add_members(linker, i, level, count);
	vec_sort_keys(linker->candidates, count);
	return vec_select(linker->set, linker->candidates, min(count, params->ef_construction),
			  params->m, linker->own + (size_t)at * params->m,
			  &linker->own_count[at]);
}

static int vec_own_lists(struct vec_linker *linker, u32 i)
{
	const struct vec_set *set = linker->set;
	struct vec_walk *walk = linker->walk;
	bool any = set->entry != VEXFS_SLOT_NONE;
	u32 level, own_level = vec_member_level(linker, i);
	u64 key = 0;
	int err = 0;

	walk->query = vec_row(set, linker->plan->members[i]);
	if (any)
		key = vec_key_of(walk, set->entry);
	for (level = set->entry_level; any && !err && level > own_level; level--)
		err = vec_greedy(walk, level, &key);
	for (level = own_level + 1; !err && level--;)
		err = vec_own_list(linker, i, level, any && level <= set->entry_level, &key);
	return err;
}

/* Every list that changes, as slot << 8 | level, once each, ascending; count of them. */
static u32 vec_name_changes(const struct vec_linker *linker, u64 *names)
{
	u32 i, j, level, count = 0, kept = 0;

	for (i = 0; i < linker->plan->count; i++) {
		for (level = 0; level <= vec_member_level(linker, i); level++) {
			u32 at = linker->own_at[i] + level;

			names[count++] = (u64)linker->plan->members[i] << 8 | level;
			for (j = 0; j < linker->own_count[at]; j++) {
				u32 slot = linker->own[(size_t)at * linker->set->params.m + j];

				names[count++] = (u64)slot << 8 | level;
			}
		}
	}
	vec_sort_keys(names, count);
	for (i = 0; i < count; i++)
		if (!kept || names[kept - 1] != names[i])
			names[kept++] = names[i];
	return kept;
}

static int vec_alloc_changes(struct vec_linker *linker)
{
	struct vec_plan *plan = linker->plan;
	u32 m = linker->set->params.m, i;
	u64 *names = kvmalloc_array((size_t)linker->owns * (m + 1), sizeof(u64), GFP_KERNEL);

	if (!names)
		return -ENOMEM;
	plan->changes_count = vec_name_changes(linker, names);
	plan->changes = kvcalloc(plan->changes_count, sizeof(*plan->changes), GFP_KERNEL);
	plan->links = kvmalloc_array((size_t)plan->changes_count * 2 * m, sizeof(u32),
				     GFP_KERNEL);
	for (i = 0; plan->changes && plan->links && i < plan->changes_count; i++) {
		plan->changes[i].slot = names[i] >> 8;
		plan->changes[i].level = names[i] & 0xff;
		plan->changes[i].links = plan->links + (size_t)i * 2 * m;
	}
	kvfree(names);
	return plan->changes && plan->links ? 0 : -ENOMEM;
}

static struct vec_change *vec_find_change(const struct vec_plan *plan, u32 slot, u32 level)
{
	u32 low = 0, high = plan->changes_count;

	while (high - low > 1) {
		u32 middle = (low + high) / 2;
		const struct vec_change *change = &plan->changes[middle];

		if (change->slot < slot || (change->slot == slot && change->level <= level))
			low = middle;
		else
			high = middle;
	}
	return &plan->changes[low];
}

/* The lists as they are before members are appended to them: the members' are their own. */
static void vec_fill_changes(struct vec_linker *linker)
{
	const struct vec_set *set = linker->set;
	struct vec_plan *plan = linker->plan;
	u32 i, level, m = set->params.m;

	for (i = 0; i < plan->changes_count; i++) {
		struct vec_change *change = &plan->changes[i];
		const u32 *links = vec_links(set, change->slot, change->level);
		u32 room = vec_list_room(set, change->level);

		while (change->count < room && links[change->count] != VEXFS_SLOT_NONE) {
			change->links[change->count] = links[change->count];
			change->count++;
		}
	}
	for (i = 0; i < plan->count; i++) {
		for (level = 0; level <= vec_member_level(linker, i); level++) {
			struct vec_change *change =
				vec_find_change(plan, plan->members[i], level);
			u32 at = linker->own_at[i] + level;

			change->count = linker->own_count[at];
			memcpy(change->links, linker->own + (size_t)at * m,
			       change->count * sizeof(u32));
		}
	}
}

/* A full list chooses among its links and @slot. */
static int vec_choose_again(struct vec_linker *linker, struct vec_change *change, u32 slot)
{
	struct vec_walk *walk = linker->walk;
	u32 n = change->count;

	memcpy(walk->slots, change->links, n * sizeof(u32));
	walk->slots[n++] = slot;
	walk->query = vec_row(linker->set, change->slot);
	vec_walk_keys(walk, n);
	vec_sort_keys(walk->keys, n);
	return vec_select(linker->set, walk->keys, n, n - 1, change->links, &change->count);
}

static int vec_append(struct vec_linker *linker, struct vec_change *change, u32 slot)
{
	u32 at = change->count;

	if (at == vec_list_room(linker->set, change->level))
		return vec_choose_again(linker, change, slot);
	for (; at && change->links[at - 1] > slot; at--)
		change->links[at] = change->links[at - 1];
	change->links[at] = slot;
	change->count++;
	return 0;
}

/* Each member is appended to the lists of its neighbours, in slot order. */
static int vec_link_back(struct vec_linker *linker)
{
	struct vec_plan *plan = linker->plan;
	u32 i, j, level;
	int err = 0;

	for (i = 0; i < plan->count; i++) {
		for (level = 0; level <= vec_member_level(linker, i); level++) {
			u32 at = linker->own_at[i] + level;
			const u32 *own = linker->own + (size_t)at * linker->set->params.m;

			for (j = 0; !err && j < linker->own_count[at]; j++)
				err = vec_append(linker, vec_find_change(plan, own[j], level),
						 plan->members[i]);
		}
	}
	return err;
}

static void vec_choose_entry(struct vec_linker *linker)
{
	struct vec_plan *plan = linker->plan;
	u32 i;

	plan->entry = linker->set->entry;
	plan->entry_level = linker->set->entry_level;
	for (i = 0; i < plan->count; i++) {
		u32 level = vec_member_level(linker, i);

		if (plan->entry != VEXFS_SLOT_NONE && level <= plan->entry_level)
			continue;
		plan->entry = plan->members[i];
		plan->entry_level = level;
	}
}

static int vec_plan_fill(struct vec_linker *linker)
{
	int err = vec_linker_alloc(linker);
	u32 i;

	for (i = 0; !err && i < linker->plan->count; i++)
		err = vec_own_lists(linker, i);
	if (!err)
		err = vec_alloc_changes(linker);
	if (err)
		return err;
	vec_fill_changes(linker);
	err = vec_link_back(linker);
	vec_choose_entry(linker);
	return err;
}

/*
 * Plans the next link step. @transaction_bytes: the largest transaction, 0 for no limit. A plan
 * without members links nothing. -ENOMEM, -EINTR if killed.
 */
int vec_plan_begin(const struct vec_set *set, u64 transaction_bytes, struct vec_plan **plan)
{
	struct vec_linker *linker = kvzalloc(sizeof(*linker), GFP_KERNEL);
	int err = -ENOMEM;

	*plan = kvzalloc(sizeof(**plan), GFP_KERNEL);
	if (linker && *plan) {
		linker->set = set;
		linker->plan = *plan;
		vec_choose_members(linker, transaction_bytes);
		err = linker->plan->count ? vec_plan_fill(linker) : 0;
	}
	if (linker)
		vec_linker_free(linker);
	if (!err)
		return 0;
	vec_plan_end(*plan);
	*plan = NULL;
	return err;
}

void vec_plan_end(struct vec_plan *plan)
{
	if (!plan)
		return;
	kvfree(plan->changes);
	kvfree(plan->links);
	kvfree(plan);
}

/* The planned lists become those of the graph. */
void vec_link(struct vec_set *set, const struct vec_plan *plan)
{
	u32 i;

	for (i = 0; i < plan->changes_count; i++) {
		const struct vec_change *change = &plan->changes[i];
		u32 *links = vec_links(set, change->slot, change->level);

		memset(links, 0xff, vec_list_room(set, change->level) * sizeof(u32));
		memcpy(links, change->links, change->count * sizeof(u32));
	}
	set->entry = plan->entry;
	set->entry_level = plan->entry_level;
	set->linked = plan->linked;
	set->tail -= plan->count;
}
