// SPDX-License-Identifier: GPL-2.0-only
/*
 * What cache=MIB bounds and what memory pressure takes back: the bytes of images, and the name
 * tables of directories. Both can be had again from the device.
 */
#include <linux/sched/mm.h>

#include "vexfs.h"

static s64 vexfs_cache_bytes(const struct vexfs_sb_info *sbi)
{
	return atomic64_read(&sbi->index_bytes) +
	       (s64)READ_ONCE(sbi->images_kept) * VEXFS_BLOCK_SIZE;
}

/* Bytes that tables may take, so that they leave room for images. */
s64 vexfs_index_limit(const struct vexfs_sb_info *sbi)
{
	return (s64)sbi->opt.cache << 19;
}

bool vexfs_cache_is_full(const struct vexfs_sb_info *sbi)
{
	return vexfs_cache_bytes(sbi) > (s64)sbi->opt.cache << 20;
}

/*
 * Frees the bytes of all images that need not be kept, and tables down to their limit (@hard: all
 * tables). The mutex is held and no unit is being gathered.
 */
int vexfs_cache_trim(struct vexfs_sb_info *sbi, bool hard)
{
	int err = 0;

	if (sbi->writable && !sbi->error)
		err = vexfs_write_home_early(sbi);
	down_write(&sbi->image_lock);
	if (sbi->writable && !sbi->error)
		vexfs_empty_images(sbi);
	vexfs_index_trim(sbi, hard ? 0 : vexfs_index_limit(sbi));
	up_write(&sbi->image_lock);
	return err;
}

static void vexfs_trim_work(struct work_struct *work)
{
	struct vexfs_sb_info *sbi = container_of(work, struct vexfs_sb_info, trim_work);

	vexfs_lock(sbi);
	if (xchg(&sbi->squeezed, false))
		vexfs_cache_trim(sbi, true);
	else if (vexfs_cache_is_full(sbi))
		vexfs_cache_trim(sbi, false);
	vexfs_unlock(sbi);
}

static unsigned long vexfs_count_objects(struct shrinker *shrinker, struct shrink_control *sc)
{
	const struct vexfs_sb_info *sbi = vexfs_shrinker_data(shrinker);

	return vexfs_cache_bytes(sbi) >> PAGE_SHIFT;
}

/* Tables go at once if nobody is in the way; images need I/O, which is the worker's. */
static unsigned long vexfs_scan_objects(struct shrinker *shrinker, struct shrink_control *sc)
{
	struct vexfs_sb_info *sbi = vexfs_shrinker_data(shrinker);
	s64 before = atomic64_read(&sbi->index_bytes);

	WRITE_ONCE(sbi->squeezed, true);
	schedule_work(&sbi->trim_work);
	if (!(sc->gfp_mask & __GFP_FS) || !mutex_trylock(&sbi->mutex))
		return SHRINK_STOP;
	if (down_write_trylock(&sbi->image_lock)) {
		vexfs_index_trim(sbi, max_t(s64, before - (s64)(sc->nr_to_scan << PAGE_SHIFT), 0));
		up_write(&sbi->image_lock);
	}
	mutex_unlock(&sbi->mutex);
	return max_t(s64, before - atomic64_read(&sbi->index_bytes), 0) >> PAGE_SHIFT;
}

void vexfs_cache_init(struct vexfs_sb_info *sbi)
{
	spin_lock_init(&sbi->index_lock);
	INIT_LIST_HEAD(&sbi->indexes);
	INIT_WORK(&sbi->trim_work, vexfs_trim_work);
}

/* Memory pressure reaches the volume from here on, until vexfs_cache_exit(). */
int vexfs_cache_start(struct vexfs_sb_info *sbi)
{
	sbi->shrinker = vexfs_shrinker_new(sbi, vexfs_count_objects, vexfs_scan_objects,
					   sbi->sb->s_id);
	return sbi->shrinker ? 0 : -ENOMEM;
}

void vexfs_cache_exit(struct vexfs_sb_info *sbi)
{
	vexfs_shrinker_free(sbi->shrinker);
	cancel_work_sync(&sbi->trim_work);
}
