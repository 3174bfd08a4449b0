/*
 * What training changes: the table and the values it begins with; that a search sees every value as it stands; and that
 * what is saved is what Hugging Face and PEFT write, and loads again bit for bit. Files are read here by themselves:
 * eight bytes of length, JSON, data.
 */
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loramaker.h"
#include "model/trainable.h"
#include "modelcheck.h"
#include "store/file.h"
#include "tempdir.h"

#define TOKENS 12

/* All logits of a fixed sequence of tokens: after a prompt, and after nodes below it. [TOKENS, vocab]; caller frees. */
static float *logits_of(struct lm *lm)
{
	float *z = xcalloc(TOKENS * lm->vocab, sizeof(*z));
	struct vec_u32 tokens = {0};
	lm_node node = LM_PROMPT;
	struct rng rng;
	struct err err;

	rng_seed(&rng, 3);
	random_tokens(&tokens, &rng, TOKENS, lm->vocab);
	for (size_t n = 1; n <= TOKENS; n++) {
		if (n <= TOKENS / 2)
			check_ok(lm_prompt(lm, tokens.at, n, &err), &err);
		else
			node = lm_child(lm, node, tokens.at[n - 1]);
		check_ok(lm_query(lm, &(struct lm_query){.node = node, .all = z + (n - 1) * lm->vocab}, 1, 1, &err),
			&err);
	}
	vec_release(&tokens);
	return z;
}

static bool same_logits(struct lm *a, struct lm *b)
{
	float *x = logits_of(a), *y = logits_of(b);
	bool same = memcmp(x, y, TOKENS * a->vocab * sizeof(*x)) == 0;

	free(x);
	free(y);
	return same;
}

/* The same tokens through the plain pass. */
static void check_plain(struct lm *lm, struct tiny *t)
{
	double *reference = xcalloc(TOKENS * lm->vocab, sizeof(*reference));
	float *z = logits_of(lm);
	struct vec_u32 tokens = {0};
	struct rng rng;

	rng_seed(&rng, 3);
	random_tokens(&tokens, &rng, TOKENS, lm->vocab);
	tiny_logits(t, reference, tokens.at, TOKENS);
	compare(z, reference, TOKENS * lm->vocab);
	vec_release(&tokens);
	free(reference);
	free(z);
}

/* Offsets are those of a layout without overlaps, 16 floats apart at least; what lies between is 0. */
static void check_layout(const struct trainable *t)
{
	size_t end = 0, count = 0;

	for (size_t i = 0; i < t->n; i++) {
		const struct trainable_tensor *at = &t->table[i];

		assert_true(at->offset >= end && at->offset < end + 16);
		assert_int_equal(at->offset % 16, 0);
		for (size_t k = end; k < at->offset; k++)
			assert_true(t->values[k] == 0);
		end = at->offset + at->rows * at->cols;
		count += at->rows * at->cols;
	}
	assert_true(t->elements >= end && t->elements < end + 16);
	assert_int_equal(t->count, count);
	assert_int_equal((uintptr_t)t->values % 64, 0);
}

static void all_parameters_of_every_type(void **state)
{
	(void)state;
	for (size_t k = 0; k < 6; k++) {
		struct tiny_shape shape = plain;
		struct trainable t;
		struct tiny tiny;
		struct lm *lm;
		struct err err;

		shape.dtype = (enum dtype)(k / 2);
		shape.tied = k % 2;
		shape.attention_bias = shape.mlp_bias = k % 2;
		tiny_init(&tiny, &shape, 20 + k);
		tiny_write(&tiny);
		lm = open_model(&tiny);
		check_ok(trainable_init_full(&t, lm, &err), &err);
		check_layout(&t);
		assert_int_equal(t.n, tiny.n);
		assert_int_equal(t.count, transformer_params(lm)->elements);
		for (size_t i = 0; i < t.n; i++) {
			const struct tensor *stored = tiny_find(&tiny, t.table[i].name);

			assert_non_null(stored);
			assert_int_equal(t.table[i].rows, stored->shape[0]);
			assert_int_equal(t.table[i].cols, stored->dims == 2 ? stored->shape[1] : 1);
			assert_int_equal(trainable_offset(&t, &t.params.at[i]), t.table[i].offset);
			assert_ptr_equal(t.params.at[i].tensor.data, t.values + t.table[i].offset);
		}
		assert_true((t.params.head == t.params.embed) == shape.tied);
		if (shape.dtype == DTYPE_F32)
			assert_true(same_logits(lm, t.lm));
		check_plain(t.lm, &tiny);
		trainable_release(&t);
		lm_close(lm);
		tiny_release(&tiny);
	}
}

