/*
 * An objective's value over a batch of examples, and its gradients down to the trained values.
 *
 * The sequences go through the layers once, packed. Rows that predict an item's token are grouped by trie node, and
 * with objectives over valid children the output matrix is touched only in the rows of those children, forward and
 * backward; tokens with a single child touch it not at all.
 */
#ifndef TRAIN_LOSS_H
#define TRAIN_LOSS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cancel.h"
#include "base/err.h"
#include "model/backprop.h"
#include "search/trie.h"
#include "train/examples.h"
#include "train/objective.h"

struct loss_work;

/* kern and trie are borrowed. Caller frees. */
int loss_new(struct loss_work **out, struct kern *kern, const struct trie *trie, bool recompute,
	struct err *err) MUST_CHECK;
void loss_free(struct loss_work *w); /* NULL is fine */

/* How large a batch is, for planning. */
struct batch_size {
	size_t sequences, rows; /* tokens through the layers */
	size_t items, tokens;   /* targets, and their tokens, EOS included */
	size_t choices;         /* of these, tokens with more than one valid child */
	size_t children;        /* Σ over the choices of their valid children */
	size_t widest;          /* most valid children of one token */
	size_t nodes;           /* of the trie */
};
void batch_measure(struct batch_size *size, const struct trie *trie, const struct examples *e, const uint32_t *ids,
	size_t n);
/* Raises every member to what `other` has. */
void batch_size_raise(struct batch_size *most, const struct batch_size *other);

/* Bytes that batches of at most this size will take beside values, gradients and moments; SIZE_MAX when they overflow.
 * What the model keeps of its own during searches (OBJECTIVE_SEARCH) is not in it. */
size_t loss_bytes(const struct trainable *t, const struct objective *o, const struct batch_size *most, bool recompute);

struct loss_result {
	double loss;
	size_t tokens; /* label tokens */
	size_t rows;   /* tokens that went through the layers */
	double search_seconds; /* spent in beam searches (OBJECTIVE_SEARCH) */
};

struct loss_request {
	struct trainable *trained;
	const struct objective *objective;
	struct objective_params params;
	const struct examples *examples;
	const uint32_t *ids; /* [n] examples of the batch */
	size_t n;
	double dropout;      /* 0: none */
	uint64_t seed;       /* of the dropout's masks */
	float *grad;         /* a block of the trainable's layout that the gradients are added to; NULL: value only */
};

/* ERR_VALUE: a loss that is not finite, or an empty batch. ERR_MEMORY, ERR_CANCELLED. After a failure grad may hold a
 * part. With OBJECTIVE_SEARCH the trainable's lm forgets what it knew (trainable_changed) and is searched with. */
int loss_run(struct loss_work *w, const struct loss_request *request, struct loss_result *result,
	const cancel_flag *cancel, struct err *err) MUST_CHECK;

/* What the last loss_run saw of each label token, in order, for tests. batch->beta and batch->cutoff are NULL where the
 * objective did not need them. Borrowed until the next run. */
struct loss_tokens {
	const struct objective_batch *batch;
	const double *dlogp;
};
struct loss_tokens loss_last(const struct loss_work *w);

#endif
