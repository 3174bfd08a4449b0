/*
 * What a report says, section by section.
 */
#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "report_priv.h"

#define CHANGED_MOST 50 /* flipped cases that are listed */

static void say(struct page *p, enum page_voice voice, struct buf *b)
{
	if (b->len > 0)
		p->ops->text(p, voice, buf_str(b));
	buf_clear(b);
}

static void grid_count(struct grid *g, size_t n)
{
	struct buf b = {0};

	buf_addcount(&b, n);
	grid_take(g, &b);
}

static void grid_share(struct grid *g, const struct figure *f)
{
	struct buf b = {0};

	words_figure(f, true, &b);
	grid_take(g, &b);
}

static void grid_number(struct grid *g, double v, int decimals, bool sign)
{
	struct buf b = {0};

	if (sign && v > 0)
		buf_addch(&b, '+');
	chart_number(v, decimals, &b);
	grid_take(g, &b);
}

static const char *kept(struct report_work *w, struct buf *b)
{
	const char *text = arena_strdup(&w->arena, buf_str(b));

	buf_release(b);
	return text;
}

static void lead(struct report_work *w, struct page *p)
{
	struct buf b = {0};
	size_t begin;

	if (w->contest.n > 0)
		buf_addf(&b, "With %s, ", w->contest.contenders[0].name);
	begin = b.len;
	report_headline(&w->tally, &b);
	if (begin > 0)
		b.at[begin] = (char)tolower(b.at[begin]);
	say(p, VOICE_LEAD, &b);
	for (size_t i = 1; i < w->contest.n; i++) {
		report_comparison(&w->contest, i, &b);
		say(p, VOICE_LEAD, &b);
	}
	if (w->contest.n > 0 && w->contest.common < w->tally.cases) {
		buf_addstr(&b, "The comparison is of the ");
		buf_addcount(&b, w->contest.common);
		buf_addstr(&b, " cases that all have.");
		say(p, VOICE_NOTE, &b);
	}
	buf_release(&b);
}

/* A figure of the first screen. */
struct head_figure {
	const char *name; /* "%s" is B */
	bool share;
	struct figure (*of)(const struct tally *t);
};

static struct figure hr_of(const struct tally *t)
{
	return t->metrics.hr;
}

static struct figure exact_hr_of(const struct tally *t)
{
	return t->metrics.exact_hr;
}

static struct figure pruning_of(const struct tally *t)
{
	return t->metrics.pruning_rate;
}

static struct figure recall_of(const struct tally *t)
{
	return t->metrics.search_recall;
}

static struct figure condition_of(const struct tally *t)
{
	return t->metrics.condition_violated;
}

static struct figure ndcg_of(const struct tally *t)
{
	return t->metrics.ndcg;
}

static const struct head_figure head_figures[] = {
	{"Wrongly pruned", true, pruning_of},
	{"Search recall@%s", true, recall_of},
	{"HR@%s", true, hr_of},
	{"HR@%s, perfect search", true, exact_hr_of},
	{"NDCG@%s", false, ndcg_of},
	{"BEAR's condition violated", true, condition_of},
};

static void add_value(const struct figure *f, bool share, struct buf *b)
{
	if (f->n == 0)
		buf_addch(b, '-');
	else if (share)
		words_share(f->value, b);
	else
		chart_number(f->value, 4, b);
}

/* "19.7 to 27.9; 97 of 412" */
static void add_below(const struct figure *f, bool share, struct buf *b)
{
	if (f->n == 0) {
		buf_addstr(b, "no such case");
		return;
	}
	words_interval(f, share, b);
	if (f->share) {
		buf_addstr(b, "; ");
		buf_addcount(b, f->count);
		buf_addstr(b, " of ");
		buf_addcount(b, f->n);
	}
}

/* Does each of those compared have the B that the report's figures are named after? */
static bool one_width(const struct report_work *w)
{
	for (size_t i = 0; i < w->contest.n; i++)
		if (w->contest.tallies[i].width != w->tally.width)
			return false;
	return true;
}

