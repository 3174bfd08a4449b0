/*
 * The transformer behind struct lm against a plain forward pass in double: kinds of models, trees asked for in any
 * order, prompts that follow each other, and the ways in which weights are stored.
 */
#include <math.h>
#include <unistd.h>

#include "base/buf.h"
#include "kern/linear.h"
#include "modelcheck.h"
#include "store/file.h"
#include "store/safetensors.h"

/* The first tokens as a prompt, the rest as nodes, all asked for at once. */
static void check_sequence(struct lm *lm, struct tiny *t, const struct vec_u32 *tokens, size_t prompt)
{
	size_t vocab = lm->vocab, nodes = tokens->n - prompt + 1;
	double *reference = xcalloc(tokens->n * vocab, sizeof(*reference));
	float *z = xcalloc(nodes * vocab, sizeof(*z));
	struct lm_query *queries = xcalloc(nodes, sizeof(*queries));
	struct err err;

	tiny_logits(t, reference, tokens->at, tokens->n);
	check_ok(lm_prompt(lm, tokens->at, prompt, &err), &err);
	for (size_t i = 0; i < nodes; i++) {
		queries[i].all = z + i * vocab;
		queries[i].node = i == 0 ? LM_PROMPT : lm_child(lm, queries[i - 1].node, tokens->at[prompt + i - 1]);
	}
	check_ok(lm_query(lm, queries, nodes, 1, &err), &err);
	for (size_t i = 0; i < nodes; i++)
		compare(z + i * vocab, reference + (prompt - 1 + i) * vocab, vocab);
	free(reference);
	free(z);
	free(queries);
}

static double stretch_linear(double freq)
{
	return freq / 4;
}

/* Llama 3.1's rule in terms of wavelengths, with factor 8, low 1, high 4 and 32 old positions. */
static double stretch_llama3(double freq)
{
	double wavelength = 2 * M_PI / freq, smooth;

	if (wavelength < 32.0 / 4)
		return freq;
	if (wavelength > 32.0 / 1)
		return freq / 8;
	smooth = (32 / wavelength - 1) / (4 - 1);
	return (1 - smooth) * freq / 8 + smooth * freq;
}

static const char llama3[] =
	"{\"rope_type\": \"llama3\", \"factor\": 8.0, \"low_freq_factor\": 1.0, \"high_freq_factor\": 4.0,"
	" \"original_max_position_embeddings\": 32}";

static void check_kind(const struct tiny_shape *shape, uint64_t seed)
{
	struct vec_u32 tokens = {0};
	struct tiny t;
	struct lm *lm;
	struct rng rng;

	tiny_init(&t, shape, seed);
	tiny_write(&t);
	lm = open_model(&t);
	assert_int_equal(transformer_unused_tensors(lm), 0);
	rng_seed(&rng, seed);
	random_tokens(&tokens, &rng, 45, lm->vocab);
	check_sequence(lm, &t, &tokens, 23);
	check_sequence(lm, &t, &tokens, 1);
	check_sequence(lm, &t, &tokens, tokens.n);
	vec_release(&tokens);
	lm_close(lm);
	tiny_release(&t);
}

static void test_kinds_of_models(void **state)
{
	struct tiny_shape shapes[] = {plain, plain, plain, plain, plain, plain, plain, plain, plain};

	(void)state;
	shapes[1].tied = true;
	shapes[1].dtype = DTYPE_BF16;
	shapes[2].attention_bias = shapes[2].mlp_bias = true;
	shapes[2].dtype = DTYPE_F16;
	shapes[3].type = "qwen2";
	shapes[3].theta = 1e6;
	shapes[3].kv_heads = 1;
	shapes[4].rope_scaling = llama3;
	shapes[4].stretch = stretch_llama3;
	shapes[4].head_dim = 32;
	shapes[5].rope_scaling = "{\"type\": \"linear\", \"factor\": 4.0}";
	shapes[5].stretch = stretch_linear;
	shapes[5].kv_heads = 4;
	shapes[6].type = "mistral";
	shapes[6].hidden = 37;
	shapes[6].intermediate = 53;
	shapes[6].vocab = 131;
	shapes[6].heads = shapes[6].kv_heads = 3;
	shapes[7].layers = 1;
	shapes[7].dtype = DTYPE_BF16;
	shapes[7].attention_bias = true;
	shapes[8].rope_scaling = "{\"type\": \"dynamic\", \"factor\": 4.0}";
	shapes[8].max_positions = 45;
	for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
		check_kind(&shapes[i], i + 1);
}

