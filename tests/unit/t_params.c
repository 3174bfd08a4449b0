/*
 * The table of architectures and the parameters that it makes: what is called what, of which shape, and that the parts
 * of a description agree with each other.
 */
#include "check.h"

#include <string.h>

#include "base/mem.h"
#include "model/params.h"

static struct model_config config_of(const char *type)
{
	struct model_config c = {
		.arch = architecture_find(type),
		.vocab = 50,
		.hidden = 24,
		.layers = 3,
		.heads = 4,
		.kv_heads = 2,
		.head_dim = 6,
		.intermediate = 40,
		.max_positions = 64,
		.qkv_bias = true,
		.o_bias = true,
		.mlp_bias = true,
	};

	assert_non_null(c.arch);
	if (c.arch->names[PARAM_QKV] != NULL)
		c.kv_heads = c.heads;
	return c;
}

static const struct param *find(const struct params *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++) {
		if (strcmp(p->at[i].name, name) == 0)
			return &p->at[i];
	}
	fail_msg("there is no parameter '%s'", name);
	return NULL;
}

static void expect(const struct params *p, const char *name, size_t rows, size_t cols, bool transposed)
{
	const struct param *at = find(p, name);

	if (at->rows != rows || at->cols != cols || at->transposed != transposed)
		fail_msg("'%s' is [%zu, %zu]%s", name, at->rows, at->cols, at->transposed ? ", transposed" : "");
}

static void test_gpt2(void **state)
{
	struct model_config c = config_of("gpt2");
	struct params p;
	struct err err;

	(void)state;
	c.tied = true;
	check_ok(params_init(&p, &c, &err), &err);
	assert_int_equal(p.n, 2 + 3 * 12 + 2);
	expect(&p, "transformer.wte.weight", 50, 24, false);
	expect(&p, "transformer.wpe.weight", 64, 24, false);
	expect(&p, "transformer.h.0.ln_1.bias", 24, 1, false);
	expect(&p, "transformer.h.1.attn.c_attn.weight", 72, 24, true);
	expect(&p, "transformer.h.1.attn.c_attn.bias", 72, 1, false);
	expect(&p, "transformer.h.2.attn.c_proj.weight", 24, 24, true);
	expect(&p, "transformer.h.2.mlp.c_fc.weight", 40, 24, true);
	expect(&p, "transformer.h.2.mlp.c_proj.weight", 24, 40, true);
	expect(&p, "transformer.ln_f.weight", 24, 1, false);
	assert_ptr_equal(p.head, p.embed);
	assert_ptr_equal(p.layers[1].qkv, find(&p, "transformer.h.1.attn.c_attn.weight"));
	assert_true(p.layers[1].q == NULL && p.layers[1].gate == NULL && p.layers[1].q_norm == NULL);
	assert_int_equal(p.layers[1].qkv->layer, 1);
	assert_int_equal(p.positions->layer, PARAM_NO_LAYER);
	assert_int_equal(p.elements, 24 * (50 + 64 + 2) + 3 * (24 * (72 + 24 + 40 + 40) + 72 + 24 + 40 + 24 + 4 * 24));
	params_release(&p);
}

static void test_qwen3(void **state)
{
	struct model_config c = config_of("qwen3");
	struct params p;
	struct err err;

	(void)state;
	c.qkv_bias = c.o_bias = c.mlp_bias = false;
	check_ok(params_init(&p, &c, &err), &err);
	assert_int_equal(p.n, 1 + 3 * 11 + 2);
	expect(&p, "model.layers.2.self_attn.q_norm.weight", 6, 1, false);
	expect(&p, "model.layers.2.self_attn.k_norm.weight", 6, 1, false);
	expect(&p, "model.layers.0.self_attn.k_proj.weight", 12, 24, false);
	expect(&p, "lm_head.weight", 50, 24, false);
	assert_null(p.positions);
	assert_null(p.norm_bias);
	params_release(&p);
}

/* Does a list with commas name the module of a parameter, "h.0.attn.c_attn.weight", by its last part? */
static bool lists(const char *list, const char *name)
{
	const char *end = strrchr(name, '.'), *at = end;
	bool found = false;
	char *words = xstrdup(list), *rest = words, *word;

	while (at[-1] != '.')
		at--;
	while ((word = strtok_r(rest, ",", &rest)) != NULL)
		found |= strlen(word) == (size_t)(end - at) && strncmp(word, at, (size_t)(end - at)) == 0;
	free(words);
	return found;
}

static void test_descriptions_agree(void **state)
{
	static const char *const types[] = {"llama", "mistral", "qwen2", "qwen3", "gpt2"};

	(void)state;
	for (size_t t = 0; t < ARRAY_LEN(types); t++) {
		struct model_config c = config_of(types[t]);
		struct params p;
		struct err err;
		size_t targets = 0;

		assert_ptr_equal(
			architecture_find_gguf(c.arch->gguf, false)->names[PARAM_EMBED], c.arch->names[PARAM_EMBED]);
		assert_int_equal(c.arch->norm == NORM_LAYER, c.arch->names[PARAM_NORM_BIAS] != NULL);
		assert_true((c.arch->names[PARAM_QKV] != NULL) != (c.arch->names[PARAM_Q] != NULL));
		check_ok(params_init(&p, &c, &err), &err);
		for (size_t i = 0; i < p.n; i++) {
			const struct param *at = &p.at[i];

			assert_ptr_equal(find(&p, at->name), at);
			assert_int_equal(role_is_vector(at->role), at->cols == 1);
			assert_true(!role_is_bias(at->role) || strcmp(at->name + strlen(at->name) - 5, ".bias") == 0);
			assert_int_equal(role_is_map(at->role), lists(c.arch->linear, at->name) && at->cols > 1);
			targets += at->cols > 1 && lists(c.arch->targets, at->name);
		}
		assert_int_not_equal(targets, 0);
		params_release(&p);
	}
	assert_null(architecture_find("gemma2"));
	assert_null(architecture_find_gguf("bert", false));
	assert_string_equal(architecture_find_gguf("llama", false)->type, "llama");
	assert_string_equal(architecture_find_gguf("llama", true)->type, "mistral");
	assert_string_equal(architecture_find_gguf("gpt2", true)->type, "gpt2");
}

static void test_list_of_types(void **state)
{
	char text[64], little[12];

	(void)state;
	architecture_list(text, sizeof(text));
	assert_string_equal(text, "llama, mistral, qwen2, qwen3 and gpt2");
	architecture_list(little, sizeof(little));
	assert_string_equal(little, "llama, mist");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gpt2),
		cmocka_unit_test(test_qwen3),
		cmocka_unit_test(test_descriptions_agree),
		cmocka_unit_test(test_list_of_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
