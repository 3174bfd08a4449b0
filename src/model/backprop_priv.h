/*
 * Inside the backward pass: what is kept of a layer, and the pieces that a layer is made of, forward and backward.
 *
 *   a linear map:  y = W x + b + scale · B (A drop(x)), the last term where it is adapted     (backprop_map.c)
 *   a layer:       h = norm(x);       middle = x + Wo · attention(turn(Wq h), turn(Wk h), Wv h)
 *                  h = norm(middle);  y = middle + Wdown · (silu(Wgate h) · (Wup h))          (backprop_layer.c)
 *                                     or, without a gate, y = middle + Wdown · gelu(Wup h)
 *
 * T: rows of the batch. R: rows that go past attention: the wanted ones in the last layer, elsewhere all.
 */
#ifndef SRC_MODEL_BACKPROP_PRIV_H
#define SRC_MODEL_BACKPROP_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layer_map.h"
#include "model/backprop.h"
#include "rotary.h"

/* What a layer's forward pass leaves for the way back; all borrowed. With `recompute` layers share all but x and u. */
struct layer {
	const struct layer_params *w;
	size_t all, rows;    /* T, R */
	float *x;            /* [T, hidden] */
	float *q;            /* [T, heads · head_dim], turned; where heads are normed, as they were before */
	float *k, *v;        /* [T, kv_heads · head_dim], k like q */
	float *mixed;        /* [T, heads · head_dim]: the attention's output; kept where Wo is trained */
	float *lse;          /* [T, heads] */
	float *middle;       /* [R, hidden] */
	float *gate, *up;    /* [R, intermediate]; gate is nothing where the MLP has none */
	float *u[MAP_COUNT]; /* [rows of the map, r]: scale · A drop(x), one for the parts of one matrix; NULL: none */
};

/* Storage that layers take turns in; all borrowed. */
struct scratch_rows {
	uint32_t *position;  /* [T] */
	float *h, *dh;       /* [T, hidden]: a normed input and its gradient */
	float *dx;           /* [T, hidden]: the gradient on its way down */
	float *inner;        /* [T, intermediate]: what goes into Wdown, its gradient, that of up */
	float *dmixed, *dq;  /* [T, heads · head_dim] */
	float *dk, *dv;      /* [T, kv_heads · head_dim] */
	float *q, *k;        /* turned, where heads are normed */
	float *dropped;      /* [T, widest input of an adapted map], with LoRA */
	float *du;           /* [T, largest r], with LoRA */
	float *wanted_mixed; /* [wanted, heads · head_dim]: the last layer's rows of mixed, then of its gradient */
	float *wanted_x;     /* [wanted, hidden]: the last layer's output */
	float *wanted_dx;    /* [wanted, hidden] */
	float *vector;       /* [widest vector]: a norm widened to float, until the next one */
	float *bias;         /* [widest vector]: the same of biases */
};

struct backprop {
	struct kern *kern; /* borrowed */
	bool recompute;
	void *block; /* owned, [bytes]: whatever layers and scratch point to */
	size_t bytes;
	struct layer *layers; /* owned, [layers_cap] */
	size_t layers_cap;
	struct scratch_rows at;
	struct rotary rotary;

	/* The pass that was made last. */
	bool ready;                /* it has been made and has not gone back */
	const struct trainable *t; /* borrowed */
	struct packed batch;       /* its arrays are borrowed */
	size_t rows, first;        /* T; the first layer with anything to train, or the number of layers */
	double dropout;
	uint64_t seed;
	float *grad;    /* borrowed, during the way back */
	bool recalling; /* a layer is run again for what is kept of it: u is there, and its output is not wanted */
};

/* A norm or bias as floats, valid until the next norm or bias is asked for; NULL for NULL. */
const float *backprop_vector(struct backprop *b, const struct param *p);

/* Where a parameter's gradient goes; NULL where it is frozen, or not there. */
float *backprop_grad(const struct backprop *b, const struct param *p);

const struct lora *map_lora(const struct trainable *t, const struct layer *l, enum map_id id); /* NULL: none */
size_t map_rows(const struct layer *l, enum map_id id);

/* y = norm(x) of `rows` rows by a norm and its bias, which may be NULL; and, added to dx, the gradient of x. */
void backprop_norm_fwd(
	struct backprop *b, float *y, const float *x, const struct param *w, const struct param *bias, size_t rows);
void backprop_norm_bwd(struct backprop *b, float *dx, const float *dy, const float *x, const struct param *w,
	const struct param *bias, size_t rows);

/* Whether anything of the map is trained, and so its input is needed on the way back. */
bool map_trains(const struct backprop *b, const struct layer *l, enum map_id id);

/* y = the map of x, or y += it when add is set. */
void map_fwd(struct backprop *b, const struct layer *l, enum map_id id, float *y, const float *x, bool add);

/* Adds the gradients of what is trained (then x is the map's input) to grad; and, unless dx is NULL, dx = the gradient
 * of x, or dx += it when add is set. dx may be x. */
void map_bwd(struct backprop *b, const struct layer *l, enum map_id id, float *dx, const float *dy, const float *x,
	bool add);

/* y[R, hidden] = the layer's output; y may be x. NULL while recalling. */
void layer_fwd(struct backprop *b, const struct layer *l, float *y);

/* dy [R, hidden], the gradient of the layer's output, is overwritten; that of its input is left in at.dx when `below`,
 * otherwise only what leads to trained maps is computed. dy is at.dx where R is T. */
void layer_bwd(struct backprop *b, const struct layer *l, float *dy, bool below);

#endif
