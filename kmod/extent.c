// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mapping from logical blocks to blocks (docs/format.md, "Extents"). Entries of extents and of
 * index nodes have the same size and key, so both are handled as struct vexfs_extent; the pblk of
 * an index entry is its child.
 */

#include "extent.h"

static bool vexfs_in_region(const struct vexfs_sb_info *sbi, u64 block, u64 len)
{
	return block >= sbi->data_start && len <= sbi->data_blocks &&
	       block - sbi->data_start <= sbi->data_blocks - len;
}

static bool vexfs_entry_ok(const struct vexfs_sb_info *sbi, const struct vexfs_extent *e,
			   bool leaf, u64 *next)
{
	u64 lblk = le32_to_cpu(e->lblk);
	u64 len = leaf ? vexfs_len(e) : 1;

	if (lblk < *next || !len || !vexfs_in_region(sbi, le64_to_cpu(e->pblk), len))
		return false;
	*next = lblk + len;
	return *next <= 1ULL << 32;
}

static int vexfs_entries_check(struct super_block *sb, u64 ino, const struct vexfs_extent *e,
			       unsigned int n, bool leaf)
{
	const struct vexfs_sb_info *sbi = vexfs_sb(sb);
	unsigned int i;
	u64 next = 0;

	for (i = 0; i < n; i++)
		if (!vexfs_entry_ok(sbi, &e[i], leaf, &next))
			return vexfs_corrupt(sb, "inode %llu: bad extent at logical block %u", ino,
					     le32_to_cpu(e[i].lblk));
	return 0;
}

static int vexfs_node_check(struct super_block *sb, u64 ino, const u8 *bytes, unsigned int depth,
			    __le32 key)
{
	const struct vexfs_extent_node *node = (const void *)bytes;
	unsigned int n = le16_to_cpu(node->entries);

	if (le64_to_cpu(node->owner) != ino || le16_to_cpu(node->depth) != depth || !n ||
	    n > vexfs_sb(sb)->fanout || vexfs_entries(bytes)->lblk != key)
		return vexfs_corrupt(sb, "inode %llu: bad extent node", ino);
	return vexfs_entries_check(sb, ino, vexfs_entries(bytes), n, !depth);
}

/* How many entries have a key at or below lblk. */
unsigned int vexfs_upto(const struct vexfs_extent *e, unsigned int n, u64 lblk)
{
	unsigned int low = 0;

	while (low < n) {
		unsigned int middle = (low + n) / 2;

		if (le32_to_cpu(e[middle].lblk) <= lblk)
			low = middle + 1;
		else
			n = middle;
	}
	return low;
}

static void vexfs_map_entry(const struct vexfs_extent *e, unsigned int n, u64 lblk,
			    struct vexfs_mapping *map)
{
	unsigned int at = vexfs_upto(e, n, lblk);
	u64 offset;

	map->pblk = 0;
	map->len = 1;
	map->unwritten = false;
	if (!at--)
		return;
	offset = lblk - le32_to_cpu(e[at].lblk);
	if (offset >= vexfs_len(&e[at]))
		return;
	map->pblk = le64_to_cpu(e[at].pblk) + offset;
	map->len = vexfs_len(&e[at]) - offset;
	map->unwritten = le32_to_cpu(e[at].len) & VEXFS_EXTENT_UNWRITTEN;
}

/* Where lblk lies. The mutex or image_lock is held. */
int vexfs_extent_find(struct super_block *sb, u64 ino, const struct vexfs_inode *raw, u64 lblk,
		      struct vexfs_mapping *map)
{
	unsigned int depth = le16_to_cpu(raw->depth);
	unsigned int n = le16_to_cpu(raw->extents);
	const struct vexfs_extent *e = vexfs_inline(raw);
	struct vexfs_ref ref = { };
	int err = vexfs_entries_check(sb, ino, e, n, !depth);

	while (!err && depth--) {
		unsigned int at = vexfs_upto(e, n, lblk);
		struct vexfs_extent child = e[at ? at - 1 : 0];

		vexfs_put(&ref);
		err = vexfs_read(sb, le64_to_cpu(child.pblk), VEXFS_KIND_NODE, &ref);
		if (err)
			return err;
		err = vexfs_node_check(sb, ino, ref.data, depth, child.lblk);
		n = le16_to_cpu(((const struct vexfs_extent_node *)ref.data)->entries);
		e = vexfs_entries(ref.data);
	}
	if (!err)
		vexfs_map_entry(e, n, lblk, map);
	vexfs_put(&ref);
	return err;
}

/* Adds the child of way's level @from as the next level, pinned for the running unit. */
int vexfs_pin_child(struct super_block *sb, u64 ino, struct vexfs_way *way,
		    unsigned int from)
{
	struct vexfs_extent child = way->level[from].e[way->level[from].at];
	u64 block = le64_to_cpu(child.pblk);
	struct vexfs_image *image = vexfs_pin(sb, block, VEXFS_KIND_NODE);
	int err;

	if (IS_ERR(image))
		return PTR_ERR(image);
	err = vexfs_node_check(sb, ino, image->data, way->depth - from - 1, child.lblk);
	way->level[from + 1].e = vexfs_entries(image->data);
	way->level[from + 1].n =
		le16_to_cpu(((const struct vexfs_extent_node *)image->data)->entries);
	way->level[from + 1].block = block;
	way->level[from + 1].at = 0;
	return err;
}

int vexfs_way_begin(struct super_block *sb, u64 ino, const struct vexfs_inode *raw,
		    struct vexfs_way *way)
{
	way->depth = le16_to_cpu(raw->depth);
	way->level[0].e = vexfs_inline(raw);
	way->level[0].n = le16_to_cpu(raw->extents);
	way->level[0].block = 0;
	way->level[0].at = 0;
	return vexfs_entries_check(sb, ino, way->level[0].e, way->level[0].n, !way->depth);
}

/* Sets the number of entries of the inode (block 0) or of a node. */
void vexfs_set_count(const struct vexfs_sb_info *sbi, struct vexfs_inode *raw, u64 block,
		     unsigned int n)
{
	if (block)
		vexfs_node(sbi, block)->entries = cpu_to_le16(n);
	else
		raw->extents = cpu_to_le16(n);
}

/* The way to lblk through pinned nodes. */
void vexfs_way_again(const struct vexfs_sb_info *sbi, const struct vexfs_inode *raw,
		     u64 lblk, struct vexfs_way *way)
{
	unsigned int level;

	way->depth = le16_to_cpu(raw->depth);
	way->level[0].e = vexfs_inline(raw);
	way->level[0].n = le16_to_cpu(raw->extents);
	way->level[0].block = 0;
	for (level = 0; level < way->depth; level++) {
		unsigned int at = vexfs_upto(way->level[level].e, way->level[level].n, lblk);
		struct vexfs_extent_node *node;

		way->level[level].at = at ? at - 1 : 0;
		way->level[level + 1].block =
			le64_to_cpu(way->level[level].e[way->level[level].at].pblk);
		node = vexfs_node(sbi, way->level[level + 1].block);
		way->level[level + 1].e = vexfs_entries((u8 *)node);
		way->level[level + 1].n = le16_to_cpu(node->entries);
	}
}
