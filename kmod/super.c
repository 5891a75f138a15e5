// SPDX-License-Identifier: GPL-2.0-only
/* Mounting, unmounting and what belongs to the volume as a whole. */
#include <linux/blkdev.h>
#include <linux/crc32c.h>
#include <linux/fs_context.h>
#include <linux/fs_parser.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/ratelimit.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/statfs.h>
#include <linux/vmalloc.h>

#include "vec.h"
#include "vec_hooks.h"

static char *simd = "auto";
module_param(simd, charp, 0444);
MODULE_PARM_DESC(simd, "Instructions for distances of vectors: auto, sse2, avx2 or avx512");

static struct kmem_cache *vexfs_inode_cache;

int vexfs_corrupt(const struct super_block *sb, const char *format, ...)
{
	static DEFINE_RATELIMIT_STATE(limit, 5 * HZ, 10);
	struct va_format message;
	va_list arguments;

	va_start(arguments, format);
	message.fmt = format;
	message.va = &arguments;
	if (__ratelimit(&limit))
		pr_err("vexfs (%s): corrupt volume: %pV; run fsck.vexfs\n", sb->s_id, &message);
	va_end(arguments);
	return -EUCLEAN;
}

/* docs/format.md, "Conventions": the field at crc_offset counts as zero. */
u32 vexfs_crc(const struct vexfs_sb_info *sbi, u64 location, const void *bytes, size_t length,
	      size_t crc_offset)
{
	static const u8 zero[4];
	__le64 where = cpu_to_le64(location);
	u32 crc = crc32c(sbi->seed, &where, sizeof(where));

	crc = crc32c(crc, bytes, crc_offset);
	crc = crc32c(crc, zero, sizeof(zero));
	return ~crc32c(crc, bytes + crc_offset + 4, length - crc_offset - 4);
}

/* No allocation of the holder may wait for this filesystem. */
void vexfs_lock(struct vexfs_sb_info *sbi)
{
	mutex_lock(&sbi->mutex);
	sbi->nofs = memalloc_nofs_save();
}

void vexfs_unlock(struct vexfs_sb_info *sbi)
{
	unsigned int nofs = sbi->nofs;

	mutex_unlock(&sbi->mutex);
	memalloc_nofs_restore(nofs);
}

/* The log cannot go on: nothing is written any more. */
void vexfs_abort(struct vexfs_sb_info *sbi, int error, const char *what)
{
	if (sbi->error)
		return;
	sbi->error = error;
	sbi->sb->s_flags |= SB_RDONLY;
	vexfs_err(sbi->sb, "error %d while %s: now read-only; unmount, check the device, mount again",
		  error, what);
}

static int vexfs_load_state(struct vexfs_sb_info *sbi)
{
	struct vexfs_ref ref;
	int err = vexfs_read(sbi->sb, sbi->state_block, VEXFS_KIND_STATE, &ref);

	if (err)
		return err;
	sbi->readable_head = le64_to_cpu(((const struct vexfs_state *)ref.data)->ring_head);
	sbi->sealed_ring_head = sbi->readable_head;
	vexfs_put(&ref);
	return 0;
}

static int vexfs_load_root(struct super_block *sb)
{
	struct inode *root = vexfs_iget(sb, VEXFS_ROOT_INO);

	if (IS_ERR(root))
		return PTR_ERR(root);
	sb->s_root = d_make_root(root);
	return sb->s_root ? 0 : -ENOMEM;
}

/* commit=SECONDS: a sync point at that interval. */
static void vexfs_commit(struct work_struct *work)
{
	struct vexfs_sb_info *sbi =
		container_of(work, struct vexfs_sb_info, commit_work.work);

	vexfs_lock(sbi);
	if (!sbi->error && (sbi->units || !list_empty(&sbi->sealed)))
		vexfs_sync_point(sbi);
	vexfs_unlock(sbi);
	schedule_delayed_work(&sbi->commit_work, sbi->opt.commit * HZ);
}

static struct vexfs_sb_info *vexfs_new_sbi(struct super_block *sb)
{
	struct vexfs_sb_info *sbi = kzalloc(sizeof(*sbi), GFP_KERNEL);

