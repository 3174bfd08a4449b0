/*
 * A case as a line of JSON and back. Tables say what is in it, for writing and reading alike.
 *
 * What is not finite is null in the file. Which value is meant follows from the neighbours: see finding.h.
 */
#include "survey_line.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define COUNT_MOST ((size_t)1 << 48) /* of any number in a line, so that no sum of them overflows */

enum member_type {
	MEMBER_TEXT,     /* const char *; "" is null */
	MEMBER_COUNT,    /* size_t */
	MEMBER_POSITIVE, /* size_t; 0 is null */
	MEMBER_TOKEN,    /* uint32_t; TOKEN_NONE is null */
	MEMBER_FLAG,     /* bool */
	MEMBER_NLL,      /* double, at least 0; inf is null */
	MEMBER_LOGP,     /* double, at most 0; -inf is null */
	MEMBER_MARGIN,   /* double; null is told by its neighbours */
	MEMBER_KIND,     /* enum verdict_kind */
	MEMBER_WHY,      /* enum unreachable_why; UNREACHABLE_NOT is null */
	MEMBER_HOW,      /* enum lost_how; LOST_NOT is null */
	/* Not one field. */
	MEMBER_SETTINGS,
	MEMBER_STEPS,
	MEMBER_REACH,
};

struct member {
	const char *key; /* NULL: the table ends */
	enum member_type type;
	size_t offset;   /* of the field */
};

#define OF(field) offsetof(struct finding, field)

static const struct member case_members[] = {
	{"case", MEMBER_TEXT, OF(id)},
	{"index", MEMBER_COUNT, OF(index)},
	{"settings", MEMBER_SETTINGS, 0},
	{"user", MEMBER_TEXT, OF(user)},
	{"item", MEMBER_TEXT, OF(item)},
	{"title", MEMBER_TEXT, OF(title)},
	{"history", MEMBER_COUNT, OF(history)},
	{"prompt_tokens", MEMBER_POSITIVE, OF(prompt_tokens)},
	{"popularity", MEMBER_COUNT, OF(popularity)},
	{"item_tokens", MEMBER_POSITIVE, OF(item_tokens)},
	{"choices", MEMBER_COUNT, OF(choices)},
	{"first_token", MEMBER_TOKEN, OF(first_token)},
	{"first_text", MEMBER_TEXT, OF(first_text)},
	{"first_shared", MEMBER_COUNT, OF(first_shared)},
	{"kind", MEMBER_KIND, OF(outcome.kind)},
	{"unreachable", MEMBER_WHY, OF(outcome.why)},
	{"rank", MEMBER_POSITIVE, OF(outcome.rank)},
	{"item_rank", MEMBER_POSITIVE, OF(item_rank)},
	{"exact_rank", MEMBER_POSITIVE, OF(outcome.exact_rank)},
	{"exact_rank_most", MEMBER_POSITIVE, OF(exact_rank_most)},
	{"exact_rank_proved", MEMBER_FLAG, OF(outcome.exact_proved)},
	{"pruned_at", MEMBER_POSITIVE, OF(outcome.pruned_at)},
	{"lost", MEMBER_HOW, OF(how)},
	{"condition_holds", MEMBER_FLAG, OF(outcome.condition_holds)},
	{"returned", MEMBER_COUNT, OF(outcome.returned)},
	{"recalled", MEMBER_COUNT, OF(outcome.recalled)},
	{"exact_n", MEMBER_COUNT, OF(outcome.exact_n)},
	{"nll_before", MEMBER_NLL, OF(outcome.nll_before)},
	{"nll_after", MEMBER_NLL, OF(outcome.nll_after)},
	{"smallest_beam", MEMBER_POSITIVE, OF(smallest_width)},
	{"steps", MEMBER_STEPS, 0},
	{"reach", MEMBER_REACH, 0},
	{"expanded", MEMBER_COUNT, OF(expanded)},
	{"scored_tokens", MEMBER_COUNT, OF(scored)},
	{0},
};

#undef OF
#define OF(field) offsetof(struct finding_step, field)

static const struct member step_members[] = {
	{"token", MEMBER_TOKEN, OF(token)},
	{"text", MEMBER_TEXT, OF(text)},
	{"valid", MEMBER_COUNT, OF(valid)},
	{"token_rank", MEMBER_COUNT, OF(token_rank)},
	{"prefix_rank", MEMBER_POSITIVE, OF(prefix_rank)},
	{"step_logp", MEMBER_LOGP, OF(step_logp)},
	{"token_margin", MEMBER_MARGIN, OF(token_margin)},
	{"prefix_margin", MEMBER_MARGIN, OF(prefix_margin)},
	{"in_beam", MEMBER_FLAG, OF(in_beam)},
	{0},
};

