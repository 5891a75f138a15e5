// SPDX-License-Identifier: GPL-2.0-only
/* The attribute user.vexfs.vector of regular files (docs/vectors.md, "Vectors of files"). */
#include <linux/slab.h>
#include <linux/xattr.h>

#include "vec_coll.h"

/* Bytes of the row, which is copied if @size is not 0; -ENODATA if the file has no vector. */
int vexfs_vector_get(struct inode *file, void *buffer, size_t size)
{
	struct vexfs_home home;
	const struct vec_set *set;
	u32 slot;
	int result = vexfs_vector_find(file, &home, &slot);

	if (result)
		return result;
	set = &home.coll->set;
	result = set->params.row_bytes;
	if (size && size < result)
		result = -ERANGE;
	else if (size)
		memcpy(buffer, vec_row(set, slot), result);
	vexfs_vector_end(&home);
	return result;
}

/* 1 if the file has a vector, 0 if not, or why that cannot be said. */
int vexfs_vector_has(struct inode *file)
{
	struct vexfs_home home;
	u32 slot;
	int err = vexfs_vector_find(file, &home, &slot);

	if (err)
		return err == -ENODATA ? 0 : err;
	vexfs_vector_end(&home);
	return 1;
}

/* The collection is locked for the change. */
static int vexfs_vector_put(struct inode *file, struct vexfs_coll *coll, const void *value,
			    size_t size, int flags)
{
	const struct vec_params *params = &coll->set.params;
	struct vexfs_put_row put = { .id = vexfs_file_id(file), .file = file };
	bool has = vexfs_i(file)->may_have_vector &&
		   vec_find_id(&coll->set, put.id) != VEXFS_SLOT_NONE;
	u32 fault;
	u8 *row;
	int err;

	if (has && flags & XATTR_CREATE)
		return -EEXIST;
	if (!has && flags & XATTR_REPLACE)
		return -ENODATA;
	if (size != params->row_bytes)
		return -EINVAL;
	row = kvmalloc(params->room, GFP_KERNEL);
	if (!row)
		return -ENOMEM;
	put.row = row;
	err = vec_row_prepare(params, value, row, &fault);
	if (!err)
		err = vexfs_coll_put_row(coll, &put);
	kvfree(row);
	return err;
}

/* With several names it might lie in several directories. */
static int vexfs_vector_check_links(const struct inode *file)
{
	if (!file->i_nlink)
		return -ENOENT;
	return file->i_nlink > 1 ? -EMLINK : 0;
}

int vexfs_vector_set(struct inode *file, const void *value, size_t size, int flags)
{
	struct vexfs_home home;
	int err;

	if (!S_ISREG(file->i_mode))
		return -EOPNOTSUPP;
	do {
		err = vexfs_home_get(file, &home);
		if (err)
			return err == -ENODATA ? -EOPNOTSUPP : err;
		err = vexfs_vector_check_links(file);
		if (!err)
			err = vexfs_home_lock(&home);
		if (!err) {
			err = vexfs_vector_put(file, home.coll, value, size, flags);
			vexfs_home_unlock(&home);
		}
		vexfs_home_put(&home);
	} while (err == -ESTALE);
	return err;
}

int vexfs_vector_remove(struct inode *file)
{
	struct vexfs_home home;
	bool found = false;
	int err;

	if (!vexfs_i(file)->may_have_vector)
		return -ENODATA;
	do {
		err = vexfs_home_get(file, &home);
		if (err)
			return err;
		err = vexfs_home_lock(&home);
		if (!err) {
			err = vexfs_coll_delete(home.coll, vexfs_file_id(file), file, &found);
			vexfs_home_unlock(&home);
		}
		vexfs_home_put(&home);
	} while (err == -ESTALE);
	return err || found ? err : -ENODATA;
}
