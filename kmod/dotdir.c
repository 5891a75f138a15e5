// SPDX-License-Identifier: GPL-2.0-only
/* /.vexfs: files that are on no volume (docs/api.md). The root's lookup finds it, readdir not. */
#include <linux/poll.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uio.h>

#include "vec_hooks.h"

#define VEXFS_COMMANDS_MAX	4096

struct vexfs_dot_entry {
	const char *name;
	u64 ino;
	umode_t mode;
};

/* In the order in which readdir lists them. */
static const struct vexfs_dot_entry vexfs_dot_entries[] = {
	{ "control", VEXFS_INO_CONTROL, S_IFREG | 0600 },
	{ "events", VEXFS_INO_EVENTS, S_IFREG | 0400 },
	{ "stats", VEXFS_INO_STATS, S_IFREG | 0444 },
};

struct inode *vexfs_dot_lookup(struct super_block *sb)
{
	struct inode *inode = vexfs_sb(sb)->dot_inode[0];

	ihold(inode);
	return inode;
}

static struct dentry *vexfs_dot_find(struct inode *dir, struct dentry *dentry,
				     unsigned int flags)
{
	struct inode *inode = NULL;
	unsigned int i;

	if (dentry->d_name.len > VEXFS_NAME_MAX)
		return ERR_PTR(-ENAMETOOLONG);
	for (i = 0; i < ARRAY_SIZE(vexfs_dot_entries); i++) {
		const struct vexfs_dot_entry *entry = &vexfs_dot_entries[i];

		if (dir->i_ino == VEXFS_INO_DOT_DIR &&
		    dentry->d_name.len == strlen(entry->name) &&
		    !memcmp(dentry->d_name.name, entry->name, dentry->d_name.len))
			inode = vexfs_sb(dir->i_sb)->dot_inode[entry->ino - VEXFS_INO_DOT_DIR];
	}
	if (!inode)
		return vexfs_coll_find_file(dir, dentry);
	ihold(inode);
	return d_splice_alias(inode, dentry);
}

static int vexfs_dot_readdir(struct file *file, struct dir_context *ctx)
{
	bool root = file_inode(file)->i_ino == VEXFS_INO_DOT_DIR;
	unsigned int i, own = root ? ARRAY_SIZE(vexfs_dot_entries) : 0;

	if (!dir_emit_dots(file, ctx))
		return 0;
	while ((i = ctx->pos - 2) < own) {
		const struct vexfs_dot_entry *entry = &vexfs_dot_entries[i];

		if (!dir_emit(ctx, entry->name, strlen(entry->name), entry->ino, DT_REG))
			return 0;
		ctx->pos++;
	}
	return vexfs_coll_list(file_inode(file), ctx, own);
}

/* Truncation to 0 does nothing; whatever else changes is refused. */
static int vexfs_dot_setattr(struct vexfs_idmap *idmap, struct dentry *dentry,
			     struct iattr *attr)
{
	unsigned int others = ATTR_UID | ATTR_GID | ATTR_MODE | ATTR_ATIME | ATTR_MTIME;

	if (attr->ia_valid & ATTR_SIZE)
		return attr->ia_size ? -EINVAL : 0;
	return attr->ia_valid & others ? -EPERM : 0;
}

static int vexfs_dot_create(struct vexfs_idmap *idmap, struct inode *dir, struct dentry *dentry,
			    umode_t mode, bool excl)
{
	return -EPERM;
}

static int vexfs_dot_mknod(struct vexfs_idmap *idmap, struct inode *dir, struct dentry *dentry,
			   umode_t mode, dev_t rdev)
{
	return -EPERM;
}

static int vexfs_dot_mkdir(struct vexfs_idmap *idmap, struct inode *dir, struct dentry *dentry,
			   umode_t mode)
{
	return -EPERM;
}

static int vexfs_dot_symlink(struct vexfs_idmap *idmap, struct inode *dir, struct dentry *dentry,
			     const char *target)
{
	return -EPERM;
}

static int vexfs_dot_link(struct dentry *old, struct inode *dir, struct dentry *dentry)
{
	return -EPERM;
}

static int vexfs_dot_remove(struct inode *dir, struct dentry *dentry)
{
	return -EPERM;
}

static int vexfs_dot_rename(struct vexfs_idmap *idmap, struct inode *old_dir,
			    struct dentry *old_dentry, struct inode *new_dir,
			    struct dentry *new_dentry, unsigned int flags)
{
	return flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE) ? -EINVAL : -EPERM;
}

