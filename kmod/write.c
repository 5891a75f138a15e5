// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writing files. One written file block is one unit of work, and between two of them the running
 * transaction may close, which waits for pages: so no page is locked then, and the caller's bytes
 * come in through a bounce page before any lock is taken.
 */
#include <linux/backing-dev.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/uio.h>

#include "file.h"

/* data=ordered: the inode's dirty pages go before the next commit. The mutex is held. */
void vexfs_add_ordered(struct inode *inode)
{
	struct vexfs_sb_info *sbi = vexfs_sb(inode->i_sb);
	struct vexfs_inode_info *info = vexfs_i(inode);

	if (sbi->opt.data != VEXFS_DATA_ORDERED || info->is_ordered)
		return;
	ihold(inode);
	info->is_ordered = true;
	list_add_tail(&info->ordered, &sbi->ordered);
}

/*
 * Before pages of the inode are dropped: an earlier transaction may become durable without the one
 * that frees their blocks, and must not show what these held before. The mutex is held.
 */
void vexfs_write_ordered_pages(struct inode *inode)
{
	if (!vexfs_i(inode)->is_ordered)
		return;
	filemap_fdatawrite(inode->i_mapping);
	filemap_fdatawait_keep_errors(inode->i_mapping);
}

static int vexfs_block_map(struct vexfs_block_write *write)
{
	struct inode *inode = write->inode;
	struct super_block *sb = inode->i_sb;
	struct vexfs_mapping map;
	struct vexfs_mapping before = { };
	int err = vexfs_extent_find(sb, inode->i_ino, write->raw, write->lblk, &map);

	if (err)
		return err;
	if (map.unwritten)
		return vexfs_corrupt(sb, "inode %lu: unwritten extent, which nothing creates",
				     inode->i_ino);
	write->mapped = map.pblk;
	write->ins.lblk = write->lblk;
	write->ins.pblk = map.pblk;
	write->ins.nodes = 0;
	if (write->mapped)
		return 0;
	if (write->lblk)
		err = vexfs_extent_find(sb, inode->i_ino, write->raw, write->lblk - 1, &before);
	if (!err)
		err = vexfs_alloc_data(sb, before.pblk, &write->ins.pblk);
	return err ? err : vexfs_extent_gather(sb, inode->i_ino, write->raw, &write->ins);
}

/* Locks the block's page, read in if bytes of it stay. */
static int vexfs_block_page(struct vexfs_block_write *write)
{
	struct address_space *mapping = write->inode->i_mapping;
	bool keeps = write->mapped && write->length < VEXFS_BLOCK_SIZE;
	gfp_t gfp = mapping_gfp_constraint(mapping, ~__GFP_FS);
	struct page *page;

	for (;;) {
		page = find_or_create_page(mapping, write->lblk, gfp);
		if (!page)
			return -ENOMEM;
		if (PageUptodate(page) || !keeps)
			break;
		unlock_page(page);
		put_page(page);
		page = read_mapping_page(mapping, write->lblk, NULL);
		if (IS_ERR(page))
			return PTR_ERR(page);
		put_page(page);
	}
	/* Buffers are left by a failed read; write-back would believe them. */
	if (folio_test_private(page_folio(page)))
		filemap_release_folio(page_folio(page), GFP_NOFS);
	write->page = page;
	return 0;
}

int vexfs_block_gather(struct vexfs_block_write *write)
{
	struct vexfs_sb_info *sbi = vexfs_sb(write->inode->i_sb);
	int err = vexfs_unit_begin(sbi);

	if (err)
		return err;
	if (vexfs_dead(write->inode))
		return -ESTALE;
	write->raw = vexfs_inode_pin(sbi->sb, write->inode->i_ino);
	if (IS_ERR(write->raw))
		return PTR_ERR(write->raw);
	err = vexfs_truncating(sbi->sb, write->inode->i_ino, write->raw);
	if (!err)
		err = vexfs_block_map(write);
	if (!err && sbi->opt.data == VEXFS_DATA_JOURNAL) {
		write->image = vexfs_pin_new(sbi, write->ins.pblk, VEXFS_KIND_DATA);
		err = PTR_ERR_OR_ZERO(write->image);
	}
	return err;
}

/* Fills the locked page with what the block holds after the unit. */
static void vexfs_fill_page(struct vexfs_block_write *write)
{
	struct page *page = write->page;

	wait_for_stable_page(page);
	if (!PageUptodate(page) && !write->mapped) {
		zero_user_segments(page, 0, write->offset, write->offset + write->length,
				   VEXFS_BLOCK_SIZE);
	}
	memcpy_to_page(page, write->offset, write->bytes, write->length);
	flush_dcache_page(page);
	SetPageUptodate(page);
}

