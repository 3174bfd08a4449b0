/*
 * Which of two contenders is better, in words.
 */
#include <math.h>
#include <string.h>

#include "report_priv.h"

#define CHANCE 0.05 /* below it a difference is taken for more than chance */
#define ASPECTS 3   /* in which contenders are told apart */

bool report_beyond_chance(double p)
{
	return p < CHANCE;
}

const struct tally_at *report_at(const struct tally *t, size_t k)
{
	for (size_t i = 0; i < t->n_at; i++)
		if (t->at[i].k == k)
			return &t->at[i];
	BUG("no figures at K = %zu", k);
}

/* -1, 0 or 1: a difference beyond chance, and which way. */
static int way(double difference, double p)
{
	return !report_beyond_chance(p) || isnan(difference) ? 0 : (difference > 0) - (difference < 0);
}

/* "worse", "better by HR though not by NDCG"; one of the two is not 0. */
static void add_better(int hr, int ndcg, struct buf *out)
{
	buf_addstr(out, hr > 0 || (hr == 0 && ndcg > 0) ? "better" : "worse");
	if (hr * ndcg < 0)
		buf_addf(out, " by HR and %s by NDCG", ndcg > 0 ? "better" : "worse");
	else if (hr == 0 || ndcg == 0)
		buf_addf(out, " by %s though not by %s", hr ? "HR" : "NDCG", hr ? "NDCG" : "HR");
}

/* "a, b and c" */
static void add_list(const char *const *at, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++)
		buf_addf(out, "%s%s", i == 0 ? "" : i + 1 < n ? ", " : " and ", at[i]);
}

/* What a contender does otherwise beyond chance, by aspect; empty where it does not. */
static void find_differences(const struct bout *b, struct buf differs[ASPECTS])
{
	const struct flip_test *flips = b->flips;
	const struct mean_test *means = b->means;
	int lost = way(flips[FLIP_PRUNED].difference.value, flips[FLIP_PRUNED].p);
	int exact_hr = way(flips[FLIP_EXACT_HIT].difference.value, flips[FLIP_EXACT_HIT].p);
	int exact_ndcg = way(means[MEAN_EXACT_NDCG].difference.value, means[MEAN_EXACT_NDCG].p);
	int hr = way(flips[FLIP_HIT].difference.value, flips[FLIP_HIT].p);
	int ndcg = way(means[MEAN_NDCG].difference.value, means[MEAN_NDCG].p);

	if (lost)
		buf_addf(&differs[0], "loses %s items to the search", lost < 0 ? "fewer" : "more");
	if (exact_hr || exact_ndcg) {
		buf_addstr(&differs[1], "ranks ");
		add_better(exact_hr, exact_ndcg, &differs[1]);
	}
	if (hr || ndcg) {
		buf_addstr(&differs[2], "returns ");
		add_better(hr, ndcg, &differs[2]);
		buf_addstr(&differs[2], hr && hr == ndcg ? " lists" : "");
	}
}

void report_outcome(const struct contest *c, size_t contender, struct buf *out)
{
	static const char *const aspects[ASPECTS] = {
		"how many items it loses to the search", "how it ranks", "what it returns"};
	const char *differ[ASPECTS], *same[ASPECTS];
	struct buf differs[ASPECTS] = {0};
	size_t n_differ = 0, n_same = 0;

	find_differences(&c->bouts[contender - 1], differs);
	for (size_t i = 0; i < ASPECTS; i++) {
		if (differs[i].len > 0)
			differ[n_differ++] = buf_str(&differs[i]);
		else
			same[n_same++] = aspects[i];
	}
	buf_addf(out, "Against %s, %s ", c->contenders[0].name, c->contenders[contender].name);
	if (n_differ == 0) {
		buf_addstr(out, "is no different beyond chance in ");
		add_list(same, n_same, out);
	} else {
		add_list(differ, n_differ, out);
		if (n_same > 0) {
			buf_addstr(out, "; ");
			add_list(same, n_same, out);
			buf_addf(out, " %s no different beyond chance", n_same > 1 ? "are" : "is");
		}
	}
	buf_addch(out, '.');
	for (size_t i = 0; i < ASPECTS; i++)
		buf_release(&differs[i]);
}

/* "25.5 % against 25.4 %, p = 1.00" */
static void add_figures(
	const struct figure *before, const struct figure *after, bool share, double p, struct buf *out)
{
	words_value(after, share, out);
	buf_addstr(out, " against ");
	words_value(before, share, out);
	buf_addstr(out, ", ");
	words_p(p, out);
}

static void add_losses(const struct contest *c, size_t contender, struct buf *out)
{
	const struct tally *first = &c->tallies[0], *second = &c->tallies[contender];
	const struct flip_test *t = &c->bouts[contender - 1].flips[FLIP_PRUNED];

	if (first->width == c->k && second->width == c->k) {
		buf_addstr(out, " Lost to the search (wrongly pruned): ");
		buf_addcount(out, second->kinds[VERDICT_PRUNED]);
		buf_addstr(out, " against ");
		buf_addcount(out, first->kinds[VERDICT_PRUNED]);
	} else {
		buf_addf(out, " Lost to the search (wrongly pruned), of the exact best %zu: ", c->k);
		buf_addcount(out, t->gained);
		buf_addf(out, " by %s alone, ", c->contenders[contender].name);
		buf_addcount(out, t->lost);
		buf_addf(out, " by %s alone", c->contenders[0].name);
	}
	buf_addstr(out, ", ");
	words_p(t->p, out);
	buf_addch(out, '.');
}

void report_comparison(const struct contest *c, size_t contender, struct buf *out)
{
	const struct tally_at *first = report_at(&c->tallies[0], c->k);
	const struct tally_at *second = report_at(&c->tallies[contender], c->k);
	const struct bout *b = &c->bouts[contender - 1];
	const struct flip_test *hit = &b->flips[FLIP_HIT], *exact_hit = &b->flips[FLIP_EXACT_HIT];
	const struct mean_test *ndcg = &b->means[MEAN_NDCG], *exact_ndcg = &b->means[MEAN_EXACT_NDCG];

	report_outcome(c, contender, out);
	add_losses(c, contender, out);
	buf_addf(out, " HR@%zu: ", c->k);
	add_figures(&first->hr, &second->hr, true, hit->p, out);
	buf_addstr(out, "; with a perfect search ");
	add_figures(&first->exact_hr, &second->exact_hr, true, exact_hit->p, out);
	buf_addf(out, ". NDCG@%zu: ", c->k);
	add_figures(&first->ndcg, &second->ndcg, false, ndcg->p, out);
	buf_addstr(out, "; with a perfect search ");
	add_figures(&first->exact_ndcg, &second->exact_ndcg, false, exact_ndcg->p, out);
	buf_addch(out, '.');
}
