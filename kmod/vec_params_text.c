// SPDX-License-Identifier: GPL-2.0-only
/* The value of the attribute user.vexfs.collection (docs/api.md, "Collections"). */
#include "vec_coll.h"

static const char *const vexfs_types[] = {
	[VEXFS_TYPE_F32] = "f32",
	[VEXFS_TYPE_F16] = "f16",
	[VEXFS_TYPE_I8] = "i8",
	[VEXFS_TYPE_BINARY] = "binary",
};

static const char *const vexfs_metrics[] = {
	[VEXFS_METRIC_L2] = "l2",
	[VEXFS_METRIC_COSINE] = "cosine",
	[VEXFS_METRIC_DOT] = "dot",
	[VEXFS_METRIC_MANHATTAN] = "manhattan",
	[VEXFS_METRIC_HAMMING] = "hamming",
};

enum { VEXFS_DIM, VEXFS_TYPE, VEXFS_METRIC, VEXFS_M, VEXFS_EF, VEXFS_SEED };

static const char *const vexfs_names[] = {
	[VEXFS_DIM] = "dim", [VEXFS_TYPE] = "type",	     [VEXFS_METRIC] = "metric",
	[VEXFS_M] = "m",     [VEXFS_EF] = "ef_construction", [VEXFS_SEED] = "seed",
};

const char *vexfs_vector_type(const struct vec_params *params)
{
	return vexfs_types[params->type];
}

const char *vexfs_vector_metric(const struct vec_params *params)
{
	return vexfs_metrics[params->metric];
}

/* Which of the words it is; -EINVAL if none. */
static int vexfs_word(const char *const *words, unsigned int count, const char *text,
		      size_t length)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (words[i] && strlen(words[i]) == length && !memcmp(words[i], text, length))
			return i;
	return -EINVAL;
}

/* Digits only, at least one; zeros may lead. */
static int vexfs_digits(const char *text, size_t length, u64 most, u64 *number)
{
	u64 value = 0;
	size_t i;

	for (i = 0; i < length; i++) {
		unsigned int digit = text[i] - '0';

		if (digit > 9 || value > (most - digit) / 10)
			return -EINVAL;
		value = value * 10 + digit;
	}
	*number = value;
	return length ? 0 : -EINVAL;
}

static int vexfs_params_set(struct vec_params *params, int name, const char *text, size_t length)
{
	u64 number = 0;
	int word = 0, err = 0;

	if (name == VEXFS_TYPE)
		word = vexfs_word(vexfs_types, ARRAY_SIZE(vexfs_types), text, length);
	else if (name == VEXFS_METRIC)
		word = vexfs_word(vexfs_metrics, ARRAY_SIZE(vexfs_metrics), text, length);
	else
		err = vexfs_digits(text, length, name == VEXFS_SEED ? U64_MAX : U16_MAX, &number);
	if (err || word < 0)
		return -EINVAL;
	switch (name) {
	case VEXFS_DIM:
		params->dim = number;
		break;
	case VEXFS_TYPE:
		params->type = word;
		break;
	case VEXFS_METRIC:
		params->metric = word;
		break;
	case VEXFS_M:
		params->m = number;
		break;
	case VEXFS_EF:
		params->ef_construction = number;
		break;
	default:
		params->seed = number;
		break;
	}
	return 0;
}

static int vexfs_params_item(struct vec_params *params, const char *item, size_t length,
			     unsigned int *given)
{
	const char *equals = memchr(item, '=', length);
	int name;

	if (!equals)
		return -EINVAL;
	name = vexfs_word(vexfs_names, ARRAY_SIZE(vexfs_names), item, equals - item);
	if (name < 0 || *given >> name & 1)
		return -EINVAL;
	*given |= 1U << name;
	return vexfs_params_set(params, name, equals + 1, item + length - equals - 1);
}

/* @seed: the default. -EINVAL for what docs/api.md does not allow. */
int vexfs_params_parse(const char *text, size_t length, u64 seed, struct vec_params *params)
{
	unsigned int given = 0;
	int err = length <= VEXFS_PARAMS_TEXT_MAX ? 0 : -EINVAL;

	*params = (struct vec_params){
		.m = VEXFS_M_DEFAULT,
		.ef_construction = VEXFS_EF_CONSTRUCTION_DEFAULT,
		.type = VEXFS_TYPE_F32,
		.seed = seed,
	};
	while (!err) {
		const char *space = memchr(text, ' ', length);
		size_t item = space ? space - text : length;

		err = vexfs_params_item(params, text, item, &given);
		if (!space)
			break;
		text += item + 1;
		length -= item + 1;
	}
	if (!(given >> VEXFS_METRIC & 1))
		params->metric = params->type == VEXFS_TYPE_BINARY ? VEXFS_METRIC_HAMMING :
								     VEXFS_METRIC_L2;
	if (err || !vec_params_ok(params))
		return -EINVAL;
	vec_params_derive(params);
	return 0;
}

/* Writes at most VEXFS_PARAMS_TEXT_MAX bytes; how many, without the NUL. */
unsigned int vexfs_params_format(const struct vec_params *params, char *text)
{
	return scnprintf(text, VEXFS_PARAMS_TEXT_MAX + 1,
			 "dim=%u type=%s metric=%s m=%u ef_construction=%u seed=%llu", params->dim,
			 vexfs_vector_type(params), vexfs_vector_metric(params), params->m,
			 params->ef_construction, params->seed);
}
