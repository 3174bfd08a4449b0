/*
 * Adapters over a live model: they give what the model gives into which they were merged in double; what PEFT may write
 * is read as PEFT means it; what does not fit, or is not computed here, is refused in one sentence and leaves the model
 * as it was.
 */
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "loramaker.h"
#include "modelcheck.h"
#include "store/file.h"

static const char *const modules[] = {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj",
	"mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"};

/* A model and an adapter to be; the model's file is written before anything is merged into its tensors. */
struct setting {
	struct tiny t;
	struct loramaker l;
};

static void set_up(struct setting *s, const struct tiny_shape *shape, size_t r, double alpha, uint64_t seed)
{
	tiny_init(&s->t, shape, seed);
	tiny_write(&s->t);
	loramaker_init(&s->l, r, alpha, seed + 1);
}

static void tear_down(struct setting *s)
{
	loramaker_release(&s->l);
	tiny_release(&s->t);
}

/* Compares a prompt of so many tokens, and nodes below it, with the plain pass. */
static void check_logits(struct lm *lm, struct tiny *t, size_t n)
{
	struct vec_u32 tokens = {0};
	lm_node node = LM_PROMPT;
	struct rng rng;
	struct err err;

	rng_seed(&rng, n);
	random_tokens(&tokens, &rng, n, lm->vocab);
	check_ok(lm_prompt(lm, tokens.at, n, &err), &err);
	check_node(lm, t, node, &tokens);
	for (size_t i = 0; i < 5; i++) {
		random_tokens(&tokens, &rng, 1, lm->vocab);
		node = lm_child(lm, node, tokens.at[tokens.n - 1]);
		if (i != 2)
			check_node(lm, t, node, &tokens);
	}
	vec_release(&tokens);
}

/* The adapter that was made, over the model as it is stored, gives what the merged model gives. */
static void check_adapted(struct setting *s)
{
	struct lm *lm = open_model(&s->t);
	struct err err;

	loramaker_write(&s->l);
	check_ok(transformer_adapt(lm, s->l.dir, &err), &err);
	assert_int_equal(transformer_adapter(lm)->n, s->l.tensors.n / 2);
	check_logits(lm, &s->t, 1);
	check_logits(lm, &s->t, 30);
	lm_close(lm);
}

static void every_matrix_in_every_type(void **state)
{
	static const enum dtype types[] = {DTYPE_F32, DTYPE_F16, DTYPE_BF16};

	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(types); k++) {
		struct tiny_shape shape = plain;
		struct setting s;

		shape.attention_bias = shape.mlp_bias = k == 1;
		shape.tied = k == 2;
		set_up(&s, &shape, 5, 10, 40 + k);
		loramaker_set(&s.l, "target_modules",
			k == 0 ? "\"all-linear\""
			       : "[\"up_proj\", \"q_proj\", \"down_proj\", \"k_proj\", "
				 "\"o_proj\", \"v_proj\", \"gate_proj\"]");
		for (size_t layer = 0; layer < shape.layers; layer++)
			for (size_t m = 0; m < ARRAY_LEN(modules); m++)
				loramaker_add(&s.l, &s.t, layer, modules[m], 5, 2, types[k]);
		check_adapted(&s);
		tear_down(&s);
	}
}

static void one_matrix_alone(void **state)
{
	(void)state;
	for (size_t m = 0; m < ARRAY_LEN(modules); m++) {
		/* A list may be for several kinds of models. */
		char *target = xasprintf("[\"query_key_value\", \"model.layers.1.%s\"]", modules[m]);
		struct setting s;

		set_up(&s, &plain, 1 + 3 * m, 4, 50 + m);
		loramaker_set(&s.l, "target_modules", target);
		loramaker_add(&s.l, &s.t, 1, modules[m], 1 + 3 * m, 4 / (1 + 3 * (double)m), DTYPE_F32);
		check_adapted(&s);
		tear_down(&s);
		free(target);
	}
}

