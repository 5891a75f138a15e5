// SPDX-License-Identifier: GPL-2.0-only
/* Reclaiming orphans (docs/determinism.md, "Transactions"). The mutex is held. */
#include "vexfs.h"
#include "file.h"

/*
 * Whether the inode may go now: a regular file stays while it is open. If it may and @kill, the
 * VFS's inode (if any) is dead from here on and its pages are gone.
 */
static bool vexfs_let_go(struct super_block *sb, u64 ino, bool kill)
{
	struct inode *inode = ilookup(sb, ino);
	bool yes;

	if (!inode)
		return true;
	spin_lock(&inode->i_lock);
	yes = !S_ISREG(inode->i_mode) || !vexfs_i(inode)->handles;
	if (yes && kill)
		vexfs_i(inode)->dead = true;
	spin_unlock(&inode->i_lock);
	if (yes && kill) {
		/* Its number may be given away: nobody finds the corpse by it. */
		remove_inode_hash(inode);
		vexfs_write_ordered_pages(inode);
		truncate_inode_pages(&inode->i_data, 0);
	}
	iput(inode);
	return yes;
}

bool vexfs_can_reclaim(struct vexfs_sb_info *sbi)
{
	unsigned long ino;
	void *entry;

	xa_for_each(&sbi->orphans, ino, entry)
		if (!vexfs_orphan_is_held(entry) && vexfs_let_go(sbi->sb, ino, false))
			return true;
	return false;
}

static bool vexfs_is_metadata(const struct vexfs_inode *raw)
{
	return !S_ISREG(le16_to_cpu(raw->mode)) ||
	       le16_to_cpu(raw->flags) & VEXFS_INODE_SYSTEM;
}

static int vexfs_piece_gather(struct vexfs_sb_info *sbi, u64 ino, struct vexfs_inode **raw,
			      u64 *first, bool *whole)
{
	int err = vexfs_unit_begin(sbi);

	if (err)
		return err;
	*raw = vexfs_inode_pin(sbi->sb, ino);
	if (IS_ERR(*raw))
		return PTR_ERR(*raw);
	*first = 0;
	if ((*raw)->nlink) {
		if (!((*raw)->flags & cpu_to_le16(VEXFS_INODE_TRUNCATING)))
			return vexfs_corrupt(sbi->sb, "inode %llu: an orphan with links", ino);
		*first = DIV_ROUND_UP(le64_to_cpu((*raw)->size), VEXFS_BLOCK_SIZE);
	}
	err = vexfs_cut_gather(sbi->sb, ino, *raw, *first, whole);
	if (err || !*whole)
		return err;
	return (*raw)->nlink ? vexfs_orphan_gather(sbi->sb, ino) :
			       vexfs_ifree_gather(sbi->sb, ino);
}

/* One unit: a piece of the inode's blocks, and with the last one the inode. */
static int vexfs_reclaim_piece(struct vexfs_sb_info *sbi, u64 ino, bool *whole)
{
	struct vexfs_inode *raw;
	u64 first;
	int err = vexfs_piece_gather(sbi, ino, &raw, &first, whole);

	if (err) {
		vexfs_unit_cancel(sbi);
		return err;
	}
	vexfs_apply(sbi);
	vexfs_cut_apply(sbi, raw, first, vexfs_is_metadata(raw));
	if (*whole && !raw->nlink) {
		vexfs_ifree_apply(sbi, ino);
		atomic64_inc(&sbi->stats.reclaimed);
	} else if (*whole) {
		raw->flags &= ~cpu_to_le16(VEXFS_INODE_TRUNCATING);
		vexfs_orphan_clear(sbi, ino);
	}
	vexfs_unit_end(sbi);
	return 0;
}

static int vexfs_reclaim_inode(struct vexfs_sb_info *sbi, u64 ino)
{
	bool whole = false;
	int err = 0;

	while (!whole && !err)
		err = vexfs_reclaim_piece(sbi, ino, &whole);
	return err;
}

void vexfs_reclaim(struct vexfs_sb_info *sbi)
{
	unsigned long ino;
	void *entry;
	int err;

	sbi->reclaiming = true;
	xa_for_each(&sbi->orphans, ino, entry) {
		if (sbi->error || vexfs_orphan_is_held(entry) || !vexfs_let_go(sbi->sb, ino, true))
			continue;
		err = vexfs_reclaim_inode(sbi, ino);
		if (err && !sbi->error)
			vexfs_err(sbi->sb, "cannot reclaim inode %lu: error %d; run fsck.vexfs",
				  ino, err);
		xa_erase(&sbi->orphans, ino);
	}
	vexfs_seal(sbi);
	sbi->reclaiming = false;
}

static int vexfs_reclaim_map(struct vexfs_sb_info *sbi, u64 index)
{
	struct vexfs_ref ref;
	unsigned long bit = 0;
	int err = 0;

	while (!err) {
		u64 ino;

		/* Read anew each time: a checkpoint may have dropped what was read before. */
		err = vexfs_read(sbi->sb, sbi->obm_start + index, VEXFS_KIND_BITMAP, &ref);
		if (err)
			break;
		bit = find_next_bit_le(ref.data, VEXFS_BITS_PER_BLOCK, bit);
		vexfs_put(&ref);
		if (bit >= VEXFS_BITS_PER_BLOCK)
			break;
		ino = index * VEXFS_BITS_PER_BLOCK + bit++;
		if (!ino || ino > sbi->inodes)
			continue;
		err = vexfs_reclaim_inode(sbi, ino);
		/* A damaged one stays what it is, for fsck. */
		if (err == -EUCLEAN)
			err = 0;
	}
	return err;
}

/* In recovery: every orphan; one that has links is cut down to its size. */
int vexfs_reclaim_all(struct vexfs_sb_info *sbi)
{
	u64 index;
	int err = 0;

	sbi->reclaiming = true;
	for (index = 0; index < sbi->ibm_blocks && !err; index++)
		err = vexfs_reclaim_map(sbi, index);
	sbi->reclaiming = false;
	return err ? err : vexfs_seal(sbi);
}
