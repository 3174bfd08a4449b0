/* See modelcheck.h. */
#include "modelcheck.h"

#include <math.h>

const struct tiny_shape plain = {
	.type = "llama",
	.vocab = 50,
	.hidden = 24,
	.layers = 3,
	.heads = 4,
	.kv_heads = 2,
	.head_dim = 6,
	.intermediate = 40,
	.max_positions = 4096,
	.theta = 10000,
	.eps = 1e-5,
	.scale = 1.5,
};

struct kern *kern;

int open_kern(void **state)
{
	struct err err;

	(void)state;
	check_ok(kern_new(&kern, 2, &err), &err);
	return 0;
}

int close_kern(void **state)
{
	(void)state;
	kern_free(kern);
	return 0;
}

struct lm *open_model(const struct tiny *t)
{
	struct lm *lm;
	struct err err;

	check_ok(transformer_open(&lm, t->dir, kern, &err), &err);
	return lm;
}

void rename_tensor(struct tiny *t, const char *from, const char *to)
{
	struct tensor *tensor = tiny_find(t, from);

	assert_non_null(tensor);
	free((char *)tensor->name);
	tensor->name = xstrdup(to);
}

void random_tokens(struct vec_u32 *tokens, struct rng *rng, size_t n, size_t vocab)
{
	for (size_t i = 0; i < n; i++)
		vec_push(tokens, rng_below(rng, (uint32_t)vocab));
}

void compare(const float *z, const double *reference, size_t n)
{
	for (size_t v = 0; v < n; v++) {
		if (!(fabs(z[v] - reference[v]) <= TOLERANCE * fmax(1, fabs(reference[v]))))
			fail_msg("token %zu: logit %.9g, plain pass %.9g", v, z[v], reference[v]);
	}
}

void check_node(struct lm *lm, struct tiny *t, lm_node node, const struct vec_u32 *tokens)
{
	size_t vocab = lm->vocab;
	double *reference = xcalloc(tokens->n * vocab, sizeof(*reference));
	float *z = xcalloc(vocab, sizeof(*z));
	struct err err;

	tiny_logits(t, reference, tokens->at, tokens->n);
	check_ok(lm_query(lm, &(struct lm_query){.node = node, .all = z}, 1, 1, &err), &err);
	compare(z, reference + (tokens->n - 1) * vocab, vocab);
	free(reference);
	free(z);
}

void expect_refusal(struct tiny *t, enum err_code code, const char *part, const char *other)
{
	struct lm *lm;
	struct err err;

	assert_int_equal(transformer_open(&lm, t->dir, kern, &err), -1);
	if (err.code != code || strstr(err.msg, part) == NULL || strstr(err.msg, other) == NULL)
		fail_msg("code %d: '%s' lacks '%s' or '%s'", err.code, err.msg, part, other);
}
