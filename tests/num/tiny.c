/* Made-up models: see tiny.h. Loops follow the equations one to one and share nothing with the program's kernels. */
#include "tiny.h"

#include <dirent.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/rng.h"
#include "store/file.h"
#include "store/safetensors.h"

static void stop(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s\n", what, why);
	abort();
}

/* Half-width values are cut, not rounded: any value that the type holds will do. */
static void store(struct tensor *t, void *data, size_t i, float value)
{
	uint32_t bits;

	memcpy(&bits, &value, sizeof(bits));
	if (t->dtype == DTYPE_F32) {
		((float *)data)[i] = value;
	} else if (t->dtype == DTYPE_BF16) {
		((uint16_t *)data)[i] = (uint16_t)(bits >> 16);
	} else {
		int exponent = (int)(bits >> 23 & 0xff) - 127 + 15;
		uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);

		if (exponent >= 31)
			stop(t->name, "a value that F16 does not hold");
		((uint16_t *)data)[i] = exponent <= 0 ? sign : (uint16_t)(sign | exponent << 10 | (bits >> 13 & 0x3ff));
	}
}

static void add(struct tiny *t, struct rng *rng, size_t rows, size_t cols, double mean, double deviation,
	const char *fmt, ...) PRINTF_LIKE(7, 8);

static void add(
	struct tiny *t, struct rng *rng, size_t rows, size_t cols, double mean, double deviation, const char *fmt, ...)
{
	struct tensor *at;
	struct buf name = {0};
	char text[128];
	va_list args;
	void *data;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	buf_addstr(&name, text);
	t->tensors = xreallocarray(t->tensors, t->n + 1, sizeof(*t->tensors));
	at = &t->tensors[t->n++];
	*at = (struct tensor){
		.name = buf_detach(&name), .dtype = t->shape.dtype, .dims = cols == 0 ? 1 : 2, .shape = {rows, cols}};
	data = xcalloc(tensor_elements(at), dtype_bytes(at->dtype, 1));
	for (size_t i = 0; i < tensor_elements(at); i++)
		store(at, data, i, (float)(mean + deviation * (rng_uniform(rng) - 0.5) * sqrt(12)));
	at->data = data;
}

static void add_linear(
	struct tiny *t, struct rng *rng, size_t out, size_t in, bool bias, size_t layer, const char *name)
{
	add(t, rng, out, in, 0, t->shape.scale / sqrt((double)in), "model.layers.%zu.%s.weight", layer, name);
	if (bias)
		add(t, rng, out, 0, 0, 0.5, "model.layers.%zu.%s.bias", layer, name);
}

void tiny_init(struct tiny *t, const struct tiny_shape *shape, uint64_t seed)
{
	const struct tiny_shape *s = shape;
	const char *tmp = getenv("TMPDIR");
	bool qkv_bias = s->attention_bias || strcmp(s->type, "qwen2") == 0;
	struct rng rng;

	*t = (struct tiny){.shape = *shape};
	t->dir = xasprintf("%s/beamscope-tiny-XXXXXX", tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(t->dir) == NULL)
		stop(t->dir, "cannot be made");
	rng_seed(&rng, seed);
	add(t, &rng, s->vocab, s->hidden, 0, 1, "model.embed_tokens.weight");
	for (size_t l = 0; l < s->layers; l++) {
		size_t q = s->heads * s->head_dim, kv = s->kv_heads * s->head_dim;

		add(t, &rng, s->hidden, 0, 1, 0.3, "model.layers.%zu.input_layernorm.weight", l);
		add_linear(t, &rng, q, s->hidden, qkv_bias, l, "self_attn.q_proj");
		add_linear(t, &rng, kv, s->hidden, qkv_bias, l, "self_attn.k_proj");
		add_linear(t, &rng, kv, s->hidden, qkv_bias, l, "self_attn.v_proj");
		add_linear(t, &rng, s->hidden, q, s->attention_bias, l, "self_attn.o_proj");
		add(t, &rng, s->hidden, 0, 1, 0.3, "model.layers.%zu.post_attention_layernorm.weight", l);
		add_linear(t, &rng, s->intermediate, s->hidden, s->mlp_bias, l, "mlp.gate_proj");
		add_linear(t, &rng, s->intermediate, s->hidden, s->mlp_bias, l, "mlp.up_proj");
		add_linear(t, &rng, s->hidden, s->intermediate, s->mlp_bias, l, "mlp.down_proj");
	}
	add(t, &rng, s->hidden, 0, 1, 0.3, "model.norm.weight");
	if (!s->tied)
		add(t, &rng, s->vocab, s->hidden, 0, s->scale / sqrt((double)s->hidden), "lm_head.weight");
}

