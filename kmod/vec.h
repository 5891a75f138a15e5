/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Vectors and their graph in memory (docs/vectors.md). Nothing here knows of a volume: vec_unit.c
 * writes what changes, vec_load.c reads it back.
 *
 * Locking is the caller's: changes of a vec_set need it alone, searches may run beside each other.
 * Everything that can fail comes before the change: vec_reserve and vec_plan_begin may, vec_put,
 * vec_kill and vec_link cannot.
 */
#ifndef VEXFS_VEC_H
#define VEXFS_VEC_H

#include "vec_port.h"
#include "reference/contract/vector.h"

/* Rows in one call of vec_distances, at most: a whole list of links, and one that wants to join. */
#define VEC_ROWS_MAX	(2 * VEXFS_M_MAX + 1)

/* A collection's parameters and what follows from them. */
struct vec_params {
	u32 dim;
	u32 m;
	u32 ef_construction;
	u8 type;
	u8 metric;
	u64 seed;
	u32 row_bytes;		/* on the wire */
	u32 stride;		/* on the volume */
	u32 room;		/* in memory: whole blocks of 32 elements, zeros behind the row */
};

/* Elements of one size, found by number, which never move. */
struct vec_array {
	u8 **chunks;
	u32 chunks_max;
	u32 used;		/* chunks */
	u32 shift;		/* log2 of the elements in a chunk */
	u32 size;		/* of an element, bytes */
};

struct vec_node {
	u64 id;
	u32 row_crc;
	u32 first;		/* of a duplicate; else VEXFS_SLOT_NONE */
	u32 upper;		/* number of its list of level 1 or VEXFS_SLOT_NONE */
	u32 chain;		/* next on its chain or VEXFS_SLOT_NONE */
	u32 alive;		/* of no duplicate: live slots on its chain */
	u32 next_id;		/* next in its bucket; live slots only */
	u32 next_row;		/* next in its bucket; slots that are no duplicates */
	u8 level;
	u8 dead;
};

struct vec_set {
	struct vec_params params;
	u32 slots, live, linked, tail;
	u32 entry, entry_level;
	u32 upper_lists;
	u64 sequence;
	struct vec_array nodes, rows, links, upper;
	u32 *by_id, *by_row;	/* buckets */
	u32 bits;		/* log2 of the number of buckets */
};

/* vec_params.c */
bool vec_params_ok(const struct vec_params *params);
void vec_params_derive(struct vec_params *params);
u64 vec_link_cost(const struct vec_params *params, unsigned int level);
u32 vec_level(const struct vec_params *params, u32 slot);
u64 vec_level_hash(u64 seed, u32 slot);

/*
 * vec_row.c: brings a row as sent into the form that is stored, params->room bytes at @out. -EINVAL
 * if it is refused; *fault is the byte at fault then.
 */
int vec_row_prepare(const struct vec_params *params, const u8 *in, u8 *out, u32 *fault);

/*
 * vec_distance.c: distances from @query to each of @rows, bits of an f32 or an i32. Both as
 * prepared; count at most VEC_ROWS_MAX.
 */
void vec_distances(const struct vec_params *params, const u8 *query, const u8 *const *rows,
		   u32 count, u32 *distances);
u32 vec_order(const struct vec_params *params, u32 distance);
u32 vec_distance_of(const struct vec_params *params, u32 order);
int vec_simd_choose(const char *name);

/* vec_set.c */
int vec_set_init(struct vec_set *set, const struct vec_params *params);
void vec_set_free(struct vec_set *set);
int vec_reserve(struct vec_set *set, u32 slots, u32 lists);
u32 vec_find_id(const struct vec_set *set, u64 id);
u32 vec_find_row(const struct vec_set *set, const u8 *row, u32 row_crc);
u32 vec_row_crc(const struct vec_params *params, const u8 *row);
u32 vec_put(struct vec_set *set, u64 id, const u8 *row, u32 row_crc, u32 first);
void vec_adopt(struct vec_set *set, u32 slot);
void vec_kill(struct vec_set *set, u32 slot);

static inline void *vec_at(const struct vec_array *array, u32 i)
{
	return array->chunks[i >> array->shift] +
	       (size_t)(i & ((1U << array->shift) - 1)) * array->size;
}

