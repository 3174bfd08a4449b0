/*
 * Parameters that an adapter holds whole: what its files may call them, what is kept when it is written again, and what
 * is refused, which leaves the model as it was. tests/num/t_architectures.c has what they compute.
 */
#include <math.h>

#include "loramaker.h"
#include "modelcheck.h"
#include "store/file.h"
#include "store/json.h"

#define HIDDEN 24

/* An adapter of v_proj in layer 0, and room for whole parameters. */
struct setting {
	struct tiny t;
	struct loramaker l;
	struct lm *lm;
};

static void set_up(struct setting *s, bool tied)
{
	struct tiny_shape shape = plain;

	shape.tied = tied;
	tiny_init(&s->t, &shape, 5);
	tiny_write(&s->t);
	loramaker_init(&s->l, 2, 4, 6);
	loramaker_set(&s->l, "target_modules", "\".*0.self_attn.v_proj\"");
	loramaker_add(&s->l, &s->t, 0, "self_attn.v_proj", 2, 2, DTYPE_F32);
	s->lm = open_model(&s->t);
}

static void tear_down(struct setting *s)
{
	lm_close(s->lm);
	loramaker_release(&s->l);
	tiny_release(&s->t);
}

/* A parameter [rows, cols] of random values, cols 0: a vector. */
static const float *add(struct setting *s, const char *name, size_t rows, size_t cols)
{
	size_t n = rows * (cols == 0 ? 1 : cols);
	struct tensor t = {.name = xstrdup(name), .dtype = DTYPE_F32, .dims = cols == 0 ? 1 : 2, .shape = {rows, cols}};
	float *values = xcalloc(n, sizeof(*values));

	for (size_t i = 0; i < n; i++)
		values[i] = (float)rng_uniform(&s->l.rng) - 0.5F;
	t.data = values;
	vec_push(&s->l.tensors, t);
	return values;
}

static int adapt(struct setting *s, struct err *err)
{
	loramaker_write(&s->l);
	return transformer_adapt(s->lm, s->l.dir, err);
}

static void names_of_other_versions(void **state)
{
	static const char *const names[] = {"base_model.model.lm_head.weight", "lm_head.weight",
		"base_model.model.lm_head.default.weight", "base_model.model.lm_head.modules_to_save.weight",
		"base_model.model.lm_head.modules_to_save.default.weight"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct setting s;
		struct err err;
		const float *head;

		set_up(&s, false);
		loramaker_set(&s.l, "modules_to_save", "[\"lm_head\"]");
		head = add(&s, names[i], plain.vocab, HIDDEN);
		check_ok(adapt(&s, &err), &err);
		assert_int_equal(transformer_adapter(s.lm)->n_saved, 1);
		assert_memory_equal(transformer_params(s.lm)->head->tensor.data, head, HIDDEN * sizeof(*head));
		tear_down(&s);
	}
}

/* PEFT saves whole what is named to be adapted too. */
static void targets_that_are_saved(void **state)
{
	struct setting s;
	struct err err;

	(void)state;
	set_up(&s, false);
	loramaker_set(&s.l, "target_modules", "[\"0.self_attn.v_proj\", \"lm_head\", \"1.mlp.up_proj\"]");
	loramaker_set(&s.l, "modules_to_save", "[\"lm_head\", \"1.mlp\"]");
	add(&s, "base_model.model.lm_head.weight", plain.vocab, HIDDEN);
	add(&s, "base_model.model.model.layers.1.mlp.gate_proj.weight", plain.intermediate, HIDDEN);
	add(&s, "base_model.model.model.layers.1.mlp.up_proj.weight", plain.intermediate, HIDDEN);
	add(&s, "base_model.model.model.layers.1.mlp.down_proj.weight", HIDDEN, plain.intermediate);
	check_ok(adapt(&s, &err), &err);
	assert_int_equal(transformer_adapter(s.lm)->n, 1);
	assert_int_equal(transformer_adapter(s.lm)->n_saved, 4);
	loramaker_set(&s.l, "modules_to_save", "[\"1.mlp\"]");
	check_refused(adapt(&s, &err), &err, ERR_UNSUPPORTED, "an adapter beside 'lm_head' is not computed");
	tear_down(&s);
}

static void check_pair(const struct lm *lm, bool tied, bool in_head, const float *values)
{
	const struct params *p = transformer_params(lm);

	assert_int_equal(transformer_config(lm)->tied, tied);
	assert_int_equal(p->head == p->embed, tied);
	assert_memory_equal(
		in_head ? p->head->tensor.data : p->embed->tensor.data, values, HIDDEN * sizeof(*values));
}

/* The pair is parted by what is trained of it, and comes together again with the next adapter. Written and
 * opened, each is as it was. */
static void tied_pairs(void **state)
{
	static const struct {
		const char *saved, *keep, *name;
		bool tied;
	} cases[] = {
		{"[\"lm_head\"]", "false", "lm_head.weight", false},
		{"[\"embed_tokens\"]", "null", "model.embed_tokens.weight", false},
		{"[\"embed_tokens\"]", "true", "model.embed_tokens.weight", true},
		{"[\"embed_tokens\", \"lm_head\"]", "true", "model.embed_tokens.weight", true},
		{"[\"embed_tokens\"]", "true", "lm_head.weight", true},
		{"[\"lm_head\"]", "true", "lm_head.weight", true},
		{"null", "null", "model.embed_tokens.weight", true},
		{"null", "null", "lm_head.weight", true},
	};
	struct setting s;
	struct err err;

	(void)state;
	set_up(&s, true);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		bool in_head = *cases[i].name == 'l';
		const float *values;

		s.l.tensors.n = 2;
		loramaker_set(&s.l, "modules_to_save", cases[i].saved);
		loramaker_set(&s.l, "ensure_weight_tying", cases[i].keep);
		values = add(&s, cases[i].name, plain.vocab, HIDDEN);
		check_ok(adapt(&s, &err), &err);
		check_pair(s.lm, cases[i].tied, in_head, values);
		check_ok(adapter_save(transformer_adapter(s.lm), s.l.dir, "base", &err), &err);
		check_ok(transformer_adapt(s.lm, s.l.dir, &err), &err);
		check_pair(s.lm, cases[i].tied, in_head, values);
		free((char *)s.l.tensors.at[2].name);
		free((void *)s.l.tensors.at[2].data);
	}
	s.l.tensors.n = 2;
	loramaker_set(&s.l, "modules_to_save", "[]");
	check_ok(adapt(&s, &err), &err);
	assert_true(transformer_config(s.lm)->tied);
	assert_true(transformer_params(s.lm)->head == transformer_params(s.lm)->embed);
	tear_down(&s);
}

