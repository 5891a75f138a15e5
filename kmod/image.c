// SPDX-License-Identifier: GPL-2.0-only
/*
 * Images: private copies of metadata blocks between their first change and the checkpoint that
 * brings them home. Readers look here first and at the device's buffers otherwise.
 *
 * Entries are added under the mutex and removed under image_lock held for writing, so that whoever
 * holds either may walk the table.
 */
#include <linux/hash.h>
#include <linux/rculist.h>
#include <linux/slab.h>

#include "vexfs.h"

/* The buffer's content passed validation since it was read. */
enum { BH_Verified = BH_PrivateStart };
BUFFER_FNS(Verified, verified)

static struct hlist_head *vexfs_bucket(const struct vexfs_sb_info *sbi, u64 block)
{
	return &sbi->images[hash_64(block, VEXFS_HASH_BITS)];
}

/* Whether its bytes mean anything: a new block's image does only once a unit was applied. */
static bool vexfs_live(const struct vexfs_image *image)
{
	return image->in_tx || !image->init;
}

static struct vexfs_image *vexfs_find_any(const struct vexfs_sb_info *sbi, u64 block)
{
	struct vexfs_image *image;

	hlist_for_each_entry_rcu(image, vexfs_bucket(sbi, block), hash, true)
		if (image->block == block)
			return image;
	return NULL;
}

struct vexfs_image *vexfs_find_image(const struct vexfs_sb_info *sbi, u64 block)
{
	struct vexfs_image *image = vexfs_find_any(sbi, block);

	return image && vexfs_live(image) && image->data ? image : NULL;
}

static int vexfs_state_check(struct super_block *sb, const u8 *bytes)
{
	const struct vexfs_sb_info *sbi = vexfs_sb(sb);
	const struct vexfs_state *state = (const void *)bytes;
	u64 cursor = le64_to_cpu(state->inode_cursor);

	if (le32_to_cpu(state->magic) != VEXFS_STATE_MAGIC)
		return vexfs_corrupt(sb, "state block: wrong magic");
	if (le32_to_cpu(state->crc) != vexfs_crc(sbi, sbi->state_block, bytes, VEXFS_BLOCK_SIZE,
						 offsetof(struct vexfs_state, crc)))
		return vexfs_corrupt(sb, "state block: wrong checksum");
	if (cursor < 2 || cursor > sbi->inodes ||
	    le64_to_cpu(state->free_blocks) > sbi->data_blocks ||
	    le64_to_cpu(state->free_inodes) > sbi->inodes - 1 ||
	    le64_to_cpu(state->ring_head) % VEXFS_EVENT_ALIGN ||
	    le64_to_cpu(state->ring_head) >= VEXFS_RING_HEAD_END)
		return vexfs_corrupt(sb, "state block: a counter is out of bounds");
	return 0;
}

static int vexfs_node_sum(struct super_block *sb, u64 block, const u8 *bytes)
{
	const struct vexfs_extent_node *node = (const void *)bytes;

	if (le32_to_cpu(node->magic) != VEXFS_NODE_MAGIC)
		return vexfs_corrupt(sb, "extent node %llu: wrong magic", block);
	if (le32_to_cpu(node->crc) != vexfs_crc(vexfs_sb(sb), block, bytes, VEXFS_BLOCK_SIZE,
						offsetof(struct vexfs_extent_node, crc)))
		return vexfs_corrupt(sb, "extent node %llu: wrong checksum", block);
	return 0;
}

static int vexfs_graph_sum(struct super_block *sb, u64 block, const u8 *bytes)
{
	const __le32 *words = (const void *)bytes;

	if (le32_to_cpu(words[1]) != vexfs_crc(vexfs_sb(sb), block, bytes, VEXFS_BLOCK_SIZE, 4))
		return vexfs_corrupt(sb, "graph block %llu: wrong checksum", block);
	return 0;
}

/* Validates what came from the device. Inodes in a table block are checked one by one. */
static int vexfs_block_check(struct super_block *sb, u64 block, enum vexfs_kind kind,
			     const u8 *bytes)
{
	switch (kind) {
	case VEXFS_KIND_STATE:
		return vexfs_state_check(sb, bytes);
	case VEXFS_KIND_DIR:
		return vexfs_dir_check(sb, block, bytes, true);
	case VEXFS_KIND_NODE:
		return vexfs_node_sum(sb, block, bytes);
	case VEXFS_KIND_GRAPH:
		return vexfs_graph_sum(sb, block, bytes);
	default:
		return 0;
	}
}

