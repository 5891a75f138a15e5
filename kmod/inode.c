// SPDX-License-Identifier: GPL-2.0-only
/* Inodes: their slots in the table, their VFS side, and changes of attributes. */
#include <linux/slab.h>

#include "vexfs.h"

static bool vexfs_type_known(umode_t mode)
{
	return S_ISREG(mode) || S_ISDIR(mode) || S_ISLNK(mode) || S_ISCHR(mode) ||
	       S_ISBLK(mode) || S_ISFIFO(mode) || S_ISSOCK(mode);
}

static bool vexfs_size_ok(umode_t mode, u64 size)
{
	if (size > VEXFS_FILE_SIZE_MAX)
		return false;
	if (S_ISDIR(mode))
		return !(size % VEXFS_BLOCK_SIZE);
	if (S_ISLNK(mode))
		return size && size <= VEXFS_SYMLINK_MAX;
	return true;
}

static bool vexfs_tree_ok(const struct vexfs_sb_info *sbi, const struct vexfs_inode *raw)
{
	unsigned int extents = le16_to_cpu(raw->extents);
	unsigned int depth = le16_to_cpu(raw->depth);

	return extents <= sbi->inline_max && depth <= VEXFS_EXTENT_DEPTH_MAX &&
	       (!depth || extents);
}

/* -1 is what chown(2) takes for "as it is": nobody's number. */
static bool vexfs_owner_ok(const struct vexfs_inode *raw)
{
	return le32_to_cpu(raw->uid) != U32_MAX && le32_to_cpu(raw->gid) != U32_MAX;
}

static bool vexfs_times_ok(const struct vexfs_inode *raw)
{
	return le32_to_cpu(raw->atime_nsec) < NSEC_PER_SEC &&
	       le32_to_cpu(raw->mtime_nsec) < NSEC_PER_SEC &&
	       le32_to_cpu(raw->ctime_nsec) < NSEC_PER_SEC;
}

/* Validates the slot of an inode that is in use. */
int vexfs_inode_check(struct super_block *sb, u64 ino, const struct vexfs_inode *raw,
		      bool check_crc)
{
	const struct vexfs_sb_info *sbi = vexfs_sb(sb);
	umode_t mode = le16_to_cpu(raw->mode);

	if (!mode)
		return vexfs_corrupt(sb, "inode %llu: named but free", ino);
	if (check_crc &&
	    le32_to_cpu(raw->crc) != vexfs_crc(sbi, ino, raw, sizeof(*raw),
					       offsetof(struct vexfs_inode, crc)))
		return vexfs_corrupt(sb, "inode %llu: wrong checksum", ino);
	if (!vexfs_type_known(mode) || !vexfs_size_ok(mode, le64_to_cpu(raw->size)) ||
	    !vexfs_owner_ok(raw) || !vexfs_tree_ok(sbi, raw) || !vexfs_times_ok(raw))
		return vexfs_corrupt(sb, "inode %llu: a field is out of bounds", ino);
	return 0;
}

static u64 vexfs_table_block(const struct vexfs_sb_info *sbi, u64 ino)
{
	return sbi->table_start + ino / VEXFS_INODES_PER_BLOCK;
}

/* The slot for reading. The mutex or image_lock is held; vexfs_put(@ref) afterwards. */
int vexfs_inode_read(struct super_block *sb, u64 ino, struct vexfs_ref *ref,
		     const struct vexfs_inode **raw)
{
	struct vexfs_sb_info *sbi = vexfs_sb(sb);
	struct vexfs_image *image = vexfs_find_image(sbi, vexfs_table_block(sbi, ino));
	unsigned int slot = ino % VEXFS_INODES_PER_BLOCK;
	int err;

	if (!ino || ino > sbi->inodes)
		return vexfs_corrupt(sb, "inode %llu: no such number", ino);
	err = vexfs_read(sb, vexfs_table_block(sbi, ino), VEXFS_KIND_TABLE, ref);
	if (err)
		return err;
	*raw = (const struct vexfs_inode *)ref->data + slot;
	if (image && image->kind == VEXFS_KIND_TABLE)
		err = image->bad_slots >> slot & 1 ?
			      vexfs_corrupt(sb, "inode %llu: fails validation", ino) : 0;
	else
		err = vexfs_inode_check(sb, ino, *raw, true);
	if (err)
		vexfs_put(ref);
	return err;
}

