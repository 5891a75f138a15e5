/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR MIT */
/*
 * The types and the one checksum that every on-disk structure of VexFS uses.
 *
 * The contract headers compile as C11 in the kernel and as C++ in userspace. They hold
 * structures, constants and nothing else; docs/format.md says what they mean.
 */
#ifndef VEXFS_CONTRACT_BASE_H
#define VEXFS_CONTRACT_BASE_H

#ifdef __KERNEL__
#include <linux/build_bug.h>
#include <linux/stddef.h>
#else
#include <stddef.h>
#endif
#include <linux/types.h>

#ifdef __cplusplus
#define VEXFS_STATIC_ASSERT(condition, message) static_assert(condition, message)
#else
#define VEXFS_STATIC_ASSERT(condition, message) _Static_assert(condition, message)
#endif

#define VEXFS_ASSERT_SIZE(type, bytes) \
	VEXFS_STATIC_ASSERT(sizeof(struct type) == (bytes), "size of " #type)
#define VEXFS_ASSERT_OFFSET(type, member, bytes) \
	VEXFS_STATIC_ASSERT(offsetof(struct type, member) == (bytes), \
			    "offset of " #type "." #member)

/* A block: the unit of allocation, of the log's bookkeeping and of a write unit. Bytes. */
#define VEXFS_BLOCK_SIZE	4096
#define VEXFS_BLOCK_SHIFT	12

/* A changed unit in the log (docs/format.md, "Transactions"). Bytes; 64 of them make a block. */
#define VEXFS_UNIT_SIZE		64
#define VEXFS_UNITS_PER_BLOCK	64

/* Bits in one bitmap block. */
#define VEXFS_BITS_PER_BLOCK	(VEXFS_BLOCK_SIZE * 8)

/* Four ASCII characters as the le32 that stores them in reading order. */
#define VEXFS_MAGIC(a, b, c, d) \
	((__u32)(a) | (__u32)(b) << 8 | (__u32)(c) << 16 | (__u32)(d) << 24)

#endif