	if (!sbi)
		return NULL;
	sbi->sb = sb;
	mutex_init(&sbi->mutex);
	init_rwsem(&sbi->image_lock);
	INIT_LIST_HEAD(&sbi->pinned);
	INIT_LIST_HEAD(&sbi->fresh);
	INIT_LIST_HEAD(&sbi->counted);
	INIT_LIST_HEAD(&sbi->idle);
	INIT_LIST_HEAD(&sbi->sealed);
	INIT_LIST_HEAD(&sbi->ordered);
	xa_init(&sbi->parked_maps);
	xa_init(&sbi->orphans);
	init_waitqueue_head(&sbi->event_wait);
	vexfs_cache_init(sbi);
	INIT_DELAYED_WORK(&sbi->commit_work, vexfs_commit);
	sbi->parked_low = U64_MAX;
	sbi->images = kvcalloc(1UL << VEXFS_HASH_BITS, sizeof(*sbi->images), GFP_KERNEL);
	if (!sbi->images) {
		kfree(sbi);
		return NULL;
	}
	return sbi;
}

static int vexfs_load(struct vexfs_sb_info *sbi)
{
	struct super_block *sb = sbi->sb;
	int err = vexfs_read_super(sb);

	if (err)
		return err;
	sbi->alloc_hint = sbi->data_start;
	sbi->unit.frees = kvmalloc_array(sbi->frees_max, sizeof(*sbi->unit.frees), GFP_KERNEL);
	if (!sbi->unit.frees)
		return -ENOMEM;
	err = vexfs_load_anchor(sbi);
	if (err)
		return err;
	vexfs_lock(sbi);
	err = vexfs_recover(sbi, sb_rdonly(sb));
	if (!err)
		err = vexfs_load_state(sbi);
	vexfs_unlock(sbi);
	sbi->writable = !sb_rdonly(sb);
	return err;
}

static const struct super_operations vexfs_super_ops;

int vexfs_fill_super(struct super_block *sb, struct fs_context *fc)
{
	struct vexfs_sb_info *sbi = vexfs_new_sbi(sb);
	int err;

	if (!sbi)
		return -ENOMEM;
	sb->s_fs_info = sbi;
	sbi->opt = *(struct vexfs_options *)fc->fs_private;
	if (!sb_set_blocksize(sb, VEXFS_BLOCK_SIZE))
		return invalf(fc, "vexfs: the device's blocks are larger than 4096 bytes");
	sb->s_magic = VEXFS_FS_MAGIC;
	sb->s_op = &vexfs_super_ops;
	sb->s_xattr = vexfs_xattr_handlers;
	sb->s_time_gran = 1;
	/* Larger than a file may be, as on a FUSE mount: the limit is checked in write. */
	sb->s_maxbytes = MAX_LFS_FILESIZE;
	err = vexfs_load(sbi);
	if (!err)
		err = vexfs_dot_init(sb);
	if (!err)
		err = vexfs_cache_start(sbi);
	if (!err)
		err = vexfs_load_root(sb);
	if (err) {
		vexfs_cache_exit(sbi);
		vexfs_dot_exit(sb);
		return err;
	}
	if (sbi->opt.commit)
		schedule_delayed_work(&sbi->commit_work, sbi->opt.commit * HZ);
	return 0;
}

static void vexfs_put_super(struct super_block *sb)
{
	struct vexfs_sb_info *sbi = vexfs_sb(sb);
	struct vexfs_inode_info *info, *next;

	cancel_delayed_work_sync(&sbi->commit_work);
	vexfs_cache_exit(sbi);
	vexfs_lock(sbi);
	if (sbi->writable && !sbi->error) {
		vexfs_seal(sbi);
		vexfs_reclaim(sbi);
		vexfs_checkpoint(sbi, true);
	}
	list_for_each_entry_safe(info, next, &sbi->ordered, ordered) {
		list_del_init(&info->ordered);
		iput(&info->vfs);
	}
	vexfs_unlock(sbi);
	vexfs_dot_exit(sb);
}

static void vexfs_free_sbi(struct vexfs_sb_info *sbi)
{
	struct vexfs_sealed *sealed, *next;

	list_for_each_entry_safe(sealed, next, &sbi->sealed, link) {
		vfree(sealed->bytes);
		kfree(sealed);
	}
	vexfs_drop_images(sbi);
	vexfs_free_spares(sbi);
	vexfs_unpark(sbi);
	xa_destroy(&sbi->orphans);
	kvfree(sbi->unit.frees);
	kvfree(sbi->images);
	kfree(sbi);
}

static void vexfs_kill_sb(struct super_block *sb)
{
	struct vexfs_sb_info *sbi = vexfs_sb(sb);

	kill_block_super(sb);
	if (sbi)
		vexfs_free_sbi(sbi);
}

