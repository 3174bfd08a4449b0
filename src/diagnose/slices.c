#include "diagnose/slices.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "diagnose/tally.h"

#define TOKEN_CELLS 20 /* of a first token's text, in a label */

static const struct slicing by_popularity = {"popularity", "times the item occurs in the training split",
	(const double[]){0, 5, 20, 100, 500, INFINITY}, false};
static const struct slicing by_length = {
	"item_tokens", "tokens of the item", (const double[]){4, 8, 12, 16, 24, INFINITY}, false};
static const struct slicing by_history = {
	"history", "items in the history", (const double[]){2, 5, 10, 20, INFINITY}, false};
static const struct slicing by_choices = {"choices", "steps of the item's path with more than one valid token",
	(const double[]){1, 2, 3, 4, 6, INFINITY}, false};
static const struct slicing by_siblings = {"siblings", "other valid tokens where it was wrongly pruned",
	(const double[]){3, 10, 30, 100, 300, INFINITY}, true};
static const struct slicing by_first_token = {"first_token", "first token of the item", NULL, false};
static const struct slicing by_first_shared = {
	"first_shared", "items that begin with the same token", (const double[]){1, 10, 100, 1000, INFINITY}, false};

const struct slicing *const slicings[] = {
	&by_popularity, &by_length, &by_history, &by_choices, &by_siblings, &by_first_token, &by_first_shared, NULL};

const struct column *slicing_column(const struct slicing *by)
{
	struct err err;
	const struct column *c = column_find(by->name, strlen(by->name), &err);

	if (!c)
		BUG("slicing by '%s', which is no column", by->name);
	return c;
}

struct token_count {
	uint32_t token;
	size_t n;
};

static int by_token(const void *left, const void *right)
{
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

	return a < b ? -1 : a > b;
}

/* The more frequent, then the lower one first. */
static int by_frequency(const void *left, const void *right)
{
	const struct token_count *a = left, *b = right;

	if (a->n != b->n)
		return a->n > b->n ? -1 : 1;
	return a->token < b->token ? -1 : a->token > b->token;
}

static void find_tokens(struct slices *s, const struct survey *survey)
{
	uint32_t *tokens = xcalloc(survey->findings.n + 1, sizeof(*tokens));
	VEC(struct token_count) counts = {0};
	size_t n = 0;

	for (size_t i = 0; i < survey->findings.n; i++)
		if (survey->findings.at[i].first_token != TOKEN_NONE)
			tokens[n++] = survey->findings.at[i].first_token;
	qsort(tokens, n, sizeof(*tokens), by_token);
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || tokens[i] != tokens[i - 1])
			vec_push(&counts, (struct token_count){.token = tokens[i]});
		counts.at[counts.n - 1].n++;
	}
	if (counts.n > 0)
		qsort(counts.at, counts.n, sizeof(*counts.at), by_frequency);
	while (s->n_tokens < SLICE_TOKENS && s->n_tokens < counts.n) {
		s->tokens[s->n_tokens] = counts.at[s->n_tokens].token;
		s->n_tokens++;
	}
	vec_release(&counts);
	free(tokens);
}

static size_t count_buckets(const struct slices *s)
{
	size_t n = 0;

	if (!s->by->edges)
		return s->n_tokens + 1;
	while (s->by->edges[n++] < INFINITY)
		;
	return n;
}

/* -1: none. */
static int bucket_of(const struct slices *s, const struct finding *f)
{
	double x;
	int bucket = 0;

	if (s->by->pruned_only && !finding_pruned(f))
		return -1;
	if (!s->by->edges) {
		if (f->first_token == TOKEN_NONE)
			return -1;
		while ((size_t)bucket < s->n_tokens && s->tokens[bucket] != f->first_token)
			bucket++;
		return bucket;
	}
	x = s->column->number(f);
	if (isnan(x))
		return -1;
	while (x > s->by->edges[bucket])
		bucket++;
	return bucket;
}

/* The text of a token, or its id where nothing says what it stands for. */
static void label_token(struct slice *slice, const struct finding *f)
{
	struct buf safe = {0}, label = {0};
	char quote = strchr(f->first_text, '"') ? '\'' : '"';

	utf8_show(&safe, f->first_text, strlen(f->first_text), false);
	buf_addch(&label, quote);
	buf_add(&label, buf_str(&safe), utf8_clip(buf_str(&safe), safe.len, TOKEN_CELLS, &(size_t){0}));
	buf_addch(&label, quote);
	/* A text that many combining marks make too long is as good as none. */
	if (*f->first_text == '\0' || label.len >= sizeof(slice->label))
		snprintf(slice->label, sizeof(slice->label), "token %u", (unsigned)f->first_token);
	else
		snprintf(slice->label, sizeof(slice->label), "%s", buf_str(&label));
	buf_release(&safe);
	buf_release(&label);
}

