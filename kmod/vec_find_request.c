// SPDX-License-Identifier: GPL-2.0-only
/* Requests search and resume. */
#include "vec_request.h"

struct vexfs_searching {
	struct vexfs_exchange *ex;
	const struct vexfs_search *body;
	u32 k, queries, filter;
	u32 rows_at, filter_at;		/* bytes of the request */
	u32 crc;			/* of the body, its token as zero */
	u64 limit;			/* visits in force, U64_MAX: none */
	u8 *row;			/* room for one */
	u64 *allowed;
	bool truncated;
};

static int vexfs_check_fields(struct vexfs_searching *s)
{
	const struct vexfs_search *body = s->body;
	u64 reply = sizeof(struct vexfs_reply) + sizeof(struct vexfs_search_reply) +
		    (u64)s->queries * (sizeof(struct vexfs_answers) +
				       (u64)s->k * sizeof(struct vexfs_answer));
	bool resume = s->ex->opcode == VEXFS_OP_RESUME;

	if (!s->k || s->k > VEXFS_K_MAX || reply > VEXFS_MESSAGE_MAX)
		return vexfs_refuse(s->ex, -EINVAL, VEXFS_FIELD(vexfs_search, k), 0);
	if (!body->ef || le32_to_cpu(body->ef) > VEXFS_EF_MAX)
		return vexfs_refuse(s->ex, -EINVAL, VEXFS_FIELD(vexfs_search, ef), 0);
	if (!s->queries)
		return vexfs_refuse(s->ex, -EINVAL, VEXFS_FIELD(vexfs_search, queries), 0);
	if (!resume && body->visits)
		return vexfs_refuse(s->ex, -EINVAL, VEXFS_FIELD(vexfs_search, visits), 0);
	if (!resume && body->sequence)
		return vexfs_refuse(s->ex, -EINVAL, VEXFS_FIELD(vexfs_search, sequence), 0);
	if (!resume && body->crc)
		return vexfs_refuse(s->ex, -EINVAL, VEXFS_FIELD(vexfs_search, crc), 0);
	if (body->reserved)
		return vexfs_refuse(s->ex, -EINVAL, VEXFS_FIELD(vexfs_search, reserved), 0);
	return 0;
}

static u32 vexfs_search_crc(const struct vexfs_searching *s)
{
	const u8 *end = s->ex->request + s->ex->length;
	struct vexfs_search body = *s->body;
	u32 crc;

	body.max_visits = 0;
	body.visits = 0;
	body.sequence = 0;
	body.crc = 0;
	crc = crc32c(~0U, &body, sizeof(body));
	return ~crc32c(crc, s->body + 1, end - (const u8 *)(s->body + 1));
}

static int vexfs_check_token(struct vexfs_searching *s)
{
	if (s->ex->opcode != VEXFS_OP_RESUME)
		return 0;
	if (le32_to_cpu(s->body->crc) != s->crc)
		return vexfs_refuse(s->ex, -EINVAL, VEXFS_FIELD(vexfs_search, crc), 0);
	if (le64_to_cpu(s->body->sequence) != s->ex->coll->set.sequence)
		return vexfs_refuse(s->ex, -ESTALE, VEXFS_FIELD(vexfs_search, sequence), 0);
	return 0;
}

static void vexfs_search_limit(struct vexfs_searching *s)
{
	u64 more = le32_to_cpu(s->body->max_visits);

	s->limit = U64_MAX;
	if (more)
		s->limit = min_t(u64, le32_to_cpu(s->body->visits) + more, U32_MAX);
}

static int vexfs_check_search(struct vexfs_searching *s)
{
	u32 row_bytes = s->ex->coll->set.params.row_bytes;
	int err = vexfs_check_body(s->ex, sizeof(*s->body));
	u64 rows_end;

	if (err)
		return err;
	s->k = le32_to_cpu(s->body->k);
	s->queries = le32_to_cpu(s->body->queries);
	s->filter = le32_to_cpu(s->body->filter);
	err = vexfs_check_fields(s);
	if (err)
		return err;
	s->rows_at = VEXFS_BODY + sizeof(*s->body);
	rows_end = ALIGN(s->rows_at + (u64)s->queries * row_bytes, 8);
	err = vexfs_check_length(s->ex, rows_end + 8ULL * s->filter);
	if (err)
		return err;
	s->filter_at = rows_end;
	s->crc = vexfs_search_crc(s);
	vexfs_search_limit(s);
	err = vexfs_check_token(s);
	return err ? err : vexfs_check_rows(s->ex, s->rows_at, s->queries, s->row);
}

