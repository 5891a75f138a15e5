// SPDX-License-Identifier: GPL-2.0-only
/* The files vectors, graph and info below a collection's .vexfs (docs/api.md, "Collections"). */
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "vec_coll.h"

/* Bytes that the file shows. @which: VEXFS_COLL_GRAPH or _VECTORS. */
u64 vexfs_coll_bytes(struct vexfs_coll *coll, unsigned int which)
{
	const struct vec_set *set = &coll->set;
	const struct vec_params *params = &set->params;
	u32 slots = READ_ONCE(set->slots), lists = READ_ONCE(set->upper_lists);

	if (which == VEXFS_COLL_VECTORS)
		return (u64)slots * params->stride;
	return ((u64)vexfs_coll_need(params, VEXFS_COLL_GRAPH, slots, lists) +
		vexfs_coll_need(params, VEXFS_COLL_UPPER, slots, lists)) *
	       VEXFS_BLOCK_SIZE;
}

static unsigned int vexfs_bytes_which(const struct inode *inode)
{
	return inode->i_ino % VEXFS_COLL_FILES == VEXFS_COLL_FILE_VECTORS ? VEXFS_COLL_VECTORS :
									   VEXFS_COLL_GRAPH;
}

/* A block of the file; @which says which one. */
static int vexfs_bytes_block(struct vexfs_coll *coll, unsigned int which, u32 lblk, u8 *bytes)
{
	u32 graph = vexfs_coll_need(&coll->set.params, VEXFS_COLL_GRAPH, coll->set.slots, 0);
	int err;

	if (which == VEXFS_COLL_VECTORS)
		return vexfs_coll_read(coll, which, lblk, bytes);
	if (lblk < graph)
		err = vexfs_coll_read(coll, VEXFS_COLL_GRAPH, lblk, bytes);
	else
		err = vexfs_coll_read(coll, VEXFS_COLL_UPPER, lblk - graph, bytes);
	/* The checksum is computed when the block is logged: before, it means nothing. */
	memset(bytes + offsetof(struct vexfs_graph_block, crc), 0, sizeof(__le32));
	return err;
}

static ssize_t vexfs_bytes_copy(struct vexfs_coll *coll, unsigned int which, loff_t *position,
				struct iov_iter *to, u8 *bytes)
{
	u64 size = vexfs_coll_bytes(coll, which);
	ssize_t done = 0;
	int err = 0;

	while (iov_iter_count(to) && *position < size) {
		u32 offset = *position % VEXFS_BLOCK_SIZE;
		size_t n = min_t(u64, VEXFS_BLOCK_SIZE - offset, size - *position);
		size_t wanted = min(n, iov_iter_count(to)), copied;

		err = vexfs_bytes_block(coll, which, *position / VEXFS_BLOCK_SIZE, bytes);
		if (err)
			break;
		copied = copy_to_iter(bytes + offset, wanted, to);
		*position += copied;
		done += copied;
		if (copied < wanted) {
			err = -EFAULT;
			break;
		}
		cond_resched();
	}
	return done ? done : err;
}

static ssize_t vexfs_bytes_read(struct kiocb *iocb, struct iov_iter *to)
{
	struct inode *inode = file_inode(iocb->ki_filp);
	struct vexfs_coll *coll = vexfs_i(inode)->coll;
	u8 *bytes = (u8 *)__get_free_page(GFP_KERNEL);
	ssize_t done;

	if (!bytes)
		return -ENOMEM;
	done = vexfs_coll_load(coll);
	if (!done) {
		down_read(&coll->sem);
		done = vexfs_bytes_copy(coll, vexfs_bytes_which(inode), &iocb->ki_pos, to, bytes);
		/* A part of what is gone is no answer. */
		if (vexfs_coll_gone(coll))
			done = -ESTALE;
		up_read(&coll->sem);
	}
	free_page((unsigned long)bytes);
	return done;
}

static int vexfs_bytes_open(struct inode *inode, struct file *file)
{
	file->f_mode |= FMODE_CAN_ODIRECT;
	return vexfs_coll_gone(vexfs_i(inode)->coll) ? -ESTALE : 0;
}

static loff_t vexfs_bytes_seek(struct file *file, loff_t offset, int whence)
{
	struct inode *inode = file_inode(file);

	if (vexfs_coll_gone(vexfs_i(inode)->coll))
		return -ESTALE;
	i_size_write(inode, vexfs_coll_bytes(vexfs_i(inode)->coll, vexfs_bytes_which(inode)));
	return generic_file_llseek(file, offset, whence);
}

const struct file_operations vexfs_bytes_fops = {
	.open = vexfs_bytes_open,
	.llseek = vexfs_bytes_seek,
	.read_iter = vexfs_bytes_read,
	.fsync = vexfs_dot_fsync,
};

static int vexfs_info_show(struct seq_file *m, void *unused)
{
	struct vexfs_coll *coll = m->private;
	const struct vec_set *set = &coll->set;
	const struct vec_params *params = &set->params;
	int err = vexfs_coll_load(coll);

	if (err || vexfs_coll_gone(coll))
		return err ? err : -ESTALE;
	down_read(&coll->sem);
	seq_printf(m, "dim %u\ntype %s\nmetric %s\nm %u\nef_construction %u\nseed %llu\n",
		   params->dim, vexfs_vector_type(params), vexfs_vector_metric(params), params->m,
		   params->ef_construction, params->seed);
	seq_printf(m, "slots %u\nlive %u\nlinked %u\ntail %u\n", set->slots, set->live,
		   set->linked, set->tail);
	if (set->entry == VEXFS_SLOT_NONE)
		seq_puts(m, "entry none\n");
	else
		seq_printf(m, "entry %u\n", set->entry);
	seq_printf(m, "entry_level %u\nsequence %llu\n", set->entry_level, set->sequence);
	up_read(&coll->sem);
	return 0;
}

static int vexfs_info_open(struct inode *inode, struct file *file)
{
	if (vexfs_coll_gone(vexfs_i(inode)->coll))
		return -ESTALE;
	file->f_mode |= FMODE_CAN_ODIRECT;
	return single_open(file, vexfs_info_show, vexfs_i(inode)->coll);
}

const struct file_operations vexfs_info_fops = {
	.open = vexfs_info_open,
	.llseek = seq_lseek,
	.read_iter = seq_read_iter,
	.fsync = vexfs_dot_fsync,
	.release = single_release,
};