/* Scale is α / sqrt(r) then, with the ranks and alphas of the first pattern that fits. */
static void ranks_and_alphas_of_their_own(void **state)
{
	struct setting s;

	(void)state;
	set_up(&s, &plain, 4, 6, 60);
	loramaker_set(&s.l, "use_rslora", "true");
	loramaker_set(&s.l, "rank_pattern",
		"{\"1.self_attn.q_proj\": 9, \"q_proj\": 2, \"^model.layers.0.self_attn.v_proj\": 7, \"^v_proj\": 1}");
	loramaker_set(&s.l, "alpha_pattern", "{\"layers.2.self_attn.v_proj\": 3, \"proj\": 100, \"oj\": 100}");
	loramaker_add(&s.l, &s.t, 0, "self_attn.q_proj", 2, 6 / sqrt(2), DTYPE_F32);
	loramaker_add(&s.l, &s.t, 0, "self_attn.v_proj", 7, 6 / sqrt(7), DTYPE_F32);
	loramaker_add(&s.l, &s.t, 1, "self_attn.q_proj", 9, 6 / sqrt(9), DTYPE_F32);
	loramaker_add(&s.l, &s.t, 1, "self_attn.v_proj", 4, 6 / sqrt(4), DTYPE_F32);
	loramaker_add(&s.l, &s.t, 2, "self_attn.q_proj", 2, 6 / sqrt(2), DTYPE_F32);
	loramaker_add(&s.l, &s.t, 2, "self_attn.v_proj", 4, 3 / sqrt(4), DTYPE_F32);
	check_adapted(&s);
	tear_down(&s);
}

static void some_layers_and_exclusions(void **state)
{
	static const struct {
		const char *layers, *excluded, *pattern;
		bool there[3][2]; /* q, v of each layer */
	} cases[] = {
		{"[0, 2]", "null", "null", {{true, true}, {false, false}, {true, true}}},
		{"1", "[]", "\"layers\"", {{false, false}, {true, true}, {false, false}}},
		{"null", "[\"0.self_attn.q_proj\", \"k_proj\"]", "[\"layers\"]",
			{{false, true}, {true, true}, {true, true}}},
		{"[2, 1]", "[\"q_proj\"]", "[]", {{false, false}, {false, true}, {false, true}}},
	};

	(void)state;
	for (size_t c = 0; c < ARRAY_LEN(cases); c++) {
		struct setting s;

		set_up(&s, &plain, 3, 6, 70 + c);
		loramaker_set(&s.l, "layers_to_transform", cases[c].layers);
		loramaker_set(&s.l, "exclude_modules", cases[c].excluded);
		loramaker_set(&s.l, "layers_pattern", cases[c].pattern);
		for (size_t layer = 0; layer < 3; layer++) {
			if (cases[c].there[layer][0])
				loramaker_add(&s.l, &s.t, layer, "self_attn.q_proj", 3, 2, DTYPE_F32);
			if (cases[c].there[layer][1])
				loramaker_add(&s.l, &s.t, layer, "self_attn.v_proj", 3, 2, DTYPE_F32);
		}
		check_adapted(&s);
		tear_down(&s);
	}
}

/* Targets and exclusions are expressions for whole names, patterns for their ends. */
static void expressions(void **state)
{
	struct setting s;

	(void)state;
	set_up(&s, &plain, 4, 6, 75);
	loramaker_set(&s.l, "target_modules", "\".*\\\\.[12]\\\\.(self_attn\\\\.[qv]|mlp\\\\.up)_proj\"");
	loramaker_set(&s.l, "exclude_modules", "\".*2.*v_pro.\"");
	loramaker_set(&s.l, "rank_pattern", "{\"l.*2.*q_proj\": 2, \"[qu]p?_proj\": 3}");
	loramaker_set(&s.l, "alpha_pattern", "{\"(q|v)_proj|none\": 12}");
	loramaker_set(&s.l, "fan_in_fan_out", "true");
	loramaker_add(&s.l, &s.t, 1, "self_attn.q_proj", 3, 12.0 / 3, DTYPE_F32);
	loramaker_add(&s.l, &s.t, 1, "self_attn.v_proj", 4, 12.0 / 4, DTYPE_F32);
	loramaker_add(&s.l, &s.t, 1, "mlp.up_proj", 3, 6.0 / 3, DTYPE_F32);
	loramaker_add(&s.l, &s.t, 2, "self_attn.q_proj", 2, 12.0 / 2, DTYPE_F32);
	loramaker_add(&s.l, &s.t, 2, "mlp.up_proj", 3, 6.0 / 3, DTYPE_F32);
	check_adapted(&s);
	tear_down(&s);
}

