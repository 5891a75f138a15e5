// SPDX-License-Identifier: GPL-2.0-only
/* Inode numbers, their bitmap and the orphan bitmap. The mutex is held throughout. */
#include "vexfs.h"

/* What sbi->orphans says of an inode. */
enum { VEXFS_ORPHAN = 1, VEXFS_ORPHAN_HELD };

/* The first clear bit of the inode bitmap in [from, to); 0 if none. */
static int vexfs_search_ino(struct super_block *sb, u64 from, u64 to, u64 *ino)
{
	struct vexfs_sb_info *sbi = vexfs_sb(sb);
	struct vexfs_ref ref;

	*ino = 0;
	while (from < to) {
		u64 index = from / VEXFS_BITS_PER_BLOCK;
		u64 base = index * VEXFS_BITS_PER_BLOCK;
		unsigned int limit = min_t(u64, VEXFS_BITS_PER_BLOCK, to - base);
		unsigned int bit;
		int err = vexfs_read(sb, sbi->ibm_start + index, VEXFS_KIND_BITMAP, &ref);

		if (err)
			return err;
		bit = find_next_zero_bit_le(ref.data, limit, from - base);
		vexfs_put(&ref);
		if (bit < limit) {
			*ino = base + bit;
			return 0;
		}
		from = base + VEXFS_BITS_PER_BLOCK;
	}
	return 0;
}

static int vexfs_pin_bit(struct super_block *sb, u64 start, u64 ino)
{
	struct vexfs_image *image;

	image = vexfs_pin(sb, start + ino / VEXFS_BITS_PER_BLOCK, VEXFS_KIND_BITMAP);
	return PTR_ERR_OR_ZERO(image);
}

static int vexfs_pin_slot(struct super_block *sb, u64 ino)
{
	struct vexfs_sb_info *sbi = vexfs_sb(sb);
	struct vexfs_image *image;

	image = vexfs_pin(sb, sbi->table_start + ino / VEXFS_INODES_PER_BLOCK, VEXFS_KIND_TABLE);
	return PTR_ERR_OR_ZERO(image);
}

static u8 *vexfs_bits(const struct vexfs_sb_info *sbi, u64 start, u64 ino)
{
	return vexfs_find_image(sbi, start + ino / VEXFS_BITS_PER_BLOCK)->data;
}

/* The number that a new inode gets when the search starts at @cursor. There is a free one. */
int vexfs_ialloc_gather_from(struct super_block *sb, u64 cursor, u64 *ino)
{
	struct vexfs_sb_info *sbi = vexfs_sb(sb);
	int err;

	err = vexfs_search_ino(sb, cursor, sbi->inodes + 1, ino);
	if (!err && !*ino)
		err = vexfs_search_ino(sb, 2, cursor, ino);
	if (err)
		return err;
	if (!*ino)
		return vexfs_corrupt(sb, "state block: counts free inodes that the bitmap lacks");
	err = vexfs_pin_bit(sb, sbi->ibm_start, *ino);
	if (!err)
		err = vexfs_pin_slot(sb, *ino);
	/* Not to a second owner. */
	if (!err && memchr_inv(vexfs_inode_slot(sbi, *ino), 0, sizeof(struct vexfs_inode)))
		err = vexfs_corrupt(sb, "inode bitmap: inode %llu is in use and free", *ino);
	return err;
}

/* The number that the running unit's new inode gets. */
int vexfs_ialloc_gather(struct super_block *sb, u64 *ino)
{
	const struct vexfs_state *state = vexfs_sb(sb)->unit.state;

	if (!state->free_inodes)
		return -ENOSPC;
	return vexfs_ialloc_gather_from(sb, le64_to_cpu(state->inode_cursor), ino);
}

static void vexfs_slot_is_good(const struct vexfs_sb_info *sbi, u64 ino)
{
	struct vexfs_image *image;

	image = vexfs_find_image(sbi, sbi->table_start + ino / VEXFS_INODES_PER_BLOCK);
	image->bad_slots &= ~(1U << ino % VEXFS_INODES_PER_BLOCK);
}

/* Takes the number: a zeroed slot with its generation. */
struct vexfs_inode *vexfs_ialloc_apply(struct vexfs_sb_info *sbi, u64 ino)
{
	struct vexfs_state *state = sbi->unit.state;
	struct vexfs_inode *raw;

