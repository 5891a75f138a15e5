// SPDX-License-Identifier: GPL-2.0-only
/* Mapping a block that was not mapped (docs/format.md, "Inserting"). */
#include "extent.h"

/* Position for an entry with this key: after all with a smaller one. */
static unsigned int vexfs_position(const struct vexfs_extent *e, unsigned int n, u64 lblk)
{
	return lblk ? vexfs_upto(e, n, lblk - 1) : 0;
}

static bool vexfs_joins_left(const struct vexfs_extent *e, u64 lblk, u64 pblk)
{
	u32 len = le32_to_cpu(e->len);

	return len < VEXFS_EXTENT_LEN_MAX && le32_to_cpu(e->lblk) + (u64)len == lblk &&
	       le64_to_cpu(e->pblk) + len == pblk;
}

static bool vexfs_joins_right(const struct vexfs_extent *e, u64 lblk, u64 pblk)
{
	u32 len = le32_to_cpu(e->len);

	return len < VEXFS_EXTENT_LEN_MAX && le32_to_cpu(e->lblk) == lblk + 1 &&
	       le64_to_cpu(e->pblk) == pblk + 1;
}

/* Blocks for nodes that an entry more in the leaf of @way asks for; -EFBIG if it is too deep. */
static int vexfs_nodes_needed(const struct vexfs_sb_info *sbi, const struct vexfs_way *way)
{
	unsigned int level = way->depth;
	int nodes = 0;

	while (level && way->level[level].n >= sbi->fanout) {
		nodes++;
		level--;
	}
	if (level || way->level[0].n < sbi->inline_max)
		return nodes;
	if (way->depth == VEXFS_EXTENT_DEPTH_MAX)
		return -EFBIG;
	/* The inode's entries move to a node, which is split at once if they fill it. */
	return nodes + (way->level[0].n < sbi->fanout ? 1 : 2);
}

static bool vexfs_joins(const struct vexfs_way *way, const struct vexfs_insertion *ins)
{
	const struct vexfs_extent *e = way->level[way->depth].e;
	unsigned int n = way->level[way->depth].n;
	unsigned int at = vexfs_position(e, n, ins->lblk);

	return (at && vexfs_joins_left(&e[at - 1], ins->lblk, ins->pblk)) ||
	       (at < n && vexfs_joins_right(&e[at], ins->lblk, ins->pblk));
}

static int vexfs_take_nodes(struct super_block *sb, struct vexfs_insertion *ins, int nodes)
{
	struct vexfs_image *image;
	int err;

	/* All or none: relief must not be asked for what would not fit after it either. */
	if (!vexfs_has_blocks(vexfs_sb(sb), nodes))
		return -ENOSPC;
	while (ins->nodes < nodes) {
		err = vexfs_alloc_lowest(sb, &ins->node[ins->nodes]);
		if (err)
			return err;
		image = vexfs_pin_new(vexfs_sb(sb), ins->node[ins->nodes], VEXFS_KIND_NODE);
		if (IS_ERR(image))
			return PTR_ERR(image);
		ins->nodes++;
	}
	return 0;
}

/* Pins all that mapping ins->lblk to ins->pblk changes and takes blocks for new nodes. */
int vexfs_extent_gather(struct super_block *sb, u64 ino, const struct vexfs_inode *raw,
			struct vexfs_insertion *ins)
{
	struct vexfs_way way;
	unsigned int level;
	int err = vexfs_way_begin(sb, ino, raw, &way);

	ins->nodes = 0;
	for (level = 0; !err && level < way.depth; level++) {
		unsigned int at = vexfs_upto(way.level[level].e, way.level[level].n, ins->lblk);

		way.level[level].at = at ? at - 1 : 0;
		err = vexfs_pin_child(sb, ino, &way, level);
	}
	if (err || vexfs_joins(&way, ins))
		return err;
	err = vexfs_nodes_needed(vexfs_sb(sb), &way);
	return err <= 0 ? err : vexfs_take_nodes(sb, ins, err);
}

static void vexfs_put_entry(const struct vexfs_sb_info *sbi, struct vexfs_inode *raw,
			    struct vexfs_way *way, unsigned int level, unsigned int at,
			    const struct vexfs_extent *entry)
{
	struct vexfs_extent *e = way->level[level].e;
	unsigned int n = way->level[level].n;

	memmove(&e[at + 1], &e[at], (n - at) * sizeof(*e));
	e[at] = *entry;
	vexfs_set_count(sbi, raw, way->level[level].block, n + 1);
}

static void vexfs_format_node(const struct vexfs_sb_info *sbi, u64 block, u64 ino,
			      unsigned int depth)
{
	struct vexfs_extent_node *node = vexfs_node(sbi, block);

	node->magic = cpu_to_le32(VEXFS_NODE_MAGIC);
	node->owner = cpu_to_le64(ino);
	node->depth = cpu_to_le16(depth);
}

/* The inode is full: its entries move to node @block, which becomes level 1 of the way. */
static void vexfs_grow(const struct vexfs_sb_info *sbi, u64 ino, struct vexfs_inode *raw,
		       struct vexfs_way *way, u64 block)
{
	unsigned int n = way->level[0].n;
	struct vexfs_extent *inner = vexfs_inline(raw);
	struct vexfs_extent *e = vexfs_entries((u8 *)vexfs_node(sbi, block));

