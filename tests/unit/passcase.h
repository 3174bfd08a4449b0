/*
 * A made-up model, what of it is trained, and a packed batch with a loss that is linear in the logits:
 * Σ over wanted rows w and tokens v of c[w, v] · z[w, v]. And the same loss by the plain pass of tiny.h, in double.
 */
#ifndef TEST_PASSCASE_H
#define TEST_PASSCASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../num/tiny.h"
#include "base/vec.h"
#include "model/backprop.h"
#include "model/transformer.h"

struct passcase {
	struct tiny tiny;
	struct lm *lm;
	struct trainable t;
	struct vec_u32 tokens, wanted;
	VEC(size_t) first;
	struct packed packed; /* over the three */
	double *c;            /* owned, [n_wanted, vocab] */
	double dropout;       /* 0 at first */
	uint64_t seed;
	/* LoRA as the plain pass takes it, [t.adapter.n]; the arrays are owned and may be changed. */
	struct tiny_lora *lora;
	double **a, **b;
};

struct pass_shape {
	const struct tiny_shape *model;
	const char *targets;   /* of LoRA with r 3; NULL: all parameters are trained */
	const size_t *lengths; /* of the sequences, ending in 0 */
	unsigned wanted;       /* percent of the rows, at least one; 100: all */
};

void passcase_init(struct passcase *p, const struct pass_shape *shape, struct kern *kern, uint64_t seed);
void passcase_release(struct passcase *p);

/* What the loss's gradient at the final hidden states is: [n_wanted, hidden]. */
void passcase_dtop(const struct passcase *p, float *dtop);

/* Forward and backward: top [n_wanted, hidden] is set, grad (a block, and the output matrix's own gradient with it
 * where that is trained) is added to. */
void passcase_run(const struct passcase *p, struct backprop *b, float *top, float *grad);

/* The loss by the plain pass, with the masks of `seed` where there is dropout. */
double passcase_value(struct passcase *p, struct kern *kern);

#endif
