#include "session/snap_compare.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "data/title.h"
#include "session/contest_text.h"
#include "session/field.h"
#include "session/snap_text.h"
#include "session/snap_trace.h"

#define CHANCE 0.05 /* a difference whose p-value is smaller is beyond it */

struct snap_pair *snap_pair_new(const json_t *record)
{
	const json_t *contenders = json_object_get(record, "contenders");
	struct snap_pair *p = xcalloc(1, sizeof(*p));

	arena_init(&p->arena);
	p->refs = 1;
	p->case_id = arena_strdup(&p->arena, field_text(record, "case"));
	for (size_t i = 0; i < 2; i++) {
		const json_t *v = json_array_get(contenders, i);

		p->names_shown[i] = snap_keep_shown(&p->arena, field_text(v, "name"));
		p->traces[i] = snap_trace_new(json_object_get(v, "search"));
	}
	return p;
}

void snap_pair_unref(struct snap_pair *p)
{
	if (!p || --p->refs > 0)
		return;
	for (size_t i = 0; i < 2; i++)
		snap_trace_unref((struct snap_trace *)p->traces[i]);
	arena_release(&p->arena);
	free(p);
}

static void read_names(struct snap_contest *c, const json_t *contenders)
{
	const char **names = arena_calloc(&c->arena, c->n, sizeof(*names));

	for (size_t i = 0; i < c->n; i++)
		names[i] = snap_keep_shown(&c->arena, field_text(json_array_get(contenders, i), "name"));
	c->names_shown = names;
}

static void read_figures(struct snap_contest *c, const json_t *contenders, const json_t *bouts)
{
	const char **figures = arena_calloc(&c->arena, CONTEST_LINES, sizeof(*figures));
	const char **values = arena_calloc(&c->arena, CONTEST_LINES * c->n, sizeof(*values));
	const char **differences = arena_calloc(&c->arena, CONTEST_LINES * c->n, sizeof(*differences));
	bool *beyond = arena_calloc(&c->arena, CONTEST_LINES * c->n, sizeof(*beyond));
	struct buf b = {0};

	c->n_figures = CONTEST_LINES;
	for (size_t i = 0; i < CONTEST_LINES; i++) {
		const struct contest_line *line = &contest_lines[i];

		figures[i] = arena_strdup(&c->arena, line->label);
		for (size_t k = 0; k < c->n; k++) {
			size_t at = i * c->n + k;

			contest_add_value(&b, line, json_array_get(contenders, k), c->k);
			values[at] = buf_keep(&b, &c->arena);
			if (k > 0) {
				const json_t *test = contest_test(json_array_get(bouts, k - 1), line, c->k);

				contest_add_difference(&b, line, test);
				beyond[at] = field_real(test, "p") < CHANCE;
			}
			differences[at] = buf_keep(&b, &c->arena);
		}
	}
	buf_release(&b);
	c->figures_shown = figures;
	c->values_shown = values;
	c->differences_shown = differences;
	c->beyond_chance = beyond;
}

static const char *keep_title(struct arena *a, const json_t *v)
{
	const char *title = field_text(v, "title");
	struct buf b = {0};

	title_show(&b, *title ? title : field_text(v, "item"), false);
	return buf_keep(&b, a);
}

static void read_flip(struct snap_flip *f, struct arena *a, const json_t *v)
{
	const json_t *before = json_object_get(v, "before"), *after = json_object_get(v, "after");

	*f = (struct snap_flip){
		.id = arena_strdup(a, field_text(v, "case")),
		.title_shown = keep_title(a, v),
		.before = snap_verdict_of(before),
		.after = snap_verdict_of(after),
		.rank_before = field_count(before, "rank"),
		.rank_after = field_count(after, "rank"),
		.exact_before = field_count(before, "exact_rank"),
		.exact_after = field_count(after, "exact_rank"),
		.proved_before = json_is_true(json_object_get(before, "exact_rank_proved")),
		.proved_after = json_is_true(json_object_get(after, "exact_rank_proved")),
		.pruned_before = field_count(before, "step"),
		.pruned_after = field_count(after, "step"),
	};
}

static void read_bouts(struct snap_contest *c, const json_t *bouts, const char *const *words)
{
	struct snap_bout *list = arena_calloc(&c->arena, c->n, sizeof(*list));

	for (size_t i = 0; i + 1 < c->n; i++) {
		const json_t *bout = json_array_get(bouts, i), *changed = json_object_get(bout, "changed");
		struct snap_flip *flips;

		list[i].against = arena_strdup(&c->arena, words[i]);
		list[i].sentence_shown = snap_keep_shown(&c->arena, field_text(bout, "outcome"));
		list[i].n_flips = json_array_size(changed);
		flips = arena_calloc(&c->arena, list[i].n_flips, sizeof(*flips));
		for (size_t k = 0; k < list[i].n_flips; k++)
			read_flip(&flips[k], &c->arena, json_array_get(changed, k));
		list[i].flips = flips;
	}
	c->bouts = list;
}

struct snap_contest *snap_contest_new(const json_t *record, const char *const *words)
{
	const json_t *contenders = json_object_get(record, "contenders"), *bouts = json_object_get(record, "bouts");
	struct snap_contest *c = xcalloc(1, sizeof(*c));

	arena_init(&c->arena);
	c->refs = 1;
	c->n = json_array_size(contenders);
	c->common = field_count(record, "cases");
	c->k = field_count(record, "k");
	read_names(c, contenders);
	read_figures(c, contenders, bouts);
	read_bouts(c, bouts, words);
	return c;
}

void snap_contest_unref(struct snap_contest *c)
{
	if (!c || --c->refs > 0)
		return;
	arena_release(&c->arena);
	free(c);
}
