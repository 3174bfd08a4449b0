/* A model's configuration from the keys and tensors of a GGUF file. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "config_priv.h"
#include "rotary.h"
#include "weights_gguf.h"

static int get_size(const struct model_config *c, const struct gguf *g, const char *suffix, size_t min, size_t max,
	size_t *out, struct err *err)
{
	return gguf_get_size(g, weights_gguf_key(c, suffix).name, min, max, out, err);
}

static int opt_size(const struct model_config *c, const struct gguf *g, const char *suffix, size_t min, size_t max,
	size_t *out, struct err *err)
{
	return gguf_opt_size(g, weights_gguf_key(c, suffix).name, min, max, out, err);
}

/* "model" is what may stand there; other kinds of files are easily given for one. */
static int check_kind(const struct gguf *g, struct err *err)
{
	struct gguf_str kind = {"model", strlen("model")};

	if (gguf_opt_str(g, "general.type", &kind, err) != 0)
		return -1;
	if (gguf_str_is(kind, "adapter"))
		return err_set(err, ERR_UNSUPPORTED,
			"%s: this is an adapter in GGUF, which is not handled: take the PEFT adapter that it was made "
			"of",
			gguf_path(g));
	if (!gguf_str_is(kind, "model"))
		return err_set(err, ERR_UNSUPPORTED, "%s: this holds no language model but '%.*s'", gguf_path(g),
			(int)(kind.len < 80 ? kind.len : 80), kind.at);
	if (g->tensors.n == 0)
		return err_set(err, ERR_UNSUPPORTED, "%s: this holds a vocabulary and no weights", gguf_path(g));
	return 0;
}

static int read_type(struct model_config *c, const struct gguf *g, struct err *err)
{
	char name[64], handled[128];
	struct gguf_str type;

	if (gguf_get_str(g, "general.architecture", &type, err) != 0)
		return -1;
	snprintf(name, sizeof(name), "%.*s", (int)(type.len < sizeof(name) ? type.len : sizeof(name)), type.at);
	c->arch = architecture_find_gguf(name, false);
	if (c->arch != NULL && gguf_str_is(type, name))
		return 0;
	architecture_list(handled, sizeof(handled));
	return err_set(err, ERR_UNSUPPORTED, "%s: GGUF models of architecture '%s' are not handled; %s are",
		gguf_path(g), name, handled);
}

/* The keys of the architecture that are read here, and those that say nothing about the computation. */
static const char *const known_keys[] = {
	"vocab_size",
	"context_length",
	"embedding_length",
	"block_count",
	"feed_forward_length",
	"attention.head_count",
	"attention.head_count_kv",
	"attention.key_length",
	"attention.value_length",
	"attention.layer_norm_epsilon",
	"attention.layer_norm_rms_epsilon",
	"attention.sliding_window",
	"rope.dimension_count",
	"rope.freq_base",
	"rope.scale_linear",
	"rope.scaling.type",
	"rope.scaling.factor",
	"rope.scaling.original_context_length",
	"rope.scaling.finetuned",
	"rope.scaling.attn_factor",
	"rope.scaling.yarn_beta_fast",
	"rope.scaling.yarn_beta_slow",
	"tensor_data_layout",
	"pooling_type",
};

static bool is_known(struct gguf_str suffix)
{
	for (size_t i = 0; i < ARRAY_LEN(known_keys); i++) {
		if (gguf_str_is(suffix, known_keys[i]))
			return true;
	}
	return false;
}

/* Whether what a key is about is switched off: its value is 0 or false. */
static bool is_off(const struct gguf_entry *e)
{
	if (e->type == GGUF_STRING || e->type == GGUF_ARRAY)
		return false;
	for (size_t i = 0; i < e->len; i++) {
		if (e->at[i] != 0)
			return false;
	}
	return true;
}

/* A key that nobody here knows may stand for a scale, a cap on logits or another kind of layer: the numbers would be
 * wrong, and nobody would see it. */
