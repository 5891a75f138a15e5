// SPDX-License-Identifier: GPL-2.0-only
/* From a row as sent to the row as stored (docs/vectors.md, "What is stored"). */
#include "vec.h"
#include "vec_simd.h"

static int vec_prepare_f32(u32 dim, const u8 *in, u8 *out, u32 *fault)
{
	u32 i, bits;

	for (i = 0; i < dim; i++) {
		memcpy(&bits, in + 4 * i, sizeof(bits));
		if ((bits & 0x7f800000) == 0x7f800000) {
			*fault = 4 * i;
			return -EINVAL;
		}
		if (bits == 0x80000000)
			bits = 0;
		memcpy(out + 4 * i, &bits, sizeof(bits));
	}
	return 0;
}

static int vec_prepare_f16(u32 dim, const u8 *in, u8 *out, u32 *fault)
{
	u16 bits;
	u32 i;

	for (i = 0; i < dim; i++) {
		memcpy(&bits, in + 2 * i, sizeof(bits));
		if ((bits & 0x7c00) == 0x7c00) {
			*fault = 2 * i;
			return -EINVAL;
		}
		if (bits == 0x8000)
			bits = 0;
		memcpy(out + 2 * i, &bits, sizeof(bits));
	}
	return 0;
}

static int vec_prepare_bits(const struct vec_params *params, const u8 *in, u8 *out, u32 *fault)
{
	u32 last = params->row_bytes - 1;

	if (params->dim % 8 && in[last] >> params->dim % 8) {
		*fault = last;
		return -EINVAL;
	}
	memcpy(out, in, params->row_bytes);
	return 0;
}

int vec_row_prepare(const struct vec_params *params, const u8 *in, u8 *out, u32 *fault)
{
	int err;

	*fault = 0;
	memset(out + params->row_bytes, 0, params->room - params->row_bytes);
	switch (params->type) {
	case VEXFS_TYPE_F32:
		err = vec_prepare_f32(params->dim, in, out, fault);
		if (!err && params->metric == VEXFS_METRIC_COSINE)
			err = vec_normalise(out, params->dim) ? 0 : -EINVAL;
		return err;
	case VEXFS_TYPE_F16:
		return vec_prepare_f16(params->dim, in, out, fault);
	case VEXFS_TYPE_I8:
		memcpy(out, in, params->row_bytes);
		return 0;
	default:
		return vec_prepare_bits(params, in, out, fault);
	}
}
