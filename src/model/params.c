/* The table of a transformer's parameters, and its binding to what a file holds. */
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
	for (size_t i = 0; p->turned != NULL && i < p->n; i++)
		free(p->turned[i]);
	free(p->turned);
	free(p->at);
	free(p->layers);
	*p = (struct params){0};
}

/* The name that a parameter is stored under; NULL where it is not. */
static const char *stored_name(const struct params *p, const struct param *param, const struct safetensors *file)
{
	const char *head = p->arch->names[PARAM_HEAD], *prefix = p->arch->prefix;
	size_t len = strlen(prefix);
	const char *names[] = {
		param->name,
		strncmp(param->name, prefix, len) == 0 ? param->name + len : param->name,
		param == p->head ? head : param->name, /* of a tied pair */
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (safetensors_find(file, names[i]) != NULL)
			return names[i];
	}
	return NULL;
}

/* A stored matrix [in, out] becomes [out, in], of the same type. */
static int turn(struct param *param, void **turned, struct err *err)
{
	struct tensor *t = &param->tensor;
	size_t in = t->shape[0], out = t->shape[1];

	*turned = mem_try_alloc(tensor_elements(t), dtype_bytes(t->dtype, 1), false, "a turned matrix", err);
	if (*turned == NULL)
		return -1;
	tensor_turn(*turned, t->data, dtype_bytes(t->dtype, 1), in, out);
	t->data = *turned;
	t->shape[0] = out;
	t->shape[1] = in;
	return 0;
}

static int bind_one(
	struct param *param, const char *name, const struct safetensors *file, void **turned, struct err *err)
{
	const struct safetensors_entry *entry = safetensors_find(file, name);
	const size_t expected[] = {
		param->transposed ? param->cols : param->rows, param->transposed ? param->rows : param->cols};
	size_t dims = param->cols == 1 ? 1 : 2;
	char found[128], wanted[64];

	if (entry->dims != dims || memcmp(entry->shape, expected, dims * sizeof(*expected)) != 0) {
		shape_text(found, sizeof(found), entry->shape, entry->dims);
		shape_text(wanted, sizeof(wanted), expected, dims);
		return err_set(err, ERR_FORMAT, "%s: tensor '%s' has the shape %s, and by config.json it must be %s",
			file->files.at[entry->file].path, entry->name, found, wanted);
	}
	if (safetensors_tensor(file, name, &param->tensor, err) != 0)
		return -1;
	return param->transposed ? turn(param, turned, err) : 0;
}

/* Whether a tensor is one that old files hold beside the weights. */
static bool is_buffer(const struct architecture *arch, const char *name)
{
	size_t len = strlen(name);

	for (const char *const *end = arch->buffers; *end != NULL; end++) {
		size_t n = strlen(*end);

		if (len > n && name[len - n - 1] == '.' && strcmp(name + len - n, *end) == 0)
			return true;
	}
	return false;
}

int params_bind(struct params *p, const struct safetensors *file, size_t *unused, struct err *err)
{
	bool *used = mem_try_alloc(file->entries.n, sizeof(*used), true, "the list of tensors", err);
	int rc = -1;

	p->turned = mem_try_alloc(p->n, sizeof(*p->turned), true, "the list of tensors", err);
	if (used == NULL || p->turned == NULL)
		goto out;
	for (size_t i = 0; i < p->n; i++) {
		const char *name = stored_name(p, &p->at[i], file);

		if (name == NULL) {
			err_set(err, ERR_FORMAT, "%s: tensor '%s' is missing, and config.json calls for it%s",
				file->files.at[0].path, p->at[i].name,
				&p->at[i] == p->head ? " (\"tie_word_embeddings\" is not set)" : "");
			goto out;
		}
		if (bind_one(&p->at[i], name, file, &p->turned[i], err) != 0)
			goto out;
		used[safetensors_find(file, name) - file->entries.at] = true;
	}
	*unused = 0;
	for (size_t i = 0; i < file->entries.n; i++)
		*unused += !used[i] && !is_buffer(p->arch, file->entries.at[i].name);
	rc = 0;
out:
	free(used);
	return rc;
}
