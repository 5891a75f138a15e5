// SPDX-License-Identifier: GPL-2.0-only
/* Binary heaps of keys. */
#include "vec.h"

static void vec_sift_up(u64 *keys, u32 at, u64 flip)
{
	u64 key = keys[at];

	while (at && (keys[(at - 1) / 2] ^ flip) < (key ^ flip)) {
		keys[at] = keys[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	keys[at] = key;
}

/* With @flip 0 the largest key is on top, with all ones the smallest. */
static void vec_sift_down(u64 *keys, u32 count, u32 at, u64 flip)
{
	u64 key = keys[at];

	for (;;) {
		u32 child = 2 * at + 1;

		if (child >= count)
			break;
		if (child + 1 < count && (keys[child] ^ flip) < (keys[child + 1] ^ flip))
			child++;
		if ((keys[child] ^ flip) <= (key ^ flip))
			break;
		keys[at] = keys[child];
		at = child;
	}
	keys[at] = key;
}

void vec_heap_push_max(struct vec_heap *heap, u64 key)
{
	heap->keys[heap->count++] = key;
	vec_sift_up(heap->keys, heap->count - 1, 0);
}

void vec_heap_replace_max(struct vec_heap *heap, u64 key)
{
	heap->keys[0] = key;
	vec_sift_down(heap->keys, heap->count, 0, 0);
}

void vec_heap_push_min(struct vec_heap *heap, u64 key)
{
	heap->keys[heap->count++] = key;
	vec_sift_up(heap->keys, heap->count - 1, U64_MAX);
}

u64 vec_heap_pop_min(struct vec_heap *heap)
{
	u64 top = heap->keys[0];

	heap->keys[0] = heap->keys[--heap->count];
	if (heap->count)
		vec_sift_down(heap->keys, heap->count, 0, U64_MAX);
	return top;
}

/* Of a heap with the smallest key on top: only keys up to @limit stay. */
void vec_heap_keep_below(struct vec_heap *heap, u64 limit)
{
	u32 i, kept = 0;

	for (i = 0; i < heap->count; i++)
		if (heap->keys[i] <= limit)
			heap->keys[kept++] = heap->keys[i];
	heap->count = kept;
	for (i = kept / 2; i--;)
		vec_sift_down(heap->keys, kept, i, U64_MAX);
}

/* Keeps the heap->max smallest keys; whether @key is one of them. */
bool vec_heap_offer(struct vec_heap *heap, u64 key)
{
	if (heap->count < heap->max) {
		vec_heap_push_max(heap, key);
		return true;
	}
	if (!heap->max || key > heap->keys[0])
		return false;
	vec_heap_replace_max(heap, key);
	return true;
}

/* Ascending. */
void vec_sort_keys(u64 *keys, u32 count)
{
	u32 i;

	for (i = count / 2; i--;)
		vec_sift_down(keys, count, i, 0);
	while (count > 1) {
		u64 top = keys[0];

		keys[0] = keys[--count];
		vec_sift_down(keys, count, 0, 0);
		keys[count] = top;
	}
}
