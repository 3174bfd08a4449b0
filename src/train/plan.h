/* The memory that a race will take, found before its first step. */
#ifndef TRAIN_PLAN_H
#define TRAIN_PLAN_H

#include <stddef.h>

#include "base/err.h"
#include "model/trainable.h"
#include "train/trainer.h"

/*
 * Bytes of all runners' values and moments, of the gradient that they share, and of the largest batch that will come in
 * so many steps, under the objective that takes most. SIZE_MAX where the sum overflows. `like`: one runner's; all are
 * laid out alike.
 */
size_t plan_bytes(const struct train_config *c, const struct train_data *d, struct sampler *s, size_t steps,
	const struct trainable *like);

/* ERR_MEMORY unless `need` fits into what c allows; `taken` of it was allocated before. */
int plan_check(const struct train_config *c, size_t need, size_t taken, struct err *err) MUST_CHECK;

#endif
