// SPDX-License-Identifier: GPL-2.0-only
/* Regular files: opening, closing, reading, fsync. */
#include <linux/poll.h>
#include <linux/splice.h>

#include "file.h"

static ssize_t vexfs_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	if (vexfs_dead(file_inode(iocb->ki_filp)))
		return -ESTALE;
	iocb->ki_flags &= ~IOCB_DIRECT;
	return generic_file_read_iter(iocb, to);
}

int vexfs_fsync(struct file *file, loff_t start, loff_t end, int datasync)
{
	struct vexfs_sb_info *sbi = vexfs_sb(file_inode(file)->i_sb);
	int err = file_write_and_wait_range(file, start, end);
	int result;

	/* A directory is reclaimed although it is open: what it was is no more. */
	if (vexfs_i(file_inode(file))->dead)
		return -ESTALE;
	vexfs_lock(sbi);
	/* The mapping has told its error and forgotten it: no commit may rely on that data. */
	if (err && sbi->writable)
		vexfs_abort(sbi, err, "writing a file's data");
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
