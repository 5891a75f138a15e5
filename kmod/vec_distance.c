// SPDX-License-Identifier: GPL-2.0-only
/* Distances between rows: which instructions, and the sections in which they run. */
#ifdef __KERNEL__
#include <asm/cpufeature.h>
#include <asm/fpu/api.h>
#endif

#include "vec.h"
#include "vec_simd.h"

/* Floats in one section, at most: preemption is off for some microseconds. */
#define VEC_SECTION_FLOATS	65536

static const struct vec_kernels *vec_kernels = &vec_kernels_sse2;

static bool vec_has_avx512(void)
{
	return boot_cpu_has(X86_FEATURE_AVX512F) &&
	       cpu_has_xfeatures(XFEATURE_MASK_SSE | XFEATURE_MASK_YMM |
				 XFEATURE_MASK_AVX512, NULL);
}

static bool vec_has_avx2(void)
{
	return boot_cpu_has(X86_FEATURE_AVX2) &&
	       cpu_has_xfeatures(XFEATURE_MASK_SSE | XFEATURE_MASK_YMM, NULL);
}

/* @name: auto, sse2, avx2 or avx512. -EINVAL for another, -EOPNOTSUPP if the CPU lacks it. */
int vec_simd_choose(const char *name)
{
	bool best = !strcmp(name, "auto");

	if (!strcmp(name, "avx512") || (best && vec_has_avx512())) {
		if (!vec_has_avx512())
			return -EOPNOTSUPP;
		WRITE_ONCE(vec_kernels, &vec_kernels_avx512);
	} else if (!strcmp(name, "avx2") || (best && vec_has_avx2())) {
		if (!vec_has_avx2())
			return -EOPNOTSUPP;
		WRITE_ONCE(vec_kernels, &vec_kernels_avx2);
	} else if (!strcmp(name, "sse2") || best) {
		WRITE_ONCE(vec_kernels, &vec_kernels_sse2);
	} else {
		return -EINVAL;
	}
	return 0;
}

static vec_kernel_t *vec_kernel(const struct vec_params *params)
{
	const struct vec_kernels *k = READ_ONCE(vec_kernels);

	switch (params->type << 4 | params->metric) {
	case VEXFS_TYPE_F32 << 4 | VEXFS_METRIC_L2:
		return k->f32_l2;
	case VEXFS_TYPE_F32 << 4 | VEXFS_METRIC_COSINE:
		return k->f32_cosine;
	case VEXFS_TYPE_F32 << 4 | VEXFS_METRIC_DOT:
		return k->f32_dot;
	case VEXFS_TYPE_F32 << 4 | VEXFS_METRIC_MANHATTAN:
		return k->f32_manhattan;
	case VEXFS_TYPE_F16 << 4 | VEXFS_METRIC_L2:
		return k->f16_l2;
	case VEXFS_TYPE_F16 << 4 | VEXFS_METRIC_DOT:
		return k->f16_dot;
	case VEXFS_TYPE_F16 << 4 | VEXFS_METRIC_MANHATTAN:
		return k->f16_manhattan;
	case VEXFS_TYPE_I8 << 4 | VEXFS_METRIC_L2:
		return k->i8_l2;
	case VEXFS_TYPE_I8 << 4 | VEXFS_METRIC_DOT:
		return k->i8_dot;
	default:
		return k->i8_manhattan;
	}
}

/* Rows of bits lie in whole units of 64 bytes. */
static u32 vec_hamming(const u8 *a, const u8 *b, u32 bytes)
{
	u32 i, sum = 0;
	u64 x, y;

	for (i = 0; i < bytes; i += sizeof(x)) {
		memcpy(&x, a + i, sizeof(x));
		memcpy(&y, b + i, sizeof(y));
		sum += hweight64(x ^ y);
	}
	return sum;
}

void vec_distances(const struct vec_params *params, const u8 *query, const u8 *const *rows,
		   u32 count, u32 *distances)
{
	u32 blocks = DIV_ROUND_UP(params->dim, 32);
	u32 most = max(VEC_SECTION_FLOATS / (32 * blocks), 1U);
	vec_kernel_t *kernel;
	u32 i, n;

	if (params->type == VEXFS_TYPE_BINARY) {
		for (i = 0; i < count; i++)
			distances[i] = vec_hamming(query, rows[i], params->stride);
		return;
	}
	kernel = vec_kernel(params);
	for (i = 0; i < count; i += n) {
		n = min(count - i, most);
		kernel_fpu_begin();
		kernel(query, (const void *const *)rows + i, n, blocks, distances + i);
		kernel_fpu_end();
	}
}

int vec_normalise(void *row, unsigned int dim)
{
	int done;

	kernel_fpu_begin();
	done = vec_unit_length(row, dim);
	kernel_fpu_end();
	return done;
}

static bool vec_is_float(const struct vec_params *params)
{
	return params->type == VEXFS_TYPE_F32 || params->type == VEXFS_TYPE_F16;
}

/* The bits by which distances are compared: smaller is nearer. */
u32 vec_order(const struct vec_params *params, u32 distance)
{
	if (vec_is_float(params) && distance >> 31)
		return ~distance;
	return distance ^ 0x80000000;
}

/* The distance that has these order bits. */
u32 vec_distance_of(const struct vec_params *params, u32 order)
{
	if (vec_is_float(params) && !(order >> 31))
		return ~order;
	return order ^ 0x80000000;
}