#undef OF
#define OF(field) offsetof(struct finding_reach, field)

static const struct member reach_members[] = {
	{"rank", MEMBER_POSITIVE, OF(rank)},
	{"recalled", MEMBER_COUNT, OF(recalled)},
	{"exact_n", MEMBER_COUNT, OF(exact_n)},
	{0},
};

#undef OF

static json_t *text(const char *s)
{
	return s && *s ? json_text(s, strlen(s)) : json_null();
}

static json_t *count(size_t n)
{
	return json_integer((json_int_t)n);
}

/* One field of the struct that begins at base. */
static json_t *field(const struct member *m, const void *base)
{
	const void *at = (const char *)base + m->offset;

	switch (m->type) {
	case MEMBER_TEXT:
		return text(*(const char *const *)at);
	case MEMBER_COUNT:
		return count(*(const size_t *)at);
	case MEMBER_POSITIVE:
		return *(const size_t *)at > 0 ? count(*(const size_t *)at) : json_null();
	case MEMBER_TOKEN:
		return *(const uint32_t *)at == TOKEN_NONE ? json_null() : count(*(const uint32_t *)at);
	case MEMBER_FLAG:
		return json_boolean(*(const bool *)at);
	case MEMBER_NLL:
	case MEMBER_LOGP:
	case MEMBER_MARGIN:
		return json_real_or_null(*(const double *)at);
	case MEMBER_KIND:
		return json_string(verdict_name(*(const enum verdict_kind *)at));
	case MEMBER_WHY:
		return text(unreachable_name(*(const enum unreachable_why *)at));
	case MEMBER_HOW:
		return text(lost_name(*(const enum lost_how *)at));
	case MEMBER_SETTINGS:
	case MEMBER_STEPS:
	case MEMBER_REACH:
		break;
	}
	BUG("'%s' is not one field", m->key);
}

/* n structs of `size` bytes as an object with an array for every field. */
static json_t *fields(const struct member *m, const void *at, size_t n, size_t size)
{
	json_t *v = json_object();

	for (; m->key; m++) {
		json_t *a = json_array();

		for (size_t i = 0; i < n; i++)
			json_array_append_new(a, field(m, (const char *)at + i * size));
		json_object_set_new(v, m->key, a);
	}
	return v;
}

static json_t *member(const struct survey *s, const struct finding *f, const struct member *m)
{
	switch (m->type) {
	case MEMBER_SETTINGS:
		return json_incref(s->settings);
	case MEMBER_STEPS:
		return fields(step_members, f->steps, f->n_steps, sizeof(*f->steps));
	case MEMBER_REACH:
		return fields(reach_members, f->reach, s->n_widths, sizeof(*f->reach));
	default:
		return field(m, f);
	}
}

void survey_line(const struct survey *s, const struct finding *f, struct buf *out)
{
	json_t *v = json_object();

	for (const struct member *m = case_members; m->key; m++)
		json_object_set_new(v, m->key, member(s, f, m));
	json_add(out, v);
	buf_addch(out, '\n');
	json_decref(v);
}

