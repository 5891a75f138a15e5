// SPDX-License-Identifier: GPL-2.0-only
/* Operations on names. Each is one unit with one event (docs/determinism.md, docs/format.md). */
#include "names.h"

bool vexfs_is_reserved(const struct qstr *name)
{
	return name->len == strlen(VEXFS_DOT_NAME) &&
	       !memcmp(name->name, VEXFS_DOT_NAME, name->len);
}

/* The inode that a record names; it must have a link. */
static struct inode *vexfs_iget_named(struct super_block *sb, u64 ino)
{
	struct inode *inode = vexfs_iget(sb, ino);

	if (IS_ERR(inode) || inode->i_nlink)
		return inode;
	iput(inode);
	return ERR_PTR(vexfs_corrupt(sb, "inode %llu: has a name but no link", ino));
}

static struct dentry *vexfs_lookup(struct inode *dir, struct dentry *dentry, unsigned int flags)
{
	struct super_block *sb = dir->i_sb;
	struct inode *inode = NULL;
	struct vexfs_place place;
	int err;

	if (dentry->d_name.len > VEXFS_NAME_MAX)
		return ERR_PTR(-ENAMETOOLONG);
	if (vexfs_dead(dir))
		return ERR_PTR(-ESTALE);
	if (vexfs_is_reserved(&dentry->d_name)) {
		if (dir->i_ino == VEXFS_ROOT_INO)
			return d_splice_alias(vexfs_dot_lookup(sb), dentry);
		return vexfs_coll_lookup(dir, dentry);
	}
	down_read(&vexfs_sb(sb)->image_lock);
	err = vexfs_dir_find(dir, &dentry->d_name, &place);
	up_read(&vexfs_sb(sb)->image_lock);
	if (!err)
		inode = vexfs_iget_named(sb, place.ino);
	else if (err != -ENOENT)
		inode = ERR_PTR(err);
	return d_splice_alias(inode, dentry);
}

int vexfs_check_links(const struct vexfs_inode *raw, struct super_block *sb)
{
	return le32_to_cpu(raw->nlink) >= vexfs_sb(sb)->max_links ? -EMLINK : 0;
}

/* The slots of an operation's directory and inode. */
int vexfs_pin_pair(struct inode *dir, struct inode *inode, struct vexfs_inode **raw_dir,
		   struct vexfs_inode **raw)
{
	if (vexfs_dead(dir) || vexfs_dead(inode))
		return -ESTALE;
	*raw_dir = vexfs_inode_pin(dir->i_sb, dir->i_ino);
	if (IS_ERR(*raw_dir))
		return PTR_ERR(*raw_dir);
	*raw = vexfs_inode_pin(dir->i_sb, inode->i_ino);
	return PTR_ERR_OR_ZERO(*raw);
}

/* @may: 0, or why the inode's vector forbids it. */
static int vexfs_link_gather(struct inode *dir, struct inode *inode, const struct qstr *name,
			     int may, struct vexfs_inode **raw_dir, struct vexfs_inode **raw,
			     struct vexfs_entry *entry)
{
	int err = vexfs_unit_begin(vexfs_sb(dir->i_sb));

	if (err)
		return err;
	if (vexfs_is_reserved(name) || vexfs_is_dot(inode))
		return -EPERM;
	err = vexfs_pin_pair(dir, inode, raw_dir, raw);
	if (!err)
		err = vexfs_check_links(*raw, dir->i_sb);
	if (!err)
		err = may;
	return err ? err : vexfs_entry_gather(dir, *raw_dir, name, entry);
}

static void vexfs_name_event(struct vexfs_sb_info *sbi, u16 type, u64 ino, u64 parent,
			     const struct qstr *name)
{
	vexfs_event_begin(sbi, type, ino, parent);
	vexfs_event_bytes(sbi, VEXFS_TAG_NAME, name->name, name->len);
	vexfs_event_end(sbi, sbi->unit.number, sbi->unit.now);
}

static int vexfs_link(struct dentry *old, struct inode *dir, struct dentry *dentry)
{
	struct vexfs_sb_info *sbi = vexfs_sb(dir->i_sb);
	struct inode *inode = d_inode(old);
	struct vexfs_inode *raw_dir, *raw;
	struct vexfs_entry entry;
	bool relieved = false;
	int err, may = vexfs_vector_may_go(inode, dir);

	vexfs_lock(sbi);
	do {
		err = vexfs_link_gather(dir, inode, &dentry->d_name, may, &raw_dir, &raw, &entry);
	} while (vexfs_relieve(sbi, err, &relieved));
	if (err) {
		vexfs_unit_cancel(sbi);
		goto out;
	}
	vexfs_apply(sbi);
	vexfs_alloc_apply(sbi);
	vexfs_entry_insert(dir, raw_dir, &entry, &dentry->d_name, inode->i_ino, inode->i_mode);
	le32_add_cpu(&raw->nlink, 1);
	vexfs_raw_ctime(raw, sbi->unit.now);
	vexfs_raw_mctime(raw_dir, sbi->unit.now);
	vexfs_name_event(sbi, VEXFS_EV_HARDLINK, inode->i_ino, dir->i_ino, &dentry->d_name);
	vexfs_inode_refresh(inode, raw);
	vexfs_inode_refresh(dir, raw_dir);
	ihold(inode);
	vexfs_unit_end(sbi);
	d_instantiate(dentry, inode);
out:
	vexfs_unlock(sbi);
	return err;
}

