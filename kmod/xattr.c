// SPDX-License-Identifier: GPL-2.0-only
/* Extended attributes: user.vexfs.collection and no other (docs/api.md, "Collections"). */
#include <linux/xattr.h>

#include "vec_coll.h"

#define VEXFS_XATTR_SUFFIX	"vexfs.collection"

static bool vexfs_is_collection_name(const char *name)
{
	return !strcmp(name, VEXFS_XATTR_SUFFIX);
}

static int vexfs_xattr_get(const struct xattr_handler *handler, struct dentry *dentry,
			   struct inode *inode, const char *name, void *buffer, size_t size)
{
	char text[VEXFS_PARAMS_TEXT_MAX + 1];
	struct vexfs_coll *coll;
	unsigned int length;

	if (!vexfs_is_collection_name(name))
		return -EOPNOTSUPP;
	if (vexfs_is_dot(inode))
		return -ENODATA;
	if (vexfs_dead(inode))
		return -ESTALE;
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

static int vexfs_xattr_set(const struct xattr_handler *handler, struct vexfs_idmap *idmap,
			   struct dentry *dentry, struct inode *inode, const char *name,
			   const void *value, size_t size, int flags)
{
	struct vec_params params;
	int err;

	if (!vexfs_is_collection_name(name) || vexfs_is_dot(inode))
		return -EOPNOTSUPP;
	if (vexfs_dead(inode))
		return -ESTALE;
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

static const struct xattr_handler vexfs_user_handler = {
	.prefix = XATTR_USER_PREFIX,
	.get = vexfs_xattr_get,
	.set = vexfs_xattr_set,
};

const struct xattr_handler *vexfs_xattr_handlers[] = {
	&vexfs_user_handler,
	NULL
};

/* i_op->listxattr of every inode. */
ssize_t vexfs_listxattr(struct dentry *dentry, char *buffer, size_t size)
{
	const struct inode *inode = d_inode(dentry);

	if (vexfs_dead(inode))
		return -ESTALE;
	if (!vexfs_i(inode)->is_collection)
		return 0;
	if (size && size < sizeof(VEXFS_XATTR_COLLECTION))
		return -ERANGE;
	if (size)
		memcpy(buffer, VEXFS_XATTR_COLLECTION, sizeof(VEXFS_XATTR_COLLECTION));
	return sizeof(VEXFS_XATTR_COLLECTION);
}
