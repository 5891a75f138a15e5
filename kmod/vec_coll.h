/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Collections of vectors on the volume (docs/vectors.md). The whole graph and all rows of a
 * collection are in memory from its first use on; vec.h has them.
 *
 * Locks: i_rwsem of files, coll->changes, coll->sem, sbi->mutex. Searches hold sem shared and
 * nothing else, so that they wait for no unit and no unit of another file waits for them. Changes
 * hold both exclusively, from before their first unit to the end of the request; a compaction holds
 * `changes` alone, since until its last unit it changes nothing that a search sees. Nobody holds
 * the locks of two collections.
 */
#ifndef VEXFS_VEC_COLL_H
#define VEXFS_VEC_COLL_H

#include <linux/kref.h>

#include "vec.h"
#include "vec_hooks.h"

#define VEXFS_XATTR_COLLECTION	"user.vexfs.collection"
#define VEXFS_XATTR_VECTOR	"user.vexfs.vector"
/* Bytes of the attribute's value, at most. */
#define VEXFS_PARAMS_TEXT_MAX	255

/* The system inodes, in the order in which they are created. */
enum { VEXFS_COLL_GRAPH, VEXFS_COLL_VECTORS, VEXFS_COLL_UPPER, VEXFS_COLL_INODES };

/* Inode numbers of the files below .vexfs: 2^62 + 16 * graph inode + these. */
#define VEXFS_COLL_FILES	16
enum {
	VEXFS_COLL_FILE_DIR,
	VEXFS_COLL_FILE_QUERY,
	VEXFS_COLL_FILE_UPDATE,
	VEXFS_COLL_FILE_VECTORS,
	VEXFS_COLL_FILE_GRAPH,
	VEXFS_COLL_FILE_INFO,
};

struct vexfs_coll {
	struct kref ref;
	struct super_block *sb;
	u64 dir;			/* inode number of the directory */
	u32 ino[VEXFS_COLL_INODES];
	bool gone;			/* removed or compacted: ESTALE; mutex to set */
	struct vexfs_coll *heir;	/* what a compaction is building; mutex */
	bool quiet;			/* being built: its puts have no event */
	struct mutex changes;		/* one change at a time, see above */
	struct rw_semaphore sem;	/* see above; protects what follows */
	u32 blocks[VEXFS_COLL_INODES];	/* of each inode, all mapped */
	bool loaded;
	struct vexfs_collection header;	/* as read; of no use once loaded */
	struct vec_set set;		/* before loading only parameters and counters */
};

static inline bool vexfs_coll_gone(const struct vexfs_coll *coll)
{
	return READ_ONCE(coll->gone);
}

/* vec_coll.c */
struct vexfs_coll *vexfs_coll_new(struct super_block *sb, u64 dir);
struct vexfs_coll *vexfs_coll_find(struct inode *dir);
struct vexfs_coll *vexfs_coll_get(struct inode *dir);
void vexfs_coll_put(struct vexfs_coll *coll);
void vexfs_coll_bury(struct inode *dir);
u32 vexfs_coll_need(const struct vec_params *params, unsigned int which, u32 slots, u32 lists);
int vexfs_coll_reset(struct vexfs_coll *coll);
int vexfs_coll_map(struct vexfs_coll *coll, unsigned int which, u32 lblk, u64 *block);
int vexfs_coll_read(struct vexfs_coll *coll, unsigned int which, u32 lblk, u8 *bytes);
enum vexfs_kind vexfs_coll_kind(unsigned int which);

/* vec_load.c: makes the collection ready for use; coll->sem is not held. */
int vexfs_coll_load(struct vexfs_coll *coll);

/* vec_params_text.c */
int vexfs_params_parse(const char *text, size_t length, u64 seed, struct vec_params *params);
unsigned int vexfs_params_format(const struct vec_params *params, char *text);
const char *vexfs_vector_type(const struct vec_params *params);
const char *vexfs_vector_metric(const struct vec_params *params);

