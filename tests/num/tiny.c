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

static bool is_type(const struct tiny_shape *s, const char *type)
{
	return strcmp(s->type, type) == 0;
}

/* What the tensors of a layer are called. GPT-2's matrices are stored as [in, out], and q, k and v in one. */
struct names {
	const char *outer, *layers;
	const char *embed, *norm, *attn_norm, *o, *mlp_norm, *up, *down;
};

static const struct names *names_of(const struct tiny_shape *s)
{
	static const struct names llama = {"model.", "model.layers", "embed_tokens", "norm", "input_layernorm",
		"self_attn.o_proj", "post_attention_layernorm", "mlp.up_proj", "mlp.down_proj"};
	static const struct names gpt2 = {"transformer.", "transformer.h", "wte", "ln_f", "ln_1", "attn.c_proj", "ln_2",
		"mlp.c_fc", "mlp.c_proj"};

	return is_type(s, "gpt2") ? &gpt2 : &llama;
}

static void add_linear(
	struct tiny *t, struct rng *rng, size_t out, size_t in, bool bias, size_t layer, const char *name)
{
	const char *layers = names_of(&t->shape)->layers;
	bool turned = is_type(&t->shape, "gpt2");

	add(t, rng, turned ? in : out, turned ? out : in, 0, t->shape.scale / sqrt((double)in), "%s.%zu.%s.weight",
		layers, layer, name);
	if (bias)
		add(t, rng, out, 0, 0, 0.5, "%s.%zu.%s.bias", layers, layer, name);
}

static void add_norm(struct tiny *t, struct rng *rng, size_t width, const char *where, size_t layer, const char *name)
{
	char full[96];

	if (layer == SIZE_MAX)
		snprintf(full, sizeof(full), "%s%s", where, name);
	else
		snprintf(full, sizeof(full), "%s.%zu.%s", where, layer, name);
	add(t, rng, width, 0, 1, 0.3, "%s.weight", full);
	if (is_type(&t->shape, "gpt2"))
		add(t, rng, width, 0, 0, 0.5, "%s.bias", full);
}

static void add_attention(struct tiny *t, struct rng *rng, size_t l)
{
	const struct tiny_shape *s = &t->shape;
	const struct names *names = names_of(s);
	size_t q = s->heads * s->head_dim, kv = s->kv_heads * s->head_dim;
	bool gpt2 = is_type(s, "gpt2"), qkv_bias = s->attention_bias || is_type(s, "qwen2");

	add_norm(t, rng, s->hidden, names->layers, l, names->attn_norm);
	if (gpt2) {
		add_linear(t, rng, q + 2 * kv, s->hidden, true, l, "attn.c_attn");
	} else {
		add_linear(t, rng, q, s->hidden, qkv_bias, l, "self_attn.q_proj");
		add_linear(t, rng, kv, s->hidden, qkv_bias, l, "self_attn.k_proj");
		add_linear(t, rng, kv, s->hidden, qkv_bias, l, "self_attn.v_proj");
	}
	if (is_type(s, "qwen3")) {
		add_norm(t, rng, s->head_dim, names->layers, l, "self_attn.q_norm");
		add_norm(t, rng, s->head_dim, names->layers, l, "self_attn.k_norm");
	}
	add_linear(t, rng, s->hidden, q, s->attention_bias || gpt2, l, names->o);
}

static void add_mlp(struct tiny *t, struct rng *rng, size_t l)
{
	const struct tiny_shape *s = &t->shape;
	const struct names *names = names_of(s);
	bool gpt2 = is_type(s, "gpt2"), bias = s->mlp_bias || gpt2;

	add_norm(t, rng, s->hidden, names->layers, l, names->mlp_norm);
	if (!gpt2)
		add_linear(t, rng, s->intermediate, s->hidden, bias, l, "mlp.gate_proj");
	add_linear(t, rng, s->intermediate, s->hidden, bias, l, names->up);
	add_linear(t, rng, s->hidden, s->intermediate, bias, l, names->down);
}