static void key_figure(struct report_work *w, const struct head_figure *h, struct key_figure *k)
{
	struct figure f = h->of(&w->tally);
	struct buf b = {0};
	char width[24];

	snprintf(width, sizeof(width), "%zu", w->tally.width);
	buf_addf(&b, h->name, width);
	k->name = kept(w, &b);
	add_value(&f, h->share, &b);
	k->value = kept(w, &b);
	add_below(&f, h->share, &b);
	k->below = kept(w, &b);
	for (size_t i = 1; i < w->contest.n; i++) {
		f = h->of(&w->contest.tallies[i]);
		buf_addf(&b, "%s ", w->contest.contenders[i].name);
		add_value(&f, h->share, &b);
		if (w->contest.tallies[i].width != w->tally.width)
			buf_addf(&b, " at B = %zu", w->contest.tallies[i].width);
		vec_push(&k->others, kept(w, &b));
	}
}

static void key_figures(struct report_work *w, struct page *p)
{
	struct key_figure k[ARRAY_LEN(head_figures)] = {0};

	for (size_t i = 0; i < ARRAY_LEN(head_figures); i++)
		key_figure(w, &head_figures[i], &k[i]);
	p->ops->figures(p, k, ARRAY_LEN(k));
	for (size_t i = 0; i < ARRAY_LEN(k); i++)
		vec_release(&k[i].others);
}

static void charts(struct report_work *w, struct page *p)
{
	struct chart c[REPORT_CHARTS];
	size_t n = report_charts(w, c);

	p->ops->charts(p, c, n);
}

static void table(struct page *p, struct grid *g)
{
	p->ops->table(p, g);
	grid_release(g);
}

static void verdicts_table(struct report_work *w, struct page *p)
{
	static const char *const meanings[TALLY_KINDS] = {
		[VERDICT_RETRIEVED] = "among the items returned",
		[VERDICT_PRUNED] = "among the exact best B, and lost by the search",
		[VERDICT_OUTRANKED] = "the model ranks it beyond B: no search would return it",
		[VERDICT_UNREACHABLE] = "the search could never return it",
		[VERDICT_UNDECIDED] = "not returned, its exact rank left open by the budget",
	};
	struct grid g;

	grid_init(&g, w, "What became of the positive items");
	grid_column(&g, "verdict", true);
	grid_column(&g, "cases", false);
	grid_column(&g, "share", false);
	grid_column(&g, "meaning", true);
	for (int k = 0; k < TALLY_KINDS; k++) {
		struct figure f = figure_share(w->tally.kinds[k], w->tally.cases);

		grid_cell(&g, "%s", verdict_name((enum verdict_kind)k));
		grid_count(&g, f.count);
		grid_share(&g, &f);
		grid_cell(&g, "%s", meanings[k]);
	}
	table(p, &g);
}

static void figure_row(struct grid *g, const char *name, const struct figure *f, bool share)
{
	struct buf b = {0};

	grid_cell(g, "%s", name);
	words_figure(f, share, &b);
	grid_take(g, &b);
	if (f->share)
		grid_count(g, f->count);
	else
		grid_cell(g, "%s", "");
	grid_count(g, f->n);
}

static void named_row(struct grid *g, const char *name, size_t k, const struct figure *f, bool share)
{
	char full[64];

	snprintf(full, sizeof(full), name, k);
	figure_row(g, full, f, share);
}

static void figures_table(struct report_work *w, struct page *p)
{
	const struct tally *t = &w->tally;
	const struct metrics *m = &t->metrics;
	struct grid g;

	grid_init(&g, w, "All figures, with 95 % intervals");
	grid_column(&g, "figure", true);
	grid_column(&g, "value", false);
	grid_column(&g, "count", false);
	grid_column(&g, "of", false);
	for (size_t i = 0; i < t->n_at; i++) {
		const struct tally_at *a = &t->at[i];

		named_row(&g, "HR@%zu", a->k, &a->hr, true);
		named_row(&g, "HR@%zu, items of one title one by one", a->k, &a->item_hr, true);
		named_row(&g, "HR@%zu, perfect search", a->k, &a->exact_hr, true);
		named_row(&g, "NDCG@%zu", a->k, &a->ndcg, false);
		named_row(&g, "NDCG@%zu, items of one title one by one", a->k, &a->item_ndcg, false);
		named_row(&g, "NDCG@%zu, perfect search", a->k, &a->exact_ndcg, false);
	}
	figure_row(&g, "wrongly pruned, of those among the exact best B", &m->pruning_rate, true);
	figure_row(&g, "BEAR's condition held, of the wrongly pruned", &t->held_yet_pruned, true);
	figure_row(&g, "search recall", &m->search_recall, true);
	figure_row(&g, "returned by luck, of those returned", &m->lucky, true);
	figure_row(&g, "BEAR's condition violated, of the reachable", &m->condition_violated, true);
	figure_row(&g, "\xe2\x88\x92log P of the positive item, mask before", &m->nll_before, false);
	figure_row(&g, "\xe2\x88\x92log P of the positive item, mask after", &m->nll_after, false);
	table(p, &g);
}

