/*
 * A model in a GGUF file is the model of its Hugging Face directory: the same configuration, parameters in the same
 * order, the same logits bit for bit. What would be computed otherwise is refused by name.
 */
#include <math.h>
#include <unistd.h>

#include "base/rng.h"
#include "model/trainable.h"
#include "model/transformer.h"
#include "store/file.h"
#include "tempdir.h"
#include "twin.h"

static struct kern *kern;

static int open_kern(void **state)
{
	struct err err;

	(void)state;
	check_ok(kern_new(&kern, 2, &err), &err);
	return 0;
}

static int close_kern(void **state)
{
	(void)state;
	kern_free(kern);
	return 0;
}

#define LLAMA_SIZES \
	"\"vocab_size\": 50, \"hidden_size\": 32, \"num_hidden_layers\": 2, \"num_attention_heads\": 4, " \
	"\"num_key_value_heads\": 2, \"intermediate_size\": 64, \"max_position_embeddings\": 512, " \
	"\"rms_norm_eps\": 1e-6, \"eos_token_id\": 2"

#define LLAMA "{\"model_type\": \"llama\", " LLAMA_SIZES "}"
#define LLAMA_TIED "{\"model_type\": \"llama\", \"tie_word_embeddings\": true, " LLAMA_SIZES "}"
#define LLAMA_BIASES "{\"model_type\": \"llama\", \"attention_bias\": true, \"mlp_bias\": true, " LLAMA_SIZES "}"
#define LLAMA_WIDE "{\"model_type\": \"llama\", \"head_dim\": 12, \"rope_theta\": 500000.0, " LLAMA_SIZES "}"
#define LLAMA_ROPE(scaling) "{\"model_type\": \"llama\", \"rope_scaling\": {" scaling "}, " LLAMA_SIZES "}"
#define LINEAR "\"type\": \"linear\", \"factor\": 2.0"
#define LLAMA3 \
	"\"rope_type\": \"llama3\", \"factor\": 8.0, \"low_freq_factor\": 1.0, \"high_freq_factor\": 4.0, " \
	"\"original_max_position_embeddings\": 8192"
#define YARN "\"type\": \"yarn\", \"factor\": 4.0, \"original_max_position_embeddings\": 128, \"beta_fast\": 16.0"
#define QWEN2 "{\"model_type\": \"qwen2\", \"tie_word_embeddings\": true, \"rope_theta\": 1000000.0, " LLAMA_SIZES "}"
#define QWEN3 "{\"model_type\": \"qwen3\", \"head_dim\": 16, " LLAMA_SIZES "}"
#define GPT2 \
	"{\"model_type\": \"gpt2\", \"vocab_size\": 50, \"n_embd\": 32, \"n_layer\": 2, \"n_head\": 4, " \
	"\"n_positions\": 64, \"layer_norm_epsilon\": 1e-5, \"eos_token_id\": 2}"

static void random_tokens(uint32_t *tokens, size_t n, uint32_t vocab)
{
	struct rng rng;

	rng_seed(&rng, n);
	for (size_t i = 0; i < n; i++)
		tokens[i] = rng_below(&rng, vocab);
}

#define PROMPT 20
#define DEPTH 3

/* All logits after a prompt and after each of some tokens behind it, [DEPTH + 1, vocab]. Caller frees. */
static float *all_logits(struct lm *lm)
{
	float *z = xcalloc((DEPTH + 1) * lm->vocab, sizeof(*z));
	uint32_t tokens[PROMPT + DEPTH];
	lm_node node = LM_PROMPT;
	struct err err;

	random_tokens(tokens, PROMPT + DEPTH, (uint32_t)lm->vocab);
	check_ok(lm_prompt(lm, tokens, PROMPT, &err), &err);
	for (size_t i = 0; i <= DEPTH; i++) {
		check_ok(lm_query(lm, &(struct lm_query){.node = node, .all = z + i * lm->vocab}, 1, 1, &err), &err);
		if (i < DEPTH)
			node = lm_child(lm, node, tokens[PROMPT + i]);
	}
	return z;
}