/* Any value, a norm's and a bias's too, counts as soon as it was changed. */
static void every_change_is_seen(void **state)
{
	struct tiny_shape shape = plain;
	struct trainable t;
	struct tiny tiny;
	struct lm *lm;
	struct err err;

	(void)state;
	shape.attention_bias = shape.mlp_bias = true;
	tiny_init(&tiny, &shape, 30);
	tiny_write(&tiny);
	lm = open_model(&tiny);
	check_ok(trainable_init_full(&t, lm, &err), &err);
	for (size_t i = 0; i < t.n; i++) {
		struct tensor *stored = tiny_find(&tiny, t.table[i].name);
		size_t at = t.table[i].rows * t.table[i].cols / 2;
		float *before = logits_of(t.lm), *after;

		/* A whole row: one value of an embedding may be of a token that the sequence does not have, and one of
		 * k's bias does nothing to attention that rotates little. */
		for (size_t k = 0; k < t.table[i].rows * t.table[i].cols; k++) {
			t.values[t.table[i].offset + k] *= k == at ? 1.5F : 0.9F;
			((float *)stored->data)[k] *= k == at ? 1.5F : 0.9F;
		}
		trainable_changed(&t);
		assert_false(t.lm->prompted);
		after = logits_of(t.lm);
		assert_memory_not_equal(before, after, TOKENS * t.lm->vocab * sizeof(*before));
		check_plain(t.lm, &tiny);
		free(before);
		free(after);
	}
	trainable_release(&t);
	lm_close(lm);
	tiny_release(&tiny);
}

/* The log-sums are forgotten too, and prompts that were seen before are computed again. */
static void log_sums_are_forgotten(void **state)
{
	const uint32_t tokens[] = {5, 9};
	struct trainable t;
	struct tiny tiny;
	double lse[2];
	struct lm *lm;
	struct err err;

	(void)state;
	tiny_init(&tiny, &plain, 31);
	tiny_write(&tiny);
	lm = open_model(&tiny);
	check_ok(trainable_init_full(&t, lm, &err), &err);
	for (size_t i = 0; i < 2; i++) {
		check_ok(lm_prompt(t.lm, tokens, 2, &err), &err);
		assert_int_equal(t.lm->stats.prompt_reused, 0);
		check_ok(lm_query(t.lm, &(struct lm_query){.node = LM_PROMPT, .lse = &lse[i]}, 1, 1, &err), &err);
		memset(t.values + trainable_offset(&t, t.params.head), 0,
			t.params.head->rows * t.params.head->cols * sizeof(float));
		trainable_changed(&t);
	}
	assert_true(fabs(lse[1] - log(50)) < 1e-6);
	assert_true(fabs(lse[0] - log(50)) > 1e-3);
	trainable_release(&t);
	lm_close(lm);
	tiny_release(&tiny);
}