/* As a program writes it that trains many kinds of models. */
static void a_long_expression(void **state)
{
	struct setting s;

	(void)state;
	set_up(&s, &plain, 2, 6, 76);
	loramaker_set(&s.l, "target_modules",
		"\"(?:.*?(?:language|text).*?(?:self_attn|attention|mlp|ffn|dense).*?(?:v_proj|up_proj).*?)|"
		"(?:\\\\bmodel\\\\.layers\\\\.[\\\\d]{1,}\\\\.(?:self_attn|attention|mlp|ffn|dense)\\\\."
		"(?:(?:v_proj|up_proj)))\"");
	for (size_t layer = 0; layer < 3; layer++) {
		loramaker_add(&s.l, &s.t, layer, "self_attn.v_proj", 2, 3, DTYPE_F32);
		loramaker_add(&s.l, &s.t, layer, "mlp.up_proj", 2, 3, DTYPE_F32);
	}
	check_adapted(&s);
	tear_down(&s);
}

/* What different versions of PEFT, and other programs, call the tensors. */
static void tensors_by_their_other_names(void **state)
{
	static const char *const stems[] = {
		"base_model.model.model.layers", "model.layers", "base_model.model.layers", "layers"};

	(void)state;
	for (size_t k = 0; k < 2 * ARRAY_LEN(stems); k++) {
		struct setting s;

		set_up(&s, &plain, 2, 2, 80);
		loramaker_set(&s.l, "target_modules", "[\"mlp.up_proj\"]");
		loramaker_set(&s.l, "layers_to_transform", "[1]");
		loramaker_add(&s.l, &s.t, 1, "mlp.up_proj", 2, 1, DTYPE_F32);
		for (size_t i = 0; i < 2; i++) {
			free((char *)s.l.tensors.at[i].name);
			s.l.tensors.at[i].name = xasprintf(
				"%s.1.mlp.up_proj.lora_%c%s.weight", stems[k / 2], "AB"[i], k % 2 ? ".default" : "");
		}
		check_adapted(&s);
		tear_down(&s);
	}
}

/* A model that gives the logits of the model alone, before and after a refusal. */
static void expect_refused(struct setting *s, struct lm *lm, enum err_code code, const char *part)
{
	const struct adapter *before = transformer_adapter(lm);
	struct err err;

	check_refused(transformer_adapt(lm, s->l.dir, &err), &err, code, part);
	assert_ptr_equal(transformer_adapter(lm), before);
	assert_null(strchr(err.msg, '\n'));
}

/* The usual adapter of q_proj and v_proj, rank 3. */
static void add_usual(struct setting *s)
{
	for (size_t layer = 0; layer < 3; layer++) {
		loramaker_add(&s->l, &s->t, layer, "self_attn.q_proj", 3, 2, DTYPE_F32);
		loramaker_add(&s->l, &s->t, layer, "self_attn.v_proj", 3, 2, DTYPE_F32);
	}
}

