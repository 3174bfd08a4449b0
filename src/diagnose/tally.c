#include "diagnose/tally.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

/* The findings, and the means that are wanted of them. */
struct work {
	const struct finding **at; /* [n] */
	size_t n;
	struct means means;
};

static int rising_size(const void *left, const void *right)
{
	size_t a = *(const size_t *)left, b = *(const size_t *)right;

	return a < b ? -1 : a > b;
}

/* The lower of the two in the middle, where there are two. */
static size_t median(size_t *x, size_t n)
{
	if (n == 0)
		return 0;
	qsort(x, n, sizeof(*x), rising_size);
	return x[(n - 1) / 2];
}

/* What a perfect search has within k. */
static struct figure exact_hr(const struct work *w, size_t k)
{
	size_t n = 0, hits = 0;

	for (size_t i = 0; i < w->n; i++) {
		int in = metrics_exact_within(w->at[i], k);

		n += in >= 0;
		hits += in > 0;
	}
	return figure_share(hits, n);
}

/* The gain is known where the rank is, and where it is beyond k. */
static void want_exact_ndcg(struct work *w, size_t k, struct figure *out)
{
	double *x = means_room(&w->means, w->n);
	size_t n = 0;

	for (size_t i = 0; i < w->n; i++) {
		const struct finding *f = w->at[i];
		int in = metrics_exact_within(f, k);

		if (in == 0 || (in > 0 && f->outcome.exact_proved))
			x[n++] = in ? metrics_gain(f->outcome.exact_rank, k) : 0;
	}
	means_want(&w->means, x, n, out);
}

static void find_at(struct work *w, struct tally_at *a)
{
	double *ndcg = means_room(&w->means, w->n), *item_ndcg = means_room(&w->means, w->n);
	size_t hits = 0, item_hits = 0;

	for (size_t i = 0; i < w->n; i++) {
		const struct finding *f = w->at[i];

		ndcg[i] = metrics_gain(f->outcome.rank, a->k);
		item_ndcg[i] = metrics_gain(f->item_rank, a->k);
		hits += ndcg[i] > 0;
		item_hits += item_ndcg[i] > 0;
	}
	a->hr = figure_share(hits, w->n);
	a->item_hr = figure_share(item_hits, w->n);
	a->exact_hr = exact_hr(w, a->k);
	means_want(&w->means, ndcg, w->n, &a->ndcg);
	means_want(&w->means, item_ndcg, w->n, &a->item_ndcg);
	want_exact_ndcg(w, a->k, &a->exact_ndcg);
}

static int choose_at(struct tally *t, const size_t *k, size_t n_k, struct err *err)
{
	const size_t usual[] = {1, 5, t->width};

	if (n_k > TALLY_AT)
		return err_set(err, ERR_VALUE, "%zu values of K are wanted, and %d are the most", n_k, TALLY_AT);
	for (size_t i = 0; i < n_k; i++) {
		if (k[i] == 0 || k[i] > t->width)
			return err_set(
				err, ERR_VALUE, "K = %zu is out of range: from 1 to B = %zu is wanted", k[i], t->width);
		t->at[t->n_at++].k = k[i];
	}
	for (size_t i = 0; n_k == 0 && i < ARRAY_LEN(usual); i++)
		if (usual[i] <= t->width && (t->n_at == 0 || usual[i] > t->at[t->n_at - 1].k))
			t->at[t->n_at++].k = usual[i];
	return 0;
}

/* Of a reachable item that has a margin at this step; NULL otherwise. */
static const struct finding_step *step_of(const struct finding *f, size_t step)
{
	const struct finding_step *p = step <= f->n_steps ? &f->steps[step - 1] : NULL;

	return p && f->outcome.kind != VERDICT_UNREACHABLE && !isnan(p->prefix_margin) ? p : NULL;
}

static bool alive_before(const struct finding *f, size_t step)
{
	return step == 1 || f->steps[step - 2].in_beam;
}

static void five_numbers(double out[5], struct vec_f64 *x)
{
	static const double at[5] = {0, 0.25, 0.5, 0.75, 1};

	if (x->n > 0)
		qsort(x->at, x->n, sizeof(*x->at), figure_rising);
	for (size_t i = 0; i < 5; i++)
		out[i] = x->n > 0 ? figure_quantile(x->at, x->n, at[i]) : (double)NAN;
}

