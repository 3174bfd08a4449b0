/* How well a model searches, on cases that it was not trained on. */
#ifndef TRAIN_EVALUATE_H
#define TRAIN_EVALUATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/lm.h"
#include "train/control.h"
#include "train/trainer.h"

/* Over the first n held-out cases (fewer where there are fewer). seed: of the bootstrap. ERR_CANCELLED when the race
 * shall stop; a pause is waited for. */
int evaluate(struct metrics *m, struct lm *lm, const struct train_data *d, size_t n, uint64_t seed,
	const struct control *control, struct err *err) MUST_CHECK;

#endif