static struct tiny_shape gpt2_of(size_t heads, size_t head_dim)
{
	struct tiny_shape shape = plain;

	shape.type = "gpt2";
	shape.heads = shape.kv_heads = heads;
	shape.head_dim = head_dim;
	shape.hidden = heads * head_dim;
	shape.tied = true;
	return shape;
}

static void test_normed_heads(void **state)
{
	struct tiny_shape shapes[] = {plain, plain, plain};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
		shapes[i].type = "qwen3";
	shapes[1].head_dim = 32;
	shapes[1].attention_bias = true;
	shapes[1].dtype = DTYPE_F16;
	shapes[2].kv_heads = 1;
	shapes[2].tied = true;
	shapes[2].dtype = DTYPE_BF16;
	for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
		check_kind(&shapes[i], 30 + i);
}

static void test_learned_positions(void **state)
{
	struct tiny_shape shapes[] = {gpt2_of(4, 8), gpt2_of(3, 9), gpt2_of(2, 16), gpt2_of(1, 5)};

	(void)state;
	shapes[1].dtype = DTYPE_F16;
	shapes[2].dtype = DTYPE_BF16;
	shapes[2].tied = false;
	shapes[3].layers = 1;
	for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
		check_kind(&shapes[i], 40 + i);
}

static void test_learned_positions_end(void **state)
{
	struct tiny_shape shape = gpt2_of(2, 8);
	struct vec_u32 tokens = {0};
	struct lm_query query = {.node = LM_PROMPT};
	struct tiny t;
	struct lm *lm;
	struct rng rng;
	struct err err;
	double lse;

	(void)state;
	shape.max_positions = 20;
	tiny_init(&t, &shape, 50);
	tiny_write(&t);
	lm = open_model(&t);
	query.lse = &lse;
	rng_seed(&rng, 50);
	random_tokens(&tokens, &rng, 21, lm->vocab);
	check_refused(lm_prompt(lm, tokens.at, 21, &err), &err, ERR_VALUE, "the model takes 20");
	check_sequence(lm, &t, &(struct vec_u32){.at = tokens.at, .n = 20}, 20);
	check_sequence(lm, &t, &(struct vec_u32){.at = tokens.at, .n = 20}, 18);
	query.node = lm_child(lm, lm_child(lm, lm_child(lm, LM_PROMPT, 1), 2), 3);
	check_refused(lm_query(lm, &query, 1, 1, &err), &err, ERR_VALUE, "20 in all");
	vec_release(&tokens);
	lm_close(lm);
	tiny_release(&t);
}

#define TREE_NODES 60

/* Nodes come under random parents and are asked for in random subsets, in random order, some of them twice. */
static void grow_and_check(struct lm *lm, struct tiny *t, struct rng *rng, size_t prompt)
{
	struct vec_u32 paths[TREE_NODES] = {0};
	lm_node nodes[TREE_NODES] = {LM_PROMPT};
	struct err err;

	random_tokens(&paths[0], rng, prompt, lm->vocab);
	check_ok(lm_prompt(lm, paths[0].at, prompt, &err), &err);
	for (size_t i = 1; i < TREE_NODES; i++) {
		size_t parent = rng_below(rng, 3) == 0 ? rng_below(rng, (uint32_t)i) : i - 1;
		uint32_t token = rng_below(rng, (uint32_t)lm->vocab);

		for (size_t j = 0; j < paths[parent].n; j++)
			vec_push(&paths[i], paths[parent].at[j]);
		vec_push(&paths[i], token);
		nodes[i] = lm_child(lm, nodes[parent], token);
		assert_int_equal(lm_child(lm, nodes[parent], token), nodes[i]);
		if (rng_below(rng, 4) == 0) {
			size_t asked = rng_below(rng, (uint32_t)i + 1);

			check_node(lm, t, nodes[asked], &paths[asked]);
		}
	}
	for (size_t i = TREE_NODES; i-- > 0;)
		check_node(lm, t, nodes[i], &paths[i]);
	for (size_t i = 0; i < TREE_NODES; i++)
		vec_release(&paths[i]);
}

