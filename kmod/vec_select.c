// SPDX-License-Identifier: GPL-2.0-only
/* Which candidates a list takes (docs/vectors.md, "select"). */
#include "vec.h"

/* Rows compared at once: most candidates are turned down by the first few. */
#define VEC_SELECT_ROWS	8

/* Whether one of @chosen is at least as near to the candidate as its base is. */
static bool vec_is_covered(const struct vec_set *set, u64 candidate, const u32 *chosen, u32 count)
{
	const u8 *row = vec_row(set, (u32)candidate);
	const u8 *rows[VEC_SELECT_ROWS];
	u32 distances[VEC_SELECT_ROWS];
	u32 i, j, n;

	for (i = 0; i < count; i += n) {
		n = min_t(u32, count - i, VEC_SELECT_ROWS);
		for (j = 0; j < n; j++)
			rows[j] = vec_row(set, chosen[i + j]);
		vec_distances(&set->params, row, rows, n, distances);
		for (j = 0; j < n; j++)
			if (vec_order(&set->params, distances[j]) <= candidate >> 32)
				return true;
	}
	return false;
}

static bool vec_contains(const u32 *slots, u32 count, u32 slot)
{
	while (count)
		if (slots[--count] == slot)
			return true;
	return false;
}

static void vec_sort_slots(u32 *slots, u32 count)
{
	u32 i, j;

	for (i = 1; i < count; i++) {
		u32 slot = slots[i];

		for (j = i; j && slots[j - 1] > slot; j--)
			slots[j] = slots[j - 1];
		slots[j] = slot;
	}
}

/* @candidates: keys, ascending. Up to @size slots come out, ascending. -EINTR if killed. */
int vec_select(const struct vec_set *set, const u64 *candidates, u32 count, u32 size,
	       u32 *chosen, u32 *chosen_count)
{
	u32 i, n = 0, taken;

	for (i = 0; i < count && n < size; i++) {
		if (!vec_is_covered(set, candidates[i], chosen, n))
			chosen[n++] = (u32)candidates[i];
		cond_resched();
		if (fatal_signal_pending(current))
			return -EINTR;
	}
	taken = n;
	for (i = 0; i < count && n < size; i++)
		if (!vec_contains(chosen, taken, (u32)candidates[i]))
			chosen[n++] = (u32)candidates[i];
	vec_sort_slots(chosen, n);
	*chosen_count = n;
	return 0;
}
