// SPDX-License-Identifier: GPL-2.0-only
/* What a mount does with the anchors and the log (docs/format.md, "Recovery"). */
#include <linux/blkdev.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "vexfs.h"

static bool vexfs_anchor_valid(const struct vexfs_sb_info *sbi, const struct vexfs_anchor *anchor)
{
	return le32_to_cpu(anchor->magic) == VEXFS_ANCHOR_MAGIC &&
	       le32_to_cpu(anchor->crc) == vexfs_crc(sbi, le64_to_cpu(anchor->number), anchor,
						     sizeof(*anchor),
						     offsetof(struct vexfs_anchor, crc));
}

/* Takes the anchor over if it is valid and newer than what was found before. */
static void vexfs_take_anchor(struct vexfs_sb_info *sbi, const struct vexfs_anchor *anchor,
			      unsigned int place, bool *found)
{
	u64 number = le64_to_cpu(anchor->number);

	if (!vexfs_anchor_valid(sbi, anchor) || (number & 1) != place ||
	    (*found && number < sbi->anchor.number))
		return;
	*found = true;
	sbi->anchor = (struct vexfs_tail){
		.number = number,
		.epoch = le64_to_cpu(anchor->epoch),
		.index = le64_to_cpu(anchor->tail),
		.sequence = le64_to_cpu(anchor->sequence),
		.prev_crc = le32_to_cpu(anchor->prev_crc),
		.flags = le32_to_cpu(anchor->flags),
	};
}

/* Reads both anchors and keeps the valid one with the higher number. */
int vexfs_load_anchor(struct vexfs_sb_info *sbi)
{
	struct super_block *sb = sbi->sb;
	bool found = false;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		struct buffer_head *bh = sb_bread(sb, VEXFS_ANCHOR_BLOCK + i);

		if (!bh)
			return -EIO;
		vexfs_take_anchor(sbi, (const void *)bh->b_data, i, &found);
		brelse(bh);
	}
	if (!found)
		return vexfs_corrupt(sb, "no valid anchor");
	if (sbi->anchor.index >= sbi->log_blocks)
		return vexfs_corrupt(sb, "the anchor's tail is outside the log");
	sbi->head = sbi->anchor.index;
	sbi->epoch = sbi->anchor.epoch;
	sbi->sequence = sbi->anchor.sequence;
	sbi->prev_crc = sbi->anchor.prev_crc;
	return 0;
}

/* Bytes of the transaction that should start with this header; 0 if it does not. */
static u64 vexfs_header_length(const struct vexfs_sb_info *sbi,
			       const struct vexfs_tx_header *header)
{
	u64 bytes = le64_to_cpu(header->bytes);

	if (le32_to_cpu(header->magic) != VEXFS_TX_MAGIC ||
	    le64_to_cpu(header->epoch) != sbi->epoch ||
	    le64_to_cpu(header->sequence) != sbi->sequence ||
	    le32_to_cpu(header->prev_crc) != sbi->prev_crc)
		return 0;
	if (bytes < sizeof(*header) + sizeof(struct vexfs_tx_commit) ||
	    bytes > (u64)sbi->tx_max * VEXFS_BLOCK_SIZE ||
	    sbi->used + DIV_ROUND_UP(bytes, VEXFS_BLOCK_SIZE) > sbi->log_blocks)
		return 0;
	return bytes;
}

/* Whether the whole transaction is there; its checksum if so. */
static bool vexfs_commit_valid(const struct vexfs_sb_info *sbi, const u8 *bytes, u64 length,
			       u32 *crc)
{
	u64 at = length - sizeof(struct vexfs_tx_commit);
	const struct vexfs_tx_commit *commit = (const void *)(bytes + at);

	if (le32_to_cpu(commit->magic) != VEXFS_COMMIT_MAGIC ||
	    le64_to_cpu(commit->sequence) != sbi->sequence)
		return false;
	*crc = vexfs_crc(sbi, sbi->epoch, bytes, length,
			 at + offsetof(struct vexfs_tx_commit, crc));
	return le32_to_cpu(commit->crc) == *crc;
}

static bool vexfs_may_log(const struct vexfs_sb_info *sbi, u64 block)
{
	return block >= sbi->state_block && block < sbi->data_start + sbi->data_blocks;
}

static int vexfs_apply_block(struct vexfs_sb_info *sbi, const struct vexfs_tx_block *record,
			     const u8 *units)
{
	bool init = le32_to_cpu(record->flags) & VEXFS_TX_BLOCK_INIT;
	u64 mask = le64_to_cpu(record->mask);
	struct vexfs_image *image;
	unsigned int i;

	image = vexfs_replay_image(sbi, le64_to_cpu(record->block), init);
	if (IS_ERR(image))
		return PTR_ERR(image);
	for (i = 0; i < VEXFS_UNITS_PER_BLOCK; i++) {
		if (!(mask >> i & 1))
			continue;
		memcpy(image->data + i * VEXFS_UNIT_SIZE, units, VEXFS_UNIT_SIZE);
		units += VEXFS_UNIT_SIZE;
	}
	return 0;
}