static void test_random_trees(void **state)
{
	struct tiny t;
	struct lm *lm;
	struct rng rng;

	(void)state;
	tiny_init(&t, &plain, 7);
	tiny_write(&t);
	lm = open_model(&t);
	rng_seed(&rng, 2);
	for (size_t round = 0; round < 6; round++)
		grow_and_check(lm, &t, &rng, 1 + round * 5);
	lm_close(lm);
	tiny_release(&t);
}

/* A beam's steps: each asks for all live prefixes at once, in an order that changes, with branches that were left. */
static void test_beam_of_rows(void **state)
{
	enum {
		WIDTH = 10,
		STEPS = 8
	};
	struct vec_u32 paths[WIDTH] = {0}, prompt = {0};
	lm_node nodes[WIDTH];
	struct lm_stats before;
	struct tiny t;
	struct lm *lm;
	struct rng rng;
	struct err err;
	float *z;

	(void)state;
	tiny_init(&t, &plain, 8);
	tiny_write(&t);
	lm = open_model(&t);
	z = xcalloc(WIDTH * lm->vocab, sizeof(*z));
	rng_seed(&rng, 3);
	random_tokens(&prompt, &rng, 30, lm->vocab);
	check_ok(lm_prompt(lm, prompt.at, prompt.n, &err), &err);
	before = lm->stats;
	for (size_t step = 0; step < STEPS; step++) {
		struct lm_query queries[WIDTH] = {0};
		struct vec_u32 next[WIDTH] = {0};
		lm_node next_nodes[WIDTH];

		for (size_t b = 0; b < WIDTH; b++) {
			size_t from = rng_below(&rng, WIDTH);
			const struct vec_u32 *parent = step == 0 ? &prompt : &paths[from];
			uint32_t token = (uint32_t)b;

			for (size_t j = 0; j < parent->n; j++)
				vec_push(&next[b], parent->at[j]);
			vec_push(&next[b], token);
			next_nodes[b] = lm_child(lm, step == 0 ? LM_PROMPT : nodes[from], token);
			queries[b] = (struct lm_query){.node = next_nodes[b], .all = z + b * lm->vocab};
		}
		check_ok(lm_query(lm, queries, WIDTH, 1, &err), &err);
		for (size_t b = 0; b < WIDTH; b++) {
			double *reference = xcalloc(next[b].n * lm->vocab, sizeof(*reference));

			tiny_logits(&t, reference, next[b].at, next[b].n);
			compare(queries[b].all, reference + (next[b].n - 1) * lm->vocab, lm->vocab);
			free(reference);
			vec_release(&paths[b]);
			paths[b] = next[b];
			nodes[b] = next_nodes[b];
		}
	}
	assert_int_equal(lm->stats.passes - before.passes, STEPS);
	assert_int_equal(lm->stats.nodes - before.nodes, STEPS * WIDTH);
	for (size_t b = 0; b < WIDTH; b++)
		vec_release(&paths[b]);
	vec_release(&prompt);
	free(z);
	lm_close(lm);
	tiny_release(&t);
}

/* Prompts longer than one pass, and more nodes in one query than one pass takes. */
static void test_several_passes(void **state)
{
	struct tiny_shape shape = plain;
	struct vec_u32 tokens = {0};
	struct tiny t;
	struct lm *lm;
	struct rng rng;

	(void)state;
	shape.layers = 2;
	shape.vocab = 20;
	tiny_init(&t, &shape, 9);
	tiny_write(&t);
	lm = open_model(&t);
	rng_seed(&rng, 4);
	random_tokens(&tokens, &rng, 1100, lm->vocab);
	check_sequence(lm, &t, &tokens, 1100);
	check_sequence(lm, &t, &tokens, 500);
	assert_int_equal(lm->stats.passes, 3);
	assert_true(transformer_cache_bytes(lm) >=
		    2 * shape.layers * tokens.n * shape.kv_heads * shape.head_dim * sizeof(float));
	vec_release(&tokens);
	lm_close(lm);
	tiny_release(&t);
}

