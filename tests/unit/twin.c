/* See twin.h. */
#include "twin.h"

#include <math.h>

#include "base/buf.h"
#include "base/rng.h"
#include "base/vec.h"
#include "model/params.h"
#include "store/file.h"
#include "store/safetensors.h"
#include "tempdir.h"

/* A parameter's name there and here; of those within layers the end. */
static const struct {
	const char *hf, *gguf;
} names[] = {
	{"model.embed_tokens.weight", "token_embd.weight"},
	{"transformer.wte.weight", "token_embd.weight"},
	{"transformer.wpe.weight", "position_embd.weight"},
	{"model.norm.weight", "output_norm.weight"},
	{"transformer.ln_f.weight", "output_norm.weight"},
	{"transformer.ln_f.bias", "output_norm.bias"},
	{"lm_head.weight", "output.weight"},
	{"input_layernorm.weight", "attn_norm.weight"},
	{"ln_1.weight", "attn_norm.weight"},
	{"ln_1.bias", "attn_norm.bias"},
	{"self_attn.q_proj.weight", "attn_q.weight"},
	{"self_attn.q_proj.bias", "attn_q.bias"},
	{"self_attn.k_proj.weight", "attn_k.weight"},
	{"self_attn.k_proj.bias", "attn_k.bias"},
	{"self_attn.v_proj.weight", "attn_v.weight"},
	{"self_attn.v_proj.bias", "attn_v.bias"},
	{"self_attn.o_proj.weight", "attn_output.weight"},
	{"self_attn.o_proj.bias", "attn_output.bias"},
	{"self_attn.q_norm.weight", "attn_q_norm.weight"},
	{"self_attn.k_norm.weight", "attn_k_norm.weight"},
	{"attn.c_attn.weight", "attn_qkv.weight"},
	{"attn.c_attn.bias", "attn_qkv.bias"},
	{"attn.c_proj.weight", "attn_output.weight"},
	{"attn.c_proj.bias", "attn_output.bias"},
	{"post_attention_layernorm.weight", "ffn_norm.weight"},
	{"ln_2.weight", "ffn_norm.weight"},
	{"ln_2.bias", "ffn_norm.bias"},
	{"mlp.gate_proj.weight", "ffn_gate.weight"},
	{"mlp.gate_proj.bias", "ffn_gate.bias"},
	{"mlp.up_proj.weight", "ffn_up.weight"},
	{"mlp.up_proj.bias", "ffn_up.bias"},
	{"mlp.down_proj.weight", "ffn_down.weight"},
	{"mlp.down_proj.bias", "ffn_down.bias"},
	{"mlp.c_fc.weight", "ffn_up.weight"},
	{"mlp.c_fc.bias", "ffn_up.bias"},
	{"mlp.c_proj.weight", "ffn_down.weight"},
	{"mlp.c_proj.bias", "ffn_down.bias"},
};

/* Caller frees. */
static char *gguf_name(const char *hf)
{
	const char *rest = hf;
	unsigned layer;
	int end = 0;
	bool inside = sscanf(hf, "model.layers.%u.%n", &layer, &end) == 1 && end > 0;

	if (!inside)
		inside = sscanf(hf, "transformer.h.%u.%n", &layer, &end) == 1 && end > 0;
	if (inside)
		rest = hf + end;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (strcmp(names[i].hf, rest) == 0)
			return inside ? xasprintf("blk.%u.%s", layer, names[i].gguf) : xstrdup(names[i].gguf);
	}
	fail_msg("no GGUF name for %s", hf);
	return NULL;
}

static void put_half(unsigned char *at, double value)
{
	uint16_t half;

	dtype_narrow(&half, DTYPE_F16, &(float){(float)value}, 1);
	memcpy(at, &half, sizeof(half));
}

/* Random bits in packed blocks, but for their scales: any bits are values there. */
static void fill_packed(struct rng *rng, enum dtype t, unsigned char *at, size_t len, double scale)
{
	static const struct {
		enum dtype type;
		size_t d, m;  /* where the scale and the minimum are */
		double reach; /* of the integers */
		bool has_m;
	} packed[] = {
		{DTYPE_Q8_0, 0, 0, 128, false},
		{DTYPE_Q4_0, 0, 0, 8, false},
		{DTYPE_Q4_1, 0, 2, 8, true},
		{DTYPE_Q5_0, 0, 0, 16, false},
		{DTYPE_Q5_1, 0, 2, 16, true},
		{DTYPE_Q4_K, 0, 2, 8 * 32, true},
		{DTYPE_Q5_K, 0, 2, 16 * 32, true},
		{DTYPE_Q6_K, 208, 0, 32 * 64, false},
	};
	size_t i = 0, block = dtype_bytes(t, dtype_block(t));

	while (packed[i].type != t)
		i++;
	for (size_t k = 0; k < len; k++)
		at[k] = (unsigned char)rng_below(rng, 256);
	for (size_t k = 0; k < len; k += block) {
		double d = scale / packed[i].reach * (0.5 + rng_uniform(rng));

		put_half(at + k + packed[i].d, d);
		if (packed[i].has_m)
			put_half(at + k + packed[i].m, dtype_block(t) == 256 ? d * 8 : -d * packed[i].reach);
	}
}