/*
 * The same for a number that nobody vouches for: -ESTALE if it is free. The mutex or image_lock is
 * held.
 */
int vexfs_inode_look(struct super_block *sb, u64 ino, struct vexfs_ref *ref,
		     const struct vexfs_inode **raw)
{
	struct vexfs_sb_info *sbi = vexfs_sb(sb);
	bool empty, used;
	int err;

	if (!ino || ino > sbi->inodes)
		return -ESTALE;
	err = vexfs_read(sb, vexfs_table_block(sbi, ino), VEXFS_KIND_TABLE, ref);
	if (err)
		return err;
	empty = !((const struct vexfs_inode *)ref->data)[ino % VEXFS_INODES_PER_BLOCK].mode;
	vexfs_put(ref);
	if (!empty) {
		err = vexfs_inode_read(sb, ino, ref, raw);
		if (err != -EUCLEAN)
			return err;
	}
	err = vexfs_ino_in_use(sb, ino, &used);
	if (!err)
		err = used ? vexfs_corrupt(sb, "inode %llu: in use, but not sound", ino) : -ESTALE;
	return err;
}

/* The slot for the running unit to change. */
struct vexfs_inode *vexfs_inode_pin(struct super_block *sb, u64 ino)
{
	struct vexfs_sb_info *sbi = vexfs_sb(sb);
	unsigned int slot = ino % VEXFS_INODES_PER_BLOCK;
	struct vexfs_image *image;

	image = vexfs_pin(sb, vexfs_table_block(sbi, ino), VEXFS_KIND_TABLE);
	if (IS_ERR(image))
		return ERR_CAST(image);
	if (image->bad_slots >> slot & 1)
		return ERR_PTR(vexfs_corrupt(sb, "inode %llu: fails validation", ino));
	return (struct vexfs_inode *)image->data + slot;
}

/* The slot within a table block that the running unit has pinned. */
struct vexfs_inode *vexfs_inode_slot(const struct vexfs_sb_info *sbi, u64 ino)
{
	struct vexfs_image *image = vexfs_find_image(sbi, vexfs_table_block(sbi, ino));

	return (struct vexfs_inode *)image->data + ino % VEXFS_INODES_PER_BLOCK;
}

void vexfs_raw_time(s64 ns, __le64 *seconds, __le32 *nanoseconds)
{
	struct timespec64 time = ns_to_timespec64(ns);

	*seconds = cpu_to_le64(time.tv_sec);
	*nanoseconds = cpu_to_le32(time.tv_nsec);
}

void vexfs_raw_ctime(struct vexfs_inode *raw, s64 now)
{
	vexfs_raw_time(now, &raw->ctime, &raw->ctime_nsec);
}

void vexfs_raw_mctime(struct vexfs_inode *raw, s64 now)
{
	vexfs_raw_time(now, &raw->mtime, &raw->mtime_nsec);
	vexfs_raw_ctime(raw, now);
}

static struct timespec64 vexfs_timespec(__le64 seconds, __le32 nanoseconds)
{
	return (struct timespec64){ .tv_sec = (s64)le64_to_cpu(seconds),
				    .tv_nsec = le32_to_cpu(nanoseconds) };
}

/* Brings the VFS's inode in line with the slot. */
void vexfs_inode_refresh(struct inode *inode, const struct vexfs_inode *raw)
{
	struct vexfs_inode_info *info = vexfs_i(inode);

	inode->i_mode = le16_to_cpu(raw->mode);
	i_uid_write(inode, le32_to_cpu(raw->uid));
	i_gid_write(inode, le32_to_cpu(raw->gid));
	set_nlink(inode, le32_to_cpu(raw->nlink));
	i_size_write(inode, le64_to_cpu(raw->size));
	inode->i_blocks = le64_to_cpu(raw->blocks) << (VEXFS_BLOCK_SHIFT - SECTOR_SHIFT);
	inode->i_generation = le64_to_cpu(raw->generation);
	vexfs_set_times(inode, vexfs_timespec(raw->atime, raw->atime_nsec),
			vexfs_timespec(raw->mtime, raw->mtime_nsec),
			vexfs_timespec(raw->ctime, raw->ctime_nsec));
	info->generation = le64_to_cpu(raw->generation);
	info->home = le64_to_cpu(raw->home);
	info->is_collection = le16_to_cpu(raw->flags) & VEXFS_INODE_COLLECTION;
	info->collection = le32_to_cpu(raw->collection);
	info->may_have_vector = le16_to_cpu(raw->flags) & VEXFS_INODE_VECTOR;
}

