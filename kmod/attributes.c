// SPDX-License-Identifier: GPL-2.0-only
/* Changes of attributes: one unit, and more if a large file is cut (docs/determinism.md). */
#include <linux/pagemap.h>

#include "file.h"

#define VEXFS_ATTRS (ATTR_SIZE | ATTR_UID | ATTR_GID | ATTR_MODE | ATTR_ATIME | ATTR_MTIME)

/* A change of attributes: one unit, and more if a large file is cut. */
struct vexfs_change {
	struct inode *inode;
	struct iattr *attr;
	struct vexfs_inode *raw;
	struct vexfs_inode old;
	u64 first;		/* blocks from here on go */
	bool whole;		/* they all go with the first unit */
	struct page *tail;	/* the block that the new size lies in, to be zeroed behind it */
};

static int vexfs_change_gather(struct vexfs_change *change)
{
	struct inode *inode = change->inode;
	struct super_block *sb = inode->i_sb;
	u64 size = change->attr->ia_size;
	int err = vexfs_unit_begin(vexfs_sb(sb));

	if (err)
		return err;
	if (vexfs_dead(inode))
		return -ESTALE;
	change->raw = vexfs_inode_pin(sb, inode->i_ino);
	if (IS_ERR(change->raw))
		return PTR_ERR(change->raw);
	if (!(change->attr->ia_valid & ATTR_SIZE))
		return 0;
	if (size > VEXFS_FILE_SIZE_MAX)
		return -EFBIG;
	err = vexfs_truncating(sb, inode->i_ino, change->raw);
	if (err)
		return err;
	change->first = DIV_ROUND_UP(size, VEXFS_BLOCK_SIZE);
	err = vexfs_cut_gather(sb, inode->i_ino, change->raw, change->first, &change->whole);
	if (!err && !change->whole) {
		vexfs_sb(sb)->unit.nfrees = 0;
		vexfs_sb(sb)->unit.cut_steps = 0;
		err = vexfs_orphan_gather(sb, inode->i_ino);
	}
	if (!err)
		err = vexfs_zero_tail_gather(inode, change->raw, size, &change->tail);
	return err;
}

static void vexfs_put_time(bool set, const struct timespec64 *time, s64 now, __le64 *seconds,
			   __le32 *nanoseconds)
{
	if (!set) {
		vexfs_raw_time(now, seconds, nanoseconds);
		return;
	}
	*seconds = cpu_to_le64(time->tv_sec);
	*nanoseconds = cpu_to_le32(time->tv_nsec);
}

static void vexfs_put_attributes(struct vexfs_sb_info *sbi, struct vexfs_change *change)
{
	const struct iattr *attr = change->attr;
	struct vexfs_inode *raw = change->raw;
	unsigned int valid = attr->ia_valid;
	s64 now = sbi->unit.now;

	if (valid & ATTR_UID)
		raw->uid = cpu_to_le32(i_uid_read(change->inode));
	if (valid & ATTR_GID)
		raw->gid = cpu_to_le32(i_gid_read(change->inode));
	if (valid & ATTR_MODE)
		raw->mode = cpu_to_le16((le16_to_cpu(raw->mode) & S_IFMT) |
					(attr->ia_mode & S_IALLUGO));
	if (valid & ATTR_ATIME)
		vexfs_put_time(valid & ATTR_ATIME_SET, &attr->ia_atime, now, &raw->atime,
			       &raw->atime_nsec);
	if (valid & ATTR_MTIME)
		vexfs_put_time(valid & ATTR_MTIME_SET, &attr->ia_mtime, now, &raw->mtime,
			       &raw->mtime_nsec);
	if (valid & ATTR_SIZE) {
		raw->size = cpu_to_le64(attr->ia_size);
		vexfs_raw_mctime(raw, now);
	}
	vexfs_raw_ctime(raw, now);
}

static void vexfs_mode_field(struct vexfs_sb_info *sbi, const struct vexfs_change *change)
{
	u32 mode[2] = { le16_to_cpu(change->old.mode), le16_to_cpu(change->raw->mode) };

	vexfs_event_u32(sbi, VEXFS_TAG_MODE, 2, mode);
}

static void vexfs_owner_field(struct vexfs_sb_info *sbi, const struct vexfs_change *change)
{
	u32 owner[4] = { le32_to_cpu(change->old.uid), le32_to_cpu(change->old.gid),
			 le32_to_cpu(change->raw->uid), le32_to_cpu(change->raw->gid) };

	vexfs_event_u32(sbi, VEXFS_TAG_OWNER, 4, owner);
}

static void vexfs_times_field(struct vexfs_sb_info *sbi, const struct vexfs_inode *raw)
{
	struct {
		__le64 atime, mtime;
		__le32 atime_nsec, mtime_nsec;
	} times = { raw->atime, raw->mtime, raw->atime_nsec, raw->mtime_nsec };

	vexfs_event_bytes(sbi, VEXFS_TAG_TIMES, &times, sizeof(times));
}

