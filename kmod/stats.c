// SPDX-License-Identifier: GPL-2.0-only
/* /.vexfs/stats: counters since the mount. */
#include <linux/seq_file.h>

#include "vexfs.h"

static void vexfs_count(struct seq_file *m, const char *name, const atomic64_t *value)
{
	seq_printf(m, "%s %lld\n", name, atomic64_read(value));
}

int vexfs_stats_show(struct seq_file *m, void *unused)
{
	struct vexfs_sb_info *sbi = m->private;

	vexfs_count(m, "units", &sbi->stats.units);
	vexfs_count(m, "events", &sbi->stats.events);
	vexfs_count(m, "transactions", &sbi->stats.seals);
	vexfs_count(m, "log_blocks", &sbi->stats.log_blocks);
	vexfs_count(m, "sync_points", &sbi->stats.sync_points);
	vexfs_count(m, "checkpoints", &sbi->stats.checkpoints);
	vexfs_count(m, "inodes_reclaimed", &sbi->stats.reclaimed);
	vexfs_lock(sbi);
	seq_printf(m, "log_blocks_used %llu\n", sbi->used);
	seq_printf(m, "blocks_parked %llu\n", sbi->parked);
	seq_printf(m, "images %llu\n", sbi->images_count);
	seq_printf(m, "images_in_memory %llu\n", sbi->images_kept);
	seq_printf(m, "name_table_bytes %lld\n", (s64)atomic64_read(&sbi->index_bytes));
	seq_printf(m, "error %d\n", sbi->error);
	vexfs_unlock(sbi);
	return 0;
}