void tiny_release(struct tiny *t)
{
	DIR *dir = opendir(t->dir);
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(dir), entry->d_name, 0);
	}
	if (dir != NULL)
		closedir(dir);
	rmdir(t->dir);
	for (size_t i = 0; i < t->n; i++) {
		free((char *)t->tensors[i].name);
		free((void *)t->tensors[i].data);
	}
	free(t->tensors);
	free(t->dir);
	*t = (struct tiny){0};
}

struct tensor *tiny_find(struct tiny *t, const char *name)
{
	for (size_t i = 0; i < t->n; i++) {
		if (strcmp(t->tensors[i].name, name) == 0)
			return &t->tensors[i];
	}
	return NULL;
}

void tiny_write_file(struct tiny *t, const char *name, const void *bytes, size_t len)
{
	char *path = file_join(t->dir, name);
	FILE *f = fopen(path, "wb");

	if (f == NULL || fwrite(bytes, 1, len, f) != len || fclose(f) != 0)
		stop(path, "cannot be written");
	free(path);
}

void tiny_write_config(struct tiny *t)
{
	const struct tiny_shape *s = &t->shape;
	struct buf json = {0};

	buf_addf(&json,
		"{\"model_type\": \"%s\", \"hidden_act\": \"silu\", \"vocab_size\": %zu, \"hidden_size\": %zu,\n",
		s->type, s->vocab, s->hidden);
	buf_addf(&json, "\"num_hidden_layers\": %zu, \"num_attention_heads\": %zu, \"num_key_value_heads\": %zu,\n",
		s->layers, s->heads, s->kv_heads);
	buf_addf(&json, "\"head_dim\": %zu, \"intermediate_size\": %zu, \"max_position_embeddings\": %zu,\n",
		s->head_dim, s->intermediate, s->max_positions);
	buf_addf(&json, "\"tie_word_embeddings\": %s, \"attention_bias\": %s, \"mlp_bias\": %s,\n",
		s->tied ? "true" : "false", s->attention_bias ? "true" : "false", s->mlp_bias ? "true" : "false");
	buf_addf(&json, "\"rope_theta\": %.17g, \"rms_norm_eps\": %.17g, \"rope_scaling\": %s,\n", s->theta, s->eps,
		s->rope_scaling != NULL ? s->rope_scaling : "null");
	buf_addf(&json, "\"bos_token_id\": 1, \"eos_token_id\": 2}\n");
	tiny_write_file(t, "config.json", json.at, json.len);
	buf_release(&json);
}

void tiny_write_weights(struct tiny *t)
{
	static const struct safetensors_pair format = {"format", "pt"};
	char *path = file_join(t->dir, "model.safetensors");
	struct err err;

	if (safetensors_write(path, t->tensors, t->n, &format, 1, &err) != 0)
		stop(path, err.msg);
	free(path);
}

void tiny_write(struct tiny *t)
{
	tiny_write_config(t);
	tiny_write_weights(t);
}

/* A stored tensor in double; NULL when the model has none of that name. Caller frees. */
static double *widened(struct tiny *t, const char *fmt, ...) PRINTF_LIKE(2, 3);

