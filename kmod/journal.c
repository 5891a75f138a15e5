// SPDX-License-Identifier: GPL-2.0-only
/*
 * The log: closing transactions (docs/format.md, "Transactions") and bringing them to the device.
 * The mutex is held throughout.
 */
#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/list_sort.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/vmalloc.h>

#include "vexfs.h"

/* Sealed blocks that may wait in memory for a sync point before they are written anyway. */
#define VEXFS_SEALED_MAX	1024

static int vexfs_writer_order(const void *a, const void *b)
{
	const struct vexfs_writer *left = a, *right = b;

	return left->ino < right->ino ? -1 : left->ino > right->ino;
}

static void vexfs_emit_writes(struct vexfs_sb_info *sbi)
{
	u64 last = sbi->first_unit + sbi->units - 1;
	s64 now = vexfs_now(sbi);
	unsigned int i;

	sort(sbi->writers, sbi->nwriters, sizeof(sbi->writers[0]), vexfs_writer_order, NULL);
	for (i = 0; i < sbi->nwriters; i++) {
		u64 range[2] = { sbi->writers[i].first, sbi->writers[i].end };

		vexfs_event_begin(sbi, VEXFS_EV_WRITE, sbi->writers[i].ino, 0);
		vexfs_event_u64(sbi, VEXFS_TAG_RANGE, 2, range);
		vexfs_event_end(sbi, last, now);
	}
}

static void vexfs_sum_slots(struct vexfs_sb_info *sbi, struct vexfs_image *image)
{
	u64 first = (image->block - sbi->table_start) * VEXFS_INODES_PER_BLOCK;
	const struct vexfs_inode *old = (const void *)image->before;
	struct vexfs_inode *new = (void *)image->data;
	unsigned int i;

	for (i = 0; i < VEXFS_INODES_PER_BLOCK; i++) {
		if (!new[i].mode || !memcmp(&new[i], &old[i], sizeof(*new)))
			continue;
		new[i].crc = cpu_to_le32(vexfs_crc(sbi, first + i, &new[i], sizeof(*new),
						   offsetof(struct vexfs_inode, crc)));
	}
}

static void vexfs_sum(struct vexfs_sb_info *sbi, struct vexfs_image *image)
{
	u32 crc = vexfs_crc(sbi, image->block, image->data, VEXFS_BLOCK_SIZE, 4);

	BUILD_BUG_ON(offsetof(struct vexfs_state, crc) != 4);
	BUILD_BUG_ON(offsetof(struct vexfs_dir_header, crc) != 4);
	BUILD_BUG_ON(offsetof(struct vexfs_extent_node, crc) != 4);
	((__le32 *)image->data)[1] = cpu_to_le32(crc);
}

static void vexfs_finish_image(struct vexfs_sb_info *sbi, struct vexfs_image *image)
{
	switch (image->kind) {
	case VEXFS_KIND_STATE:
	case VEXFS_KIND_DIR:
	case VEXFS_KIND_NODE:
	case VEXFS_KIND_GRAPH:
		vexfs_sum(sbi, image);
		break;
	case VEXFS_KIND_TABLE:
		vexfs_sum_slots(sbi, image);
		break;
	default:
		break;
	}
}

static void vexfs_find_mask(struct vexfs_image *image)
{
	unsigned int i;

	image->mask = 0;
	if (image->freed)
		return;
	for (i = 0; i < VEXFS_UNITS_PER_BLOCK; i++) {
		const u8 *unit = image->data + i * VEXFS_UNIT_SIZE;
		bool differs;

		if (image->kind == VEXFS_KIND_DATA)
			differs = true;
		else if (image->init)
			differs = memchr_inv(unit, 0, VEXFS_UNIT_SIZE);
		else
			differs = memcmp(unit, image->before + i * VEXFS_UNIT_SIZE,
					 VEXFS_UNIT_SIZE);
		image->mask |= (u64)differs << i;
	}
}

/* Whether the transaction names the block: a new one also if it is all zeros. */
static bool vexfs_is_named(const struct vexfs_image *image)
{
	return !image->freed && (image->mask || image->init);
}

