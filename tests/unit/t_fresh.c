/* Fresh models: that they load as what was asked for, with weights as they should be drawn. */
#include "tempdir.h"

#include <math.h>

#include "model/fresh.h"
#include "model/transformer.h"
#include "store/file.h"
#include "store/json.h"

static const struct fresh_model small = {
	.vocab = 300,
	.hidden = 48,
	.layers = 2,
	.heads = 4,
	.kv_heads = 2,
	.intermediate = 96,
	.max_positions = 77,
	.bos = 0,
	.eos = 1,
	.tied = 1,
	.rope_theta = 5000,
	.seed = 3,
};

#define LAYER (48 * 48 * 2 + 48 * 24 * 2 + 3 * 48 * 96 + 2 * 48)

static struct lm *load(const char *dir, struct kern **kern)
{
	struct lm *lm = NULL;
	struct err err;

	check_ok(kern_new(kern, 1, &err), &err);
	check_ok(transformer_open(&lm, dir, *kern, &err), &err);
	return lm;
}

static void write_model(const char *dir, const struct fresh_model *m)
{
	struct err err;

	check_ok(fresh_model_write(dir, m, &err), &err);
}

static void loads(void **state)
{
	const struct model_config *c;
	const struct params *p;
	struct kern *kern;
	struct lm *lm;

	write_model(*state, &small);
	lm = load(*state, &kern);
	c = transformer_config(lm);
	p = transformer_params(lm);
	assert_string_equal(c->arch->type, "llama");
	assert_int_equal(c->vocab, 300);
	assert_int_equal(c->hidden, 48);
	assert_int_equal(c->layers, 2);
	assert_int_equal(c->heads, 4);
	assert_int_equal(c->kv_heads, 2);
	assert_int_equal(c->head_dim, 12);
	assert_int_equal(c->intermediate, 96);
	assert_int_equal(c->max_positions, 77);
	assert_int_equal(c->bos, 0);
	assert_int_equal(c->n_eos, 1);
	assert_int_equal(c->eos[0], 1);
	assert_true(c->rope.theta == 5000 && c->rope.kind == ROPE_PLAIN);
	assert_true(c->norm_eps == 1e-6);
	assert_true(c->tied);
	assert_int_equal(p->elements, 300 * 48 + 2 * LAYER + 48);
	assert_int_equal(transformer_unused_tensors(lm), 0);
	lm_close(lm);
	kern_free(kern);
}

static void untied(void **state)
{
	struct fresh_model m = small;
	struct kern *kern;
	struct lm *lm;

	m.tied = 0;
	write_model(*state, &m);
	lm = load(*state, &kern);
	assert_false(transformer_config(lm)->tied);
	assert_int_equal(transformer_params(lm)->elements, 2 * 300 * 48 + 2 * LAYER + 48);
	lm_close(lm);
	kern_free(kern);
}

/* Norms are 1; all else has mean 0 and deviation 0.02, no two matrices alike. */
static void weights(void **state)
{
	const struct params *p;
	struct kern *kern;
	struct lm *lm;

	write_model(*state, &small);
	lm = load(*state, &kern);
	p = transformer_params(lm);
	for (size_t i = 0; i < p->n; i++) {
		const struct tensor *t = &p->at[i].tensor;
		const float *x = t->data;
		size_t n = tensor_elements(t);
		double sum = 0, squares = 0;

		assert_int_equal(t->dtype, DTYPE_F32);
		for (size_t k = 0; k < n; k++) {
			if (p->at[i].cols == 1)
				assert_true(x[k] == 1);
			sum += x[k];
			squares += (double)x[k] * x[k];
		}
		if (p->at[i].cols == 1)
			continue;
		assert_true(fabs(sum / (double)n) < 5 * 0.02 / sqrt((double)n)); /* five deviations of a mean */
		assert_true(fabs(sqrt(squares / (double)n) / 0.02 - 1) < 5 / sqrt(2 * (double)n));
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(x, p->at[j].tensor.data, 4 * sizeof(*x));
	}
	lm_close(lm);
	kern_free(kern);
}

