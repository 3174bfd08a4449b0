/* A model's parameters in a GGUF file: their names, and the order of their rows. */
#include "weights_gguf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define LAYER_PREFIX "blk.%zu."

static const char *const names[PARAM_ROLES] = {
	[PARAM_EMBED] = "token_embd.weight",
	[PARAM_POSITIONS] = "position_embd.weight",
	[PARAM_ATTN_NORM] = "attn_norm.weight",
	[PARAM_ATTN_NORM_BIAS] = "attn_norm.bias",
	[PARAM_QKV] = "attn_qkv.weight",
	[PARAM_QKV_BIAS] = "attn_qkv.bias",
	[PARAM_Q] = "attn_q.weight",
	[PARAM_Q_BIAS] = "attn_q.bias",
	[PARAM_K] = "attn_k.weight",
	[PARAM_K_BIAS] = "attn_k.bias",
	[PARAM_V] = "attn_v.weight",
	[PARAM_V_BIAS] = "attn_v.bias",
	[PARAM_Q_NORM] = "attn_q_norm.weight",
	[PARAM_K_NORM] = "attn_k_norm.weight",
	[PARAM_O] = "attn_output.weight",
	[PARAM_O_BIAS] = "attn_output.bias",
	[PARAM_MLP_NORM] = "ffn_norm.weight",
	[PARAM_MLP_NORM_BIAS] = "ffn_norm.bias",
	[PARAM_GATE] = "ffn_gate.weight",
	[PARAM_GATE_BIAS] = "ffn_gate.bias",
	[PARAM_UP] = "ffn_up.weight",
	[PARAM_UP_BIAS] = "ffn_up.bias",
	[PARAM_DOWN] = "ffn_down.weight",
	[PARAM_DOWN_BIAS] = "ffn_down.bias",
	[PARAM_NORM] = "output_norm.weight",
	[PARAM_NORM_BIAS] = "output_norm.bias",
	[PARAM_HEAD] = "output.weight",
};

/* Tensors that carry no weights: tables of rotary angles that old files hold. */
static const char *const buffers[] = {".attn_rot_embd", ".attn_rot_embd.weight"};

void weights_gguf_name(char name[WEIGHTS_GGUF_NAME], const struct param *param)
{
	if (param->layer == PARAM_NO_LAYER)
		snprintf(name, WEIGHTS_GGUF_NAME, "%s", names[param->role]);
	else
		snprintf(name, WEIGHTS_GGUF_NAME, LAYER_PREFIX "%s", param->layer, names[param->role]);
}

struct weights_gguf_key weights_gguf_key(const struct model_config *c, const char *suffix)
{
	struct weights_gguf_key key;

	snprintf(key.name, sizeof(key.name), "%s.%s", c->arch->gguf, suffix);
	return key;
}

bool weights_gguf_reorders(const struct model_config *c, enum param_role role)
{
	bool rotated = role == PARAM_Q || role == PARAM_Q_BIAS || role == PARAM_K || role == PARAM_K_BIAS;

	return rotated && strcmp(c->arch->gguf, "llama") == 0;
}

/* Row s · half + i of a head, the i-th of its half s, is row 2i + s there. */
size_t weights_gguf_row(const struct model_config *c, enum param_role role, size_t row)
{
	size_t half = c->head_dim / 2, at = row % c->head_dim;

	return weights_gguf_reorders(c, role) ? row - at + at % half * 2 + at / half : row;
}

/* A copy of a parameter's rows in our order. */
static int reorder(struct weights *w, const struct model_config *c, struct param *param, size_t len, struct err *err)
{
	struct tensor *t = &param->tensor;
	size_t row = len / param->rows;
	const unsigned char *from = t->data;
	unsigned char *to = mem_try_alloc(param->rows, row, false, "rows in another order", err);

	if (to == NULL)
		return -1;
	vec_push(&w->blocks, to);
	for (size_t r = 0; r < param->rows; r++)
		memcpy(to + r * row, from + weights_gguf_row(c, param->role, r) * row, row);
	t->data = to;
	return 0;
}

static int bind_one(struct weights *w, const struct model_config *c, struct param *param, const struct gguf_tensor *t,
	struct err *err)
{
	const char *path = w->gguf.files.at[t->file].path;
	const size_t expected[] = {param->rows, param->cols};
	unsigned dims = param->cols == 1 ? 1 : 2;
	char found[128], wanted[64];

	if (t->dims != dims || memcmp(t->shape, expected, dims * sizeof(*expected)) != 0) {
		shape_text(found, sizeof(found), t->shape, t->dims);
		shape_text(wanted, sizeof(wanted), expected, dims);
		return err_set(err, ERR_FORMAT,
			"%s: tensor '%s' has the shape %s, and by the file's keys it must be %s", path, t->name, found,
			wanted);
	}
	if (gguf_tensor(&w->gguf, t->name, &param->tensor, err) != 0)
		return -1;
	if (dims == 1 && dtype_block(param->tensor.dtype) > 1)
		return err_set(err, ERR_UNSUPPORTED,
			"%s: tensor '%s', a vector, is of type %s: F32, F16 or BF16 is needed", path, t->name,
			dtype_name(param->tensor.dtype));
	return weights_gguf_reorders(c, param->role) ? reorder(w, c, param, t->len, err) : 0;
}

static bool is_buffer(const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < ARRAY_LEN(buffers); i++) {
		size_t n = strlen(buffers[i]);

		if (len >= n && strcmp(name + len - n, buffers[i]) == 0)
			return true;
	}
	return strcmp(name, WEIGHTS_ROPE_FACTORS) == 0;
}

static int refuse_unused(const struct gguf *g, const bool *used, struct err *err)
{
	for (size_t i = 0; i < g->tensors.n; i++) {
		const struct gguf_tensor *t = &g->tensors.at[i];

		if (!used[i] && !is_buffer(t->name))
			return err_set(err, ERR_UNSUPPORTED,
				"%s: tensor '%s' is not known, and may change what the model computes",
				g->files.at[t->file].path, t->name);
	}
	return 0;
}

int weights_bind_gguf(struct weights *w, const struct model_config *c, struct params *p, struct err *err)
{
	const struct gguf *g = &w->gguf;
	bool *used = mem_try_alloc(g->tensors.n, sizeof(*used), true, "the list of tensors", err);
	char name[WEIGHTS_GGUF_NAME];
	int rc = -1;

	if (used == NULL)
		return -1;
	for (size_t i = 0; i < p->n; i++) {
		const struct gguf_tensor *t;

		weights_gguf_name(name, &p->at[i]);
		t = gguf_find_tensor(g, name);
		if (t == NULL) {
			err_set(err, ERR_FORMAT, "%s: tensor '%s' is missing, and the file's keys call for it",
				gguf_path(g), name);
			goto out;
		}
		if (bind_one(w, c, &p->at[i], t, err) != 0)
			goto out;
		used[t - g->tensors.at] = true;
	}
	rc = refuse_unused(g, used, err);
out:
	free(used);
	return rc;
}