static int vexfs_block_order(void *unused, const struct list_head *a, const struct list_head *b)
{
	return list_entry(a, struct vexfs_image, link)->block >
	       list_entry(b, struct vexfs_image, link)->block;
}

static u8 *vexfs_put_block(u8 *out, const struct vexfs_image *image)
{
	struct vexfs_tx_block *record = (void *)out;
	unsigned int i;

	record->block = cpu_to_le64(image->block);
	record->mask = cpu_to_le64(image->mask);
	if (image->kind == VEXFS_KIND_DATA)
		record->flags = cpu_to_le32(VEXFS_TX_BLOCK_DATA);
	else if (image->init)
		record->flags = cpu_to_le32(VEXFS_TX_BLOCK_INIT);
	out += sizeof(*record);
	for (i = 0; i < VEXFS_UNITS_PER_BLOCK; i++) {
		if (!(image->mask >> i & 1))
			continue;
		memcpy(out, image->data + i * VEXFS_UNIT_SIZE, VEXFS_UNIT_SIZE);
		out += VEXFS_UNIT_SIZE;
	}
	return out;
}

/* Writes the transaction's bytes; the images of sbi->counted are in order and have masks. */
static void vexfs_fill_transaction(struct vexfs_sb_info *sbi, u8 *bytes, u32 blocks, u64 length)
{
	struct vexfs_tx_header *header = (void *)bytes;
	struct vexfs_tx_commit *commit;
	struct vexfs_image *image;
	u8 *out = bytes + sizeof(*header);
	size_t crc_at;

	header->magic = cpu_to_le32(VEXFS_TX_MAGIC);
	header->epoch = cpu_to_le64(sbi->epoch);
	header->sequence = cpu_to_le64(sbi->sequence);
	header->first_unit = cpu_to_le64(sbi->first_unit);
	header->units = cpu_to_le32(sbi->units);
	header->blocks = cpu_to_le32(blocks);
	header->bytes = cpu_to_le64(length);
	header->prev_crc = cpu_to_le32(sbi->prev_crc);
	list_for_each_entry(image, &sbi->counted, link)
		if (vexfs_is_named(image))
			out = vexfs_put_block(out, image);
	commit = (void *)out;
	commit->magic = cpu_to_le32(VEXFS_COMMIT_MAGIC);
	commit->sequence = header->sequence;
	crc_at = out - bytes + offsetof(struct vexfs_tx_commit, crc);
	if (vexfs_planted(sbi, VEXFS_FAULT_COMMIT_CRC_SPAN))
		length = crc_at + sizeof(commit->crc);
	sbi->prev_crc = vexfs_crc(sbi, sbi->epoch, bytes, length, crc_at);
	commit->crc = cpu_to_le32(sbi->prev_crc);
}

/* The transaction is over: its images are the committed ones. */
static void vexfs_retire_images(struct vexfs_sb_info *sbi)
{
	struct vexfs_image *image, *next;

	list_for_each_entry_safe(image, next, &sbi->counted, link) {
		if (vexfs_is_named(image) && !image->logged) {
			image->logged = true;
			sbi->logged_blocks++;
		}
		image->in_tx = false;
		image->init = false;
		image->mask = 0;
		vexfs_forget_before(image);
		list_move_tail(&image->link, &sbi->idle);
	}
}

/* Gives the blocks their checksums and masks; @blocks and the length are those of the log. */
static u64 vexfs_measure(struct vexfs_sb_info *sbi, u32 *blocks)
{
	u64 length = sizeof(struct vexfs_tx_header) + sizeof(struct vexfs_tx_commit);
	struct vexfs_image *image;

	*blocks = 0;
	list_for_each_entry(image, &sbi->counted, link) {
		vexfs_finish_image(sbi, image);
		vexfs_find_mask(image);
		if (!vexfs_is_named(image))
			continue;
		++*blocks;
		length += sizeof(struct vexfs_tx_block) +
			  hweight64(image->mask) * VEXFS_UNIT_SIZE;
	}
	return length;
}

