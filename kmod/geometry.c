// SPDX-License-Identifier: GPL-2.0-only
/* The superblock: what it says of the volume, and whether that can be (docs/format.md). */
#include <linux/blkdev.h>
#include <linux/crc32c.h>

#include "vexfs.h"

static u64 vexfs_region(struct vexfs_region region, u64 *start)
{
	*start = le64_to_cpu(region.start);
	return le64_to_cpu(region.blocks);
}

static void vexfs_read_geometry(struct vexfs_sb_info *sbi, const struct vexfs_superblock *super)
{
	sbi->blocks = le64_to_cpu(super->blocks);
	sbi->inodes = le64_to_cpu(super->inodes);
	sbi->log_blocks = vexfs_region(super->log, &sbi->log_start);
	vexfs_region(super->state, &sbi->state_block);
	sbi->ring_blocks = vexfs_region(super->ring, &sbi->ring_start);
	vexfs_region(super->block_bitmap, &sbi->bbm_start);
	sbi->ibm_blocks = vexfs_region(super->inode_bitmap, &sbi->ibm_start);
	vexfs_region(super->orphan_bitmap, &sbi->obm_start);
	sbi->table_blocks = vexfs_region(super->inode_table, &sbi->table_start);
	sbi->data_blocks = vexfs_region(super->data, &sbi->data_start);
	sbi->tx_units = le32_to_cpu(super->tx_units);
	sbi->tx_blocks = le32_to_cpu(super->tx_blocks);
	sbi->unit_extents = le32_to_cpu(super->unit_extents);
	sbi->unit_blocks = le32_to_cpu(super->unit_blocks);
	sbi->fanout = le32_to_cpu(super->extent_fanout);
	sbi->max_links = le32_to_cpu(super->max_links);
	sbi->checkpoint_blocks = le32_to_cpu(super->checkpoint_blocks);
	sbi->checkpoint_freed = le32_to_cpu(super->checkpoint_freed);
	sbi->level_seed = le64_to_cpu(super->level_seed);
	sbi->inline_max = min_t(u32, VEXFS_INLINE_EXTENTS, sbi->fanout);
	sbi->frees_max = sbi->unit_extents * (VEXFS_EXTENT_DEPTH_MAX + 1);
}

static bool vexfs_follows(const struct vexfs_region *region, u64 *next, u64 blocks)
{
	if (le64_to_cpu(region->start) != *next || le64_to_cpu(region->blocks) != blocks)
		return false;
	*next += blocks;
	return true;
}

/* Whether the regions are those of docs/format.md, "Layout". */
static bool vexfs_layout_ok(const struct vexfs_sb_info *sbi, const struct vexfs_superblock *super)
{
	u64 bitmap = DIV_ROUND_UP(sbi->blocks, VEXFS_BITS_PER_BLOCK);
	u64 ibitmap = DIV_ROUND_UP(sbi->inodes + 1, VEXFS_BITS_PER_BLOCK);
	u64 table = DIV_ROUND_UP(sbi->inodes + 1, VEXFS_INODES_PER_BLOCK);
	u64 next = VEXFS_ANCHOR_BLOCK + 2;

	if (sbi->log_blocks > sbi->blocks || sbi->ring_blocks > sbi->blocks)
		return false;
	return vexfs_follows(&super->log, &next, sbi->log_blocks) &&
	       vexfs_follows(&super->state, &next, 1) &&
	       vexfs_follows(&super->ring, &next, sbi->ring_blocks) &&
	       vexfs_follows(&super->block_bitmap, &next, bitmap) &&
	       vexfs_follows(&super->inode_bitmap, &next, ibitmap) &&
	       vexfs_follows(&super->orphan_bitmap, &next, ibitmap) &&
	       vexfs_follows(&super->inode_table, &next, table) && next < sbi->blocks - 1 &&
	       vexfs_follows(&super->data, &next, sbi->blocks - 1 - next);
}

static bool vexfs_between(u64 value, u64 low, u64 high)
{
	return value >= low && value <= high;
}