static void label_range(struct slice *slice, const double *edges, size_t bucket)
{
	double first = bucket > 0 ? edges[bucket - 1] + 1 : 0, last = edges[bucket];

	if (last == INFINITY)
		snprintf(slice->label, sizeof(slice->label), "> %.0f", first - 1);
	else if (bucket == 0 && last > 0)
		snprintf(slice->label, sizeof(slice->label), "up to %.0f", last);
	else if (first == last)
		snprintf(slice->label, sizeof(slice->label), "%.0f", last);
	else
		snprintf(slice->label, sizeof(slice->label), "%.0f-%.0f", first, last);
}

/* Of the cases of one bucket. */
static void fill(struct slices *s, size_t bucket, const struct finding *const *findings, size_t n, size_t width,
	struct means *means)
{
	struct slice *slice = &s->at[s->n];

	*slice = (struct slice){.cases = n};
	for (size_t i = 0; i < n; i++)
		slice->pruned += finding_pruned(findings[i]);
	if (s->by->edges)
		label_range(slice, s->by->edges, bucket);
	else if (bucket < s->n_tokens)
		label_token(slice, findings[0]);
	else
		snprintf(slice->label, sizeof(slice->label), "others");
	metrics_gather(&slice->metrics, findings, s->by->pruned_only ? 0 : n, width, means);
	s->place[bucket] = (int)s->n++;
}

void slices_init(struct slices *s, const struct slicing *by, const struct survey *survey)
{
	size_t n = survey->findings.n, n_buckets;
	const struct finding **sorted = xcalloc(n + 1, sizeof(*sorted));
	int *buckets = xcalloc(n + 1, sizeof(*buckets));
	struct means means;

	*s = (struct slices){.by = by, .column = slicing_column(by)};
	if (!by->edges)
		find_tokens(s, survey);
	n_buckets = count_buckets(s);
	s->at = xcalloc(n_buckets, sizeof(*s->at));
	s->place = xcalloc(n_buckets, sizeof(*s->place));
	for (size_t i = 0; i < n; i++)
		buckets[i] = bucket_of(s, &survey->findings.at[i]);
	means_init(&means);
	for (size_t k = 0; k < n_buckets; k++) {
		size_t members = 0;

		s->place[k] = -1;
		for (size_t i = 0; i < n; i++)
			if (buckets[i] == (int)k)
				sorted[members++] = &survey->findings.at[i];
		if (members > 0)
			fill(s, k, sorted, members, survey->width, &means);
	}
	means_find(&means, survey->seed);
	free(sorted);
	free(buckets);
}

void slices_release(struct slices *s)
{
	free(s->at);
	free(s->place);
	memset(s, 0, sizeof(*s));
}

int slices_find(const struct slices *s, const struct finding *f)
{
	int bucket = bucket_of(s, f);

	return bucket < 0 ? -1 : s->place[bucket];
}

static json_t *slice_json(const struct slice *s, bool pruned_only)
{
	json_t *v = json_object(), *figures;

	json_object_set_new(v, "label", json_string(s->label));
	json_object_set_new(v, "cases", json_integer((json_int_t)s->cases));
	json_object_set_new(v, "wrongly_pruned", json_integer((json_int_t)s->pruned));
	if (pruned_only)
		return v;
	figures = json_object();
	metrics_json(figures, &s->metrics);
	json_object_set_new(v, "figures", figures);
	return v;
}

json_t *slices_json(const struct survey *survey)
{
	json_t *all = json_array();

	for (size_t i = 0; slicings[i]; i++) {
		json_t *v = json_object(), *list = json_array();
		struct slices s;

		slices_init(&s, slicings[i], survey);
		for (size_t k = 0; k < s.n; k++)
			json_array_append_new(list, slice_json(&s.at[k], slicings[i]->pruned_only));
		json_object_set_new(v, "by", json_string(slicings[i]->name));
		json_object_set_new(v, "title", json_string(slicings[i]->title));
		json_object_set_new(v, "slices", list);
		json_array_append_new(all, v);
		slices_release(&s);
	}
	return all;
}