static void fresh_adapters(void **state)
{
	struct adapter_config config = {.r = 6, .alpha = 12, .dropout = 0.05, .targets = (char *)"q_proj,down_proj"};
	struct trainable t, again;
	struct tiny tiny;
	struct rng rng;
	struct lm *lm;
	struct err err;

	(void)state;
	tiny_init(&tiny, &plain, 32);
	tiny_write(&tiny);
	lm = open_model(&tiny);
	rng_seed(&rng, 1);
	check_ok(trainable_init_lora(&t, lm, &config, &rng, &err), &err);
	check_layout(&t);
	assert_int_equal(t.n, 12);
	assert_string_equal(t.table[3].name, "base_model.model.model.layers.0.mlp.down_proj.lora_B.weight");
	assert_string_equal(t.table[4].name, "base_model.model.model.layers.1.self_attn.q_proj.lora_A.weight");
	for (size_t i = 0; i < t.adapter.n; i++) {
		const struct trainable_tensor *a = &t.table[2 * i], *b = &t.table[2 * i + 1];
		double bound = 1 / sqrt((double)a->cols), sum = 0, largest = 0;

		assert_int_equal(a->rows, 6);
		assert_int_equal(b->cols, 6);
		for (size_t k = 0; k < a->rows * a->cols; k++) {
			assert_true(fabs(t.values[a->offset + k]) <= bound);
			sum += t.values[a->offset + k];
			largest = fmax(largest, fabs(t.values[a->offset + k]));
		}
		assert_true(largest > 0.95 * bound);
		assert_true(fabs(sum) < bound * sqrt((double)(a->rows * a->cols)) * 2);
		for (size_t k = 0; k < b->rows * b->cols; k++)
			assert_true(t.values[b->offset + k] == 0);
		assert_int_equal(trainable_offset(&t, t.adapter.at[i].param), SIZE_MAX);
	}
	/* B is 0: nothing has changed yet. */
	assert_true(same_logits(lm, t.lm));
	rng_seed(&rng, 1);
	check_ok(trainable_init_lora(&again, lm, &config, &rng, &err), &err);
	assert_memory_equal(again.values, t.values, t.elements * sizeof(*t.values));
	trainable_release(&again);
	config.targets = (char *)"q_proj,nothing";
	check_refused(trainable_init_lora(&again, lm, &config, &rng, &err), &err, ERR_VALUE, "'nothing'");
	trainable_release(&t);
	lm_close(lm);
	tiny_release(&tiny);
}

/* An adapter that the model carries is trained on, with ranks and alphas of its own; or merged into all weights. */
static void adapters_that_are_there(void **state)
{
	struct trainable lora, full;
	struct loramaker l;
	struct tiny tiny;
	struct lm *lm;
	struct err err;

	(void)state;
	tiny_init(&tiny, &plain, 33);
	tiny_write(&tiny);
	loramaker_init(&l, 2, 3, 34);
	loramaker_set(&l, "rank_pattern", "{\"1.self_attn.v_proj\": 5}");
	loramaker_set(&l, "alpha_pattern", "{\"q_proj\": 4}");
	for (size_t layer = 0; layer < 3; layer++) {
		loramaker_add(&l, &tiny, layer, "self_attn.q_proj", 2, 2, DTYPE_BF16);
		loramaker_add(
			&l, &tiny, layer, "self_attn.v_proj", layer == 1 ? 5 : 2, layer == 1 ? 0.6 : 1.5, DTYPE_F32);
	}
	loramaker_write(&l);
	lm = open_model(&tiny);
	check_ok(transformer_adapt(lm, l.dir, &err), &err);
	check_ok(trainable_init_lora(&lora, lm, NULL, NULL, &err), &err);
	check_layout(&lora);
	assert_int_equal(lora.n, 12);
	assert_int_equal(lora.table[6].rows, 5);
	assert_true(same_logits(lm, lora.lm));
	check_plain(lora.lm, &tiny);
	check_ok(trainable_init_full(&full, lm, &err), &err);
	assert_null(transformer_adapter(full.lm));
	check_plain(full.lm, &tiny);
	memset(lora.values, 0, lora.elements * sizeof(*lora.values));
	trainable_changed(&lora);
	assert_false(same_logits(lm, lora.lm));
	trainable_release(&lora);
	trainable_release(&full);
	lm_close(lm);
	loramaker_release(&l);
	tiny_release(&tiny);
}

/* A safetensors file as its description says, and nothing of ours. */
struct plain_file {
	json_t *header;
	unsigned char *data;
	size_t len;
	unsigned char *bytes;
};