static bool vexfs_limits_ok(struct vexfs_sb_info *sbi)
{
	u64 bytes;

	if (!vexfs_between(sbi->tx_units, VEXFS_TX_UNITS_MIN, VEXFS_TX_UNITS_MAX) ||
	    !vexfs_between(sbi->tx_blocks, VEXFS_TX_BLOCKS_MIN, VEXFS_TX_BLOCKS_MAX) ||
	    !vexfs_between(sbi->unit_extents, VEXFS_UNIT_EXTENTS_MIN, VEXFS_UNIT_EXTENTS_MAX) ||
	    !vexfs_between(sbi->unit_blocks, VEXFS_UNIT_BLOCKS_MIN, VEXFS_UNIT_BLOCKS_LIMIT) ||
	    !vexfs_between(sbi->fanout, VEXFS_FANOUT_MIN, VEXFS_FANOUT_MAX) ||
	    !vexfs_between(sbi->max_links, VEXFS_LINKS_MIN, VEXFS_LINKS_MAX) ||
	    !vexfs_between(sbi->inodes, VEXFS_INODES_MIN, VEXFS_INODES_MAX) ||
	    sbi->ring_blocks < VEXFS_RING_BLOCKS_MIN || !sbi->checkpoint_blocks ||
	    !sbi->checkpoint_freed)
		return false;
	bytes = (sbi->tx_blocks + VEXFS_UNIT_BLOCKS_MAX((u64)sbi->unit_extents)) *
		(sizeof(struct vexfs_tx_block) + VEXFS_BLOCK_SIZE);
	bytes += sizeof(struct vexfs_tx_header) + sizeof(struct vexfs_tx_commit);
	sbi->tx_max = DIV_ROUND_UP(bytes, VEXFS_BLOCK_SIZE);
	return sbi->tx_max <= sbi->log_blocks - sbi->log_blocks / 2;
}

static int vexfs_check_features(struct super_block *sb, const struct vexfs_superblock *super)
{
	if (le32_to_cpu(super->version) != VEXFS_FORMAT_VERSION ||
	    le32_to_cpu(super->block_size) != VEXFS_BLOCK_SIZE || super->feature_incompat) {
		vexfs_err(sb, "version %u, block size %u, incompat features %llx: not known to this module; use a newer one",
			  le32_to_cpu(super->version), le32_to_cpu(super->block_size),
			  le64_to_cpu(super->feature_incompat));
		return -EINVAL;
	}
	vexfs_sb(sb)->no_write = super->feature_ro_compat;
	if (super->feature_ro_compat && !sb_rdonly(sb)) {
		vexfs_err(sb, "unknown ro_compat features %llx: mount read-only",
			  le64_to_cpu(super->feature_ro_compat));
		return -EINVAL;
	}
	return 0;
}

static int vexfs_check_super(struct super_block *sb, const struct vexfs_superblock *super)
{
	struct vexfs_sb_info *sbi = vexfs_sb(sb);
	int err;

	if (le32_to_cpu(super->magic) != VEXFS_SUPER_MAGIC) {
		vexfs_err(sb, "not a VexFS volume");
		return -EINVAL;
	}
	memcpy(sbi->uuid, super->uuid, sizeof(sbi->uuid));
	sbi->seed = crc32c(~0, sbi->uuid, sizeof(sbi->uuid));
	if (le32_to_cpu(super->crc) != vexfs_crc(sbi, 0, super, sizeof(*super),
						 offsetof(struct vexfs_superblock, crc)))
		return vexfs_corrupt(sb, "superblock: wrong checksum");
	err = vexfs_check_features(sb, super);
	if (err)
		return err;
	vexfs_read_geometry(sbi, super);
	if (sbi->blocks > bdev_nr_bytes(sb->s_bdev) / VEXFS_BLOCK_SIZE || !sbi->blocks)
		return vexfs_corrupt(sb, "superblock: %llu blocks, more than the device has",
				     sbi->blocks);
	if (!vexfs_limits_ok(sbi))
		return vexfs_corrupt(sb, "superblock: a limit is out of bounds");
	if (!vexfs_layout_ok(sbi, super))
		return vexfs_corrupt(sb, "superblock: regions that no mkfs made");
	return 0;
}

int vexfs_read_super(struct super_block *sb)
{
	struct buffer_head *bh = sb_bread(sb, VEXFS_SUPER_BLOCK);
	int err;

	if (!bh) {
		vexfs_err(sb, "cannot read the superblock; check the device");
		return -EIO;
	}
	err = vexfs_check_super(sb, (const void *)bh->b_data);
	brelse(bh);
	return err;
}
