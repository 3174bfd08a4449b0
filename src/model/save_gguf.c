/* A model's keys and tensors in a GGUF file, named and typed as llama.cpp's converter does. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "rotary.h"
#include "save_priv.h"
#include "weights_gguf.h"

#define QUANTISATION_VERSION 2 /* of the blocks' layout */

enum dtype save_gguf_dtype(const struct save *s, size_t param)
{
	const struct param *p = &s->params->at[param];
	enum dtype stored = p->tensor.dtype, wanted = s->dtype;

	if (role_is_vector(p->role) || p->role == PARAM_POSITIONS)
		return DTYPE_F32;
	if (wanted == DTYPE_COUNT)
		wanted = stored >= DTYPE_PLAIN_COUNT && save_is_adapted(s, param) ? DTYPE_Q8_0 : stored;
	return p->cols % dtype_block(wanted) == 0 ? wanted : DTYPE_F16;
}

static void put_size(struct gguf_writer *w, const struct model_config *c, const char *suffix, size_t value)
{
	gguf_put_u32(w, weights_gguf_key(c, suffix).name, (uint32_t)value);
}

/* What the largest matrix is, by the numbers that llama.cpp shows names for. */
static uint32_t file_type(const struct save *s)
{
	static const uint32_t numbers[DTYPE_COUNT] = {
		[DTYPE_F32] = 0,
		[DTYPE_F16] = 1,
		[DTYPE_Q4_0] = 2,
		[DTYPE_Q4_1] = 3,
		[DTYPE_Q8_0] = 7,
		[DTYPE_Q5_0] = 8,
		[DTYPE_Q5_1] = 9,
		[DTYPE_Q4_K] = 15,
		[DTYPE_Q5_K] = 17,
		[DTYPE_Q6_K] = 18,
		[DTYPE_BF16] = 32,
	};
	size_t elements[DTYPE_COUNT] = {0}, most = 0;

	for (size_t i = 0; i < s->params->n; i++)
		elements[save_gguf_dtype(s, i)] += s->params->at[i].rows * s->params->at[i].cols;
	for (size_t t = 1; t < DTYPE_COUNT; t++)
		most = elements[t] > elements[most] ? t : most;
	return numbers[most];
}

static bool is_quantised(const struct save *s)
{
	for (size_t i = 0; i < s->params->n; i++) {
		if (save_gguf_dtype(s, i) >= DTYPE_PLAIN_COUNT)
			return true;
	}
	return false;
}

static void put_sizes(struct gguf_writer *w, const struct model_config *c)
{
	bool rms = c->arch->norm == NORM_RMS;
	size_t positions = c->max_positions;

	/* As far as dynamic positions are computed they are plain ones, which is what the file says. */
	if (c->rope.kind == ROPE_DYNAMIC && c->rope.original_positions < (double)positions)
		positions = (size_t)c->rope.original_positions;
	put_size(w, c, "vocab_size", c->vocab);
	put_size(w, c, "context_length", positions);
	put_size(w, c, "embedding_length", c->hidden);
	put_size(w, c, "block_count", c->layers);
	put_size(w, c, "feed_forward_length", c->intermediate);
	put_size(w, c, "attention.head_count", c->heads);
	put_size(w, c, "attention.head_count_kv", c->kv_heads);
	if (c->head_dim * c->heads != c->hidden) {
		put_size(w, c, "attention.key_length", c->head_dim);
		put_size(w, c, "attention.value_length", c->head_dim);
	}
	gguf_put_f32(w,
		weights_gguf_key(c, rms ? "attention.layer_norm_rms_epsilon" : "attention.layer_norm_epsilon").name,
		(float)c->norm_eps);
	if (c->window > 0)
		put_size(w, c, "attention.sliding_window", c->window);
}

/* The numbers of YaRN that files have no keys for must be those that readers take. */
static bool is_usual_yarn(const struct rope_config *r)
{
	double usual = r->factor > 1 ? 0.1 * log(r->factor) + 1 : 1;

	return r->truncate && r->beta_fast == 32 && r->beta_slow == 1 && fabs(r->attention_factor - usual) < 1e-6;
}

