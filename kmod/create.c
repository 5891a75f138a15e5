// SPDX-License-Identifier: GPL-2.0-only
/* New inodes and their first names: create, mknod, mkdir, symlink. */
#include <linux/slab.h>

#include "names.h"

/* A new inode on its way into a directory. */
struct vexfs_creation {
	struct inode *dir;
	struct inode *inode;
	const struct qstr *name;
	const char *target;		/* of a symlink */
	unsigned int target_length;
	u64 target_block;		/* 0: the target is inline */
	struct vexfs_inode *raw_dir;
	struct vexfs_entry entry;
};

static int vexfs_target_gather(struct vexfs_creation *new)
{
	struct super_block *sb = new->dir->i_sb;
	int err;

	new->target_block = 0;
	if (!new->target || new->target_length <= VEXFS_INLINE_BYTES)
		return 0;
	err = vexfs_alloc_lowest(sb, &new->target_block);
	if (err)
		return err;
	return PTR_ERR_OR_ZERO(vexfs_pin_new(vexfs_sb(sb), new->target_block,
					     VEXFS_KIND_SYMLINK));
}

static int vexfs_creation_gather(struct vexfs_creation *new)
{
	struct super_block *sb = new->dir->i_sb;
	u64 ino = 0;
	int err = vexfs_unit_begin(vexfs_sb(sb));

	if (err)
		return err;
	if (vexfs_dead(new->dir))
		return -ESTALE;
	if (vexfs_is_reserved(new->name))
		return -EPERM;
	new->raw_dir = vexfs_inode_pin(sb, new->dir->i_ino);
	if (IS_ERR(new->raw_dir))
		return PTR_ERR(new->raw_dir);
	if (S_ISDIR(new->inode->i_mode))
		err = vexfs_check_links(new->raw_dir, sb);
	if (!err)
		err = vexfs_target_gather(new);
	if (!err)
		err = vexfs_entry_gather(new->dir, new->raw_dir, new->name, &new->entry);
	if (!err)
		err = vexfs_ialloc_gather(sb, &ino);
	if (err)
		return err;
	new->inode->i_ino = ino;
	if (insert_inode_locked(new->inode))
		return vexfs_corrupt(sb, "inode bitmap: inode %llu is in use and free", ino);
	return 0;
}

static void vexfs_put_target(struct vexfs_sb_info *sbi, struct vexfs_inode *raw,
			     const struct vexfs_creation *new)
{
	struct vexfs_extent *extent = (void *)raw->inline_area;

	raw->size = cpu_to_le64(new->target_length);
	if (!new->target_block) {
		memcpy(raw->inline_area, new->target, new->target_length);
		return;
	}
	raw->extents = cpu_to_le16(1);
	raw->blocks = cpu_to_le64(1);
	extent->len = cpu_to_le32(1);
	extent->pblk = cpu_to_le64(new->target_block);
	memcpy(vexfs_find_image(sbi, new->target_block)->data, new->target, new->target_length);
}

static void vexfs_put_new_inode(struct vexfs_sb_info *sbi, struct vexfs_inode *raw,
				const struct vexfs_creation *new)
{
	struct inode *inode = new->inode;
	s64 now = sbi->unit.now;

	raw->mode = cpu_to_le16(inode->i_mode);
	raw->nlink = cpu_to_le32(S_ISDIR(inode->i_mode) ? 2 : 1);
	raw->uid = cpu_to_le32(i_uid_read(inode));
	raw->gid = cpu_to_le32(i_gid_read(inode));
	if (S_ISBLK(inode->i_mode) || S_ISCHR(inode->i_mode))
		raw->rdev = cpu_to_le32(new_encode_dev(inode->i_rdev));
	vexfs_raw_time(now, &raw->atime, &raw->atime_nsec);
	vexfs_raw_mctime(raw, now);
	raw->home = cpu_to_le64(new->dir->i_ino);
	if (new->target)
		vexfs_put_target(sbi, raw, new);
}

