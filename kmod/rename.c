// SPDX-License-Identifier: GPL-2.0-only
/* Renames and exchanges: one unit with one event (docs/determinism.md). */
#include "names.h"

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
	struct vexfs_parting parting;	/* of what is replaced */
	int may;			/* 0, or why a vector forbids it */
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
	return err ? err : move->may;
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
		err = vexfs_drop_gather(to->inode, to->raw, &move->parting);
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
	if (from->is_dir && !vexfs_planted(sbi, VEXFS_FAULT_RENAME_KEEPS_NLINK)) {
		le32_add_cpu(&to->raw_dir->nlink, 1);
		le32_add_cpu(&from->raw_dir->nlink, -1);
	}
	if (!to->inode)
		return;
	if (to->is_dir)
		le32_add_cpu(&to->raw_dir->nlink, -1);
	vexfs_drop_link(sbi, to->inode, to->raw, &move->parting);
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
	vexfs_parting_event(&move->parting);
	vexfs_inode_refresh(from->inode, from->raw);
	vexfs_inode_refresh(from->dir, from->raw_dir);
	vexfs_inode_refresh(to->dir, to->raw_dir);
	vexfs_unit_end(sbi);
}

/* Asks for vectors before the mutex is taken. */
static void vexfs_move_begin(struct vexfs_move *move)
{
	bool exchange = move->flags & RENAME_EXCHANGE;

	move->may = vexfs_vector_may_go(move->from.inode, move->to.dir);
	if (!move->may && exchange)
		move->may = vexfs_vector_may_go(move->to.inode, move->from.dir);
	vexfs_parting_begin(&move->parting, exchange ? NULL : move->to.inode);
}

int vexfs_rename(struct vexfs_idmap *idmap, struct inode *old_dir,
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
	vexfs_move_begin(&move);
	vexfs_lock(sbi);
	do {
		err = vexfs_move_gather(&move);
	} while (vexfs_relieve(sbi, err, &relieved));
	if (err)
		vexfs_unit_cancel(sbi);
	else
		vexfs_move_apply(sbi, &move);
	vexfs_unlock(sbi);
	vexfs_parting_end(&move.parting);
	return err;
}
