/* SPDX-License-Identifier: GPL-2.0-only */
/* What the rest of the module asks of collections: lookups, names that come and go, inodes. */
#ifndef VEXFS_VEC_HOOKS_H
#define VEXFS_VEC_HOOKS_H

#include "vexfs.h"

/* vec_dir.c */
struct dentry *vexfs_coll_lookup(struct inode *dir, struct dentry *dentry);
struct dentry *vexfs_coll_find_file(struct inode *dot, struct dentry *dentry);
int vexfs_coll_list(struct inode *dot, struct dir_context *ctx, unsigned int before);
int vexfs_dot_getattr(struct vexfs_idmap *idmap, const struct path *path, struct kstat *stat,
		      u32 mask, unsigned int flags);
int vexfs_dot_fsync(struct file *file, loff_t start, loff_t end, int datasync);
int vexfs_dot_permission(struct vexfs_idmap *idmap, struct inode *inode, int mask);
void vexfs_coll_forget(struct inode *inode);

/* vec_create.c: the removal of a directory takes its collection along. The mutex is held. */
int vexfs_coll_drop_gather(struct inode *dir);
void vexfs_coll_drop_apply(struct inode *dir, struct vexfs_inode *raw_dir);

/* The collection of a file's home. The directory is held so that it keeps one in memory only. */
struct vexfs_home {
	struct inode *dir;
	struct vexfs_coll *coll;	/* an error pointer if it is damaged */
};

/* A vector's end in the running unit. */
struct vexfs_death {
	struct vexfs_coll *coll;
	u32 slot;
	u64 id;
	struct vexfs_image *header, *record;
};

/* A file that loses its last link, and the vector that goes with it. */
struct vexfs_parting {
	struct vexfs_home home;		/* locked for a change if it @has one */
	struct vexfs_death death;
	bool has;
	bool dies;			/* in the running unit */
	int err;			/* why it cannot be said whether there is one */
};

/*
 * vec_parting.c. Begin and end are called without the mutex, with the i_rwsem of @file (which may
 * be NULL) held from before to after; the others as gather and apply of a unit.
 */
void vexfs_parting_begin(struct vexfs_parting *parting, struct inode *file);
int vexfs_parting_gather(struct vexfs_parting *parting);
void vexfs_parting_apply(struct vexfs_parting *parting, struct vexfs_inode *raw);
void vexfs_parting_event(const struct vexfs_parting *parting);
void vexfs_parting_end(struct vexfs_parting *parting);

/*
 * Whether @inode may get a name in @dir: -EXDEV if it has a vector elsewhere. Its i_rwsem is held,
 * so that what may go may still go afterwards; the mutex is not.
 */
int vexfs_vector_may_go(struct inode *inode, const struct inode *dir);

#endif
