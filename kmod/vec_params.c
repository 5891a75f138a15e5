// SPDX-License-Identifier: GPL-2.0-only
/* Parameters of a collection and what follows from them (docs/vectors.md, "Parameters"). */
#include "vec.h"

static bool vec_metric_fits(u8 type, u8 metric)
{
	switch (type) {
	case VEXFS_TYPE_F32:
		return metric >= VEXFS_METRIC_L2 && metric <= VEXFS_METRIC_MANHATTAN;
	case VEXFS_TYPE_F16:
	case VEXFS_TYPE_I8:
		return metric == VEXFS_METRIC_L2 || metric == VEXFS_METRIC_DOT ||
		       metric == VEXFS_METRIC_MANHATTAN;
	case VEXFS_TYPE_BINARY:
		return metric == VEXFS_METRIC_HAMMING;
	default:
		return false;
	}
}

bool vec_params_ok(const struct vec_params *params)
{
	return params->dim >= VEXFS_DIM_MIN && params->dim <= VEXFS_DIM_MAX &&
	       params->m >= VEXFS_M_MIN && params->m <= VEXFS_M_MAX &&
	       params->ef_construction >= VEXFS_EF_CONSTRUCTION_MIN &&
	       params->ef_construction <= VEXFS_EF_CONSTRUCTION_MAX &&
	       vec_metric_fits(params->type, params->metric);
}

void vec_params_derive(struct vec_params *params)
{
	u32 elements = ALIGN(params->dim, 32);

	switch (params->type) {
	case VEXFS_TYPE_F32:
		params->row_bytes = 4 * params->dim;
		params->room = 4 * elements;
		break;
	case VEXFS_TYPE_F16:
		params->row_bytes = 2 * params->dim;
		params->room = 2 * elements;
		break;
	case VEXFS_TYPE_I8:
		params->row_bytes = params->dim;
		params->room = elements;
		break;
	default:
		params->row_bytes = DIV_ROUND_UP(params->dim, 8);
		params->room = params->row_bytes;
		break;
	}
	params->stride = ALIGN(params->row_bytes, VEXFS_ROW_ALIGN);
	params->room = max(params->room, params->stride);
}

/* Bytes that linking a slot of this level may add to a transaction. */
u64 vec_link_cost(const struct vec_params *params, unsigned int level)
{
	u64 units = DIV_ROUND_UP(VEXFS_SLOT_BYTES(params->m), VEXFS_UNIT_SIZE) + 2;

	return (level + 1) * (params->m + 1) * (24 + VEXFS_UNIT_SIZE * units);
}

static u64 vec_mix64(u64 z)
{
	z ^= z >> 30;
	z *= 0xbf58476d1ce4e5b9ULL;
	z ^= z >> 27;
	z *= 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

u64 vec_level_hash(u64 seed, u32 slot)
{
	return vec_mix64(vec_mix64(seed + 0x9e3779b97f4a7c15ULL) ^ slot);
}

/* The level of a slot that is no duplicate. */
u32 vec_level(const struct vec_params *params, u32 slot)
{
	u64 h = vec_level_hash(params->seed, slot);
	u64 limit = U64_MAX;
	u32 level = 0;

	while (level < VEXFS_LEVEL_MAX) {
		limit = div_u64(limit, params->m);
		if (h >= limit)
			break;
		level++;
	}
	return level;
}
