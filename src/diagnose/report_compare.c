/*
 * What a report says of contenders beside each other.
 */
#include <stdio.h>

#include "report_priv.h"

#define CHANGED_MOST 50 /* flipped cases that are listed */

/* How each figure of the first screen is compared. */
static const struct test_kind {
	bool mean;
	int test;      /* an enum flip_kind, or an enum mean_kind */
	bool reversed; /* the figure is the other part of what is tested */
	bool counted;  /* the figure's own base differs: the cases tell, not the share */
} tests[REPORT_FIGURES] = {
	{false, FLIP_PRUNED, false, true},
	{true, MEAN_RECALL, false, false},
	{false, FLIP_HIT, false, false},
	{false, FLIP_EXACT_HIT, false, false},
	{true, MEAN_NDCG, false, false},
	{false, FLIP_CONDITION, true, false},
};

/* "+0.1, p = 1.00"; with a mark where it is beyond chance. Without a figure the change is of cases. */
static void difference_cell(struct grid *g, const struct report_figure *f, size_t n, double change, double p)
{
	struct buf b = {0};

	if (n == 0) {
		grid_cell(g, "-");
		return;
	}
	if (change > 0)
		buf_addch(&b, '+');
	chart_number(f && f->share ? 100 * change : change, !f ? 0 : f->share ? 1 : 4, &b);
	buf_addstr(&b, ", ");
	words_p(p, &b);
	buf_addstr(&b, report_beyond_chance(p) ? " *" : "");
	grid_take(g, &b);
}

/* "115 of 324 = 35.5 % [30.5, 40.8]" */
static void counted_cell(struct grid *g, const struct figure *f)
{
	struct buf b = {0};

	if (f->n > 0) {
		buf_addcount(&b, f->count);
		buf_addstr(&b, " of ");
		buf_addcount(&b, f->n);
		buf_addstr(&b, " = ");
	}
	words_figure(f, true, &b);
	grid_take(g, &b);
}

static void contender_row(struct report_work *w, struct grid *g, size_t contender, bool one_width)
{
	const struct tally *t = &w->contest.tallies[contender];

	grid_cell(g, "%s", w->contest.contenders[contender].name);
	if (!one_width)
		grid_count(g, t->width);
	for (size_t i = 0; i < REPORT_FIGURES; i++) {
		struct figure f = report_figures[i].of(t, w->contest.k);
		struct buf b = {0};

		if (tests[i].counted) {
			counted_cell(g, &f);
			continue;
		}
		words_figure(&f, report_figures[i].share, &b);
		grid_take(g, &b);
	}
}

static void difference_row(struct report_work *w, struct grid *g, size_t contender, bool one_width)
{
	const struct bout *b = &w->contest.bouts[contender - 1];

	grid_cell(g, "%s \xe2\x88\x92 %s", w->contest.contenders[contender].name, w->contest.contenders[0].name);
	if (!one_width)
		grid_cell(g, "%s", "");
	for (size_t i = 0; i < REPORT_FIGURES; i++) {
		const struct report_figure *f = &report_figures[i];

		if (tests[i].mean) {
			const struct mean_test *t = &b->means[tests[i].test];

			difference_cell(g, f, t->n, t->difference.value, t->p);
		} else {
			const struct flip_test *t = &b->flips[tests[i].test];
			double change = tests[i].counted ? (double)t->gained - (double)t->lost : t->difference.value;

			difference_cell(g, tests[i].counted ? NULL : f, t->n, tests[i].reversed ? -change : change,
				t->p);
		}
	}
}

/* " tau=0.85: tau 0.85, where sft has 1.0.": by what settings a contender's search differs from the first's. */
static void add_settings(struct report_work *w, size_t contender, struct sentence *s)
{
	static const char *const keys[] = {"mask", "search", "tau"}; /* terms, too */
	const struct contender *first = &w->contest.contenders[0], *second = &w->contest.contenders[contender];

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		json_t *before = json_object_get(first->survey->settings, keys[i]);
		json_t *after = json_object_get(second->survey->settings, keys[i]);

		if (json_equal(before, after))
			continue;
		buf_addf(&s->text, " %s: ", second->name);
		sentence_link(s, keys[i], keys[i]);
		buf_addch(&s->text, ' ');
		words_json(after, &s->text);
		buf_addf(&s->text, ", where %s has ", first->name);
		words_json(before, &s->text);
		buf_addch(&s->text, '.');
	}
}

