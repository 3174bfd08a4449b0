/* The table of a Llama-type model's parameters, and its binding to what a file holds. */
#include "model/params.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define BASE_PREFIX "model." /* absent from files that hold the transformer without its head */

/* What one layer holds; a row that is not `there` is no parameter of this model. */
struct spec {
	struct param **into;
	const char *name;
	size_t rows, cols;
	bool there;
};

static struct param *add(struct params *p, size_t rows, size_t cols, const char *fmt, ...) PRINTF_LIKE(4, 5);

static struct param *add(struct params *p, size_t rows, size_t cols, const char *fmt, ...)
{
	struct param *at = &p->at[p->n++];
	va_list args;

	va_start(args, fmt);
	vsnprintf(at->name, sizeof(at->name), fmt, args);
	va_end(args);
	at->rows = rows;
	at->cols = cols;
	p->elements += rows * cols;
	return at;
}

static void add_layer(struct params *p, const struct model_config *c, size_t layer)
{
	struct layer_params *w = &p->layers[layer];
	size_t hidden = c->hidden, inner = c->intermediate;
	size_t q = c->heads * c->head_dim, kv = c->kv_heads * c->head_dim;
	const struct spec specs[] = {
		{&w->attn_norm, "input_layernorm.weight", hidden, 1, true},
		{&w->q, "self_attn.q_proj.weight", q, hidden, true},
		{&w->q_bias, "self_attn.q_proj.bias", q, 1, c->qkv_bias},
		{&w->k, "self_attn.k_proj.weight", kv, hidden, true},
		{&w->k_bias, "self_attn.k_proj.bias", kv, 1, c->qkv_bias},
		{&w->v, "self_attn.v_proj.weight", kv, hidden, true},
		{&w->v_bias, "self_attn.v_proj.bias", kv, 1, c->qkv_bias},
		{&w->o, "self_attn.o_proj.weight", hidden, q, true},
		{&w->o_bias, "self_attn.o_proj.bias", hidden, 1, c->o_bias},
		{&w->mlp_norm, "post_attention_layernorm.weight", hidden, 1, true},
		{&w->gate, "mlp.gate_proj.weight", inner, hidden, true},
		{&w->gate_bias, "mlp.gate_proj.bias", inner, 1, c->mlp_bias},
		{&w->up, "mlp.up_proj.weight", inner, hidden, true},
		{&w->up_bias, "mlp.up_proj.bias", inner, 1, c->mlp_bias},
		{&w->down, "mlp.down_proj.weight", hidden, inner, true},
		{&w->down_bias, "mlp.down_proj.bias", hidden, 1, c->mlp_bias},
	};

	for (size_t i = 0; i < ARRAY_LEN(specs); i++) {
		if (specs[i].there)
			*specs[i].into =
				add(p, specs[i].rows, specs[i].cols, BASE_PREFIX "layers.%zu.%s", layer, specs[i].name);
	}
}

/* Parameters of a layer that has every bias; and those outside the layers. */
#define LAYER_MAX 16
#define OUTER_MAX 3

int params_init(struct params *p, const struct model_config *c, struct err *err)
{
	*p = (struct params){0};
	p->at = mem_try_alloc(c->layers * LAYER_MAX + OUTER_MAX, sizeof(*p->at), true, "the parameter table", err);
	p->layers = mem_try_alloc(c->layers, sizeof(*p->layers), true, "the parameter table", err);
	if (p->at == NULL || p->layers == NULL) {
		params_release(p);
		return -1;
	}
	p->embed = add(p, c->vocab, c->hidden, BASE_PREFIX "embed_tokens.weight");
	for (size_t layer = 0; layer < c->layers; layer++)
		add_layer(p, c, layer);
	p->norm = add(p, c->hidden, 1, BASE_PREFIX "norm.weight");
	p->head = c->tied ? p->embed : add(p, c->vocab, c->hidden, "lm_head.weight");
	return 0;
}

void params_release(struct params *p)
{
	free(p->at);
	free(p->layers);
	*p = (struct params){0};
}

/* The name that a parameter is stored under; NULL where it is not. */
static const char *stored_name(const struct params *p, const struct param *param, const struct safetensors *file)
{
	const char *names[] = {
		param->name,
		strncmp(param->name, BASE_PREFIX, strlen(BASE_PREFIX)) == 0 ? param->name + strlen(BASE_PREFIX)
									    : param->name,
		param == p->head ? "lm_head.weight" : param->name, /* of a tied pair */
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (safetensors_find(file, names[i]) != NULL)
			return names[i];
	}
	return NULL;
}

static int bind_one(struct param *param, const char *name, const struct safetensors *file, struct err *err)
{
	const struct safetensors_entry *entry = safetensors_find(file, name);
	const size_t expected[] = {param->rows, param->cols};
	size_t dims = param->cols == 1 ? 1 : 2;
	char found[128], wanted[64];

	if (entry->dims != dims || memcmp(entry->shape, expected, dims * sizeof(*expected)) != 0) {
		shape_text(found, sizeof(found), entry->shape, entry->dims);
		shape_text(wanted, sizeof(wanted), expected, dims);
		return err_set(err, ERR_FORMAT, "%s: tensor '%s' has the shape %s, and by config.json it must be %s",
			file->files.at[entry->file].path, entry->name, found, wanted);
	}
	return safetensors_tensor(file, name, &param->tensor, err);
}

int params_bind(struct params *p, const struct safetensors *file, size_t *unused, struct err *err)
{
	bool *used = mem_try_alloc(file->entries.n, sizeof(*used), true, "the list of tensors", err);
	int rc = -1;

	if (used == NULL)
		return -1;
	for (size_t i = 0; i < p->n; i++) {
		const char *name = stored_name(p, &p->at[i], file);

		if (name == NULL) {
			err_set(err, ERR_FORMAT, "%s: tensor '%s' is missing, and config.json calls for it%s",
				file->files.at[0].path, p->at[i].name,
				&p->at[i] == p->head ? " (\"tie_word_embeddings\" is not set)" : "");
			goto out;
		}
		if (bind_one(&p->at[i], name, file, err) != 0)
			goto out;
		used[safetensors_find(file, name) - file->entries.at] = true;
	}
	*unused = 0;
	for (size_t i = 0; i < file->entries.n; i++)
		*unused += !used[i];
	rc = 0;
out:
	free(used);
	return rc;
}