static int check_keys(const struct model_config *c, const struct gguf *g, struct err *err)
{
	size_t len = strlen(c->arch->gguf);

	for (size_t i = 0; i < g->entries.n; i++) {
		const struct gguf_entry *e = &g->entries.at[i];
		struct gguf_str suffix;

		if (e->key.len <= len + 1 || memcmp(e->key.at, c->arch->gguf, len) != 0 || e->key.at[len] != '.')
			continue;
		suffix = (struct gguf_str){e->key.at + len + 1, e->key.len - len - 1};
		if (is_known(suffix) || is_off(e) || (gguf_str_is(suffix, "attention.causal") && e->len == 1))
			continue;
		if (gguf_str_is(suffix, "expert_count"))
			return err_set(err, ERR_UNSUPPORTED, "%s: mixtures of experts are not handled (\"%.*s\")",
				gguf_path(g), (int)e->key.len, e->key.at);
		return err_set(err, ERR_UNSUPPORTED,
			"%s: the key \"%.*s\" is not known, and may change what the model computes", gguf_path(g),
			(int)e->key.len, e->key.at);
	}
	return 0;
}

/* The vocabulary is as large as the embedding; the keys may leave it out. */
static int read_vocab(struct model_config *c, const struct gguf *g, struct err *err)
{
	struct param embed = {.role = PARAM_EMBED, .layer = PARAM_NO_LAYER};
	char name[WEIGHTS_GGUF_NAME];
	const struct gguf_tensor *t;

	weights_gguf_name(name, &embed);
	t = gguf_find_tensor(g, name);
	if (t == NULL)
		return err_set(err, ERR_FORMAT, "%s: tensor '%s' is missing", gguf_path(g), name);
	if (t->dims != 2 || t->shape[0] < 1 || t->shape[0] > MAX_VOCAB)
		return err_set(
			err, ERR_FORMAT, "%s: tensor '%s' has not the shape of an embedding", gguf_path(g), name);
	c->vocab = t->shape[0];
	return 0;
}

static int read_sizes(struct model_config *c, const struct gguf *g, struct err *err)
{
	const char *eps =
		c->arch->norm == NORM_RMS ? "attention.layer_norm_rms_epsilon" : "attention.layer_norm_epsilon";
	size_t value_dim;

	/* A width of 1 would make matrices look like vectors. */
	if (get_size(c, g, "embedding_length", 2, MAX_WIDTH, &c->hidden, err) != 0 ||
		get_size(c, g, "block_count", 1, MAX_LAYERS, &c->layers, err) != 0 ||
		get_size(c, g, "attention.head_count", 1, MAX_HEADS, &c->heads, err) != 0 ||
		get_size(c, g, "feed_forward_length", 2, MAX_WIDTH, &c->intermediate, err) != 0 ||
		get_size(c, g, "context_length", 1, MAX_POSITIONS, &c->max_positions, err) != 0 ||
		gguf_get_double(g, weights_gguf_key(c, eps).name, 0, 1, &c->norm_eps, err) != 0)
		return -1;
	c->kv_heads = c->heads;
	c->head_dim = c->hidden % c->heads == 0 ? c->hidden / c->heads : 0;
	if (opt_size(c, g, "attention.head_count_kv", 1, MAX_HEADS, &c->kv_heads, err) != 0 ||
		opt_size(c, g, "attention.key_length", 1, MAX_WIDTH, &c->head_dim, err) != 0 ||
		opt_size(c, g, "attention.sliding_window", 0, MAX_POSITIONS, &c->window, err) != 0)
		return -1;
	c->arch = architecture_find_gguf(c->arch->gguf, c->window > 0);
	value_dim = c->head_dim;
	if (opt_size(c, g, "attention.value_length", 1, MAX_WIDTH, &value_dim, err) != 0)
		return -1;
	if (value_dim != c->head_dim)
		return err_set(err, ERR_UNSUPPORTED, "%s: heads with keys of %zu and values of %zu are not handled",
			gguf_path(g), c->head_dim, value_dim);
	return config_check_sizes(c, gguf_path(g), err);
}

static bool has_tensor(const struct gguf *g, enum param_role role, size_t layer)
{
	struct param param = {.role = role, .layer = layer};
	char name[WEIGHTS_GGUF_NAME];

	weights_gguf_name(name, &param);
	return gguf_find_tensor(g, name) != NULL;
}

static bool is_used(enum usage usage, bool there)
{
	return usage == USE_ALWAYS || (usage == USE_ASKED && there);
}

