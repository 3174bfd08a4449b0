/*
 * Rows of tokens through the layers of a transformer, in float32 with weights in their stored type.
 *
 *   x = embed[token]                      (+ positions[position], where they are learned)
 *   a layer:  h = norm(x);  x += Wo · attention(turn(Wq h), turn(Wk h), Wv h)
 *             h = norm(x);  x += Wdown · (silu(Wgate h) · (Wup h)), or Wdown · gelu(Wup h)
 *   top = norm(x)
 *
 * norm is that of RMS or that of the layer; turn norms every head, where the model does, and turns it to its rotary
 * position. Where an adapter stands beside a matrix, W h becomes W h + scale · B A h. Norms and biases that are stored
 * as float, and all matrices, are read where they are at every pass: their values may change between two.
 */
#ifndef SRC_MODEL_FORWARD_H
#define SRC_MODEL_FORWARD_H

#include <stddef.h>
#include <stdint.h>

#include "base/cancel.h"
#include "base/err.h"
#include "kern/kern.h"
#include "kvcache.h"
#include "model/adapter.h"
#include "model/config.h"
#include "model/params.h"
#include "rotary.h"

/* One matrix of rows through all layers. Row r's keys and values go to slot `slot` + r of the cache. */
struct pass {
	size_t rows;
	const uint32_t *tokens;   /* [rows] */
	const uint32_t *position; /* [rows], each below the rotary tables' positions */
	size_t slot;
	/* What a row sees. Without path: every slot up to its own. With path: the slots 0 … prompt - 1 and
	 * path[first[r]] … path[first[r + 1] - 1], its own among them. */
	size_t prompt;
	const uint32_t *path;
	const size_t *first;
	float *top; /* out [wanted, hidden]: the normed hidden states of the last `wanted` rows; with path, of all */
	size_t wanted;
};

/* Activations of one pass; all owned. */
struct activations {
	float *x, *h;     /* [rows, hidden] */
	float *q, *mixed; /* [rows, heads · head_dim] */
	float *gate, *up; /* [rows, intermediate]; without a gate only one of them is needed */
	float *low;       /* [rows, low_width]: A x of an adapted matrix */
	size_t rows;
};

struct forward {
	const struct model_config *config; /* borrowed */
	const struct params *params;       /* borrowed, bound */
	struct kern *kern;                 /* borrowed */
	const struct adapter *adapter;     /* borrowed; NULL: none */
	size_t low_width;                  /* its largest rank */
	float **widened; /* owned, [params->n]: norms and biases that are not stored as float; NULL for all others */
	struct rotary rotary;
	struct kvcache cache;
	struct activations act;
};

int forward_init(struct forward *f, const struct model_config *config, const struct params *params, struct kern *kern,
	struct err *err) MUST_CHECK;
void forward_release(struct forward *f);

/* Puts an adapter of the same parameters over them, or takes it away (NULL). Room must be made again. */
void forward_adapt(struct forward *f, const struct adapter *adapter);

/* Makes room for passes of up to `rows` rows, positions below `positions` and `slots` cached tokens. */
int forward_reserve(struct forward *f, size_t rows, size_t positions, size_t slots, struct err *err) MUST_CHECK;

/* Room must have been made. The only failure is ERR_CANCELLED, read before every layer: the slots of the pass are then
 * undefined, all others as before. */
int forward_run(struct forward *f, const struct pass *p, const cancel_flag *cancel, struct err *err) MUST_CHECK;

#endif