void vexfs_set_ops(struct inode *inode)
{
	struct vexfs_sb_info *sbi = vexfs_sb(inode->i_sb);

	/* The volume's clock decides every time: the VFS must not set any. */
	inode->i_flags |= S_NOATIME | S_NOCMTIME;
	if (S_ISREG(inode->i_mode)) {
		inode->i_op = &vexfs_file_iops;
		inode->i_fop = &vexfs_file_fops;
		inode->i_mapping->a_ops =
			sbi->overlay || sbi->opt.data == VEXFS_DATA_JOURNAL ? &vexfs_image_aops :
									      &vexfs_aops;
	} else if (S_ISDIR(inode->i_mode)) {
		inode->i_op = &vexfs_dir_iops;
		inode->i_fop = &vexfs_dir_fops;
	} else if (S_ISLNK(inode->i_mode)) {
		inode->i_op = &vexfs_symlink_iops;
	} else {
		inode->i_op = &vexfs_special_iops;
		init_special_inode(inode, inode->i_mode, inode->i_rdev);
	}
}

static int vexfs_fill_inode(struct inode *inode)
{
	struct super_block *sb = inode->i_sb;
	const struct vexfs_inode *raw;
	struct vexfs_ref ref;
	int err;

	down_read(&vexfs_sb(sb)->image_lock);
	err = vexfs_inode_read(sb, inode->i_ino, &ref, &raw);
	if (!err && raw->flags & cpu_to_le16(VEXFS_INODE_SYSTEM)) {
		err = vexfs_corrupt(sb, "inode %lu: part of a collection, but has a name",
				    inode->i_ino);
		vexfs_put(&ref);
	}
	if (!err) {
		vexfs_inode_refresh(inode, raw);
		if (S_ISCHR(inode->i_mode) || S_ISBLK(inode->i_mode))
			inode->i_rdev = new_decode_dev(le32_to_cpu(raw->rdev));
		vexfs_set_ops(inode);
		vexfs_put(&ref);
	}
	up_read(&vexfs_sb(sb)->image_lock);
	return err;
}

struct inode *vexfs_iget(struct super_block *sb, u64 ino)
{
	struct inode *inode = iget_locked(sb, ino);
	int err;

	if (!inode)
		return ERR_PTR(-ENOMEM);
	if (!(inode->i_state & I_NEW))
		return inode;
	err = vexfs_fill_inode(inode);
	if (err) {
		iget_failed(inode);
		return ERR_PTR(err);
	}
	unlock_new_inode(inode);
	return inode;
}

int vexfs_getattr(struct vexfs_idmap *idmap, const struct path *path, struct kstat *stat,
		  u32 mask, unsigned int flags)
{
	struct inode *inode = d_inode(path->dentry);

	if (vexfs_dead(inode))
		return -ESTALE;
	vexfs_fillattr(idmap, mask, inode, stat);
	return 0;
}

const struct inode_operations vexfs_file_iops = {
	.getattr = vexfs_getattr,
	.setattr = vexfs_setattr,
	.listxattr = vexfs_listxattr,
};

const struct inode_operations vexfs_special_iops = {
	.getattr = vexfs_getattr,
	.setattr = vexfs_setattr,
	.listxattr = vexfs_listxattr,
};

/* An earlier truncation failed halfway: what it left must not become visible again. */
int vexfs_truncating(struct super_block *sb, u64 ino, const struct vexfs_inode *raw)
{
	if (!(raw->flags & cpu_to_le16(VEXFS_INODE_TRUNCATING)))
		return 0;
	return vexfs_corrupt(sb, "inode %llu: a truncation did not finish", ino);
}