/* The value among names 0 … n-1 that a string is; null is 0 where 0 has no name. */
static int read_name(int *out, const char *const *names, size_t n, const struct json_node *node, struct err *err)
{
	const char *name;

	if (!names[0] && json_is_null(node->value)) {
		*out = 0;
		return 0;
	}
	if (json_as_str(node, &name, NULL, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (names[i] && !strcmp(names[i], name)) {
			*out = (int)i;
			return 0;
		}
	}
	return json_refuse(node, err, "is '%.60s', which is none of its values", name);
}

static int read_kind(enum verdict_kind *kind, const struct json_node *node, struct err *err)
{
	const char *names[VERDICT_UNDECIDED + 1];
	int i;

	for (i = 0; i <= VERDICT_UNDECIDED; i++)
		names[i] = verdict_name((enum verdict_kind)i);
	if (read_name(&i, names, ARRAY_LEN(names), node, err) < 0)
		return -1;
	*kind = (enum verdict_kind)i;
	return 0;
}

static int read_why(enum unreachable_why *why, const struct json_node *node, struct err *err)
{
	const char *names[UNREACHABLE_ZERO + 1];
	int i;

	for (i = 0; i <= UNREACHABLE_ZERO; i++)
		names[i] = unreachable_name((enum unreachable_why)i);
	if (read_name(&i, names, ARRAY_LEN(names), node, err) < 0)
		return -1;
	*why = (enum unreachable_why)i;
	return 0;
}

static int read_how(enum lost_how *how, const struct json_node *node, struct err *err)
{
	const char *names[LOST_STOPPED + 1];
	int i;

	for (i = 0; i <= LOST_STOPPED; i++)
		names[i] = lost_name((enum lost_how)i);
	if (read_name(&i, names, ARRAY_LEN(names), node, err) < 0)
		return -1;
	*how = (enum lost_how)i;
	return 0;
}

static int read_text(const char **out, struct arena *arena, const struct json_node *node, struct err *err)
{
	const char *s = "";

	if (!json_is_null(node->value) && json_as_str(node, &s, NULL, err) < 0)
		return -1;
	*out = arena_strdup(arena, s);
	return 0;
}

static int read_token(uint32_t *out, const struct json_node *node, struct err *err)
{
	size_t id = TOKEN_NONE;

	if (!json_is_null(node->value) && json_as_size(node, 0, TOKEN_NONE - 1, &id, err) < 0)
		return -1;
	*out = (uint32_t)id;
	return 0;
}

/* null: the value that stands for it. */
static int read_real(double *out, double null, double min, double max, const struct json_node *node, struct err *err)
{
	*out = null;
	return json_is_null(node->value) ? 0 : json_as_double(node, min, max, out, err);
}

static int read_field(
	const struct member *m, void *base, struct arena *arena, const struct json_node *node, struct err *err)
{
	void *at = (char *)base + m->offset;

	switch (m->type) {
	case MEMBER_TEXT:
		return read_text(at, arena, node, err);
	case MEMBER_COUNT:
		return json_as_size(node, 0, COUNT_MOST, at, err);
	case MEMBER_POSITIVE:
		*(size_t *)at = 0;
		return json_is_null(node->value) ? 0 : json_as_size(node, 1, COUNT_MOST, at, err);
	case MEMBER_TOKEN:
		return read_token(at, node, err);
	case MEMBER_FLAG:
		return json_as_bool(node, at, err);
	case MEMBER_NLL:
		return read_real(at, INFINITY, 0, DBL_MAX, node, err);
	case MEMBER_LOGP:
		return read_real(at, -INFINITY, -DBL_MAX, 0, node, err);
	case MEMBER_MARGIN:
		return read_real(at, NAN, -DBL_MAX, DBL_MAX, node, err);
	case MEMBER_KIND:
		return read_kind(at, node, err);
	case MEMBER_WHY:
		return read_why(at, node, err);
	case MEMBER_HOW:
		return read_how(at, node, err);
	case MEMBER_SETTINGS:
	case MEMBER_STEPS:
	case MEMBER_REACH:
		break;
	}
	BUG("'%s' is not one field", m->key);
}

/* A member that may be null, but not absent. */
static int find_member(const struct json_node *object, const char *key, struct json_node *out, struct err *err)
{
	json_t *value = json_object_get(object->value, key);

	if (!value)
		return json_refuse(object, err, "lacks \"%s\"", key);
	*out = json_child(object, key, value);
	return 0;
}

/* The length of the first array, which the others must have too. */
static int find_length(const struct member *m, const struct json_node *object, size_t *n, struct err *err)
{
	struct json_node array;

	return find_member(object, m->key, &array, err) < 0 ? -1 : json_as_array(&array, n, err);
}

static int read_fields(const struct member *m, void *base, size_t n, size_t size, struct arena *arena,
	const struct json_node *object, struct err *err)
{
	for (; m->key; m++) {
		struct json_node array, element;
		size_t own;

		if (find_member(object, m->key, &array, err) < 0 || json_as_array(&array, &own, err) < 0)
			return -1;
		if (own != n)
			return json_refuse(&array, err, "has %zu elements, and %zu are wanted", own, n);
		for (size_t i = 0; i < n; i++) {
			element = json_element(&array, i);
			if (read_field(m, (char *)base + i * size, arena, &element, err) < 0)
				return -1;
		}
	}
	return 0;
}

/* Which of the values that are no numbers is meant, see finding.h. */
static int tell_margins(struct finding_step *p, bool *zero, const struct json_node *node, struct err *err)
{
	bool impossible = p->step_logp == -INFINITY;

	*zero |= impossible;
	if (isnan(p->token_margin) != impossible)
		return json_refuse(node, err, "has a token margin that does not go with its step_logp");
	if (impossible && p->token_rank > 1)
		p->token_margin = -INFINITY;
	if (p->prefix_rank == 0) {
		if (!isnan(p->prefix_margin))
			return json_refuse(node, err, "has a prefix margin without a prefix rank");
	} else if (*zero) {
		if (!isnan(p->prefix_margin))
			return json_refuse(node, err, "has a prefix margin though the probability is 0");
		p->prefix_margin = -INFINITY;
	} else if (isnan(p->prefix_margin)) {
		p->prefix_margin = INFINITY;
	}
	return 0;
}

static int read_steps(struct finding *f, struct arena *arena, const struct json_node *node, struct err *err)
{
	bool zero = false;
	size_t n;

	if (json_as_object(node, err) < 0 || find_length(step_members, node, &n, err) < 0)
		return -1;
	if (n > SURVEY_STEPS)
		return json_refuse(node, err, "are %zu, more than the %d that are read", n, SURVEY_STEPS);
	f->n_steps = n;
	f->steps = arena_alloc(arena, n * sizeof(*f->steps));
	if (read_fields(step_members, f->steps, n, sizeof(*f->steps), arena, node, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct finding_step *p = &f->steps[i];

		if (p->token == TOKEN_NONE || p->token_rank < 1 || p->token_rank > p->valid)
			return json_refuse(node, err, "have no token, or no such rank, at %zu", i + 1);
		if (tell_margins(p, &zero, node, err) < 0)
			return -1;
	}
	return 0;
}

static int read_reach(
	struct finding *f, const struct survey *s, struct arena *arena, const struct json_node *node, struct err *err)
{
	f->reach = arena_alloc(arena, s->n_widths * sizeof(*f->reach));
	if (json_as_object(node, err) < 0 ||
		read_fields(reach_members, f->reach, s->n_widths, sizeof(*f->reach), arena, node, err) < 0)
		return -1;
	for (size_t i = 0; i < s->n_widths; i++) {
		const struct finding_reach *r = &f->reach[i];

		if (r->rank > s->widths[i] || r->exact_n > s->widths[i] || r->recalled > r->exact_n)
			return json_refuse(node, err, "holds more than beam width %zu can give", s->widths[i]);
	}
	return 0;
}

/* The members against each other: what figures rely on. */
static int check(const struct finding *f, const struct survey *s, const struct json_node *line, struct err *err)
{
	const struct outcome *o = &f->outcome;
	bool unreachable = o->kind == VERDICT_UNREACHABLE;

	if (f->index < 1 || f->index > s->split_cases)
		return json_refuse(line, err, "is case number %zu of a split of %zu", f->index, s->split_cases);
	if (!*f->id)
		return json_refuse(line, err, "names no case");
	if (o->returned > s->width || o->exact_n > s->width || o->recalled > o->exact_n || o->rank > o->returned)
		return json_refuse(line, err, "holds more than beam width %zu can give", s->width);
	if (unreachable != (o->why != UNREACHABLE_NOT) || unreachable != (o->exact_rank == 0) ||
		unreachable != (f->exact_rank_most == 0) || o->exact_rank > f->exact_rank_most ||
		o->exact_proved != (!unreachable && o->exact_rank == f->exact_rank_most) ||
		(unreachable ? o->rank > 0 :
			       o->kind != verdict_find(o->rank, o->exact_rank, f->exact_rank_most, s->width)))
		return json_refuse(line, err, "has a verdict that does not go with its ranks");
	if (o->pruned_at > SURVEY_STEPS || (o->rank > 0 && o->pruned_at > 0))
		return json_refuse(line, err, "is pruned at step %zu, which cannot be", o->pruned_at);
	if (!unreachable && (f->n_steps == 0 || !isfinite(o->nll_before)))
		return json_refuse(line, err, "is reachable, but has no steps or no probability");
	return 0;
}

int survey_line_read(struct finding *f, struct survey *s, const struct json_node *line, struct err *err)
{
	*f = (struct finding){0};
	for (const struct member *m = case_members; m->key; m++) {
		struct json_node node;
		int failed;

		if (find_member(line, m->key, &node, err) < 0)
			return -1;
		if (m->type == MEMBER_SETTINGS)
			failed = json_as_object(&node, err);
		else if (m->type == MEMBER_STEPS)
			failed = read_steps(f, &s->arena, &node, err);
		else if (m->type == MEMBER_REACH)
			failed = read_reach(f, s, &s->arena, &node, err);
		else
			failed = read_field(m, f, &s->arena, &node, err);
		if (failed < 0)
			return -1;
	}
	return check(f, s, line, err);
}