static double *widened(struct tiny *t, const char *fmt, ...)
{
	char name[128];
	const struct tensor *tensor;
	float *narrow;
	double *wide;
	va_list args;
	size_t n;

	va_start(args, fmt);
	vsnprintf(name, sizeof(name), fmt, args);
	va_end(args);
	tensor = tiny_find(t, name);
	if (tensor == NULL)
		return NULL;
	n = tensor_elements(tensor);
	narrow = xcalloc(n, sizeof(*narrow));
	wide = xcalloc(n, sizeof(*wide));
	dtype_widen(narrow, tensor->data, tensor->dtype, 0, n);
	for (size_t i = 0; i < n; i++)
		wide[i] = narrow[i];
	free(narrow);
	return wide;
}

static void multiply(double *y, const double *x, const double *w, const double *b, size_t T, size_t out, size_t in)
{
	for (size_t t = 0; t < T; t++) {
		for (size_t o = 0; o < out; o++) {
			double sum = b != NULL ? b[o] : 0;

			for (size_t i = 0; i < in; i++)
				sum += w[o * in + i] * x[t * in + i];
			y[t * out + o] = sum;
		}
	}
}

/* y += scale · B A (mask · x) */
static void multiply_low(double *y, const double *x, const struct tiny_lora *l, size_t T, size_t out, size_t in)
{
	double *masked = xcalloc(T * in, sizeof(*masked)), *low = xcalloc(T * l->r, sizeof(*low));
	double *high = xcalloc(T * out, sizeof(*high));

	for (size_t i = 0; i < T * in; i++)
		masked[i] = x[i] * (l->mask != NULL ? l->mask[i] : 1);
	multiply(low, masked, l->a, NULL, T, l->r, in);
	multiply(high, low, l->b, NULL, T, out, l->r);
	for (size_t i = 0; i < T * out; i++)
		y[i] += l->scale * high[i];
	free(masked);
	free(low);
	free(high);
}

/* Caller frees. */
static double *linear(struct tiny *t, const double *x, size_t T, size_t out, size_t in, size_t layer, const char *name)
{
	double *w = widened(t, "model.layers.%zu.%s.weight", layer, name);
	double *b = widened(t, "model.layers.%zu.%s.bias", layer, name);
	double *y = xcalloc(T * out, sizeof(*y));
	char full[128];

	multiply(y, x, w, b, T, out, in);
	snprintf(full, sizeof(full), "model.layers.%zu.%s.weight", layer, name);
	for (size_t i = 0; i < t->n_lora; i++) {
		if (strcmp(t->lora[i].name, full) == 0)
			multiply_low(y, x, &t->lora[i], T, out, in);
	}
	free(w);
	free(b);
	return y;
}

/* Caller frees. */
static double *normed(const double *x, const double *w, size_t T, size_t C, double eps)
{
	double *y = xcalloc(T * C, sizeof(*y));

	for (size_t t = 0; t < T; t++) {
		double square = 0;

		for (size_t c = 0; c < C; c++)
			square += x[t * C + c] * x[t * C + c];
		for (size_t c = 0; c < C; c++)
			y[t * C + c] = w[c] * x[t * C + c] / sqrt(square / (double)C + eps);
	}
	return y;
}

static void rotate(const struct tiny_shape *s, double *x, size_t T, size_t heads)
{
	size_t half = s->head_dim / 2;

	for (size_t t = 0; t < T; t++) {
		for (size_t h = 0; h < heads; h++) {
			double *head = x + (t * heads + h) * s->head_dim;

			for (size_t i = 0; i < half; i++) {
				double freq = 1 / pow(s->theta, (double)(2 * i) / (double)s->head_dim);
				double angle = (double)t * (s->stretch != NULL ? s->stretch(freq) : freq);
				double a = head[i], b = head[i + half];

				head[i] = a * cos(angle) - b * sin(angle);
				head[i + half] = b * cos(angle) + a * sin(angle);
			}
		}
	}
}

