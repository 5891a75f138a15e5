// SPDX-License-Identifier: GPL-2.0-only
/* Distances with AVX2. */
#define VEC_WIDTH 8
#include "vec_lanes.h"

VEC_KERNELS(avx2);