void vexfs_put(struct vexfs_ref *ref)
{
	brelse(ref->bh);
	ref->bh = NULL;
}

static int vexfs_read_home(struct super_block *sb, u64 block, enum vexfs_kind kind,
			   struct vexfs_ref *ref)
{
	int err;

	ref->bh = sb_bread(sb, block);
	if (!ref->bh) {
		vexfs_err(sb, "cannot read metadata block %llu; check the device", block);
		return -EIO;
	}
	ref->data = ref->bh->b_data;
	if (buffer_verified(ref->bh))
		return 0;
	err = vexfs_block_check(sb, block, kind, ref->data);
	if (err)
		vexfs_put(ref);
	else if (kind == VEXFS_KIND_DIR || kind == VEXFS_KIND_NODE || kind == VEXFS_KIND_GRAPH)
		set_buffer_verified(ref->bh);
	return err;
}

static int vexfs_image_is(struct super_block *sb, const struct vexfs_image *image,
			  enum vexfs_kind kind)
{
	if (image->freed)
		return vexfs_corrupt(sb, "block %llu is in use and free", image->block);
	if (image->kind == kind)
		return 0;
	if (image->kind == VEXFS_KIND_ANY)
		return vexfs_block_check(sb, image->block, kind, image->data);
	return vexfs_corrupt(sb, "block %llu belongs to two structures", image->block);
}

int vexfs_read(struct super_block *sb, u64 block, enum vexfs_kind kind, struct vexfs_ref *ref)
{
	struct vexfs_image *image = vexfs_find_any(vexfs_sb(sb), block);
	int err;

	ref->bh = NULL;
	if (!image || !vexfs_live(image))
		return vexfs_read_home(sb, block, kind, ref);
	ref->data = image->data;
	err = vexfs_image_is(sb, image, kind);
	return err || image->data ? err : vexfs_read_home(sb, block, kind, ref);
}

static void vexfs_free_image(struct vexfs_image *image)
{
	if (!image)
		return;
	free_page((unsigned long)image->before);
	free_page((unsigned long)image->data);
	kfree(image);
}

static struct vexfs_image *vexfs_new_image(void)
{
	struct vexfs_image *image = kzalloc(sizeof(*image), GFP_NOFS);

	if (!image)
		return NULL;
	INIT_LIST_HEAD(&image->link);
	image->data = (u8 *)__get_free_page(GFP_NOFS);
	if (!image->data) {
		kfree(image);
		return NULL;
	}
	return image;
}

static void vexfs_add_image(struct vexfs_sb_info *sbi, struct vexfs_image *image, u64 block)
{
	image->block = block;
	list_add_tail(&image->link, &sbi->idle);
	hlist_add_head_rcu(&image->hash, vexfs_bucket(sbi, block));
	sbi->images_count++;
	sbi->images_kept++;
}

static void vexfs_find_bad_slots(struct super_block *sb, struct vexfs_image *image)
{
	u64 first = (image->block - vexfs_sb(sb)->table_start) * VEXFS_INODES_PER_BLOCK;
	const struct vexfs_inode *slot = (const void *)image->data;
	unsigned int i;

	image->bad_slots = 0;
	for (i = 0; i < VEXFS_INODES_PER_BLOCK; i++)
		if (!slot[i].mode || vexfs_inode_check(sb, first + i, &slot[i], true))
			image->bad_slots |= 1U << i;
}

/* Gives the image the bytes that the device holds. */
static int vexfs_load_image(struct super_block *sb, struct vexfs_image *image, u64 block,
			    enum vexfs_kind kind)
{
	struct vexfs_ref ref;
	int err = vexfs_read_home(sb, block, kind, &ref);

	if (err)
		return err;
	memcpy(image->data, ref.data, VEXFS_BLOCK_SIZE);
	vexfs_put(&ref);
	image->block = block;
	image->kind = kind;
	if (kind == VEXFS_KIND_TABLE)
		vexfs_find_bad_slots(sb, image);
	return 0;
}