static void test_prompts_that_share(void **state)
{
	struct vec_u32 tokens = {0};
	struct tiny t;
	struct lm *lm;
	struct rng rng;
	struct err err;

	(void)state;
	tiny_init(&t, &plain, 10);
	tiny_write(&t);
	lm = open_model(&t);
	rng_seed(&rng, 5);
	random_tokens(&tokens, &rng, 30, lm->vocab);
	for (size_t round = 0; round < 40; round++) {
		uint64_t reused = lm->stats.prompt_reused;
		size_t same = rng_below(&rng, 30), old = tokens.n, shared = same < old ? same : old;

		tokens.n = shared;
		random_tokens(&tokens, &rng, 1 + rng_below(&rng, 12), lm->vocab);
		check_ok(lm_prompt(lm, tokens.at, tokens.n, &err), &err);
		if (round > 0 && linear_rows_alone(kern))
			assert_true(
				lm->stats.prompt_reused - reused >= (shared < tokens.n - 1 ? shared : tokens.n - 1));
		check_node(lm, &t, LM_PROMPT, &tokens);
		/* What the tree held is overwritten by the next prompt, and must not be mistaken for it. */
		vec_push(&tokens, 3);
		check_node(lm, &t, lm_child(lm, LM_PROMPT, 3), &tokens);
		tokens.n--;
	}
	vec_release(&tokens);
	lm_close(lm);
	tiny_release(&t);
}

static void test_sums_follow_the_temperature(void **state)
{
	static const double taus[] = {1, 2, 2, 0.3, 1};
	struct vec_u32 tokens = {0};
	double reference[50];
	struct tiny t;
	struct lm *lm;
	struct err err;

	(void)state;
	tiny_init(&t, &plain, 11);
	tiny_write(&t);
	lm = open_model(&t);
	vec_push(&tokens, 1);
	tiny_logits(&t, reference, tokens.at, 1);
	check_ok(lm_prompt(lm, tokens.at, 1, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(taus); i++) {
		uint64_t full = lm->stats.rows_full;
		double lse, twice, sum = 0;
		struct lm_query queries[] = {{.node = LM_PROMPT, .lse = &lse}, {.node = LM_PROMPT, .lse = &twice}};

		for (size_t v = 0; v < 50; v++)
			sum += exp(reference[v] / taus[i]);
		check_ok(lm_query(lm, queries, 2, taus[i], &err), &err);
		assert_true(fabs(lse - log(sum)) <= TOLERANCE * fmax(1, fabs(log(sum))));
		assert_true(lse == twice);
		assert_int_equal(lm->stats.rows_full - full, i == 2 ? 0 : 1);
	}
	vec_release(&tokens);
	lm_close(lm);
	tiny_release(&t);
}

static void logits_of(struct tiny *t, float *z)
{
	static const uint32_t tokens[] = {3, 1, 4, 1, 5};
	struct lm *lm = open_model(t);
	struct err err;

	check_ok(lm_prompt(lm, tokens, ARRAY_LEN(tokens), &err), &err);
	check_ok(lm_query(lm, &(struct lm_query){.node = LM_PROMPT, .all = z}, 1, 1, &err), &err);
	lm_close(lm);
}

/* Without the "model." or "transformer." that the names of a bare transformer lack. */
static void strip_names(struct tiny *t, const char *prefix)
{
	for (size_t i = 0; i < t->n; i++) {
		char *bare = xstrdup(t->tensors[i].name + strlen(prefix));

		rename_tensor(t, t->tensors[i].name, bare);
		free(bare);
	}
}

/* What old files hold of a layer beside its weights. */
static void add_buffer(struct tiny *t, const char *name, size_t n)
{
	t->tensors = xreallocarray(t->tensors, t->n + 1, sizeof(*t->tensors));
	t->tensors[t->n++] = (struct tensor){
		.name = xstrdup(name), .dtype = DTYPE_F32, .dims = 1, .shape = {n}, .data = xcalloc(n, sizeof(float))};
}

/* A tied pair stored under the head's name; and all names without their beginning. */
static void check_stored_names(
	const struct tiny_shape *shape, const char *embed, const char *prefix, const char *const *buffers)
{
	float z[50], same[50];
	struct tiny t;
	struct lm *lm;

	tiny_init(&t, shape, 12);
	tiny_write(&t);
	logits_of(&t, z);
	rename_tensor(&t, embed, "lm_head.weight");
	tiny_write_weights(&t);
	logits_of(&t, same);
	assert_memory_equal(z, same, sizeof(z));
	rename_tensor(&t, "lm_head.weight", embed);
	strip_names(&t, prefix);
	for (size_t i = 0; buffers[i] != NULL; i++)
		add_buffer(&t, buffers[i], 16);
	tiny_write_weights(&t);
	logits_of(&t, same);
	assert_memory_equal(z, same, sizeof(z));
	lm = open_model(&t);
	assert_int_equal(transformer_unused_tensors(lm), 0);
	lm_close(lm);
	add_buffer(&t, "something.else", 3);
	tiny_write_weights(&t);
	lm = open_model(&t);
	assert_int_equal(transformer_unused_tensors(lm), 1);
	lm_close(lm);
	tiny_release(&t);
}

static void test_stored_names(void **state)
{
	static const char *const llama[] = {"layers.0.self_attn.rotary_emb.inv_freq", NULL};
	static const char *const gpt2[] = {"h.0.attn.bias", "h.0.attn.masked_bias", "h.1.attn.bias", NULL};
	struct tiny_shape shape = plain;

	(void)state;
	shape.tied = true;
	check_stored_names(&shape, "model.embed_tokens.weight", "model.", llama);
	shape = gpt2_of(4, 8);
	check_stored_names(&shape, "transformer.wte.weight", "transformer.", gpt2);
}

/* The tensors in two files, with an index that says which is where. */
static void write_shards(struct tiny *t)
{
	static const char *const names[] = {"model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"};
	const size_t first[] = {0, t->n / 2, t->n};
	struct buf index = {0};
	struct err err;

	buf_addstr(&index, "{\"metadata\": {}, \"weight_map\": {");
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char *path = file_join(t->dir, names[i]);

		check_ok(safetensors_write(path, t->tensors + first[i], first[i + 1] - first[i], NULL, 0, &err), &err);
		for (size_t j = first[i]; j < first[i + 1]; j++)
			buf_addf(&index, "%s\"%s\": \"%s\"", j > 0 ? ", " : "", t->tensors[j].name, names[i]);
		free(path);
	}
	buf_addstr(&index, "}}");
	tiny_write_file(t, "model.safetensors.index.json", index.at, index.len);
	buf_release(&index);
}