static void configurations_that_are_refused(void **state)
{
	static const struct {
		const char *key, *json;
		enum err_code code;
		const char *part;
	} cases[] = {
		{"peft_type", "\"LOHA\"", ERR_UNSUPPORTED, "'LOHA'"},
		{"peft_type", NULL, ERR_FORMAT, "peft_type"},
		{"use_dora", "true", ERR_UNSUPPORTED, "use_dora"},
		{"bias", "\"lora_only\"", ERR_UNSUPPORTED, "'lora_only'"},
		{"bias", "3", ERR_FORMAT, "bias"},
		{"modules_to_save", "[\"lm_head\"]", ERR_FORMAT,
			"'base_model.model.lm_head.weight' is missing, and \"modules_to_save\""},
		{"modules_to_save", "[\"v_proj\"]", ERR_FORMAT, "layers.0.self_attn.v_proj.weight' is missing"},
		{"modules_to_save", "[\"\"]", ERR_FORMAT, "modules_to_save[0]"},
		{"modules_to_save", "\"lm_head\"", ERR_FORMAT, "modules_to_save"},
		{"layer_replication", "[[0, 2], [1, 3]]", ERR_UNSUPPORTED, "layer_replication"},
		{"lora_bias", "true", ERR_UNSUPPORTED, "lora_bias"},
		{"trainable_token_indices", "[1]", ERR_UNSUPPORTED, "trainable_token_indices"},
		{"init_lora_weights", "\"pissa_niter_16\"", ERR_UNSUPPORTED, "pissa_niter_16"},
		{"r", "0", ERR_FORMAT, "\"r\" must be an integer from 1"},
		{"r", "-4", ERR_FORMAT, "\"r\" must be an integer from 1"},
		{"r", "2.5", ERR_FORMAT, "\"r\" must be an integer"},
		{"r", "4", ERR_FORMAT, "has the shape [3, 24], and for this model and rank 4 it must be [4, 24]"},
		{"r", "65536", ERR_FORMAT, "must be [65536, 24]"},
		{"r", "1000000000000", ERR_FORMAT, "\"r\""},
		{"r", NULL, ERR_FORMAT, "\"r\""},
		{"lora_alpha", "\"nan\"", ERR_FORMAT, "lora_alpha"},
		{"lora_alpha", "1e300", ERR_FORMAT, "lora_alpha"},
		{"lora_alpha", NULL, ERR_FORMAT, "lora_alpha"},
		{"lora_dropout", "1.5", ERR_FORMAT, "lora_dropout"},
		{"use_rslora", "7", ERR_FORMAT, "use_rslora"},
		{"target_modules", NULL, ERR_FORMAT, "target_modules"},
		{"target_modules", "[]", ERR_FORMAT, "target_modules"},
		{"target_modules", "[5]", ERR_FORMAT, "target_modules[0]"},
		{"target_modules", "{}", ERR_FORMAT, "target_modules"},
		{"target_modules", "\".*\\\\.(q|k)_proj\"", ERR_FORMAT, "k_proj.lora_A.weight' is missing"},
		{"target_modules", "\".*\\\\.(q|v_proj\"", ERR_FORMAT,
			"target_modules\" is not understood: expression '.*"},
		{"target_modules", "\"(q|v)_proj\"", ERR_VALUE, "leaves out every matrix"},
		{"target_modules", "\"([a-z_.0-9]+)*[^a-z]\"", ERR_UNSUPPORTED, "takes too many steps"},
		{"target_modules", "\"\"", ERR_FORMAT, "target_modules"},
		{"target_modules", "[\"c_attn\", \"query_key_value\"]", ERR_VALUE, "'c_attn'"},
		{"target_modules", "[\"q_proj\", \"lm_head\"]", ERR_UNSUPPORTED, "'lm_head'"},
		{"target_modules", "[\"embed_tokens\"]", ERR_UNSUPPORTED, "'model.embed_tokens'"},
		{"target_modules", "[\"_proj\"]", ERR_VALUE, "'_proj'"},
		{"target_modules", "[\"q_proj\"]", ERR_FORMAT, "layers.0.self_attn.v_proj.lora_A.weight' is left over"},
		{"target_modules", "[\"q_proj\", \"v_proj\", \"k_proj\"]", ERR_FORMAT,
			"k_proj.lora_A.weight' is missing"},
		{"exclude_modules", "\"model.layers.*q_proj\"", ERR_FORMAT, "q_proj.lora_A.weight' is left over"},
		{"exclude_modules", "\"[\"", ERR_FORMAT, "exclude_modules"},
		{"exclude_modules", "[\"self_attn.q_proj\", \"v_proj\"]", ERR_VALUE, "leaves out every matrix"},
		{"layers_to_transform", "[0, 1]", ERR_FORMAT, "layers.2.self_attn.q_proj.lora_A.weight' is left over"},
		{"layers_to_transform", "[3]", ERR_VALUE, "layer 3"},
		{"layers_to_transform", "[\"0\"]", ERR_FORMAT, "layers_to_transform[0]"},
		{"layers_to_transform", "-1", ERR_FORMAT, "layers_to_transform"},
		{"rank_pattern", "{\".*q_pro.\": 4}", ERR_FORMAT, "must be [4, 24]"},
		{"rank_pattern", "{\"*\": 4}", ERR_FORMAT, "rank_pattern.*\" is not understood"},
		{"rank_pattern", "{\"q_proj\": 0}", ERR_FORMAT, "rank_pattern.q_proj"},
		{"rank_pattern", "{\"q_proj\": 4}", ERR_FORMAT, "must be [4, 24]"},
		{"rank_pattern", "[4]", ERR_FORMAT, "rank_pattern"},
		{"alpha_pattern", "{\"q_proj\": \"x\"}", ERR_FORMAT, "alpha_pattern.q_proj"},
		{"alpha_pattern", "{\"(\": 4}", ERR_FORMAT, "alpha_pattern"},
	};
	struct setting s;
	struct lm *lm;

	(void)state;
	set_up(&s, &plain, 3, 6, 90);
	add_usual(&s);
	lm = open_model(&s.t);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		json_t *kept = json_deep_copy(s.l.config);

		loramaker_set(&s.l, cases[i].key, cases[i].json);
		loramaker_write(&s.l);
		expect_refused(&s, lm, cases[i].code, cases[i].part);
		json_decref(s.l.config);
		s.l.config = kept;
	}
	loramaker_write(&s.l);
	lm_close(lm);
	check_adapted(&s);
	tear_down(&s);
}