/* Gives an image that cache.c emptied its bytes back, from the device. */
static int vexfs_refill(struct super_block *sb, struct vexfs_image *image)
{
	int err;

	image->data = (u8 *)__get_free_page(GFP_NOFS);
	if (!image->data)
		return -ENOMEM;
	err = vexfs_load_image(sb, image, image->block, image->kind);
	if (!err) {
		vexfs_sb(sb)->images_kept++;
		return 0;
	}
	free_page((unsigned long)image->data);
	image->data = NULL;
	return err;
}

static struct vexfs_image *vexfs_clone(struct super_block *sb, u64 block, enum vexfs_kind kind)
{
	struct vexfs_image *image = vexfs_new_image();
	int err;

	if (!image)
		return ERR_PTR(-ENOMEM);
	err = vexfs_load_image(sb, image, block, kind);
	if (err) {
		vexfs_free_image(image);
		return ERR_PTR(err);
	}
	vexfs_add_image(vexfs_sb(sb), image, block);
	return image;
}

/* Lets the running unit change the image once it is applied. */
static struct vexfs_image *vexfs_enlist(struct vexfs_sb_info *sbi, struct vexfs_image *image)
{
	if (image->in_tx || image->pinned)
		return image;
	if (!image->before) {
		image->before = (u8 *)__get_free_page(GFP_NOFS);
		if (!image->before)
			return ERR_PTR(-ENOMEM);
	}
	image->pinned = true;
	list_move_tail(&image->link, &sbi->pinned);
	return image;
}

/* The image of a block that is to be changed, for the running unit. Mutex held; may read. */
struct vexfs_image *vexfs_pin(struct super_block *sb, u64 block, enum vexfs_kind kind)
{
	struct vexfs_sb_info *sbi = vexfs_sb(sb);
	struct vexfs_image *image = vexfs_find_any(sbi, block);
	int err = 0;

	if (!image) {
		image = vexfs_clone(sb, block, kind);
		if (IS_ERR(image))
			return image;
	} else if (!vexfs_live(image)) {
		err = vexfs_load_image(sb, image, block, kind);
		if (!err)
			image->init = false;
	} else {
		err = vexfs_image_is(sb, image, kind);
		if (!err && !image->data)
			err = vexfs_refill(sb, image);
	}
	return err ? ERR_PTR(err) : vexfs_enlist(sbi, image);
}

/*
 * The image of a block that the running unit allocates: zeros. Under data=journal also that of a
 * data block which is rewritten whole; then it keeps its bytes until the unit is applied.
 */
struct vexfs_image *vexfs_pin_new(struct vexfs_sb_info *sbi, u64 block, enum vexfs_kind kind)
{
	struct vexfs_image *image = vexfs_find_any(sbi, block);

	if (!image) {
		image = vexfs_new_image();
		if (!image)
			return ERR_PTR(-ENOMEM);
		image->init = true;
		vexfs_add_image(sbi, image, block);
	} else if (vexfs_live(image)) {
		if (kind != VEXFS_KIND_DATA || image->kind != VEXFS_KIND_DATA || image->freed)
			return ERR_PTR(vexfs_corrupt(sbi->sb, "block %llu is in use and free",
						     block));
		return vexfs_pin(sbi->sb, block, kind);
	}
	image->kind = kind;
	image->bad_slots = 0;
	memset(image->data, 0, VEXFS_BLOCK_SIZE);
	return vexfs_enlist(sbi, image);
}

/* While a unit is being applied: the image becomes part of the transaction. */
void vexfs_touch(struct vexfs_sb_info *sbi, struct vexfs_image *image)
{
	image->pinned = false;
	if (image->in_tx)
		return;
	if (!image->init && image->kind != VEXFS_KIND_DATA)
		memcpy(image->before, image->data, VEXFS_BLOCK_SIZE);
	image->in_tx = true;
	list_move_tail(&image->link, &sbi->fresh);
}

int vexfs_fill_spares(struct vexfs_sb_info *sbi)
{
	while (sbi->spares < VEXFS_SPARE_IMAGES) {
		struct vexfs_image *image = vexfs_new_image();

		if (!image)
			return -ENOMEM;
		sbi->spare[sbi->spares++] = image;
	}
	return 0;
}

/* A block that starts from zeros while a unit is applied or a seal runs. Cannot fail. */
struct vexfs_image *vexfs_take_spare(struct vexfs_sb_info *sbi, u64 block, enum vexfs_kind kind)
{
	struct vexfs_image *image = vexfs_find_any(sbi, block);

