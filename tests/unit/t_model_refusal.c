/*
 * What the transformer does when files lie, weights are damaged, sequences grow too long, memory ends or somebody
 * cancels: it says so, and is as good as before.
 */
#include <math.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "modelcheck.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ASAN
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define UNDER_ASAN
#endif

static void test_lies(void **state)
{
	static const struct {
		size_t vocab, hidden, layers, heads, kv_heads, head_dim, intermediate;
		const char *part, *other;
	} cases[] = {
		{51, 24, 3, 4, 2, 6, 40, "embed_tokens.weight", "[50, 24]"},
		{49, 24, 3, 4, 2, 6, 40, "embed_tokens.weight", "[49, 24]"},
		{50, 48, 3, 4, 2, 6, 40, "embed_tokens.weight", "[50, 48]"},
		{50, 24, 4, 4, 2, 6, 40, "model.layers.3.input_layernorm.weight", "missing"},
		{50, 24, 3, 8, 2, 6, 40, "q_proj.weight", "[48, 24]"},
		{50, 24, 3, 4, 4, 6, 40, "k_proj.weight", "[12, 24]"},
		{50, 24, 3, 4, 2, 8, 40, "q_proj.weight", "[32, 24]"},
		{50, 24, 3, 4, 2, 6, 1048576, "gate_proj.weight", "[1048576, 24]"},
		{16777216, 1048576, 4096, 4096, 4096, 1048576, 1048576, "embed_tokens.weight", "[16777216, 1048576]"},
	};
	struct tiny t;

	(void)state;
	tiny_init(&t, &plain, 13);
	tiny_write(&t);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		t.shape.vocab = cases[i].vocab;
		t.shape.hidden = cases[i].hidden;
		t.shape.layers = cases[i].layers;
		t.shape.heads = cases[i].heads;
		t.shape.kv_heads = cases[i].kv_heads;
		t.shape.head_dim = cases[i].head_dim;
		t.shape.intermediate = cases[i].intermediate;
		tiny_write_config(&t);
		expect_refusal(&t, ERR_FORMAT, cases[i].part, cases[i].other);
	}
	t.shape = plain;
	t.shape.layers = 2;
	tiny_write_config(&t);
	lm_close(open_model(&t));
	t.shape = plain;
	t.shape.attention_bias = true;
	tiny_write_config(&t);
	expect_refusal(&t, ERR_FORMAT, "q_proj.bias", "missing");
	tiny_release(&t);
}

/* Every tensor in turn is left out, or has another shape of as many elements. */
static void test_missing_and_misshapen_tensors(void **state)
{
	struct tiny t;

	(void)state;
	tiny_init(&t, &plain, 14);
	tiny_write_config(&t);
	for (size_t i = 0; i < t.n; i++) {
		struct tensor *tensor = &t.tensors[i], kept;
		char *name = xstrdup(tensor->name), *expected;

		rename_tensor(&t, name, "of.no.use");
		tiny_write_weights(&t);
		expect_refusal(&t, ERR_FORMAT, name, "missing");
		rename_tensor(&t, "of.no.use", name);

		kept = *tensor;
		expected = kept.dims == 1 ? xasprintf("[%zu]", kept.shape[0])
					  : xasprintf("[%zu, %zu]", kept.shape[0], kept.shape[1]);
		tensor->shape[0] = kept.dims == 1 ? kept.shape[0] : kept.shape[0] * kept.shape[1];
		tensor->shape[1] = 1;
		tensor->dims = 3 - kept.dims;
		tiny_write_weights(&t);
		expect_refusal(&t, ERR_FORMAT, name, expected);
		tensor->dims = kept.dims;
		tensor->shape[0] = kept.shape[0];
		tensor->shape[1] = kept.shape[1];
		free(expected);
		free(name);
	}
	tiny_write_weights(&t);
	lm_close(open_model(&t));
	tiny_release(&t);
}

