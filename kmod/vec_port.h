/* SPDX-License-Identifier: GPL-2.0-only */
/* What the graph's code takes from the kernel; outside of it, for its unit test, from a shim. */
#ifndef VEXFS_VEC_PORT_H
#define VEXFS_VEC_PORT_H

#ifdef __KERNEL__
#include <linux/bitmap.h>
#include <linux/crc32c.h>
#include <linux/errno.h>
#include <linux/hash.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>
#else
#include "tests/kernel_shim.h"
#endif

#endif
