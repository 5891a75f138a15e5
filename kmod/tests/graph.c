// SPDX-License-Identifier: GPL-2.0-only
#include "graph.h"

#include "kmod/vec.h"

struct graph {
	struct vec_set set;
	u64 transaction_bytes;
	u8 *row;
};

static void require(bool ok)
{
	if (!ok)
		abort();
}

static struct vec_params params_of(const struct graph_options *options)
{
	struct vec_params params = {
		.dim = options->dim,
		.m = options->m,
		.ef_construction = options->ef_construction,
		.type = options->type,
		.metric = options->metric,
		.seed = options->seed,
	};

	require(vec_params_ok(&params));
	vec_params_derive(&params);
	return params;
}

struct graph *graph_new(const struct graph_options *options)
{
	struct graph *graph = calloc(1, sizeof(*graph));
	struct vec_params params = params_of(options);

	require(graph && !vec_set_init(&graph->set, &params));
	graph->transaction_bytes = options->transaction_bytes;
	graph->row = malloc(params.room);
	require(graph->row);
	return graph;
}

void graph_free(struct graph *graph)
{
	vec_set_free(&graph->set);
	free(graph->row);
	free(graph);
}

static void link_tail(struct graph *graph)
{
	struct vec_plan *plan;

	while (graph->set.tail >= VEXFS_TAIL_MAX) {
		require(!vec_plan_begin(&graph->set, graph->transaction_bytes, &plan));
		require(plan->count);
		vec_link(&graph->set, plan);
		graph->set.sequence++;
		vec_plan_end(plan);
	}
}

static void put_prepared(struct graph *graph, u64 id, const u8 *row)
{
	struct vec_set *set = &graph->set;
	u32 crc = vec_row_crc(&set->params, row);
	u32 first = vec_find_row(set, row, crc);
	u32 old = vec_find_id(set, id);

	require(!vec_reserve(set, set->slots + 1, set->upper_lists + VEXFS_LEVEL_MAX));
	if (old != VEXFS_SLOT_NONE)
		vec_kill(set, old);
	vec_put(set, id, row, crc, first);
	set->sequence++;
	link_tail(graph);
}

int graph_put(struct graph *graph, uint64_t id, const uint8_t *row)
{
	u32 fault;
	int err = vec_row_prepare(&graph->set.params, row, graph->row, &fault);

	if (!err)
		put_prepared(graph, id, graph->row);
	return err;
}

struct graph *graph_compacted(const struct graph *graph, const struct graph_options *options)
{
	struct graph *compacted = graph_new(options);
	u32 slot;

	compacted->set.sequence = graph->set.sequence;
	for (slot = 0; slot < graph->set.slots; slot++)
		if (!vec_node(&graph->set, slot)->dead)
			put_prepared(compacted, vec_node(&graph->set, slot)->id, vec_row(&graph->set, slot));
	compacted->set.sequence++;
	return compacted;
}

bool graph_delete(struct graph *graph, uint64_t id)
{
	u32 slot = vec_find_id(&graph->set, id);

	if (slot == VEXFS_SLOT_NONE)
		return false;
	vec_kill(&graph->set, slot);
	graph->set.sequence++;
	return true;
}

struct graph_counts graph_counts(const struct graph *graph)
{
	const struct vec_set *set = &graph->set;

	return (struct graph_counts){ set->slots, set->live, set->linked, set->tail,
				      set->entry, set->entry_level, set->sequence };
}

uint32_t graph_list(const struct graph *graph, uint32_t slot, uint32_t level, uint32_t *links)
{
	u32 room = vec_list_room(&graph->set, level), count = 0;
	const u32 *list = vec_links(&graph->set, slot, level);

	for (; count < room && list[count] != VEXFS_SLOT_NONE; count++)
		links[count] = list[count];
	return count;
}

uint32_t graph_digest(const struct graph *graph)
{
	const struct vec_set *set = &graph->set;
	u32 slot, level, crc = ~0U;

	for (slot = 0; slot < set->slots; slot++) {
		const struct vec_node *node = vec_node(set, slot);
		u32 words[4] = { node->row_crc, node->first, node->level, node->dead };

		crc = crc32c(crc, &node->id, sizeof(node->id));
		crc = crc32c(crc, words, sizeof(words));
		for (level = 0; level <= node->level; level++)
			crc = crc32c(crc, vec_links(set, slot, level),
				     vec_list_room(set, level) * sizeof(u32));
	}
	crc = crc32c(crc, &set->linked, sizeof(u32));
	crc = crc32c(crc, &set->entry, sizeof(u32));
	crc = crc32c(crc, &set->entry_level, sizeof(u32));
	return ~crc32c(crc, &set->sequence, sizeof(u64));
}

uint32_t graph_search(const struct graph *graph, const uint8_t *row, uint32_t k, uint32_t ef, uint32_t max_visits,
		      bool exact, uint64_t *filter, uint32_t filter_count, struct graph_answer *answers,
		      bool *truncated)
{
	const struct vec_set *set = &graph->set;
	struct vec_query query = {
		.k = k,
		.ef = ef,
		.exact = exact,
		.filtered = filter,
		.allowed = filter,
		.allowed_count = filter_count,
		.max_visits = max_visits ? max_visits : U64_MAX,
	};
	struct vec_finder *finder;
	struct vec_answers found;
	u32 fault, i;

	require(!vec_row_prepare(&set->params, row, graph->row, &fault));
	require(!vec_finder_new(set, &query, &finder));
	require(!vec_find(finder, graph->row, &found));
	for (i = 0; i < found.count; i++) {
		u32 slot = (u32)found.keys[i];

		answers[i].id = vec_node(set, slot)->id;
		answers[i].distance = vec_distance_of(&set->params, found.keys[i] >> 32);
		answers[i].slot = slot;
	}
	*truncated = found.truncated;
	vec_finder_free(finder);
	return found.count;
}

struct graph_distance graph_distance(const struct graph_options *options, const uint8_t *a, const uint8_t *b)
{
	struct vec_params params = params_of(options);
	u8 *rows = malloc(2 * (size_t)params.room);
	const u8 *second = rows + params.room;
	struct graph_distance result;
	u32 fault;

	require(rows && !vec_row_prepare(&params, a, rows, &fault) &&
		!vec_row_prepare(&params, b, rows + params.room, &fault));
	result.stored_a_crc = vec_row_crc(&params, rows);
	vec_distances(&params, rows, &second, 1, &result.distance);
	result.order = vec_order(&params, result.distance);
	free(rows);
	return result;
}

uint64_t graph_level_hash(uint64_t seed, uint32_t slot)
{
	return vec_level_hash(seed, slot);
}

uint32_t graph_level(uint64_t seed, uint32_t m, uint32_t slot)
{
	struct vec_params params = { .seed = seed, .m = m };

	return vec_level(&params, slot);
}

uint64_t graph_link_cost(uint32_t m, uint32_t level)
{
	struct vec_params params = { .m = m };

	return vec_link_cost(&params, level);
}

int graph_simd(const char *name)
{
	return vec_simd_choose(name);
}
