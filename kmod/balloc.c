// SPDX-License-Identifier: GPL-2.0-only
/* Blocks of the data region (docs/format.md, "Block allocation"). The mutex is held throughout. */
#include <linux/blkdev.h>
#include <linux/slab.h>

#include "vexfs.h"

static bool vexfs_in_data(const struct vexfs_sb_info *sbi, u64 block)
{
	return block >= sbi->data_start && block - sbi->data_start < sbi->data_blocks;
}

static bool vexfs_is_pending(const struct vexfs_unit *unit, u64 block)
{
	unsigned int i;

	for (i = 0; i < unit->allocs; i++)
		if (unit->alloc[i] == block)
			return true;
	return false;
}

/* Whether that many blocks are allocatable beyond those that the unit has taken. */
bool vexfs_has_blocks(const struct vexfs_sb_info *sbi, u64 count)
{
	u64 free = le64_to_cpu(sbi->unit.state->free_blocks);

	return free >= sbi->parked + sbi->unit.allocs + count;
}

/* The parked bits beside a bitmap block; NULL if there are none. */
static const u8 *vexfs_parked_bits(struct vexfs_sb_info *sbi, u64 index)
{
	if (vexfs_planted(sbi, VEXFS_FAULT_PARKED_REUSED))
		return NULL;
	return xa_load(&sbi->parked_maps, index);
}

/* Finds the first bit at or after @bit that is clear and not parked; the map's size if none. */
static unsigned int vexfs_next_free(const u8 *map, const u8 *parked, unsigned int bit)
{
	while (bit < VEXFS_BITS_PER_BLOCK) {
		bit = find_next_zero_bit_le(map, VEXFS_BITS_PER_BLOCK, bit);
		if (bit >= VEXFS_BITS_PER_BLOCK || !parked || !test_bit_le(bit, parked))
			break;
		bit = find_next_zero_bit_le(parked, VEXFS_BITS_PER_BLOCK, bit);
	}
	return bit;
}

/* The lowest allocatable block at or above @from that the unit has not taken; 0 if none. */
static int vexfs_search(struct super_block *sb, u64 from, u64 *found)
{
	struct vexfs_sb_info *sbi = vexfs_sb(sb);
	u64 end = sbi->data_start + sbi->data_blocks;
	struct vexfs_ref ref;

	*found = 0;
	while (from < end) {
		u64 index = from / VEXFS_BITS_PER_BLOCK;
		unsigned int bit = from % VEXFS_BITS_PER_BLOCK;
		int err = vexfs_read(sb, sbi->bbm_start + index, VEXFS_KIND_BITMAP, &ref);

		if (err)
			return err;
		bit = vexfs_next_free(ref.data, vexfs_parked_bits(sbi, index), bit);
		vexfs_put(&ref);
		from = index * VEXFS_BITS_PER_BLOCK + bit;
		if (bit == VEXFS_BITS_PER_BLOCK)
			continue;
		if (from >= end)
			break;
		if (!vexfs_is_pending(&sbi->unit, from)) {
			*found = from;
			break;
		}
		from++;
	}
	return 0;
}

/* Takes the block for the running unit. */
static int vexfs_take(struct super_block *sb, u64 block)
{
	struct vexfs_sb_info *sbi = vexfs_sb(sb);
	struct vexfs_image *image;

	image = vexfs_pin(sb, sbi->bbm_start + block / VEXFS_BITS_PER_BLOCK, VEXFS_KIND_BITMAP);
	if (IS_ERR(image))
		return PTR_ERR(image);
	if (WARN_ON_ONCE(sbi->unit.allocs == VEXFS_UNIT_ALLOCS))
		return -EIO;
	sbi->unit.alloc[sbi->unit.allocs++] = block;
	return 0;
}