static int put_rope(struct gguf_writer *w, const struct model_config *c, struct err *err)
{
	const struct rope_config *r = &c->rope;
	bool yarn = r->kind == ROPE_YARN;

	if (c->arch->names[PARAM_POSITIONS] != NULL)
		return 0;
	put_size(w, c, "rope.dimension_count", c->head_dim);
	gguf_put_f32(w, weights_gguf_key(c, "rope.freq_base").name, (float)r->theta);
	if (yarn || r->kind == ROPE_LLAMA3)
		put_size(w, c, "rope.scaling.original_context_length", (size_t)r->original_positions);
	if (!yarn && r->kind != ROPE_LINEAR)
		return 0;
	if (yarn && !is_usual_yarn(r))
		return err_set(err, ERR_UNSUPPORTED,
			"yarn positions with other than the usual attention_factor, beta_fast, beta_slow and truncate "
			"have no place in a GGUF file: write a directory");
	gguf_put_str(w, weights_gguf_key(c, "rope.scaling.type").name, yarn ? "yarn" : "linear");
	gguf_put_f32(w, weights_gguf_key(c, "rope.scaling.factor").name, (float)r->factor);
	return 0;
}

/* Llama 3's stretching is said by a tensor. */
static bool has_factors(const struct model_config *c)
{
	return c->rope.kind == ROPE_LLAMA3 || c->rope.kind == ROPE_FACTORS;
}

static void put_factors(struct gguf_writer *w, const struct model_config *c)
{
	const struct tensor t = {
		.name = WEIGHTS_ROPE_FACTORS, .dtype = DTYPE_F32, .dims = 1, .shape = {c->head_dim / 2}};

	gguf_put_tensor(w, &t);
}

/* What each pair's frequency is divided by. */
static int write_factors(struct gguf_writer *w, const struct model_config *c, struct err *err)
{
	size_t half = c->head_dim / 2;
	float *factors = xcalloc(half, sizeof(*factors));
	int rc;

	for (size_t i = 0; i < half; i++)
		factors[i] = (float)rotary_factor(&c->rope, i, c->head_dim);
	rc = gguf_writer_data(w, factors, half * sizeof(*factors), err);
	free(factors);
	return rc;
}

static void put_tensors(const struct save *s, struct gguf_writer *w)
{
	char name[WEIGHTS_GGUF_NAME];

	if (has_factors(s->config))
		put_factors(w, s->config);
	for (size_t i = 0; i < s->params->n; i++) {
		const struct param *p = &s->params->at[i];
		const struct tensor t = {.name = name,
			.dtype = save_gguf_dtype(s, i),
			.dims = p->cols == 1 ? 1 : 2,
			.shape = {p->rows, p->cols}};

		weights_gguf_name(name, p);
		gguf_put_tensor(w, &t);
	}
}

static int sink(void *arg, const void *bytes, size_t len, struct err *err)
{
	return gguf_writer_data(arg, bytes, len, err);
}

/* Which of our rows stands where in the file; NULL where each is in its own place. Caller frees. */
static size_t *make_order(const struct model_config *c, const struct param *p)
{
	size_t *order;

	if (!weights_gguf_reorders(c, p->role))
		return NULL;
	order = xcalloc(p->rows, sizeof(*order));
	for (size_t row = 0; row < p->rows; row++)
		order[weights_gguf_row(c, p->role, row)] = row;
	return order;
}

static int write_tensors(const struct save *s, struct gguf_writer *w, struct err *err)
{
	if (has_factors(s->config) && write_factors(w, s->config, err) != 0)
		return -1;
	for (size_t i = 0; i < s->params->n; i++) {
		size_t *order = make_order(s->config, &s->params->at[i]);
		const struct save_form form = {.dtype = save_gguf_dtype(s, i), .order = order};
		int rc = save_values(s, i, &form, sink, w, err);

		free(order);
		if (rc != 0)
			return -1;
	}
	return 0;
}

int save_gguf(const struct save *s, struct gguf_writer *w, struct err *err)
{
	gguf_put_u32(w, "general.file_type", file_type(s));
	if (is_quantised(s))
		gguf_put_u32(w, "general.quantization_version", QUANTISATION_VERSION);
	put_sizes(w, s->config);
	if (put_rope(w, s->config, err) != 0)
		return -1;
	put_tensors(s, w);
	return write_tensors(s, w, err);
}
