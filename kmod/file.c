// SPDX-License-Identifier: GPL-2.0-only
/*
 * Regular files. One written file block is one unit of work, and between two of them the running
 * transaction may close, which waits for pages: so no page is locked then, and the caller's bytes
 * come in through a bounce page before any lock is taken.
 *
 * Pages carry no buffer heads: a page is a block.
 */
#include <linux/backing-dev.h>
#include <linux/blkdev.h>
#include <linux/mm.h>
#include <linux/mpage.h>
#include <linux/pagemap.h>
#include <linux/poll.h>
#include <linux/splice.h>
#include <linux/uio.h>
#include <linux/writeback.h>

#include "vexfs.h"

static int vexfs_map_block(struct inode *inode, u64 lblk, struct vexfs_mapping *map)
{
	struct super_block *sb = inode->i_sb;
	const struct vexfs_inode *raw;
	struct vexfs_ref ref;
	int err;

	if (lblk > U32_MAX) {
		*map = (struct vexfs_mapping){ };
		return 0;
	}
	err = vexfs_inode_read(sb, inode->i_ino, &ref, &raw);
	if (err)
		return err;
	err = vexfs_extent_find(sb, inode->i_ino, raw, lblk, map);
	vexfs_put(&ref);
	return err;
}

/* For mpage. Blocks are allocated when they are written, so that write-back finds them mapped. */
static int vexfs_get_block(struct inode *inode, sector_t lblk, struct buffer_head *bh, int create)
{
	struct vexfs_mapping map;
	int err;

	down_read(&vexfs_sb(inode->i_sb)->image_lock);
	err = vexfs_map_block(inode, lblk, &map);
	up_read(&vexfs_sb(inode->i_sb)->image_lock);
	if (err)
		return err;
	if (!map.pblk || map.unwritten)
		return create ? -EIO : 0;
	map_bh(bh, inode->i_sb, map.pblk);
	bh->b_size = min_t(u64, map.len << VEXFS_BLOCK_SHIFT, bh->b_size);
	return 0;
}

/* mpage would turn damage on the way to the block into -EIO. */
static int vexfs_read_home_folio(struct folio *folio)
{
	struct inode *inode = folio->mapping->host;
	struct vexfs_mapping map;
	int err;

	down_read(&vexfs_sb(inode->i_sb)->image_lock);
	err = vexfs_map_block(inode, folio->index, &map);
	up_read(&vexfs_sb(inode->i_sb)->image_lock);
	if (!err)
		return mpage_read_folio(folio, vexfs_get_block);
	folio_unlock(folio);
	return err;
}

static int vexfs_read_folio(struct file *file, struct folio *folio)
{
	return vexfs_read_home_folio(folio);
}

static void vexfs_readahead(struct readahead_control *control)
{
	mpage_readahead(control, vexfs_get_block);
}

static int vexfs_writepages(struct address_space *mapping, struct writeback_control *wbc)
{
	return mpage_writepages(mapping, wbc, vexfs_get_block);
}

/* Copies the block's image into the page; false if it has none. */
static bool vexfs_read_image(struct inode *inode, struct page *page)
{
	struct vexfs_sb_info *sbi = vexfs_sb(inode->i_sb);
	struct vexfs_image *image = NULL;
	struct vexfs_mapping map;

	down_read(&sbi->image_lock);
	if (!vexfs_map_block(inode, page->index, &map) && map.pblk && !map.unwritten)
		image = vexfs_find_image(sbi, map.pblk);
	if (image && image->kind != VEXFS_KIND_DATA && image->kind != VEXFS_KIND_ANY)
		image = NULL;
	if (image)
		memcpy_to_page(page, 0, image->data, VEXFS_BLOCK_SIZE);
	up_read(&sbi->image_lock);
	return image;
}

/* Where images hold file data: data=journal, and a read-only mount over a dirty log. */
static int vexfs_image_read_folio(struct file *file, struct folio *folio)
{
	struct page *page = folio_page(folio, 0);

	if (!vexfs_read_image(folio->mapping->host, page))
		return vexfs_read_home_folio(folio);
	folio_mark_uptodate(folio);
	folio_unlock(folio);
	return 0;
}

const struct address_space_operations vexfs_aops = {
	.read_folio = vexfs_read_folio,
	.readahead = vexfs_readahead,
	.writepages = vexfs_writepages,
	.dirty_folio = filemap_dirty_folio,
	.invalidate_folio = block_invalidate_folio,
};

