// SPDX-License-Identifier: GPL-2.0-only
/* Directory blocks (docs/format.md, "Directories"): searching, changing and listing them. */
#include <linux/slab.h>

#include "vexfs.h"

#define VEXFS_FIRST_RECORD	sizeof(struct vexfs_dir_header)

static struct vexfs_dir_record *vexfs_record(const u8 *bytes, unsigned int offset)
{
	return (struct vexfs_dir_record *)(bytes + offset);
}

static const char *vexfs_record_name(const struct vexfs_dir_record *record)
{
	return (const char *)(record + 1);
}

static bool vexfs_record_ok(const struct vexfs_sb_info *sbi, const u8 *bytes, unsigned int offset)
{
	const struct vexfs_dir_record *record = vexfs_record(bytes, offset);
	unsigned int length = le16_to_cpu(record->length);
	u32 ino = le32_to_cpu(record->ino);

	if (length < sizeof(*record) || length % 8 || offset + length > VEXFS_BLOCK_SIZE)
		return false;
	if (!ino)
		return offset == VEXFS_FIRST_RECORD;
	return record->name_length && VEXFS_DIR_NEED(record->name_length) <= length &&
	       ino != VEXFS_ROOT_INO && ino <= sbi->inodes &&
	       !memchr(vexfs_record_name(record), '/', record->name_length) &&
	       !memchr(vexfs_record_name(record), 0, record->name_length);
}

int vexfs_dir_check(struct super_block *sb, u64 block, const u8 *bytes, bool check_crc)
{
	const struct vexfs_sb_info *sbi = vexfs_sb(sb);
	const struct vexfs_dir_header *header = (const void *)bytes;
	unsigned int offset = VEXFS_FIRST_RECORD;

	if (le32_to_cpu(header->magic) != VEXFS_DIR_MAGIC)
		return vexfs_corrupt(sb, "directory block %llu: wrong magic", block);
	if (check_crc &&
	    le32_to_cpu(header->crc) != vexfs_crc(sbi, block, bytes, VEXFS_BLOCK_SIZE,
						  offsetof(struct vexfs_dir_header, crc)))
		return vexfs_corrupt(sb, "directory block %llu: wrong checksum", block);
	while (offset < VEXFS_BLOCK_SIZE) {
		if (!vexfs_record_ok(sbi, bytes, offset))
			return vexfs_corrupt(sb, "directory block %llu: bad record at byte %u",
					     block, offset);
		offset += le16_to_cpu(vexfs_record(bytes, offset)->length);
	}
	return 0;
}

int vexfs_walk_begin(struct vexfs_walk *walk, struct inode *dir, u64 from)
{
	int err;

	memset(walk, 0, sizeof(*walk));
	walk->dir = dir;
	walk->lblk = from;
	err = vexfs_inode_read(dir->i_sb, dir->i_ino, &walk->raw_ref, &walk->raw);
	if (!err)
		walk->blocks = le64_to_cpu(walk->raw->size) / VEXFS_BLOCK_SIZE;
	return err;
}

void vexfs_walk_end(struct vexfs_walk *walk)
{
	vexfs_put(&walk->ref);
	vexfs_put(&walk->raw_ref);
}

/* Reads the next block; 1 if there was one, 0 at the end. */
int vexfs_walk_next(struct vexfs_walk *walk)
{
	struct super_block *sb = walk->dir->i_sb;
	struct vexfs_mapping map;
	int err;

	vexfs_put(&walk->ref);
	if (walk->lblk >= walk->blocks)
		return 0;
	if (walk->left) {
		walk->block++;
		walk->left--;
	} else {
		err = vexfs_extent_find(sb, walk->dir->i_ino, walk->raw, walk->lblk, &map);
		if (err)
			return err;
		if (!map.pblk || map.unwritten)
			return vexfs_corrupt(sb, "directory %lu: block %llu is not mapped",
					     walk->dir->i_ino, walk->lblk);
		walk->block = map.pblk;
		walk->left = map.len - 1;
	}
	err = vexfs_read(sb, walk->block, VEXFS_KIND_DIR, &walk->ref);
	if (err)
		return err;
	walk->lblk++;
	return 1;
}

