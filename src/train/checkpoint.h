/*
 * A checkpoint of one runner: a folder that HF transformers or PEFT load, and beside it
 *
 *     trainer.json          what struct runner_state says, and of which race it is
 *     trainer.safetensors   the moments m.NAME and v.NAME of every trained tensor, and value.NAME where the weights
 *                           beside them are not the float32 values themselves
 */
#ifndef TRAIN_CHECKPOINT_H
#define TRAIN_CHECKPOINT_H

#include <stdint.h>

#include "base/err.h"
#include "store/safetensors.h"
#include "text/tokenizer.h"
#include "train/runner.h"
#include "train/rundir.h"

/* Which checkpoint: of a race with this fingerprint, after so many steps of it. */
struct checkpoint_id {
	uint64_t fingerprint;
	size_t step;
};

/* Whole under its name, or not there at all. dtype: of full weights; tokenizer (NULL: none) is written beside them
 * where the base has no files of it to be copied. */
int checkpoint_write(const struct rundir *d, const struct checkpoint_id *id, const struct runner *r, enum dtype dtype,
	const struct tokenizer *tokenizer, struct err *err) MUST_CHECK;

struct checkpoint {
	struct safetensors trainer, weights;
	struct runner_state state;
};

/* Opens one and finds that it is whole and fits the runner. ERR_VALUE: it is of another race. */
int checkpoint_open(struct checkpoint *c, const struct rundir *d, const struct checkpoint_id *id,
	const struct runner *r, struct err *err) MUST_CHECK;
void checkpoint_close(struct checkpoint *c); /* a zeroed one is fine, and one whose opening failed */

/* Puts it into the runner. */
void checkpoint_load(const struct checkpoint *c, struct runner *r);

#endif