	__set_bit_le(ino % VEXFS_BITS_PER_BLOCK, vexfs_bits(sbi, sbi->ibm_start, ino));
	le64_add_cpu(&state->free_inodes, -1);
	state->inode_cursor = cpu_to_le64(ino == sbi->inodes ? 2 : ino + 1);
	le64_add_cpu(&state->generation, 1);
	vexfs_slot_is_good(sbi, ino);
	raw = vexfs_inode_slot(sbi, ino);
	memset(raw, 0, sizeof(*raw));
	raw->generation = state->generation;
	return raw;
}

/* The mutex or image_lock is held. */
int vexfs_ino_in_use(struct super_block *sb, u64 ino, bool *yes)
{
	struct vexfs_ref ref;
	int err = vexfs_read(sb, vexfs_sb(sb)->ibm_start + ino / VEXFS_BITS_PER_BLOCK,
			     VEXFS_KIND_BITMAP, &ref);

	if (err)
		return err;
	*yes = test_bit_le(ino % VEXFS_BITS_PER_BLOCK, ref.data);
	vexfs_put(&ref);
	return 0;
}

int vexfs_orphan_gather(struct super_block *sb, u64 ino)
{
	struct vexfs_sb_info *sbi = vexfs_sb(sb);
	int err = vexfs_pin_bit(sb, sbi->obm_start, ino);

	return err ? err : xa_reserve(&sbi->orphans, ino, GFP_NOFS);
}

/* The inode lost its last link: it is reclaimed at a seal. The gathering reserved the entry. */
void vexfs_orphan_add(struct vexfs_sb_info *sbi, u64 ino)
{
	vexfs_orphan_set(sbi, ino);
	xa_store(&sbi->orphans, ino, xa_mk_value(VEXFS_ORPHAN), GFP_NOWAIT);
}

/* An orphan that nobody reclaims: a compaction is building it. The gathering reserved the entry. */
void vexfs_orphan_hold(struct vexfs_sb_info *sbi, u64 ino)
{
	vexfs_orphan_set(sbi, ino);
	xa_store(&sbi->orphans, ino, xa_mk_value(VEXFS_ORPHAN_HELD), GFP_NOWAIT);
}

/* The held orphan is one like others. */
void vexfs_orphan_let_go(struct vexfs_sb_info *sbi, u64 ino)
{
	xa_store(&sbi->orphans, ino, xa_mk_value(VEXFS_ORPHAN), GFP_NOWAIT);
}

/* The held orphan is none any more. */
void vexfs_orphan_save(struct vexfs_sb_info *sbi, u64 ino)
{
	vexfs_orphan_clear(sbi, ino);
	xa_erase(&sbi->orphans, ino);
}

bool vexfs_orphan_is_held(const void *entry)
{
	return entry == xa_mk_value(VEXFS_ORPHAN_HELD);
}

void vexfs_orphan_set(struct vexfs_sb_info *sbi, u64 ino)
{
	__set_bit_le(ino % VEXFS_BITS_PER_BLOCK, vexfs_bits(sbi, sbi->obm_start, ino));
}

void vexfs_orphan_clear(struct vexfs_sb_info *sbi, u64 ino)
{
	__clear_bit_le(ino % VEXFS_BITS_PER_BLOCK, vexfs_bits(sbi, sbi->obm_start, ino));
}

int vexfs_ifree_gather(struct super_block *sb, u64 ino)
{
	struct vexfs_sb_info *sbi = vexfs_sb(sb);
	int err = vexfs_pin_bit(sb, sbi->ibm_start, ino);

	if (!err && !test_bit_le(ino % VEXFS_BITS_PER_BLOCK, vexfs_bits(sbi, sbi->ibm_start, ino)))
		return vexfs_corrupt(sb, "inode %llu: to be freed and free", ino);
	if (!err)
		err = vexfs_pin_bit(sb, sbi->obm_start, ino);
	return err ? err : vexfs_pin_slot(sb, ino);
}

void vexfs_ifree_apply(struct vexfs_sb_info *sbi, u64 ino)
{
	memset(vexfs_inode_slot(sbi, ino), 0, sizeof(struct vexfs_inode));
	__clear_bit_le(ino % VEXFS_BITS_PER_BLOCK, vexfs_bits(sbi, sbi->ibm_start, ino));
	vexfs_orphan_clear(sbi, ino);
	le64_add_cpu(&sbi->unit.state->free_inodes, 1);
}
