/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files that deal with regular files share. */
#ifndef VEXFS_FILE_H
#define VEXFS_FILE_H

#include "vexfs.h"

/* What one written-block unit does. */
struct vexfs_block_write {
	struct inode *inode;
	u64 lblk;
	unsigned int offset, length;	/* within the block */
	const u8 *bytes;
	unsigned int kill;		/* ATTR_KILL_SUID and _SGID */
	bool mapped;
	struct vexfs_inode *raw;
	struct vexfs_insertion ins;
	struct page *page;		/* locked */
	struct vexfs_image *image;	/* data=journal */
};

/* pages.c */
int vexfs_zero_tail_gather(struct inode *inode, const struct vexfs_inode *raw, u64 size,
			   struct page **page);
void vexfs_zero_tail(struct inode *inode, const struct vexfs_inode *raw, u64 size,
		     struct page *page);
void vexfs_clear_behind_end(struct inode *inode);

/* write.c */
void vexfs_add_ordered(struct inode *inode);
void vexfs_write_ordered_pages(struct inode *inode);
int vexfs_block_gather(struct vexfs_block_write *write);
void vexfs_put_write(struct vexfs_sb_info *sbi, struct vexfs_block_write *write);
ssize_t vexfs_write_iter(struct kiocb *iocb, struct iov_iter *from);

/* mmap.c */
int vexfs_mmap(struct file *file, struct vm_area_struct *vma);

#endif