/* For extent nodes and symlinks. */
int vexfs_alloc_lowest(struct super_block *sb, u64 *block)
{
	struct vexfs_sb_info *sbi = vexfs_sb(sb);
	int err;

	if (!vexfs_has_blocks(sbi, 1))
		return -ENOSPC;
	err = vexfs_search(sb, sbi->alloc_hint, block);
	if (err)
		return err;
	if (!*block)
		return vexfs_corrupt(sb, "state block: counts free blocks that the bitmap lacks");
	if (!sbi->unit.allocs)
		sbi->alloc_hint = *block;
	return vexfs_take(sb, *block);
}

static int vexfs_is_allocatable(struct super_block *sb, u64 block, bool *yes)
{
	struct vexfs_sb_info *sbi = vexfs_sb(sb);
	u64 index = block / VEXFS_BITS_PER_BLOCK;
	unsigned int bit = block % VEXFS_BITS_PER_BLOCK;
	const u8 *parked = vexfs_parked_bits(sbi, index);
	struct vexfs_ref ref;
	int err;

	*yes = false;
	if (!vexfs_in_data(sbi, block) || vexfs_is_pending(&sbi->unit, block))
		return 0;
	err = vexfs_read(sb, sbi->bbm_start + index, VEXFS_KIND_BITMAP, &ref);
	if (err)
		return err;
	*yes = !test_bit_le(bit, ref.data) && (!parked || !test_bit_le(bit, parked));
	vexfs_put(&ref);
	return 0;
}

/* For a block of a file or directory; @previous holds the logical block before it, 0 if none. */
int vexfs_alloc_data(struct super_block *sb, u64 previous, u64 *block)
{
	bool yes = false;
	int err;

	if (!vexfs_has_blocks(vexfs_sb(sb), 1))
		return -ENOSPC;
	if (previous) {
		err = vexfs_is_allocatable(sb, previous + 1, &yes);
		if (err)
			return err;
	}
	if (!yes)
		return vexfs_alloc_lowest(sb, block);
	*block = previous + 1;
	return vexfs_take(sb, *block);
}

static u8 *vexfs_bitmap_bytes(const struct vexfs_sb_info *sbi, u64 start, u64 index)
{
	return vexfs_find_image(sbi, start + index)->data;
}

void vexfs_alloc_apply(struct vexfs_sb_info *sbi)
{
	struct vexfs_unit *unit = &sbi->unit;
	unsigned int i;

	for (i = 0; i < unit->allocs; i++) {
		u64 block = unit->alloc[i];
		u8 *map = vexfs_bitmap_bytes(sbi, sbi->bbm_start, block / VEXFS_BITS_PER_BLOCK);

		__set_bit_le(block % VEXFS_BITS_PER_BLOCK, map);
	}
	le64_add_cpu(&unit->state->free_blocks, -(u64)unit->allocs);
}

/* The page of parked bits beside a bitmap block. */
static int vexfs_parked_map(struct vexfs_sb_info *sbi, u64 index)
{
	void *map;
	int err;

	if (xa_load(&sbi->parked_maps, index))
		return 0;
	map = (void *)get_zeroed_page(GFP_NOFS);
	if (!map)
		return -ENOMEM;
	err = xa_err(xa_store(&sbi->parked_maps, index, map, GFP_NOFS));
	if (err)
		free_page((unsigned long)map);
	return err;
}

static int vexfs_free_gather_one(struct super_block *sb, u64 index, unsigned int from,
				 unsigned int to)
{
	struct vexfs_sb_info *sbi = vexfs_sb(sb);
	struct vexfs_image *image = vexfs_pin(sb, sbi->bbm_start + index, VEXFS_KIND_BITMAP);

	if (IS_ERR(image))
		return PTR_ERR(image);
	if (find_next_zero_bit_le(image->data, to, from) < to)
		return vexfs_corrupt(sb, "block bitmap: a block near %llu is in use and free",
				     index * VEXFS_BITS_PER_BLOCK + from);
	return vexfs_parked_map(sbi, index);
}