static inline struct vec_node *vec_node(const struct vec_set *set, u32 slot)
{
	return vec_at(&set->nodes, slot);
}

static inline u8 *vec_row(const struct vec_set *set, u32 slot)
{
	return vec_at(&set->rows, slot);
}

static inline u32 vec_list_room(const struct vec_set *set, u32 level)
{
	return level ? set->params.m : 2 * set->params.m;
}

/* A slot's list: vec_list_room() links, unused ones are VEXFS_SLOT_NONE and stand at the end. */
static inline u32 *vec_links(const struct vec_set *set, u32 slot, u32 level)
{
	if (!level)
		return vec_at(&set->links, slot);
	return vec_at(&set->upper, vec_node(set, slot)->upper + level - 1);
}

/* vec_heap.c: keys, the largest (or smallest) on top; the caller sees to the room. */
struct vec_heap {
	u64 *keys;
	u32 count;
	u32 max;		/* room */
};

void vec_heap_push_max(struct vec_heap *heap, u64 key);
void vec_heap_replace_max(struct vec_heap *heap, u64 key);
void vec_heap_push_min(struct vec_heap *heap, u64 key);
u64 vec_heap_pop_min(struct vec_heap *heap);
void vec_heap_keep_below(struct vec_heap *heap, u64 limit);
bool vec_heap_offer(struct vec_heap *heap, u64 key);
void vec_sort_keys(u64 *keys, u32 count);

/* vec_layer.c: memory for walks through the graph, one at a time. */
struct vec_walk {
	const struct vec_set *set;
	const u8 *query;		/* prepared */
	unsigned long *seen;		/* slots */
	struct vec_heap near;		/* C of docs/vectors.md: all of them, the largest on top */
	struct vec_heap open;		/* those not expanded, the smallest on top */
	struct vec_heap found;		/* W; unused where every slot is accepted */
	const unsigned long *accept;	/* slots; NULL: those with a live slot on their chain */
	u32 ef;
	bool all;			/* every slot is accepted, and W is C */
	u64 limit;			/* expansions */
	u64 visits;
	bool truncated;
	u32 slots[VEC_ROWS_MAX];
	u32 distances[VEC_ROWS_MAX];
	const u8 *rows[VEC_ROWS_MAX];
	u64 keys[VEC_ROWS_MAX];
};

struct vec_walk *vec_walk_new(const struct vec_set *set, u32 cap, u32 ef, bool all);
void vec_walk_free(struct vec_walk *walk);
void vec_walk_keys(struct vec_walk *walk, u32 count);
u64 vec_key_of(struct vec_walk *walk, u32 slot);
int vec_greedy(struct vec_walk *walk, u32 level, u64 *key);
int vec_search_layer(struct vec_walk *walk, u64 start, u32 level);

/* vec_link.c: a link step, planned beside the graph and then made part of it. */
struct vec_change {
	u32 slot;
	u32 level;
	u32 count;		/* links in use */
	u32 *links;
};

struct vec_plan {
	u32 members[VEXFS_TAIL_MAX];
	u32 count;
	u32 changes_count;
	struct vec_change *changes;	/* ascending by slot, then level */
	u32 *links;
	u32 entry, entry_level, linked;
};

int vec_plan_begin(const struct vec_set *set, u64 transaction_bytes, struct vec_plan **plan);
void vec_plan_end(struct vec_plan *plan);
void vec_link(struct vec_set *set, const struct vec_plan *plan);

/* vec_select.c */
int vec_select(const struct vec_set *set, const u64 *candidates, u32 count, u32 size,
	       u32 *chosen, u32 *chosen_count);

/* vec_search.c */
struct vec_query {
	u32 k;
	u32 ef;
	bool exact;
	bool filtered;
	u64 *allowed;		/* ids, in any order; sorted by the search */
	u32 allowed_count;
	u64 max_visits;		/* U64_MAX: no limit */
};

struct vec_answers {
	u64 *keys;		/* ascending, room for k */
	u32 count;
	bool truncated;
};

struct vec_finder;
int vec_finder_new(const struct vec_set *set, const struct vec_query *query,
		   struct vec_finder **finder);
int vec_find(struct vec_finder *finder, const u8 *row, struct vec_answers *answers);
void vec_finder_free(struct vec_finder *finder);

#endif
