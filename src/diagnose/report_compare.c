/*
 * What a report says of contenders beside each other.
 */
#include <stdio.h>

#include "report_priv.h"

#define CHANGED_MOST 50 /* flipped cases that are listed */

static void contenders_table(struct report_work *w, struct page *p)
{
	const struct contest *c = &w->contest;
	bool same = report_one_width(w);
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
	for (size_t f = 0; f < REPORT_FIGURES; f++) {
		grid_cell(&g, report_figures[f].name, width);
		for (size_t i = 0; i + 1 < g.n_columns; i++) {
			struct figure v = report_figures[f].of(&c->tallies[i]);
			struct buf b = {0};

			words_figure(&v, report_figures[f].share, &b);
			grid_take(&g, &b);
		}
	}
	grid_write(&g, p);
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
	grid_init(&g, w, report_kept(w, &caption));
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
	grid_init(&g, w, report_kept(w, &caption));
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
	grid_init(&g, w, report_kept(w, &text));
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
	grid_write(&g, p);
}

void report_compare(struct report_work *w, struct page *p)
{
	const struct contest *c = &w->contest;
	struct buf b = {0};

	if (c->n == 0)
		return;
	p->ops->heading(p, "Comparison");
	contenders_table(w, p);
	if (!report_one_width(w))
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
