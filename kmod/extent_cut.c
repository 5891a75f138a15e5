// SPDX-License-Identifier: GPL-2.0-only
/* Taking blocks off the end of a mapping (docs/format.md, "Removing from the end"). */
#include "extent.h"

/* Extends the way along the last entries down to a leaf. */
static int vexfs_way_right(struct super_block *sb, u64 ino, struct vexfs_way *way,
			   unsigned int *level)
{
	int err = 0;

	while (!err && *level < way->depth) {
		way->level[*level].at = way->level[*level].n - 1;
		err = vexfs_pin_child(sb, ino, way, *level);
		++*level;
	}
	return err;
}

/* The leaf's last entry is used up: goes up past the nodes that have none left, freeing them. */
static int vexfs_way_pop(struct super_block *sb, struct vexfs_way *way, unsigned int *level)
{
	way->level[*level].n--;
	while (*level && !way->level[*level].n) {
		int err = vexfs_free_gather(sb, way->level[*level].block, 1);

		if (err)
			return err;
		way->level[--*level].n--;
	}
	return 0;
}

/*
 * Gathers one piece of a removal from the end down to logical block @first. *whole says whether
 * nothing at or above it is left afterwards.
 */
int vexfs_cut_gather(struct super_block *sb, u64 ino, const struct vexfs_inode *raw, u64 first,
		     bool *whole)
{
	struct vexfs_sb_info *sbi = vexfs_sb(sb);
	struct vexfs_unit *unit = &sbi->unit;
	u64 freed = 0, taken = 0;	/* taken: from the last extent */
	unsigned int level = 0;
	struct vexfs_way way;
	int err = vexfs_way_begin(sb, ino, raw, &way);

	*whole = true;
	while (!err && way.level[0].n) {
		const struct vexfs_extent *last;
		u64 len, take;

		err = vexfs_way_right(sb, ino, &way, &level);
		if (err)
			break;
		last = &way.level[level].e[way.level[level].n - 1];
		len = vexfs_len(last) - taken;
		if (le32_to_cpu(last->lblk) + len <= first)
			break;
		if (unit->cut_steps == sbi->unit_extents || freed >= sbi->unit_blocks) {
			*whole = false;
			break;
		}
		take = le32_to_cpu(last->lblk) + len - max_t(u64, first, le32_to_cpu(last->lblk));
		take = min(take, sbi->unit_blocks - freed);
		err = vexfs_free_gather(sb, le64_to_cpu(last->pblk) + len - take, take);
		freed += take;
		unit->cut_steps++;
		taken = take < len ? taken + take : 0;
		if (!err && take == len)
			err = vexfs_way_pop(sb, &way, &level);
	}
	return err;
}

/* Takes the last @take blocks off the tree; what becomes empty goes. */
static void vexfs_cut_last(struct vexfs_sb_info *sbi, struct vexfs_inode *raw,
			   struct vexfs_way *way, struct vexfs_extent *last, u64 take)
{
	unsigned int level = way->depth;

	le64_add_cpu(&raw->blocks, -take);
	if (take < vexfs_len(last)) {
		le32_add_cpu(&last->len, -(u32)take);
		return;
	}
	memset(last, 0, sizeof(*last));
	while (level && way->level[level].n == 1) {
		le64_add_cpu(&raw->blocks, -1);
		level--;
		memset(&way->level[level].e[way->level[level].n - 1], 0, sizeof(*last));
	}
	vexfs_set_count(sbi, raw, way->level[level].block, way->level[level].n - 1);
	if (!raw->extents)
		raw->depth = 0;
}

/* Removes the gathered piece and frees its blocks. @metadata: they are no file's data. */
void vexfs_cut_apply(struct vexfs_sb_info *sbi, struct vexfs_inode *raw, u64 first,
		     bool metadata)
{
	struct vexfs_way way;
	unsigned int step;
	u64 freed = 0;

	for (step = 0; step < sbi->unit.cut_steps; step++) {
		struct vexfs_extent *last;
		u64 end, take;

		vexfs_way_again(sbi, raw, U32_MAX, &way);
		last = &way.level[way.depth].e[way.level[way.depth].n - 1];
		end = le32_to_cpu(last->lblk) + (u64)vexfs_len(last);
		take = end - max_t(u64, first, le32_to_cpu(last->lblk));
		take = min(take, sbi->unit_blocks - freed);
		vexfs_cut_last(sbi, raw, &way, last, take);
		freed += take;
	}
	vexfs_free_apply(sbi, metadata);
}
