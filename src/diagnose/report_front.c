/*
 * What a report begins with: sentences, the figures to be seen first, charts.
 */
#include <ctype.h>
#include <stdio.h>

#include "report_priv.h"

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
	report_say(p, VOICE_LEAD, &b);
	for (size_t i = 1; i < w->contest.n; i++) {
		report_comparison(&w->contest, i, &b);
		report_say(p, VOICE_LEAD, &b);
	}
	if (w->contest.n > 0 && w->contest.common < w->tally.cases) {
		buf_addstr(&b, "The comparison is of the ");
		buf_addcount(&b, w->contest.common);
		buf_addstr(&b, " cases that all have.");
		report_say(p, VOICE_NOTE, &b);
	}
	buf_release(&b);
}

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

const struct report_figure report_figures[REPORT_FIGURES] = {
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

bool report_one_width(const struct report_work *w)
{
	for (size_t i = 0; i < w->contest.n; i++)
		if (w->contest.tallies[i].width != w->tally.width)
			return false;
	return true;
}

static void key_figure(struct report_work *w, const struct report_figure *h, struct key_figure *k)
{
	struct figure f = h->of(&w->tally);
	struct buf b = {0};
	char width[24];

	snprintf(width, sizeof(width), "%zu", w->tally.width);
	buf_addf(&b, h->name, width);
	k->name = report_kept(w, &b);
	add_value(&f, h->share, &b);
	k->value = report_kept(w, &b);
	add_below(&f, h->share, &b);
	k->below = report_kept(w, &b);
	for (size_t i = 1; i < w->contest.n; i++) {
		f = h->of(&w->contest.tallies[i]);
		buf_addf(&b, "%s ", w->contest.contenders[i].name);
		add_value(&f, h->share, &b);
		if (w->contest.tallies[i].width != w->tally.width)
			buf_addf(&b, " at B = %zu", w->contest.tallies[i].width);
		vec_push(&k->others, report_kept(w, &b));
	}
}

static void key_figures(struct report_work *w, struct page *p)
{
	struct key_figure k[REPORT_FIGURES] = {0};

	for (size_t i = 0; i < REPORT_FIGURES; i++)
		key_figure(w, &report_figures[i], &k[i]);
	p->ops->figures(p, k, REPORT_FIGURES);
	for (size_t i = 0; i < REPORT_FIGURES; i++)
		vec_release(&k[i].others);
}

static void charts(struct report_work *w, struct page *p)
{
	struct chart c[REPORT_CHARTS];
	size_t n = report_charts(w, c);

	p->ops->charts(p, c, n);
}

void report_front(struct report_work *w, struct page *p)
{
	lead(w, p);
	key_figures(w, p);
	charts(w, p);
}
