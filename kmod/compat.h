/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between the kernels that this module is built for. Kbuild probes the headers;
 * nothing else in kmod/ looks at a VEXFS_HAVE_ macro or at the kernel's version.
 */
#ifndef VEXFS_COMPAT_H
#define VEXFS_COMPAT_H

#include <linux/fs.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/time64.h>

#ifdef VEXFS_HAVE_IDMAP
#define vexfs_idmap mnt_idmap
#define vexfs_nop_idmap (&nop_mnt_idmap)
#else
#define vexfs_idmap user_namespace
#define vexfs_nop_idmap (&init_user_ns)
#endif

#ifdef VEXFS_HAVE_FILLATTR_MASK
#define vexfs_fillattr(idmap, mask, inode, stat) generic_fillattr(idmap, mask, inode, stat)
#else
#define vexfs_fillattr(idmap, mask, inode, stat) generic_fillattr(idmap, inode, stat)
#endif

static inline void vexfs_set_times(struct inode *inode, struct timespec64 atime,
				   struct timespec64 mtime, struct timespec64 ctime)
{
#ifdef VEXFS_HAVE_MTIME_ACCESSORS
	inode_set_atime_to_ts(inode, atime);
	inode_set_mtime_to_ts(inode, mtime);
#else
	inode->i_atime = atime;
	inode->i_mtime = mtime;
#endif
#ifdef VEXFS_HAVE_CTIME_ACCESSORS
	inode_set_ctime_to_ts(inode, ctime);
#else
	inode->i_ctime = ctime;
#endif
}

#ifdef VEXFS_HAVE_FILEMAP_SPLICE
#define vexfs_splice_read filemap_splice_read
#define vexfs_copy_splice_read copy_splice_read
#else
#define vexfs_splice_read generic_file_splice_read
#define vexfs_copy_splice_read generic_file_splice_read
#endif

typedef unsigned long (*vexfs_shrink_t)(struct shrinker *shrinker, struct shrink_control *sc);

#ifdef VEXFS_HAVE_SHRINKER_ALLOC
static inline void *vexfs_shrinker_data(struct shrinker *shrinker)
{
	return shrinker->private_data;
}

/* A registered shrinker; NULL if there is no memory. */
static inline struct shrinker *vexfs_shrinker_new(void *data, vexfs_shrink_t count,
						  vexfs_shrink_t scan, const char *name)
{
	struct shrinker *shrinker = shrinker_alloc(0, "vexfs-%s", name);

	if (!shrinker)
		return NULL;
	shrinker->count_objects = count;
	shrinker->scan_objects = scan;
	shrinker->private_data = data;
	shrinker_register(shrinker);
	return shrinker;
}

static inline void vexfs_shrinker_free(struct shrinker *shrinker)
{
	shrinker_free(shrinker);
}
#else
struct vexfs_old_shrinker {
	struct shrinker shrinker;
	void *data;
};

static inline void *vexfs_shrinker_data(struct shrinker *shrinker)
{
	return container_of(shrinker, struct vexfs_old_shrinker, shrinker)->data;
}

static inline struct shrinker *vexfs_shrinker_new(void *data, vexfs_shrink_t count,
						  vexfs_shrink_t scan, const char *name)
{
	struct vexfs_old_shrinker *old = kzalloc(sizeof(*old), GFP_KERNEL);

	if (!old)
		return NULL;
	old->data = data;
	old->shrinker.count_objects = count;
	old->shrinker.scan_objects = scan;
	old->shrinker.seeks = DEFAULT_SEEKS;
	if (!register_shrinker(&old->shrinker, "vexfs-%s", name))
		return &old->shrinker;
	kfree(old);
	return NULL;
}

static inline void vexfs_shrinker_free(struct shrinker *shrinker)
{
	if (!shrinker)
		return;
	unregister_shrinker(shrinker);
	kfree(container_of(shrinker, struct vexfs_old_shrinker, shrinker));
}
#endif

#endif