/* The inode loses a link (a directory: all): ready for it to become an orphan. */
int vexfs_drop_gather(struct inode *inode, const struct vexfs_inode *raw,
		      struct vexfs_parting *parting)
{
	int err;

	if (!raw->nlink)
		return vexfs_corrupt(inode->i_sb, "inode %lu: has a name but no link",
				     inode->i_ino);
	err = vexfs_coll_drop_gather(inode);
	if (!err)
		err = vexfs_parting_gather(parting);
	return err ? err : vexfs_orphan_gather(inode->i_sb, inode->i_ino);
}

void vexfs_drop_link(struct vexfs_sb_info *sbi, struct inode *inode, struct vexfs_inode *raw,
		     struct vexfs_parting *parting)
{
	u32 left = S_ISDIR(inode->i_mode) ? 0 : le32_to_cpu(raw->nlink) - 1;

	raw->nlink = cpu_to_le32(left);
	vexfs_raw_ctime(raw, sbi->unit.now);
	if (!left)
		vexfs_orphan_add(sbi, inode->i_ino);
	vexfs_coll_drop_apply(inode, raw);
	vexfs_parting_apply(parting, raw);
	vexfs_inode_refresh(inode, raw);
}

static int vexfs_remove_gather(struct inode *dir, struct dentry *dentry, bool is_dir,
			       struct vexfs_inode **raw_dir, struct vexfs_inode **raw,
			       struct vexfs_place *place, struct vexfs_parting *parting)
{
	struct inode *inode = d_inode(dentry);
	int err = vexfs_unit_begin(vexfs_sb(dir->i_sb));

	if (err)
		return err;
	if (vexfs_is_dot(inode))
		return -EPERM;
	err = vexfs_pin_pair(dir, inode, raw_dir, raw);
	if (!err && is_dir)
		err = vexfs_dir_empty(inode);
	if (!err)
		err = vexfs_dir_pin(dir, &dentry->d_name, place);
	return err ? err : vexfs_drop_gather(inode, *raw, parting);
}

/* The planted mistake: a unit of nothing but an event. */
static void vexfs_remove_failed(struct vexfs_sb_info *sbi, u16 type, struct inode *inode,
				struct inode *dir, const struct qstr *name)
{
	if (!vexfs_planted(sbi, VEXFS_FAULT_EVENT_OF_FAILURE) || vexfs_unit_begin(sbi))
		return;
	vexfs_apply(sbi);
	vexfs_name_event(sbi, type, inode->i_ino, dir->i_ino, name);
	vexfs_unit_end(sbi);
}

static int vexfs_remove(struct inode *dir, struct dentry *dentry, bool is_dir)
{
	struct vexfs_sb_info *sbi = vexfs_sb(dir->i_sb);
	struct inode *inode = d_inode(dentry);
	struct vexfs_inode *raw_dir, *raw;
	u16 type = is_dir ? VEXFS_EV_RMDIR : VEXFS_EV_DELETE;
	struct vexfs_parting parting;
	struct vexfs_place place;
	int err;

	vexfs_parting_begin(&parting, inode);
	vexfs_lock(sbi);
	err = vexfs_remove_gather(dir, dentry, is_dir, &raw_dir, &raw, &place, &parting);
	if (err) {
		vexfs_unit_cancel(sbi);
		vexfs_remove_failed(sbi, type, inode, dir, &dentry->d_name);
		goto out;
	}
	vexfs_apply(sbi);
	vexfs_entry_delete(dir, &place, &dentry->d_name);
	if (is_dir)
		le32_add_cpu(&raw_dir->nlink, -1);
	vexfs_raw_mctime(raw_dir, sbi->unit.now);
	vexfs_drop_link(sbi, inode, raw, &parting);
	vexfs_name_event(sbi, type, inode->i_ino, dir->i_ino, &dentry->d_name);
	vexfs_parting_event(&parting);
	vexfs_inode_refresh(dir, raw_dir);
	vexfs_unit_end(sbi);
out:
	vexfs_unlock(sbi);
	vexfs_parting_end(&parting);
	return err;
}

static int vexfs_unlink(struct inode *dir, struct dentry *dentry)
{
	return vexfs_remove(dir, dentry, false);
}

static int vexfs_rmdir(struct inode *dir, struct dentry *dentry)
{
	return vexfs_remove(dir, dentry, true);
}

const struct inode_operations vexfs_dir_iops = {
	.lookup = vexfs_lookup,
	.create = vexfs_create,
	.link = vexfs_link,
	.unlink = vexfs_unlink,
	.symlink = vexfs_symlink,
	.mkdir = vexfs_mkdir,
	.rmdir = vexfs_rmdir,
	.mknod = vexfs_mknod,
	.rename = vexfs_rename,
	.getattr = vexfs_getattr,
	.setattr = vexfs_setattr,
	.listxattr = vexfs_listxattr,
};