const struct address_space_operations vexfs_image_aops = {
	.read_folio = vexfs_image_read_folio,
	.writepages = vexfs_writepages,
	.dirty_folio = filemap_dirty_folio,
	.invalidate_folio = block_invalidate_folio,
};

/* data=ordered: the inode's dirty pages go before the next commit. The mutex is held. */
static void vexfs_add_ordered(struct inode *inode)
{
	struct vexfs_sb_info *sbi = vexfs_sb(inode->i_sb);
	struct vexfs_inode_info *info = vexfs_i(inode);

	if (sbi->opt.data != VEXFS_DATA_ORDERED || info->is_ordered)
		return;
	ihold(inode);
	info->is_ordered = true;
	list_add_tail(&info->ordered, &sbi->ordered);
}

/* What one written-block unit does. */
struct vexfs_block_write {
	struct inode *inode;
	u64 lblk;
	unsigned int offset, length;	/* within the block; length 0: only map it */
	const u8 *bytes;
	unsigned int kill;		/* ATTR_KILL_SUID and _SGID */
	bool mapped;
	struct vexfs_inode *raw;
	struct vexfs_insertion ins;
	struct page *page;		/* locked */
	struct vexfs_image *image;	/* data=journal */
};

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

static int vexfs_block_gather(struct vexfs_block_write *write)
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

static void vexfs_put_write(struct vexfs_sb_info *sbi, struct vexfs_block_write *write)
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

static ssize_t vexfs_write_iter(struct kiocb *iocb, struct iov_iter *from)
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
		kill = setattr_should_drop_suidgid(vexfs_nop_idmap, inode);
		ret = vexfs_write_blocks(iocb, from, kill, bounce);
	}
	inode_unlock(inode);
	free_page((unsigned long)bounce);
	return ret > 0 ? generic_write_sync(iocb, ret) : ret;
}

static ssize_t vexfs_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	if (vexfs_dead(file_inode(iocb->ki_filp)))
		return -ESTALE;
	iocb->ki_flags &= ~IOCB_DIRECT;
	return generic_file_read_iter(iocb, to);
}

/* The tail page of a file that shrinks to @size, if its block is mapped: read and held. */
int vexfs_zero_tail_gather(struct inode *inode, const struct vexfs_inode *raw, u64 size,
			   struct page **page)
{
	struct vexfs_sb_info *sbi = vexfs_sb(inode->i_sb);
	u64 lblk = size >> VEXFS_BLOCK_SHIFT;
	struct vexfs_mapping map;
	int err;

	*page = NULL;
	if (size >= le64_to_cpu(raw->size) || !(size & (VEXFS_BLOCK_SIZE - 1)))
		return 0;
	err = vexfs_extent_find(sbi->sb, inode->i_ino, raw, lblk, &map);
	if (err || !map.pblk || map.unwritten)
		return err;
	if (sbi->opt.data == VEXFS_DATA_JOURNAL) {
		err = PTR_ERR_OR_ZERO(vexfs_pin_new(sbi, map.pblk, VEXFS_KIND_DATA));
		if (err)
			return err;
	}
	*page = read_mapping_page(inode->i_mapping, lblk, NULL);
	if (IS_ERR(*page)) {
		err = PTR_ERR(*page);
		*page = NULL;
	}
	return err;
}

/* Zeroes behind @size. Not under image_lock: it waits for the page. */
void vexfs_zero_tail(struct inode *inode, const struct vexfs_inode *raw, u64 size,
		     struct page *page)
{
	struct vexfs_sb_info *sbi = vexfs_sb(inode->i_sb);
	struct vexfs_mapping map;

	if (!page)
		return;
	lock_page(page);
	wait_for_stable_page(page);
	zero_user_segment(page, size & (VEXFS_BLOCK_SIZE - 1), VEXFS_BLOCK_SIZE);
	if (sbi->opt.data != VEXFS_DATA_JOURNAL) {
		set_page_dirty(page);
		vexfs_add_ordered(inode);
	} else if (!vexfs_extent_find(sbi->sb, inode->i_ino, raw, page->index, &map)) {
		down_write(&sbi->image_lock);
		memcpy_from_page(vexfs_pin_new(sbi, map.pblk, VEXFS_KIND_DATA)->data, page, 0,
				 VEXFS_BLOCK_SIZE);
		up_write(&sbi->image_lock);
	}
	unlock_page(page);
	put_page(page);
}

