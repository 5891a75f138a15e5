/* SPDX-License-Identifier: GPL-2.0-only */
/* The few things of the kernel that the graph's code uses, so that its unit test runs without one. */
#ifndef VEXFS_KERNEL_SHIM_H
#define VEXFS_KERNEL_SHIM_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define U64_MAX UINT64_MAX
#define GFP_KERNEL 0
#define BITS_PER_LONG 64
#define BITS_TO_LONGS(bits) (((bits) + 63) / 64)
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define ALIGN(x, a) (((x) + (a) - 1) / (a) * (a))
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#define min_t(type, a, b) min((type)(a), (type)(b))
#define max_t(type, a, b) max((type)(a), (type)(b))
#define READ_ONCE(x) (x)
#define WRITE_ONCE(x, value) ((x) = (value))
#define sort(base, count, size, compare, swap) qsort(base, count, size, compare)

#define kvmalloc_array(count, size, flags) malloc((size_t)(count) * (size))
#define kvcalloc(count, size, flags) calloc(count, size)
#define kvzalloc(size, flags) calloc(1, size)
#define kvfree(memory) free(memory)

#define current 0
#define fatal_signal_pending(task) ((void)(task), false)
#define cond_resched() ((void)0)
#define kernel_fpu_begin() ((void)0)
#define kernel_fpu_end() ((void)0)
#define X86_FEATURE_AVX2 "avx2"
#define X86_FEATURE_AVX512F "avx512f"
#define XFEATURE_MASK_SSE 0
#define XFEATURE_MASK_YMM 0
#define XFEATURE_MASK_AVX512 0
#define boot_cpu_has(feature) __builtin_cpu_supports(feature)
#define cpu_has_xfeatures(mask, name) true

static inline u64 div_u64(u64 a, u32 b)
{
	return a / b;
}

static inline int ilog2(u64 n)
{
	return 63 - __builtin_clzll(n);
}

static inline u32 hash_64(u64 value, unsigned int bits)
{
	return value * 0x61c8864680b583ebULL >> (64 - bits);
}

static inline u32 hash_32(u32 value, unsigned int bits)
{
	return value * 0x61c88647U >> (32 - bits);
}

static inline unsigned int hweight64(u64 word)
{
	return __builtin_popcountll(word);
}

static inline bool test_bit(unsigned int bit, const unsigned long *map)
{
	return map[bit / 64] >> bit % 64 & 1;
}

static inline void __set_bit(unsigned int bit, unsigned long *map)
{
	map[bit / 64] |= 1UL << bit % 64;
}

static inline bool __test_and_set_bit(unsigned int bit, unsigned long *map)
{
	bool was = test_bit(bit, map);

	__set_bit(bit, map);
	return was;
}

static inline void bitmap_zero(unsigned long *map, unsigned int bits)
{
	memset(map, 0, BITS_TO_LONGS(bits) * sizeof(long));
}

static inline u32 crc32c(u32 crc, const void *bytes, size_t length)
{
	const u8 *at = bytes;

	while (length--) {
		crc ^= *at++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78U : 0);
	}
	return crc;
}

#endif