/* The page is the newest copy: clean if an image goes to the log, dirty otherwise. */
static void vexfs_hand_over(struct vexfs_sb_info *sbi, struct vexfs_block_write *write)
{
	if (write->image)
		memcpy_from_page(write->image->data, write->page, 0, VEXFS_BLOCK_SIZE);
	else
		set_page_dirty(write->page);
}

void vexfs_put_write(struct vexfs_sb_info *sbi, struct vexfs_block_write *write)
{
	u64 start = (write->lblk << VEXFS_BLOCK_SHIFT) + write->offset;
	struct vexfs_inode *raw = write->raw;
	umode_t mode = le16_to_cpu(raw->mode);

	if (!write->mapped) {
		vexfs_alloc_apply(sbi);
		vexfs_extent_apply(sbi, write->inode->i_ino, raw, &write->ins);
	}
	if (start + write->length > le64_to_cpu(raw->size))
		raw->size = cpu_to_le64(start + write->length);
	vexfs_raw_mctime(raw, sbi->unit.now);
	if (write->kill & ATTR_KILL_SUID)
		mode &= ~S_ISUID;
	if (write->kill & ATTR_KILL_SGID)
		mode &= ~S_ISGID;
	raw->mode = cpu_to_le16(mode);
	vexfs_note_write(sbi, write->inode->i_ino, start, start + write->length);
}

/* A written block (docs/determinism.md). inode->i_rwsem is held. */
static int vexfs_write_block(struct vexfs_block_write *write)
{
	struct inode *inode = write->inode;
	struct vexfs_sb_info *sbi = vexfs_sb(inode->i_sb);
	bool relieved = false;
	int err;

	vexfs_lock(sbi);
	do {
		err = vexfs_block_gather(write);
	} while (vexfs_relieve(sbi, err, &relieved));
	if (!err)
		err = vexfs_block_page(write);
	if (err) {
		vexfs_unit_cancel(sbi);
		goto out;
	}
	vexfs_fill_page(write);
	if (!write->mapped)
		vexfs_add_ordered(inode);
	vexfs_apply(sbi);
	vexfs_put_write(sbi, write);
	vexfs_hand_over(sbi, write);
	vexfs_inode_refresh(inode, write->raw);
	vexfs_unit_done(sbi);
	unlock_page(write->page);
	put_page(write->page);
	vexfs_unit_close(sbi);
out:
	vexfs_unlock(sbi);
	return err;
}

static ssize_t vexfs_write_blocks(struct kiocb *iocb, struct iov_iter *from, unsigned int kill,
				  u8 *bounce)
{
	struct inode *inode = file_inode(iocb->ki_filp);
	ssize_t written = 0;
	int err = 0;

	while (iov_iter_count(from) && !err) {
		struct vexfs_block_write write = {
			.inode = inode,
			.lblk = iocb->ki_pos >> VEXFS_BLOCK_SHIFT,
			.offset = iocb->ki_pos & (VEXFS_BLOCK_SIZE - 1),
			.bytes = bounce,
			.kill = written ? 0 : kill,
		};

		write.length = copy_from_iter(bounce, VEXFS_BLOCK_SIZE - write.offset, from);
		err = write.length ? vexfs_write_block(&write) : -EFAULT;
		if (err)
			break;
		iocb->ki_pos += write.length;
		written += write.length;
		balance_dirty_pages_ratelimited(inode->i_mapping);
		cond_resched();
		if (fatal_signal_pending(current))
			err = -EINTR;
	}
	return written ? written : err;
}

static ssize_t vexfs_write_checks(struct kiocb *iocb, struct iov_iter *from)
{
	ssize_t ret = generic_write_checks(iocb, from);

	if (ret <= 0)
		return ret;
	if (iocb->ki_pos >= VEXFS_FILE_SIZE_MAX)
		return -EFBIG;
	iov_iter_truncate(from, VEXFS_FILE_SIZE_MAX - iocb->ki_pos);
	return iov_iter_count(from);
}

ssize_t vexfs_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct inode *inode = file_inode(iocb->ki_filp);
	unsigned int kill;
	ssize_t ret;
	u8 *bounce;

	if (iocb->ki_flags & IOCB_NOWAIT)
		return -EAGAIN;
	iocb->ki_flags &= ~IOCB_DIRECT;
	bounce = (u8 *)__get_free_page(GFP_KERNEL);
	if (!bounce)
		return -ENOMEM;
	inode_lock(inode);
	ret = vexfs_write_checks(iocb, from);
	if (ret > 0) {
		if (iocb->ki_pos > i_size_read(inode))
			vexfs_clear_behind_end(inode);
		kill = setattr_should_drop_suidgid(vexfs_nop_idmap, inode);
		ret = vexfs_write_blocks(iocb, from, kill, bounce);
	}
	inode_unlock(inode);
	free_page((unsigned long)bounce);
	return ret > 0 ? generic_write_sync(iocb, ret) : ret;
}
