/*
 * A model that knows the process: its next-item probabilities, spelt in tokens. What beam search loses of it is the
 * search's doing alone.
 */
#ifndef DATA_DEMO_PERFECT_H
#define DATA_DEMO_PERFECT_H

#include "data/catalogue.h"
#include "model/lm.h"
#include "process.h"
#include "search/scorer.h"

struct perfect {
	struct lm lm; /* its node for a prefix is the trie's */
	struct catalogue catalogue;
	struct trie trie;
	struct scorer scorer; /* mask before, which for this model is the same as after */
	double *mass;         /* owned, [trie nodes] Σ of the probabilities of the items below */
};

/* model: a directory with a tokenizer.json. m must stay where it is. */
int perfect_init(struct perfect *m, const struct process *p, const char *model, struct err *err) MUST_CHECK;
void perfect_release(struct perfect *m);

/* The next item has these probabilities, one a ware; the scorer has a prompt after. */
int perfect_set(struct perfect *m, const double *next, struct err *err) MUST_CHECK;

#endif