const struct inode_operations vexfs_dot_dir_iops = {
	.lookup = vexfs_dot_find,
	.create = vexfs_dot_create,
	.link = vexfs_dot_link,
	.unlink = vexfs_dot_remove,
	.symlink = vexfs_dot_symlink,
	.mkdir = vexfs_dot_mkdir,
	.rmdir = vexfs_dot_remove,
	.mknod = vexfs_dot_mknod,
	.rename = vexfs_dot_rename,
	.permission = vexfs_dot_permission,
	.getattr = vexfs_dot_getattr,
	.setattr = vexfs_dot_setattr,
	.listxattr = vexfs_listxattr,
};

const struct file_operations vexfs_dot_dir_fops = {
	.llseek = generic_file_llseek,
	.read = generic_read_dir,
	.iterate_shared = vexfs_dot_readdir,
	.fsync = vexfs_dot_fsync,
};

const struct inode_operations vexfs_dot_file_iops = {
	.permission = vexfs_dot_permission,
	.getattr = vexfs_dot_getattr,
	.setattr = vexfs_dot_setattr,
	.listxattr = vexfs_listxattr,
};

static int vexfs_set_clock(struct vexfs_sb_info *sbi, const char *value)
{
	s64 now;

	if (!sbi->opt.manual_clock)
		return -EPERM;
	if (kstrtos64(value, 10, &now))
		return -EINVAL;
	atomic64_set(&sbi->clock, now);
	return 0;
}

static int vexfs_checkpoint_command(struct vexfs_sb_info *sbi)
{
	int err = vexfs_sync_point(sbi);

	return err ? err : vexfs_checkpoint(sbi, false);
}

static int vexfs_command(struct vexfs_sb_info *sbi, const char *line)
{
	int err = -EINVAL;

	vexfs_lock(sbi);
	if (!strcmp(line, "sync"))
		err = vexfs_sync_point(sbi);
	else if (!strcmp(line, "checkpoint"))
		err = vexfs_checkpoint_command(sbi);
	else if (!strncmp(line, "clock ", 6) && line[6] != '+')
		err = vexfs_set_clock(sbi, line + 6);
	vexfs_unlock(sbi);
	return err;
}

static int vexfs_commands(struct vexfs_sb_info *sbi, char *text)
{
	int err = 0;

	while (*text && !err) {
		char *line = strsep(&text, "\n");

		err = vexfs_command(sbi, line);
		if (!text)
			break;
	}
	return err;
}

static ssize_t vexfs_control_write(struct kiocb *iocb, struct iov_iter *from)
{
	struct vexfs_sb_info *sbi = vexfs_sb(file_inode(iocb->ki_filp)->i_sb);
	size_t length = iov_iter_count(from);
	char *text;
	int err;

	if (!length)
		return 0;
	if (length > VEXFS_COMMANDS_MAX)
		return -EINVAL;
	text = kmalloc(length + 1, GFP_KERNEL);
	if (!text)
		return -ENOMEM;
	/* All is here before anything is executed. */
	if (copy_from_iter(text, length, from) != length) {
		err = -EFAULT;
	} else {
		text[length] = 0;
		err = strlen(text) == length ? vexfs_commands(sbi, text) : -EINVAL;
	}
	kfree(text);
	if (err)
		return err;
	iocb->ki_pos += length;
	return length;
}

static ssize_t vexfs_control_read(struct kiocb *iocb, struct iov_iter *to)
{
	return 0;
}

static int vexfs_open_direct(struct inode *inode, struct file *file)
{
	file->f_mode |= FMODE_CAN_ODIRECT;
	return 0;
}

static const struct file_operations vexfs_control_fops = {
	.open = vexfs_open_direct,
	.llseek = generic_file_llseek,
	.read_iter = vexfs_control_read,
	.write_iter = vexfs_control_write,
};

/* Copies what the stream holds at @position, within one block; -ESTALE if it is gone. */
static int vexfs_copy_events(struct vexfs_sb_info *sbi, u64 position, u8 *bytes,
			     unsigned int length)
{
	struct vexfs_ref ref;
	u64 head;
	int err;

	down_read(&sbi->image_lock);
	err = vexfs_read(sbi->sb, sbi->state_block, VEXFS_KIND_STATE, &ref);
	if (err)
		goto out;
	head = le64_to_cpu(((const struct vexfs_state *)ref.data)->ring_head);
	vexfs_put(&ref);
	err = -ESTALE;
	if (position < vexfs_oldest_position(sbi, head))
		goto out;
	err = vexfs_read(sbi->sb, vexfs_ring_block(sbi, position), VEXFS_KIND_RING, &ref);
	if (err)
		goto out;
	memcpy(bytes, ref.data + position % VEXFS_BLOCK_SIZE, length);
	vexfs_put(&ref);
out:
	up_read(&sbi->image_lock);
	return err;
}