/* vec_found.c: the inodes and the header of a new collection, in a unit that has begun. */
struct vexfs_founding {
	struct super_block *sb;
	u64 dir;
	const struct vec_params *params;
	u64 sequence;
	bool heir;			/* of a compaction: held orphans */
	u64 ino[VEXFS_COLL_INODES];
	u64 block;
	struct vexfs_image *header;
};

int vexfs_founding_gather(struct vexfs_founding *new);
void vexfs_founding_apply(struct vexfs_founding *new);

/* vec_create.c */
int vexfs_coll_create(struct inode *dir, const struct vec_params *params);
int vexfs_coll_remove(struct inode *dir);

/* vec_compact.c: coll->changes is held, coll->sem is not. */
int vexfs_coll_compact(struct vexfs_coll *coll, struct inode *dir, u64 *sequence);

/* What is put; a file, if it is its vector, gets the flag in the same unit. */
struct vexfs_put_row {
	u64 id;
	const u8 *row;		/* prepared */
	struct inode *file;
	bool done;		/* the vector is there */
	bool replaced;		/* another one was */
};

/*
 * vec_grow.c, vec_unit.c, vec_delete.c: one unit each, and those that belong to it; both locks held
 * for writing.
 */
int vexfs_coll_make_room(struct vexfs_coll *coll, u32 lists);
int vexfs_coll_begin(struct vexfs_coll *coll, struct vexfs_image **header);
int vexfs_coll_put_row(struct vexfs_coll *coll, struct vexfs_put_row *put);
int vexfs_coll_delete(struct vexfs_coll *coll, u64 id, struct inode *file, bool *found);
int vexfs_death_gather(struct vexfs_death *death);
void vexfs_death_apply(struct vexfs_death *death);
void vexfs_vector_event(struct vexfs_coll *coll, u16 type, u64 id, u32 slot, u32 died);
int vexfs_coll_event(struct vexfs_coll *coll, u16 type, u64 cause, const void *text,
		     unsigned int length, u64 *sequence);

/* vec_image.c: what units write */
struct vexfs_image *vexfs_coll_pin(struct vexfs_coll *coll, unsigned int which, u32 lblk);
struct vexfs_image *vexfs_coll_pin_slot(struct vexfs_coll *coll, u32 slot);
struct vexfs_image *vexfs_coll_pin_list(struct vexfs_coll *coll, u32 list);
void vexfs_coll_write_header(const struct vexfs_coll *coll, struct vexfs_image *image);
void vexfs_coll_write_slot(const struct vexfs_coll *coll, struct vexfs_image *image, u32 slot);
void vexfs_coll_write_list(const struct vexfs_coll *coll, struct vexfs_image *image, u32 slot,
			   u32 level);
void vexfs_coll_init_block(const struct vexfs_coll *coll, struct vexfs_image *image,
			   unsigned int which, u32 lblk);

/* vec_door.c, vec_files.c, vec_request.c */
extern const struct file_operations vexfs_query_fops;
extern const struct file_operations vexfs_update_fops;
extern const struct file_operations vexfs_bytes_fops;
extern const struct file_operations vexfs_info_fops;
u64 vexfs_coll_bytes(struct vexfs_coll *coll, unsigned int which);
int vexfs_door_execute(struct inode *door, bool update, const u8 *request, u32 length, u8 **reply,
		       u32 *reply_length);

/* vec_home.c: where the vector of a file is; the mutex is not held. */
int vexfs_home_get(struct inode *file, struct vexfs_home *home);
void vexfs_home_put(struct vexfs_home *home);
int vexfs_home_lock(struct vexfs_home *home);
void vexfs_home_unlock(struct vexfs_home *home);
int vexfs_vector_find(struct inode *file, struct vexfs_home *home, u32 *slot);
void vexfs_vector_end(struct vexfs_home *home);

/* vec_file.c: the attribute; i_rwsem of the file held for setting and removing. */
int vexfs_vector_get(struct inode *file, void *buffer, size_t size);
int vexfs_vector_has(struct inode *file);
int vexfs_vector_set(struct inode *file, const void *value, size_t size, int flags);
int vexfs_vector_remove(struct inode *file);

static inline u64 vexfs_file_id(const struct inode *file)
{
	return VEXFS_ID_FILE | file->i_ino;
}

#endif