/* What the table's rows and marks are. */
static void table_note(struct report_work *w, struct page *p, bool one_width)
{
	struct sentence s = {.w = w};

	buf_addstr(&s.text, "In brackets 95 % intervals. Differences are case by case, of shares in percentage points; "
			    "* is beyond chance (p < 0.05).");
	if (!one_width)
		buf_addf(&s.text,
			" HR and NDCG are at K = %zu, the smallest B, all else at each one's own B; the difference of "
			"the wrongly pruned is of those among the exact best %zu.",
			w->contest.k, w->contest.k);
	if (w->contest.common < w->tally.cases) {
		buf_addstr(&s.text, " The table is of the ");
		buf_addcount(&s.text, w->contest.common);
		buf_addstr(&s.text, " cases that all have.");
	}
	for (size_t i = 1; i < w->contest.n; i++)
		add_settings(w, i, &s);
	sentence_say(&s, p, VOICE_NOTE);
}

void report_contest(struct report_work *w, struct page *p)
{
	bool one_width = report_one_width(w);
	char k[24];
	struct grid g;

	snprintf(k, sizeof(k), "%zu", w->contest.k);
	grid_init(&g, &w->arena, NULL);
	g.pairs = true;
	grid_column(&g, "", true);
	if (!one_width)
		grid_column(&g, "B", false);
	for (size_t i = 0; i < REPORT_FIGURES; i++) {
		struct buf b = {0};

		buf_addf(&b, report_figures[i].name, report_figures[i].own && !one_width ? "B" : k);
		grid_column(&g, report_kept(w, &b), false);
	}
	for (size_t i = 0; i < w->contest.n; i++) {
		contender_row(w, &g, i, one_width);
		if (i > 0)
			difference_row(w, &g, i, one_width);
	}
	grid_write(&g, p);
	table_note(w, p, one_width);
}

static void test_cells(struct grid *g, size_t n, const struct figure *f, bool share, double p)
{
	struct buf b = {0};

	grid_count(g, n);
	words_difference(f, share, &b);
	grid_take(g, &b);
	words_p(p, &b);
	grid_take(g, &b);
}

static void tests_table(struct report_work *w, struct page *p, const struct bout *b)
{
	static const char *const flips[FLIP_KINDS] = {
		[FLIP_HIT] = "HR@K",
		[FLIP_PRUNED] = "wrongly pruned, of all cases",
		[FLIP_EXACT_HIT] = "HR@K, perfect search",
		[FLIP_CONDITION] = "BEAR condition (every token in the top B) holds",
	};
	static const char *const means[MEAN_KINDS] = {
		[MEAN_NDCG] = "NDCG@K",
		[MEAN_EXACT_NDCG] = "NDCG@K, perfect search",
		[MEAN_RECALL] = "search recall",
		[MEAN_NLL] = "\xe2\x88\x92log P of the positive item",
	};
	struct buf caption = {0};
	struct grid g;

	buf_addf(&caption, "Differences, case by case, with K = %zu", w->contest.k);
	grid_init(&g, &w->arena, report_kept(w, &caption));
	grid_column(&g, "figure", true);
	grid_column(&g, "gained", false);
	grid_column(&g, "lost", false);
	grid_column(&g, "of", false);
	grid_column(&g, "difference", false);
	grid_column(&g, "chance", false);
	for (int k = 0; k < FLIP_KINDS; k++) {
		grid_cell(&g, "%s", flips[k]);
		grid_count(&g, b->flips[k].gained);
		grid_count(&g, b->flips[k].lost);
		test_cells(&g, b->flips[k].n, &b->flips[k].difference, true, b->flips[k].p);
	}
	for (int k = 0; k < MEAN_KINDS; k++) {
		grid_cell(&g, "%s", means[k]);
		grid_cell(&g, "%s", "");
		grid_cell(&g, "%s", "");
		test_cells(&g, b->means[k].n, &b->means[k].difference, k == MEAN_RECALL, b->means[k].p);
	}
	grid_write(&g, p);
}

