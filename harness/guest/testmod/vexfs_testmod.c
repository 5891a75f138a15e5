// SPDX-License-Identifier: GPL-2.0-only
/*
 * Breaks the kernel on purpose while it is being loaded, so that the harness can prove that it
 * notices: mode=oops writes through a null pointer, mode=hang never lets the CPU go again.
 */
#include <linux/irqflags.h>
#include <linux/module.h>
#include <linux/string.h>

static char *mode = "oops";
module_param(mode, charp, 0);
MODULE_PARM_DESC(mode, "how to break the kernel: oops or hang");

static noinline void vexfs_testmod_oops(void)
{
	int *volatile nothing = NULL;

	*nothing = 1;
}

static noinline void vexfs_testmod_hang(void)
{
	local_irq_disable();
	for (;;)
		cpu_relax();
}

static int __init vexfs_testmod_init(void)
{
	if (!strcmp(mode, "hang"))
		vexfs_testmod_hang();
	else if (!strcmp(mode, "oops"))
		vexfs_testmod_oops();
	return -EINVAL;
}
module_init(vexfs_testmod_init);

MODULE_DESCRIPTION("Breaks the kernel on purpose, for tests of the VexFS harness");
MODULE_LICENSE("GPL");
