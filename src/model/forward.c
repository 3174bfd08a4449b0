/*
 * The forward pass. Keys and values are written straight into their cache slots; nothing else of a row outlives its
 * pass but its final hidden state, and in the last layer only rows whose hidden state is wanted go past their keys and
 * values.
 */
#include "forward.h"

#include <stdlib.h>

#include "base/mem.h"
#include "kern/attn.h"
#include "kern/layers.h"
#include "kern/linear.h"
#include "layer_map.h"

static int widen_vectors(struct forward *f, struct err *err)
{
	const struct params *params = f->params;

	f->widened = mem_try_alloc(params->n, sizeof(*f->widened), true, "norms and biases", err);
	if (f->widened == NULL)
		return -1;
	for (size_t i = 0; i < params->n; i++) {
		const struct param *p = &params->at[i];

		if (p->tensor.dims != 1 || p->tensor.dtype == DTYPE_F32)
			continue;
		f->widened[i] = mem_try_alloc(p->rows, sizeof(float), false, "norms and biases", err);
		if (f->widened[i] == NULL)
			return -1;
		dtype_widen(f->widened[i], p->tensor.data, p->tensor.dtype, 0, p->rows);
	}
	return 0;
}

static bool is_rotary(const struct forward *f)
{
	return f->params->positions == NULL;
}

static int init_positions(struct forward *f, struct err *err)
{
	return is_rotary(f) ? rotary_init(&f->rotary, &f->config->rope, f->config->head_dim, err) : 0;
}

int forward_init(struct forward *f, const struct model_config *config, const struct params *params, struct kern *kern,
	struct err *err)
{
	*f = (struct forward){.config = config, .params = params, .kern = kern};
	if (widen_vectors(f, err) != 0 || init_positions(f, err) != 0 ||
		kvcache_init(&f->cache, config->layers, config->kv_heads * config->head_dim, err) != 0) {
		forward_release(f);
		return -1;
	}
	return 0;
}

static void release_activations(struct activations *a)
{
	free(a->x);
	free(a->h);
	free(a->q);
	free(a->mixed);
	free(a->gate);
	free(a->up);
	free(a->low);
	*a = (struct activations){0};
}

void forward_release(struct forward *f)
{
	for (size_t i = 0; f->widened != NULL && i < f->params->n; i++)
		free(f->widened[i]);
	free(f->widened);
	rotary_release(&f->rotary);
	kvcache_release(&f->cache);
	release_activations(&f->act);
	*f = (struct forward){0};
}

void forward_adapt(struct forward *f, const struct adapter *adapter)
{
	f->adapter = adapter;
	f->low_width = 0;
	for (size_t i = 0; adapter != NULL && i < adapter->n; i++) {
		if (f->low_width < adapter->at[i].r)
			f->low_width = adapter->at[i].r;
	}
	release_activations(&f->act);
}

/* Activations keep nothing between passes, so a larger set replaces the old one. */
static int reserve_activations(struct forward *f, size_t rows, struct err *err)
{
	const struct model_config *c = f->config;
	struct activations *a = &f->act;
	const struct {
		float **block;
		size_t width;
	} blocks[] = {
		{&a->x, c->hidden},
		{&a->h, c->hidden},
		{&a->q, c->heads * c->head_dim},
		{&a->mixed, c->heads * c->head_dim},
		{&a->gate, c->intermediate},
		{&a->up, c->arch->names[PARAM_GATE] != NULL ? c->intermediate : 0},
		{&a->low, f->low_width},
	};

	if (rows <= a->rows)
		return 0;
	release_activations(a);
	for (size_t i = 0; i < ARRAY_LEN(blocks); i++) {
		*blocks[i].block = mem_try_alloc(rows, blocks[i].width * sizeof(float), false, "activations", err);
		if (*blocks[i].block == NULL) {
			release_activations(a);
			return -1;
		}
	}
	a->rows = rows;
	return 0;
}

int forward_reserve(struct forward *f, size_t rows, size_t positions, size_t slots, struct err *err)
{
	if (reserve_activations(f, rows, err) != 0)
		return -1;
	if (is_rotary(f) && rotary_reserve(&f->rotary, positions, err) != 0)
		return -1;
	return kvcache_reserve(&f->cache, slots, err);
}

static const float *vector(const struct forward *f, const struct param *p)
{
	const float *widened;

	if (p == NULL)
		return NULL;
	widened = f->widened[p - f->params->at];
	return widened != NULL ? widened : p->tensor.data;
}

/* y += scale · x Aᵀ Bᵀ for T rows, of the outputs that are the map's. */
static void project_low(
	const struct forward *f, float *y, const float *x, const struct layer_map *m, const struct lora *l, size_t T)
{
	const struct tensor b = layer_map_rows(m, &l->b);
	float *low = f->act.low;

	linear_fwd(f->kern, low, x, &l->a, NULL, false, T);
	for (size_t i = 0; i < T * l->r; i++)
		low[i] *= l->scale;
	linear_fwd(f->kern, y, low, &b, NULL, true, T);
}

