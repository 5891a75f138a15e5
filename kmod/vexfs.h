/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * VexFS in the kernel: what its files share.
 *
 * Locks, outermost first:
 *   inode->i_rwsem	the VFS's.
 *   invalidate_lock	of a mapping: exclusive while its file is cut, shared (by the VFS) while
 *			pages are read in.
 *   sbi->mutex		one mutation, seal, checkpoint or sync point at a time. Whoever holds it is
 *			the only one who may change metadata; it may wait for page locks.
 *   page locks
 *   sbi->image_lock	written to while metadata bytes change (short: no I/O, no page locks, no
 *			memory that must be waited for);
 *			read-held by those who look at metadata without the mutex.
 *   sbi->index_lock	a spinlock: the list of name tables.
 * The shrinker only tries the mutex and image_lock.
 * Committed metadata is on the device or in images (image.c); the device's own buffers are only
 * ever written with committed bytes, so that nothing uncommitted can reach its home.
 */
#ifndef VEXFS_H
#define VEXFS_H

#include <linux/buffer_head.h>
#include <linux/fs.h>
#include <linux/fs_parser.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/rwsem.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "compat.h"
#include "planted.h"
#include "reference/contract/base.h"
#include "reference/contract/directory.h"
#include "reference/contract/event.h"
#include "reference/contract/inode.h"
#include "reference/contract/limits.h"
#include "reference/contract/log.h"
#include "reference/contract/superblock.h"

#define VEXFS_FS_MAGIC		0x56455846	/* statfs f_type: "VEXF" */
#define VEXFS_HASH_BITS		14
#define VEXFS_UNIT_ALLOCS	12	/* a data or directory block and at most ten nodes */
#define VEXFS_SPARE_IMAGES	8	/* for ring blocks that a unit or a seal may enter */
#define VEXFS_INDEX_BLOCKS	4	/* directories of fewer blocks are searched */
#define VEXFS_NEEDS		(VEXFS_DIR_NEED(VEXFS_NAME_MAX) / 8 + 1)

/* What a metadata block is: decides its validation and its checksum. */
enum vexfs_kind {
	VEXFS_KIND_ANY,		/* replayed, not looked at yet */
	VEXFS_KIND_STATE,
	VEXFS_KIND_RING,
	VEXFS_KIND_BITMAP,
	VEXFS_KIND_TABLE,
	VEXFS_KIND_DIR,
	VEXFS_KIND_NODE,
	VEXFS_KIND_SYMLINK,
	VEXFS_KIND_GRAPH,	/* of a collection: header, records, lists */
	VEXFS_KIND_ROWS,	/* of a collection: vectors */
	VEXFS_KIND_DATA,	/* file data, only under data=journal */
};

/*
 * A private copy of a metadata block. It comes to life when a unit first needs to change the block
 * and dies at the checkpoint that brings the block home. Found in sbi->images by block number.
 */
struct vexfs_image {
	struct hlist_node hash;
	struct list_head link;	/* on sbi->pinned, ->fresh, ->counted or ->idle */
	u64 block;
	u8 *data;		/* the bytes that readers see; NULL: those of its home (cache.c) */
	u8 *before;		/* at the end of the previous transaction; only if in_tx */
	u64 mask;		/* of changed units, while a seal runs */
	u16 bad_slots;		/* of an inode table block: inodes that fail validation */
	u8 kind;
	bool pinned;		/* on sbi->pinned: the running unit may change it */
	bool in_tx;		/* may differ from before */
	bool init;		/* new in this transaction: compared with zeros */
	bool freed;		/* its block was freed: neither logged nor written home */
	bool logged;		/* named by the log since the tail: to be written home */
};

/* A metadata block that is being read. */
struct vexfs_ref {
	const u8 *data;
	struct buffer_head *bh;	/* NULL if data is an image */
};

/* Blocks from start on. */
struct vexfs_run {
	u64 start;
	u64 len;
};

/* A closed transaction whose bytes are not all on the device yet. */
struct vexfs_sealed {
	struct list_head link;
	u64 index;		/* within the log region */
	u32 blocks;
	u64 ring_head;		/* after it */
	void *bytes;		/* blocks * 4096, page aligned */
};

