// SPDX-License-Identifier: GPL-2.0-only
/* Distances with SSE2, which every x86-64 has, and the length of a row. */
#define VEC_WIDTH 4
#include "vec_lanes.h"

VEC_KERNELS(sse2);

int vec_unit_length(void *row, unsigned int dim)
{
	float *x = row;
	double sum = 0, length;
	unsigned int i;

	for (i = 0; i < dim; i++)
		sum += (double)x[i] * x[i];
	if (sum == 0)
		return 0;
	length = __builtin_sqrt(sum);
	/* Adding +0 turns -0, which a tiny negative element may become, into +0. */
	for (i = 0; i < dim; i++)
		x[i] = (float)((double)x[i] / length) + 0.0f;
	return 1;
}
