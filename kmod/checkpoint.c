// SPDX-License-Identifier: GPL-2.0-only
/* Checkpoints: everything sealed goes home and the log's tail moves. The mutex is held. */
#include <linux/blkdev.h>
#include <linux/slab.h>

#include "vexfs.h"

/* Home writes that are under way at a time. */
#define VEXFS_HOME_BATCH	64

static void vexfs_put_anchor(const struct vexfs_sb_info *sbi, u8 *bytes,
			     const struct vexfs_tail *tail)
{
	struct vexfs_anchor *anchor = (void *)bytes;

	memset(anchor, 0, sizeof(*anchor));
	anchor->magic = cpu_to_le32(VEXFS_ANCHOR_MAGIC);
	anchor->number = cpu_to_le64(tail->number);
	anchor->epoch = cpu_to_le64(tail->epoch);
	anchor->tail = cpu_to_le64(tail->index);
	anchor->sequence = cpu_to_le64(tail->sequence);
	anchor->prev_crc = cpu_to_le32(tail->prev_crc);
	anchor->flags = cpu_to_le32(tail->flags);
	anchor->crc = cpu_to_le32(vexfs_crc(sbi, tail->number, anchor, sizeof(*anchor),
					    offsetof(struct vexfs_anchor, crc)));
}

/*
 * Writes the anchor that follows the durable one, durably and after all that the device completed.
 * Its number is filled in here.
 */
int vexfs_write_anchor(struct vexfs_sb_info *sbi, struct vexfs_tail next)
{
	blk_opf_t opf = REQ_SYNC | REQ_PREFLUSH | REQ_FUA;
	struct buffer_head *bh;
	int err;

	if (vexfs_planted(sbi, VEXFS_FAULT_ANCHOR_NOT_PREFLUSHED))
		opf &= ~REQ_PREFLUSH;
	next.number = sbi->anchor.number + 1;
	bh = sb_getblk(sbi->sb, VEXFS_ANCHOR_BLOCK + (next.number & 1));
	if (!bh)
		return -ENOMEM;
	lock_buffer(bh);
	vexfs_put_anchor(sbi, bh->b_data, &next);
	set_buffer_uptodate(bh);
	clear_buffer_write_io_error(bh);
	unlock_buffer(bh);
	mark_buffer_dirty(bh);
	err = __sync_dirty_buffer(bh, opf);
	brelse(bh);
	if (!err)
		sbi->anchor = next;
	return err;
}

static int vexfs_wait_home(struct buffer_head **bh, unsigned int count)
{
	int err = 0;

	while (count--) {
		wait_on_buffer(bh[count]);
		if (buffer_write_io_error(bh[count]) || !buffer_uptodate(bh[count]))
			err = -EIO;
		brelse(bh[count]);
	}
	return err;
}

/* Brings every logged block home; completed but not flushed. */
int vexfs_write_home(struct vexfs_sb_info *sbi)
{
	struct buffer_head *bh[VEXFS_HOME_BATCH];
	struct vexfs_image *image;
	unsigned int count = 0;
	int err = 0;

	list_for_each_entry(image, &sbi->idle, link) {
		if (!image->logged || image->freed || !image->data)
			continue;
		bh[count] = vexfs_submit_home(sbi->sb, image);
		if (!bh[count]) {
			err = -ENOMEM;
			break;
		}
		if (++count == VEXFS_HOME_BATCH) {
			err = vexfs_wait_home(bh, count);
			count = 0;
			if (err)
				break;
		}
	}
	return vexfs_wait_home(bh, count) ?: err;
}

/*
 * Brings home what is committed, long before the checkpoint: memory is short. The log repeats it,
 * so it must be durable first; the tail and the readable events stay where they are.
 */
int vexfs_write_home_early(struct vexfs_sb_info *sbi)
{
	int err = vexfs_write_sealed(sbi);

	if (!err)
		err = blkdev_issue_flush(sbi->sb->s_bdev);
	if (!err)
		err = vexfs_write_home(sbi);
	if (err)
		vexfs_abort(sbi, err, "bringing blocks home");
	return err;
}

static int vexfs_move_tail(struct vexfs_sb_info *sbi, bool clean)
{
	struct vexfs_tail next = {
		.epoch = sbi->epoch,
		.index = sbi->head,
		.sequence = sbi->sequence,
		.prev_crc = sbi->prev_crc,
		.flags = clean ? VEXFS_ANCHOR_CLEAN : 0,
	};

	return vexfs_write_anchor(sbi, next);
}

static int vexfs_bring_home(struct vexfs_sb_info *sbi, bool clean)
{
	int err = vexfs_make_durable(sbi);

	if (!err)
		err = vexfs_write_home(sbi);
	if (!err && sbi->opt.strict)
		err = vexfs_zero_parked(sbi);
	if (!err)
		err = vexfs_move_tail(sbi, clean);
	return err;
}

/* docs/determinism.md: no transaction runs. @clean: at unmount and after recovery. */
int vexfs_checkpoint(struct vexfs_sb_info *sbi, bool clean)
{
	int err;

	if (sbi->error)
		return -EIO;
	if (!sbi->wrote && (!clean || sbi->anchor.flags & VEXFS_ANCHOR_CLEAN))
		return 0;
	err = vexfs_bring_home(sbi, clean);
	if (err) {
		vexfs_abort(sbi, err, "a checkpoint");
		return err;
	}
	down_write(&sbi->image_lock);
	vexfs_drop_images(sbi);
	up_write(&sbi->image_lock);
	vexfs_unpark(sbi);
	sbi->used = 0;
	sbi->logged_blocks = 0;
	sbi->wrote = false;
	atomic64_inc(&sbi->stats.checkpoints);
	return 0;
}