static void margin_cells(struct grid *g, const double five[5])
{
	for (int i = 0; i < 5; i += 2)
		grid_number(g, five[i], 2, true);
}

static void steps_table(struct report_work *w, struct page *p)
{
	struct grid g;

	grid_init(&g, w, "By step: who leaves the beam, and margins (nats) of those still in it");
	grid_column(&g, "step", false);
	grid_column(&g, "in the beam", false);
	grid_column(&g, "leave", false);
	grid_column(&g, "wrongly", false);
	grid_column(&g, "token rank > B", false);
	grid_column(&g, "prefix margin: least", false);
	grid_column(&g, "median", false);
	grid_column(&g, "most", false);
	grid_column(&g, "token margin: least", false);
	grid_column(&g, "median", false);
	grid_column(&g, "most", false);
	for (size_t i = 0; i < w->tally.n_steps; i++) {
		const struct tally_step *s = &w->tally.steps[i];

		grid_cell(&g, "%zu", s->step);
		grid_count(&g, s->alive);
		grid_count(&g, s->pruned);
		grid_count(&g, s->wrongly);
		grid_count(&g, s->violated);
		margin_cells(&g, s->prefix_margin);
		margin_cells(&g, s->token_margin);
	}
	table(p, &g);
}

static void widths_table(struct report_work *w, struct page *p)
{
	struct grid g;

	grid_init(&g, w, "By beam width: what a search of that width gives");
	grid_column(&g, "B", false);
	grid_column(&g, "HR@B", false);
	grid_column(&g, "HR@B, perfect search", false);
	grid_column(&g, "wrongly pruned", false);
	grid_column(&g, "search recall", false);
	grid_column(&g, "of those lost now, returned", false);
	for (size_t i = 0; i < w->tally.n_widths; i++) {
		const struct tally_width *t = &w->tally.widths[i];

		if (t->width == w->tally.width)
			g.strong = i;
		grid_cell(&g, "%zu", t->width);
		grid_share(&g, &t->hr);
		grid_share(&g, &t->exact_hr);
		grid_share(&g, &t->pruning_rate);
		grid_share(&g, &t->search_recall);
		grid_count(&g, t->saved);
	}
	if (w->tally.n_widths > 0)
		table(p, &g);
	else
		grid_release(&g);
}

static void slice_row(struct grid *g, const struct slice *at)
{
	const struct metrics *m = &at->metrics;
	const struct figure *shares[] = {
		&m->pruning_rate, &m->search_recall, &m->hr, &m->exact_hr, &m->condition_violated};

	grid_cell(g, "%s", at->label);
	grid_count(g, at->cases);
	grid_count(g, at->pruned);
	for (size_t i = 0; i < ARRAY_LEN(shares); i++)
		grid_share(g, shares[i]);
}

/* One table, so that the figures of all stand below each other. */
static void slices_table(struct report_work *w, struct page *p)
{
	struct grid g;

	p->ops->heading(p, "Slices");
	grid_init(&g, w, NULL);
	grid_column(&g, "by", true);
	grid_column(&g, "", true);
	grid_column(&g, "cases", false);
	grid_column(&g, "lost", false);
	grid_column(&g, "wrongly pruned", false);
	grid_column(&g, "search recall", false);
	grid_column(&g, "HR", false);
	grid_column(&g, "HR, perfect search", false);
	grid_column(&g, "condition violated", false);
	for (size_t i = 0; i < w->n_slices; i++) {
		const struct slices *s = &w->slices[i];

		for (size_t k = 0; k < s->n; k++) {
			grid_cell(&g, "%s", k == 0 ? s->by->title : "");
			slice_row(&g, &s->at[k]);
		}
	}
	table(p, &g);
}