/* A parameter's values in stored form, [rows, cols]; caller frees. */
static void *make_values(struct rng *rng, const struct param *p, enum dtype t)
{
	size_t n = p->rows * p->cols;
	unsigned char *data = xmalloc(dtype_bytes(t, n));
	bool vector = p->cols == 1, bias = vector && strstr(p->name, "bias") != NULL;
	double scale = vector                                              ? 0.4
		       : strstr(p->name, "emb") || strstr(p->name, ".wte") ? 1
									   : 1.5 / sqrt((double)p->cols);

	if (dtype_block(t) > 1) {
		fill_packed(rng, t, data, dtype_bytes(t, n), scale * 1.7);
		return data;
	}
	for (size_t i = 0; i < n; i++) {
		float value = (float)((vector && !bias ? 1 : 0) + scale * 1.7 * (2 * rng_uniform(rng) - 1));

		dtype_narrow(data + dtype_bytes(t, i), t, &value, 1);
	}
	return data;
}

struct maker {
	const struct twin_shape *shape;
	struct model_config c;
	struct params params;
	VEC(struct tensor) hf, gguf; /* names and data owned */
};

/* As Hugging Face has it: packed values widened, GPT-2's matrices [in, out]. */
static void add_hf(struct maker *m, const struct param *p, const void *data, enum dtype t)
{
	enum dtype as = dtype_block(t) > 1 ? DTYPE_F32 : t;
	size_t width = dtype_bytes(as, 1), n = p->rows * p->cols;
	unsigned char *flat = xmalloc(n * width), *out = xmalloc(n * width);
	bool turned = p->cols > 1 && strcmp(m->shape->arch, "gpt2") == 0 && strstr(p->name, ".h.") != NULL;
	struct tensor at = {.name = xstrdup(p->name), .dtype = as, .dims = p->cols == 1 ? 1 : 2, .data = out};

	if (as == t)
		memcpy(flat, data, n * width);
	else
		dtype_widen((float *)(void *)flat, data, t, 0, n);
	for (size_t r = 0; r < p->rows; r++) {
		for (size_t c = 0; c < p->cols; c++)
			memcpy(out + (turned ? c * p->rows + r : r * p->cols + c) * width,
				flat + (r * p->cols + c) * width, width);
	}
	at.shape[0] = turned ? p->cols : p->rows;
	at.shape[1] = turned ? p->rows : p->cols;
	vec_push(&m->hf, at);
	free(flat);
}

/* Converters look at a head of Llama's q and k as [2, half] and write it as [half, 2]. */
static void add_gguf(struct maker *m, const struct param *p, const void *data, enum dtype t)
{
	size_t row = dtype_bytes(t, p->rows * p->cols) / p->rows, dim = m->c.head_dim;
	unsigned char *out = xmalloc(p->rows * row);
	bool pairs =
		strcmp(m->shape->arch, "llama") == 0 && (strstr(p->name, ".q_proj.") || strstr(p->name, ".k_proj."));
	struct tensor at = {.name = gguf_name(p->name), .dtype = t, .dims = p->cols == 1 ? 1 : 2, .data = out};

	for (size_t head = 0; pairs && head < p->rows / dim; head++) {
		for (size_t s = 0; s < 2; s++) {
			for (size_t i = 0; i < dim / 2; i++)
				memcpy(out + (head * dim + i * 2 + s) * row,
					(const char *)data + (head * dim + s * (dim / 2) + i) * row, row);
		}
	}
	if (!pairs)
		memcpy(out, data, p->rows * row);
	at.shape[0] = p->rows;
	at.shape[1] = p->cols;
	vec_push(&m->gguf, at);
}