static void matrix(struct report_work *w, struct page *p, const struct bout *b, const char *first, const char *second)
{
	struct buf caption = {0};
	struct grid g;

	buf_addf(&caption, "Verdicts: %s (rows) and %s (columns)", first, second);
	grid_init(&g, &w->arena, report_kept(w, &caption));
	grid_column(&g, first, true);
	for (int k = 0; k < TALLY_KINDS; k++)
		grid_column(&g, verdict_name((enum verdict_kind)k), false);
	for (int i = 0; i < TALLY_KINDS; i++) {
		grid_cell(&g, "%s", verdict_name((enum verdict_kind)i));
		for (int k = 0; k < TALLY_KINDS; k++)
			grid_count(&g, b->verdicts[i][k]);
	}
	grid_write(&g, p);
}

/* "incorrectly-pruned at step 2, exact rank 3" */
static void verdict_cell(struct grid *g, const struct finding *f)
{
	const struct outcome *o = &f->outcome;
	struct buf b = {0};

	buf_addstr(&b, verdict_name(o->kind));
	if (o->rank > 0)
		buf_addf(&b, " at rank %zu", o->rank);
	else if (o->pruned_at > 0)
		buf_addf(&b, " at step %zu", o->pruned_at);
	if (o->rank == 0 && o->exact_rank > 0) {
		buf_addf(&b, ", exact rank %s", o->exact_proved ? "" : "at least ");
		buf_addcount(&b, o->exact_rank);
	}
	grid_take(g, &b);
}

static void changed_table(
	struct report_work *w, struct page *p, const struct bout *b, const char *first, const char *second)
{
	struct buf text = {0};
	struct grid g;

	if (b->n_changed == 0)
		return;
	buf_addcount(&text, b->n_changed);
	buf_addf(&text, b->n_changed == 1 ? " case changed its verdict" : " cases changed their verdict");
	if (b->n_changed > CHANGED_MOST)
		buf_addf(&text, "; the first %d", CHANGED_MOST);
	grid_init(&g, &w->arena, report_kept(w, &text));
	grid_column(&g, "case", true);
	grid_column(&g, "positive item", true);
	grid_column(&g, first, true);
	grid_column(&g, second, true);
	for (size_t i = 0; i < b->n_changed && i < CHANGED_MOST; i++) {
		const struct flip *f = &b->changed[i];

		grid_cell(&g, "%s", f->before->id);
		words_title(f->before, &text);
		grid_take(&g, &text);
		verdict_cell(&g, f->before);
		verdict_cell(&g, f->after);
	}
	grid_write(&g, p);
}

static void slice_differences(struct report_work *w, struct page *p, const struct bout *b)
{
	struct grid g;

	if (b->n_slices == 0)
		return;
	grid_init(&g, &w->arena, "Differences, slice by slice");
	grid_column(&g, "slice", true);
	grid_column(&g, "", true);
	grid_column(&g, "cases", false);
	grid_column(&g, "HR", false);
	grid_column(&g, "chance", false);
	grid_column(&g, "wrongly pruned", false);
	grid_column(&g, "chance", false);
	for (size_t i = 0; i < b->n_slices; i++) {
		const struct slice_difference *d = &b->slices[i];
		struct buf text = {0};

		grid_cell(&g, "%s", i > 0 && d->by == b->slices[i - 1].by ? "" : d->by->title);
		grid_cell(&g, "%s", d->label);
		grid_count(&g, d->cases);
		words_difference(&d->hit.difference, true, &text);
		grid_take(&g, &text);
		words_p(d->hit.p, &text);
		grid_take(&g, &text);
		words_difference(&d->pruned.difference, true, &text);
		grid_take(&g, &text);
		words_p(d->pruned.p, &text);
		grid_take(&g, &text);
	}
	grid_write(&g, p);
}

void report_compare(struct report_work *w, struct page *p)
{
	const struct contest *c = &w->contest;
	struct buf b = {0};

	if (c->n == 0)
		return;
	p->ops->heading(p, "Comparison");
	if (!report_one_width(w))
		p->ops->text(p, VOICE_NOTE,
			"K is the smallest B of all. Search recall and the BEAR condition are those of each one's own "
			"B.");
	for (size_t i = 1; i < c->n; i++) {
		const char *first = c->contenders[0].name, *second = c->contenders[i].name;

		buf_addf(&b, "%s against %s", second, first);
		p->ops->subheading(p, buf_str(&b));
		buf_clear(&b);
		tests_table(w, p, &c->bouts[i - 1]);
		matrix(w, p, &c->bouts[i - 1], first, second);
		slice_differences(w, p, &c->bouts[i - 1]);
		changed_table(w, p, &c->bouts[i - 1], first, second);
	}
	buf_release(&b);
}
