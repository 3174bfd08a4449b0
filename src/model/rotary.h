/*
 * Tables for rope_fwd: scale times cos and sin of position · frequency, [positions, head_dim/2] floats, computed in
 * double. (HF computes frequencies and angles in float32: at position 1000 its angles are off by some 1e-5, ours are
 * not.)
 */
#ifndef SRC_MODEL_ROTARY_H
#define SRC_MODEL_ROTARY_H

#include <stddef.h>

#include "base/err.h"
#include "model/config.h"

struct rotary {
	double *freq;     /* owned, [half]: angle between neighbouring positions */
	double scale;     /* of cos and sin */
	float *cos, *sin; /* owned, [positions, half] */
	size_t half, positions;
};

/* What the plain frequency of a pair is divided by. */
double rotary_factor(const struct rope_config *rope, size_t pair, size_t head_dim);

int rotary_init(struct rotary *r, const struct rope_config *rope, size_t head_dim, struct err *err) MUST_CHECK;
void rotary_release(struct rotary *r);

/* Makes the tables cover positions 0 … positions - 1; after a refusal they are as they were. */
int rotary_reserve(struct rotary *r, size_t positions, struct err *err) MUST_CHECK;

#endif