void tiny_init(struct tiny *t, const struct tiny_shape *shape, uint64_t seed)
{
	const struct tiny_shape *s = shape;
	const struct names *names = names_of(s);
	const char *tmp = getenv("TMPDIR");
	struct rng rng;

	*t = (struct tiny){.shape = *shape};
	t->dir = xasprintf("%s/beamscope-tiny-XXXXXX", tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(t->dir) == NULL)
		stop(t->dir, "cannot be made");
	rng_seed(&rng, seed);
	add(t, &rng, s->vocab, s->hidden, 0, 1, "%s%s.weight", names->outer, names->embed);
	if (is_type(s, "gpt2"))
		add(t, &rng, s->max_positions, s->hidden, 0, 1, "%swpe.weight", names->outer);
	for (size_t l = 0; l < s->layers; l++) {
		add_attention(t, &rng, l);
		add_mlp(t, &rng, l);
	}
	add_norm(t, &rng, s->hidden, names->outer, SIZE_MAX, names->norm);
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

static void add_llama_config(const struct tiny_shape *s, struct buf *json)
{
	buf_addf(json, "\"hidden_act\": \"silu\", \"hidden_size\": %zu,\n", s->hidden);
	buf_addf(json, "\"num_hidden_layers\": %zu, \"num_attention_heads\": %zu, \"num_key_value_heads\": %zu,\n",
		s->layers, s->heads, s->kv_heads);
	buf_addf(json, "\"head_dim\": %zu, \"intermediate_size\": %zu, \"max_position_embeddings\": %zu,\n",
		s->head_dim, s->intermediate, s->max_positions);
	buf_addf(json, "\"attention_bias\": %s, \"mlp_bias\": %s,\n", s->attention_bias ? "true" : "false",
		s->mlp_bias ? "true" : "false");
	buf_addf(json, "\"rope_theta\": %.17g, \"rms_norm_eps\": %.17g, \"rope_scaling\": %s,\n", s->theta, s->eps,
		s->rope_scaling != NULL ? s->rope_scaling : "null");
}

static void add_gpt2_config(const struct tiny_shape *s, struct buf *json)
{
	buf_addf(json, "\"activation_function\": \"gelu_new\", \"n_embd\": %zu, \"n_layer\": %zu,\n", s->hidden,
		s->layers);
	buf_addf(json, "\"n_head\": %zu, \"n_inner\": %zu, \"n_positions\": %zu, \"n_ctx\": %zu,\n", s->heads,
		s->intermediate, s->max_positions, s->max_positions);
	buf_addf(json, "\"layer_norm_epsilon\": %.17g,\n", s->eps);
}

void tiny_write_config(struct tiny *t)
{
	const struct tiny_shape *s = &t->shape;
	struct buf json = {0};

	buf_addf(&json, "{\"model_type\": \"%s\", \"vocab_size\": %zu, \"tie_word_embeddings\": %s,\n", s->type,
		s->vocab, s->tied ? "true" : "false");
	if (is_type(s, "gpt2"))
		add_gpt2_config(s, &json);
	else
		add_llama_config(s, &json);
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

/* [in, out] becomes [out, in]. Caller frees, as the given one is. */
static double *turn(double *w, size_t in, size_t out)
{
	double *turned = xcalloc(in * out, sizeof(*turned));

	for (size_t i = 0; i < in; i++) {
		for (size_t o = 0; o < out; o++)
			turned[o * in + i] = w[i * out + o];
	}
	free(w);
	return turned;
}

/* Caller frees. */
static double *linear(struct tiny *t, const double *x, size_t T, size_t out, size_t in, size_t layer, const char *name)
{
	const char *layers = names_of(&t->shape)->layers;
	double *w = widened(t, "%s.%zu.%s.weight", layers, layer, name);
	double *b = widened(t, "%s.%zu.%s.bias", layers, layer, name);
	double *y = xcalloc(T * out, sizeof(*y));
	char full[128];

	if (is_type(&t->shape, "gpt2"))
		w = turn(w, in, out);
	multiply(y, x, w, b, T, out, in);
	snprintf(full, sizeof(full), "%s.%zu.%s.weight", layers, layer, name);
	for (size_t i = 0; i < t->n_lora; i++) {
		if (strcmp(t->lora[i].name, full) == 0)
			multiply_low(y, x, &t->lora[i], T, out, in);
	}
	free(w);
	free(b);
	return y;
}

/* Rows of C by the norm of that name: with a bias the one with a mean. Caller frees. */
static double *normed(struct tiny *t, const double *x, size_t T, size_t C, const char *name)
{
	double *w = widened(t, "%s.weight", name), *b = widened(t, "%s.bias", name);
	double *y = xcalloc(T * C, sizeof(*y));

	for (size_t r = 0; r < T; r++) {
		const double *row = x + r * C;
		double mean = 0, square = 0;

		for (size_t c = 0; b != NULL && c < C; c++)
			mean += row[c] / (double)C;
		for (size_t c = 0; c < C; c++)
			square += (row[c] - mean) * (row[c] - mean);
		for (size_t c = 0; c < C; c++)
			y[r * C + c] = w[c] * (row[c] - mean) / sqrt(square / (double)C + t->shape.eps) +
				       (b != NULL ? b[c] : 0);
	}
	free(w);
	free(b);
	return y;
}

static double *layer_normed(struct tiny *t, const double *x, size_t layer, const char *name, size_t T, size_t C)
{
	char full[96];

	snprintf(full, sizeof(full), "%s.%zu.%s", names_of(&t->shape)->layers, layer, name);
	return normed(t, x, T, C, full);
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

struct heads {
	double *q, *k, *v;
};

static void project_apart(struct tiny *t, struct heads *h, const double *x, size_t T, size_t layer)
{
	const struct tiny_shape *s = &t->shape;
	size_t Q = s->heads * s->head_dim, KV = s->kv_heads * s->head_dim;

	h->q = linear(t, x, T, Q, s->hidden, layer, "self_attn.q_proj");
	h->k = linear(t, x, T, KV, s->hidden, layer, "self_attn.k_proj");
	h->v = linear(t, x, T, KV, s->hidden, layer, "self_attn.v_proj");
	if (is_type(s, "qwen3")) {
		double *q = h->q, *k = h->k;

		h->q = layer_normed(t, q, layer, "self_attn.q_norm", T * s->heads, s->head_dim);
		h->k = layer_normed(t, k, layer, "self_attn.k_norm", T * s->kv_heads, s->head_dim);
		free(q);
		free(k);
	}
	rotate(s, h->q, T, s->heads);
	rotate(s, h->k, T, s->kv_heads);
}

static void project_fused(struct tiny *t, struct heads *h, const double *x, size_t T, size_t layer)
{
	size_t H = t->shape.hidden;
	double *all = linear(t, x, T, 3 * H, H, layer, "attn.c_attn"), **parts[] = {&h->q, &h->k, &h->v};

	for (size_t i = 0; i < 3; i++) {
		*parts[i] = xcalloc(T * H, sizeof(double));
		for (size_t at = 0; at < T; at++)
			memcpy(*parts[i] + at * H, all + at * 3 * H + i * H, H * sizeof(double));
	}
	free(all);
}

static void attention_part(struct tiny *t, double *x, size_t T, size_t layer)
{
	const struct tiny_shape *s = &t->shape;
	size_t H = s->hidden, Q = s->heads * s->head_dim;
	double *h = layer_normed(t, x, layer, names_of(s)->attn_norm, T, H);
	double *mixed = xcalloc(T * Q, sizeof(*mixed)), *o;
	struct heads heads;

	if (is_type(s, "gpt2"))
		project_fused(t, &heads, h, T, layer);
	else
		project_apart(t, &heads, h, T, layer);
	for (size_t at = 0; at < T; at++) {
		for (size_t head = 0; head < s->heads; head++)
			attend(s, mixed, heads.q, heads.k, heads.v, at, head);
	}
	o = linear(t, mixed, T, H, Q, layer, names_of(s)->o);
	for (size_t i = 0; i < T * H; i++)
		x[i] += o[i];
	free(h);
	free(heads.q);
	free(heads.k);
	free(heads.v);
	free(mixed);
	free(o);
}

static void mlp_part(struct tiny *t, double *x, size_t T, size_t layer)
{
	const struct tiny_shape *s = &t->shape;
	const struct names *names = names_of(s);
	bool gated = !is_type(s, "gpt2");
	double *h = layer_normed(t, x, layer, names->mlp_norm, T, s->hidden);
	double *gate = gated ? linear(t, h, T, s->intermediate, s->hidden, layer, "mlp.gate_proj") : NULL;
	double *up = linear(t, h, T, s->intermediate, s->hidden, layer, names->up);
	double *down;

	for (size_t i = 0; i < T * s->intermediate; i++) {
		double v = up[i];

		if (gated)
			up[i] = gate[i] / (1 + exp(-gate[i])) * v;
		else
			up[i] = v / 2 * (1 + tanh(sqrt(2 / M_PI) * (v + 0.044715 * v * v * v)));
	}
	down = linear(t, up, T, s->hidden, s->intermediate, layer, names->down);
	for (size_t i = 0; i < T * s->hidden; i++)
		x[i] += down[i];
	free(h);
	free(gate);
	free(up);
	free(down);
}

void tiny_logits(struct tiny *t, double *logits, const uint32_t *tokens, size_t n)
{
	const struct tiny_shape *s = &t->shape;
	const struct names *names = names_of(s);
	double *embed = widened(t, "%s%s.weight", names->outer, names->embed);
	double *positions = widened(t, "%swpe.weight", names->outer);
	double *head = s->tied ? NULL : widened(t, "lm_head.weight");
	double *x = xcalloc(n * s->hidden, sizeof(*x)), *top;
	char norm[32];

	for (size_t i = 0; i < n * s->hidden; i++)
		x[i] = embed[tokens[i / s->hidden] * s->hidden + i % s->hidden] +
		       (positions != NULL ? positions[i] : 0);
	for (size_t layer = 0; layer < s->layers; layer++) {
		attention_part(t, x, n, layer);
		mlp_part(t, x, n, layer);
	}
	snprintf(norm, sizeof(norm), "%s%s", names->outer, names->norm);
	top = normed(t, x, n, s->hidden, norm);
	multiply(logits, top, head != NULL ? head : embed, NULL, n, s->vocab, s->hidden);
	free(embed);
	free(positions);
	free(head);
	free(x);
	free(top);
}
