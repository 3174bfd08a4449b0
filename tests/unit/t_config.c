/* config.json: what is read from it, and one clear refusal for each thing that is wrong with it. */
#include "check.h"

#include <jansson.h>
#include <math.h>
#include <unistd.h>

#include "base/mem.h"
#include "model/config.h"

static const char base_config[] =
	"{\"model_type\": \"llama\", \"hidden_act\": \"silu\", \"vocab_size\": 96, \"hidden_size\": 32,"
	" \"num_hidden_layers\": 2, \"num_attention_heads\": 4, \"num_key_value_heads\": 2, \"intermediate_size\": 64,"
	" \"max_position_embeddings\": 512, \"rms_norm_eps\": 1e-05, \"rope_theta\": 10000.0, \"rope_scaling\": null,"
	" \"tie_word_embeddings\": false, \"attention_bias\": false, \"mlp_bias\": false, \"bos_token_id\": 1,"
	" \"eos_token_id\": 2}";

static char *dir;

static int set_up(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	dir = xasprintf("%s/beamscope-config-XXXXXX", tmp != NULL ? tmp : "/tmp");
	return mkdtemp(dir) == NULL ? -1 : 0;
}

static void write_file(const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", dir, name);

	if (text == NULL) {
		unlink(path);
	} else {
		FILE *f = fopen(path, "wb");

		assert_non_null(f);
		fputs(text, f);
		assert_int_equal(fclose(f), 0);
	}
	free(path);
}

static int tear_down(void **state)
{
	(void)state;
	write_file("config.json", NULL);
	write_file("generation_config.json", NULL);
	rmdir(dir);
	free(dir);
	return 0;
}

/* Writes the base config with some members changed: pairs of key and JSON text (NULL: left out), ended by a NULL key.
 */
static void write_changed(const char *const *changes)
{
	json_t *root = json_loads(base_config, 0, NULL);
	char *text;

	assert_non_null(root);
	for (; changes[0] != NULL; changes += 2) {
		if (changes[1] == NULL)
			json_object_del(root, changes[0]);
		else
			json_object_set_new(root, changes[0], json_loads(changes[1], JSON_DECODE_ANY, NULL));
	}
	text = json_dumps(root, 0);
	write_file("config.json", text);
	free(text);
	json_decref(root);
}

#define CHANGED(...) write_changed((const char *const[]){__VA_ARGS__, NULL})

static struct model_config read_good(void)
{
	struct model_config c;
	struct err err;

	check_ok(model_config_read(&c, dir, &err), &err);
	return c;
}

static void test_plain(void **state)
{
	struct model_config c;

	(void)state;
	write_file("config.json", base_config);
	c = read_good();
	assert_string_equal(c.arch->type, "llama");
	assert_int_equal(c.vocab, 96);
	assert_int_equal(c.hidden, 32);
	assert_int_equal(c.layers, 2);
	assert_int_equal(c.heads, 4);
	assert_int_equal(c.kv_heads, 2);
	assert_int_equal(c.head_dim, 8);
	assert_int_equal(c.intermediate, 64);
	assert_int_equal(c.max_positions, 512);
	assert_true(c.norm_eps == 1e-5);
	assert_int_equal(c.rope.kind, ROPE_PLAIN);
	assert_true(c.rope.theta == 10000);
	assert_false(c.tied || c.qkv_bias || c.o_bias || c.mlp_bias);
	assert_int_equal(c.bos, 1);
	assert_int_equal(c.n_eos, 1);
	assert_int_equal(c.eos[0], 2);
}

static void test_defaults(void **state)
{
	struct model_config c;

	(void)state;
	CHANGED("num_key_value_heads", NULL, "rope_theta", NULL, "rope_scaling", NULL, "tie_word_embeddings", NULL,
		"attention_bias", NULL, "mlp_bias", NULL, "bos_token_id", NULL, "eos_token_id", NULL, "hidden_act",
		NULL);
	c = read_good();
	assert_int_equal(c.kv_heads, 4);
	assert_true(c.rope.theta == 10000);
	assert_false(c.tied || c.qkv_bias || c.o_bias || c.mlp_bias);
	assert_int_equal(c.bos, UINT32_MAX);
	assert_int_equal(c.n_eos, 0);
	CHANGED("head_dim", "null", "num_key_value_heads", "null");
	assert_int_equal(read_good().head_dim, 8);
	CHANGED("head_dim", "64", "hidden_size", "30");
	assert_int_equal(read_good().head_dim, 64);
}

