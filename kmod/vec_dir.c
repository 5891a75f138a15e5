// SPDX-License-Identifier: GPL-2.0-only
/* DIR/.vexfs of a collection: which names it has, and what they look like (docs/api.md). */
#include <linux/namei.h>
#include <linux/slab.h>

#include "vec_coll.h"

struct vexfs_coll_entry {
	const char *name;
	unsigned int file;
	const struct file_operations *fops;
};

/* In the order in which readdir lists them. */
static const struct vexfs_coll_entry vexfs_coll_entries[] = {
	{ "query", VEXFS_COLL_FILE_QUERY, &vexfs_query_fops },
	{ "update", VEXFS_COLL_FILE_UPDATE, &vexfs_update_fops },
	{ "vectors", VEXFS_COLL_FILE_VECTORS, &vexfs_bytes_fops },
	{ "graph", VEXFS_COLL_FILE_GRAPH, &vexfs_bytes_fops },
	{ "info", VEXFS_COLL_FILE_INFO, &vexfs_info_fops },
};

static u64 vexfs_coll_number(u32 graph, unsigned int file)
{
	return VEXFS_INO_DOT_DIR + (u64)VEXFS_COLL_FILES * graph + file;
}

/* Permissions of one class, from what it may do to the directory. */
static umode_t vexfs_class_mode(unsigned int file, umode_t may)
{
	bool reads = may & 4, writes = may & 2;

	switch (file) {
	case VEXFS_COLL_FILE_DIR:
		return reads || writes ? 5 : 0;
	case VEXFS_COLL_FILE_QUERY:
		return reads ? 6 : 0;
	case VEXFS_COLL_FILE_UPDATE:
		return writes ? 6 : 0;
	default:
		return reads ? 4 : 0;
	}
}

/* Mode and owner follow the directory's, the size the collection's. */
static void vexfs_coll_refresh(struct inode *inode)
{
	const struct vexfs_inode_info *info = vexfs_i(inode);
	unsigned int file = inode->i_ino % VEXFS_COLL_FILES, shift;
	umode_t mode = file == VEXFS_COLL_FILE_DIR ? S_IFDIR : S_IFREG;

	for (shift = 0; shift <= 6; shift += 3)
		mode |= vexfs_class_mode(file, info->dir->i_mode >> shift & 7) << shift;
	inode->i_mode = mode;
	inode->i_uid = info->dir->i_uid;
	inode->i_gid = info->dir->i_gid;
	if (file == VEXFS_COLL_FILE_VECTORS)
		i_size_write(inode, vexfs_coll_bytes(info->coll, VEXFS_COLL_VECTORS));
	else if (file == VEXFS_COLL_FILE_GRAPH)
		i_size_write(inode, vexfs_coll_bytes(info->coll, VEXFS_COLL_GRAPH));
}

int vexfs_dot_getattr(struct vexfs_idmap *idmap, const struct path *path, struct kstat *stat,
		      u32 mask, unsigned int flags)
{
	struct inode *inode = d_inode(path->dentry);

	if (vexfs_i(inode)->coll) {
		if (vexfs_coll_gone(vexfs_i(inode)->coll))
			return -ESTALE;
		vexfs_coll_refresh(inode);
	}
	return vexfs_getattr(idmap, path, stat, mask, flags);
}

/* There is nothing to write back: -EINVAL, as without the operation. */
int vexfs_dot_fsync(struct file *file, loff_t start, loff_t end, int datasync)
{
	const struct vexfs_coll *coll = vexfs_i(file_inode(file))->coll;

	return coll && vexfs_coll_gone(coll) ? -ESTALE : -EINVAL;
}

int vexfs_dot_permission(struct vexfs_idmap *idmap, struct inode *inode, int mask)
{
	if (vexfs_i(inode)->coll)
		vexfs_coll_refresh(inode);
	return generic_permission(idmap, inode, mask);
}

/* Collections come and go: what was found is asked for again, what was not found too. */
static int vexfs_dot_revalidate(struct dentry *dentry, unsigned int flags)
{
	const struct inode *inode;

	if (flags & LOOKUP_RCU)
		return -ECHILD;
	inode = d_inode(dentry);
	if (!inode)
		return 0;
	return !vexfs_i(inode)->coll || !vexfs_coll_gone(vexfs_i(inode)->coll);
}

static const struct dentry_operations vexfs_dot_dops = {
	.d_revalidate = vexfs_dot_revalidate,
};