/* What config.json says in flags is seen here from the tensors. */
static void read_flags(struct model_config *c, const struct gguf *g)
{
	c->tied = !has_tensor(g, PARAM_HEAD, PARAM_NO_LAYER);
	c->qkv_bias = is_used(c->arch->qkv_bias, has_tensor(g, PARAM_Q_BIAS, 0));
	c->o_bias = is_used(c->arch->o_bias, has_tensor(g, PARAM_O_BIAS, 0));
	c->mlp_bias = is_used(c->arch->mlp_bias, has_tensor(g, PARAM_UP_BIAS, 0));
}

/*
 * Files of Llama 3.1 and later hold, in single precision, the factors that come from the four numbers of config.json.
 * Where the published numbers give them, the numbers are taken: exact, and known to what writes a config.json.
 */
static void recognise_llama3(struct rope_config *r, size_t head_dim)
{
	struct rope_config guess = *r;
	size_t half = head_dim / 2;

	guess.kind = ROPE_LLAMA3;
	guess.factor = r->factors[half - 1];
	guess.low_freq_factor = 1;
	guess.high_freq_factor = 4;
	if (guess.original_positions == 0)
		guess.original_positions = 8192;
	for (size_t i = 0; i < half; i++) {
		if (!(fabs(rotary_factor(&guess, i, head_dim) / r->factors[i] - 1) < 1e-4))
			return;
	}
	*r = guess;
}

static int read_factors(struct model_config *c, const struct gguf *g, struct err *err)
{
	struct rope_config *r = &c->rope;
	size_t half = c->head_dim / 2;
	struct tensor t;

	if (gguf_find_tensor(g, WEIGHTS_ROPE_FACTORS) == NULL)
		return 0;
	if (gguf_tensor(g, WEIGHTS_ROPE_FACTORS, &t, err) != 0)
		return -1;
	if (r->kind != ROPE_PLAIN || half > ROPE_MAX_FACTORS)
		return err_set(err, ERR_UNSUPPORTED, "%s: '%s' beside a scaling, or for heads of %zu, is not handled",
			gguf_path(g), t.name, c->head_dim);
	if (t.dtype != DTYPE_F32 || t.dims != 1 || t.shape[0] != half)
		return err_set(err, ERR_FORMAT,
			"%s: tensor '%s' must hold %zu values of type F32, one a pair of a head", gguf_path(g), t.name,
			half);
	r->kind = ROPE_FACTORS;
	memcpy(r->factors, t.data, half * sizeof(*r->factors));
	for (size_t i = 0; i < half; i++) {
		if (!(r->factors[i] >= 1e-6f && r->factors[i] <= 1e6f))
			return err_set(err, ERR_FORMAT, "%s: tensor '%s' holds %g, and factors are from 1e-6 to 1e6",
				gguf_path(g), t.name, (double)r->factors[i]);
	}
	recognise_llama3(r, c->head_dim);
	return 0;
}

static int opt_real(const struct model_config *c, const struct gguf *g, const char *suffix, double min, double max,
	double *out, struct err *err)
{
	return gguf_opt_double(g, weights_gguf_key(c, suffix).name, min, max, out, err);
}

/* llama.cpp multiplies cos and sin by attn_factor (1 + 0.1 ln factor); HF calls the product attention_factor. */
static int read_yarn(struct model_config *c, const struct gguf *g, double attention, struct err *err)
{
	struct rope_config *r = &c->rope;

	r->kind = ROPE_YARN;
	r->truncate = true;
	r->beta_fast = 32;
	r->beta_slow = 1;
	if (opt_real(c, g, "rope.scaling.yarn_beta_fast", 1e-6, 1e6, &r->beta_fast, err) != 0 ||
		opt_real(c, g, "rope.scaling.yarn_beta_slow", 1e-6, 1e6, &r->beta_slow, err) != 0)
		return -1;
	if (r->beta_fast < r->beta_slow)
		return gguf_refuse(g, weights_gguf_key(c, "rope.scaling.yarn_beta_fast").name, err,
			"must not be below \"yarn_beta_slow\"");
	if (r->original_positions == 0)
		r->original_positions = (double)c->max_positions;
	r->attention_factor = attention * (1 + 0.1 * log(r->factor));
	return 0;
}