static void test_biases(void **state)
{
	struct model_config c;

	(void)state;
	CHANGED("attention_bias", "true");
	c = read_good();
	assert_true(c.qkv_bias && c.o_bias && !c.mlp_bias);
	CHANGED("mlp_bias", "true");
	c = read_good();
	assert_true(!c.qkv_bias && !c.o_bias && c.mlp_bias);
	CHANGED("model_type", "\"qwen2\"", "attention_bias", NULL);
	c = read_good();
	assert_true(c.qkv_bias && !c.o_bias && !c.mlp_bias);
	CHANGED("model_type", "\"mistral\"", "attention_bias", NULL);
	c = read_good();
	assert_true(!c.qkv_bias && !c.o_bias && !c.mlp_bias);
	CHANGED("model_type", "\"qwen3\"", "attention_bias", "true", "mlp_bias", "true", "head_dim", "8");
	c = read_good();
	assert_true(c.qkv_bias && c.o_bias && !c.mlp_bias);
	assert_int_equal(c.head_dim, 8);
	CHANGED("model_type", "\"qwen3\"");
	c = read_good();
	assert_true(!c.qkv_bias && !c.o_bias);
	assert_int_equal(c.head_dim, 128);
}

static void test_rope(void **state)
{
	struct model_config c;

	(void)state;
	CHANGED("rope_scaling", "{\"type\": \"linear\", \"factor\": 4.0}");
	c = read_good();
	assert_int_equal(c.rope.kind, ROPE_LINEAR);
	assert_true(c.rope.factor == 4);
	CHANGED("rope_theta", "500000", "rope_scaling",
		"{\"rope_type\": \"llama3\", \"factor\": 8.0, \"low_freq_factor\": 1.0, \"high_freq_factor\": 4.0,"
		" \"original_max_position_embeddings\": 8192}");
	c = read_good();
	assert_int_equal(c.rope.kind, ROPE_LLAMA3);
	assert_true(c.rope.theta == 500000 && c.rope.factor == 8 && c.rope.low_freq_factor == 1);
	assert_true(c.rope.high_freq_factor == 4 && c.rope.original_positions == 8192);
	CHANGED("rope_scaling", "{\"type\": \"yarn\", \"rope_type\": \"default\"}");
	assert_int_equal(read_good().rope.kind, ROPE_PLAIN);
	CHANGED("rope_theta", NULL, "rope_parameters", "{\"rope_type\": \"default\", \"rope_theta\": 250000.0}");
	assert_true(read_good().rope.theta == 250000);
}

/* Reading must fail with the code, and with a message that holds every given part. */
static void expect_refusal(enum err_code code, const char *file, const char *part)
{
	struct model_config c;
	struct err err;

	assert_int_equal(model_config_read(&c, dir, &err), -1);
	if (err.code != code || strstr(err.msg, file) == NULL || strstr(err.msg, part) == NULL)
		fail_msg("code %d, '%s' lacks '%s'", err.code, err.msg, part);
}

/* Two context lengths, 4 apart: what yarn makes of them where its configuration says little, and all that it can say.
 */
static void test_yarn(void **state)
{
	struct model_config c;

	(void)state;
	CHANGED("rope_scaling", "{\"rope_type\": \"yarn\", \"factor\": 4.0}");
	c = read_good();
	assert_int_equal(c.rope.kind, ROPE_YARN);
	assert_true(c.rope.factor == 4 && c.rope.original_positions == 512);
	assert_true(c.rope.beta_fast == 32 && c.rope.beta_slow == 1 && c.rope.truncate);
	assert_true(fabs(c.rope.attention_factor - 1.1386294361119891) < 1e-12);
	CHANGED("rope_scaling", "{\"type\": \"yarn\", \"factor\": null, \"original_max_position_embeddings\": 128}");
	c = read_good();
	assert_true(c.rope.factor == 4 && c.rope.original_positions == 128);
	CHANGED("rope_scaling", "{\"rope_type\": \"yarn\", \"factor\": 40, \"mscale\": 0.707, \"mscale_all_dim\": 1.0, "
				"\"beta_fast\": 16,"
				" \"beta_slow\": 2, \"truncate\": false}");
	c = read_good();
	assert_true(c.rope.beta_fast == 16 && c.rope.beta_slow == 2 && !c.rope.truncate);
	/* (0.0707 ln 40 + 1) / (0.1 ln 40 + 1) */
	assert_true(fabs(c.rope.attention_factor - 0.92104236) < 1e-7);
	CHANGED("rope_scaling", "{\"rope_type\": \"yarn\", \"factor\": 40, \"mscale\": 1, \"mscale_all_dim\": 1, "
				"\"attention_factor\": 1.5}");
	assert_true(read_good().rope.attention_factor == 1.5);
}