static void contenders_table(struct report_work *w, struct page *p)
{
	const struct contest *c = &w->contest;
	bool same = one_width(w);
	char width[24] = "B";
	struct grid g;

	if (same)
		snprintf(width, sizeof(width), "%zu", w->tally.width);
	grid_init(&g, w, same ? "All that is compared" : "All that is compared, each at its own B");
	grid_column(&g, "figure", true);
	for (size_t i = 0; i < c->n && i + 1 < GRID_COLUMNS; i++)
		grid_column(&g, c->contenders[i].name, false);
	if (!same) {
		grid_cell(&g, "B");
		for (size_t i = 0; i + 1 < g.n_columns; i++)
			grid_cell(&g, "%zu", c->tallies[i].width);
	}
	for (size_t f = 0; f < ARRAY_LEN(head_figures); f++) {
		grid_cell(&g, head_figures[f].name, width);
		for (size_t i = 0; i + 1 < g.n_columns; i++) {
			struct figure v = head_figures[f].of(&c->tallies[i]);
			struct buf b = {0};

			words_figure(&v, head_figures[f].share, &b);
			grid_take(&g, &b);
		}
	}
	table(p, &g);
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
		[FLIP_CONDITION] = "BEAR's condition holds",
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
	grid_init(&g, w, kept(w, &caption));
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
	table(p, &g);
}

static void matrix(struct report_work *w, struct page *p, const struct bout *b, const char *first, const char *second)
{
	struct buf caption = {0};
	struct grid g;

	buf_addf(&caption, "Verdicts: %s (rows) and %s (columns)", first, second);
	grid_init(&g, w, kept(w, &caption));
	grid_column(&g, first, true);
	for (int k = 0; k < TALLY_KINDS; k++)
		grid_column(&g, verdict_name((enum verdict_kind)k), false);
	for (int i = 0; i < TALLY_KINDS; i++) {
		grid_cell(&g, "%s", verdict_name((enum verdict_kind)i));
		for (int k = 0; k < TALLY_KINDS; k++)
			grid_count(&g, b->verdicts[i][k]);
	}
	table(p, &g);
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
	grid_init(&g, w, kept(w, &text));
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
	table(p, &g);
}

static void slice_differences(struct report_work *w, struct page *p, const struct bout *b)
{
	struct grid g;

	if (b->n_slices == 0)
		return;
	grid_init(&g, w, "Differences, slice by slice");
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
	table(p, &g);
}