/* What an anchor says. */
struct vexfs_tail {
	u64 number;
	u64 epoch;
	u64 index;		/* of the tail within the log region */
	u64 sequence;
	u32 prev_crc;
	u32 flags;		/* VEXFS_ANCHOR_* */
};

/* An inode that owes a Write event. */
struct vexfs_writer {
	u64 ino;
	u64 first;
	u64 end;
};

/* The unit of work that is being gathered or applied; the mutex protects it. */
struct vexfs_unit {
	u64 number;
	s64 now;
	u64 alloc[VEXFS_UNIT_ALLOCS];
	unsigned int allocs;
	struct vexfs_run *frees;	/* sbi->frees_max of them */
	unsigned int nfrees;
	unsigned int cut_steps;		/* extents that the gathered cut takes from */
	struct vexfs_state *state;	/* within the state block's image */
};

enum vexfs_data_mode { VEXFS_DATA_ORDERED, VEXFS_DATA_WRITEBACK, VEXFS_DATA_JOURNAL };

struct vexfs_options {
	enum vexfs_data_mode data;
	bool manual_clock;
	bool strict;
	u32 commit;		/* seconds, 0 = off */
	u32 cache;		/* MiB */
#ifdef VEXFS_PLANTED
	enum vexfs_fault fault;
#endif
};

struct vexfs_stats {
	atomic64_t units, seals, checkpoints, sync_points, reclaimed, log_blocks, events;
};

struct vexfs_sb_info {
	struct super_block *sb;
	struct vexfs_options opt;
	bool writable;		/* may write to the device; stays when remounted ro */
	bool overlay;		/* read-only over a dirty log: images hold the replayed blocks */
	bool no_write;		/* an unknown ro_compat feature */
	int error;		/* 0, or what turned the volume read-only */

	/* Geometry and limits; constant. */
	u8 uuid[16];
	u32 seed;		/* raw CRC state after the uuid */
	u64 blocks, inodes;
	u64 log_start, log_blocks, state_block, ring_start, ring_blocks;
	u64 bbm_start, ibm_start, obm_start, ibm_blocks, table_start, table_blocks;
	u64 data_start, data_blocks;
	u32 tx_units, tx_blocks, unit_extents, unit_blocks, fanout, max_links;
	u32 checkpoint_blocks, checkpoint_freed, tx_max, frees_max;
	u64 level_seed;			/* default seed of collections */
	unsigned int inline_max;	/* min(8, fanout) */

	struct mutex mutex;		/* see the top of this file */
	unsigned int nofs;		/* saved allocation scope of the mutex's holder */
	struct rw_semaphore image_lock;	/* see the top of this file */

	/* Images (image_lock for the table, mutex for the lists). */
	struct hlist_head *images;
	struct list_head pinned, fresh, counted, idle;
	struct vexfs_image *spare[VEXFS_SPARE_IMAGES];
	unsigned int spares;
	u64 images_count;
	u64 images_kept;		/* those that have their bytes */

	/* The running transaction (mutex). */
	struct vexfs_unit unit;
	u64 first_unit;
	u32 units;			/* U */
	u32 dirty;			/* D */
	u64 ring_start_pos;		/* ring_head at its start */
	struct vexfs_writer writers[VEXFS_TX_WRITERS_MAX];
	unsigned int nwriters;		/* P */
	bool reclaiming;

	/* The log (mutex). */
	struct vexfs_tail anchor;	/* the durable one */
	u64 head;			/* index where the next transaction goes */
	u64 used;			/* blocks since the tail */
	u64 sequence;			/* of the running transaction */
	u64 epoch;
	u32 prev_crc;
	u64 logged_blocks;		/* distinct, since the tail */
	struct list_head sealed;
	u64 sealed_blocks;
	u64 sealed_ring_head;		/* after the last sealed transaction */
	bool wrote;			/* sealed since the tail */

	/* Allocation (mutex). */
	u64 alloc_hint;			/* no allocatable block is below it */
	u64 parked;			/* blocks */
	u64 parked_low;
	struct xarray parked_maps;	/* bitmap block index -> 4096 bytes of parked bits */
	struct xarray orphans;		/* inode numbers with their orphan bit set, see ialloc.c */