/* Keys that PEFT writes and that change nothing when an adapter runs. */
static void keys_without_effect(void **state)
{
	static const char *const keys[][2] = {
		{"inference_mode", "true"},
		{"init_lora_weights", "\"gaussian\""},
		{"layer_replication", "null"},
		{"modules_to_save", "[]"},
		{"fan_in_fan_out", "true"},
		{"exclude_modules", "\".*(embed_tokens|lm_head)\""},
		{"layers_pattern", "\"blocks\""},
		{"megatron_core", "\"megatron.core\""},
		{"loftq_config", "{}"},
		{"revision", "null"},
		{"something_new", "{\"deep\": [1, 2]}"},
	};
	struct setting s;

	(void)state;
	set_up(&s, &plain, 3, 6, 91);
	add_usual(&s);
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		loramaker_set(&s.l, keys[i][0], keys[i][1]);
	check_adapted(&s);
	tear_down(&s);
}

/* Every tensor in turn is missing, has one row too many, is turned round, or has a double that belongs nowhere. */
static void weights_that_are_refused(void **state)
{
	struct setting s;
	struct lm *lm;
	struct err err;

	(void)state;
	set_up(&s, &plain, 3, 6, 92);
	add_usual(&s);
	lm = open_model(&s.t);
	loramaker_write(&s.l);
	check_ok(transformer_adapt(lm, s.l.dir, &err), &err);
	for (size_t i = 0; i < s.l.tensors.n; i++) {
		struct tensor *t = &s.l.tensors.at[i], kept = *t;
		const char *name = kept.name;

		t->name = "of.no.use";
		loramaker_write(&s.l);
		expect_refused(&s, lm, ERR_FORMAT, "missing");
		expect_refused(&s, lm, ERR_FORMAT, name);
		t->name = name;
		t->shape[0] = kept.shape[1];
		t->shape[1] = kept.shape[0];
		loramaker_write(&s.l);
		expect_refused(&s, lm, ERR_FORMAT, name);
		*t = kept;
		t->dims = 3;
		t->shape[2] = 1;
		loramaker_write(&s.l);
		expect_refused(&s, lm, ERR_FORMAT, ", 1], and for this model");
		*t = kept;
		kept.name = "base_model.model.model.layers.3.self_attn.q_proj.lora_A.weight";
		vec_push(&s.l.tensors, kept);
		loramaker_write(&s.l);
		expect_refused(&s, lm, ERR_FORMAT, "layers.3.self_attn.q_proj.lora_A.weight' is left over");
		s.l.tensors.n--;
	}
	/* The adapter that was there before all that is still at work. */
	check_logits(lm, &s.t, 10);
	lm_close(lm);
	tear_down(&s);
}

/* Both files, cut at every length, and a directory without one or the other. */
static void files_cut_short(void **state)
{
	static const char *const names[] = {"adapter_config.json", "adapter_model.safetensors"};
	struct setting s;
	struct lm *lm;

	(void)state;
	set_up(&s, &plain, 1, 2, 93);
	loramaker_set(&s.l, "target_modules", "[\"0.self_attn.v_proj\"]");
	loramaker_add(&s.l, &s.t, 0, "self_attn.v_proj", 1, 2, DTYPE_F32);
	lm = open_model(&s.t);
	loramaker_write(&s.l);
	for (size_t k = 0; k < ARRAY_LEN(names); k++) {
		char *path = file_join(s.l.dir, names[k]);
		struct buf whole = {0};
		struct err err;

		check_ok(file_read(&whole, path, 1 << 20, &err), &err);
		for (size_t len = 0; len < whole.len; len++) {
			check_ok(file_write(path, whole.at, len, &err), &err);
			expect_refused(&s, lm, ERR_FORMAT, names[k]);
		}
		assert_int_equal(unlink(path), 0);
		expect_refused(&s, lm, ERR_IO, names[k]);
		check_ok(file_write(path, whole.at, whole.len, &err), &err);
		buf_release(&whole);
		free(path);
	}
	check_adapted(&s);
	lm_close(lm);
	tear_down(&s);
}

