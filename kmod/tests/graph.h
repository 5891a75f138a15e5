/* SPDX-License-Identifier: GPL-2.0-only */
/* The module's graph as the unit test drives it: one collection in memory, without a volume. */
#ifndef VEXFS_TESTS_GRAPH_H
#define VEXFS_TESTS_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct graph;

struct graph_options {
	uint32_t dim, m, ef_construction;
	uint8_t type, metric;
	uint64_t seed;
	uint64_t transaction_bytes; /* of a link step, 0: no limit */
};

struct graph_counts {
	uint32_t slots, live, linked, tail, entry, entry_level;
	uint64_t sequence;
};

struct graph_answer {
	uint64_t id;
	uint32_t distance;
	uint32_t slot;
};

/* All abort if there is no memory. */
struct graph *graph_new(const struct graph_options *options);
void graph_free(struct graph *graph);
/* 0 or -EINVAL if the row is refused. */
int graph_put(struct graph *graph, uint64_t id, const uint8_t *row);
bool graph_delete(struct graph *graph, uint64_t id);
/* What a compaction makes of a graph that has dead slots. */
struct graph *graph_compacted(const struct graph *graph, const struct graph_options *options);
struct graph_counts graph_counts(const struct graph *graph);
/* The links of a list in use; at most 128. */
uint32_t graph_list(const struct graph *graph, uint32_t slot, uint32_t level, uint32_t *links);
uint32_t graph_digest(const struct graph *graph);
/* Filter: NULL for none. Room for k answers. */
uint32_t graph_search(const struct graph *graph, const uint8_t *row, uint32_t k, uint32_t ef, uint32_t max_visits,
		      bool exact, uint64_t *filter, uint32_t filter_count, struct graph_answer *answers,
		      bool *truncated);

struct graph_distance {
	uint32_t stored_a_crc, distance, order;
};

struct graph_distance graph_distance(const struct graph_options *options, const uint8_t *a, const uint8_t *b);
uint64_t graph_level_hash(uint64_t seed, uint32_t slot);
uint32_t graph_level(uint64_t seed, uint32_t m, uint32_t slot);
uint64_t graph_link_cost(uint32_t m, uint32_t level);
/* As the mount option: 0, -EINVAL, -EOPNOTSUPP. */
int graph_simd(const char *name);

#ifdef __cplusplus
}
#endif
#endif