static void test_weights_that_are_no_numbers(void **state)
{
	static const uint32_t tokens[] = {3, 1}, id = 7;
	static const float bad[] = {NAN, INFINITY};
	struct tiny t;

	(void)state;
	tiny_init(&t, &plain, 15);
	tiny_write_config(&t);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		float z, all[50];
		double lse;
		struct lm_query queries[] = {
			{.node = LM_PROMPT, .ids = &id, .n = 1, .logits = &z},
			{.node = LM_PROMPT, .lse = &lse},
			{.node = LM_PROMPT, .all = all},
		};
		struct lm *lm;
		struct err err;

		((float *)tiny_find(&t, "model.layers.1.mlp.down_proj.weight")->data)[5] = bad[i];
		tiny_write_weights(&t);
		lm = open_model(&t);
		check_ok(lm_prompt(lm, tokens, 2, &err), &err);
		for (size_t q = 0; q < 2 * ARRAY_LEN(queries); q++) {
			assert_int_equal(lm_query(lm, &queries[q % ARRAY_LEN(queries)], 1, 1, &err), -1);
			assert_int_equal(err.code, ERR_FORMAT);
			assert_non_null(strstr(err.msg, t.dir));
			assert_non_null(strstr(err.msg, "damaged"));
		}
		lm_close(lm);
	}
	tiny_release(&t);
}

static void test_limits(void **state)
{
	const struct tiny_shape shape = plain;
	struct vec_u32 tokens = {0};
	lm_node node = LM_PROMPT;
	struct lm_stats before;
	struct tiny t;
	struct lm *lm;
	struct err err;
	float z;
	struct lm_query query = {.ids = &(uint32_t){2}, .n = 1, .logits = &z};

	(void)state;
	tiny_init(&t, &shape, 16);
	tiny_write(&t);
	lm = open_model(&t);
	assert_int_equal(lm->max_tokens, 0);
	lm->max_tokens = 10;
	for (uint32_t i = 0; i < 11; i++)
		vec_push(&tokens, i);
	assert_int_equal(lm_prompt(lm, tokens.at, 0, &err), -1);
	assert_int_equal(err.code, ERR_VALUE);
	assert_int_equal(lm_prompt(lm, tokens.at, 11, &err), -1);
	assert_int_equal(err.code, ERR_VALUE);
	tokens.at[2] = 50;
	assert_int_equal(lm_prompt(lm, tokens.at, 5, &err), -1);
	assert_int_equal(err.code, ERR_VALUE);
	assert_non_null(strstr(err.msg, "token 3"));
	tokens.at[2] = 49;
	check_ok(lm_prompt(lm, tokens.at, 8, &err), &err);
	for (size_t i = 0; i < 3; i++) {
		query.node = node = lm_child(lm, node, 5);
		assert_int_equal(lm_query(lm, &query, 1, 1, &err), i < 2 ? 0 : -1);
	}
	assert_int_equal(err.code, ERR_VALUE);
	query.node = LM_PROMPT;
	before = lm->stats;
	assert_int_equal(lm_query(lm, &query, 1, 0, &err), -1);
	assert_int_equal(lm_query(lm, &query, 1, NAN, &err), -1);
	assert_int_equal(lm_query(lm, &query, 1, INFINITY, &err), -1);
	assert_int_equal(err.code, ERR_VALUE);
	check_ok(lm_query(lm, &query, 1, 1, &err), &err);
	check_ok(lm_query(lm, NULL, 0, 1, &err), &err);
	assert_int_equal(lm->stats.nodes, before.nodes);
	vec_release(&tokens);
	lm_close(lm);
	tiny_release(&t);
}

#define SOONEST 20000 /* nanoseconds */
#define MOST_TRIES 5000

/* Raises a flag some time after it was started. */
struct canceller {
	cancel_flag flag;
	long nanoseconds;
};

static void *cancel_later(void *arg)
{
	struct canceller *c = arg;
	const struct timespec delay = {c->nanoseconds / 1000000000, c->nanoseconds % 1000000000};

	nanosleep(&delay, NULL);
	atomic_store(&c->flag, true);
	return NULL;
}

/* Cancels a prompt of several passes, later each time, until one gets through, and again until one was cancelled
 * between two passes, which a busy machine may well miss; after each the model is as good as before. */