/* A pickle is a program; it is not run, and the message says what to do. */
static void pickles_are_refused(void **state)
{
	char *pickle, *weights;
	struct setting s;
	struct lm *lm;
	struct err err;

	(void)state;
	set_up(&s, &plain, 3, 6, 94);
	add_usual(&s);
	loramaker_write(&s.l);
	lm = open_model(&s.t);
	pickle = file_join(s.l.dir, "adapter_model.bin");
	weights = file_join(s.l.dir, "adapter_model.safetensors");
	assert_int_equal(rename(weights, pickle), 0);
	expect_refused(&s, lm, ERR_UNSUPPORTED, "pickle");
	check_ok(file_write(weights, "", 0, &err), &err);
	free(pickle);
	free(weights);
	lm_close(lm);
	tear_down(&s);
}

static void adapters_made_by_name(void **state)
{
	static const struct {
		size_t r;
		double alpha, dropout;
		const char *targets, *part;
	} refused[] = {
		{0, 8, 0, "q_proj", "rank 0"},
		{65537, 8, 0, "q_proj", "rank 65537"},
		{4, NAN, 0, "q_proj", "alpha nan"},
		{4, INFINITY, 0, "q_proj", "alpha inf"},
		{4, 8, NAN, "q_proj", "dropout of nan"},
		{4, 8, 1, "q_proj", "dropout of 1"},
		{4, 8, -0.1, "q_proj", "dropout"},
		{4, 8, 0, "", "''"},
		{4, 8, 0, "q_proj,", "''"},
		{4, 8, 0, "q_proj, v_proj", "' v_proj'"},
		{4, 8, 0, "q_proj,query", "'query' names no matrix of the model's layers; those are q_proj,k_proj"},
		{4, 8, 0, "lm_head", "'lm_head'"},
		{4, 8, 0, "input_layernorm", "'input_layernorm'"},
	};
	struct adapter a;
	struct setting s;
	struct lm *lm;
	struct err err;

	(void)state;
	set_up(&s, &plain, 3, 6, 95);
	lm = open_model(&s.t);
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		struct adapter_config config = {.r = refused[i].r,
			.alpha = refused[i].alpha,
			.dropout = refused[i].dropout,
			.targets = (char *)refused[i].targets};

		check_refused(
			adapter_init(&a, &config, transformer_params(lm), &err), &err, ERR_VALUE, refused[i].part);
	}
	check_ok(adapter_init(&a, &(struct adapter_config){.r = 2, .alpha = 5, .targets = (char *)"all-linear"},
			 transformer_params(lm), &err),
		&err);
	assert_int_equal(a.n, 21);
	assert_string_equal(a.config.targets, "q_proj,k_proj,v_proj,o_proj,gate_proj,up_proj,down_proj");
	for (size_t i = 0; i < a.n; i++) {
		const struct lora *l = &a.at[i];

		assert_ptr_equal(a.of[l->param - transformer_params(lm)->at], l);
		assert_true(i == 0 || l->param > a.at[i - 1].param);
		assert_int_equal(l->a.shape[0], 2);
		assert_int_equal(l->a.shape[1], l->param->cols);
		assert_int_equal(l->b.shape[0], l->param->rows);
		assert_int_equal(l->b.shape[1], 2);
		assert_true(l->scale == 2.5F);
	}
	adapter_release(&a);
	lm_close(lm);
	tear_down(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_matrix_in_every_type),
		cmocka_unit_test(one_matrix_alone),
		cmocka_unit_test(ranks_and_alphas_of_their_own),
		cmocka_unit_test(some_layers_and_exclusions),
		cmocka_unit_test(expressions),
		cmocka_unit_test(a_long_expression),
		cmocka_unit_test(tensors_by_their_other_names),
		cmocka_unit_test(configurations_that_are_refused),
		cmocka_unit_test(keys_without_effect),
		cmocka_unit_test(weights_that_are_refused),
		cmocka_unit_test(files_cut_short),
		cmocka_unit_test(pickles_are_refused),
		cmocka_unit_test(adapters_made_by_name),
	};

	return cmocka_run_group_tests(tests, open_kern, close_kern);
}