/* The byte where the name's record is, 0 if the block has none; *previous: the one before it. */
static unsigned int vexfs_find_in_block(const u8 *bytes, const struct qstr *name,
					unsigned int *previous)
{
	unsigned int offset = VEXFS_FIRST_RECORD;

	*previous = 0;
	while (offset < VEXFS_BLOCK_SIZE) {
		const struct vexfs_dir_record *record = vexfs_record(bytes, offset);

		if (record->ino && record->name_length == name->len &&
		    !memcmp(vexfs_record_name(record), name->name, name->len))
			return offset;
		*previous = offset;
		offset += le16_to_cpu(record->length);
	}
	return 0;
}

static int vexfs_find_by_walk(struct inode *dir, const struct qstr *name,
			      struct vexfs_place *place)
{
	unsigned int previous;
	struct vexfs_walk walk;
	int err = vexfs_walk_begin(&walk, dir, 0);

	while (!err) {
		err = vexfs_walk_next(&walk);
		if (err <= 0) {
			err = err ? err : -ENOENT;
			break;
		}
		err = 0;
		place->offset = vexfs_find_in_block(walk.ref.data, name, &previous);
		if (!place->offset)
			continue;
		place->ino = le32_to_cpu(vexfs_record(walk.ref.data, place->offset)->ino);
		place->lblk = walk.lblk - 1;
		place->block = walk.block;
		break;
	}
	vexfs_walk_end(&walk);
	return err;
}

/* -ENOENT if the directory has no such name. The mutex or image_lock is held. */
int vexfs_dir_find(struct inode *dir, const struct qstr *name, struct vexfs_place *place)
{
	int err = vexfs_index_find(dir, name, place);

	return err == -EAGAIN ? vexfs_find_by_walk(dir, name, place) : err;
}

/* Finds the name for a unit that changes its record. */
int vexfs_dir_pin(struct inode *dir, const struct qstr *name, struct vexfs_place *place)
{
	int err = vexfs_dir_find(dir, name, place);

	if (err)
		return err;
	return PTR_ERR_OR_ZERO(vexfs_pin(dir->i_sb, place->block, VEXFS_KIND_DIR));
}

/* -ENOTEMPTY if any name is in it. */
int vexfs_dir_empty(struct inode *dir)
{
	struct vexfs_walk walk;
	int err = vexfs_walk_begin(&walk, dir, 0);

	while (!err) {
		unsigned int offset = VEXFS_FIRST_RECORD;

		err = vexfs_walk_next(&walk);
		if (err <= 0)
			break;
		err = 0;
		/* Only the first record may be unused: it fills the block or one follows. */
		if (vexfs_record(walk.ref.data, offset)->ino ||
		    le16_to_cpu(vexfs_record(walk.ref.data, offset)->length) + offset <
			    VEXFS_BLOCK_SIZE)
			err = -ENOTEMPTY;
	}
	vexfs_walk_end(&walk);
	return err;
}

static bool vexfs_room_in_block(const u8 *bytes, unsigned int need, unsigned int *place)
{
	unsigned int offset = VEXFS_FIRST_RECORD;

	while (offset < VEXFS_BLOCK_SIZE) {
		const struct vexfs_dir_record *record = vexfs_record(bytes, offset);
		unsigned int length = le16_to_cpu(record->length);
		unsigned int used = record->ino ? VEXFS_DIR_NEED(record->name_length) : 0;

		if (length >= used + need) {
			*place = offset;
			return true;
		}
		offset += length;
	}
	return false;
}

/*
 * The first place with room, place->block 0 if there is none. room[n] is a block below which no
 * record has room for n * 8 bytes; so none there has room for more.
 */
static int vexfs_dir_room(struct inode *dir, unsigned int need, struct vexfs_place *place)
{
	u32 *room = vexfs_i(dir)->room;
	struct vexfs_walk walk;
	unsigned int i;
	u32 from = 0;
	int err;

	for (i = 0; i <= need / 8; i++)
		from = max(from, room[i]);
	place->block = 0;
	err = vexfs_walk_begin(&walk, dir, from);
	while (!err) {
		place->lblk = walk.lblk;
		err = vexfs_walk_next(&walk);
		if (err <= 0)
			break;
		err = 0;
		if (vexfs_room_in_block(walk.ref.data, need, &place->offset)) {
			place->block = walk.block;
			break;
		}
	}
	vexfs_walk_end(&walk);
	if (!err)
		room[need / 8] = place->lblk;
	return err;
}

