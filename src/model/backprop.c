/* A pass over a packed batch and back. Everything that it keeps or works in is one block. */
#include "model/backprop.h"

#include <stdlib.h>
#include <string.h>

#include "backprop_priv.h"
#include "base/mem.h"
#include "base/rng.h"
#include "kern/layers.h"

struct plan {
	const struct trainable *t;
	size_t rows, n_wanted;
	bool recompute;
	struct mem_layout mem;
};

static void *take(struct plan *p, size_t rows, size_t width)
{
	return mem_piece(&p->mem, rows, width, sizeof(float));
}

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

static bool trains_layer(const struct trainable *t, const struct layer *l)
{
	for (enum map_id id = 0; id < MAP_COUNT; id++) {
		if (map_lora(t, l, id) != NULL)
			return true;
	}
	return t->full;
}

/* The first layer with anything to train, or the number of layers. */
static size_t first_trained(const struct trainable *t)
{
	size_t i = 0;

	while (i < t->config->layers && !trains_layer(t, &(struct layer){.w = &t->params.layers[i]}))
		i++;
	return i;
}

static void lay_out_kept(struct plan *p, struct layer *l)
{
	const struct model_config *c = p->t->config;
	size_t q = c->heads * c->head_dim, kv = c->kv_heads * c->head_dim;

	l->q = take(p, p->rows, q);
	l->k = take(p, p->rows, kv);
	l->v = take(p, p->rows, kv);
	l->lse = take(p, p->rows, c->heads);
	l->middle = take(p, l->rows, c->hidden);
	l->gate = take(p, l->rows, l->w->gate != NULL ? c->intermediate : 0);
	l->up = take(p, l->rows, c->intermediate);
}

static void lay_out_low_rank(struct plan *p, struct layer *l)
{
	for (enum map_id id = 0; id < MAP_COUNT; id++) {
		const struct lora *lora = map_lora(p->t, l, id);

		if (lora != NULL && id > MAP_Q && lora == map_lora(p->t, l, id - 1))
			l->u[id] = l->u[id - 1];
		else
			l->u[id] = lora == NULL ? NULL : take(p, map_rows(l, id), lora->r);
	}
}

/* Only the gradients of Wo ask for its input. */
static bool keeps_mixed(const struct plan *p, const struct layer *l)
{
	return !p->recompute && (p->t->full || map_lora(p->t, l, MAP_O) != NULL);
}

/*
 * A layer that goes back has an x of its own, and one set of the rest serves all layers whose set nobody comes back to:
 * those below the first trained layer, and then that layer, or with recomputation every layer. layers may be NULL.
 */
static void lay_out_layers(struct plan *p, struct layer *layers)
{
	const struct model_config *c = p->t->config;
	size_t first = first_trained(p->t);
	struct layer l = {.all = p->rows, .x = take(p, p->rows, c->hidden)};
	size_t q = c->heads * c->head_dim;
	float *mixed = p->t->full && !p->recompute ? NULL : take(p, p->rows, q);

	for (size_t i = 0; i < c->layers; i++) {
		l.w = &p->t->params.layers[i];
		l.rows = i == c->layers - 1 ? p->n_wanted : p->rows;
		if (i > first)
			l.x = take(p, p->rows, c->hidden);
		if (i == 0 || (i > first && !p->recompute))
			lay_out_kept(p, &l);
		l.mixed = keeps_mixed(p, &l) ? take(p, p->rows, q) : mixed;
		lay_out_low_rank(p, &l);
		if (layers != NULL)
			layers[i] = l;
	}
}

static void lay_out_scratch(struct plan *p, struct scratch_rows *s)
{
	const struct model_config *c = p->t->config;
	const struct adapter *a = &p->t->adapter;
	size_t q = c->heads * c->head_dim, kv = c->kv_heads * c->head_dim, in = 0, r = 0;
	size_t widest = larger(larger(c->hidden, c->intermediate), q + 2 * kv);
	bool normed = p->t->params.layers[0].q_norm != NULL;

	for (size_t i = 0; i < a->n; i++) {
		in = larger(in, a->at[i].param->cols);
		r = larger(r, a->at[i].r);
	}
	s->position = mem_piece(&p->mem, p->rows, 1, sizeof(*s->position));
	s->h = take(p, p->rows, c->hidden);
	s->dh = take(p, p->rows, c->hidden);
	s->dx = take(p, p->rows, c->hidden);
	s->inner = take(p, p->rows, c->intermediate);
	s->dmixed = take(p, p->rows, q);
	s->dq = take(p, p->rows, q);
	s->dk = take(p, p->rows, kv);
	s->dv = take(p, p->rows, kv);
	s->q = take(p, p->rows, normed ? q : 0);
	s->k = take(p, p->rows, normed ? kv : 0);
	s->dropped = take(p, p->rows, in);
	s->du = take(p, p->rows, r);
	s->wanted_mixed = take(p, p->n_wanted, q);
	s->wanted_x = take(p, p->n_wanted, c->hidden);
	s->wanted_dx = take(p, p->n_wanted, c->hidden);
	s->vector = take(p, 1, widest);
	s->bias = take(p, 1, widest);
}