	if (!image) {
		image = sbi->spare[--sbi->spares];
		vexfs_add_image(sbi, image, block);
	} else if (!image->data) {
		swap(image->data, sbi->spare[--sbi->spares]->data);
		vexfs_free_image(sbi->spare[sbi->spares]);
		sbi->images_kept++;
	}
	image->init = true;
	image->kind = kind;
	memset(image->data, 0, VEXFS_BLOCK_SIZE);
	vexfs_touch(sbi, image);
	return image;
}

/* For recovery: the image that a transaction's record is applied to. */
struct vexfs_image *vexfs_replay_image(struct vexfs_sb_info *sbi, u64 block, bool init)
{
	struct vexfs_image *image = vexfs_find_any(sbi, block);

	if (!image) {
		image = vexfs_new_image();
		if (!image)
			return ERR_PTR(-ENOMEM);
		if (!init) {
			int err = vexfs_load_image(sbi->sb, image, block, VEXFS_KIND_ANY);

			if (err) {
				vexfs_free_image(image);
				return ERR_PTR(err);
			}
		}
		image->logged = true;
		vexfs_add_image(sbi, image, block);
	}
	if (init)
		memset(image->data, 0, VEXFS_BLOCK_SIZE);
	return image;
}

/* Its block was freed: the image is not logged and does not go home. */
void vexfs_image_freed(struct vexfs_sb_info *sbi, u64 block)
{
	struct vexfs_image *image = vexfs_find_any(sbi, block);

	if (image && vexfs_live(image))
		image->freed = true;
}

/* After a seal; the ring's and the state's are wanted again at once. */
void vexfs_forget_before(struct vexfs_image *image)
{
	if (image->kind == VEXFS_KIND_RING || image->kind == VEXFS_KIND_STATE)
		return;
	free_page((unsigned long)image->before);
	image->before = NULL;
}

/*
 * Takes the bytes of the images that are as their homes are. The image stays: what the log holds
 * since the tail decides when checkpoints come. image_lock held for writing.
 */
void vexfs_empty_images(struct vexfs_sb_info *sbi)
{
	struct vexfs_image *state = vexfs_find_image(sbi, sbi->state_block);
	struct vexfs_image *image;
	u64 head, ring = 0;

	/* Records go there without a unit's gathering before them. */
	if (state) {
		head = le64_to_cpu(((struct vexfs_state *)state->data)->ring_head);
		ring = vexfs_ring_block(sbi, head);
	}
	list_for_each_entry(image, &sbi->idle, link) {
		if (!image->data || image->init || image == state || image->block == ring)
			continue;
		free_page((unsigned long)image->before);
		free_page((unsigned long)image->data);
		image->before = NULL;
		image->data = NULL;
		sbi->images_kept--;
	}
}

/* All that the images hold is home. image_lock held for writing, or nobody else is there. */
void vexfs_drop_images(struct vexfs_sb_info *sbi)
{
	struct vexfs_image *image;
	struct hlist_node *next;
	unsigned int i;

	for (i = 0; i < 1U << VEXFS_HASH_BITS && sbi->images_count; i++) {
		hlist_for_each_entry_safe(image, next, &sbi->images[i], hash) {
			hlist_del(&image->hash);
			list_del(&image->link);
			sbi->images_kept -= !!image->data;
			sbi->images_count--;
			vexfs_free_image(image);
		}
	}
}

void vexfs_free_spares(struct vexfs_sb_info *sbi)
{
	while (sbi->spares)
		vexfs_free_image(sbi->spare[--sbi->spares]);
}

/* Submits one image to its home; the caller waits for *bh. */
struct buffer_head *vexfs_submit_home(struct super_block *sb, const struct vexfs_image *image)
{
	struct buffer_head *bh = sb_getblk(sb, image->block);

	if (!bh)
		return NULL;
	lock_buffer(bh);
	memcpy(bh->b_data, image->data, VEXFS_BLOCK_SIZE);
	clear_buffer_verified(bh);
	clear_buffer_write_io_error(bh);
	set_buffer_uptodate(bh);
	unlock_buffer(bh);
	mark_buffer_dirty(bh);
	write_dirty_buffer(bh, REQ_SYNC);
	return bh;
}
