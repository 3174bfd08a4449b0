/* The objectives' entries, one file each; objectives.c lists them. And what several of them are built on. */
#ifndef TRAIN_OBJECTIVES_H
#define TRAIN_OBJECTIVES_H

#include "train/objective.h"

extern const struct objective objective_sft, objective_msl;
extern const struct objective objective_bear, objective_bear_reg, objective_bear_margin, objective_direct;

/* The mean of -log p over all tokens, and its gradient: 0 where there is but one valid child. */
double objective_masked_nll(const struct objective_batch *b, double *dlogp);

#endif