	/* Inodes whose data must be durable before the next commit. */
	struct list_head ordered;

	/* Events. */
	u64 readable_head;		/* READ_ONCE by readers of the stream */
	wait_queue_head_t event_wait;
	u8 event_buffer[1024];

	atomic64_t clock;		/* manual clock, ns */

	/* Memory, see cache.c. */
	atomic64_t index_bytes;
	spinlock_t index_lock;		/* the list, and the links of its members */
	struct list_head indexes;
	struct shrinker *shrinker;
	struct work_struct trim_work;
	bool squeezed;			/* memory is short */

	struct delayed_work commit_work;
	struct inode *dot_inode[5];	/* by inode number - 2^62 */
	struct vexfs_stats stats;
};

struct vexfs_index;
struct vexfs_coll;

struct vexfs_inode_info {
	u64 generation;
	u64 home;
	unsigned int handles;		/* of a regular file; i_lock */
	bool dead;			/* reclaimed: operations answer ESTALE; i_lock to set */
	bool is_ordered;		/* on sbi->ordered, with a reference; mutex */
	struct list_head ordered;
	struct vexfs_index *index;	/* of a directory, see index.c */
	u32 room[VEXFS_NEEDS];		/* of a directory, see vexfs_dir_room(); mutex */
	bool is_collection;		/* a directory with vectors; mutex to set */
	u32 collection;			/* its graph inode */
	bool may_have_vector;		/* a file with the flag VECTOR; mutex to set */
	struct vexfs_coll *coll;	/* once asked for, mutex; below .vexfs: whose file */
	struct inode *dir;		/* below a collection's .vexfs: its directory, held */
	struct inode vfs;
};

static inline struct vexfs_sb_info *vexfs_sb(const struct super_block *sb)
{
	return sb->s_fs_info;
}

static inline struct vexfs_inode_info *vexfs_i(const struct inode *inode)
{
	return container_of(inode, struct vexfs_inode_info, vfs);
}

static inline bool vexfs_is_dot(const struct inode *inode)
{
	return inode->i_ino >= VEXFS_INO_DOT_DIR;
}

static inline bool vexfs_dead(const struct inode *inode)
{
	return READ_ONCE(vexfs_i(inode)->dead);
}