static struct plain_file read_plainly(const char *dir, const char *name)
{
	char *path = tempdir_path(dir, name);
	FILE *f = fopen(path, "rb");
	struct plain_file p = {0};
	uint64_t header = 0;
	long size;

	assert_non_null(f);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	size = ftell(f);
	assert_true(size > 8);
	rewind(f);
	p.bytes = xmalloc((size_t)size);
	assert_int_equal(fread(p.bytes, 1, (size_t)size, f), size);
	fclose(f);
	for (size_t i = 0; i < 8; i++)
		header |= (uint64_t)p.bytes[i] << 8 * i;
	assert_true(header <= (uint64_t)size - 8);
	p.header = json_loadb((const char *)p.bytes + 8, header, 0, NULL);
	assert_non_null(p.header);
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(p.header, "__metadata__"), "format")), "pt");
	json_object_del(p.header, "__metadata__");
	p.data = p.bytes + 8 + header;
	p.len = (size_t)size - 8 - header;
	free(path);
	return p;
}

/* A tensor's bytes, once its type and shape are as they should be. cols 0: a vector. */
static const unsigned char *plain_tensor(
	const struct plain_file *p, const char *name, const char *dtype, size_t width, size_t rows, size_t cols)
{
	const json_t *t = json_object_get(p->header, name), *shape = json_object_get(t, "shape"),
		     *at = json_object_get(t, "data_offsets");
	size_t begin = (size_t)json_integer_value(json_array_get(at, 0));
	size_t end = (size_t)json_integer_value(json_array_get(at, 1));

	if (t == NULL)
		fail_msg("there is no tensor '%s'", name);
	assert_string_equal(json_string_value(json_object_get(t, "dtype")), dtype);
	assert_int_equal(json_array_size(shape), cols > 0 ? 2 : 1);
	assert_int_equal(json_integer_value(json_array_get(shape, 0)), rows);
	if (cols > 0)
		assert_int_equal(json_integer_value(json_array_get(shape, 1)), cols);
	assert_int_equal(end - begin, rows * (cols > 0 ? cols : 1) * width);
	assert_true(end <= p->len);
	return p->data + begin;
}

static void release_plainly(struct plain_file *p)
{
	json_decref(p->header);
	free(p->bytes);
}

static json_t *read_json(const char *dir, const char *name)
{
	char *path = tempdir_path(dir, name);
	json_t *v = json_load_file(path, 0, NULL);

	assert_non_null(v);
	free(path);
	return v;
}

static void make_dir(char **path, const char *dir, const char *name)
{
	*path = tempdir_path(dir, name);
	assert_int_equal(mkdir(*path, 0700), 0);
}

static void disturb(struct trainable *t, uint64_t seed)
{
	struct rng rng;

	rng_seed(&rng, seed);
	for (size_t i = 0; i < t->n; i++) {
		for (size_t k = 0; k < t->table[i].rows * t->table[i].cols; k++)
			t->values[t->table[i].offset + k] += (float)(0.05 * rng_normal(&rng));
	}
	trainable_changed(t);
}

