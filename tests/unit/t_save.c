/* Saved models: shards that come back as one, and what is refused. */
#include "tempdir.h"

#include <math.h>

#include "model/fresh.h"
#include "model/save.h"
#include "model/transformer.h"
#include "model/weights.h"
#include "store/file.h"

static const struct fresh_model small = {
	.vocab = 300,
	.hidden = 48,
	.layers = 3,
	.heads = 4,
	.kv_heads = 2,
	.intermediate = 96,
	.max_positions = 64,
	.bos = 0,
	.eos = 1,
	.tied = 1,
	.rope_theta = 10000,
	.seed = 3,
};

struct model {
	struct kern *kern;
	struct lm *lm;
};

static void model_open(struct model *m, const char *path)
{
	struct err err;

	check_ok(kern_new(&m->kern, 1, &err), &err);
	check_ok(transformer_open(&m->lm, path, m->kern, &err), &err);
}

static void model_close(struct model *m)
{
	lm_close(m->lm);
	kern_free(m->kern);
}

static struct save save_of(const struct model *m)
{
	return (struct save){
		.config = transformer_config(m->lm), .params = transformer_params(m->lm), .dtype = DTYPE_COUNT};
}

/* A folder of its own for each test: the fresh model in it, opened. */
static char *begin(void **state, const char *name, struct model *m)
{
	char *dir = tempdir_path(*state, name);
	struct err err;

	assert_int_equal(mkdir(dir, 0700), 0);
	check_ok(fresh_model_write(dir, &small, &err), &err);
	model_open(m, dir);
	return dir;
}

static void same_values(const struct model *a, const struct model *b)
{
	const struct params *p = transformer_params(a->lm), *q = transformer_params(b->lm);

	assert_int_equal(p->n, q->n);
	for (size_t i = 0; i < p->n; i++) {
		assert_string_equal(p->at[i].name, q->at[i].name);
		assert_int_equal(p->at[i].tensor.dtype, q->at[i].tensor.dtype);
		assert_memory_equal(p->at[i].tensor.data, q->at[i].tensor.data, tensor_bytes(&p->at[i].tensor));
	}
}

static void shards(void **state)
{
	struct file_names names = {0};
	struct model m, back;
	char *dir = begin(state, "whole", &m), *to = tempdir_path(*state, "parts"), *index;
	struct save s = save_of(&m);
	json_t *json;
	struct err err;

	assert_int_equal(mkdir(to, 0700), 0);
	s.shard = 60000; /* the embedding alone has 57,600 bytes */
	check_ok(save_hf(&s, to, &err), &err);
	check_ok(file_list(&names, to, "model-0000?-of-00006.safetensors", &err), &err);
	assert_int_equal(names.n, 6); /* of 307,776 bytes; no shard can be filled */
	assert_false(file_exists_in(to, "model.safetensors"));
	index = tempdir_path(to, "model.safetensors.index.json");
	json = json_load_file(index, 0, NULL);
	assert_int_equal(json_object_size(json_object_get(json, "weight_map")), s.params->n);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(json, "metadata"), "total_size")),
		4 * s.params->elements);
	json_decref(json);
	model_open(&back, to);
	same_values(&m, &back);
	model_close(&back);
	model_close(&m);
	file_names_release(&names);
	free(index);
	free(to);
	free(dir);
}

/* A shard holds one tensor at least. */
static void a_tensor_may_be_larger_than_a_shard(void **state)
{
	struct model m, back;
	char *dir = begin(state, "large", &m), *to = tempdir_path(*state, "one-each");
	struct save s = save_of(&m);
	struct err err;

	assert_int_equal(mkdir(to, 0700), 0);
	s.shard = 1;
	check_ok(save_hf(&s, to, &err), &err);
	model_open(&back, to);
	same_values(&m, &back);
	model_close(&back);
	model_close(&m);
	free(to);
	free(dir);
}

/* Rows of 48 are no whole blocks of 32, those of 96 are. */
static void types_of_a_gguf_file(void **state)
{
	static const struct {
		enum dtype asked;
		enum param_role role;
		enum dtype given;
	} expected[] = {
		{DTYPE_COUNT, PARAM_EMBED, DTYPE_F32},
		{DTYPE_F16, PARAM_EMBED, DTYPE_F16},
		{DTYPE_F16, PARAM_NORM, DTYPE_F32},
		{DTYPE_BF16, PARAM_Q, DTYPE_BF16},
		{DTYPE_Q8_0, PARAM_Q, DTYPE_F16},
		{DTYPE_Q8_0, PARAM_DOWN, DTYPE_Q8_0},
		{DTYPE_Q8_0, PARAM_ATTN_NORM, DTYPE_F32},
	};
	struct model m;
	char *dir = begin(state, "types", &m);
	struct save s = save_of(&m);

	for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
		s.dtype = expected[i].asked;
		for (size_t k = 0; k < s.params->n; k++) {
			if (s.params->at[k].role == expected[i].role)
				assert_int_equal(save_gguf_dtype(&s, k), expected[i].given);
		}
	}
	model_close(&m);
	free(dir);
}