/*
 * Not under image_lock: write-back needs it, and memory may have to wait for write-back. What was
 * done cannot be undone, so there is no way to fail for want of memory here.
 */
static struct vexfs_sealed *vexfs_build(struct vexfs_sb_info *sbi, u32 blocks, u64 length)
{
	struct vexfs_sealed *sealed = kmalloc(sizeof(*sealed), GFP_NOFS | __GFP_NOFAIL);

	sealed->blocks = DIV_ROUND_UP(length, VEXFS_BLOCK_SIZE);
	sealed->bytes = __vmalloc(sealed->blocks * VEXFS_BLOCK_SIZE,
				  GFP_NOFS | __GFP_ZERO | __GFP_NOFAIL);
	if (!sealed->bytes) {
		kfree(sealed);
		return NULL;
	}
	vexfs_fill_transaction(sbi, sealed->bytes, blocks, length);
	return sealed;
}

static void vexfs_append(struct vexfs_sb_info *sbi, struct vexfs_sealed *sealed)
{
	sealed->index = sbi->head;
	list_add_tail(&sealed->link, &sbi->sealed);
	sbi->sealed_blocks += sealed->blocks;
	sbi->sealed_ring_head = le64_to_cpu(sbi->unit.state->ring_head);
	sbi->head = (sbi->head + sealed->blocks) % sbi->log_blocks;
	sbi->used += sealed->blocks;
	sbi->sequence++;
	sbi->wrote = true;
	atomic64_inc(&sbi->stats.seals);
	atomic64_add(sealed->blocks, &sbi->stats.log_blocks);
}

/* Closes the running transaction, if it has any unit. */
int vexfs_seal(struct vexfs_sb_info *sbi)
{
	struct vexfs_sealed *sealed;
	u64 length;
	u32 blocks;

	if (sbi->error)
		return -EROFS;
	if (!sbi->units)
		return 0;
	down_write(&sbi->image_lock);
	vexfs_emit_writes(sbi);
	list_splice_tail_init(&sbi->fresh, &sbi->counted);
	list_sort(NULL, &sbi->counted, vexfs_block_order);
	length = vexfs_measure(sbi, &blocks);
	up_write(&sbi->image_lock);
	sealed = vexfs_build(sbi, blocks, length);
	down_write(&sbi->image_lock);
	vexfs_retire_images(sbi);
	up_write(&sbi->image_lock);
	sbi->units = 0;
	sbi->dirty = 0;
	sbi->nwriters = 0;
	if (!sealed) {
		vexfs_abort(sbi, -ENOMEM, "closing a transaction");
		return -ENOMEM;
	}
	vexfs_append(sbi, sealed);
	if (sbi->used > sbi->log_blocks / 2 || sbi->logged_blocks >= sbi->checkpoint_blocks ||
	    sbi->parked >= sbi->checkpoint_freed)
		return vexfs_checkpoint(sbi, false);
	if (vexfs_cache_is_full(sbi))
		return vexfs_cache_trim(sbi, false);
	return sbi->sealed_blocks > VEXFS_SEALED_MAX ? vexfs_write_sealed(sbi) : 0;
}

/* Reads or writes blocks that lie next to each other in the log region; waits. */
static int vexfs_log_run(struct vexfs_sb_info *sbi, u64 index, u32 blocks, u8 *bytes,
			 blk_opf_t opf)
{
	struct bio *bio;
	int err = 0;

	while (blocks && !err) {
		u32 i, n = min_t(u32, blocks, BIO_MAX_VECS);

		bio = bio_alloc(sbi->sb->s_bdev, n, opf, GFP_NOFS);
		bio->bi_iter.bi_sector = (sbi->log_start + index) <<
					 (VEXFS_BLOCK_SHIFT - SECTOR_SHIFT);
		for (i = 0; i < n; i++, bytes += VEXFS_BLOCK_SIZE)
			__bio_add_page(bio, vmalloc_to_page(bytes), VEXFS_BLOCK_SIZE, 0);
		err = submit_bio_wait(bio);
		bio_put(bio);
		index += n;
		blocks -= n;
	}
	return err;
}