/* y = x · Wᵀ + b for T rows, added to y when `add` is set; W with its adapter. */
static void project(const struct forward *f, float *y, const float *x, const struct layer_params *layer, enum map_id id,
	bool add, size_t T)
{
	const struct layer_map m = layer_map(layer, f->config, id);
	const struct lora *l = f->adapter != NULL ? f->adapter->of[m.weight - f->params->at] : NULL;
	const struct tensor w = layer_map_rows(&m, &m.weight->tensor);
	const float *bias = vector(f, m.bias);

	linear_fwd(f->kern, y, x, &w, bias != NULL ? bias + m.first : NULL, add, T);
	if (l != NULL)
		project_low(f, y, x, &m, l, T);
}

static void norm(
	const struct forward *f, float *y, const float *x, const struct param *w, const struct param *b, size_t T)
{
	const struct model_config *c = f->config;

	if (c->arch->norm == NORM_LAYER)
		layernorm_fwd(f->kern, y, x, vector(f, w), vector(f, b), T, c->hidden, c->norm_eps);
	else
		rmsnorm_fwd(f->kern, y, x, vector(f, w), T, c->hidden, c->norm_eps);
}

/* The heads of q or k as attention takes them; w norms each, or is NULL. */
static void turn(
	const struct forward *f, float *x, const struct param *w, const uint32_t *position, size_t T, size_t heads)
{
	const struct model_config *c = f->config;
	size_t d = c->head_dim;

	if (w != NULL)
		rmsnorm_fwd(f->kern, x, x, vector(f, w), T * heads, d, c->norm_eps);
	if (is_rotary(f))
		rope_fwd(f->kern, x, position, f->rotary.cos, f->rotary.sin, T, heads, d, heads * d);
}

static void attend(const struct forward *f, const struct pass *p, const struct kv_layer *kv, size_t skip, size_t T)
{
	const struct model_config *c = f->config;
	const struct attn_shape shape = {c->heads, c->kv_heads, c->head_dim};

	if (p->path != NULL)
		attn_tree_fwd(
			f->kern, f->act.mixed, f->act.q, kv->keys, kv->values, p->prompt, p->path, p->first, T, &shape);
	else
		attn_causal_fwd(f->kern, f->act.mixed, f->act.q, kv->keys, kv->values, p->slot + skip, T, &shape);
}

/* x += the MLP of h for T rows. */
static void run_mlp(const struct forward *f, float *x, const float *h, const struct layer_params *w, size_t T)
{
	const struct activations *a = &f->act;
	size_t n = T * f->config->intermediate;

	if (w->gate != NULL) {
		project(f, a->gate, h, w, MAP_GATE, false, T);
		project(f, a->up, h, w, MAP_UP, false, T);
		swiglu_fwd(f->kern, a->gate, a->gate, a->up, n);
	} else {
		project(f, a->gate, h, w, MAP_UP, false, T);
		gelu_fwd(f->kern, a->gate, a->gate, n);
	}
	project(f, x, a->gate, w, MAP_DOWN, true, T);
}

/* All rows get keys and values; the last T of them go through the rest of the layer. */
static void run_layer(const struct forward *f, const struct pass *p, size_t layer, size_t T)
{
	const struct model_config *c = f->config;
	const struct layer_params *w = &f->params->layers[layer];
	const struct kv_layer *kv = &f->cache.at[layer];
	const struct activations *a = &f->act;
	size_t width = f->cache.width, skip = p->rows - T;
	float *keys = kv->keys + p->slot * width, *values = kv->values + p->slot * width;
	float *x = a->x + skip * c->hidden;

	norm(f, a->h, a->x, w->attn_norm, w->attn_norm_bias, p->rows);
	project(f, keys, a->h, w, MAP_K, false, p->rows);
	project(f, values, a->h, w, MAP_V, false, p->rows);
	turn(f, keys, w->k_norm, p->position, p->rows, c->kv_heads);
	if (T == 0)
		return;

	project(f, a->q, a->h + skip * c->hidden, w, MAP_Q, false, T);
	turn(f, a->q, w->q_norm, p->position + skip, T, c->heads);
	attend(f, p, kv, skip, T);
	project(f, x, a->mixed, w, MAP_O, true, T);

	norm(f, a->h, x, w->mlp_norm, w->mlp_norm_bias, T);
	run_mlp(f, x, a->h, w, T);
}

int forward_run(struct forward *f, const struct pass *p, const cancel_flag *cancel, struct err *err)
{
	const struct model_config *c = f->config;
	size_t last = c->layers - 1;

	embed_fwd(f->act.x, &f->params->embed->tensor, p->tokens, p->rows);
	if (!is_rotary(f))
		embed_add_fwd(f->kern, f->act.x, &f->params->positions->tensor, p->position, p->rows);
	for (size_t layer = 0; layer < c->layers; layer++) {
		if (cancelled(cancel))
			return err_set(err, ERR_CANCELLED, "cancelled");
		run_layer(f, p, layer, layer == last ? p->wanted : p->rows);
	}
	if (p->wanted > 0)
		norm(f, p->top, f->act.x + (p->rows - p->wanted) * c->hidden, f->params->norm, f->params->norm_bias,
			p->wanted);
	return 0;
}