static void full_models_come_back(void **state)
{
	(void)state;
	for (int tied = 0; tied < 2; tied++) {
		struct tiny_shape shape = plain;
		struct trainable t;
		struct plain_file file;
		struct tiny tiny;
		struct lm *lm, *again;
		json_t *config;
		struct err err;
		char *dir;

		shape.tied = tied;
		shape.attention_bias = tied;
		shape.dtype = tied ? DTYPE_BF16 : DTYPE_F32;
		tiny_init(&tiny, &shape, 35);
		tiny_write(&tiny);
		lm = open_model(&tiny);
		check_ok(trainable_init_full(&t, lm, &err), &err);
		disturb(&t, 36);
		make_dir(&dir, *state, tied ? "tied" : "untied");
		check_ok(trainable_save(&t, dir, DTYPE_F32, &err), &err);
		file = read_plainly(dir, "model.safetensors");
		assert_int_equal(json_object_size(file.header), tiny.n);
		for (size_t i = 0; i < tiny.n; i++) {
			const struct tensor *s = &tiny.tensors[i];
			const unsigned char *data =
				plain_tensor(&file, s->name, "F32", 4, s->shape[0], s->dims == 2 ? s->shape[1] : 0);

			assert_memory_equal(data, t.values + t.table[i].offset, tensor_elements(s) * 4);
		}
		release_plainly(&file);
		config = read_json(dir, "config.json");
		assert_string_equal(json_string_value(json_object_get(config, "torch_dtype")), "float32");
		assert_int_equal(json_integer_value(json_object_get(config, "vocab_size")), 50);
		assert_true(json_real_value(json_object_get(config, "rms_norm_eps")) == 1e-5);
		json_decref(config);
		check_ok(transformer_open(&again, dir, kern, &err), &err);
		assert_true(same_logits(t.lm, again));
		assert_false(same_logits(lm, again));
		lm_close(again);
		trainable_release(&t);
		lm_close(lm);
		tiny_release(&tiny);
		free(dir);
	}
}

/* What is saved is what rounding the values gives; a value that the type cannot hold is refused before anything is
 * written. */
static void half_width_models(void **state)
{
	static const struct {
		enum dtype dtype;
		const char *name, *torch;
		float too_large, fits;
	} cases[] = {
		{DTYPE_BF16, "BF16", "bfloat16", 3.4e38F, 3.38e38F},
		{DTYPE_F16, "F16", "float16", -65520, 65519.99F},
	};
	struct trainable t;
	struct tiny tiny;
	struct lm *lm;
	struct err err;

	tiny_init(&tiny, &plain, 37);
	tiny_write(&tiny);
	lm = open_model(&tiny);
	check_ok(trainable_init_full(&t, lm, &err), &err);
	disturb(&t, 38);
	for (size_t c = 0; c < ARRAY_LEN(cases); c++) {
		float *value = &t.values[t.table[2].offset + 7], kept = *value;
		struct plain_file file;
		json_t *config;
		char *dir;

		make_dir(&dir, *state, cases[c].name);
		*value = cases[c].too_large;
		check_refused(trainable_save(&t, dir, cases[c].dtype, &err), &err, ERR_VALUE, t.table[2].name);
		assert_int_equal(tempdir_count(dir), 0);
		*value = cases[c].fits;
		check_ok(trainable_save(&t, dir, cases[c].dtype, &err), &err);
		*value = kept;
		check_ok(trainable_save(&t, dir, cases[c].dtype, &err), &err);
		file = read_plainly(dir, "model.safetensors");
		for (size_t i = 0; i < tiny.n; i++) {
			const struct tensor *s = &tiny.tensors[i];
			const unsigned char *data = plain_tensor(
				&file, s->name, cases[c].name, 2, s->shape[0], s->dims == 2 ? s->shape[1] : 0);
			float back;

			for (size_t k = 0; k < tensor_elements(s); k++) {
				float exact = t.values[t.table[i].offset + k];

				dtype_widen(&back, data, cases[c].dtype, k, 1);
				assert_true(
					fabsf(back - exact) <= fabsf(exact) * (c == 0 ? 0x1p-8F : 0x1p-11F) + 0x1p-25F);
			}
		}
		release_plainly(&file);
		config = read_json(dir, "config.json");
		assert_string_equal(json_string_value(json_object_get(config, "torch_dtype")), cases[c].torch);
		json_decref(config);
		free(dir);
	}
	trainable_release(&t);
	lm_close(lm);
	tiny_release(&tiny);
}