static void comparison(struct report_work *w, struct page *p)
{
	const struct contest *c = &w->contest;
	struct buf b = {0};

	if (c->n == 0)
		return;
	p->ops->heading(p, "Comparison");
	contenders_table(w, p);
	if (!one_width(w))
		p->ops->text(p, VOICE_NOTE,
			"K is the smallest B of all. Search recall and BEAR's condition are those of each one's own "
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

/* Quotation marks around a token, since its blanks count. */
static void token_cell(struct grid *g, const struct finding *f, size_t step)
{
	struct buf text = {0}, b = {0};

	words_token(f, step, &text);
	if (*f->steps[step - 1].text)
		buf_addf(&b, "\xe2\x80\xb9%s\xe2\x80\xba", buf_str(&text));
	else
		buf_addstr(&b, buf_str(&text));
	grid_take(g, &b);
	buf_release(&text);
}

static void case_table(struct report_work *w, struct page *p, const struct finding *f)
{
	struct grid g;

	grid_init(&g, w, NULL);
	grid_column(&g, "step", false);
	grid_column(&g, "token", true);
	grid_column(&g, "token rank", false);
	grid_column(&g, "of", false);
	grid_column(&g, "prefix rank", false);
	grid_column(&g, "prefix margin", false);
	grid_column(&g, "token margin", false);
	for (size_t i = 0; i < f->n_steps; i++) {
		const struct finding_step *s = &f->steps[i];

		if (i + 1 == f->outcome.pruned_at)
			g.strong = i;
		grid_cell(&g, "%zu", i + 1);
		token_cell(&g, f, i + 1);
		grid_count(&g, s->token_rank);
		grid_count(&g, s->valid);
		if (s->prefix_rank > 0)
			grid_count(&g, s->prefix_rank);
		else
			grid_cell(&g, "-");
		grid_number(&g, s->prefix_margin, 2, true);
		grid_number(&g, s->token_margin, 2, true);
	}
	table(p, &g);
}

static void worst_cases(struct report_work *w, struct page *p)
{
	struct buf b = {0};

	if (w->n_worst == 0)
		return;
	p->ops->heading(p, "The worst cases");
	p->ops->text(p, VOICE_TEXT,
		"Wrongly pruned positive items, those first that the model ranks highest. Margins are in nats; the "
		"step "
		"at which the item left the beam is in bold, what follows is what it would have met.");
	p->ops->group_begin(p);
	for (size_t i = 0; i < w->n_worst; i++) {
		const struct finding *f = w->worst[i];

		buf_addf(&b, "Case %s: ", f->id);
		words_title(f, &b);
		p->ops->case_begin(p, buf_str(&b));
		buf_clear(&b);
		words_verdict(f, w->survey, &b);
		say(p, VOICE_TEXT, &b);
		case_table(w, p, f);
		p->ops->case_end(p);
	}
	p->ops->group_end(p);
	buf_release(&b);
}

/* Counts of what the budget left open. */
static void unsettled(const struct report_work *w, size_t *unproved, size_t *unknown_best)
{
	for (size_t i = 0; i < w->survey->findings.n; i++) {
		const struct finding *f = &w->survey->findings.at[i];

		*unproved += f->outcome.kind != VERDICT_UNREACHABLE && !f->outcome.exact_proved;
		*unknown_best += f->outcome.exact_n == 0;
	}
}

static void counted(struct page *p, size_t n, const char *one, const char *many)
{
	struct buf b = {0};

	if (n > 0) {
		buf_addcount(&b, n);
		buf_addf(&b, " %s", n == 1 ? one : many);
		p->ops->text(p, VOICE_TEXT, buf_str(&b));
	}
	buf_release(&b);
}

static void not_known(struct report_work *w, struct page *p)
{
	const struct tally *t = &w->tally;
	size_t unproved = 0, unknown_best = 0, pruned = t->kinds[VERDICT_PRUNED];
	struct buf b = {0};

	unsettled(w, &unproved, &unknown_best);
	p->ops->heading(p, "What is not known");
	if (t->cases < w->survey->meant) {
		buf_addcount(&b, w->survey->meant - t->cases);
		buf_addstr(&b, " of the ");
		buf_addcount(&b, w->survey->meant);
		buf_addstr(
			&b, " cases that were meant are not in this report: the run was stopped, or is a part of it.");
		say(p, VOICE_TEXT, &b);
	}
	counted(p, t->metrics.undecided,
		"case is undecided: the budget of the exact search ended before it was settled whether its item is "
		"among "
		"the exact best B. A larger --budget would tell.",
		"cases are undecided: the budget of the exact search ended before it was settled whether their items "
		"are "
		"among the exact best B. A larger --budget would tell.");
	counted(p, unproved, "exact rank is not proved: the item ranks there or lower.",
		"exact ranks are not proved: these items rank there or lower.");
	counted(p, unknown_best, "case has no list of exact best items, and does not count in the search recall.",
		"cases have no list of exact best items, and do not count in the search recall.");
	if (pruned > t->smallest_n)
		counted(p, pruned - t->smallest_n, "wrongly pruned item is returned by no beam width that was tried.",
			"wrongly pruned items are returned by no beam width that was tried.");
	buf_addf(&b,
		"Intervals are 95 %% ones: Wilson's for shares; for means the percentile bootstrap with 1,000 draws "
		"from seed %llu. They say how far figures may be from those of other cases of the same kind, not how "
		"the model would fare elsewhere.",
		(unsigned long long)w->survey->seed);
	say(p, VOICE_TEXT, &b);
	if (w->contest.n > 0)
		p->ops->text(p, VOICE_TEXT,
			"Chances are two-sided: McNemar's exact test where a case has a figure or has not, the paired "
			"bootstrap for means. They are not corrected for how many are looked at; among twenty, one "
			"below "
			"0.05 is what chance gives.");
	buf_release(&b);
}

static void setting_text(const json_t *value, struct buf *b)
{
	if (json_is_string(value))
		buf_addstr(b, json_string_value(value));
	else if (!value || json_is_null(value))
		buf_addch(b, '-');
	else
		json_add(b, value);
}

static void settings(struct report_work *w, struct page *p)
{
	size_t n = w->r->n + 1 < GRID_COLUMNS ? w->r->n : GRID_COLUMNS - 1;
	const char *key;
	json_t *value;
	struct grid g;

	p->ops->heading(p, "Settings");
	if (w->r->command && *w->r->command) {
		p->ops->text(p, VOICE_TEXT, "Made by");
		p->ops->code(p, w->r->command);
	}
	grid_init(&g, w, NULL);
	grid_column(&g, "setting", true);
	for (size_t i = 0; i < n; i++)
		grid_column(&g, n > 1 ? w->r->contenders[i].name : "value", true);
	json_object_foreach(w->survey->settings, key, value) {
		grid_cell(&g, "%s", key);
		for (size_t i = 0; i < n; i++) {
			struct buf b = {0};

			setting_text(json_object_get(w->r->contenders[i].survey->settings, key), &b);
			grid_take(&g, &b);
		}
	}
	table(p, &g);
}

static void glossary(struct page *p)
{
	static const struct term terms[] = {
		{"Beam search, B",
			"The search that writes items token by token and keeps, at every step, the B prefixes "
			"with the largest probability."},
		{"Positive item", "The item that the user really took next. Every case has one."},
		{"Prefix margin",
			"How far, in nats, the log-probability of the positive item's prefix lies above that of "
			"the last prefix kept. Below 0 the item is pruned at this step. 0.69 nats are a factor "
			"of two."},
		{"Token margin", "The same for the token alone, against the B-th most probable valid token at its "
				 "place."},
		{"BEAR's condition",
			"Every token of the item is among the B most probable valid ones at its place. "
			"Without it the item may still be returned by a search with few rivals; with it the "
			"item may still be pruned, since whole prefixes compete."},
		{"Exact rank", "The item's place by its whole probability among all items of the catalogue: where a "
			       "perfect search would list it."},
		{"Wrongly pruned",
			"Exact rank at most B, and not returned: the search's error, not the model's. The rate "
			"is of the cases whose exact rank is at most B."},
		{"Out-ranked", "Exact rank beyond B: the model's error. No search that returns B items would mend it."},
		{"Search recall", "The share of the exact best B items that the search returns, whether or not the "
				  "positive one is among them."},
		{"HR@K, NDCG@K", "The share of the cases whose positive item is among the first K; and the mean of "
				 "1 / log2(rank + 1), 0 beyond K."},
	};

	p->ops->heading(p, "Terms");
	p->ops->terms(p, terms, ARRAY_LEN(terms));
}

static void add_title(const struct report_work *w, struct buf *b)
{
	const char *adapter = words_setting(w->survey, "adapter");

	if (w->r->title && *w->r->title) {
		buf_addstr(b, w->r->title);
		return;
	}
	buf_addstr(b, "What beam search loses: ");
	if (w->r->n > 1) {
		for (size_t i = 0; i < w->r->n; i++)
			buf_addf(b, "%s%s", i == 0 ? "" : i + 1 < w->r->n ? ", " : " and ", w->r->contenders[i].name);
	} else {
		buf_addstr(b, words_name(words_setting(w->survey, "model")));
		if (*adapter)
			buf_addf(b, " with %s", words_name(adapter));
	}
	buf_addf(b, " on %s", words_name(words_setting(w->survey, "data")));
}

static void add_subtitle(const struct report_work *w, struct buf *b)
{
	const char *where = words_setting(w->survey, "where");

	buf_addcount(b, w->tally.cases);
	buf_addstr(b, w->tally.cases == 1 ? " case" : " cases");
	if (w->tally.cases < w->tally.split_cases) {
		buf_addstr(b, " of the ");
		buf_addcount(b, w->tally.split_cases);
	}
	buf_addf(b, " of the %s split", words_setting(w->survey, "split"));
	if (*where)
		buf_addf(b, ", those with %s", where);
	buf_addf(b, " \xc2\xb7 B = %zu \xc2\xb7 mask %s \xc2\xb7 %s search", w->tally.width,
		words_setting(w->survey, "mask"), words_setting(w->survey, "search"));
	if (w->r->n > 1)
		buf_addf(b, " \xc2\xb7 figures and charts of one alone are of %s", w->r->contenders[0].name);
}

void report_body(struct report_work *w, struct page *p)
{
	struct buf title = {0}, subtitle = {0};

	add_title(w, &title);
	add_subtitle(w, &subtitle);
	p->ops->begin(p, buf_str(&title), buf_str(&subtitle));
	lead(w, p);
	key_figures(w, p);
	charts(w, p);
	p->ops->heading(p, "Figures");
	p->ops->group_begin(p);
	figures_table(w, p);
	verdicts_table(w, p);
	p->ops->group_end(p);
	widths_table(w, p);
	steps_table(w, p);
	slices_table(w, p);
	comparison(w, p);
	worst_cases(w, p);
	not_known(w, p);
	settings(w, p);
	glossary(p);
	buf_clear(&title);
	buf_addf(&title, "beamscope %s", w->r->version ? w->r->version : "");
	p->ops->end(p, buf_str(&title));
	buf_release(&title);
	buf_release(&subtitle);
}
