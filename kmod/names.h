/* SPDX-License-Identifier: GPL-2.0-only */
/* What the operations on names share. */
#ifndef VEXFS_NAMES_H
#define VEXFS_NAMES_H

#include "vec_hooks.h"

/* namei.c; the mutex is held */
int vexfs_check_links(const struct vexfs_inode *raw, struct super_block *sb);
int vexfs_pin_pair(struct inode *dir, struct inode *inode, struct vexfs_inode **raw_dir,
		   struct vexfs_inode **raw);
int vexfs_drop_gather(struct inode *inode, const struct vexfs_inode *raw,
		      struct vexfs_parting *parting);
void vexfs_drop_link(struct vexfs_sb_info *sbi, struct inode *inode, struct vexfs_inode *raw,
		     struct vexfs_parting *parting);

/* create.c */
int vexfs_create(struct vexfs_idmap *idmap, struct inode *dir, struct dentry *dentry, umode_t mode,
		 bool excl);
int vexfs_mknod(struct vexfs_idmap *idmap, struct inode *dir, struct dentry *dentry, umode_t mode,
		dev_t rdev);
int vexfs_mkdir(struct vexfs_idmap *idmap, struct inode *dir, struct dentry *dentry, umode_t mode);
int vexfs_symlink(struct vexfs_idmap *idmap, struct inode *dir, struct dentry *dentry,
		  const char *target);

/* rename.c */
int vexfs_rename(struct vexfs_idmap *idmap, struct inode *old_dir, struct dentry *old_dentry,
		 struct inode *new_dir, struct dentry *new_dentry, unsigned int flags);

#endif
