/* The table of a transformer's parameters. */
#include "model/params.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* One parameter of a model or a layer: where it is noted, and its shape if it is there. */
struct spec {
	struct param **into;
	enum param_role role;
	size_t rows, cols;
};

static bool has_bias(enum param_role role, const struct model_config *c)
{
	switch (role) {
	case PARAM_QKV_BIAS:
	case PARAM_Q_BIAS:
	case PARAM_K_BIAS:
	case PARAM_V_BIAS:
		return c->qkv_bias;
	case PARAM_O_BIAS:
		return c->o_bias;
	case PARAM_GATE_BIAS:
	case PARAM_UP_BIAS:
	case PARAM_DOWN_BIAS:
		return c->mlp_bias;
	default:
		return true;
	}
}

static void add(struct params *p, const struct model_config *c, const struct spec *spec, size_t layer)
{
	const struct architecture *arch = c->arch;
	const char *name = arch->names[spec->role];
	struct param *at = &p->at[p->n];

	if (name == NULL || !has_bias(spec->role, c))
		return;
	*at = (struct param){.role = spec->role,
		.layer = layer,
		.rows = spec->rows,
		.cols = spec->cols,
		.transposed = arch->conv1d && role_is_map(spec->role)};
	if (layer != PARAM_NO_LAYER)
		snprintf(at->name, sizeof(at->name), "%s%s.%zu.%s", arch->prefix, arch->layers, layer, name);
	else
		snprintf(at->name, sizeof(at->name), "%s%s", spec->role == PARAM_HEAD ? "" : arch->prefix, name);
	p->elements += spec->rows * spec->cols;
	p->n++;
	*spec->into = at;
}

static void add_layer(struct params *p, const struct model_config *c, size_t layer)
{
	struct layer_params *w = &p->layers[layer];
	size_t hidden = c->hidden, inner = c->intermediate;
	size_t q = c->heads * c->head_dim, kv = c->kv_heads * c->head_dim;
	const struct spec specs[] = {
		{&w->attn_norm, PARAM_ATTN_NORM, hidden, 1},
		{&w->attn_norm_bias, PARAM_ATTN_NORM_BIAS, hidden, 1},
		{&w->qkv, PARAM_QKV, q + 2 * kv, hidden},
		{&w->qkv_bias, PARAM_QKV_BIAS, q + 2 * kv, 1},
		{&w->q, PARAM_Q, q, hidden},
		{&w->q_bias, PARAM_Q_BIAS, q, 1},
		{&w->k, PARAM_K, kv, hidden},
		{&w->k_bias, PARAM_K_BIAS, kv, 1},
		{&w->v, PARAM_V, kv, hidden},
		{&w->v_bias, PARAM_V_BIAS, kv, 1},
		{&w->q_norm, PARAM_Q_NORM, c->head_dim, 1},
		{&w->k_norm, PARAM_K_NORM, c->head_dim, 1},
		{&w->o, PARAM_O, hidden, q},
		{&w->o_bias, PARAM_O_BIAS, hidden, 1},
		{&w->mlp_norm, PARAM_MLP_NORM, hidden, 1},
		{&w->mlp_norm_bias, PARAM_MLP_NORM_BIAS, hidden, 1},
		{&w->gate, PARAM_GATE, inner, hidden},
		{&w->gate_bias, PARAM_GATE_BIAS, inner, 1},
		{&w->up, PARAM_UP, inner, hidden},
		{&w->up_bias, PARAM_UP_BIAS, inner, 1},
		{&w->down, PARAM_DOWN, hidden, inner},
		{&w->down_bias, PARAM_DOWN_BIAS, hidden, 1},
	};

	for (size_t i = 0; i < ARRAY_LEN(specs); i++)
		add(p, c, &specs[i], layer);
}

int params_init(struct params *p, const struct model_config *c, struct err *err)
{
	const struct spec before[] = {
		{&p->embed, PARAM_EMBED, c->vocab, c->hidden},
		{&p->positions, PARAM_POSITIONS, c->max_positions, c->hidden},
	};
	const struct spec after[] = {
		{&p->norm, PARAM_NORM, c->hidden, 1},
		{&p->norm_bias, PARAM_NORM_BIAS, c->hidden, 1},
		{&p->head, PARAM_HEAD, c->vocab, c->hidden},
	};
	size_t n = c->layers * PARAM_ROLES + ARRAY_LEN(before) + ARRAY_LEN(after);

	*p = (struct params){.arch = c->arch, .n_layers = c->layers};
	p->at = mem_try_alloc(n, sizeof(*p->at), true, "the parameter table", err);
	p->layers = mem_try_alloc(c->layers, sizeof(*p->layers), true, "the parameter table", err);
	if (p->at == NULL || p->layers == NULL) {
		params_release(p);
		return -1;
	}
	for (size_t i = 0; i < ARRAY_LEN(before); i++)
		add(p, c, &before[i], PARAM_NO_LAYER);
	for (size_t layer = 0; layer < c->layers; layer++)
		add_layer(p, c, layer);
	for (size_t i = 0; i < ARRAY_LEN(after); i++) {
		if (after[i].role != PARAM_HEAD || !c->tied)
			add(p, c, &after[i], PARAM_NO_LAYER);
	}
	if (c->tied)
		p->head = p->embed;
	return 0;
}

void params_release(struct params *p)
{
	free(p->at);
	free(p->layers);
	*p = (struct params){0};
}
