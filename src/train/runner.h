/*
 * One contestant of a race: its values, the optimiser's moments, and what it has come to.
 */
#ifndef TRAIN_RUNNER_H
#define TRAIN_RUNNER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "model/trainable.h"
#include "train/trainer.h"

#define STEP_NONE SIZE_MAX

/* What a checkpoint holds beside values and moments. */
struct runner_state {
	size_t updates; /* made */
	double loss;    /* before the last one; NaN: none yet */
	size_t tokens;  /* that went through the layers */
	double seconds, search_seconds;
	size_t judged; /* step of the last evaluation that counted; STEP_NONE */
	size_t best;   /* step of the best one by NDCG; STEP_NONE */
	double best_ndcg;
	size_t worse; /* evaluations since then */
	bool stopped; /* early */
};

struct runner {
	const struct runner_config *config; /* borrowed */
	struct trainable trained;
	float *m, *v; /* owned, [trained.elements] */
	struct runner_state state;
	struct metrics metrics; /* of the last evaluation, where `evaluated` */
	bool evaluated;
	char *checkpoint; /* owned; path of the newest, or NULL */
};

/* From the base's weights, and with the same seed from the same ones. */
int runner_init(struct runner *r, const struct runner_config *config, const struct train_config *c,
	const struct lm *base, struct err *err) MUST_CHECK;
void runner_release(struct runner *r); /* a zeroed one is fine */

/* Takes note of an evaluation after `step` updates; the same one twice counts once. True when it is the best so far.
 * patience > 0: after so many in a row that are not, the runner has stopped. */
bool runner_judge(struct runner *r, size_t step, const struct metrics *m, size_t patience);

/* The metrics of the evaluation after its last update are known. */
static inline bool runner_is_judged(const struct runner *r)
{
	return r->evaluated && r->state.judged == r->state.updates;
}

#endif
