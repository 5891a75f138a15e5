// SPDX-License-Identifier: GPL-2.0-only
/* Reading symlinks. Their targets never change, so nothing is cached beyond the blocks. */
#include <linux/slab.h>

#include "vexfs.h"

static int vexfs_copy_target(struct super_block *sb, u64 ino, const struct vexfs_inode *raw,
			     char *target)
{
	u64 size = le64_to_cpu(raw->size);
	struct vexfs_mapping map;
	struct vexfs_ref ref;
	int err;

	if (size <= VEXFS_INLINE_BYTES) {
		memcpy(target, raw->inline_area, size);
	} else {
		err = vexfs_extent_find(sb, ino, raw, 0, &map);
		if (err)
			return err;
		if (!map.pblk || map.unwritten)
			return vexfs_corrupt(sb, "symlink %llu: has no block", ino);
		err = vexfs_read(sb, map.pblk, VEXFS_KIND_SYMLINK, &ref);
		if (err)
			return err;
		memcpy(target, ref.data, size);
		vexfs_put(&ref);
	}
	target[size] = 0;
	if (strlen(target) != size)
		return vexfs_corrupt(sb, "symlink %llu: NUL in its target", ino);
	return 0;
}

static int vexfs_read_target(struct inode *inode, char *target)
{
	struct super_block *sb = inode->i_sb;
	const struct vexfs_inode *raw;
	struct vexfs_ref ref;
	int err;

	down_read(&vexfs_sb(sb)->image_lock);
	err = vexfs_dead(inode) ? -ESTALE : vexfs_inode_read(sb, inode->i_ino, &ref, &raw);
	if (!err) {
		err = vexfs_copy_target(sb, inode->i_ino, raw, target);
		vexfs_put(&ref);
	}
	up_read(&vexfs_sb(sb)->image_lock);
	return err;
}

static const char *vexfs_get_link(struct dentry *dentry, struct inode *inode,
				  struct delayed_call *done)
{
	char *target;
	int err;

	if (!dentry)
		return ERR_PTR(-ECHILD);
	target = kmalloc(VEXFS_SYMLINK_MAX + 1, GFP_KERNEL);
	if (!target)
		return ERR_PTR(-ENOMEM);
	err = vexfs_read_target(inode, target);
	if (err) {
		kfree(target);
		return ERR_PTR(err);
	}
	set_delayed_call(done, kfree_link, target);
	return target;
}

const struct inode_operations vexfs_symlink_iops = {
	.get_link = vexfs_get_link,
	.getattr = vexfs_getattr,
	.setattr = vexfs_setattr,
	.listxattr = vexfs_listxattr,
};