/* tolerance 0: bit for bit. */
static void check_same(struct lm *one, struct lm *other, double tolerance)
{
	float *a = all_logits(one), *b = all_logits(other);
	bool differs = false;

	assert_int_equal(one->vocab, other->vocab);
	for (size_t i = 0; i < (DEPTH + 1) * one->vocab; i++) {
		differs |= a[i] != a[0];
		if (!(fabs((double)a[i] - (double)b[i]) <= tolerance * fmax(1, fabs((double)b[i]))))
			fail_msg("logit %zu: %.9g and %.9g", i, (double)a[i], (double)b[i]);
	}
	assert_true(differs);
	free(a);
	free(b);
}

static struct lm *open_model(const char *path)
{
	struct lm *lm;
	struct err err;

	check_ok(transformer_open(&lm, path, kern, &err), &err);
	return lm;
}

static void check_config(const struct model_config *a, const struct model_config *b)
{
	assert_true(a->vocab == b->vocab && a->hidden == b->hidden && a->layers == b->layers && a->heads == b->heads);
	assert_true(a->kv_heads == b->kv_heads && a->head_dim == b->head_dim && a->intermediate == b->intermediate);
	assert_true(a->max_positions == b->max_positions && a->window == b->window);
	assert_true(a->norm_eps == b->norm_eps && a->rope.theta == b->rope.theta);
	assert_true(a->qkv_bias == b->qkv_bias && a->o_bias == b->o_bias && a->mlp_bias == b->mlp_bias);
	assert_true(a->n_eos == b->n_eos && a->eos[0] == b->eos[0] && a->bos == b->bos);
}

/* Both forms of a model, and that parameters are what they are there. */
static void check_twin(const struct twin_shape *shape, double tolerance)
{
	const struct params *p, *q;
	struct lm *hf, *gguf;
	struct twin t;

	twin_init(&t, shape, 7);
	hf = open_model(t.dir);
	gguf = open_model(t.gguf);
	assert_null(transformer_gguf(hf));
	assert_non_null(transformer_gguf(gguf));
	check_config(transformer_config(gguf), transformer_config(hf));
	check_same(gguf, hf, tolerance);
	p = transformer_params(hf);
	q = transformer_params(gguf);
	for (size_t i = 0; i < p->n; i++) {
		size_t n = p->at[i].rows * p->at[i].cols;
		float *a = xcalloc(n, sizeof(*a)), *b = xcalloc(n, sizeof(*b));

		assert_string_equal(p->at[i].name, q->at[i].name);
		dtype_widen(a, p->at[i].tensor.data, p->at[i].tensor.dtype, 0, n);
		dtype_widen(b, q->at[i].tensor.data, q->at[i].tensor.dtype, 0, n);
		assert_memory_equal(a, b, n * sizeof(*a));
		free(a);
		free(b);
	}
	lm_close(hf);
	lm_close(gguf);
	twin_release(&t);
}

static void put_linear(struct gguf_writer *w, const struct model_config *c)
{
	(void)c;
	gguf_put_str(w, "llama.rope.scaling.type", "linear");
	gguf_put_f32(w, "llama.rope.scaling.factor", 2);
}

static void put_old_linear(struct gguf_writer *w, const struct model_config *c)
{
	(void)c;
	gguf_put_f32(w, "llama.rope.scale_linear", 2);
}

static void put_yarn(struct gguf_writer *w, const struct model_config *c)
{
	(void)c;
	gguf_put_str(w, "llama.rope.scaling.type", "yarn");
	gguf_put_f32(w, "llama.rope.scaling.factor", 4);
	gguf_put_u32(w, "llama.rope.scaling.original_context_length", 128);
	gguf_put_f32(w, "llama.rope.scaling.yarn_beta_fast", 16);
}

static void put_factors(struct gguf_writer *w, const struct model_config *c)
{
	gguf_put_u32(w, "llama.rope.dimension_count", (uint32_t)c->head_dim);
	gguf_put_tensor(w, &(struct tensor){.name = "rope_freqs.weight", .dims = 1, .shape = {c->head_dim / 2}});
}