/* Plans where a new name goes; takes a block (and blocks for nodes) if the directory must grow. */
int vexfs_entry_gather(struct inode *dir, const struct vexfs_inode *raw, const struct qstr *name,
		       struct vexfs_entry *entry)
{
	struct super_block *sb = dir->i_sb;
	struct vexfs_place *place = &entry->place;
	struct vexfs_mapping before = { };
	int err = vexfs_dir_room(dir, VEXFS_DIR_NEED(name->len), place);

	if (err)
		return err;
	vexfs_index_reserve(dir);
	if (place->block)
		return PTR_ERR_OR_ZERO(vexfs_pin(sb, place->block, VEXFS_KIND_DIR));
	if (place->lblk >= VEXFS_FILE_SIZE_MAX / VEXFS_BLOCK_SIZE)
		return -EFBIG;
	if (place->lblk)
		err = vexfs_extent_find(sb, dir->i_ino, raw, place->lblk - 1, &before);
	if (!err)
		err = vexfs_alloc_data(sb, before.pblk, &entry->ins.pblk);
	if (err)
		return err;
	entry->ins.lblk = place->lblk;
	err = vexfs_extent_gather(sb, dir->i_ino, raw, &entry->ins);
	if (err)
		return err;
	return PTR_ERR_OR_ZERO(vexfs_pin_new(vexfs_sb(sb), entry->ins.pblk, VEXFS_KIND_DIR));
}

static void vexfs_dir_format(u8 *bytes)
{
	struct vexfs_dir_header *header = (void *)bytes;

	header->magic = cpu_to_le32(VEXFS_DIR_MAGIC);
	vexfs_record(bytes, VEXFS_FIRST_RECORD)->length =
		cpu_to_le16(VEXFS_BLOCK_SIZE - VEXFS_FIRST_RECORD);
}

/* Returns the byte at which the new record is. */
static unsigned int vexfs_put_record(u8 *bytes, unsigned int offset, const struct qstr *name,
				     u64 ino, umode_t mode)
{
	struct vexfs_dir_record *record = vexfs_record(bytes, offset);

	if (record->ino) {
		unsigned int used = VEXFS_DIR_NEED(record->name_length);
		unsigned int length = le16_to_cpu(record->length);

		record->length = cpu_to_le16(used);
		offset += used;
		record = vexfs_record(bytes, offset);
		record->length = cpu_to_le16(length - used);
	}
	record->ino = cpu_to_le32(ino);
	record->name_length = name->len;
	record->type = (mode & S_IFMT) >> 12;
	memcpy(record + 1, name->name, name->len);
	return offset;
}

/* Puts the name where it was planned. image_lock held for writing. */
void vexfs_entry_insert(struct inode *dir, struct vexfs_inode *raw,
			const struct vexfs_entry *entry, const struct qstr *name, u64 ino,
			umode_t mode)
{
	struct vexfs_sb_info *sbi = vexfs_sb(dir->i_sb);
	u64 block = entry->place.block;
	unsigned int offset = entry->place.offset;
	u8 *bytes;

	if (!block) {
		block = entry->ins.pblk;
		offset = VEXFS_FIRST_RECORD;
		vexfs_extent_apply(sbi, dir->i_ino, raw, &entry->ins);
		le64_add_cpu(&raw->size, VEXFS_BLOCK_SIZE);
		vexfs_dir_format(vexfs_find_image(sbi, block)->data);
	}
	bytes = vexfs_find_image(sbi, block)->data;
	offset = vexfs_put_record(bytes, offset, name, ino, mode);
	vexfs_index_add(dir, name, entry->place.lblk * VEXFS_BLOCK_SIZE + offset);
}

/* Removes the name from the block where it was found; an insertion may have come before. */
void vexfs_entry_delete(struct inode *dir, const struct vexfs_place *place,
			const struct qstr *name)
{
	u8 *bytes = vexfs_find_image(vexfs_sb(dir->i_sb), place->block)->data;
	struct vexfs_dir_record *record;
	unsigned int i, length, previous;
	unsigned int offset = vexfs_find_in_block(bytes, name, &previous);

	if (!offset)
		return;
	vexfs_index_remove(dir, name, place->lblk * VEXFS_BLOCK_SIZE + offset);
	record = vexfs_record(bytes, offset);
	length = le16_to_cpu(record->length);
	if (previous) {
		le16_add_cpu(&vexfs_record(bytes, previous)->length, length);
		memset(record, 0, length);
	} else {
		memset(record, 0, length);
		record->length = cpu_to_le16(length);
	}
	for (i = 0; i < VEXFS_NEEDS; i++)
		vexfs_i(dir)->room[i] = min_t(u64, vexfs_i(dir)->room[i], place->lblk);
}