static ssize_t vexfs_events_read(struct kiocb *iocb, struct iov_iter *to)
{
	struct vexfs_sb_info *sbi = vexfs_sb(file_inode(iocb->ki_filp)->i_sb);
	u8 *bytes = (u8 *)__get_free_page(GFP_KERNEL);
	u64 head = READ_ONCE(sbi->readable_head);
	ssize_t done = 0;
	int err = 0;

	if (!bytes)
		return -ENOMEM;
	while (iov_iter_count(to)) {
		u64 position = iocb->ki_pos;
		unsigned int length = VEXFS_BLOCK_SIZE - position % VEXFS_BLOCK_SIZE;
		size_t copied;

		/* Below the oldest position ESTALE comes first, also with nothing to read. */
		length = position < head ? min_t(u64, length, head - position) : 0;
		length = min_t(size_t, length, iov_iter_count(to));
		err = vexfs_copy_events(sbi, position, bytes, length);
		if (err || !length)
			break;
		copied = copy_to_iter(bytes, length, to);
		iocb->ki_pos += copied;
		done += copied;
		if (copied < length) {
			err = -EFAULT;
			break;
		}
	}
	free_page((unsigned long)bytes);
	return done ? done : err;
}

static __poll_t vexfs_events_poll(struct file *file, struct poll_table_struct *table)
{
	struct vexfs_sb_info *sbi = vexfs_sb(file_inode(file)->i_sb);

	poll_wait(file, &sbi->event_wait, table);
	return file->f_pos < READ_ONCE(sbi->readable_head) ? EPOLLIN | EPOLLRDNORM : 0;
}

/* events and stats take nothing. Without this the VFS would not even let nothing be written. */
static ssize_t vexfs_refuse_write(struct kiocb *iocb, struct iov_iter *from)
{
	return iov_iter_count(from) ? -EINVAL : 0;
}

static const struct file_operations vexfs_events_fops = {
	.open = vexfs_open_direct,
	.llseek = generic_file_llseek,
	.read_iter = vexfs_events_read,
	.write_iter = vexfs_refuse_write,
	.poll = vexfs_events_poll,
};

static int vexfs_stats_open(struct inode *inode, struct file *file)
{
	int err = single_open(file, vexfs_stats_show, vexfs_sb(inode->i_sb));

	file->f_mode |= FMODE_CAN_ODIRECT;
	/* Sequential files do without it, and pwrite(2) would be ESPIPE. */
	if (file->f_mode & FMODE_WRITE)
		file->f_mode |= FMODE_PWRITE;
	return err;
}

static const struct file_operations vexfs_stats_fops = {
	.open = vexfs_stats_open,
	.llseek = seq_lseek,
	.read_iter = seq_read_iter,
	.write_iter = vexfs_refuse_write,
	.release = single_release,
};

static const struct file_operations *vexfs_dot_fops(u64 ino)
{
	switch (ino) {
	case VEXFS_INO_DOT_DIR:
		return &vexfs_dot_dir_fops;
	case VEXFS_INO_CONTROL:
		return &vexfs_control_fops;
	case VEXFS_INO_EVENTS:
		return &vexfs_events_fops;
	default:
		return &vexfs_stats_fops;
	}
}

static int vexfs_dot_new(struct super_block *sb, u64 ino, umode_t mode)
{
	struct timespec64 zero = { };
	struct inode *inode = new_inode(sb);

	if (!inode)
		return -ENOMEM;
	inode->i_ino = ino;
	inode->i_mode = mode;
	inode->i_flags |= S_NOATIME | S_NOCMTIME;
	vexfs_set_times(inode, zero, zero, zero);
	vexfs_i(inode)->home = VEXFS_ROOT_INO;
	inode->i_op = S_ISDIR(mode) ? &vexfs_dot_dir_iops : &vexfs_dot_file_iops;
	inode->i_fop = vexfs_dot_fops(ino);
	if (S_ISDIR(mode))
		set_nlink(inode, 2);
	vexfs_sb(sb)->dot_inode[ino - VEXFS_INO_DOT_DIR] = inode;
	return 0;
}

int vexfs_dot_init(struct super_block *sb)
{
	int err = vexfs_dot_new(sb, VEXFS_INO_DOT_DIR, S_IFDIR | 0555);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(vexfs_dot_entries) && !err; i++)
		err = vexfs_dot_new(sb, vexfs_dot_entries[i].ino, vexfs_dot_entries[i].mode);
	return err;
}

void vexfs_dot_exit(struct super_block *sb)
{
	struct vexfs_sb_info *sbi = vexfs_sb(sb);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sbi->dot_inode); i++) {
		iput(sbi->dot_inode[i]);
		sbi->dot_inode[i] = NULL;
	}
}
