/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The objects that compute with vector registers. They are called within a section between
 * kernel_fpu_begin and kernel_fpu_end, which vec_distance.c opens, and pass nothing but integers
 * and pointers, so that their callers need no such registers.
 */
#ifndef VEXFS_VEC_SIMD_H
#define VEXFS_VEC_SIMD_H

/*
 * Distances between rows of whole blocks of 32 elements. What lies between a row's end and the end
 * of its last block is zero on both sides and changes no sum.
 */
typedef void vec_kernel_t(const void *query, const void *const *rows, unsigned int count,
			  unsigned int blocks, unsigned int *distances);

/* One instruction set's. */
struct vec_kernels {
	const char *name;
	vec_kernel_t *f32_l2, *f32_cosine, *f32_dot, *f32_manhattan;
	vec_kernel_t *f16_l2, *f16_dot, *f16_manhattan;
	vec_kernel_t *i8_l2, *i8_dot, *i8_manhattan;
};

extern const struct vec_kernels vec_kernels_sse2;
extern const struct vec_kernels vec_kernels_avx2;
extern const struct vec_kernels vec_kernels_avx512;

/* vec_sse2.c: divides a row of floats by its length; 0 if that is 0. In a section. */
int vec_unit_length(void *row, unsigned int dim);

/* vec_distance.c: the same with a section of its own. */
int vec_normalise(void *row, unsigned int dim);

#endif