static void other_vocabularies(void **state)
{
	struct setting s;
	struct err err;

	(void)state;
	set_up(&s, false);
	add(&s, "base_model.model.model.embed_tokens.weight", plain.vocab + 7, HIDDEN);
	check_refused(adapt(&s, &err), &err, ERR_FORMAT, "holds one of the two only");
	add(&s, "base_model.model.lm_head.weight", plain.vocab + 7, HIDDEN);
	check_ok(adapt(&s, &err), &err);
	assert_int_equal(s.lm->vocab, plain.vocab + 7);
	assert_int_equal(transformer_config(s.lm)->vocab, plain.vocab + 7);
	s.l.tensors.at[2].shape[0] = s.l.tensors.at[3].shape[0] = 3;
	check_ok(adapt(&s, &err), &err);
	assert_int_equal(s.lm->vocab, 3);
	s.l.tensors.at[3].shape[0] = 4;
	check_refused(adapt(&s, &err), &err, ERR_FORMAT, "the embedding has 3 rows with this adapter");
	s.l.tensors.at[2].shape[0] = s.l.tensors.at[3].shape[0] = 2;
	check_refused(adapt(&s, &err), &err, ERR_VALUE, "a vocabulary of 2 tokens, and the model's EOS is token 2");
	assert_int_equal(s.lm->vocab, 3);
	s.l.tensors.at[2].shape[0] = s.l.tensors.at[3].shape[0] = 1;
	check_refused(adapt(&s, &err), &err, ERR_FORMAT, "has the shape [1, 24]");
	tear_down(&s);
}

static void what_does_not_fit(void **state)
{
	static const struct {
		const char *saved, *name;
		size_t rows, cols;
		const char *part;
	} cases[] = {
		{"[\"norm\"]", "base_model.model.model.norm.weight", HIDDEN + 1, 0, "has the shape [25], and"},
		{"[\"norm\"]", "base_model.model.model.norm.weight", HIDDEN, 1, "has the shape [24, 1], and"},
		{"[\"norm\"]", "base_model.model.model.layers.0.input_layernorm.weight", HIDDEN, 0,
			"'base_model.model.model.norm.weight' is missing"},
		{"[\"lm_head\"]", "base_model.model.model.norm.weight", HIDDEN, 0, "lm_head.weight' is missing"},
		{"[\"embed_tokens\"]", "base_model.model.model.embed_tokens.weight", 9, HIDDEN + 2,
			"has the shape [9, 26], and for this model it must be [9, 24]"},
		{"[\"up_proj\"]", "base_model.model.model.layers.0.mlp.up_proj.weight", 40, HIDDEN,
			"layers.1.mlp.up_proj.weight' is missing"},
		{"null", "base_model.model.model.norm.weight", HIDDEN, 0, "norm.weight' is left over"},
		{"[\"classifier\"]", "base_model.model.score.weight", HIDDEN, 2, "score.weight' is left over"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct setting s;
		struct err err;

		set_up(&s, i % 2 == 0);
		loramaker_set(&s.l, "modules_to_save", cases[i].saved);
		add(&s, cases[i].name, cases[i].rows, cases[i].cols);
		check_refused(adapt(&s, &err), &err, ERR_FORMAT, cases[i].part);
		assert_null(transformer_adapter(s.lm));
		assert_int_equal(transformer_config(s.lm)->tied, i % 2 == 0);
		tear_down(&s);
	}
}

/* Keys that we know nothing of, expressions and all: written as they were read. */
static void keys_are_kept(void **state)
{
	struct setting s;
	struct json_doc doc;
	char *path;
	struct err err;

	(void)state;
	set_up(&s, false);
	loramaker_set(&s.l, "modules_to_save", "[\"lm_head\"]");
	loramaker_set(&s.l, "base_model_name_or_path", "\"meta/llama\"");
	loramaker_set(&s.l, "rank_pattern", "{\"[a-z]_proj\": 2}");
	loramaker_set(&s.l, "something_new", "{\"deep\": [1, 2.5, null]}");
	add(&s, "base_model.model.lm_head.weight", plain.vocab, HIDDEN);
	check_ok(adapt(&s, &err), &err);
	check_ok(adapter_save(transformer_adapter(s.lm), s.l.dir, "elsewhere", &err), &err);
	path = file_join(s.l.dir, "adapter_config.json");
	check_ok(json_doc_read(&doc, path, &err), &err);
	assert_true(json_equal(doc.json, s.l.config));
	json_doc_release(&doc);
	free(path);
	tear_down(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_other_versions),
		cmocka_unit_test(targets_that_are_saved),
		cmocka_unit_test(tied_pairs),
		cmocka_unit_test(other_vocabularies),
		cmocka_unit_test(what_does_not_fit),
		cmocka_unit_test(keys_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
