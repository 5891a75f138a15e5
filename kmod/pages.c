// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages of regular files: reading, write-back, and the tail of a file that is cut. Pages carry no
 * buffer heads: a page is a block.
 */
#include <linux/buffer_head.h>
#include <linux/mpage.h>
#include <linux/pagemap.h>
#include <linux/writeback.h>

#include "file.h"

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
	if (vexfs_planted(sbi, VEXFS_FAULT_TRUNCATE_KEEPS_TAIL)) {
		put_page(page);
		return;
	}
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

/*
 * Before the file grows: what a mapping stored behind its end, within the last page, must not come
 * to light. The device has zeros there, so the page is as dirty or clean as it was.
 */
void vexfs_clear_behind_end(struct inode *inode)
{
	u64 size = i_size_read(inode);
	struct page *page;

	if (!(size & (VEXFS_BLOCK_SIZE - 1)))
		return;
	page = find_lock_page(inode->i_mapping, size >> VEXFS_BLOCK_SHIFT);
	if (!page)
		return;
	wait_for_stable_page(page);
	zero_user_segment(page, size & (VEXFS_BLOCK_SIZE - 1), VEXFS_BLOCK_SIZE);
	unlock_page(page);
	put_page(page);
}