static void test_longest(void **state)
{
	struct model_config c;

	(void)state;
	CHANGED("rope_scaling", NULL);
	c = read_good();
	assert_int_equal(model_config_longest(&c), 0);
	CHANGED("rope_scaling", "{\"type\": \"dynamic\", \"factor\": 2.0}");
	c = read_good();
	assert_int_equal(c.rope.kind, ROPE_DYNAMIC);
	assert_int_equal(model_config_longest(&c), 512);
	CHANGED("rope_scaling", "{\"type\": \"dynamic\", \"factor\": 2.0, \"original_max_position_embeddings\": 256}",
		"model_type", "\"mistral\"", "sliding_window", "300");
	c = read_good();
	assert_int_equal(model_config_longest(&c), 256);
	CHANGED("rope_scaling", "{\"type\": \"dynamic\", \"factor\": 2.0}", "model_type", "\"mistral\"",
		"sliding_window", "300");
	c = read_good();
	assert_int_equal(model_config_longest(&c), 300);
}

#define GPT2_OF(hidden, heads, positions, more) \
	"{\"model_type\": \"gpt2\", \"vocab_size\": 50, \"n_layer\": 3, \"layer_norm_epsilon\": 1e-5, " \
	"\"n_embd\": " hidden ", \"n_head\": " heads ", \"n_positions\": " positions more "}"
#define GPT2(more) GPT2_OF("24", "4", "64", more)

static void test_gpt2(void **state)
{
	struct model_config c;

	(void)state;
	write_file("config.json", GPT2(""));
	c = read_good();
	assert_string_equal(c.arch->type, "gpt2");
	assert_true(c.hidden == 24 && c.layers == 3 && c.heads == 4 && c.kv_heads == 4 && c.head_dim == 6);
	assert_true(c.intermediate == 96 && c.max_positions == 64 && c.norm_eps == 1e-5);
	assert_true(c.tied && c.qkv_bias && c.o_bias && c.mlp_bias);
	assert_int_equal(model_config_longest(&c), 64);
	write_file("config.json", GPT2(", \"n_inner\": null, \"activation_function\": \"gelu_pytorch_tanh\""));
	assert_int_equal(read_good().intermediate, 96);
	write_file("config.json",
		GPT2(", \"n_inner\": 50, \"tie_word_embeddings\": false, \"reorder_and_upcast_attn\": true"));
	c = read_good();
	assert_true(c.intermediate == 50 && !c.tied);
	write_file("config.json", GPT2_OF("20", "4", "64", ""));
	assert_int_equal(read_good().head_dim, 5);
}