int vexfs_fsync(struct file *file, loff_t start, loff_t end, int datasync)
{
	struct vexfs_sb_info *sbi = vexfs_sb(file_inode(file)->i_sb);
	int err = file_write_and_wait_range(file, start, end);
	int result;

	vexfs_lock(sbi);
	result = vexfs_sync_point(sbi);
	vexfs_unlock(sbi);
	return err ? err : result;
}

static int vexfs_open(struct inode *inode, struct file *file)
{
	int err = 0;

	/* A handle delays reclaim; what is reclaimed already cannot be opened. */
	spin_lock(&inode->i_lock);
	if (vexfs_i(inode)->dead)
		err = -ESTALE;
	else
		vexfs_i(inode)->handles++;
	spin_unlock(&inode->i_lock);
	if (err)
		return err;
	file->f_mode |= FMODE_CAN_ODIRECT;
	return generic_file_open(inode, file);
}

static int vexfs_release(struct inode *inode, struct file *file)
{
	spin_lock(&inode->i_lock);
	vexfs_i(inode)->handles--;
	spin_unlock(&inode->i_lock);
	return 0;
}

/* Whether the page is still the file's; locked and dirty if so. */
static bool vexfs_claim_page(struct inode *inode, struct page *page)
{
	lock_page(page);
	if (page->mapping == inode->i_mapping && page_offset(page) < i_size_read(inode)) {
		set_page_dirty(page);
		return true;
	}
	unlock_page(page);
	return false;
}

/* The unit for a store into a hole: maps a block of zeros, which is dirty before it commits. */
static int vexfs_map_hole(struct inode *inode, struct page *page)
{
	struct vexfs_sb_info *sbi = vexfs_sb(inode->i_sb);
	struct vexfs_block_write write = { .inode = inode, .lblk = page->index };
	bool relieved = false;
	int err;

	vexfs_lock(sbi);
	do {
		err = vexfs_block_gather(&write);
	} while (vexfs_relieve(sbi, err, &relieved));
	if (err || write.mapped || !vexfs_claim_page(inode, page)) {
		vexfs_unit_cancel(sbi);
	} else {
		write.length = min_t(u64, i_size_read(inode) - page_offset(page),
				     VEXFS_BLOCK_SIZE);
		vexfs_add_ordered(inode);
		vexfs_apply(sbi);
		vexfs_put_write(sbi, &write);
		vexfs_inode_refresh(inode, write.raw);
		vexfs_unit_done(sbi);
		unlock_page(page);
		vexfs_unit_close(sbi);
	}
	vexfs_unlock(sbi);
	return err;
}

static vm_fault_t vexfs_page_mkwrite(struct vm_fault *vmf)
{
	struct inode *inode = file_inode(vmf->vma->vm_file);
	struct page *page = vmf->page;
	vm_fault_t ret = VM_FAULT_LOCKED;
	int err = 0;

	sb_start_pagefault(inode->i_sb);
	if (page_offset(page) < i_size_read(inode))
		err = vexfs_map_hole(inode, page);
	if (err)
		ret = err == -ENOMEM ? VM_FAULT_OOM : VM_FAULT_SIGBUS;
	else if (vexfs_claim_page(inode, page))
		wait_for_stable_page(page);
	else
		ret = VM_FAULT_NOPAGE;
	sb_end_pagefault(inode->i_sb);
	return ret;
}

static const struct vm_operations_struct vexfs_vm_ops = {
	.fault = filemap_fault,
	.map_pages = filemap_map_pages,
	.page_mkwrite = vexfs_page_mkwrite,
};

static int vexfs_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct vexfs_sb_info *sbi = vexfs_sb(file_inode(file)->i_sb);

	/* Stores would reach the home block past the log. */
	if (sbi->opt.data == VEXFS_DATA_JOURNAL && (vma->vm_flags & VM_SHARED) &&
	    (vma->vm_flags & VM_MAYWRITE))
		return -ENODEV;
	vma->vm_ops = &vexfs_vm_ops;
	return 0;
}

/* As on a FUSE mount, where every file can be polled. */
static __poll_t vexfs_poll(struct file *file, struct poll_table_struct *table)
{
	return DEFAULT_POLLMASK;
}

const struct file_operations vexfs_file_fops = {
	.llseek = generic_file_llseek,
	.read_iter = vexfs_read_iter,
	.write_iter = vexfs_write_iter,
	.mmap = vexfs_mmap,
	.open = vexfs_open,
	.release = vexfs_release,
	.fsync = vexfs_fsync,
	.poll = vexfs_poll,
	.splice_read = vexfs_splice_read,
	.splice_write = iter_file_splice_write,
};
