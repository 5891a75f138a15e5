// SPDX-License-Identifier: GPL-2.0-only
/* Operations on names. Each is one unit with one event (docs/determinism.md, docs/format.md). */
#include <linux/slab.h>

#include "vexfs.h"

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
			inode = vexfs_dot_lookup(sb);
		return d_splice_alias(inode, dentry);
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

/* A new inode on its way into a directory. */
struct vexfs_creation {
	struct inode *dir;
	struct inode *inode;
	const struct qstr *name;
	const char *target;		/* of a symlink */
	unsigned int target_length;
	u64 target_block;		/* 0: the target is inline */
	struct vexfs_inode *raw_dir;
	struct vexfs_entry entry;
};

static int vexfs_check_links(const struct vexfs_inode *raw, struct super_block *sb)
{
	return le32_to_cpu(raw->nlink) >= vexfs_sb(sb)->max_links ? -EMLINK : 0;
}

static int vexfs_target_gather(struct vexfs_creation *new)
{
	struct super_block *sb = new->dir->i_sb;
	int err;

	new->target_block = 0;
	if (!new->target || new->target_length <= VEXFS_INLINE_BYTES)
		return 0;
	err = vexfs_alloc_lowest(sb, &new->target_block);
	if (err)
		return err;
	return PTR_ERR_OR_ZERO(vexfs_pin_new(vexfs_sb(sb), new->target_block,
					     VEXFS_KIND_SYMLINK));
}

static int vexfs_creation_gather(struct vexfs_creation *new)
{
	struct super_block *sb = new->dir->i_sb;
	u64 ino = 0;
	int err = vexfs_unit_begin(vexfs_sb(sb));

	if (err)
		return err;
	if (vexfs_dead(new->dir))
		return -ESTALE;
	if (vexfs_is_reserved(new->name))
		return -EPERM;
	new->raw_dir = vexfs_inode_pin(sb, new->dir->i_ino);
	if (IS_ERR(new->raw_dir))
		return PTR_ERR(new->raw_dir);
	if (S_ISDIR(new->inode->i_mode))
		err = vexfs_check_links(new->raw_dir, sb);
	if (!err)
		err = vexfs_target_gather(new);
	if (!err)
		err = vexfs_entry_gather(new->dir, new->raw_dir, new->name, &new->entry);
	if (!err)
		err = vexfs_ialloc_gather(sb, &ino);
	if (err)
		return err;
	new->inode->i_ino = ino;
	if (insert_inode_locked(new->inode))
		return vexfs_corrupt(sb, "inode bitmap: inode %llu is in use and free", ino);
	return 0;
}

static void vexfs_put_target(struct vexfs_sb_info *sbi, struct vexfs_inode *raw,
			     const struct vexfs_creation *new)
{
	struct vexfs_extent *extent = (void *)raw->inline_area;

	raw->size = cpu_to_le64(new->target_length);
	if (!new->target_block) {
		memcpy(raw->inline_area, new->target, new->target_length);
		return;
	}
	raw->extents = cpu_to_le16(1);
	raw->blocks = cpu_to_le64(1);
	extent->len = cpu_to_le32(1);
	extent->pblk = cpu_to_le64(new->target_block);
	memcpy(vexfs_find_image(sbi, new->target_block)->data, new->target, new->target_length);
}

static void vexfs_put_new_inode(struct vexfs_sb_info *sbi, struct vexfs_inode *raw,
				const struct vexfs_creation *new)
{
	struct inode *inode = new->inode;
	s64 now = sbi->unit.now;

	raw->mode = cpu_to_le16(inode->i_mode);
	raw->nlink = cpu_to_le32(S_ISDIR(inode->i_mode) ? 2 : 1);
	raw->uid = cpu_to_le32(i_uid_read(inode));
	raw->gid = cpu_to_le32(i_gid_read(inode));
	if (S_ISBLK(inode->i_mode) || S_ISCHR(inode->i_mode))
		raw->rdev = cpu_to_le32(new_encode_dev(inode->i_rdev));
	vexfs_raw_time(now, &raw->atime, &raw->atime_nsec);
	vexfs_raw_mctime(raw, now);
	raw->home = cpu_to_le64(new->dir->i_ino);
	if (new->target)
		vexfs_put_target(sbi, raw, new);
}

