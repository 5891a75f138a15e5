// SPDX-License-Identifier: GPL-2.0-only
/* Distances with AVX-512F. */
#define VEC_WIDTH 16
#include "vec_lanes.h"

VEC_KERNELS(avx512);