/* The files beside the weights are copied byte for byte, those that are there. */
static void tokenizers_go_along(void **state)
{
	static const char *const names[] = {"tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
		"added_tokens.json", "vocab.json", "merges.txt", "tokenizer.model", "chat_template.jinja",
		"generation_config.json"};
	struct trainable t;
	struct tiny tiny;
	struct lm *lm;
	struct err err;
	char *bare, *rich;

	tiny_init(&tiny, &plain, 39);
	tiny_write(&tiny);
	lm = open_model(&tiny);
	check_ok(trainable_init_full(&t, lm, &err), &err);
	make_dir(&bare, *state, "bare");
	check_ok(trainable_save(&t, bare, DTYPE_F32, &err), &err);
	assert_int_equal(tempdir_count(bare), 2);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		tiny_write_file(&tiny, names[i], "a\0\xff\n", i == 3 ? 0 : 4);
	tiny_write_file(&tiny, "pytorch_model.bin", "no", 2);
	make_dir(&rich, *state, "rich");
	check_ok(trainable_save(&t, rich, DTYPE_F32, &err), &err);
	assert_int_equal(tempdir_count(rich), 2 + ARRAY_LEN(names));
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char *path = tempdir_path(rich, names[i]);
		struct buf bytes = {0};

		check_ok(file_read(&bytes, path, 100, &err), &err);
		assert_int_equal(bytes.len, i == 3 ? 0 : 4);
		assert_memory_equal(buf_str(&bytes), "a\0\xff\n", bytes.len);
		buf_release(&bytes);
		free(path);
	}
	free(bare);
	free(rich);
	trainable_release(&t);
	lm_close(lm);
	tiny_release(&tiny);
}

static void adapters_come_back(void **state)
{
	static const char *const keys[] = {"alpha_pattern", "auto_mapping", "base_model_name_or_path", "bias",
		"corda_config", "eva_config", "exclude_modules", "fan_in_fan_out", "inference_mode",
		"init_lora_weights", "layer_replication", "layers_pattern", "layers_to_transform", "loftq_config",
		"lora_alpha", "lora_bias", "lora_dropout", "megatron_config", "megatron_core", "modules_to_save",
		"peft_type", "r", "rank_pattern", "revision", "target_modules", "task_type", "trainable_token_indices",
		"use_dora", "use_rslora"};
	struct adapter_config config = {
		.r = 3, .alpha = 0.1, .dropout = 0.05, .rslora = true, .targets = (char *)"v_proj,mlp.up_proj"};
	struct plain_file file;
	struct trainable t;
	struct tiny tiny;
	struct rng rng;
	struct lm *lm;
	struct err err;
	json_t *v;

	tiny_init(&tiny, &plain, 40);
	tiny_write(&tiny);
	lm = open_model(&tiny);
	rng_seed(&rng, 2);
	check_ok(trainable_init_lora(&t, lm, &config, &rng, &err), &err);
	disturb(&t, 41);
	check_ok(trainable_save(&t, *state, DTYPE_BF16, &err), &err);
	assert_int_equal(tempdir_count(*state), 2);
	file = read_plainly(*state, "adapter_model.safetensors");
	assert_int_equal(json_object_size(file.header), 12);
	for (size_t i = 0; i < 12; i++) {
		size_t layer = i / 4, in = 24, out = i % 4 < 2 ? 12 : 40;
		char *name = xasprintf("base_model.model.model.layers.%zu.%s.lora_%c.weight", layer,
			i % 4 < 2 ? "self_attn.v_proj" : "mlp.up_proj", "AB"[i % 2]);
		const unsigned char *data = plain_tensor(&file, name, "F32", 4, i % 2 ? out : 3, i % 2 ? 3 : in);

		assert_memory_equal(data, t.values + t.table[i].offset, t.table[i].rows * t.table[i].cols * 4);
		free(name);
	}
	release_plainly(&file);
	v = read_json(*state, "adapter_config.json");
	assert_int_equal(json_object_size(v), ARRAY_LEN(keys));
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		assert_non_null(json_object_get(v, keys[i]));
	assert_string_equal(json_string_value(json_object_get(v, "base_model_name_or_path")), tiny.dir);
	assert_true(json_real_value(json_object_get(v, "lora_alpha")) == 0.1);
	json_decref(v);
	check_ok(transformer_adapt(lm, *state, &err), &err);
	assert_true(same_logits(lm, t.lm));
	assert_true(transformer_adapter(lm)->config.dropout == 0.05);
	trainable_release(&t);
	lm_close(lm);
	tiny_release(&tiny);
}

