// SPDX-License-Identifier: GPL-2.0-only
/* Stores through shared mappings: each page that becomes writable is a written block. */
#include <linux/mm.h>
#include <linux/pagemap.h>

#include "file.h"

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

/*
 * The unit for stores into a page: a written block, mapped if it was a hole. The page is dirty
 * before it commits.
 */
static int vexfs_store(struct inode *inode, struct page *page)
{
	struct vexfs_sb_info *sbi = vexfs_sb(inode->i_sb);
	struct vexfs_block_write write = { .inode = inode, .lblk = page->index };
	bool relieved = false;
	int err;

	vexfs_lock(sbi);
	do {
		err = vexfs_block_gather(&write);
	} while (vexfs_relieve(sbi, err, &relieved));
	if (err || !vexfs_claim_page(inode, page)) {
		vexfs_unit_cancel(sbi);
	} else {
		write.length = min_t(u64, i_size_read(inode) - page_offset(page),
				     VEXFS_BLOCK_SIZE);
		if (!write.mapped)
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
		err = vexfs_store(inode, page);
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

int vexfs_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct vexfs_sb_info *sbi = vexfs_sb(file_inode(file)->i_sb);

	/* Stores would reach the home block past the log. */
	if (sbi->opt.data == VEXFS_DATA_JOURNAL && (vma->vm_flags & VM_SHARED) &&
	    (vma->vm_flags & VM_MAYWRITE))
		return -ENODEV;
	vma->vm_ops = &vexfs_vm_ops;
	return 0;
}