/* Lets the record name another inode. */
void vexfs_dir_replace(struct vexfs_sb_info *sbi, const struct vexfs_place *place, u64 ino,
		       umode_t mode)
{
	u8 *bytes = vexfs_find_image(sbi, place->block)->data;
	struct vexfs_dir_record *record = vexfs_record(bytes, place->offset);

	record->ino = cpu_to_le32(ino);
	record->type = (mode & S_IFMT) >> 12;
}

/* Nobody checks a record's type against its inode, but a caller shall see one that exists. */
static unsigned char vexfs_dirent_type(u8 type)
{
	switch (type) {
	case DT_FIFO:
	case DT_CHR:
	case DT_DIR:
	case DT_BLK:
	case DT_REG:
	case DT_LNK:
	case DT_SOCK:
		return type;
	default:
		return DT_UNKNOWN;
	}
}

/* Emits the used records of a block at or after byte @offset; false when the caller is full. */
static bool vexfs_emit_block(struct dir_context *ctx, const u8 *bytes, u64 start,
			     unsigned int from)
{
	unsigned int offset = VEXFS_FIRST_RECORD;

	while (offset < VEXFS_BLOCK_SIZE) {
		const struct vexfs_dir_record *record = vexfs_record(bytes, offset);
		unsigned int length = le16_to_cpu(record->length);

		if (record->ino && offset >= from) {
			if (!dir_emit(ctx, vexfs_record_name(record), record->name_length,
				      le32_to_cpu(record->ino),
				      vexfs_dirent_type(record->type)))
				return false;
			/* Only here: the position after an entry is that of its end. */
			ctx->pos = 2 + start + offset + length;
		}
		offset += length;
	}
	return true;
}

/* Copies a block out, so that no lock is held while names go to the caller. */
static int vexfs_copy_block(struct inode *dir, u64 lblk, u8 *bytes)
{
	struct vexfs_sb_info *sbi = vexfs_sb(dir->i_sb);
	struct vexfs_walk walk;
	int err;

	down_read(&sbi->image_lock);
	err = vexfs_walk_begin(&walk, dir, lblk);
	if (!err)
		err = vexfs_walk_next(&walk);
	if (err > 0)
		memcpy(bytes, walk.ref.data, VEXFS_BLOCK_SIZE);
	vexfs_walk_end(&walk);
	up_read(&sbi->image_lock);
	return err;
}

static int vexfs_emit_records(struct inode *dir, struct dir_context *ctx)
{
	u64 offset = ctx->pos - 2;
	u64 lblk = offset / VEXFS_BLOCK_SIZE;
	unsigned int from = offset % VEXFS_BLOCK_SIZE;
	u8 *bytes = (u8 *)__get_free_page(GFP_KERNEL);
	int err;

	if (!bytes)
		return -ENOMEM;
	for (;; lblk++, from = 0) {
		err = vexfs_copy_block(dir, lblk, bytes);
		if (err <= 0 || !vexfs_emit_block(ctx, bytes, lblk * VEXFS_BLOCK_SIZE, from))
			break;
	}
	free_page((unsigned long)bytes);
	return min(err, 0);
}

static int vexfs_readdir(struct file *file, struct dir_context *ctx)
{
	struct inode *dir = file_inode(file);

	if (vexfs_dead(dir))
		return -ESTALE;
	if (ctx->pos == 0) {
		if (!dir_emit(ctx, ".", 1, dir->i_ino, DT_DIR))
			return 0;
		ctx->pos = 1;
	}
	if (ctx->pos == 1) {
		if (!dir_emit(ctx, "..", 2, vexfs_i(dir)->home, DT_DIR))
			return 0;
		ctx->pos = 2;
	}
	return vexfs_emit_records(dir, ctx);
}

const struct file_operations vexfs_dir_fops = {
	.llseek = generic_file_llseek,
	.read = generic_read_dir,
	.iterate_shared = vexfs_readdir,
	.fsync = vexfs_fsync,
};
