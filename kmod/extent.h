/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the extent tree share: the way from an inode to a leaf. */
#ifndef VEXFS_EXTENT_H
#define VEXFS_EXTENT_H

#include "vexfs.h"

#define VEXFS_LEVELS	(VEXFS_EXTENT_DEPTH_MAX + 1)	/* the inode and its nodes */

/* A way from the inode (level 0) to a leaf (level depth). */
struct vexfs_way {
	unsigned int depth;
	struct {
		struct vexfs_extent *e;
		u64 block;		/* of the node; 0 for the inode */
		unsigned int n;		/* entries */
		unsigned int at;	/* the entry whose child is the next level */
	} level[VEXFS_LEVELS];
};

static inline struct vexfs_extent *vexfs_inline(const struct vexfs_inode *raw)
{
	return (struct vexfs_extent *)raw->inline_area;
}

static inline struct vexfs_extent *vexfs_entries(const u8 *node)
{
	return (struct vexfs_extent *)(node + sizeof(struct vexfs_extent_node));
}

static inline u32 vexfs_len(const struct vexfs_extent *e)
{
	return le32_to_cpu(e->len) & ~VEXFS_EXTENT_UNWRITTEN;
}

static inline struct vexfs_extent_node *vexfs_node(const struct vexfs_sb_info *sbi, u64 block)
{
	return (struct vexfs_extent_node *)vexfs_find_image(sbi, block)->data;
}

/* extent.c */
unsigned int vexfs_upto(const struct vexfs_extent *e, unsigned int n, u64 lblk);
int vexfs_way_begin(struct super_block *sb, u64 ino, const struct vexfs_inode *raw,
		    struct vexfs_way *way);
int vexfs_pin_child(struct super_block *sb, u64 ino, struct vexfs_way *way, unsigned int from);
void vexfs_way_again(const struct vexfs_sb_info *sbi, const struct vexfs_inode *raw, u64 lblk,
		     struct vexfs_way *way);
void vexfs_set_count(const struct vexfs_sb_info *sbi, struct vexfs_inode *raw, u64 block,
		     unsigned int n);

#endif
