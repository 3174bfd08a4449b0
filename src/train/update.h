/* One update of one runner: gradient, clipping, learning rate, AdamW. */
#ifndef TRAIN_UPDATE_H
#define TRAIN_UPDATE_H

#include <stddef.h>

#include "base/err.h"
#include "train/loss.h"
#include "train/runner.h"
#include "train/trainlog.h"

/* What the runners of a race share. */
struct updater {
	const struct train_config *config; /* borrowed, as is data */
	const struct train_data *data;
	struct sampler sampler;
	struct loss_work *loss;
	float *grad;  /* owned, a block of the runners' layout */
	size_t total; /* updates of the race, for the schedule */
};

/*
 * Makes the update number `step` (0-based). Its batches are number step · accumulate and those after it, its gradient
 * is the mean of theirs, and the dropout masks are drawn from the seed and the batch's number: nothing depends on what
 * was done before but the runner's values and moments. ERR_VALUE, before anything has changed, where the loss or the
 * gradient is not finite.
 */
int update_make(struct updater *u, struct runner *r, size_t step, struct step_figures *f, struct err *err) MUST_CHECK;

#endif