/* Reads or writes log blocks from @index on, around its end. @bytes is from vmalloc. */
int vexfs_log_io(struct vexfs_sb_info *sbi, u64 index, u32 blocks, void *bytes, blk_opf_t opf)
{
	u32 first = min_t(u64, blocks, sbi->log_blocks - index);
	int err = vexfs_log_run(sbi, index, first, bytes, opf);

	if (err || first == blocks)
		return err;
	return vexfs_log_run(sbi, 0, blocks - first, bytes + (size_t)first * VEXFS_BLOCK_SIZE,
			     opf);
}

/* data=ordered: the data that sealed transactions refer to is durable before they are. */
static int vexfs_write_ordered(struct vexfs_sb_info *sbi)
{
	struct vexfs_inode_info *info, *next;
	bool any = !list_empty(&sbi->ordered);
	int err = 0, result;

	list_for_each_entry(info, &sbi->ordered, ordered)
		filemap_fdatawrite(info->vfs.i_mapping);
	list_for_each_entry_safe(info, next, &sbi->ordered, ordered) {
		result = filemap_fdatawait_range_keep_errors(info->vfs.i_mapping, 0, LLONG_MAX);
		if (!result && test_bit(AS_EIO, &info->vfs.i_mapping->flags))
			result = -EIO;
		if (!err)
			err = result;
		list_del_init(&info->ordered);
		info->is_ordered = false;
		iput(&info->vfs);
	}
	if (!err && any && !vexfs_planted(sbi, VEXFS_FAULT_ORDERED_NOT_FLUSHED))
		err = blkdev_issue_flush(sbi->sb->s_bdev);
	return err;
}

/* The log may only grow past a clean anchor once the next one says that it does. */
static int vexfs_unclean(struct vexfs_sb_info *sbi)
{
	struct vexfs_tail next = sbi->anchor;

	if (!(next.flags & VEXFS_ANCHOR_CLEAN))
		return 0;
	next.flags = 0;
	return vexfs_write_anchor(sbi, next);
}

/* Gives sealed transactions to the device, without a flush after them. */
int vexfs_write_sealed(struct vexfs_sb_info *sbi)
{
	struct vexfs_sealed *sealed, *next;
	int err;

	if (sbi->error)
		return -EIO;
	if (list_empty(&sbi->sealed))
		return 0;
	err = vexfs_unclean(sbi);
	if (!err)
		err = vexfs_write_ordered(sbi);
	list_for_each_entry_safe(sealed, next, &sbi->sealed, link) {
		if (!err)
			err = vexfs_log_io(sbi, sealed->index, sealed->blocks, sealed->bytes,
					   REQ_OP_WRITE | REQ_SYNC);
		list_del(&sealed->link);
		vfree(sealed->bytes);
		kfree(sealed);
	}
	sbi->sealed_blocks = 0;
	if (err)
		vexfs_abort(sbi, err, "writing the log");
	return err;
}

/* All that is sealed is durable when this returns 0, and its events may be read. */
int vexfs_make_durable(struct vexfs_sb_info *sbi)
{
	int err = vexfs_write_sealed(sbi);

	if (err)
		return err;
	if (!vexfs_planted(sbi, VEXFS_FAULT_SYNC_NOT_FLUSHED))
		err = blkdev_issue_flush(sbi->sb->s_bdev);
	if (err) {
		vexfs_abort(sbi, err, "flushing the device");
		return err;
	}
	if (sbi->sealed_ring_head > sbi->readable_head) {
		WRITE_ONCE(sbi->readable_head, sbi->sealed_ring_head);
		wake_up_interruptible_all(&sbi->event_wait);
	}
	return 0;
}

/* docs/determinism.md, "Transactions". */
int vexfs_sync_point(struct vexfs_sb_info *sbi)
{
	int err;

	if (!sbi->writable)
		return 0;
	if (sbi->error)
		return -EIO;
	atomic64_inc(&sbi->stats.sync_points);
	vexfs_seal(sbi);
	err = vexfs_make_durable(sbi);
	if (!err)
		vexfs_reclaim(sbi);
	return err;
}