static void vexfs_change_event(struct vexfs_sb_info *sbi, const struct vexfs_change *change)
{
	unsigned int valid = change->attr->ia_valid;
	bool new_mode = change->old.mode != change->raw->mode;
	u64 ino = change->inode->i_ino;

	if (valid & ATTR_SIZE) {
		u64 size[2] = { le64_to_cpu(change->old.size), le64_to_cpu(change->raw->size) };

		vexfs_event_begin(sbi, VEXFS_EV_TRUNCATE, ino, 0);
		vexfs_event_u64(sbi, VEXFS_TAG_SIZE, 2, size);
		if (new_mode)
			vexfs_mode_field(sbi, change);
	} else if (valid & (ATTR_UID | ATTR_GID)) {
		vexfs_event_begin(sbi, VEXFS_EV_CHOWN, ino, 0);
		vexfs_owner_field(sbi, change);
		if (new_mode)
			vexfs_mode_field(sbi, change);
	} else if (valid & ATTR_MODE) {
		vexfs_event_begin(sbi, VEXFS_EV_CHMOD, ino, 0);
		vexfs_mode_field(sbi, change);
	} else {
		vexfs_event_begin(sbi, VEXFS_EV_UTIMENS, ino, 0);
		vexfs_times_field(sbi, change->raw);
	}
	vexfs_event_end(sbi, sbi->unit.number, sbi->unit.now);
}

static void vexfs_change_apply(struct vexfs_sb_info *sbi, struct vexfs_idmap *idmap,
			       struct vexfs_change *change)
{
	struct inode *inode = change->inode;

	if (change->attr->ia_valid & ATTR_SIZE) {
		vexfs_zero_tail(inode, change->raw, change->attr->ia_size, change->tail);
		truncate_setsize(inode, change->attr->ia_size);
	}
	i_uid_update(idmap, change->attr, inode);
	i_gid_update(idmap, change->attr, inode);
	vexfs_apply(sbi);
	change->old = *change->raw;
	vexfs_put_attributes(sbi, change);
	if (change->whole) {
		vexfs_cut_apply(sbi, change->raw, change->first, false);
	} else {
		change->raw->flags |= cpu_to_le16(VEXFS_INODE_TRUNCATING);
		vexfs_orphan_set(sbi, inode->i_ino);
	}
	vexfs_change_event(sbi, change);
	vexfs_inode_refresh(inode, change->raw);
	vexfs_unit_end(sbi);
}

static int vexfs_piece_gather(struct vexfs_change *change)
{
	struct super_block *sb = change->inode->i_sb;
	int err = vexfs_unit_begin(vexfs_sb(sb));

	if (err)
		return err;
	change->raw = vexfs_inode_pin(sb, change->inode->i_ino);
	if (IS_ERR(change->raw))
		return PTR_ERR(change->raw);
	err = vexfs_cut_gather(sb, change->inode->i_ino, change->raw, change->first,
			       &change->whole);
	return err ? err : vexfs_orphan_gather(sb, change->inode->i_ino);
}

/* The units that follow a change of size which one unit could not finish. */
static int vexfs_cut_rest(struct vexfs_sb_info *sbi, struct vexfs_change *change)
{
	while (!change->whole) {
		int err = vexfs_piece_gather(change);

		if (err) {
			vexfs_unit_cancel(sbi);
			return err;
		}
		vexfs_apply(sbi);
		vexfs_cut_apply(sbi, change->raw, change->first, false);
		if (change->whole) {
			change->raw->flags &= ~cpu_to_le16(VEXFS_INODE_TRUNCATING);
			if (change->raw->nlink)
				vexfs_orphan_clear(sbi, change->inode->i_ino);
		}
		vexfs_inode_refresh(change->inode, change->raw);
		vexfs_unit_end(sbi);
	}
	return 0;
}

static int vexfs_change_attributes(struct vexfs_idmap *idmap, struct vexfs_change *change)
{
	struct vexfs_sb_info *sbi = vexfs_sb(change->inode->i_sb);
	int err;

	vexfs_lock(sbi);
	if (change->attr->ia_valid & ATTR_SIZE)
		vexfs_write_ordered_pages(change->inode);
	err = vexfs_change_gather(change);
	if (err) {
		vexfs_unit_cancel(sbi);
	} else {
		vexfs_change_apply(sbi, idmap, change);
		err = vexfs_cut_rest(sbi, change);
	}
	vexfs_unlock(sbi);
	return err;
}

/* chown to nobody, of which the VFS makes a change of mode if there are set-id bits. */
static bool vexfs_is_empty_chown(unsigned int valid)
{
	return valid & (ATTR_KILL_SUID | ATTR_KILL_SGID) &&
	       !(valid & (ATTR_SIZE | ATTR_UID | ATTR_GID));
}

int vexfs_setattr(struct vexfs_idmap *idmap, struct dentry *dentry, struct iattr *attr)
{
	struct inode *inode = d_inode(dentry);
	struct vexfs_change change = { .inode = inode, .attr = attr, .whole = true };
	int err;

	if (!(attr->ia_valid & VEXFS_ATTRS) || vexfs_is_empty_chown(attr->ia_valid))
		return 0;
	err = setattr_prepare(idmap, dentry, attr);
	if (err)
		return err;
	if (!(attr->ia_valid & ATTR_SIZE))
		return vexfs_change_attributes(idmap, &change);
	/* Nobody reads pages in behind the new end while their blocks still seem to be there. */
	filemap_invalidate_lock(inode->i_mapping);
	if (attr->ia_size > i_size_read(inode))
		vexfs_clear_behind_end(inode);
	err = vexfs_change_attributes(idmap, &change);
	filemap_invalidate_unlock(inode->i_mapping);
	return err;
}