static int read_scaling(struct model_config *c, const struct gguf *g, struct err *err)
{
	struct rope_config *r = &c->rope;
	struct gguf_str type = {"none", strlen("none")};
	double attention = 1;

	/* Older files have a linear factor alone. */
	r->factor = 1;
	if (opt_real(c, g, "rope.scale_linear", 1, 1e6, &r->factor, err) != 0)
		return -1;
	if (r->factor != 1)
		type = (struct gguf_str){"linear", strlen("linear")};
	if (gguf_opt_str(g, weights_gguf_key(c, "rope.scaling.type").name, &type, err) != 0 ||
		opt_real(c, g, "rope.scaling.factor", 0, 1e6, &r->factor, err) != 0 ||
		opt_real(c, g, "rope.scaling.original_context_length", 0, MAX_POSITIONS, &r->original_positions, err) !=
			0 ||
		opt_real(c, g, "rope.scaling.attn_factor", 1e-6, 1e6, &attention, err) != 0)
		return -1;
	if (r->factor < 1 && !gguf_str_is(type, "none"))
		return gguf_refuse(g, weights_gguf_key(c, "rope.scaling.factor").name, err, "must be at least 1");
	if (gguf_str_is(type, "yarn"))
		return read_yarn(c, g, attention, err);
	if (attention != 1)
		return err_set(err, ERR_UNSUPPORTED, "%s: \"%s\" of %g is not handled", gguf_path(g),
			weights_gguf_key(c, "rope.scaling.attn_factor").name, attention);
	if (gguf_str_is(type, "linear"))
		r->kind = r->factor == 1 ? ROPE_PLAIN : ROPE_LINEAR;
	else if (!gguf_str_is(type, "none"))
		return err_set(err, ERR_UNSUPPORTED,
			"%s: rotary positions of type '%.*s' are not handled; none, linear and yarn are", gguf_path(g),
			(int)(type.len < 40 ? type.len : 40), type.at);
	return 0;
}

static int read_rope(struct model_config *c, const struct gguf *g, struct err *err)
{
	size_t turned = c->head_dim;

	if (c->arch->names[PARAM_POSITIONS] != NULL)
		return 0;
	c->rope.theta = 10000;
	if (gguf_opt_double(g, weights_gguf_key(c, "rope.freq_base").name, 1, 1e12, &c->rope.theta, err) != 0 ||
		opt_size(c, g, "rope.dimension_count", 0, MAX_WIDTH, &turned, err) != 0)
		return -1;
	if (turned != c->head_dim)
		return err_set(err, ERR_UNSUPPORTED,
			"%s: rotary positions of %zu of a head's %zu dimensions are not handled", gguf_path(g), turned,
			c->head_dim);
	return read_scaling(c, g, err) != 0 ? -1 : read_factors(c, g, err);
}

static int read_special_tokens(struct model_config *c, const struct gguf *g, struct err *err)
{
	static const char *const ends[] = {
		"tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"};
	size_t id = UINT32_MAX;

	if (gguf_opt_size(g, "tokenizer.ggml.bos_token_id", 0, c->vocab - 1, &id, err) != 0)
		return -1;
	c->bos = (uint32_t)id;
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		bool listed = false;

		id = UINT32_MAX;
		if (gguf_opt_size(g, ends[i], 0, c->vocab - 1, &id, err) != 0)
			return -1;
		for (size_t k = 0; k < c->n_eos; k++)
			listed |= c->eos[k] == id;
		if (id != UINT32_MAX && !listed)
			c->eos[c->n_eos++] = (uint32_t)id;
	}
	return 0;
}

int model_config_gguf(struct model_config *c, const struct gguf *g, struct err *err)
{
	*c = (struct model_config){0};
	if (check_kind(g, err) != 0 || read_type(c, g, err) != 0 || check_keys(c, g, err) != 0 ||
		read_vocab(c, g, err) != 0 || read_sizes(c, g, err) != 0)
		return -1;
	read_flags(c, g);
	return read_rope(c, g, err) != 0 ? -1 : read_special_tokens(c, g, err);
}