static void same_files(const char *a, const char *b, bool same)
{
	static const char *const names[] = {"config.json", "generation_config.json", "model.safetensors"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char *path_a = tempdir_path(a, names[i]), *path_b = tempdir_path(b, names[i]);
		struct buf text_a = {0}, text_b = {0};
		struct err err;

		check_ok(file_read(&text_a, path_a, 1 << 24, &err), &err);
		check_ok(file_read(&text_b, path_b, 1 << 24, &err), &err);
		assert_int_equal(text_a.len == text_b.len && !memcmp(text_a.at, text_b.at, text_a.len),
			same || strcmp(names[i], "model.safetensors") != 0);
		buf_release(&text_a);
		buf_release(&text_b);
		free(path_a);
		free(path_b);
	}
}

static void seeds(void **state)
{
	char *a = tempdir_path(*state, "a"), *b = tempdir_path(*state, "b");
	struct fresh_model other = small;

	assert_int_equal(mkdir(a, 0700) | mkdir(b, 0700), 0);
	write_model(a, &small);
	write_model(b, &small);
	same_files(a, b, true);
	other.seed = 4;
	write_model(b, &other);
	same_files(a, b, false);
	free(a);
	free(b);
}

/* What Hugging Face wants to find. */
static void config_file(void **state)
{
	static const struct {
		const char *key, *text;
	} expected[] = {
		{"architectures", "[\"LlamaForCausalLM\"]"},
		{"model_type", "\"llama\""},
		{"hidden_act", "\"silu\""},
		{"torch_dtype", "\"float32\""},
		{"tie_word_embeddings", "true"},
		{"rms_norm_eps", "1e-06"},
		{"rope_theta", "5000.0"},
		{"rope_scaling", "null"},
		{"num_key_value_heads", "2"},
		{"eos_token_id", "1"},
	};
	char *path = tempdir_path(*state, "config.json");
	json_t *config;

	write_model(*state, &small);
	config = json_load_file(path, 0, NULL);
	assert_non_null(config);
	for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
		json_t *value = json_loads(expected[i].text, JSON_DECODE_ANY, NULL);

		if (!json_equal(json_object_get(config, expected[i].key), value))
			fail_msg("%s is not %s", expected[i].key, expected[i].text);
		json_decref(value);
	}
	json_decref(config);
	free(path);
}

static void refusals(void **state)
{
	static const struct {
		size_t hidden, heads, kv_heads, intermediate;
		uint32_t eos;
		const char *says;
	} cases[] = {
		{50, 4, 4, 96, 1, "50 cannot be split evenly over 4 heads"},
		{48, 0, 1, 96, 1, "0 heads"},
		{12, 4, 4, 96, 1, "odd size 3"},
		{48, 4, 3, 96, 1, "4 attention heads cannot share 3"},
		{48, 4, 0, 96, 1, "cannot share 0"},
		{48, 4, 4, 96, 300, "has no tokens 0 and 300"},
		{48, 4, 4, 1, 1, "intermediate_size"},
		{1 << 21, 4, 4, 96, 1, "hidden_size"},
	};
	struct err err;
	char *path;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fresh_model m = small;

		m.hidden = cases[i].hidden;
		m.heads = cases[i].heads;
		m.kv_heads = cases[i].kv_heads;
		m.intermediate = cases[i].intermediate;
		m.eos = cases[i].eos;
		check_refused(fresh_model_write(*state, &m, &err), &err, ERR_VALUE, cases[i].says);
	}
	path = tempdir_path(*state, "none");
	check_refused(fresh_model_write(path, &small, &err), &err, ERR_IO, "none");
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_tempdir(loads),
		in_tempdir(untied),
		in_tempdir(weights),
		in_tempdir(seeds),
		in_tempdir(config_file),
		in_tempdir(refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
