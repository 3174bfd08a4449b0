/*
 * Customers of the demo's shop: a random process whose probabilities are known. README gives it in formulas.
 */
#ifndef DATA_DEMO_PROCESS_H
#define DATA_DEMO_PROCESS_H

#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"
#include "shop.h"

#define PROCESS_NO_LINE SIZE_MAX

/* One thing that is sold: a variant of a line, or an accessory. */
struct ware {
	char *title;  /* owned */
	size_t line;  /* of shop_lines; PROCESS_NO_LINE: an accessory */
	size_t place; /* among the variants of its line, or the accessories of its interest: 0 is the most popular */
	enum interest interest;
	double weight; /* popularity, not normalised */
	double share;  /* of its line's sales; of an accessory: 0 */
};

struct process {
	struct ware *wares; /* owned, [n] the lines' variants, then the accessories */
	size_t n;
	double weight[N_INTERESTS]; /* Σ of the wares' weights by interest */
	double all;                 /* and over all */
	size_t n_accessories[N_INTERESTS];
	double companions[N_INTERESTS]; /* Σ of what makes the chances of the accessories as companions */
};

void process_init(struct process *p);
void process_release(struct process *p);

/* What is known of a customer after some purchases. */
struct customer {
	double belief[N_INTERESTS]; /* P(interest | purchases) */
	const struct ware *last;    /* NULL before the first */
	size_t line;                /* of the last purchase that was of a line; PROCESS_NO_LINE: none was */
};

void customer_init(struct customer *c);

/* P(next | purchases, interest), [n] into out, summing to 1. */
void process_given(const struct process *p, const struct customer *c, enum interest interest, double *out);
/* P(next | purchases), [n] into out: the same averaged over what is believed of the interest. */
void process_next(const struct process *p, const struct customer *c, double *out);
/* Takes note of a purchase (an index of wares). */
void customer_buys(const struct process *p, struct customer *c, size_t ware);

/* Draws the purchases of one customer, [n] into out. */
void process_draw(const struct process *p, struct rng *r, size_t n, size_t *out);

#endif
