// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mapping from logical blocks to blocks (docs/format.md, "Extents"). Entries of extents and of
 * index nodes have the same size and key, so both are handled as struct vexfs_extent; the pblk of
 * an index entry is its child.
 */
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

static struct vexfs_extent *vexfs_inline(const struct vexfs_inode *raw)
{
	return (struct vexfs_extent *)raw->inline_area;
}

static struct vexfs_extent *vexfs_entries(const u8 *node)
{
	return (struct vexfs_extent *)(node + sizeof(struct vexfs_extent_node));
}

static u32 vexfs_len(const struct vexfs_extent *e)
{
	return le32_to_cpu(e->len) & ~VEXFS_EXTENT_UNWRITTEN;
}

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
static unsigned int vexfs_upto(const struct vexfs_extent *e, unsigned int n, u64 lblk)
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
static int vexfs_pin_child(struct super_block *sb, u64 ino, struct vexfs_way *way,
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

static int vexfs_way_begin(struct super_block *sb, u64 ino, const struct vexfs_inode *raw,
			   struct vexfs_way *way)
{
	way->depth = le16_to_cpu(raw->depth);
	way->level[0].e = vexfs_inline(raw);
	way->level[0].n = le16_to_cpu(raw->extents);
	way->level[0].block = 0;
	way->level[0].at = 0;
	return vexfs_entries_check(sb, ino, way->level[0].e, way->level[0].n, !way->depth);
}

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

static struct vexfs_extent_node *vexfs_node(const struct vexfs_sb_info *sbi, u64 block)
{
	return (struct vexfs_extent_node *)vexfs_find_image(sbi, block)->data;
}

/* Sets the number of entries of the inode (block 0) or of a node. */
static void vexfs_set_count(const struct vexfs_sb_info *sbi, struct vexfs_inode *raw, u64 block,
			    unsigned int n)
{
	if (block)
		vexfs_node(sbi, block)->entries = cpu_to_le16(n);
	else
		raw->extents = cpu_to_le16(n);
}

/* The way to lblk through pinned nodes. */
static void vexfs_way_again(const struct vexfs_sb_info *sbi, const struct vexfs_inode *raw,
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

/* Extends the way along the last entries down to a leaf. */
static int vexfs_way_right(struct super_block *sb, u64 ino, struct vexfs_way *way,
			   unsigned int *level)
{
	int err = 0;

	while (!err && *level < way->depth) {
		way->level[*level].at = way->level[*level].n - 1;
		err = vexfs_pin_child(sb, ino, way, *level);
		++*level;
	}
	return err;
}

/* The leaf's last entry is used up: goes up past the nodes that have none left, freeing them. */
static int vexfs_way_pop(struct super_block *sb, struct vexfs_way *way, unsigned int *level)
{
	way->level[*level].n--;
	while (*level && !way->level[*level].n) {
		int err = vexfs_free_gather(sb, way->level[*level].block, 1);

		if (err)
			return err;
		way->level[--*level].n--;
	}
	return 0;
}

/*
 * Gathers one piece of a removal from the end down to logical block @first. *whole says whether
 * nothing at or above it is left afterwards.
 */
int vexfs_cut_gather(struct super_block *sb, u64 ino, const struct vexfs_inode *raw, u64 first,
		     bool *whole)
{
	struct vexfs_sb_info *sbi = vexfs_sb(sb);
	struct vexfs_unit *unit = &sbi->unit;
	u64 freed = 0, taken = 0;	/* taken: from the last extent */
	unsigned int level = 0;
	struct vexfs_way way;
	int err = vexfs_way_begin(sb, ino, raw, &way);

	*whole = true;
	while (!err && way.level[0].n) {
		const struct vexfs_extent *last;
		u64 len, take;

		err = vexfs_way_right(sb, ino, &way, &level);
		if (err)
			break;
		last = &way.level[level].e[way.level[level].n - 1];
		len = vexfs_len(last) - taken;
		if (le32_to_cpu(last->lblk) + len <= first)
			break;
		if (unit->cut_steps == sbi->unit_extents || freed >= sbi->unit_blocks) {
			*whole = false;
			break;
		}
		take = le32_to_cpu(last->lblk) + len - max_t(u64, first, le32_to_cpu(last->lblk));
		take = min(take, sbi->unit_blocks - freed);
		err = vexfs_free_gather(sb, le64_to_cpu(last->pblk) + len - take, take);
		freed += take;
		unit->cut_steps++;
		taken = take < len ? taken + take : 0;
		if (!err && take == len)
			err = vexfs_way_pop(sb, &way, &level);
	}
	return err;
}

/* Takes the last @take blocks off the tree; what becomes empty goes. */
static void vexfs_cut_last(struct vexfs_sb_info *sbi, struct vexfs_inode *raw,
			   struct vexfs_way *way, struct vexfs_extent *last, u64 take)
{
	unsigned int level = way->depth;

	le64_add_cpu(&raw->blocks, -take);
	if (take < vexfs_len(last)) {
		le32_add_cpu(&last->len, -(u32)take);
		return;
	}
	memset(last, 0, sizeof(*last));
	while (level && way->level[level].n == 1) {
		le64_add_cpu(&raw->blocks, -1);
		level--;
		memset(&way->level[level].e[way->level[level].n - 1], 0, sizeof(*last));
	}
	vexfs_set_count(sbi, raw, way->level[level].block, way->level[level].n - 1);
	if (!raw->extents)
		raw->depth = 0;
}

/* Removes the gathered piece and frees its blocks. @metadata: they are no file's data. */
void vexfs_cut_apply(struct vexfs_sb_info *sbi, struct vexfs_inode *raw, u64 first,
		     bool metadata)
{
	struct vexfs_way way;
	unsigned int step;
	u64 freed = 0;

	for (step = 0; step < sbi->unit.cut_steps; step++) {
		struct vexfs_extent *last;
		u64 end, take;

		vexfs_way_again(sbi, raw, U32_MAX, &way);
		last = &way.level[way.depth].e[way.level[way.depth].n - 1];
		end = le32_to_cpu(last->lblk) + (u64)vexfs_len(last);
		take = end - max_t(u64, first, le32_to_cpu(last->lblk));
		take = min(take, sbi->unit_blocks - freed);
		vexfs_cut_last(sbi, raw, &way, last, take);
		freed += take;
	}
	vexfs_free_apply(sbi, metadata);
}