	vexfs_format_node(sbi, block, ino, le16_to_cpu(raw->depth));
	memcpy(e, inner, n * sizeof(*e));
	vexfs_set_count(sbi, raw, block, n);
	memset(inner, 0, VEXFS_INLINE_BYTES);
	inner[0].lblk = e[0].lblk;
	inner[0].pblk = cpu_to_le64(block);
	raw->extents = cpu_to_le16(1);
	le16_add_cpu(&raw->depth, 1);
	way->level[1].e = e;
	way->level[1].n = n;
	way->level[1].block = block;
	way->level[0].n = 1;
	way->level[0].at = 0;
}

static bool vexfs_on_right_edge(const struct vexfs_way *way, unsigned int level)
{
	while (level--)
		if (way->level[level].at != way->level[level].n - 1)
			return false;
	return true;
}

/*
 * The node at @level is full: node @block takes its upper half, or only @entry at the right edge of
 * the tree. @entry becomes the index entry of the new node.
 */
static void vexfs_split(const struct vexfs_sb_info *sbi, u64 ino, struct vexfs_inode *raw,
			struct vexfs_way *way, unsigned int level, unsigned int at, u64 block,
			struct vexfs_extent *entry)
{
	struct vexfs_extent *left = way->level[level].e;
	struct vexfs_extent *right = vexfs_entries((u8 *)vexfs_node(sbi, block));
	unsigned int n = way->level[level].n, m = n / 2;

	vexfs_format_node(sbi, block, ino,
			  le16_to_cpu(vexfs_node(sbi, way->level[level].block)->depth));
	if (at == n && vexfs_on_right_edge(way, level)) {
		right[0] = *entry;
		vexfs_set_count(sbi, raw, block, 1);
	} else {
		memcpy(right, &left[m], (n - m) * sizeof(*left));
		memset(&left[m], 0, (n - m) * sizeof(*left));
		vexfs_set_count(sbi, raw, block, n - m);
		vexfs_set_count(sbi, raw, way->level[level].block, m);
		if (at <= m) {
			way->level[level].n = m;
			vexfs_put_entry(sbi, raw, way, level, at, entry);
		} else {
			memmove(&right[at - m + 1], &right[at - m], (n - at) * sizeof(*left));
			right[at - m] = *entry;
			vexfs_set_count(sbi, raw, block, n - m + 1);
		}
	}
	entry->lblk = right[0].lblk;
	entry->len = 0;
	entry->pblk = cpu_to_le64(block);
}

/* The first key of the tree fell to @key: the keys above the leftmost leaf follow. */
static void vexfs_fix_keys(const struct vexfs_sb_info *sbi, struct vexfs_inode *raw, u64 key)
{
	unsigned int depth = le16_to_cpu(raw->depth);
	struct vexfs_extent *e = vexfs_inline(raw);

	if (!raw->extents || le32_to_cpu(e[0].lblk) <= key)
		return;
	while (depth--) {
		e[0].lblk = cpu_to_le32(key);
		e = vexfs_entries((u8 *)vexfs_node(sbi, le64_to_cpu(e[0].pblk)));
	}
}

/* Lets a neighbour in the leaf take the new block; false if none can. */
static bool vexfs_join(const struct vexfs_sb_info *sbi, struct vexfs_inode *raw,
		       struct vexfs_way *way, unsigned int at, const struct vexfs_insertion *ins)
{
	struct vexfs_extent *e = way->level[way->depth].e;
	unsigned int n = way->level[way->depth].n;
	bool left = at && vexfs_joins_left(&e[at - 1], ins->lblk, ins->pblk);
	bool right = at < n && vexfs_joins_right(&e[at], ins->lblk, ins->pblk);

	if (left && right &&
	    (u64)le32_to_cpu(e[at - 1].len) + 1 + le32_to_cpu(e[at].len) <= VEXFS_EXTENT_LEN_MAX) {
		le32_add_cpu(&e[at - 1].len, 1 + le32_to_cpu(e[at].len));
		memmove(&e[at], &e[at + 1], (n - at - 1) * sizeof(*e));
		memset(&e[n - 1], 0, sizeof(*e));
		vexfs_set_count(sbi, raw, way->level[way->depth].block, n - 1);
	} else if (left) {
		le32_add_cpu(&e[at - 1].len, 1);
	} else if (right) {
		le32_add_cpu(&e[at].lblk, -1);
		le32_add_cpu(&e[at].len, 1);
		le64_add_cpu(&e[at].pblk, -1);
	}
	return left || right;
}

/* Maps ins->lblk as gathered. image_lock held for writing. */
void vexfs_extent_apply(struct vexfs_sb_info *sbi, u64 ino, struct vexfs_inode *raw,
			const struct vexfs_insertion *ins)
{
	struct vexfs_extent entry = { .lblk = cpu_to_le32(ins->lblk), .len = cpu_to_le32(1),
				      .pblk = cpu_to_le64(ins->pblk) };
	unsigned int level, at, used = 0;
	struct vexfs_way way;

	le64_add_cpu(&raw->blocks, 1 + ins->nodes);
	vexfs_way_again(sbi, raw, ins->lblk, &way);
	level = way.depth;
	at = vexfs_position(way.level[level].e, way.level[level].n, ins->lblk);
	if (vexfs_join(sbi, raw, &way, at, ins))
		goto out;
	for (;;) {
		if (way.level[level].n < (level ? sbi->fanout : sbi->inline_max)) {
			vexfs_put_entry(sbi, raw, &way, level, at, &entry);
			break;
		}
		if (!level) {
			vexfs_grow(sbi, ino, raw, &way, ins->node[used++]);
			level = 1;
			continue;
		}
		vexfs_split(sbi, ino, raw, &way, level, at, ins->node[used++], &entry);
		level--;
		at = way.level[level].at + 1;
	}
out:
	vexfs_fix_keys(sbi, raw, ins->lblk);
}