static int vexfs_apply_transaction(struct vexfs_sb_info *sbi, const u8 *bytes, u64 length)
{
	const struct vexfs_tx_header *header = (const void *)bytes;
	const u8 *at = bytes + sizeof(*header);
	const u8 *end = bytes + length - sizeof(struct vexfs_tx_commit);
	u32 blocks = le32_to_cpu(header->blocks);

	while (blocks--) {
		const struct vexfs_tx_block *record = (const void *)at;
		u64 units;
		int err;

		if (end - at < sizeof(*record))
			return vexfs_corrupt(sbi->sb, "transaction %llu: truncated record",
					     sbi->sequence);
		units = hweight64(le64_to_cpu(record->mask)) * VEXFS_UNIT_SIZE;
		at += sizeof(*record);
		if (end - at < units || !vexfs_may_log(sbi, le64_to_cpu(record->block)))
			return vexfs_corrupt(sbi->sb, "transaction %llu: bad record",
					     sbi->sequence);
		err = vexfs_apply_block(sbi, record, at);
		if (err)
			return err;
		at += units;
	}
	if (at != end)
		return vexfs_corrupt(sbi->sb, "transaction %llu: bytes behind its records",
				     sbi->sequence);
	return 0;
}

/* Reads and applies the transaction at the head; 0 if none is there, 1 if one was. */
static int vexfs_replay_one(struct vexfs_sb_info *sbi, u8 *bytes)
{
	u64 length;
	u32 blocks, crc;
	int err = vexfs_log_io(sbi, sbi->head, 1, bytes, REQ_OP_READ);

	if (err)
		return err;
	length = vexfs_header_length(sbi, (const void *)bytes);
	if (!length)
		return 0;
	blocks = DIV_ROUND_UP(length, VEXFS_BLOCK_SIZE);
	err = vexfs_log_io(sbi, sbi->head, blocks, bytes, REQ_OP_READ);
	if (err)
		return err;
	if (!vexfs_commit_valid(sbi, bytes, length, &crc))
		return 0;
	err = vexfs_apply_transaction(sbi, bytes, length);
	if (err)
		return err;
	sbi->head = (sbi->head + blocks) % sbi->log_blocks;
	sbi->used += blocks;
	sbi->sequence++;
	sbi->prev_crc = crc;
	return 1;
}

/* Applies the log to images. @found: whether there was any transaction. */
static int vexfs_replay(struct vexfs_sb_info *sbi, bool *found)
{
	u8 *bytes = vmalloc((size_t)sbi->tx_max * VEXFS_BLOCK_SIZE);
	int err;

	*found = false;
	if (!bytes)
		return -ENOMEM;
	do {
		err = vexfs_replay_one(sbi, bytes);
		*found |= err > 0;
	} while (err > 0);
	vfree(bytes);
	return err;
}

static int vexfs_new_epoch(struct vexfs_sb_info *sbi)
{
	struct vexfs_tail next = {
		.epoch = sbi->epoch + 1,
		.index = sbi->head,
		.sequence = sbi->sequence,
		.prev_crc = sbi->prev_crc,
	};
	int err = vexfs_write_home(sbi);

	if (!err)
		err = blkdev_issue_flush(sbi->sb->s_bdev);
	if (!err)
		err = vexfs_write_anchor(sbi, next);
	if (err)
		return err;
	sbi->epoch++;
	sbi->used = 0;
	vexfs_drop_images(sbi);
	return 0;
}

/* What a mount demands of state and root, before it writes anything. */
static int vexfs_check_replayed(struct vexfs_sb_info *sbi)
{
	const struct vexfs_inode *root;
	struct vexfs_ref ref;
	int err = vexfs_read(sbi->sb, sbi->state_block, VEXFS_KIND_STATE, &ref);

	if (err)
		return err;
	vexfs_put(&ref);
	err = vexfs_inode_read(sbi->sb, VEXFS_ROOT_INO, &ref, &root);
	if (err)
		return err;
	if (!S_ISDIR(le16_to_cpu(root->mode)) || !root->nlink)
		err = vexfs_corrupt(sbi->sb, "the root is not a directory, or has no link");
	vexfs_put(&ref);
	return err;
}

/*
 * Steps 2 to 5. A read-only mount keeps the images, where every read looks first, and writes
 * nothing.
 */
int vexfs_recover(struct vexfs_sb_info *sbi, bool read_only)
{
	bool clean = sbi->anchor.flags & VEXFS_ANCHOR_CLEAN;
	bool found;
	int err = vexfs_replay(sbi, &found);

	if (!err)
		err = vexfs_check_replayed(sbi);
	if (err || (clean && !found))
		return err;
	if (read_only) {
		if (sbi->images_count > (u64)sbi->opt.cache << (20 - VEXFS_BLOCK_SHIFT)) {
			vexfs_err(sbi->sb, "the log holds %llu blocks, more than cache=%u; mount rw or raise it",
				  sbi->images_count, sbi->opt.cache);
			return -ENOMEM;
		}
		sbi->overlay = true;
		return 0;
	}
	err = vexfs_new_epoch(sbi);
	if (err)
		return err;
	sbi->writable = true;
	err = vexfs_planted(sbi, VEXFS_FAULT_ORPHANS_KEPT) ? 0 : vexfs_reclaim_all(sbi);
	return err ? err : vexfs_checkpoint(sbi, true);
}
