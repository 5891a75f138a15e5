// SPDX-License-Identifier: GPL-2.0-only
/* What operations on names do to the vectors of files (docs/vectors.md, "Vectors of files"). */
#include "vec_coll.h"

int vexfs_vector_may_go(struct inode *inode, const struct inode *dir)
{
	struct vexfs_home home;
	u32 slot;
	int err;

	if (vexfs_i(inode)->home == dir->i_ino)
		return 0;
	err = vexfs_vector_find(inode, &home, &slot);
	if (err)
		return err == -ENODATA ? 0 : err;
	vexfs_vector_end(&home);
	return -EXDEV;
}

/* Locks the home's collection if the file has a vector there; else -ENODATA. */
static int vexfs_parting_lock(struct vexfs_parting *parting, struct inode *file)
{
	struct vexfs_home *home = &parting->home;
	struct vexfs_death *death = &parting->death;
	int err = vexfs_home_get(file, home);

	if (err)
		return err;
	err = vexfs_home_lock(home);
	if (!err) {
		death->coll = home->coll;
		death->id = vexfs_file_id(file);
		death->slot = vec_find_id(&home->coll->set, death->id);
		if (death->slot != VEXFS_SLOT_NONE)
			return 0;
		vexfs_home_unlock(home);
		err = -ENODATA;
	}
	vexfs_home_put(home);
	return err;
}

/* The collection is locked from here on: before the unit takes the mutex. */
void vexfs_parting_begin(struct vexfs_parting *parting, struct inode *file)
{
	int err;

	parting->has = false;
	parting->dies = false;
	parting->err = 0;
	if (!file || !vexfs_i(file)->may_have_vector || file->i_nlink != 1)
		return;
	do {
		err = vexfs_parting_lock(parting, file);
	} while (err == -ESTALE);
	parting->has = !err;
	parting->err = err == -ENODATA ? 0 : err;
}

int vexfs_parting_gather(struct vexfs_parting *parting)
{
	if (parting->err)
		return parting->err;
	/* Its removal needs no lock but the mutex. */
	parting->dies = parting->has && !vexfs_coll_gone(parting->home.coll);
	return parting->dies ? vexfs_death_gather(&parting->death) : 0;
}

void vexfs_parting_apply(struct vexfs_parting *parting, struct vexfs_inode *raw)
{
	if (!parting->dies)
		return;
	raw->flags &= ~cpu_to_le16(VEXFS_INODE_VECTOR);
	vexfs_death_apply(&parting->death);
}

/* After the event of the operation. */
void vexfs_parting_event(const struct vexfs_parting *parting)
{
	const struct vexfs_death *death = &parting->death;

	if (parting->dies)
		vexfs_vector_event(death->coll, VEXFS_EV_VECTOR_DELETE, death->id, death->slot,
				   death->slot);
}

void vexfs_parting_end(struct vexfs_parting *parting)
{
	if (!parting->has)
		return;
	vexfs_home_unlock(&parting->home);
	vexfs_home_put(&parting->home);
}
