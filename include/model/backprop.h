/*
 * Forward and backward through a transformer over a packed batch: sequences one after the other, no padding.
 *
 * Final hidden states are given for wanted rows only (those that predict an item's tokens); what lies between them and
 * the loss, the output matrix included, belongs to train/loss.h. In the last layer only wanted rows go past attention.
 * With LoRA no gradient of a frozen weight is computed, and nothing below the first adapted layer goes backward.
 *
 * Kept of a layer's forward pass are its input, q, k, v, the attention's log-sums and, where Wo is trained, its output,
 * the layer's middle and what goes into the MLP's activation; with `recompute` only its input, and the rest is computed
 * again on the way back, to the same bits. Of an adapted matrix A drop(x) is kept in either case.
 */
#ifndef MODEL_BACKPROP_H
#define MODEL_BACKPROP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cancel.h"
#include "base/err.h"
#include "kern/kern.h"
#include "model/trainable.h"

struct packed {
	const uint32_t *tokens; /* [rows], rows = first[n] */
	const size_t *first;    /* [n + 1]: sequence s is the rows first[s] … first[s + 1] - 1, positions from 0 */
	size_t n;
	const uint32_t *wanted; /* [n_wanted] rising rows */
	size_t n_wanted;
};

struct backprop;

/* kern is borrowed. Caller frees. */
int backprop_new(struct backprop **out, struct kern *kern, bool recompute, struct err *err) MUST_CHECK;
void backprop_free(struct backprop *b); /* NULL is fine */

/* Bytes of activations that a pass of so many rows will take, top and dtop apart. SIZE_MAX when they overflow. */
size_t backprop_bytes(const struct trainable *t, size_t rows, size_t n_wanted, bool recompute);

/* top[n_wanted, hidden] = the normed final hidden states. p = 0: no dropout; otherwise the adapter's input is dropped
 * with the masks that `seed` stands for. Refusals: memory, a sequence longer than the model takes
 * (ERR_VALUE), ERR_CANCELLED (read before every layer). */
int backprop_forward(struct backprop *b, const struct trainable *t, const struct packed *batch, double dropout,
	uint64_t seed, float *top, const cancel_flag *cancel, struct err *err) MUST_CHECK;

/* Adds to grad (a block as trainable.h lays it out) the gradients through dtop[n_wanted, hidden] of the forward pass
 * made last, whose t, batch and values are still the same; once a forward pass. What the output matrix gets directly is
 * not in it. After ERR_CANCELLED grad holds a part. */
int backprop_backward(
	struct backprop *b, const float *dtop, float *grad, const cancel_flag *cancel, struct err *err) MUST_CHECK;

/* The seed of kern/dropout.h's mask for the input of adapter.at[adapted] in a pass with `seed`. The mask is over the
 * rows that reach the matrix: in the last layer behind attention the wanted ones. */
uint64_t backprop_mask_seed(uint64_t seed, size_t adapted);

#endif