size_t backprop_bytes(const struct trainable *t, size_t rows, size_t n_wanted, bool recompute)
{
	struct plan p = {.t = t, .rows = rows, .n_wanted = n_wanted, .recompute = recompute};
	struct scratch_rows s;

	lay_out_layers(&p, NULL);
	lay_out_scratch(&p, &s);
	return p.mem.used;
}

int backprop_new(struct backprop **out, struct kern *kern, bool recompute, struct err *err)
{
	struct backprop *b = mem_try_alloc(1, sizeof(*b), true, "the backward pass", err);

	if (b == NULL)
		return -1;
	b->kern = kern;
	b->recompute = recompute;
	*out = b;
	return 0;
}

void backprop_free(struct backprop *b)
{
	if (b == NULL)
		return;
	rotary_release(&b->rotary);
	free(b->layers);
	free(b->block);
	free(b);
}

/* Nothing is kept between passes, so larger storage replaces the old. */
static int reserve(struct backprop *b, const struct trainable *t, size_t n_wanted, struct err *err)
{
	size_t bytes = backprop_bytes(t, b->rows, n_wanted, b->recompute), layers = t->config->layers;
	struct plan p = {.t = t, .rows = b->rows, .n_wanted = n_wanted, .recompute = b->recompute};

	if (layers > b->layers_cap) {
		free(b->layers);
		b->layers_cap = 0;
		b->layers = mem_try_alloc(layers, sizeof(*b->layers), false, "activations", err);
		if (b->layers == NULL)
			return -1;
		b->layers_cap = layers;
	}
	if (bytes > b->bytes) {
		free(b->block);
		b->bytes = 0;
		b->block = mem_try_alloc(bytes, 1, false, "activations", err);
		if (b->block == NULL)
			return -1;
		b->bytes = bytes;
	}
	p.mem.base = b->block;
	lay_out_layers(&p, b->layers);
	lay_out_scratch(&p, &b->at);
	return 0;
}

static int set_positions(struct backprop *b, struct err *err)
{
	const struct model_config *c = b->t->config;
	const struct packed *p = &b->batch;
	size_t longest = 0, allowed = model_config_longest(c);

	for (size_t s = 0; s < p->n; s++) {
		longest = larger(longest, p->first[s + 1] - p->first[s]);
		for (size_t r = p->first[s]; r < p->first[s + 1]; r++)
			b->at.position[r] = (uint32_t)(r - p->first[s]);
	}
	rotary_release(&b->rotary);
	if (allowed > 0 && longest > allowed)
		return err_set(err, ERR_VALUE, "a sequence of %zu tokens: the model takes %zu", longest, allowed);
	if (b->t->params.positions != NULL)
		return 0;
	if (rotary_init(&b->rotary, &c->rope, c->head_dim, err) != 0)
		return -1;
	return rotary_reserve(&b->rotary, longest, err);
}

int backprop_forward(struct backprop *b, const struct trainable *t, const struct packed *batch, double dropout,
	uint64_t seed, float *top, const cancel_flag *cancel, struct err *err)
{
	const struct model_config *c = t->config;

	b->ready = false;
	b->t = t;
	b->batch = *batch;
	b->rows = batch->first[batch->n];
	b->first = first_trained(t);
	b->dropout = dropout;
	b->seed = seed;
	if (reserve(b, t, batch->n_wanted, err) != 0 || set_positions(b, err) != 0)
		return -1;
	embed_fwd(b->layers[0].x, &t->params.embed->tensor, batch->tokens, b->rows);
	if (t->params.positions != NULL)
		embed_add_fwd(b->kern, b->layers[0].x, &t->params.positions->tensor, b->at.position, b->rows);
	for (size_t i = 0; i < c->layers; i++) {
		if (cancelled(cancel))
			return err_set(err, ERR_CANCELLED, "cancelled");
		layer_fwd(b, &b->layers[i], i + 1 < c->layers ? b->layers[i + 1].x : b->at.wanted_x);
	}
	backprop_norm_fwd(b, top, b->at.wanted_x, t->params.norm, t->params.norm_bias, batch->n_wanted);
	b->ready = true;
	return 0;
}

