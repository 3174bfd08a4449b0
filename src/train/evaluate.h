/* How well a model searches, on cases that it was not trained on. */
#ifndef TRAIN_EVALUATE_H
#define TRAIN_EVALUATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/lm.h"
#include "train/control.h"
#include "train/trainer.h"

/* Told after every case how many are done. */
struct eval_watch {
	void (*fn)(void *arg, size_t done, size_t n);
	void *arg;
};

/* Over the first n held-out cases (fewer where there are fewer). seed: of the bootstrap. ERR_CANCELLED when the race
 * shall stop; a pause is waited for. */
int evaluate(struct metrics *m, struct lm *lm, const struct train_data *d, size_t n, uint64_t seed,
	const struct control *control, const struct eval_watch *watch, struct err *err) MUST_CHECK;

#endif
