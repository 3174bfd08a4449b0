/*
 * The part of a model that training changes: all of its parameters, or the matrices of a LoRA adapter over frozen ones.
 *
 * All values stand in one block of floats, and one table {name, rows, cols, offset} says which is which. Gradients and
 * the optimiser's moments are blocks of the same layout, and saving, resuming, gradient checks and listings walk the
 * same table.
 */
#ifndef MODEL_TRAINABLE_H
#define MODEL_TRAINABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/rng.h"
#include "base/tensor.h"
#include "model/adapter.h"
#include "model/lm.h"
#include "model/params.h"

struct trainable_tensor {
	char name[ADAPTER_NAME_MAX]; /* HF's, or PEFT's */
	size_t rows, cols;           /* cols 1: a vector */
	size_t offset;               /* of its first value; a multiple of 16 */
};

struct trainable {
	bool full;
	struct trainable_tensor *table; /* owned, [n]: params in order, or A, B of adapter.at[0], A, … */
	size_t n;
	size_t count;    /* values that are trained */
	size_t elements; /* floats of a block: count and the gaps between tensors, which stay 0 */
	float *values;   /* owned, [elements] */

	const struct model_config *config; /* borrowed from the base */
	struct params params;              /* full: tensors point into values; LoRA: the base's */
	struct adapter adapter;            /* LoRA: its matrices point into values; full: empty */
	struct lm *lm;                     /* owned: searches with the values as they stand */
};

/* All parameters of a transformer (transformer_open), as floats; an adapter that it carries is merged in. The base must
 * outlive it, and it must stay where it was initialised: lm points into it. */
int trainable_init_full(struct trainable *t, const struct lm *base, struct err *err) MUST_CHECK;

/* The adapter that the base carries, or, where it has none, a fresh one as PEFT begins it: A uniform within
 * ±1/sqrt(in), B zero. config counts only for a fresh one. */
int trainable_init_lora(struct trainable *t, const struct lm *base, const struct adapter_config *config,
	struct rng *rng, struct err *err) MUST_CHECK;
void trainable_release(struct trainable *t); /* a zeroed one is fine, and one whose init failed */

/* After values were changed: t->lm forgets what it computed with the old ones. */
void trainable_changed(struct trainable *t);

/* Offset of one of t->params in a block; SIZE_MAX where it is frozen (LoRA: always. A and B of adapter.at[i] are
 * table[2i] and table[2i + 1]). */
size_t trainable_offset(const struct trainable *t, const struct param *p);

/* Writes a block (gradients) as safetensors with the table's names, and the shapes that HF's files have: what is
 * transposed in them is turned back. */
int trainable_write(const struct trainable *t, const float *block, const char *path, struct err *err) MUST_CHECK;

/*
 * Writes into a directory that exists what HF transformers or PEFT load unchanged. full: config.json as the base has it
 * (with the dtype written), model.safetensors, and the tokenizer's files copied; LoRA: adapter_save. dtype counts for
 * full weights; BF16 and F16 are rounded to nearest even, and ERR_VALUE refuses what they cannot hold.
 */
int trainable_save(const struct trainable *t, const char *dir, enum dtype dtype, struct err *err) MUST_CHECK;

#endif