/* The running unit will free these blocks. */
int vexfs_free_gather(struct super_block *sb, u64 start, u64 len)
{
	struct vexfs_sb_info *sbi = vexfs_sb(sb);
	struct vexfs_unit *unit = &sbi->unit;
	u64 block = start;

	if (!vexfs_in_data(sbi, start) || !vexfs_in_data(sbi, start + len - 1))
		return vexfs_corrupt(sb, "blocks %llu+%llu are not in the data region", start, len);
	if (WARN_ON_ONCE(unit->nfrees == sbi->frees_max))
		return -EIO;
	while (block < start + len) {
		u64 index = block / VEXFS_BITS_PER_BLOCK;
		unsigned int from = block % VEXFS_BITS_PER_BLOCK;
		unsigned int to = min_t(u64, VEXFS_BITS_PER_BLOCK, from + start + len - block);
		int err = vexfs_free_gather_one(sb, index, from, to);

		if (err)
			return err;
		block += to - from;
	}
	unit->frees[unit->nfrees++] = (struct vexfs_run){ start, len };
	return 0;
}

/* Clears and parks the bits of a run; how many were set. */
static u64 vexfs_park(struct vexfs_sb_info *sbi, const struct vexfs_run *run)
{
	u64 freed = 0, block;

	for (block = run->start; block < run->start + run->len; block++) {
		u64 index = block / VEXFS_BITS_PER_BLOCK;
		unsigned int bit = block % VEXFS_BITS_PER_BLOCK;
		u8 *map = vexfs_bitmap_bytes(sbi, sbi->bbm_start, index);

		if (!__test_and_clear_bit_le(bit, map))
			continue;
		__set_bit_le(bit, xa_load(&sbi->parked_maps, index));
		freed++;
	}
	return freed;
}

/* Frees what was gathered. @metadata: the blocks may have images. */
void vexfs_free_apply(struct vexfs_sb_info *sbi, bool metadata)
{
	struct vexfs_unit *unit = &sbi->unit;
	unsigned int i;
	u64 freed, block;

	for (i = 0; i < unit->nfrees; i++) {
		const struct vexfs_run *run = &unit->frees[i];

		freed = vexfs_park(sbi, run);
		sbi->parked += freed;
		sbi->parked_low = min(sbi->parked_low, run->start);
		le64_add_cpu(&unit->state->free_blocks, freed);
		if (!metadata && run->len > 1 && sbi->opt.data != VEXFS_DATA_JOURNAL)
			continue;
		for (block = run->start; block < run->start + run->len; block++)
			vexfs_image_freed(sbi, block);
	}
}

/* A checkpoint is durable: what was freed before it may be allocated again. */
void vexfs_unpark(struct vexfs_sb_info *sbi)
{
	unsigned long index;
	void *map;

	xa_for_each(&sbi->parked_maps, index, map)
		free_page((unsigned long)map);
	xa_destroy(&sbi->parked_maps);
	if (sbi->parked)
		sbi->alloc_hint = min(sbi->alloc_hint, sbi->parked_low);
	sbi->parked = 0;
	sbi->parked_low = U64_MAX;
}

static int vexfs_zero_map(struct vexfs_sb_info *sbi, u64 index, const u8 *map)
{
	unsigned int end = 0, start;
	int err;

	for (;;) {
		start = find_next_bit_le(map, VEXFS_BITS_PER_BLOCK, end);
		if (start >= VEXFS_BITS_PER_BLOCK)
			return 0;
		end = find_next_zero_bit_le(map, VEXFS_BITS_PER_BLOCK, start);
		err = sb_issue_zeroout(sbi->sb, index * VEXFS_BITS_PER_BLOCK + start, end - start,
				       GFP_NOFS);
		if (err)
			return err;
	}
}

/* For strict mounts: zeros in every parked block. */
int vexfs_zero_parked(struct vexfs_sb_info *sbi)
{
	unsigned long index;
	void *map;
	int err;

	xa_for_each(&sbi->parked_maps, index, map) {
		err = vexfs_zero_map(sbi, index, map);
		if (err)
			return err;
	}
	return 0;
}