static void vexfs_creation_event(struct vexfs_sb_info *sbi, u16 type,
				 const struct vexfs_inode *raw, const struct vexfs_creation *new)
{
	u32 node[2] = { le16_to_cpu(raw->mode), le32_to_cpu(raw->rdev) };

	vexfs_event_begin(sbi, type, new->inode->i_ino, new->dir->i_ino);
	if (!new->target)
		vexfs_event_u32(sbi, VEXFS_TAG_NODE, 2, node);
	vexfs_event_bytes(sbi, VEXFS_TAG_NAME, new->name->name, new->name->len);
	if (new->target)
		vexfs_event_bytes(sbi, VEXFS_TAG_TARGET, new->target,
				  min_t(unsigned int, new->target_length,
					VEXFS_EVENT_TARGET_MAX));
	vexfs_event_end(sbi, sbi->unit.number, sbi->unit.now);
}

static void vexfs_creation_apply(struct vexfs_sb_info *sbi, u16 type, struct vexfs_creation *new)
{
	struct vexfs_inode *raw;

	vexfs_apply(sbi);
	vexfs_alloc_apply(sbi);
	raw = vexfs_ialloc_apply(sbi, new->inode->i_ino);
	vexfs_put_new_inode(sbi, raw, new);
	vexfs_entry_insert(new->dir, new->raw_dir, &new->entry, new->name, new->inode->i_ino,
			   new->inode->i_mode);
	if (S_ISDIR(new->inode->i_mode))
		le32_add_cpu(&new->raw_dir->nlink, 1);
	vexfs_raw_mctime(new->raw_dir, sbi->unit.now);
	vexfs_creation_event(sbi, type, raw, new);
	vexfs_inode_refresh(new->inode, raw);
	vexfs_inode_refresh(new->dir, new->raw_dir);
	vexfs_set_ops(new->inode);
	vexfs_unit_end(sbi);
}

/* Creates @dentry; @rdev for devices, @target for symlinks. */
static int vexfs_new(struct vexfs_idmap *idmap, struct inode *dir, struct dentry *dentry,
		     umode_t mode, dev_t rdev, const char *target, u16 type)
{
	struct vexfs_sb_info *sbi = vexfs_sb(dir->i_sb);
	struct vexfs_creation new = { .dir = dir, .name = &dentry->d_name, .target = target };
	bool relieved = false;
	int err;

	new.target_length = target ? strlen(target) : 0;
	new.inode = new_inode(dir->i_sb);
	if (!new.inode)
		return -ENOMEM;
	inode_init_owner(idmap, new.inode, dir, mode);
	new.inode->i_rdev = rdev;
	vexfs_lock(sbi);
	do {
		err = vexfs_creation_gather(&new);
	} while (vexfs_relieve(sbi, err, &relieved));
	if (err)
		vexfs_unit_cancel(sbi);
	else
		vexfs_creation_apply(sbi, type, &new);
	vexfs_unlock(sbi);
	if (err)
		iput(new.inode);
	else
		d_instantiate_new(dentry, new.inode);
	return err;
}

static int vexfs_create(struct vexfs_idmap *idmap, struct inode *dir, struct dentry *dentry,
			umode_t mode, bool excl)
{
	return vexfs_new(idmap, dir, dentry, S_IFREG | (mode & S_IALLUGO), 0, NULL,
			 VEXFS_EV_CREATE);
}

