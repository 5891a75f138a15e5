// SPDX-License-Identifier: GPL-2.0-only
/*
 * Units of work (docs/determinism.md). Each runs as
 *
 *	vexfs_unit_begin, gathering: pins and plans; may fail, then vexfs_unit_cancel;
 *	vexfs_apply, edits: cannot fail, no I/O;
 *	vexfs_unit_end: counts, and closes the transaction when a limit is reached.
 *
 * The mutex is held from begin to end. No page lock is held at vexfs_unit_end.
 */
#include "vexfs.h"

s64 vexfs_now(const struct vexfs_sb_info *sbi)
{
	return sbi->opt.manual_clock ? atomic64_read(&sbi->clock) : ktime_get_real_ns();
}

static void vexfs_unpin(struct vexfs_sb_info *sbi, struct vexfs_image *image)
{
	if (!image->pinned)
		return;
	image->pinned = false;
	list_move_tail(&image->link, &sbi->idle);
}

int vexfs_unit_begin(struct vexfs_sb_info *sbi)
{
	struct vexfs_unit *unit = &sbi->unit;
	struct vexfs_image *image;
	u64 head;
	int err;

	if (sbi->error || !sbi->writable)
		return -EROFS;
	unit->allocs = 0;
	unit->nfrees = 0;
	unit->cut_steps = 0;
	image = vexfs_pin(sbi->sb, sbi->state_block, VEXFS_KIND_STATE);
	if (IS_ERR(image))
		return PTR_ERR(image);
	unit->state = (struct vexfs_state *)image->data;
	head = le64_to_cpu(unit->state->ring_head);
	if (head % VEXFS_BLOCK_SIZE) {
		image = vexfs_pin(sbi->sb, vexfs_ring_block(sbi, head), VEXFS_KIND_RING);
		if (IS_ERR(image))
			return PTR_ERR(image);
		/* Enough that it is there: a record touches it, and most units write none. */
		vexfs_unpin(sbi, image);
	}
	err = vexfs_fill_spares(sbi);
	unit->now = vexfs_now(sbi);
	return err;
}

void vexfs_unit_cancel(struct vexfs_sb_info *sbi)
{
	struct vexfs_image *image, *next;

	list_for_each_entry_safe(image, next, &sbi->pinned, link)
		vexfs_unpin(sbi, image);
}

void vexfs_apply(struct vexfs_sb_info *sbi)
{
	struct vexfs_unit *unit = &sbi->unit;
	struct vexfs_image *image, *next;

	down_write(&sbi->image_lock);
	list_for_each_entry_safe(image, next, &sbi->pinned, link)
		vexfs_touch(sbi, image);
	unit->number = le64_to_cpu(unit->state->next_unit);
	unit->state->next_unit = cpu_to_le64(unit->number + 1);
	if (!sbi->units) {
		sbi->first_unit = unit->number;
		sbi->ring_start_pos = le64_to_cpu(unit->state->ring_head);
	}
}

static bool vexfs_changed(const struct vexfs_image *image)
{
	if (image->freed)
		return false;
	return image->init || image->kind == VEXFS_KIND_DATA ||
	       memcmp(image->before, image->data, VEXFS_BLOCK_SIZE);
}

/* D: what is dirty at the end of a unit counts; what is not leaves the transaction again. */
static void vexfs_count_dirty(struct vexfs_sb_info *sbi)
{
	struct vexfs_image *image, *next;

	list_for_each_entry_safe(image, next, &sbi->fresh, link) {
		if (vexfs_changed(image)) {
			sbi->dirty++;
			list_move_tail(&image->link, &sbi->counted);
		} else {
			image->in_tx = false;
			list_move_tail(&image->link, &sbi->idle);
		}
	}
}

static bool vexfs_must_close(const struct vexfs_sb_info *sbi)
{
	u64 events = le64_to_cpu(sbi->unit.state->ring_head) - sbi->ring_start_pos;

	return sbi->units >= sbi->tx_units || sbi->dirty >= sbi->tx_blocks ||
	       events >= sbi->ring_blocks * VEXFS_BLOCK_SIZE / 4 ||
	       sbi->nwriters >= VEXFS_TX_WRITERS_MAX;
}

/* The edits are made. vexfs_unit_close() follows, once the caller holds no page lock. */
void vexfs_unit_done(struct vexfs_sb_info *sbi)
{
	vexfs_count_dirty(sbi);
	up_write(&sbi->image_lock);
	sbi->units++;
	atomic64_inc(&sbi->stats.units);
}

/* Closes the transaction if a limit is reached. */
void vexfs_unit_close(struct vexfs_sb_info *sbi)
{
	if (!vexfs_must_close(sbi))
		return;
	vexfs_seal(sbi);
	if (!sbi->reclaiming)
		vexfs_reclaim(sbi);
}

void vexfs_unit_end(struct vexfs_sb_info *sbi)
{
	vexfs_unit_done(sbi);
	vexfs_unit_close(sbi);
}

/*
 * When a unit ran out of blocks or inode numbers: true if room was made and it may gather anew.
 * The unit is cancelled in either case that returns true.
 */
bool vexfs_relieve(struct vexfs_sb_info *sbi, int error, bool *relieved)
{
	if (error != -ENOSPC || *relieved || (!sbi->parked && !vexfs_can_reclaim(sbi)))
		return false;
	*relieved = true;
	vexfs_unit_cancel(sbi);
	vexfs_seal(sbi);
	vexfs_reclaim(sbi);
	vexfs_checkpoint(sbi, false);
	return !sbi->error;
}

/* Widens the range of the inode's Write event. There is room: 32 writers close a transaction. */
void vexfs_note_write(struct vexfs_sb_info *sbi, u64 ino, u64 first, u64 end)
{
	struct vexfs_writer *writer = sbi->writers;
	unsigned int i;

	for (i = 0; i < sbi->nwriters; i++, writer++) {
		if (writer->ino != ino)
			continue;
		writer->first = min(writer->first, first);
		writer->end = max(writer->end, end);
		return;
	}
	*writer = (struct vexfs_writer){ .ino = ino, .first = first, .end = end };
	sbi->nwriters++;
}