static void vexfs_creation_event(struct vexfs_sb_info *sbi, u16 type,
				 const struct vexfs_inode *raw, const struct vexfs_creation *new)
{
	u32 node[2] = { le16_to_cpu(raw->mode), le32_to_cpu(raw->rdev) };

	vexfs_event_begin(sbi, type, new->inode->i_ino, new->dir->i_ino);
	if (!new->target)
		vexfs_event_u32(sbi, VEXFS_TAG_NODE, 2, node);
	vexfs_event_bytes(sbi, VEXFS_TAG_NAME, new->name->name, new->name->len);
	if (new->target)
		vexfs_event_bytes(sbi, VEXFS_TAG_TARGET, new->target,
				  min_t(unsigned int, new->target_length,
					VEXFS_EVENT_TARGET_MAX));
	vexfs_event_end(sbi, sbi->unit.number, sbi->unit.now);
}

static void vexfs_creation_apply(struct vexfs_sb_info *sbi, u16 type, struct vexfs_creation *new)
{
	struct vexfs_inode *raw;

	vexfs_apply(sbi);
	vexfs_alloc_apply(sbi);
	raw = vexfs_ialloc_apply(sbi, new->inode->i_ino);
	vexfs_put_new_inode(sbi, raw, new);
	vexfs_entry_insert(new->dir, new->raw_dir, &new->entry, new->name, new->inode->i_ino,
			   new->inode->i_mode);
	if (S_ISDIR(new->inode->i_mode))
		le32_add_cpu(&new->raw_dir->nlink, 1);
	vexfs_raw_mctime(new->raw_dir, sbi->unit.now);
	vexfs_creation_event(sbi, type, raw, new);
	vexfs_inode_refresh(new->inode, raw);
	vexfs_inode_refresh(new->dir, new->raw_dir);
	vexfs_set_ops(new->inode);
	vexfs_unit_end(sbi);
}

/* Creates @dentry; @rdev for devices, @target for symlinks. */
static int vexfs_new(struct vexfs_idmap *idmap, struct inode *dir, struct dentry *dentry,
		     umode_t mode, dev_t rdev, const char *target, u16 type)
{
	struct vexfs_sb_info *sbi = vexfs_sb(dir->i_sb);
	struct vexfs_creation new = { .dir = dir, .name = &dentry->d_name, .target = target };
	bool relieved = false;
	int err;

	new.target_length = target ? strlen(target) : 0;
	new.inode = new_inode(dir->i_sb);
	if (!new.inode)
		return -ENOMEM;
	inode_init_owner(idmap, new.inode, dir, mode);
	new.inode->i_rdev = rdev;
	vexfs_lock(sbi);
	do {
		err = vexfs_creation_gather(&new);
	} while (vexfs_relieve(sbi, err, &relieved));
	if (err)
		vexfs_unit_cancel(sbi);
	else
		vexfs_creation_apply(sbi, type, &new);
	vexfs_unlock(sbi);
	if (err)
		iput(new.inode);
	else
		d_instantiate_new(dentry, new.inode);
	return err;
}

int vexfs_create(struct vexfs_idmap *idmap, struct inode *dir, struct dentry *dentry,
		 umode_t mode, bool excl)
{
	return vexfs_new(idmap, dir, dentry, S_IFREG | (mode & S_IALLUGO), 0, NULL,
			 VEXFS_EV_CREATE);
}

int vexfs_mknod(struct vexfs_idmap *idmap, struct inode *dir, struct dentry *dentry,
		umode_t mode, dev_t rdev)
{
	return vexfs_new(idmap, dir, dentry, mode, rdev, NULL, VEXFS_EV_CREATE);
}

int vexfs_mkdir(struct vexfs_idmap *idmap, struct inode *dir, struct dentry *dentry,
		umode_t mode)
{
	return vexfs_new(idmap, dir, dentry, S_IFDIR | mode, 0, NULL, VEXFS_EV_MKDIR);
}

int vexfs_symlink(struct vexfs_idmap *idmap, struct inode *dir, struct dentry *dentry,
		  const char *target)
{
	if (strlen(target) > VEXFS_SYMLINK_MAX)
		return -ENAMETOOLONG;
	return vexfs_new(idmap, dir, dentry, S_IFLNK | 0777, 0, target, VEXFS_EV_SYMLINK);
}