static int vexfs_sync_fs(struct super_block *sb, int wait)
{
	struct vexfs_sb_info *sbi = vexfs_sb(sb);
	int err;

	/* At unmount the root is gone already: put_super seals, after all releases. */
	if (!wait || !sb->s_root)
		return 0;
	vexfs_lock(sbi);
	err = vexfs_sync_point(sbi);
	vexfs_unlock(sbi);
	return err;
}

static int vexfs_statfs(struct dentry *dentry, struct kstatfs *buf)
{
	struct super_block *sb = dentry->d_sb;
	struct vexfs_sb_info *sbi = vexfs_sb(sb);
	const struct vexfs_state *state;
	struct vexfs_ref ref;
	int err;

	down_read(&sbi->image_lock);
	err = vexfs_read(sb, sbi->state_block, VEXFS_KIND_STATE, &ref);
	if (!err) {
		state = (const void *)ref.data;
		buf->f_bfree = le64_to_cpu(state->free_blocks);
		buf->f_ffree = le64_to_cpu(state->free_inodes);
		vexfs_put(&ref);
	}
	up_read(&sbi->image_lock);
	buf->f_type = VEXFS_FS_MAGIC;
	buf->f_bsize = VEXFS_BLOCK_SIZE;
	buf->f_frsize = VEXFS_BLOCK_SIZE;
	buf->f_blocks = sbi->data_blocks;
	buf->f_bavail = buf->f_bfree;
	buf->f_files = sbi->inodes;
	buf->f_namelen = VEXFS_NAME_MAX;
	buf->f_fsid = uuid_to_fsid(sbi->uuid);
	return err;
}

static struct inode *vexfs_alloc_inode(struct super_block *sb)
{
	struct vexfs_inode_info *info = alloc_inode_sb(sb, vexfs_inode_cache, GFP_KERNEL);

	if (!info)
		return NULL;
	memset(info, 0, offsetof(struct vexfs_inode_info, vfs));
	INIT_LIST_HEAD(&info->ordered);
	return &info->vfs;
}

static void vexfs_evict_inode(struct inode *inode)
{
	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	vexfs_index_drop(inode);
	vexfs_coll_forget(inode);
}

static void vexfs_free_inode(struct inode *inode)
{
	kmem_cache_free(vexfs_inode_cache, vexfs_i(inode));
}

static void vexfs_init_once(void *object)
{
	inode_init_once(&((struct vexfs_inode_info *)object)->vfs);
}

static const struct super_operations vexfs_super_ops = {
	.alloc_inode = vexfs_alloc_inode,
	.free_inode = vexfs_free_inode,
	.evict_inode = vexfs_evict_inode,
	.put_super = vexfs_put_super,
	.sync_fs = vexfs_sync_fs,
	.statfs = vexfs_statfs,
	.show_options = vexfs_show_options,
};

static struct file_system_type vexfs_type = {
	.owner = THIS_MODULE,
	.name = "vexfs",
	.init_fs_context = vexfs_init_fs_context,
	.parameters = vexfs_parameters,
	.kill_sb = vexfs_kill_sb,
	.fs_flags = FS_REQUIRES_DEV,
};

static int __init vexfs_init(void)
{
	int err = vec_simd_choose(simd);

	if (err) {
		pr_err("vexfs: simd=%s: unknown, or not on this CPU; use auto, sse2, avx2 or avx512\n",
		       simd);
		return err;
	}
	vexfs_inode_cache = kmem_cache_create("vexfs_inode", sizeof(struct vexfs_inode_info), 0,
					      SLAB_RECLAIM_ACCOUNT | SLAB_ACCOUNT,
					      vexfs_init_once);
	if (!vexfs_inode_cache)
		return -ENOMEM;
	err = register_filesystem(&vexfs_type);
	if (err)
		kmem_cache_destroy(vexfs_inode_cache);
	return err;
}

static void __exit vexfs_exit(void)
{
	unregister_filesystem(&vexfs_type);
	/* Inodes are freed after an RCU grace period. */
	rcu_barrier();
	kmem_cache_destroy(vexfs_inode_cache);
}

module_init(vexfs_init);
module_exit(vexfs_exit);
MODULE_ALIAS_FS("vexfs");
MODULE_DESCRIPTION("VexFS: a filesystem with a deterministic log and an event stream");
MODULE_AUTHOR("The VexFS developers");
MODULE_LICENSE("GPL v2");