/* Ranks, alphas and a choice of layers that the configuration's common values do not give come back too. */
static void uneven_adapters_come_back(void **state)
{
	struct loramaker l;
	struct trainable t;
	struct tiny tiny;
	struct lm *lm, *again;
	struct err err;

	tiny_init(&tiny, &plain, 42);
	tiny_write(&tiny);
	loramaker_init(&l, 2, 3, 43);
	loramaker_set(&l, "rank_pattern", "{\"^model.layers.2.self_attn.q_proj\": 7}");
	loramaker_set(&l, "alpha_pattern", "{\"v_proj\": 0.7}");
	loramaker_set(&l, "layers_to_transform", "[0, 2]");
	for (size_t layer = 0; layer < 3; layer += 2) {
		loramaker_add(&l, &tiny, layer, "self_attn.q_proj", layer == 2 ? 7 : 2, 1, DTYPE_F32);
		loramaker_add(&l, &tiny, layer, "self_attn.v_proj", 2, 1, DTYPE_F16);
	}
	loramaker_write(&l);
	lm = open_model(&tiny);
	check_ok(transformer_adapt(lm, l.dir, &err), &err);
	check_ok(trainable_init_lora(&t, lm, NULL, NULL, &err), &err);
	check_ok(trainable_save(&t, *state, DTYPE_F32, &err), &err);
	again = open_model(&tiny);
	check_ok(transformer_adapt(again, *state, &err), &err);
	assert_int_equal(transformer_adapter(again)->n, 4);
	assert_int_equal(transformer_adapter(again)->at[2].r, 7);
	assert_true(transformer_adapter(again)->at[3].alpha == 0.7);
	assert_true(same_logits(lm, again));
	check_ok(adapter_save(transformer_adapter(lm), *state, "x", &err), &err);
	check_ok(transformer_adapt(again, *state, &err), &err);
	assert_true(same_logits(lm, again));
	lm_close(again);
	trainable_release(&t);
	lm_close(lm);
	loramaker_release(&l);
	tiny_release(&tiny);
}

static void what_cannot_be_written_is_said(void **state)
{
	struct adapter_config config = {.r = 2, .alpha = 2, .targets = (char *)"q_proj"};
	struct trainable full, lora;
	struct tiny tiny;
	struct rng rng;
	struct lm *lm;
	struct err err;
	char *none = tempdir_path(*state, "none");

	tiny_init(&tiny, &plain, 44);
	tiny_write(&tiny);
	lm = open_model(&tiny);
	rng_seed(&rng, 4);
	check_ok(trainable_init_full(&full, lm, &err), &err);
	check_ok(trainable_init_lora(&lora, lm, &config, &rng, &err), &err);
	check_refused(trainable_save(&full, none, DTYPE_F32, &err), &err, ERR_IO, none);
	check_refused(trainable_save(&lora, none, DTYPE_F32, &err), &err, ERR_IO, none);
	assert_int_equal(tempdir_count(*state), 0);
	tiny_write_file(&tiny, "config.json", "{\"vocab_size\": 1", 16);
	check_refused(trainable_save(&full, *state, DTYPE_F32, &err), &err, ERR_FORMAT, tiny.dir);
	free(none);
	trainable_release(&full);
	trainable_release(&lora);
	lm_close(lm);
	tiny_release(&tiny);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_parameters_of_every_type),
		cmocka_unit_test(every_change_is_seen),
		cmocka_unit_test(log_sums_are_forgotten),
		cmocka_unit_test(fresh_adapters),
		cmocka_unit_test(adapters_that_are_there),
		in_tempdir(full_models_come_back),
		in_tempdir(half_width_models),
		in_tempdir(tokenizers_go_along),
		in_tempdir(adapters_come_back),
		in_tempdir(uneven_adapters_come_back),
		in_tempdir(what_cannot_be_written_is_said),
	};

	return cmocka_run_group_tests(tests, open_kern, close_kern);
}
