#include "process.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

/* The constants of the README's formulas. */
#define COMPANION 0.35  /* a: an accessory to what was bought last */
#define LOYALTY 0.15    /* b: another variant of the line bought last */
#define STRAY 0.30      /* e: share of the other purchases that has nothing to do with the interest */
#define VARIANTS 0.4    /* exponent of popularity among the variants of a line */
#define ACCESSORIES 0.7 /* and among the accessories of an interest */
#define COMPANIONS 0.6  /* and among the companions of one thing */
#define OWN_WEIGHT 9.0  /* of all accessories of an interest together, on the scale of the lines' weights */

static double zipf(size_t place, double exponent)
{
	return pow((double)place + 1, -exponent);
}

static double zipf_sum(size_t n, double exponent)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += zipf(i, exponent);
	return sum;
}

static void add_line(struct process *p, size_t line)
{
	const struct line *l = &shop_lines[line];
	double sum = zipf_sum(l->n, VARIANTS);

	for (size_t v = 0; v < l->n; v++) {
		double share = zipf(v, VARIANTS) / sum;

		p->wares[p->n++] = (struct ware){xasprintf("%s, %s", l->product, l->variants[v]), line, v, l->interest,
			l->weight * share, share};
	}
}

static void add_accessories(struct process *p)
{
	for (size_t i = 0; i < shop_n_accessories; i++) {
		const struct accessory *a = &shop_accessories[i];

		p->wares[p->n++] = (struct ware){
			xstrdup(a->title), PROCESS_NO_LINE, p->n_accessories[a->interest]++, a->interest, 0, 0};
	}
	for (size_t z = 0; z < N_INTERESTS; z++)
		p->companions[z] = zipf_sum(p->n_accessories[z], COMPANIONS);
	for (size_t i = p->n - shop_n_accessories; i < p->n; i++) {
		struct ware *w = &p->wares[i];

		w->weight =
			OWN_WEIGHT * zipf(w->place, ACCESSORIES) / zipf_sum(p->n_accessories[w->interest], ACCESSORIES);
	}
}

void process_init(struct process *p)
{
	size_t n = shop_n_accessories;

	for (size_t i = 0; i < shop_n_lines; i++)
		n += shop_lines[i].n;
	*p = (struct process){.wares = xcalloc(n, sizeof(*p->wares))};
	for (size_t i = 0; i < shop_n_lines; i++)
		add_line(p, i);
	add_accessories(p);
	for (size_t i = 0; i < p->n; i++) {
		p->weight[p->wares[i].interest] += p->wares[i].weight;
		p->all += p->wares[i].weight;
	}
}

void process_release(struct process *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->wares[i].title);
	free(p->wares);
}

void customer_init(struct customer *c)
{
	*c = (struct customer){.line = PROCESS_NO_LINE};
	for (size_t z = 0; z < N_INTERESTS; z++)
		c->belief[z] = 1.0 / N_INTERESTS;
}

/* I: by popularity, mostly within the interest. */
static double by_interest(const struct process *p, const struct ware *w, enum interest z)
{
	double own = w->interest == z ? w->weight / p->weight[z] : 0;

	return (1 - STRAY) * own + STRAY * w->weight / p->all;
}

/* C: an accessory to something of the same interest. Every line and every accessory has its own favourites: the order
 * of popularity, begun at another place. */
static double by_companion(const struct process *p, const struct ware *w, const struct ware *last)
{
	size_t n = p->n_accessories[last->interest], begin;

	if (w->line != PROCESS_NO_LINE || w->interest != last->interest)
		return 0;
	begin = last->line == PROCESS_NO_LINE ? last->place + 1 : 2 * last->line;
	return zipf((w->place + n - begin % n) % n, COMPANIONS) / p->companions[last->interest];
}

void process_given(const struct process *p, const struct customer *c, enum interest interest, double *out)
{
	double a = c->last != NULL ? COMPANION : 0, b = c->line != PROCESS_NO_LINE ? LOYALTY : 0;

	for (size_t i = 0; i < p->n; i++) {
		const struct ware *w = &p->wares[i];

		out[i] = (1 - a - b) * by_interest(p, w, interest);
		if (a > 0)
			out[i] += a * by_companion(p, w, c->last);
		if (b > 0 && w->line == c->line) /* S */
			out[i] += b * w->share;
	}
}

void process_next(const struct process *p, const struct customer *c, double *out)
{
	double *given = xmalloc(p->n * sizeof(*given));

	for (size_t i = 0; i < p->n; i++)
		out[i] = 0;
	for (enum interest z = 0; z < N_INTERESTS; z++) {
		process_given(p, c, z, given);
		for (size_t i = 0; i < p->n; i++)
			out[i] += c->belief[z] * given[i];
	}
	free(given);
}

void customer_buys(const struct process *p, struct customer *c, size_t ware)
{
	const struct ware *w = &p->wares[ware];
	double *given = xmalloc(p->n * sizeof(*given)), sum = 0;

	for (enum interest z = 0; z < N_INTERESTS; z++) {
		process_given(p, c, z, given);
		c->belief[z] *= given[ware];
		sum += c->belief[z];
	}
	for (enum interest z = 0; z < N_INTERESTS; z++)
		c->belief[z] /= sum;
	c->last = w;
	if (w->line != PROCESS_NO_LINE)
		c->line = w->line;
	free(given);
}

static size_t draw(const double *probability, size_t n, double u)
{
	size_t i = 0;

	while (i + 1 < n && u >= probability[i])
		u -= probability[i++];
	return i;
}

void process_draw(const struct process *p, struct rng *r, size_t n, size_t *out)
{
	enum interest interest = (enum interest)rng_below(r, N_INTERESTS);
	double *given = xmalloc(p->n * sizeof(*given));
	struct customer c;

	customer_init(&c);
	for (size_t i = 0; i < n; i++) {
		process_given(p, &c, interest, given);
		out[i] = draw(given, p->n, rng_uniform(r));
		customer_buys(p, &c, out[i]);
	}
	free(given);
}
