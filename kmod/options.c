// SPDX-License-Identifier: GPL-2.0-only
/* Mount options (docs/api.md). */
#include <linux/fs_context.h>
#include <linux/fs_parser.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "vexfs.h"

enum {
	VEXFS_OPT_DATA,
	VEXFS_OPT_CLOCK,
	VEXFS_OPT_COMMIT,
	VEXFS_OPT_CACHE,
	VEXFS_OPT_STRICT,
	VEXFS_OPT_FAULT,	/* only with VEXFS_PLANTED */
};

enum { VEXFS_CLOCK_SYSTEM, VEXFS_CLOCK_MANUAL };

static const struct constant_table vexfs_data_modes[] = {
	{ "ordered", VEXFS_DATA_ORDERED },
	{ "writeback", VEXFS_DATA_WRITEBACK },
	{ "journal", VEXFS_DATA_JOURNAL },
	{ }
};

static const struct constant_table vexfs_clocks[] = {
	{ "system", VEXFS_CLOCK_SYSTEM },
	{ "manual", VEXFS_CLOCK_MANUAL },
	{ }
};

#ifdef VEXFS_PLANTED
static const struct constant_table vexfs_faults[] = {
	{ "none", VEXFS_FAULT_NONE },
	{ "rename_keeps_nlink", VEXFS_FAULT_RENAME_KEEPS_NLINK },
	{ "event_of_failure", VEXFS_FAULT_EVENT_OF_FAILURE },
	{ "commit_crc_span", VEXFS_FAULT_COMMIT_CRC_SPAN },
	{ "parked_reused", VEXFS_FAULT_PARKED_REUSED },
	{ "orphans_kept", VEXFS_FAULT_ORPHANS_KEPT },
	{ "truncate_keeps_tail", VEXFS_FAULT_TRUNCATE_KEEPS_TAIL },
	{ "anchor_not_preflushed", VEXFS_FAULT_ANCHOR_NOT_PREFLUSHED },
	{ "sync_not_flushed", VEXFS_FAULT_SYNC_NOT_FLUSHED },
	{ "ordered_not_flushed", VEXFS_FAULT_ORDERED_NOT_FLUSHED },
	{ }
};
#endif

const struct fs_parameter_spec vexfs_parameters[] = {
	fsparam_enum("data", VEXFS_OPT_DATA, vexfs_data_modes),
	fsparam_enum("clock", VEXFS_OPT_CLOCK, vexfs_clocks),
	fsparam_u32("commit", VEXFS_OPT_COMMIT),
	fsparam_u32("cache", VEXFS_OPT_CACHE),
	fsparam_flag("strict", VEXFS_OPT_STRICT),
#ifdef VEXFS_PLANTED
	fsparam_enum("fault", VEXFS_OPT_FAULT, vexfs_faults),
#endif
	{ }
};

static int vexfs_parse_param(struct fs_context *fc, struct fs_parameter *param)
{
	struct vexfs_options *opt = fc->fs_private;
	struct fs_parse_result result;
	int which = fs_parse(fc, vexfs_parameters, param, &result);

	switch (which) {
	case VEXFS_OPT_DATA:
		opt->data = result.uint_32;
		return 0;
	case VEXFS_OPT_CLOCK:
		opt->manual_clock = result.uint_32 == VEXFS_CLOCK_MANUAL;
		return 0;
	case VEXFS_OPT_COMMIT:
		if (result.uint_32 > INT_MAX / HZ)
			return invalf(fc, "vexfs: commit=%u is too long; at most %u seconds",
				      result.uint_32, INT_MAX / HZ);
		opt->commit = result.uint_32;
		return 0;
	case VEXFS_OPT_CACHE:
		if (!result.uint_32)
			return invalf(fc, "vexfs: cache=0 is too small; at least 1 MiB");
		opt->cache = result.uint_32;
		return 0;
	case VEXFS_OPT_STRICT:
		opt->strict = true;
		return 0;
#ifdef VEXFS_PLANTED
	case VEXFS_OPT_FAULT:
		opt->fault = result.uint_32;
		return 0;
#endif
	default:
		return which;
	}
}

static int vexfs_get_tree(struct fs_context *fc)
{
	return get_tree_bdev(fc, vexfs_fill_super);
}

static bool vexfs_same(const struct vexfs_options *a, const struct vexfs_options *b)
{
	return a->data == b->data && a->manual_clock == b->manual_clock &&
	       a->strict == b->strict && a->commit == b->commit && a->cache == b->cache;
}

/* A remount changes ro and rw and nothing else. */
static int vexfs_reconfigure(struct fs_context *fc)
{
	struct vexfs_sb_info *sbi = vexfs_sb(fc->root->d_sb);

	if (!vexfs_same(fc->fs_private, &sbi->opt))
		return invalf(fc, "vexfs: only ro and rw can change at remount; unmount first");
	if (fc->sb_flags & SB_RDONLY)
		return 0;
	if (sbi->error)
		return -EROFS;
	if (sbi->overlay || sbi->no_write) {
		errorf(fc, "vexfs: %s; unmount and mount it rw",
		       sbi->overlay ? "the log is not replayed" : "unknown ro_compat feature");
		return -EROFS;
	}
	vexfs_lock(sbi);
	sbi->writable = true;
	vexfs_unlock(sbi);
	return 0;
}

static void vexfs_free_context(struct fs_context *fc)
{
	kfree(fc->fs_private);
}

static const struct fs_context_operations vexfs_context_ops = {
	.parse_param = vexfs_parse_param,
	.get_tree = vexfs_get_tree,
	.reconfigure = vexfs_reconfigure,
	.free = vexfs_free_context,
};

int vexfs_init_fs_context(struct fs_context *fc)
{
	struct vexfs_options *opt = kzalloc(sizeof(*opt), GFP_KERNEL);

	if (!opt)
		return -ENOMEM;
	opt->commit = 5;
	opt->cache = 64;
	if (fc->purpose == FS_CONTEXT_FOR_RECONFIGURE)
		*opt = vexfs_sb(fc->root->d_sb)->opt;
	fc->fs_private = opt;
	fc->ops = &vexfs_context_ops;
	return 0;
}

int vexfs_show_options(struct seq_file *m, struct dentry *root)
{
	const struct vexfs_options *opt = &vexfs_sb(root->d_sb)->opt;

	seq_printf(m, ",data=%s,clock=%s,commit=%u,cache=%u", vexfs_data_modes[opt->data].name,
		   vexfs_clocks[opt->manual_clock].name, opt->commit, opt->cache);
	if (opt->strict)
		seq_puts(m, ",strict");
	return 0;
}
