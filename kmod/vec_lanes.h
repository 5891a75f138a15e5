/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The distances of docs/vectors.md, "Arithmetic", in vector registers of VEC_WIDTH lanes. Included
 * once by the object of each instruction set. Element i goes to accumulator i mod 32 whatever the
 * width; -ffp-contract=off keeps multiplication and addition apart.
 */
#include "vec_simd.h"

#define VEC_PARTS	(32 / VEC_WIDTH)

typedef float vec_f __attribute__((vector_size(4 * VEC_WIDTH)));
typedef int vec_i __attribute__((vector_size(4 * VEC_WIDTH)));
typedef float vec_f_any __attribute__((vector_size(4 * VEC_WIDTH), aligned(1), may_alias));
typedef unsigned short vec_h_any
	__attribute__((vector_size(2 * VEC_WIDTH), aligned(1), may_alias));
typedef signed char vec_b_any __attribute__((vector_size(VEC_WIDTH), aligned(1), may_alias));

#define VEC_INLINE static inline __attribute__((__always_inline__))

VEC_INLINE vec_f vec_load_f32(const void *row, unsigned int part)
{
	return *((const vec_f_any *)row + part);
}

/* Exact: the half's exponent and fraction as those of a float, times 2^112. */
VEC_INLINE vec_f vec_load_f16(const void *row, unsigned int part)
{
	vec_i half = __builtin_convertvector(*((const vec_h_any *)row + part), vec_i);
	vec_f magnitude = (vec_f)((half & 0x7fff) << 13) * 0x1p112f;

	return (vec_f)((vec_i)magnitude | ((half & 0x8000) << 16));
}

VEC_INLINE vec_i vec_load_i8(const void *row, unsigned int part)
{
	return __builtin_convertvector(*((const vec_b_any *)row + part), vec_i);
}

VEC_INLINE vec_f vec_step_l2(vec_f sum, vec_f a, vec_f b)
{
	vec_f t = a - b;

	return sum + t * t;
}

VEC_INLINE vec_f vec_step_dot(vec_f sum, vec_f a, vec_f b)
{
	return sum + a * b;
}

VEC_INLINE vec_f vec_step_manhattan(vec_f sum, vec_f a, vec_f b)
{
	return sum + (vec_f)((vec_i)(a - b) & 0x7fffffff);
}

VEC_INLINE vec_i vec_istep_l2(vec_i sum, vec_i a, vec_i b)
{
	vec_i t = a - b;

	return sum + t * t;
}

VEC_INLINE vec_i vec_istep_dot(vec_i sum, vec_i a, vec_i b)
{
	return sum - a * b;
}

VEC_INLINE vec_i vec_istep_manhattan(vec_i sum, vec_i a, vec_i b)
{
	vec_i t = a - b;
	vec_i sign = t >> 31;

	return sum + ((t ^ sign) - sign);
}

VEC_INLINE float vec_fold(const vec_f *sums)
{
	float acc[32];
	unsigned int w, j;

	__builtin_memcpy(acc, sums, sizeof(acc));
	for (w = 16; w; w /= 2)
		for (j = 0; j < w; j++)
			acc[j] = acc[j] + acc[j + w];
	return acc[0];
}

VEC_INLINE int vec_ifold(const vec_i *sums)
{
	int acc[32], sum = 0;
	unsigned int j;

	__builtin_memcpy(acc, sums, sizeof(acc));
	for (j = 0; j < 32; j++)
		sum += acc[j];
	return sum;
}

VEC_INLINE unsigned int vec_bits(float value)
{
	unsigned int bits;

	if (value != value)
		return 0x7fc00000;
	__builtin_memcpy(&bits, &value, sizeof(bits));
	return bits;
}

#define VEC_KERNEL(name, vector, load, step, result)						\
static void name(const void *query, const void *const *rows, unsigned int count,		\
		 unsigned int blocks, unsigned int *distances)					\
{												\
	unsigned int row, block, part;								\
												\
	for (row = 0; row < count; row++) {							\
		vector sums[VEC_PARTS] = { };							\
												\
		for (block = 0; block < blocks; block++)					\
			for (part = 0; part < VEC_PARTS; part++) {				\
				unsigned int at = block * VEC_PARTS + part;			\
												\
				sums[part] = step(sums[part], load(query, at),			\
						  load(rows[row], at));				\
			}									\
		distances[row] = result;							\
	}											\
}

VEC_KERNEL(vec_f32_l2, vec_f, vec_load_f32, vec_step_l2, vec_bits(vec_fold(sums)))
VEC_KERNEL(vec_f32_cosine, vec_f, vec_load_f32, vec_step_l2, vec_bits(0.5f * vec_fold(sums)))
VEC_KERNEL(vec_f32_dot, vec_f, vec_load_f32, vec_step_dot, vec_bits(0.0f - vec_fold(sums)))
VEC_KERNEL(vec_f32_manhattan, vec_f, vec_load_f32, vec_step_manhattan, vec_bits(vec_fold(sums)))
VEC_KERNEL(vec_f16_l2, vec_f, vec_load_f16, vec_step_l2, vec_bits(vec_fold(sums)))
VEC_KERNEL(vec_f16_dot, vec_f, vec_load_f16, vec_step_dot, vec_bits(0.0f - vec_fold(sums)))
VEC_KERNEL(vec_f16_manhattan, vec_f, vec_load_f16, vec_step_manhattan, vec_bits(vec_fold(sums)))
VEC_KERNEL(vec_i8_l2, vec_i, vec_load_i8, vec_istep_l2, vec_ifold(sums))
VEC_KERNEL(vec_i8_dot, vec_i, vec_load_i8, vec_istep_dot, vec_ifold(sums))
VEC_KERNEL(vec_i8_manhattan, vec_i, vec_load_i8, vec_istep_manhattan, vec_ifold(sums))

#define VEC_KERNELS(set)									\
const struct vec_kernels vec_kernels_##set = {							\
	.name = #set,										\
	.f32_l2 = vec_f32_l2, .f32_cosine = vec_f32_cosine,					\
	.f32_dot = vec_f32_dot, .f32_manhattan = vec_f32_manhattan,				\
	.f16_l2 = vec_f16_l2, .f16_dot = vec_f16_dot, .f16_manhattan = vec_f16_manhattan,	\
	.i8_l2 = vec_i8_l2, .i8_dot = vec_i8_dot, .i8_manhattan = vec_i8_manhattan,		\
}