/* An item that was finished may lose its place after its last step: it counts as pruned where it did. */
static void find_step(const struct work *w, struct tally_step *s, size_t width)
{
	struct vec_f64 prefix = {0}, token = {0};

	for (size_t i = 0; i < w->n; i++) {
		const struct finding *f = w->at[i];
		const struct finding_step *p = step_of(f, s->step);

		s->pruned += f->outcome.pruned_at == s->step;
		s->wrongly += f->outcome.pruned_at == s->step && finding_pruned(f);
		s->n += p != NULL;
		if (!p || !alive_before(f, s->step))
			continue;
		s->alive++;
		s->violated += p->token_rank > width;
		vec_push(&prefix, p->prefix_margin);
		if (!isnan(p->token_margin))
			vec_push(&token, p->token_margin);
	}
	five_numbers(s->prefix_margin, &prefix);
	five_numbers(s->token_margin, &token);
	vec_release(&prefix);
	vec_release(&token);
}

static void find_steps(struct tally *t, const struct work *w)
{
	for (size_t i = 0; i < w->n; i++) {
		const struct finding *f = w->at[i];
		size_t last = f->outcome.pruned_at;

		for (size_t k = f->n_steps; k > last; k--)
			if (step_of(f, k))
				last = k;
		t->n_steps = last > t->n_steps ? last : t->n_steps;
	}
	t->steps = xcalloc(t->n_steps + 1, sizeof(*t->steps));
	for (size_t i = 0; i < t->n_steps; i++) {
		t->steps[i].step = i + 1;
		find_step(w, &t->steps[i], t->width);
	}
}

static void find_width(struct tally_width *x, struct work *w, size_t place)
{
	double *recall = means_room(&w->means, w->n);
	size_t hits = 0, within = 0, lost = 0, n_recall = 0;

	for (size_t i = 0; i < w->n; i++) {
		const struct finding *f = w->at[i];
		const struct finding_reach *r = &f->reach[place];
		bool in = metrics_exact_within(f, x->width) > 0;

		hits += r->rank > 0;
		within += in;
		lost += in && r->rank == 0;
		x->saved += finding_pruned(f) && r->rank > 0;
		if (r->exact_n > 0)
			recall[n_recall++] = (double)r->recalled / (double)r->exact_n;
	}
	x->hr = figure_share(hits, w->n);
	x->exact_hr = exact_hr(w, x->width);
	x->pruning_rate = figure_share(lost, within);
	means_want(&w->means, recall, n_recall, &x->search_recall);
}

static void find_widths(struct tally *t, const struct survey *s, struct work *w)
{
	t->n_widths = s->n_widths;
	t->widths = xcalloc(t->n_widths + 1, sizeof(*t->widths));
	for (size_t i = 0; i < t->n_widths; i++) {
		t->widths[i].width = s->widths[i];
		find_width(&t->widths[i], w, i);
	}
}

static void find_counts(struct tally *t, const struct work *w)
{
	size_t *x = xcalloc(w->n + 1, sizeof(*x)), held = 0, pruned = 0;

	for (size_t i = 0; i < w->n; i++) {
		const struct finding *f = w->at[i];

		t->kinds[f->outcome.kind]++;
		t->whys[f->outcome.why] += f->outcome.kind == VERDICT_UNREACHABLE;
		pruned += finding_pruned(f);
		held += finding_pruned(f) && f->outcome.condition_holds;
		if (finding_pruned(f) && f->smallest_width > 0)
			x[t->smallest_n++] = f->smallest_width;
	}
	t->held_yet_pruned = figure_share(held, pruned);
	t->smallest_median = median(x, t->smallest_n);
	for (size_t i = 0; i < w->n; i++) {
		x[i] = w->at[i]->scored;
		t->scored_most = x[i] > t->scored_most ? x[i] : t->scored_most;
	}
	t->scored_median = median(x, w->n);
	free(x);
}

int tally_init(struct tally *t, const struct survey *s, const size_t *k, size_t n_k, struct err *err)
{
	struct work w = {.n = s->findings.n};

	*t = (struct tally){.cases = w.n, .split_cases = s->split_cases, .width = s->width};
	if (choose_at(t, k, n_k, err))
		return -1;
	w.at = xcalloc(w.n + 1, sizeof(*w.at));
	for (size_t i = 0; i < w.n; i++)
		w.at[i] = &s->findings.at[i];
	means_init(&w.means);
	metrics_gather(&t->metrics, w.at, w.n, s->width, &w.means);
	for (size_t i = 0; i < t->n_at; i++)
		find_at(&w, &t->at[i]);
	find_counts(t, &w);
	find_steps(t, &w);
	find_widths(t, s, &w);
	means_find(&w.means, s->seed);
	free(w.at);
	return 0;
}

void tally_release(struct tally *t)
{
	free(t->steps);
	free(t->widths);
	memset(t, 0, sizeof(*t));
}