static void test_shards(void **state)
{
	float z[50], same[50];
	struct tiny t;
	char *whole;

	(void)state;
	tiny_init(&t, &plain, 20);
	tiny_write(&t);
	logits_of(&t, z);
	whole = file_join(t.dir, "model.safetensors");
	assert_int_equal(unlink(whole), 0);
	write_shards(&t);
	logits_of(&t, same);
	assert_memory_equal(z, same, sizeof(z));
	tiny_find(&t, "lm_head.weight")->shape[0] = 25;
	tiny_find(&t, "lm_head.weight")->shape[1] = 48;
	write_shards(&t);
	expect_refusal(&t, ERR_FORMAT, "model-00002-of-00002.safetensors", "[25, 48]");
	rename_tensor(&t, "lm_head.weight", "of.no.use");
	write_shards(&t);
	expect_refusal(&t, ERR_FORMAT, "lm_head.weight", "tie_word_embeddings");
	free(whole);
	tiny_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds_of_models),
		cmocka_unit_test(test_normed_heads),
		cmocka_unit_test(test_learned_positions),
		cmocka_unit_test(test_learned_positions_end),
		cmocka_unit_test(test_random_trees),
		cmocka_unit_test(test_beam_of_rows),
		cmocka_unit_test(test_several_passes),
		cmocka_unit_test(test_prompts_that_share),
		cmocka_unit_test(test_sums_follow_the_temperature),
		cmocka_unit_test(test_stored_names),
		cmocka_unit_test(test_shards),
	};

	return cmocka_run_group_tests(tests, open_kern, close_kern);
}