/* What query head h of token t takes from the values of the tokens up to t. */
static void attend(
	const struct tiny_shape *s, double *out, const double *q, const double *k, const double *v, size_t t, size_t h)
{
	size_t d = s->head_dim, kv = h / (s->heads / s->kv_heads);
	double *weight = xcalloc(t + 1, sizeof(*weight)), max = -INFINITY, sum = 0;

	for (size_t u = 0; u <= t; u++) {
		for (size_t i = 0; i < d; i++)
			weight[u] += q[(t * s->heads + h) * d + i] * k[(u * s->kv_heads + kv) * d + i];
		weight[u] /= sqrt((double)d);
		max = fmax(max, weight[u]);
	}
	for (size_t u = 0; u <= t; u++)
		sum += weight[u] = exp(weight[u] - max);
	for (size_t u = 0; u <= t; u++) {
		for (size_t i = 0; i < d; i++)
			out[(t * s->heads + h) * d + i] += weight[u] / sum * v[(u * s->kv_heads + kv) * d + i];
	}
	free(weight);
}

static void attention_part(struct tiny *t, double *x, size_t T, size_t layer)
{
	const struct tiny_shape *s = &t->shape;
	size_t H = s->hidden, Q = s->heads * s->head_dim, KV = s->kv_heads * s->head_dim;
	double *w = widened(t, "model.layers.%zu.input_layernorm.weight", layer);
	double *h = normed(x, w, T, H, s->eps);
	double *q = linear(t, h, T, Q, H, layer, "self_attn.q_proj");
	double *k = linear(t, h, T, KV, H, layer, "self_attn.k_proj");
	double *v = linear(t, h, T, KV, H, layer, "self_attn.v_proj");
	double *mixed = xcalloc(T * Q, sizeof(*mixed)), *o;

	rotate(s, q, T, s->heads);
	rotate(s, k, T, s->kv_heads);
	for (size_t at = 0; at < T; at++) {
		for (size_t head = 0; head < s->heads; head++)
			attend(s, mixed, q, k, v, at, head);
	}
	o = linear(t, mixed, T, H, Q, layer, "self_attn.o_proj");
	for (size_t i = 0; i < T * H; i++)
		x[i] += o[i];
	free(w);
	free(h);
	free(q);
	free(k);
	free(v);
	free(mixed);
	free(o);
}

static void mlp_part(struct tiny *t, double *x, size_t T, size_t layer)
{
	const struct tiny_shape *s = &t->shape;
	double *w = widened(t, "model.layers.%zu.post_attention_layernorm.weight", layer);
	double *h = normed(x, w, T, s->hidden, s->eps);
	double *gate = linear(t, h, T, s->intermediate, s->hidden, layer, "mlp.gate_proj");
	double *up = linear(t, h, T, s->intermediate, s->hidden, layer, "mlp.up_proj");
	double *down;

	for (size_t i = 0; i < T * s->intermediate; i++)
		gate[i] = gate[i] / (1 + exp(-gate[i])) * up[i];
	down = linear(t, gate, T, s->hidden, s->intermediate, layer, "mlp.down_proj");
	for (size_t i = 0; i < T * s->hidden; i++)
		x[i] += down[i];
	free(w);
	free(h);
	free(gate);
	free(up);
	free(down);
}

void tiny_logits(struct tiny *t, double *logits, const uint32_t *tokens, size_t n)
{
	const struct tiny_shape *s = &t->shape;
	double *embed = widened(t, "model.embed_tokens.weight");
	double *head = widened(t, s->tied ? "model.embed_tokens.weight" : "lm_head.weight");
	double *norm = widened(t, "model.norm.weight");
	double *x = xcalloc(n * s->hidden, sizeof(*x)), *top;

	for (size_t at = 0; at < n; at++)
		memcpy(x + at * s->hidden, embed + tokens[at] * s->hidden, s->hidden * sizeof(*x));
	for (size_t layer = 0; layer < s->layers; layer++) {
		attention_part(t, x, n, layer);
		mlp_part(t, x, n, layer);
	}
	top = normed(x, norm, n, s->hidden, s->eps);
	multiply(logits, top, head, NULL, n, s->vocab, s->hidden);
	free(embed);
	free(head);
	free(norm);
	free(x);
	free(top);
}
