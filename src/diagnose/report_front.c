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
	words_luck(&w->tally, &b);
	report_say(p, VOICE_LEAD, &b);
	for (size_t i = 1; i < w->contest.n; i++) {
		report_outcome(&w->contest, i, &b);
		report_say(p, VOICE_LEAD, &b);
	}
	buf_release(&b);
}

/* What the sentences above speak of. */
static void definitions(struct report_work *w, struct page *p)
{
	struct sentence s = {.w = w};

	buf_addstr(&s.text, "A ");
	sentence_link(&s, "positive item", "positive-item");
	buf_addstr(&s.text, " is what the user really took next. The search loses it (it is ");
	sentence_link(&s, "wrongly pruned", "wrongly-pruned");
	buf_addstr(&s.text, ") if a ");
	sentence_link(&s, "perfect search", "exact-rank");
	buf_addf(&s.text, " would list it among the best %zu and the search does not return it.", w->tally.width);
	sentence_say(&s, p, VOICE_NOTE);
}

static struct figure hr_of(const struct tally *t, size_t k)
{
	return report_at(t, k)->hr;
}

static struct figure exact_hr_of(const struct tally *t, size_t k)
{
	return report_at(t, k)->exact_hr;
}

static struct figure pruning_of(const struct tally *t, size_t k)
{
	(void)k;
	return t->metrics.pruning_rate;
}

static struct figure recall_of(const struct tally *t, size_t k)
{
	(void)k;
	return t->metrics.search_recall;
}

static struct figure condition_of(const struct tally *t, size_t k)
{
	(void)k;
	return t->metrics.condition_violated;
}

static struct figure ndcg_of(const struct tally *t, size_t k)
{
	return report_at(t, k)->ndcg;
}

const struct report_figure report_figures[REPORT_FIGURES] = {
	{"Wrongly pruned", true, true, pruning_of},
	{"Search recall@%s", true, true, recall_of},
	{"HR@%s", true, false, hr_of},
	{"HR@%s, perfect search", true, false, exact_hr_of},
	{"NDCG@%s", false, false, ndcg_of},
	{"BEAR condition violated (token beyond top B)", true, true, condition_of},
};

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

void report_key_figures(const struct tally *t, struct arena *a, struct key_figure k[REPORT_FIGURES])
{
	char width[24];

	snprintf(width, sizeof(width), "%zu", t->width);
	for (size_t i = 0; i < REPORT_FIGURES; i++) {
		const struct report_figure *h = &report_figures[i];
		struct figure f = h->of(t, t->width);
		struct buf b = {0};

		buf_addf(&b, h->name, width);
		k[i].name = buf_keep(&b, a);
		words_value(&f, h->share, &b);
		k[i].value = buf_keep(&b, a);
		add_below(&f, h->share, &b);
		k[i].below = buf_keep(&b, a);
	}
}

static void key_figures(struct report_work *w, struct page *p)
{
	struct key_figure k[REPORT_FIGURES];

	report_key_figures(&w->tally, &w->arena, k);
	p->ops->figures(p, k, REPORT_FIGURES);
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
	definitions(w, p);
	if (w->contest.n > 0)
		report_contest(w, p);
	else
		key_figures(w, p);
	charts(w, p);
}