static void test_cancelled_prompts(void **state)
{
	struct tiny_shape shape = plain;
	struct canceller c = {.nanoseconds = SOONEST};
	struct vec_u32 tokens = {0}, few = {0};
	bool through, once = false, midway = false;
	struct tiny t;
	struct lm *lm;
	struct rng rng;
	struct err err;

	(void)state;
	shape.layers = 4;
	tiny_init(&t, &shape, 17);
	tiny_write(&t);
	lm = open_model(&t);
	rng_seed(&rng, 6);
	random_tokens(&tokens, &rng, 2000, lm->vocab);
	for (size_t i = 0; i < 20; i++)
		vec_push(&few, tokens.at[i]);
	lm->cancel = &c.flag;
	for (size_t tries = 0; !once || !midway; tries++) {
		pthread_t thread;
		uint64_t reused = lm->stats.prompt_reused;

		assert_true(tries < MOST_TRIES);
		atomic_store(&c.flag, false);
		tokens.at[0] = (tokens.at[0] + 1) % 50;
		few.at[0] = tokens.at[0];
		assert_int_equal(pthread_create(&thread, NULL, cancel_later, &c), 0);
		through = lm_prompt(lm, tokens.at, tokens.n, &err) == 0;
		assert_int_equal(pthread_join(thread, NULL), 0);
		if (!through)
			assert_int_equal(err.code, ERR_CANCELLED);
		atomic_store(&c.flag, false);
		check_ok(lm_prompt(lm, few.at, few.n, &err), &err);
		if (!through && lm->stats.prompt_reused > reused)
			midway = true;
		check_node(lm, &t, LM_PROMPT, &few);
		once |= through;
		c.nanoseconds = through ? SOONEST : 2 * c.nanoseconds;
	}
	vec_release(&few);
	vec_release(&tokens);
	lm_close(lm);
	tiny_release(&t);
}

static void test_cancelled_queries(void **state)
{
	cancel_flag flag = false;
	struct vec_u32 tokens = {0};
	lm_node node = LM_PROMPT;
	struct tiny t;
	struct lm *lm;
	struct rng rng;
	struct err err;
	float z;
	struct lm_query query = {.ids = &(uint32_t){2}, .n = 1, .logits = &z};

	(void)state;
	tiny_init(&t, &plain, 18);
	tiny_write(&t);
	lm = open_model(&t);
	lm->cancel = &flag;
	rng_seed(&rng, 7);
	random_tokens(&tokens, &rng, 12, lm->vocab);
	check_ok(lm_prompt(lm, tokens.at, tokens.n, &err), &err);
	for (uint32_t i = 0; i < 300; i++) {
		node = lm_child(lm, node, i % 50);
		vec_push(&tokens, i % 50);
	}
	query.node = node;
	atomic_store(&flag, true);
	assert_int_equal(lm_query(lm, &query, 1, 1, &err), -1);
	assert_int_equal(err.code, ERR_CANCELLED);
	assert_int_equal(lm->stats.nodes, 0);
	atomic_store(&flag, false);
	check_node(lm, &t, node, &tokens);
	assert_int_equal(lm->stats.nodes, 300);
	vec_release(&tokens);
	lm_close(lm);
	tiny_release(&t);
}

/* AddressSanitizer needs more address space than this test leaves. */
#ifndef UNDER_ASAN
/* In a child process: a prompt whose cache does not fit is refused, and the model goes on with smaller ones. */
static int run_out_of_memory(struct lm *lm)
{
	const struct rlimit limit = {1ul << 30, 1ul << 30};
	size_t n = 1000000;
	uint32_t *tokens = xcalloc(n, sizeof(*tokens));
	struct err err;
	float z;
	struct lm_query query = {.ids = tokens, .n = 1, .logits = &z};

	if (setrlimit(RLIMIT_AS, &limit) != 0)
		return 1;
	if (lm_prompt(lm, tokens, n, &err) == 0 || err.code != ERR_MEMORY)
		return 2;
	if (lm_prompt(lm, tokens, 5, &err) != 0 || lm_query(lm, &query, 1, 1, &err) != 0)
		return 3;
	return lm_prompt(lm, tokens, n, &err) == 0 || err.code != ERR_MEMORY ? 4 : 0;
}

static void test_memory_runs_out(void **state)
{
	struct tiny_shape shape = plain;
	struct tiny t;
	int status;
	pid_t pid;

	(void)state;
	shape.max_positions = 1 << 20;
	shape.layers = 8;
	shape.head_dim = 64;
	tiny_init(&t, &shape, 19);
	tiny_write(&t);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct kern *own;
		struct lm *lm;
		struct err err;

		if (kern_new(&own, 1, &err) != 0 || transformer_open(&lm, t.dir, own, &err) != 0)
			_exit(5);
		_exit(run_out_of_memory(lm));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	tiny_release(&t);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lies),
		cmocka_unit_test(test_missing_and_misshapen_tensors),
		cmocka_unit_test(test_weights_that_are_no_numbers),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_cancelled_prompts),
		cmocka_unit_test(test_cancelled_queries),
#ifndef UNDER_ASAN
		cmocka_unit_test(test_memory_runs_out),
#endif
	};

	return cmocka_run_group_tests(tests, open_kern, close_kern);
}