static void write_twos(struct gguf_writer *w, const struct model_config *c)
{
	struct err err;

	for (size_t i = 0; i < c->head_dim / 2; i++)
		check_ok(gguf_writer_data(w, &(float){2}, sizeof(float), &err), &err);
}

/* The factors of Llama 3.1 as converters compute them, in single precision. */
static void write_llama3(struct gguf_writer *w, const struct model_config *c)
{
	struct err err;

	for (size_t i = 0; i < c->head_dim / 2; i++) {
		float freq = 1 / powf((float)c->rope.theta, (float)(2 * i) / (float)c->head_dim);
		float length = 2 * (float)M_PI / freq, factor = 1;

		if (length > 8192)
			factor = 8;
		else if (length >= 2048) {
			float smooth = (8192 / length - 1) / 3;

			factor = 1 / ((1 - smooth) / 8 + smooth);
		}
		check_ok(gguf_writer_data(w, &factor, sizeof(factor), &err), &err);
	}
}

static void architectures_are_their_directories(void **state)
{
	static const struct twin_shape shapes[] = {
		{.config = LLAMA, .arch = "llama", .dtype = DTYPE_F32},
		{.config = LLAMA_TIED, .arch = "llama", .dtype = DTYPE_F32},
		{.config = LLAMA_TIED, .arch = "llama", .dtype = DTYPE_F32, .head_apart = true},
		{.config = LLAMA_BIASES, .arch = "llama", .dtype = DTYPE_F32},
		{.config = LLAMA_WIDE, .arch = "llama", .dtype = DTYPE_F32},
		{.config = LLAMA_ROPE(LINEAR), .arch = "llama", .dtype = DTYPE_F32, .more = put_linear},
		{.config = LLAMA_ROPE(LINEAR), .arch = "llama", .dtype = DTYPE_F32, .more = put_old_linear},
		{.config = LLAMA_ROPE(LINEAR),
			.arch = "llama",
			.dtype = DTYPE_F32,
			.more = put_factors,
			.more_data = write_twos},
		{.config = LLAMA_ROPE(YARN), .arch = "llama", .dtype = DTYPE_F32, .more = put_yarn},
		{.config = LLAMA_ROPE(LLAMA3),
			.arch = "llama",
			.dtype = DTYPE_F32,
			.more = put_factors,
			.more_data = write_llama3},
		{.config = QWEN2, .arch = "qwen2", .dtype = DTYPE_F32},
		{.config = QWEN3, .arch = "qwen3", .dtype = DTYPE_F32},
		{.config = GPT2, .arch = "gpt2", .dtype = DTYPE_F32},
		{.config = GPT2, .arch = "gpt2", .dtype = DTYPE_F32, .head_apart = true},
		{.config = GPT2, .arch = "gpt2", .dtype = DTYPE_F16},
		{.config = LLAMA, .arch = "llama", .dtype = DTYPE_F16},
		{.config = LLAMA_TIED, .arch = "llama", .dtype = DTYPE_BF16},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
		check_twin(&shapes[i], 0);
}

#define WIDE_SIZES \
	"\"vocab_size\": 50, \"hidden_size\": 256, \"num_hidden_layers\": 1, \"num_attention_heads\": 8, " \
	"\"num_key_value_heads\": 2, \"intermediate_size\": 512, \"max_position_embeddings\": 512, " \
	"\"rms_norm_eps\": 1e-6, \"eos_token_id\": 2"

#define GPT2_WIDE \
	"{\"model_type\": \"gpt2\", \"vocab_size\": 50, \"n_embd\": 256, \"n_layer\": 1, \"n_head\": 4, " \
	"\"n_positions\": 64, \"layer_norm_epsilon\": 1e-5, \"eos_token_id\": 2}"

/* Against a directory that holds the values which packed ones stand for. */
static void packed_weights_are_what_they_stand_for(void **state)
{
	(void)state;
	for (enum dtype t = 0; t < DTYPE_COUNT; t++) {
		const struct twin_shape llama = {
			.config = "{\"model_type\": \"llama\", " WIDE_SIZES "}", .arch = "llama", .dtype = t};
		const struct twin_shape qwen2 = {
			.config = "{\"model_type\": \"qwen2\", \"tie_word_embeddings\": true, " WIDE_SIZES "}",
			.arch = "qwen2",
			.dtype = t};
		const struct twin_shape gpt2 = {.config = GPT2_WIDE, .arch = "gpt2", .dtype = t};

		if (dtype_block(t) == 1)
			continue;
		check_twin(&llama, 0);
		check_twin(&qwen2, 0);
		check_twin(&gpt2, 0);
	}
}

/* The same adapter beside the weights of both forms: adapters are in Hugging Face's order. */
static void adapters_are_the_same_over_both(void **state)
{
	static const struct twin_shape shape = {.config = LLAMA, .arch = "llama", .dtype = DTYPE_BF16};
	char targets[] = "q_proj,k_proj,down_proj", *dir = tempdir_path(*state, "adapter");
	const struct adapter_config config = {.r = 3, .alpha = 6, .targets = targets};
	struct lm *hf, *gguf;
	struct trainable a, b;
	struct rng rng;
	struct twin t;
	struct err err;

	twin_init(&t, &shape, 11);
	hf = open_model(t.dir);
	gguf = open_model(t.gguf);
	rng_seed(&rng, 5);
	check_ok(trainable_init_lora(&a, hf, &config, &rng, &err), &err);
	rng_seed(&rng, 5);
	check_ok(trainable_init_lora(&b, gguf, &config, &rng, &err), &err);
	assert_int_equal(a.elements, b.elements);
	for (size_t i = 0; i < a.n; i++) {
		assert_string_equal(a.table[i].name, b.table[i].name);
		for (size_t k = 0; k < a.table[i].rows * a.table[i].cols; k++)
			a.values[a.table[i].offset + k] += (float)(0.2 * rng_normal(&rng));
	}
	memcpy(b.values, a.values, a.elements * sizeof(*a.values));
	trainable_changed(&a);
	trainable_changed(&b);
	check_same(b.lm, a.lm, 0);

	assert_int_equal(mkdir(dir, 0700), 0);
	check_ok(trainable_save(&b, dir, DTYPE_F32, &err), &err);
	check_ok(transformer_adapt(hf, dir, &err), &err);
	check_same(a.lm, hf, 0);
	check_ok(transformer_adapt(gguf, dir, &err), &err);
	check_same(gguf, hf, 0);
	trainable_release(&a);
	trainable_release(&b);
	lm_close(hf);
	lm_close(gguf);
	twin_release(&t);
	free(dir);
}

/* What is trained from a GGUF file is saved as a Hugging Face directory. */
static void training_begins_from_either(void **state)
{
	static const struct twin_shape shape = {.config = QWEN2, .arch = "qwen2", .dtype = DTYPE_F16};
	char *dir = tempdir_path(*state, "trained");
	struct lm *hf, *gguf, *saved;
	struct trainable a, b;
	struct twin t;
	struct err err;

	twin_init(&t, &shape, 13);
	hf = open_model(t.dir);
	gguf = open_model(t.gguf);
	check_ok(trainable_init_full(&a, hf, &err), &err);
	check_ok(trainable_init_full(&b, gguf, &err), &err);
	assert_int_equal(a.elements, b.elements);
	assert_memory_equal(a.values, b.values, a.elements * sizeof(*a.values));
	check_same(b.lm, a.lm, 0);
	assert_int_equal(mkdir(dir, 0700), 0);
	check_ok(trainable_save(&b, dir, DTYPE_F32, &err), &err);
	saved = open_model(dir);
	check_config(transformer_config(saved), transformer_config(hf));
	check_same(saved, b.lm, 0);
	lm_close(saved);
	trainable_release(&a);
	trainable_release(&b);
	lm_close(hf);
	lm_close(gguf);
	twin_release(&t);
	free(dir);
}

static void directories_with_one_file_are_opened(void **state)
{
	static const struct twin_shape shape = {.config = LLAMA, .arch = "llama", .dtype = DTYPE_F32};
	char *one = tempdir_path(*state, "model.gguf"), *other = tempdir_path(*state, "other.gguf");
	struct lm *lm, *same;
	struct twin t;
	struct err err;

	twin_init(&t, &shape, 17);
	check_refused(transformer_open(&lm, *state, kern, &err), &err, ERR_IO, "config.json");
	assert_int_equal(link(t.gguf, one), 0);
	lm = open_model(*state);
	same = open_model(t.gguf);
	check_same(lm, same, 0);
	lm_close(lm);
	lm_close(same);
	assert_int_equal(link(t.gguf, other), 0);
	check_refused(transformer_open(&lm, *state, kern, &err), &err, ERR_VALUE,
		"holds several GGUF files: give one of them, 'model.gguf', 'other.gguf' ...");
	/* The later parts of a split model are no models of their own. */
	assert_int_equal(unlink(one), 0);
	free(one);
	one = tempdir_path(*state, "other-00002-of-00002.gguf");
	assert_int_equal(link(t.gguf, one), 0);
	lm = open_model(*state);
	lm_close(lm);
	twin_release(&t);
	free(one);
	free(other);
}

enum {
	VALUE_NONE,
	VALUE_SIZE,
	VALUE_REAL,
	VALUE_TEXT,
	VALUE_LIST
};

/* A change to the keys of a model that could be opened. */
static const struct {
	const char *key;
	int kind;
	double number;
	const char *text;
	enum err_code code;
	const char *message;
} changes[] = {
	{"general.architecture", VALUE_NONE, 0, NULL, ERR_FORMAT, "the key \"general.architecture\" is missing"},
	{"general.architecture", VALUE_TEXT, 0, "gemma2", ERR_UNSUPPORTED,
		"GGUF models of architecture 'gemma2' are not handled; llama, "},
	{"general.architecture", VALUE_TEXT, 0, "", ERR_UNSUPPORTED, "architecture '' are not handled"},
	{"general.architecture", VALUE_SIZE, 3, NULL, ERR_FORMAT, "must be a string, not 3"},
	{"general.type", VALUE_TEXT, 0, "adapter", ERR_UNSUPPORTED, "this is an adapter in GGUF"},
	{"general.type", VALUE_TEXT, 0, "imatrix", ERR_UNSUPPORTED, "no language model but 'imatrix'"},
	{"llama.block_count", VALUE_NONE, 0, NULL, ERR_FORMAT, "the key \"llama.block_count\" is missing"},
	{"llama.block_count", VALUE_SIZE, 0, NULL, ERR_FORMAT, "must be an integer from 1 to 4096, not 0"},
	{"llama.block_count", VALUE_SIZE, 2, NULL, ERR_FORMAT, "tensor 'blk.1.attn_norm.weight' is missing"},
	{"llama.embedding_length", VALUE_SIZE, 16, NULL, ERR_FORMAT,
		"tensor 'token_embd.weight' has the shape [4, 32], and by the file's keys it must be [4, 16]"},
	{"llama.feed_forward_length", VALUE_LIST, 0, NULL, ERR_FORMAT,
		"must be an integer from 2 to 1048576, not an array"},
	{"llama.attention.head_count", VALUE_SIZE, 3, NULL, ERR_FORMAT, "32 cannot be split evenly over 3 heads"},
	{"llama.attention.head_count_kv", VALUE_SIZE, 3, NULL, ERR_FORMAT, "2 attention heads cannot share 3"},
	{"llama.attention.key_length", VALUE_SIZE, 3, NULL, ERR_FORMAT, "a head dimension of 3 is odd"},
	{"llama.attention.value_length", VALUE_SIZE, 8, NULL, ERR_UNSUPPORTED, "keys of 16 and values of 8"},
	{"llama.attention.layer_norm_rms_epsilon", VALUE_NONE, 0, NULL, ERR_FORMAT, "rms_epsilon\" is missing"},
	{"llama.attention.layer_norm_rms_epsilon", VALUE_REAL, NAN, NULL, ERR_FORMAT, "must be a number from 0 to 1"},
	{"llama.rope.dimension_count", VALUE_SIZE, 2, NULL, ERR_UNSUPPORTED,
		"rotary positions of 2 of a head's 16 dimensions"},
	{"llama.rope.scaling.type", VALUE_TEXT, 0, "longrope", ERR_UNSUPPORTED, "rotary positions of type 'longrope'"},
	{"llama.rope.scaling.attn_factor", VALUE_REAL, 1.5, NULL, ERR_UNSUPPORTED,
		"attn_factor\" of 1.5 is not handled"},
	{"llama.expert_count", VALUE_SIZE, 8, NULL, ERR_UNSUPPORTED, "mixtures of experts are not handled"},
	{"llama.attn_logit_softcapping", VALUE_REAL, 50, NULL, ERR_UNSUPPORTED,
		"the key \"llama.attn_logit_softcapping\" is not known, and may change what the model computes"},
	{"llama.attention.causal", VALUE_SIZE, 0, NULL, ERR_NONE, ""},
	{"llama.expert_count", VALUE_SIZE, 0, NULL, ERR_NONE, ""},
	{"qwen2.expert_count", VALUE_SIZE, 8, NULL, ERR_NONE, ""},
	{"tokenizer.ggml.eos_token_id", VALUE_SIZE, 4, NULL, ERR_FORMAT, "must be an integer from 0 to 3, not 4"},
	{"general.name", VALUE_TEXT, 0, "any", ERR_NONE, ""},
};

static void put_change(struct gguf_writer *w, size_t i)
{
	const uint32_t list[2] = {16, 16};

	switch (changes[i].kind) {
	case VALUE_SIZE:
		gguf_put_u32(w, changes[i].key, (uint32_t)changes[i].number);
		break;
	case VALUE_REAL:
		gguf_put_f32(w, changes[i].key, (float)changes[i].number);
		break;
	case VALUE_TEXT:
		gguf_put_str(w, changes[i].key, changes[i].text);
		break;
	case VALUE_LIST:
		gguf_put_array(w, changes[i].key, GGUF_U32, list, 2);
		break;
	default:
		break;
	}
}

/* A model of one layer, vocabulary 4, width 32, two heads, inner width 16. Tensor `drop` is left out, `extra` added. */
static void write_small(const char *path, size_t change, const char *drop, const char *extra, enum dtype norms)
{
	static const struct {
		const char *key;
		uint32_t value;
	} sizes[] = {
		{"llama.block_count", 1},
		{"llama.context_length", 64},
		{"llama.embedding_length", 32},
		{"llama.feed_forward_length", 16},
		{"llama.attention.head_count", 2},
	};
	const struct tensor tensors[] = {
		{.name = "token_embd.weight", .dims = 2, .shape = {4, 32}},
		{.name = "blk.0.attn_norm.weight", .dtype = norms, .dims = 1, .shape = {32}},
		{.name = "blk.0.attn_q.weight", .dims = 2, .shape = {32, 32}},
		{.name = "blk.0.attn_k.weight", .dims = 2, .shape = {32, 32}},
		{.name = "blk.0.attn_v.weight", .dims = 2, .shape = {32, 32}},
		{.name = "blk.0.attn_output.weight", .dims = 2, .shape = {32, 32}},
		{.name = "blk.0.ffn_norm.weight", .dims = 1, .shape = {32}},
		{.name = "blk.0.ffn_gate.weight", .dims = 2, .shape = {16, 32}},
		{.name = "blk.0.ffn_up.weight", .dims = 2, .shape = {16, 32}},
		{.name = "blk.0.ffn_down.weight", .dims = 2, .shape = {32, 16}},
		{.name = "output_norm.weight", .dims = 1, .shape = {32}},
		{.name = extra, .dims = 1, .shape = {8}},
	};
	const char *changed = change < ARRAY_LEN(changes) ? changes[change].key : "";
	size_t n = ARRAY_LEN(tensors) - (extra == NULL);
	struct gguf_writer w;
	float zeros[1024] = {0};
	struct err err;

	check_ok(gguf_writer_init(&w, path, &err), &err);
	if (strcmp(changed, "general.architecture") != 0)
		gguf_put_str(&w, "general.architecture", "llama");
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		if (strcmp(changed, sizes[i].key) != 0)
			gguf_put_u32(&w, sizes[i].key, sizes[i].value);
	}
	if (strcmp(changed, "llama.attention.layer_norm_rms_epsilon") != 0)
		gguf_put_f32(&w, "llama.attention.layer_norm_rms_epsilon", 1e-5f);
	if (change < ARRAY_LEN(changes))
		put_change(&w, change);
	for (size_t i = 0; i < n; i++) {
		if (drop == NULL || strcmp(drop, tensors[i].name) != 0)
			gguf_put_tensor(&w, &tensors[i]);
	}
	for (size_t i = 0; i < n; i++) {
		if (drop == NULL || strcmp(drop, tensors[i].name) != 0)
			check_ok(gguf_writer_data(
					 &w, zeros, dtype_bytes(tensors[i].dtype, tensor_elements(&tensors[i])), &err),
				&err);
	}
	check_ok(gguf_writer_commit(&w, &err), &err);
	gguf_writer_release(&w);
}