/* Takes over the reference to @coll. */
static struct inode *vexfs_coll_inode_new(struct inode *dir, struct vexfs_coll *coll,
					  unsigned int file, const struct file_operations *fops)
{
	struct timespec64 zero = { };
	struct inode *inode = new_inode(dir->i_sb);

	if (!inode) {
		vexfs_coll_put(coll);
		return ERR_PTR(-ENOMEM);
	}
	inode->i_ino = vexfs_coll_number(coll->ino[VEXFS_COLL_GRAPH], file);
	inode->i_flags |= S_NOATIME | S_NOCMTIME;
	vexfs_set_times(inode, zero, zero, zero);
	vexfs_i(inode)->home = dir->i_ino;
	vexfs_i(inode)->coll = coll;
	ihold(dir);
	vexfs_i(inode)->dir = dir;
	vexfs_coll_refresh(inode);
	if (file == VEXFS_COLL_FILE_DIR) {
		set_nlink(inode, 2);
		inode->i_op = &vexfs_dot_dir_iops;
	} else {
		inode->i_op = &vexfs_dot_file_iops;
	}
	inode->i_fop = fops;
	return inode;
}

/* Lookup of .vexfs in a directory that is not the root. */
struct dentry *vexfs_coll_lookup(struct inode *dir, struct dentry *dentry)
{
	struct vexfs_coll *coll;
	struct inode *inode = NULL;

	d_set_d_op(dentry, &vexfs_dot_dops);
	if (vexfs_i(dir)->is_collection) {
		coll = vexfs_coll_get(dir);
		if (!IS_ERR(coll))
			inode = vexfs_coll_inode_new(dir, coll, VEXFS_COLL_FILE_DIR,
						     &vexfs_dot_dir_fops);
		else if (PTR_ERR(coll) != -ENODATA)
			return ERR_CAST(coll);
	}
	return d_splice_alias(inode, dentry);
}

/* The directory whose .vexfs this is; NULL for /.vexfs if the root is no collection. */
static struct inode *vexfs_dot_owner(struct inode *dot)
{
	struct inode *root = d_inode(dot->i_sb->s_root);

	if (dot->i_ino != VEXFS_INO_DOT_DIR)
		return vexfs_i(dot)->dir;
	return vexfs_i(root)->is_collection ? root : NULL;
}

/* Lookup of one of the five files. */
struct dentry *vexfs_coll_find_file(struct inode *dot, struct dentry *dentry)
{
	struct inode *dir = vexfs_dot_owner(dot), *inode = NULL;
	const struct qstr *name = &dentry->d_name;
	struct vexfs_coll *coll;
	unsigned int i;

	d_set_d_op(dentry, &vexfs_dot_dops);
	if (vexfs_i(dot)->coll && vexfs_coll_gone(vexfs_i(dot)->coll))
		return ERR_PTR(-ESTALE);
	if (!dir)
		return d_splice_alias(NULL, dentry);
	coll = vexfs_coll_get(dir);
	if (IS_ERR(coll))
		return PTR_ERR(coll) == -ENODATA ? ERR_PTR(-ESTALE) : ERR_CAST(coll);
	for (i = 0; i < ARRAY_SIZE(vexfs_coll_entries) && !inode; i++) {
		const struct vexfs_coll_entry *entry = &vexfs_coll_entries[i];

		if (name->len == strlen(entry->name) &&
		    !memcmp(name->name, entry->name, name->len))
			inode = vexfs_coll_inode_new(dir, coll, entry->file, entry->fops);
	}
	if (!inode)
		vexfs_coll_put(coll);
	return d_splice_alias(inode, dentry);
}

/* Lists the five files behind @before names of others; ctx->pos is past `.` and `..`. */
int vexfs_coll_list(struct inode *dot, struct dir_context *ctx, unsigned int before)
{
	struct inode *dir = vexfs_dot_owner(dot);
	u32 graph;
	loff_t i;

	if (vexfs_i(dot)->coll && vexfs_coll_gone(vexfs_i(dot)->coll))
		return -ESTALE;
	if (!dir)
		return 0;
	graph = vexfs_i(dir)->collection;
	while ((i = ctx->pos - 2 - before) < ARRAY_SIZE(vexfs_coll_entries)) {
		const struct vexfs_coll_entry *entry = &vexfs_coll_entries[i];

		if (!dir_emit(ctx, entry->name, strlen(entry->name),
			      vexfs_coll_number(graph, entry->file), DT_REG))
			break;
		ctx->pos++;
	}
	return 0;
}

/* The inode goes: of a directory its collection's memory, of a file below .vexfs its references. */
void vexfs_coll_forget(struct inode *inode)
{
	struct vexfs_inode_info *info = vexfs_i(inode);

	vexfs_coll_put(info->coll);
	info->coll = NULL;
	iput(info->dir);
	info->dir = NULL;
}
