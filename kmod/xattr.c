// SPDX-License-Identifier: GPL-2.0-only
/*
 * Extended attributes: user.vexfs.collection, user.vexfs.vector and no other (docs/api.md,
 * "Collections").
 */
#include <linux/xattr.h>

#include "vec_coll.h"

/* Names without the handler's prefix. */
static bool vexfs_is_collection_name(const char *name)
{
	return !strcmp(name, VEXFS_XATTR_COLLECTION + XATTR_USER_PREFIX_LEN);
}

static bool vexfs_is_vector_name(const char *name)
{
	return !strcmp(name, VEXFS_XATTR_VECTOR + XATTR_USER_PREFIX_LEN);
}

static int vexfs_get_collection(struct inode *inode, void *buffer, size_t size)
{
	char text[VEXFS_PARAMS_TEXT_MAX + 1];
	struct vexfs_coll *coll;
	unsigned int length;

	coll = vexfs_coll_get(inode);
	if (IS_ERR(coll))
		return PTR_ERR(coll);
	length = vexfs_params_format(&coll->set.params, text);
	vexfs_coll_put(coll);
	if (size && size < length)
		return -ERANGE;
	if (size)
		memcpy(buffer, text, length);
	return length;
}

static int vexfs_xattr_get(const struct xattr_handler *handler, struct dentry *dentry,
			   struct inode *inode, const char *name, void *buffer, size_t size)
{
	bool vector = vexfs_is_vector_name(name);

	if (!vector && !vexfs_is_collection_name(name))
		return -EOPNOTSUPP;
	if (vexfs_is_dot(inode))
		return -ENODATA;
	if (vexfs_dead(inode))
		return -ESTALE;
	return vector ? vexfs_vector_get(inode, buffer, size) :
			vexfs_get_collection(inode, buffer, size);
}

static int vexfs_set_collection(struct inode *inode, const void *value, size_t size, int flags)
{
	struct vec_params params;
	int err;

	if (!value)
		return vexfs_coll_remove(inode);
	if (vexfs_i(inode)->is_collection)
		return -EEXIST;
	if (flags & XATTR_REPLACE)
		return -ENODATA;
	if (!S_ISDIR(inode->i_mode))
		return -ENOTDIR;
	if (!inode->i_nlink)
		return -ENOENT;
	err = vexfs_params_parse(value, size, vexfs_sb(inode->i_sb)->level_seed, &params);
	return err ? err : vexfs_coll_create(inode, &params);
}

static int vexfs_xattr_set(const struct xattr_handler *handler, struct vexfs_idmap *idmap,
			   struct dentry *dentry, struct inode *inode, const char *name,
			   const void *value, size_t size, int flags)
{
	bool vector = vexfs_is_vector_name(name);

	if ((!vector && !vexfs_is_collection_name(name)) || vexfs_is_dot(inode))
		return -EOPNOTSUPP;
	if (vexfs_dead(inode))
		return -ESTALE;
	if (!vector)
		return vexfs_set_collection(inode, value, size, flags);
	return value ? vexfs_vector_set(inode, value, size, flags) : vexfs_vector_remove(inode);
}

static const struct xattr_handler vexfs_user_handler = {
	.prefix = XATTR_USER_PREFIX,
	.get = vexfs_xattr_get,
	.set = vexfs_xattr_set,
};

const struct xattr_handler *vexfs_xattr_handlers[] = {
	&vexfs_user_handler,
	NULL
};

/* i_op->listxattr of every inode: a directory may have the one, a file the other. */
ssize_t vexfs_listxattr(struct dentry *dentry, char *buffer, size_t size)
{
	struct inode *inode = d_inode(dentry);
	const char *name = VEXFS_XATTR_COLLECTION;
	size_t length = sizeof(VEXFS_XATTR_COLLECTION);
	int has = vexfs_i(inode)->is_collection;

	if (vexfs_dead(inode))
		return -ESTALE;
	if (!has) {
		name = VEXFS_XATTR_VECTOR;
		length = sizeof(VEXFS_XATTR_VECTOR);
		has = vexfs_vector_has(inode);
	}
	if (has <= 0)
		return has;
	if (size && size < length)
		return -ERANGE;
	if (size)
		memcpy(buffer, name, length);
	return length;
}
