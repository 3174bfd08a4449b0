/*
 * Training objectives (SPEC section 4) over the item tokens of a batch, EOS included, prompt tokens never.
 *
 * Every objective is a function of the labels' log-probabilities log p_t under one distribution (the whole vocabulary,
 * or the valid children), with constants beside them. It gives its value and d loss / d log p_t; train/loss.h turns
 * that into gradients of logits, dz_v = dlogp_t · ([v = y_t] - p_v) / τ, and from there into gradients of weights.
 *
 * To add one: src/train/obj_<name>.c with its struct objective, one line in src/train/objectives.c, and its row in
 * tests/unit/t_objective.c, where finite differences check it.
 */
#ifndef TRAIN_OBJECTIVE_H
#define TRAIN_OBJECTIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct objective_params {
	double tau;    /* temperature of the softmax */
	size_t K;      /* rank that a token shall reach (β); the width of the search for `direct` */
	double xi;     /* ξ: softness of the comparison, nats */
	double lambda; /* λ: weight of the regulariser */
};

enum objective_needs {
	OBJECTIVE_VOCAB = 1,  /* log p over the whole vocabulary; otherwise over the valid children */
	OBJECTIVE_BETA = 2,   /* log β_t */
	OBJECTIVE_SEARCH = 4, /* cut-offs c_t of a beam search with the current weights */
};

/* The items of a batch: item i has the tokens first[i] … first[i + 1] - 1, its last one EOS. */
struct objective_batch {
	size_t n_items;
	const size_t *first;   /* [n_items + 1] */
	const double *logp;    /* [n = first[n_items]] log p_t */
	const uint32_t *valid; /* [n] number of valid children; 1: p_t = 1 under the mask */
	const double *beta;    /* [n] K-th largest valid log p, the smallest where fewer; with OBJECTIVE_BETA */
	const double *cutoff;  /* [n] c_t; with OBJECTIVE_SEARCH. Steps after the search's end: its last cut-off */
};

struct objective {
	const char *name;
	const char *summary; /* one line, for help */
	unsigned needs;
	/* The loss; dlogp[n] = d loss / d log p_t with β and c held constant. Tokens with one valid child get 0
	 * under the mask. Never fails: a batch of no tokens has loss 0. */
	double (*eval)(const struct objective_params *p, const struct objective_batch *b, double *dlogp);
};

/* Do K, ξ and λ play a part? τ does in all of them. */
static inline bool objective_regularises(const struct objective *o)
{
	return o->needs & (OBJECTIVE_BETA | OBJECTIVE_SEARCH);
}

extern const struct objective *const objectives[]; /* ends with NULL */

const struct objective *objective_find(const char *name, struct err *err); /* ERR_USAGE lists them */

/* log σ(x) without overflow; and σ(x). */
double log_sigmoid(double x);
double sigmoid(double x);

#endif