static int write_gguf(const struct save *s, const char *path, struct err *err)
{
	struct gguf_writer w;
	int rc = gguf_writer_init(&w, path, err);

	if (rc == 0) {
		gguf_put_str(&w, "general.architecture", s->config->arch->gguf);
		rc = save_gguf(s, &w, err);
	}
	if (rc == 0)
		rc = gguf_writer_commit(&w, err);
	gguf_writer_release(&w);
	return rc;
}

/* Llama and Mistral have one name in GGUF, and a directory says only of Mistral that its attention slides. */
static void windows_are_kept(void **state)
{
	struct model m, again;
	char *dir = begin(state, "window", &m), *path = tempdir_path(*state, "window.gguf");
	struct save s = save_of(&m);
	struct model_config config = *s.config;
	struct err err;

	config.arch = architecture_find("mistral");
	config.window = 7;
	s.config = &config;
	check_ok(write_gguf(&s, path, &err), &err);
	model_open(&again, path);
	assert_string_equal(transformer_config(again.lm)->arch->type, "mistral");
	assert_int_equal(transformer_config(again.lm)->window, 7);
	model_close(&again);
	model_close(&m);
	free(path);
	free(dir);
}

static void refusals(void **state)
{
	struct model m;
	char *dir = begin(state, "refused", &m), *path = tempdir_path(*state, "refused.gguf");
	char *to = tempdir_path(*state, "refused-to");
	struct save s = save_of(&m);
	struct model_config config = *s.config;
	cancel_flag cancel = true;
	struct err err;

	assert_int_equal(mkdir(to, 0700), 0);
	s.config = &config;
	s.cancel = &cancel;
	check_refused(write_gguf(&s, path, &err), &err, ERR_CANCELLED, "cancelled");
	check_refused(save_hf(&s, to, &err), &err, ERR_CANCELLED, "cancelled");
	s.cancel = NULL;
	config.rope.kind = ROPE_FACTORS;
	check_refused(save_hf(&s, to, &err), &err, ERR_UNSUPPORTED, "write a .gguf file");
	config.rope.kind = ROPE_PLAIN;
	config.qkv_bias = !config.o_bias;
	check_refused(save_hf(&s, to, &err), &err, ERR_UNSUPPORTED, "a part has biases");
	config.rope = (struct rope_config){.kind = ROPE_YARN,
		.theta = 10000,
		.factor = 4,
		.original_positions = 16,
		.attention_factor = 1,
		.beta_fast = 32,
		.beta_slow = 1,
		.truncate = true};
	check_refused(write_gguf(&s, path, &err), &err, ERR_UNSUPPORTED, "write a directory");
	assert_false(file_exists(path));
	model_close(&m);
	free(to);
	free(path);
	free(dir);
}

/* Values that a type cannot hold are named, and so is what can. */
static void values_that_do_not_fit(void **state)
{
	static const struct {
		enum dtype dtype;
		float value;
		const char *message;
	} cases[] = {
		{DTYPE_F16, 70000.0f, "holds 70000, more than F16 can: save it as BF16 or F32"},
		{DTYPE_BF16, 3.4e38f, "more than BF16 can: save it as F32"},
		{DTYPE_Q8_0, NAN, "which Q8_0 cannot: save it as F32"},
		{DTYPE_Q8_0, 1e30f, "more than Q8_0 can: save it as BF16 or F32"},
	};
	struct model m;
	char *dir = begin(state, "range", &m), *path = tempdir_path(*state, "range.gguf");
	struct save s = save_of(&m);
	struct params params = *s.params;
	struct err err;

	params.at = xcalloc(params.n, sizeof(*params.at));
	memcpy(params.at, s.params->at, params.n * sizeof(*params.at));
	s.params = &params;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		for (size_t k = 0; k < params.n; k++) {
			struct param *p = &params.at[k];
			float *values;

			if (p->role != PARAM_DOWN || p->layer != 2)
				continue;
			values = xcalloc(p->rows * p->cols, sizeof(*values));
			values[p->rows * p->cols - 1] = cases[i].value;
			p->tensor.data = values;
			s.dtype = cases[i].dtype;
			check_refused(write_gguf(&s, path, &err), &err, ERR_VALUE, cases[i].message);
			assert_non_null(strstr(err.msg, p->name));
			free(values);
		}
	}
	assert_false(file_exists(path));
	free(params.at);
	model_close(&m);
	free(path);
	free(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_tempdir(shards),
		in_tempdir(a_tensor_may_be_larger_than_a_shard),
		in_tempdir(types_of_a_gguf_file),
		in_tempdir(windows_are_kept),
		in_tempdir(refusals),
		in_tempdir(values_that_do_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