static int vexfs_mknod(struct vexfs_idmap *idmap, struct inode *dir, struct dentry *dentry,
		       umode_t mode, dev_t rdev)
{
	return vexfs_new(idmap, dir, dentry, mode, rdev, NULL, VEXFS_EV_CREATE);
}

static int vexfs_mkdir(struct vexfs_idmap *idmap, struct inode *dir, struct dentry *dentry,
		       umode_t mode)
{
	return vexfs_new(idmap, dir, dentry, S_IFDIR | mode, 0, NULL, VEXFS_EV_MKDIR);
}

static int vexfs_symlink(struct vexfs_idmap *idmap, struct inode *dir, struct dentry *dentry,
			 const char *target)
{
	if (strlen(target) > VEXFS_SYMLINK_MAX)
		return -ENAMETOOLONG;
	return vexfs_new(idmap, dir, dentry, S_IFLNK | 0777, 0, target, VEXFS_EV_SYMLINK);
}

/* The slots of an operation's directory and inode. */
static int vexfs_pin_pair(struct inode *dir, struct inode *inode, struct vexfs_inode **raw_dir,
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

static int vexfs_link_gather(struct inode *dir, struct inode *inode, const struct qstr *name,
			     struct vexfs_inode **raw_dir, struct vexfs_inode **raw,
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
	int err;

	vexfs_lock(sbi);
	do {
		err = vexfs_link_gather(dir, inode, &dentry->d_name, &raw_dir, &raw, &entry);
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
static int vexfs_drop_gather(struct super_block *sb, u64 ino, const struct vexfs_inode *raw)
{
	if (!raw->nlink)
		return vexfs_corrupt(sb, "inode %llu: has a name but no link", ino);
	return vexfs_orphan_gather(sb, ino);
}

static void vexfs_drop_link(struct vexfs_sb_info *sbi, struct inode *inode,
			    struct vexfs_inode *raw)
{
	u32 left = S_ISDIR(inode->i_mode) ? 0 : le32_to_cpu(raw->nlink) - 1;

	raw->nlink = cpu_to_le32(left);
	vexfs_raw_ctime(raw, sbi->unit.now);
	if (!left)
		vexfs_orphan_add(sbi, inode->i_ino);
	vexfs_inode_refresh(inode, raw);
}

static int vexfs_remove_gather(struct inode *dir, struct dentry *dentry, bool is_dir,
			       struct vexfs_inode **raw_dir, struct vexfs_inode **raw,
			       struct vexfs_place *place)
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
	return err ? err : vexfs_drop_gather(dir->i_sb, inode->i_ino, *raw);
}

static int vexfs_remove(struct inode *dir, struct dentry *dentry, bool is_dir)
{
	struct vexfs_sb_info *sbi = vexfs_sb(dir->i_sb);
	struct inode *inode = d_inode(dentry);
	struct vexfs_inode *raw_dir, *raw;
	struct vexfs_place place;
	int err;

	vexfs_lock(sbi);
	err = vexfs_remove_gather(dir, dentry, is_dir, &raw_dir, &raw, &place);
	if (err) {
		vexfs_unit_cancel(sbi);
		goto out;
	}
	vexfs_apply(sbi);
	vexfs_entry_delete(dir, &place, &dentry->d_name);
	if (is_dir)
		le32_add_cpu(&raw_dir->nlink, -1);
	vexfs_raw_mctime(raw_dir, sbi->unit.now);
	vexfs_drop_link(sbi, inode, raw);
	vexfs_name_event(sbi, is_dir ? VEXFS_EV_RMDIR : VEXFS_EV_DELETE, inode->i_ino, dir->i_ino,
			 &dentry->d_name);
	vexfs_inode_refresh(dir, raw_dir);
	vexfs_unit_end(sbi);
out:
	vexfs_unlock(sbi);
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

/* Both sides of a rename; side 0 is the source. */
struct vexfs_side {
	struct inode *dir;
	struct inode *inode;		/* NULL: no such name yet */
	const struct qstr *name;
	struct vexfs_inode *raw_dir;
	struct vexfs_inode *raw;
	struct vexfs_place place;
	bool is_dir;
};

struct vexfs_move {
	struct vexfs_side from;
	struct vexfs_side to;
	unsigned int flags;
	struct vexfs_entry entry;	/* if the destination's name is new */
};

static void vexfs_side_begin(struct vexfs_side *side, struct inode *dir, struct dentry *dentry)
{
	side->dir = dir;
	side->inode = d_inode(dentry);
	side->name = &dentry->d_name;
	side->is_dir = side->inode && S_ISDIR(side->inode->i_mode);
}

/* Whether @dir gets a subdirectory more. */
static bool vexfs_gains(const struct vexfs_side *leaving, const struct vexfs_side *coming,
			bool exchange)
{
	if (leaving->dir == coming->dir || !coming->is_dir)
		return false;
	return exchange ? !leaving->is_dir : !leaving->inode;
}

static int vexfs_move_check(const struct vexfs_move *move)
{
	bool exchange = move->flags & RENAME_EXCHANGE;
	int err = 0;

	if (!exchange && move->to.is_dir)
		err = vexfs_dir_empty(move->to.inode);
	if (!err && vexfs_gains(&move->to, &move->from, exchange))
		err = vexfs_check_links(move->to.raw_dir, move->to.dir->i_sb);
	if (!err && exchange && vexfs_gains(&move->from, &move->to, true))
		err = vexfs_check_links(move->from.raw_dir, move->from.dir->i_sb);
	return err;
}

static int vexfs_move_pin(struct vexfs_move *move)
{
	struct super_block *sb = move->from.dir->i_sb;
	struct vexfs_side *to = &move->to;
	int err = vexfs_pin_pair(move->from.dir, move->from.inode, &move->from.raw_dir,
				 &move->from.raw);

	if (err)
		return err;
	if (to->inode)
		return vexfs_pin_pair(to->dir, to->inode, &to->raw_dir, &to->raw);
	if (vexfs_dead(to->dir))
		return -ESTALE;
	to->raw_dir = vexfs_inode_pin(sb, to->dir->i_ino);
	return PTR_ERR_OR_ZERO(to->raw_dir);
}

static int vexfs_move_gather(struct vexfs_move *move)
{
	struct vexfs_side *from = &move->from, *to = &move->to;
	int err = vexfs_unit_begin(vexfs_sb(from->dir->i_sb));

	if (err)
		return err;
	if (vexfs_is_dot(from->inode) || vexfs_is_dot(to->dir) || vexfs_is_reserved(to->name))
		return -EPERM;
	err = vexfs_move_pin(move);
	if (!err)
		err = vexfs_move_check(move);
	if (!err)
		err = vexfs_dir_pin(from->dir, from->name, &from->place);
	if (err)
		return err;
	if (!to->inode)
		return vexfs_entry_gather(to->dir, to->raw_dir, to->name, &move->entry);
	err = vexfs_dir_pin(to->dir, to->name, &to->place);
	if (!err && !(move->flags & RENAME_EXCHANGE))
		err = vexfs_drop_gather(to->dir->i_sb, to->inode->i_ino, to->raw);
	return err;
}

static void vexfs_move_event(struct vexfs_sb_info *sbi, const struct vexfs_move *move)
{
	u64 parent = move->to.dir->i_ino;

	vexfs_event_begin(sbi, VEXFS_EV_RENAME, move->from.inode->i_ino, move->from.dir->i_ino);
	vexfs_event_bytes(sbi, VEXFS_TAG_NAME, move->from.name->name, move->from.name->len);
	vexfs_event_bytes(sbi, VEXFS_TAG_NEW_NAME, move->to.name->name, move->to.name->len);
	vexfs_event_u64(sbi, VEXFS_TAG_NEW_PARENT, 1, &parent);
	vexfs_event_u32(sbi, VEXFS_TAG_RENAME, 1, &move->flags);
	if (move->to.inode) {
		u64 other = move->to.inode->i_ino;

		vexfs_event_u64(sbi, VEXFS_TAG_OTHER, 1, &other);
	}
	vexfs_event_end(sbi, sbi->unit.number, sbi->unit.now);
}

static void vexfs_exchange(struct vexfs_sb_info *sbi, struct vexfs_move *move)
{
	struct vexfs_side *from = &move->from, *to = &move->to;

	vexfs_dir_replace(sbi, &to->place, from->inode->i_ino, from->inode->i_mode);
	vexfs_dir_replace(sbi, &from->place, to->inode->i_ino, to->inode->i_mode);
	if (from->dir != to->dir) {
		le32_add_cpu(&to->raw_dir->nlink, from->is_dir - to->is_dir);
		le32_add_cpu(&from->raw_dir->nlink, to->is_dir - from->is_dir);
	}
	to->raw->home = cpu_to_le64(from->dir->i_ino);
	vexfs_raw_ctime(to->raw, sbi->unit.now);
	vexfs_inode_refresh(to->inode, to->raw);
}

static void vexfs_move_name(struct vexfs_sb_info *sbi, struct vexfs_move *move)
{
	struct vexfs_side *from = &move->from, *to = &move->to;

	if (to->inode)
		vexfs_dir_replace(sbi, &to->place, from->inode->i_ino, from->inode->i_mode);
	else
		vexfs_entry_insert(to->dir, to->raw_dir, &move->entry, to->name,
				   from->inode->i_ino, from->inode->i_mode);
	vexfs_entry_delete(from->dir, &from->place, from->name);
	if (from->is_dir) {
		le32_add_cpu(&to->raw_dir->nlink, 1);
		le32_add_cpu(&from->raw_dir->nlink, -1);
	}
	if (!to->inode)
		return;
	if (to->is_dir)
		le32_add_cpu(&to->raw_dir->nlink, -1);
	vexfs_drop_link(sbi, to->inode, to->raw);
}

static void vexfs_move_apply(struct vexfs_sb_info *sbi, struct vexfs_move *move)
{
	struct vexfs_side *from = &move->from, *to = &move->to;

	vexfs_apply(sbi);
	vexfs_alloc_apply(sbi);
	if (move->flags & RENAME_EXCHANGE)
		vexfs_exchange(sbi, move);
	else
		vexfs_move_name(sbi, move);
	from->raw->home = cpu_to_le64(to->dir->i_ino);
	vexfs_raw_ctime(from->raw, sbi->unit.now);
	vexfs_raw_mctime(from->raw_dir, sbi->unit.now);
	vexfs_raw_mctime(to->raw_dir, sbi->unit.now);
	vexfs_move_event(sbi, move);
	vexfs_inode_refresh(from->inode, from->raw);
	vexfs_inode_refresh(from->dir, from->raw_dir);
	vexfs_inode_refresh(to->dir, to->raw_dir);
	vexfs_unit_end(sbi);
}

static int vexfs_rename(struct vexfs_idmap *idmap, struct inode *old_dir,
			struct dentry *old_dentry, struct inode *new_dir,
			struct dentry *new_dentry, unsigned int flags)
{
	struct vexfs_sb_info *sbi = vexfs_sb(old_dir->i_sb);
	struct vexfs_move move = { .flags = flags };
	bool relieved = false;
	int err;

	if (flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE))
		return -EINVAL;
	vexfs_side_begin(&move.from, old_dir, old_dentry);
	vexfs_side_begin(&move.to, new_dir, new_dentry);
	vexfs_lock(sbi);
	do {
		err = vexfs_move_gather(&move);
	} while (vexfs_relieve(sbi, err, &relieved));
	if (err)
		vexfs_unit_cancel(sbi);
	else
		vexfs_move_apply(sbi, &move);
	vexfs_unlock(sbi);
	return err;
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