static void what_is_not_computed_is_refused(void **state)
{
	char *path = tempdir_path(*state, "small.gguf");
	struct lm *lm;
	struct err err;

	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		write_small(path, i, NULL, NULL, DTYPE_F32);
		if (changes[i].code == ERR_NONE) {
			lm = open_model(path);
			lm_close(lm);
			continue;
		}
		check_refused(transformer_open(&lm, path, kern, &err), &err, changes[i].code, changes[i].message);
		assert_non_null(strstr(err.msg, path));
	}
	write_small(path, SIZE_MAX, "blk.0.ffn_up.weight", NULL, DTYPE_F32);
	check_refused(transformer_open(&lm, path, kern, &err), &err, ERR_FORMAT,
		"tensor 'blk.0.ffn_up.weight' is missing, and the file's keys call for it");
	write_small(path, SIZE_MAX, "token_embd.weight", NULL, DTYPE_F32);
	check_refused(
		transformer_open(&lm, path, kern, &err), &err, ERR_FORMAT, "tensor 'token_embd.weight' is missing");
	write_small(path, SIZE_MAX, NULL, "blk.0.attn_sub_norm.weight", DTYPE_F32);
	check_refused(transformer_open(&lm, path, kern, &err), &err, ERR_UNSUPPORTED,
		"tensor 'blk.0.attn_sub_norm.weight' is not known");
	write_small(path, SIZE_MAX, NULL, "rope_freqs.weight", DTYPE_F32);
	check_refused(transformer_open(&lm, path, kern, &err), &err, ERR_FORMAT,
		"tensor 'rope_freqs.weight' holds 0, and factors are from 1e-6 to 1e6");
	write_small(path, SIZE_MAX, NULL, "blk.0.attn_rot_embd", DTYPE_F32);
	lm = open_model(path);
	lm_close(lm);
	write_small(path, SIZE_MAX, NULL, NULL, DTYPE_Q8_0);
	check_refused(transformer_open(&lm, path, kern, &err), &err, ERR_UNSUPPORTED,
		"tensor 'blk.0.attn_norm.weight', a vector, is of type Q8_0");
	free(path);
}

static void vocabularies_alone_are_refused(void **state)
{
	const char *shared = getenv("BEAMSCOPE_SHARED");
	char *path = xasprintf("%s/tokenizers/ggml-vocab-llama-spm.gguf", shared && *shared ? shared : "../../shared");
	struct lm *lm;
	struct err err;

	(void)state;
	if (file_exists(path))
		check_refused(
			transformer_open(&lm, path, kern, &err), &err, ERR_UNSUPPORTED, "a vocabulary and no weights");
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(architectures_are_their_directories),
		cmocka_unit_test(packed_weights_are_what_they_stand_for),
		in_tempdir(adapters_are_the_same_over_both),
		in_tempdir(training_begins_from_either),
		in_tempdir(directories_with_one_file_are_opened),
		in_tempdir(what_is_not_computed_is_refused),
		cmocka_unit_test(vocabularies_alone_are_refused),
	};

	return cmocka_run_group_tests(tests, open_kern, close_kern);
}