#define vexfs_err(sb, format, ...) \
	pr_err("vexfs (%s): " format "\n", (sb)->s_id, ##__VA_ARGS__)

/* Reports a structure that breaks docs/format.md, at a limited rate; -EUCLEAN. */
__printf(2, 3)
int vexfs_corrupt(const struct super_block *sb, const char *format, ...);

/* super.c */
u32 vexfs_crc(const struct vexfs_sb_info *sbi, u64 location, const void *bytes, size_t length,
	      size_t crc_offset);
void vexfs_lock(struct vexfs_sb_info *sbi);
void vexfs_unlock(struct vexfs_sb_info *sbi);
void vexfs_abort(struct vexfs_sb_info *sbi, int error, const char *what);

/* geometry.c */
int vexfs_read_super(struct super_block *sb);

/* options.c */
int vexfs_init_fs_context(struct fs_context *fc);
int vexfs_show_options(struct seq_file *m, struct dentry *root);
extern const struct fs_parameter_spec vexfs_parameters[];
int vexfs_fill_super(struct super_block *sb, struct fs_context *fc);

/* image.c: look at metadata (image_lock or mutex held) and change it (mutex held) */
int vexfs_read(struct super_block *sb, u64 block, enum vexfs_kind kind, struct vexfs_ref *ref);
void vexfs_put(struct vexfs_ref *ref);
struct vexfs_image *vexfs_find_image(const struct vexfs_sb_info *sbi, u64 block);
struct vexfs_image *vexfs_pin(struct super_block *sb, u64 block, enum vexfs_kind kind);
struct vexfs_image *vexfs_pin_new(struct vexfs_sb_info *sbi, u64 block, enum vexfs_kind kind);
struct vexfs_image *vexfs_take_spare(struct vexfs_sb_info *sbi, u64 block, enum vexfs_kind kind);
struct vexfs_image *vexfs_replay_image(struct vexfs_sb_info *sbi, u64 block, bool init);
int vexfs_fill_spares(struct vexfs_sb_info *sbi);
void vexfs_touch(struct vexfs_sb_info *sbi, struct vexfs_image *image);
void vexfs_image_freed(struct vexfs_sb_info *sbi, u64 block);
void vexfs_empty_images(struct vexfs_sb_info *sbi);
void vexfs_drop_images(struct vexfs_sb_info *sbi);
void vexfs_free_spares(struct vexfs_sb_info *sbi);
struct buffer_head *vexfs_submit_home(struct super_block *sb, const struct vexfs_image *image);
void vexfs_forget_before(struct vexfs_image *image);

/* unit.c */
int vexfs_unit_begin(struct vexfs_sb_info *sbi);
void vexfs_unit_cancel(struct vexfs_sb_info *sbi);
void vexfs_apply(struct vexfs_sb_info *sbi);
void vexfs_unit_done(struct vexfs_sb_info *sbi);
void vexfs_unit_close(struct vexfs_sb_info *sbi);
void vexfs_unit_end(struct vexfs_sb_info *sbi);
bool vexfs_relieve(struct vexfs_sb_info *sbi, int error, bool *relieved);
void vexfs_note_write(struct vexfs_sb_info *sbi, u64 ino, u64 first, u64 end);
s64 vexfs_now(const struct vexfs_sb_info *sbi);

/* inode.c */
extern const struct inode_operations vexfs_file_iops;
extern const struct inode_operations vexfs_special_iops;
struct inode *vexfs_iget(struct super_block *sb, u64 ino);
int vexfs_inode_read(struct super_block *sb, u64 ino, struct vexfs_ref *ref,
		     const struct vexfs_inode **raw);
int vexfs_inode_look(struct super_block *sb, u64 ino, struct vexfs_ref *ref,
		     const struct vexfs_inode **raw);
struct vexfs_inode *vexfs_inode_pin(struct super_block *sb, u64 ino);
struct vexfs_inode *vexfs_inode_slot(const struct vexfs_sb_info *sbi, u64 ino);
int vexfs_truncating(struct super_block *sb, u64 ino, const struct vexfs_inode *raw);
int vexfs_inode_check(struct super_block *sb, u64 ino, const struct vexfs_inode *raw,
		      bool check_crc);
void vexfs_inode_refresh(struct inode *inode, const struct vexfs_inode *raw);
void vexfs_set_ops(struct inode *inode);
void vexfs_raw_time(s64 ns, __le64 *seconds, __le32 *nanoseconds);
void vexfs_raw_ctime(struct vexfs_inode *raw, s64 now);
void vexfs_raw_mctime(struct vexfs_inode *raw, s64 now);
int vexfs_getattr(struct vexfs_idmap *idmap, const struct path *path, struct kstat *stat,
		  u32 mask, unsigned int flags);

/* attributes.c */
int vexfs_setattr(struct vexfs_idmap *idmap, struct dentry *dentry, struct iattr *attr);

/* namei.c */
extern const struct inode_operations vexfs_dir_iops;
bool vexfs_is_reserved(const struct qstr *name);

struct vexfs_mapping {
	u64 pblk;		/* 0: not mapped */
	u64 len;		/* mapped blocks from lblk on */
	bool unwritten;
};

/* What a new mapping needs; filled by gather, used by apply. */
struct vexfs_insertion {
	u64 lblk;
	u64 pblk;
	unsigned int nodes;		/* blocks for nodes */
	u64 node[VEXFS_UNIT_ALLOCS];
};

/* dir.c */
struct vexfs_place {
	u64 lblk;
	u64 block;		/* 0: a block is to be appended */
	unsigned int offset;	/* of the record */
	u64 ino;
};

extern const struct file_operations vexfs_dir_fops;
/* A name's way into a directory. */
struct vexfs_entry {
	struct vexfs_place place;
	struct vexfs_insertion ins;	/* if place.block is 0 */
};

/* Walks the blocks of a directory; the mutex or image_lock is held. */
struct vexfs_walk {
	struct inode *dir;
	const struct vexfs_inode *raw;
	struct vexfs_ref raw_ref;
	u64 lblk;		/* the next block */
	u64 blocks;
	u64 block;		/* where the current one is */
	u64 left;		/* blocks after it that are mapped behind it */
	struct vexfs_ref ref;	/* the current one's bytes */
};

int vexfs_walk_begin(struct vexfs_walk *walk, struct inode *dir, u64 from);
int vexfs_walk_next(struct vexfs_walk *walk);
void vexfs_walk_end(struct vexfs_walk *walk);
int vexfs_dir_check(struct super_block *sb, u64 block, const u8 *bytes, bool check_crc);
int vexfs_dir_find(struct inode *dir, const struct qstr *name, struct vexfs_place *place);
int vexfs_dir_empty(struct inode *dir);
int vexfs_entry_gather(struct inode *dir, const struct vexfs_inode *raw, const struct qstr *name,
		       struct vexfs_entry *entry);
void vexfs_entry_insert(struct inode *dir, struct vexfs_inode *raw,
			const struct vexfs_entry *entry, const struct qstr *name, u64 ino,
			umode_t mode);
void vexfs_entry_delete(struct inode *dir, const struct vexfs_place *place,
			const struct qstr *name);
int vexfs_dir_pin(struct inode *dir, const struct qstr *name, struct vexfs_place *place);
void vexfs_dir_replace(struct vexfs_sb_info *sbi, const struct vexfs_place *place, u64 ino,
		       umode_t mode);

/* index.c */
int vexfs_index_find(struct inode *dir, const struct qstr *name, struct vexfs_place *place);
void vexfs_index_reserve(struct inode *dir);
void vexfs_index_add(struct inode *dir, const struct qstr *name, u64 position);
void vexfs_index_remove(struct inode *dir, const struct qstr *name, u64 position);
void vexfs_index_drop(struct inode *dir);
void vexfs_index_trim(struct vexfs_sb_info *sbi, s64 limit);

/* cache.c */
s64 vexfs_index_limit(const struct vexfs_sb_info *sbi);
bool vexfs_cache_is_full(const struct vexfs_sb_info *sbi);
int vexfs_cache_trim(struct vexfs_sb_info *sbi, bool hard);
void vexfs_cache_init(struct vexfs_sb_info *sbi);
int vexfs_cache_start(struct vexfs_sb_info *sbi);
void vexfs_cache_exit(struct vexfs_sb_info *sbi);

/* balloc.c */
int vexfs_alloc_lowest(struct super_block *sb, u64 *block);
int vexfs_alloc_data(struct super_block *sb, u64 previous, u64 *block);
bool vexfs_has_blocks(const struct vexfs_sb_info *sbi, u64 count);
void vexfs_alloc_apply(struct vexfs_sb_info *sbi);
int vexfs_free_gather(struct super_block *sb, u64 start, u64 len);
void vexfs_free_apply(struct vexfs_sb_info *sbi, bool metadata);
void vexfs_unpark(struct vexfs_sb_info *sbi);
int vexfs_zero_parked(struct vexfs_sb_info *sbi);

/* ialloc.c */
int vexfs_ialloc_gather(struct super_block *sb, u64 *ino);
int vexfs_ialloc_gather_from(struct super_block *sb, u64 cursor, u64 *ino);
struct vexfs_inode *vexfs_ialloc_apply(struct vexfs_sb_info *sbi, u64 ino);
int vexfs_ino_in_use(struct super_block *sb, u64 ino, bool *yes);
int vexfs_orphan_gather(struct super_block *sb, u64 ino);
void vexfs_orphan_add(struct vexfs_sb_info *sbi, u64 ino);
void vexfs_orphan_hold(struct vexfs_sb_info *sbi, u64 ino);
void vexfs_orphan_let_go(struct vexfs_sb_info *sbi, u64 ino);
void vexfs_orphan_save(struct vexfs_sb_info *sbi, u64 ino);
bool vexfs_orphan_is_held(const void *entry);
void vexfs_orphan_set(struct vexfs_sb_info *sbi, u64 ino);
void vexfs_orphan_clear(struct vexfs_sb_info *sbi, u64 ino);
int vexfs_ifree_gather(struct super_block *sb, u64 ino);
void vexfs_ifree_apply(struct vexfs_sb_info *sbi, u64 ino);

/* extent.c */
int vexfs_extent_find(struct super_block *sb, u64 ino, const struct vexfs_inode *raw, u64 lblk,
		      struct vexfs_mapping *map);

/* extent_insert.c */
int vexfs_extent_gather(struct super_block *sb, u64 ino, const struct vexfs_inode *raw,
			struct vexfs_insertion *ins);
void vexfs_extent_apply(struct vexfs_sb_info *sbi, u64 ino, struct vexfs_inode *raw,
			const struct vexfs_insertion *ins);

/* extent_cut.c */
int vexfs_cut_gather(struct super_block *sb, u64 ino, const struct vexfs_inode *raw, u64 first,
		     bool *whole);
void vexfs_cut_apply(struct vexfs_sb_info *sbi, struct vexfs_inode *raw, u64 first,
		     bool metadata);

/* file.c */
extern const struct file_operations vexfs_file_fops;
int vexfs_fsync(struct file *file, loff_t start, loff_t end, int datasync);

/* pages.c */
extern const struct address_space_operations vexfs_aops;
extern const struct address_space_operations vexfs_image_aops;

/* symlink.c */
extern const struct inode_operations vexfs_symlink_iops;

/* journal.c */
int vexfs_seal(struct vexfs_sb_info *sbi);
int vexfs_write_sealed(struct vexfs_sb_info *sbi);
int vexfs_make_durable(struct vexfs_sb_info *sbi);
int vexfs_sync_point(struct vexfs_sb_info *sbi);

/* checkpoint.c */
int vexfs_checkpoint(struct vexfs_sb_info *sbi, bool clean);
int vexfs_write_anchor(struct vexfs_sb_info *sbi, struct vexfs_tail next);
int vexfs_write_home(struct vexfs_sb_info *sbi);
int vexfs_write_home_early(struct vexfs_sb_info *sbi);

/* recovery.c */
int vexfs_load_anchor(struct vexfs_sb_info *sbi);
int vexfs_recover(struct vexfs_sb_info *sbi, bool read_only);
int vexfs_log_io(struct vexfs_sb_info *sbi, u64 index, u32 blocks, void *bytes, blk_opf_t opf);

/* reclaim.c */
void vexfs_reclaim(struct vexfs_sb_info *sbi);
bool vexfs_can_reclaim(struct vexfs_sb_info *sbi);
int vexfs_reclaim_all(struct vexfs_sb_info *sbi);

/* event.c */
struct vexfs_record {
	u16 type;
	u64 ino;
	u64 parent;
	unsigned int payload;
};

void vexfs_event_begin(struct vexfs_sb_info *sbi, u16 type, u64 ino, u64 parent);
void vexfs_event_bytes(struct vexfs_sb_info *sbi, u16 tag, const void *bytes, unsigned int length);
void vexfs_event_u32(struct vexfs_sb_info *sbi, u16 tag, unsigned int count, const u32 *values);
void vexfs_event_u64(struct vexfs_sb_info *sbi, u16 tag, unsigned int count, const u64 *values);
void vexfs_event_cause(struct vexfs_sb_info *sbi, u64 cause);
void vexfs_event_end(struct vexfs_sb_info *sbi, u64 unit, s64 now);
u64 vexfs_ring_block(const struct vexfs_sb_info *sbi, u64 position);
u64 vexfs_oldest_position(const struct vexfs_sb_info *sbi, u64 ring_head);

/* dotdir.c */
int vexfs_dot_init(struct super_block *sb);
void vexfs_dot_exit(struct super_block *sb);
struct inode *vexfs_dot_lookup(struct super_block *sb);
extern const struct inode_operations vexfs_dot_dir_iops;
extern const struct inode_operations vexfs_dot_file_iops;
extern const struct file_operations vexfs_dot_dir_fops;

/* xattr.c */
extern const struct xattr_handler *vexfs_xattr_handlers[];
ssize_t vexfs_listxattr(struct dentry *dentry, char *buffer, size_t size);

/* stats.c */
int vexfs_stats_show(struct seq_file *m, void *unused);

#endif