static void make_tensors(struct maker *m, unsigned seed)
{
	struct rng rng;

	rng_seed(&rng, seed);
	for (size_t i = 0; i < m->params.n; i++) {
		const struct param *p = &m->params.at[i];
		enum dtype t = p->cols == 1 ? DTYPE_F32 : m->shape->dtype;
		void *data = make_values(&rng, p, t);

		add_hf(m, p, data, t);
		add_gguf(m, p, data, t);
		if (p == m->params.head && m->shape->head_apart) {
			add_gguf(m, p, data, t);
			free((char *)m->gguf.at[m->gguf.n - 1].name);
			m->gguf.at[m->gguf.n - 1].name = xstrdup("output.weight");
		}
		free(data);
	}
}

static void put(struct gguf_writer *w, const struct maker *m, const char *suffix, size_t value)
{
	char *key = xasprintf("%s.%s", m->shape->arch, suffix);

	gguf_put_u32(w, key, (uint32_t)value);
	free(key);
}

static void put_real(struct gguf_writer *w, const struct maker *m, const char *suffix, double value)
{
	char *key = xasprintf("%s.%s", m->shape->arch, suffix);

	gguf_put_f32(w, key, (float)value);
	free(key);
}

static void put_keys(struct gguf_writer *w, const struct maker *m)
{
	const struct model_config *c = &m->c;

	gguf_put_str(w, "general.architecture", m->shape->arch);
	gguf_put_str(w, "general.name", "twin");
	put(w, m, "context_length", c->max_positions);
	put(w, m, "embedding_length", c->hidden);
	put(w, m, "block_count", c->layers);
	put(w, m, "feed_forward_length", c->intermediate);
	put(w, m, "attention.head_count", c->heads);
	gguf_put_u32(w, "tokenizer.ggml.eos_token_id", 2);
	if (strcmp(m->shape->arch, "gpt2") == 0) {
		put_real(w, m, "attention.layer_norm_epsilon", c->norm_eps);
		return;
	}
	put_real(w, m, "attention.layer_norm_rms_epsilon", c->norm_eps);
	put(w, m, "attention.head_count_kv", c->kv_heads);
	put_real(w, m, "rope.freq_base", c->rope.theta);
	if (c->head_dim * c->heads != c->hidden) {
		put(w, m, "attention.key_length", c->head_dim);
		put(w, m, "attention.value_length", c->head_dim);
	}
}

static void write_gguf(const char *path, const struct maker *m)
{
	struct gguf_writer w;
	struct err err;

	check_ok(gguf_writer_init(&w, path, &err), &err);
	put_keys(&w, m);
	for (size_t i = 0; i < m->gguf.n; i++)
		gguf_put_tensor(&w, &m->gguf.at[i]);
	if (m->shape->more)
		m->shape->more(&w, &m->c);
	for (size_t i = 0; i < m->gguf.n; i++)
		check_ok(gguf_writer_data(&w, m->gguf.at[i].data,
				 dtype_bytes(m->gguf.at[i].dtype, tensor_elements(&m->gguf.at[i])), &err),
			&err);
	if (m->shape->more_data)
		m->shape->more_data(&w, &m->c);
	check_ok(gguf_writer_commit(&w, &err), &err);
	gguf_writer_release(&w);
}

static void free_tensors(struct tensor *at, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free((char *)at[i].name);
		free((void *)at[i].data);
	}
	free(at);
}

void twin_init(struct twin *t, const struct twin_shape *shape, unsigned seed)
{
	static const struct safetensors_pair format = {"format", "pt"};
	struct maker m = {.shape = shape};
	void *dir = NULL;
	struct err err;
	char *path;

	assert_int_equal(tempdir_make(&dir), 0);
	t->dir = dir;
	t->gguf = xasprintf("%s.gguf", t->dir);
	free(tempdir_put(t->dir, "config.json", shape->config, strlen(shape->config)));
	check_ok(model_config_read(&m.c, t->dir, &err), &err);
	check_ok(params_init(&m.params, &m.c, &err), &err);
	make_tensors(&m, seed);
	path = file_join(t->dir, "model.safetensors");
	check_ok(safetensors_write(path, m.hf.at, m.hf.n, &format, 1, &err), &err);
	write_gguf(t->gguf, &m);
	free(path);
	params_release(&m.params);
	free_tensors(m.hf.at, m.hf.n);
	free_tensors(m.gguf.at, m.gguf.n);
}

void twin_release(struct twin *t)
{
	void *dir = t->dir;

	unlink(t->gguf);
	assert_int_equal(tempdir_remove(&dir), 0);
	free(t->gguf);
}
