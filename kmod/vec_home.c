// SPDX-License-Identifier: GPL-2.0-only
/* Which collection has the vector of a file (docs/vectors.md, "Vectors of files"). */
#include "vec_coll.h"

/* Whether the number is that of a collection, and of no other directory or inode. Mutex held. */
static int vexfs_home_check(struct super_block *sb, u64 ino)
{
	const struct vexfs_inode *raw;
	struct vexfs_ref ref;
	bool is_collection;
	int err = vexfs_inode_look(sb, ino, &ref, &raw);

	if (err)
		return err == -ESTALE ? -ENODATA : err;
	is_collection = S_ISDIR(le16_to_cpu(raw->mode)) &&
			le16_to_cpu(raw->flags) & VEXFS_INODE_COLLECTION;
	vexfs_put(&ref);
	return is_collection ? 0 : -ENODATA;
}

/*
 * Finds the collection of a file's home; -ENODATA if that is none, -EUCLEAN if its inode is
 * damaged. A damaged collection is found.
 */
int vexfs_home_get(struct inode *file, struct vexfs_home *home)
{
	struct super_block *sb = file->i_sb;
	struct vexfs_sb_info *sbi = vexfs_sb(sb);
	int err;

	vexfs_lock(sbi);
	err = vexfs_home_check(sb, vexfs_i(file)->home);
	if (!err) {
		home->dir = vexfs_iget(sb, vexfs_i(file)->home);
		err = PTR_ERR_OR_ZERO(home->dir);
	}
	if (!err)
		home->coll = vexfs_coll_find(home->dir);
	vexfs_unlock(sbi);
	return err;
}

void vexfs_home_put(struct vexfs_home *home)
{
	if (!IS_ERR(home->coll))
		vexfs_coll_put(home->coll);
	iput(home->dir);
}

/* Makes the collection ready for use. */
static int vexfs_home_load(struct vexfs_home *home)
{
	return IS_ERR(home->coll) ? PTR_ERR(home->coll) : vexfs_coll_load(home->coll);
}

/* Locks the collection for a change; -ESTALE if it is not the directory's any more. */
int vexfs_home_lock(struct vexfs_home *home)
{
	int err = vexfs_home_load(home);

	if (err)
		return err;
	if (mutex_lock_killable(&home->coll->changes))
		return -EINTR;
	down_write(&home->coll->sem);
	if (!vexfs_coll_gone(home->coll))
		return 0;
	vexfs_home_unlock(home);
	return -ESTALE;
}

void vexfs_home_unlock(struct vexfs_home *home)
{
	up_write(&home->coll->sem);
	mutex_unlock(&home->coll->changes);
}

static int vexfs_home_find(struct inode *file, struct vexfs_home *home, u32 *slot)
{
	int err = vexfs_home_load(home);

	if (err)
		return err;
	if (down_read_killable(&home->coll->sem))
		return -EINTR;
	*slot = vec_find_id(&home->coll->set, vexfs_file_id(file));
	if (vexfs_coll_gone(home->coll))
		err = -ESTALE;
	else if (*slot == VEXFS_SLOT_NONE)
		err = -ENODATA;
	if (err)
		up_read(&home->coll->sem);
	return err;
}

/*
 * Finds the vector of a file; vexfs_vector_end() afterwards: until then the collection does not
 * change. -ENODATA if it has none.
 */
int vexfs_vector_find(struct inode *file, struct vexfs_home *home, u32 *slot)
{
	int err;

	if (!vexfs_i(file)->may_have_vector)
		return -ENODATA;
	do {
		err = vexfs_home_get(file, home);
		if (err)
			return err;
		err = vexfs_home_find(file, home, slot);
		if (err)
			vexfs_home_put(home);
	} while (err == -ESTALE);
	return err;
}

void vexfs_vector_end(struct vexfs_home *home)
{
	up_read(&home->coll->sem);
	vexfs_home_put(home);
}