static int vexfs_search_filter(struct vexfs_searching *s)
{
	const __le64 *ids = (const void *)(s->ex->request + s->filter_at);
	u32 i;

	if (!s->filter)
		return 0;
	s->allowed = kvmalloc_array(s->filter, sizeof(u64), GFP_KERNEL);
	if (!s->allowed)
		return -ENOMEM;
	for (i = 0; i < s->filter; i++)
		s->allowed[i] = le64_to_cpu(ids[i]);
	return 0;
}

static void vexfs_give_answers(struct vexfs_searching *s, const struct vec_answers *found)
{
	const struct vec_set *set = &s->ex->coll->set;
	struct vexfs_answers *answers = vexfs_reply_take(s->ex, sizeof(*answers));
	u32 i;

	answers->count = cpu_to_le32(found->count);
	answers->flags = cpu_to_le32(found->truncated ? VEXFS_ANSWERS_TRUNCATED : 0);
	s->truncated |= found->truncated;
	for (i = 0; i < found->count; i++) {
		struct vexfs_answer *answer = vexfs_reply_take(s->ex, sizeof(*answer));
		u32 slot = (u32)found->keys[i];
		u32 distance = vec_distance_of(&set->params, found->keys[i] >> 32);

		answer->id = cpu_to_le64(vec_node(set, slot)->id);
		answer->distance = cpu_to_le32(distance);
		answer->slot = cpu_to_le32(slot);
	}
}

static int vexfs_search_all(struct vexfs_searching *s, struct vec_finder *finder)
{
	const struct vec_params *params = &s->ex->coll->set.params;
	u32 i, fault, at = s->rows_at;
	struct vec_answers found;
	int err = 0;

	for (i = 0; !err && i < s->queries; i++, at += params->row_bytes) {
		err = vec_row_prepare(params, s->ex->request + at, s->row, &fault);
		if (!err)
			err = vec_find(finder, s->row, &found);
		if (!err)
			vexfs_give_answers(s, &found);
	}
	return err;
}

static int vexfs_search_reply(struct vexfs_searching *s)
{
	const struct vec_set *set = &s->ex->coll->set;
	struct vec_query query = {
		.k = s->k,
		.ef = le32_to_cpu(s->body->ef),
		.exact = s->ex->flags & VEXFS_SEARCH_EXACT,
		.filtered = s->filter,
		.allowed = s->allowed,
		.allowed_count = s->filter,
		.max_visits = s->limit,
	};
	u64 most = sizeof(struct vexfs_answers) +
		   (u64)min(s->k, set->live) * sizeof(struct vexfs_answer);
	struct vexfs_search_reply *reply;
	struct vec_finder *finder;
	int err = vec_finder_new(set, &query, &finder);

	if (err)
		return err;
	err = vexfs_reply_begin(s->ex, sizeof(struct vexfs_reply) + sizeof(*reply) +
					       s->queries * most);
	if (!err) {
		reply = vexfs_reply_take(s->ex, sizeof(*reply));
		err = vexfs_search_all(s, finder);
		reply->queries = cpu_to_le32(s->queries);
		if (s->truncated) {
			reply->visits = cpu_to_le32(s->limit);
			reply->sequence = cpu_to_le64(set->sequence);
			reply->crc = cpu_to_le32(s->crc);
		}
	}
	vec_finder_free(finder);
	return err;
}

int vexfs_do_search(struct vexfs_exchange *ex)
{
	struct vexfs_searching s = {
		.ex = ex,
		.body = (const void *)(ex->request + VEXFS_BODY),
		.row = kvmalloc(ex->coll->set.params.room, GFP_KERNEL),
	};
	int err = s.row ? vexfs_check_search(&s) : -ENOMEM;

	if (!err)
		err = vexfs_search_filter(&s);
	if (!err)
		err = vexfs_search_reply(&s);
	kvfree(s.row);
	kvfree(s.allowed);
	return err;
}