static void test_gpt2_refusals(void **state)
{
	static const struct {
		const char *config;
		enum err_code code;
		const char *part;
	} cases[] = {
		{GPT2(", \"activation_function\": \"relu\""), ERR_UNSUPPORTED,
			"the activation 'relu' is not handled; 'gelu_new' is"},
		{GPT2(", \"scale_attn_weights\": false"), ERR_UNSUPPORTED, "\"scale_attn_weights\" as false"},
		{GPT2(", \"scale_attn_by_inverse_layer_idx\": true"), ERR_UNSUPPORTED,
			"\"scale_attn_by_inverse_layer_idx\" as true"},
		{GPT2(", \"add_cross_attention\": true"), ERR_UNSUPPORTED, "\"add_cross_attention\" as true"},
		{GPT2_OF("24", "5", "64", ""), ERR_FORMAT, "a hidden size of 24 cannot be split evenly over 5 heads"},
		{GPT2(", \"n_inner\": 1"), ERR_FORMAT, "\"n_inner\" must be an integer from 2"},
		{GPT2_OF("24", "4", "0", ""), ERR_FORMAT, "\"n_positions\" must be an integer from 1"},
		{GPT2_OF("null", "4", "64", ""), ERR_FORMAT, "\"n_embd\""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		write_file("config.json", cases[i].config);
		expect_refusal(cases[i].code, "config.json", cases[i].part);
	}
}

static void test_window(void **state)
{
	(void)state;
	CHANGED("model_type", "\"mistral\"", "sliding_window", "null");
	assert_int_equal(read_good().window, 0);
	CHANGED("model_type", "\"mistral\"", "sliding_window", "4096");
	assert_int_equal(read_good().window, 4096);
	CHANGED("sliding_window", "100");
	assert_int_equal(read_good().window, 0);
	CHANGED("model_type", "\"qwen2\"", "sliding_window", "100", "use_sliding_window", "false");
	assert_int_equal(read_good().window, 0);
	CHANGED("model_type", "\"qwen2\"", "sliding_window", "100", "use_sliding_window", "true");
	assert_int_equal(read_good().window, 100);
}

static void test_eos(void **state)
{
	struct model_config c;

	(void)state;
	CHANGED("eos_token_id", "[5, 7, 9]");
	c = read_good();
	assert_int_equal(c.n_eos, 3);
	assert_int_equal(c.eos[0], 5);
	assert_int_equal(c.eos[2], 9);
	write_file("generation_config.json", "{\"eos_token_id\": [11, 12]}");
	assert_int_equal(read_good().n_eos, 3);
	CHANGED("eos_token_id", "null");
	c = read_good();
	assert_int_equal(c.n_eos, 2);
	assert_int_equal(c.eos[1], 12);
	write_file("generation_config.json", "{\"do_sample\": true}");
	assert_int_equal(read_good().n_eos, 0);
	write_file("generation_config.json", NULL);
	assert_int_equal(read_good().n_eos, 0);
}

/* Members that the published files have, of which nothing is made and nothing need be; and those that are told of. */
static void test_unknown(void **state)
{
	struct file_names names = {0};
	struct err err;

	(void)state;
	CHANGED("use_mrope", "false", "pruned_heads", "{}", "rope_interleaved", "false", "max_window_layers", "24",
		"initializer_range", "0.02", "resid_dropout_alpha", "null");
	check_ok(model_config_unknown(&names, dir, &err), &err);
	assert_int_equal(names.n, 0);
	CHANGED("use_mrope", "true", "pruned_heads", "{\"0\": [1]}", "use_cache", "true", "logit_scale", "0.5");
	check_ok(model_config_unknown(&names, dir, &err), &err);
	assert_int_equal(names.n, 3);
	assert_string_equal(names.at[0], "use_mrope");
	assert_string_equal(names.at[1], "pruned_heads");
	assert_string_equal(names.at[2], "logit_scale");
	file_names_release(&names);
}

static void test_refusals(void **state)
{
	static const struct {
		const char *key, *value;
		enum err_code code;
		const char *part;
	} cases[] = {
		{"model_type", NULL, ERR_FORMAT, "\"model_type\""},
		{"model_type", "7", ERR_FORMAT, "\"model_type\" must be a string, not 7"},
		{"model_type", "\"gpt_neox\"", ERR_UNSUPPORTED,
			"models of type 'gpt_neox' are not handled; llama, mistral, qwen2, qwen3 and gpt2 are"},
		{"hidden_act", "\"gelu\"", ERR_UNSUPPORTED, "'gelu'"},
		{"quantization_config", "{\"quant_method\": \"gptq\"}", ERR_UNSUPPORTED, "quantised by gptq"},
		{"quantization_config", "{}", ERR_UNSUPPORTED, "quantised by another library"},
		{"vocab_size", NULL, ERR_FORMAT, "\"vocab_size\""},
		{"vocab_size", "0", ERR_FORMAT, "\"vocab_size\" must be an integer from 1 to 16777216, not 0"},
		{"vocab_size", "96.0", ERR_FORMAT, "\"vocab_size\" must be an integer"},
		{"vocab_size", "4611686018427387904", ERR_FORMAT, "not 4611686018427387904"},
		{"hidden_size", "-32", ERR_FORMAT, "\"hidden_size\" must be an integer from 2 to 1048576, not -32"},
		{"hidden_size", "34", ERR_FORMAT, "a hidden size of 34 cannot be split evenly over 4 heads"},
		{"hidden_size", "12", ERR_FORMAT, "head dimension of 3 is odd"},
		{"hidden_size", "9223372036854775807", ERR_FORMAT, "\"hidden_size\""},
		{"num_hidden_layers", "1000000000", ERR_FORMAT, "\"num_hidden_layers\""},
		{"num_attention_heads", "\"4\"", ERR_FORMAT, "\"num_attention_heads\" must be an integer"},
		{"num_attention_heads", "0", ERR_FORMAT, "\"num_attention_heads\" must be an integer from 1"},
		{"num_key_value_heads", "3", ERR_FORMAT, "4 attention heads cannot share 3 key-value heads"},
		{"num_key_value_heads", "8", ERR_FORMAT, "4 attention heads cannot share 8 key-value heads"},
		{"head_dim", "7", ERR_FORMAT, "head dimension of 7"},
		{"head_dim", "0", ERR_FORMAT, "\"head_dim\" must be an integer from 1"},
		{"intermediate_size", "[64]", ERR_FORMAT, "\"intermediate_size\" must be an integer"},
		{"max_position_embeddings", NULL, ERR_FORMAT, "\"max_position_embeddings\""},
		{"rms_norm_eps", NULL, ERR_FORMAT, "\"rms_norm_eps\""},
		{"rms_norm_eps", "-1e-5", ERR_FORMAT, "\"rms_norm_eps\" must be a number from 0 to 1"},
		{"rope_theta", "0", ERR_FORMAT, "\"rope_theta\" must be a number from 1"},
		{"rope_theta", "true", ERR_FORMAT, "\"rope_theta\" must be a number"},
		{"rope_scaling", "\"linear\"", ERR_FORMAT, "\"rope_scaling\" must be an object"},
		{"rope_scaling", "{\"type\": \"longrope\", \"factor\": 2.0}", ERR_UNSUPPORTED, "'longrope'"},
		{"rope_scaling", "{\"type\": \"dynamic\"}", ERR_FORMAT, "factor\""},
		{"rope_scaling", "{\"type\": \"yarn\", \"factor\": 0.5}", ERR_FORMAT,
			"factor\" must be a number from 1"},
		{"rope_scaling", "{\"type\": \"yarn\", \"factor\": 4, \"beta_fast\": 1, \"beta_slow\": 2}", ERR_FORMAT,
			"\"beta_fast\" below its \"beta_slow\""},
		{"partial_rotary_factor", "0.5", ERR_UNSUPPORTED, "\"partial_rotary_factor\" of 0.5"},
		{"rope_scaling", "{\"type\": \"linear\"}", ERR_FORMAT, "factor\""},
		{"rope_scaling", "{\"type\": \"linear\", \"factor\": 0}", ERR_FORMAT,
			"\"rope_scaling.factor\" must be a number"},
		{"rope_scaling", "{\"rope_type\": \"llama3\", \"factor\": 8}", ERR_FORMAT, "low_freq_factor\""},
		{"rope_scaling",
			"{\"rope_type\": \"llama3\", \"factor\": 8, \"low_freq_factor\": 4, \"high_freq_factor\": 4,"
			" \"original_max_position_embeddings\": 8192}",
			ERR_FORMAT, "must have a \"high_freq_factor\" above"},
		{"tie_word_embeddings", "1", ERR_FORMAT, "\"tie_word_embeddings\" must be true or false"},
		{"bos_token_id", "96", ERR_FORMAT, "\"bos_token_id\" must be an integer from 0 to 95"},
		{"eos_token_id", "-1", ERR_FORMAT, "\"eos_token_id\" must be an integer from 0 to 95"},
		{"eos_token_id", "[2, \"3\"]", ERR_FORMAT, "\"eos_token_id[1]\" must be an integer"},
		{"eos_token_id", "[1, 2, 3, 4, 5, 6, 7, 8, 9]", ERR_FORMAT, "\"eos_token_id\" lists 9 tokens"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CHANGED(cases[i].key, cases[i].value);
		expect_refusal(cases[i].code, "config.json", cases[i].part);
	}
}

static void test_broken_files(void **state)
{
	struct model_config c;
	struct err err;

	(void)state;
	write_file("config.json", NULL);
	assert_int_equal(model_config_read(&c, dir, &err), -1);
	assert_non_null(strstr(err.msg, "config.json"));
	write_file("config.json", "{\"model_type\": \"llama\",");
	expect_refusal(ERR_FORMAT, "config.json", "");
	write_file("config.json", "[1, 2]");
	expect_refusal(ERR_FORMAT, "config.json", "object");
	CHANGED("eos_token_id", NULL);
	write_file("generation_config.json", "{");
	expect_refusal(ERR_FORMAT, "generation_config.json", "");
	write_file("generation_config.json", "{\"eos_token_id\": 96}");
	expect_refusal(
		ERR_FORMAT, "generation_config.json", "\"eos_token_id\" must be an integer from 0 to 95, not 96");
	write_file("generation_config.json", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_biases),
		cmocka_unit_test(test_rope),
		cmocka_unit_test(test_yarn),
		cmocka_unit_test(test_longest),
		cmocka_unit_test(test_gpt2),
		cmocka_unit_test(test_gpt2_refusals),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_eos),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_broken_files),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