/* The gradient through the final norm, as the last layer takes it. */
static float *top_bwd(struct backprop *b, const float *dtop)
{
	const struct params *params = &b->t->params;
	size_t n = b->batch.n_wanted;
	float *dy = n == b->rows ? b->at.dx : b->at.wanted_dx;

	memset(dy, 0, n * b->t->config->hidden * sizeof(*dy));
	backprop_norm_bwd(b, dy, dtop, b->at.wanted_x, params->norm, params->norm_bias, n);
	return dy;
}

/* The last layer was the last to run, so what it keeps is there in any case. */
static void recall(struct backprop *b, size_t layer)
{
	if (!b->recompute || layer == b->t->config->layers - 1)
		return;
	b->recalling = true;
	layer_fwd(b, &b->layers[layer], NULL);
	b->recalling = false;
}

int backprop_backward(struct backprop *b, const float *dtop, float *grad, const cancel_flag *cancel, struct err *err)
{
	const struct trainable *t = b->t;
	float *dy;

	if (!b->ready)
		BUG("a backward pass without a forward one");
	b->ready = false;
	b->grad = grad;
	dy = top_bwd(b, dtop);
	for (size_t i = t->config->layers; i-- > b->first;) {
		if (cancelled(cancel))
			return err_set(err, ERR_CANCELLED, "cancelled");
		recall(b, i);
		layer_bwd(b, &b->layers[i], dy, t->full || i > b->first);
		dy = b->at.dx;
	}
	if (t->full)
		embed_bwd(b->kern, backprop_grad(b, t->params.embed), dy, b->batch.tokens, b->rows, t->config->hidden);
	if (t->full && t->params.positions != NULL)
		embed_bwd(
			b->kern, backprop_grad(b, t->params.positions), dy, b->at.position, b->rows, t->config->hidden);
	return 0;
}

void backprop_norm_fwd(
	struct backprop *b, float *y, const float *x, const struct param *w, const struct param *bias, size_t rows)
{
	const struct model_config *c = b->t->config;
	const float *by = backprop_vector(b, w);

	if (c->arch->norm == NORM_LAYER)
		layernorm_fwd(b->kern, y, x, by, backprop_vector(b, bias), rows, c->hidden, c->norm_eps);
	else
		rmsnorm_fwd(b->kern, y, x, by, rows, c->hidden, c->norm_eps);
}

void backprop_norm_bwd(struct backprop *b, float *dx, const float *dy, const float *x, const struct param *w,
	const struct param *bias, size_t rows)
{
	const struct model_config *c = b->t->config;
	const float *by = backprop_vector(b, w);
	float *dw = backprop_grad(b, w);

	if (c->arch->norm == NORM_LAYER)
		layernorm_bwd(b->kern, dx, dw, backprop_grad(b, bias), dy, x, by, rows, c->hidden, c->norm_eps);
	else
		rmsnorm_bwd(b->kern, dx, dw, dy, x, by, rows, c->hidden, c->norm_eps);
}

const float *backprop_vector(struct backprop *b, const struct param *p)
{
	float *wide;

	if (p == NULL || p->tensor.dtype == DTYPE_F32)
		return p == NULL ? NULL : p->tensor.data;
	wide = role_is_bias(p->role) ? b->at.bias : b->at.vector;
	dtype_widen(wide, p->tensor.data, p->tensor.dtype, 0, p->rows);
	return wide;
}

float *backprop_grad(const struct backprop *b, const struct param *p)
{
	size_t offset = p == NULL ? SIZE_MAX : trainable_offset(b->t, p);

	return offset == SIZE_MAX ? NULL : b->grad + offset;
}

uint64_t backprop_mask_seed(uint64_t seed, size_t adapted)
{
	struct rng rng;

	rng_seed(&rng, seed);
	rng_seed(&rng, rng_u64(&rng) + adapted);
	return rng_u64(&rng);
}
