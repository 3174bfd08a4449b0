#include "randlm.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/vec.h"

struct node {
	uint32_t token;
	uint64_t hash;
	lm_node children, sibling; /* LM_PROMPT: none */
};

struct randlm {
	struct lm lm;
	struct randlm_options o;
	VEC(struct node) nodes; /* [0] is the prompt */
};

static uint64_t mix(uint64_t hash, uint64_t with)
{
	hash = (hash ^ with) + 0x9e3779b97f4a7c15u;
	hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9u;
	hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebu;
	return hash ^ (hash >> 31);
}

static uint64_t mix_tokens(uint64_t hash, const uint32_t *tokens, size_t n)
{
	for (size_t i = 0; i < n; i++)
		hash = mix(hash, tokens[i]);
	return hash;
}

static float logit(const struct randlm_options *o, uint64_t hash, uint32_t token)
{
	uint64_t h = mix(hash, token + ((uint64_t)1 << 40));
	double u = (double)(h >> 11) * 0x1p-53;

	if ((double)(mix(h, 1) >> 11) * 0x1p-53 < o->zero)
		return -INFINITY;
	if (o->levels > 0)
		return -(float)floor(u * o->levels);
	return (float)(6 * u - 3);
}

float randlm_logit(const struct randlm_options *o, const uint32_t *prompt, size_t n_prompt, const uint32_t *path,
	size_t n_path, uint32_t token)
{
	return logit(o, mix_tokens(mix_tokens(o->seed, prompt, n_prompt), path, n_path), token);
}

static int set_prompt(struct lm *lm, const uint32_t *tokens, size_t n, struct err *err)
{
	struct randlm *m = (struct randlm *)lm;

	(void)err;
	vec_clear(&m->nodes);
	vec_push(&m->nodes, (struct node){.hash = mix_tokens(m->o.seed, tokens, n)});
	return 0;
}

static lm_node child(struct lm *lm, lm_node parent, uint32_t token)
{
	struct randlm *m = (struct randlm *)lm;
	struct node new = {.token = token, .hash = mix(m->nodes.at[parent].hash, token)};

	for (lm_node c = m->nodes.at[parent].children; c != LM_PROMPT; c = m->nodes.at[c].sibling)
		if (m->nodes.at[c].token == token)
			return c;
	new.sibling = m->nodes.at[parent].children;
	m->nodes.at[parent].children = (lm_node)m->nodes.n;
	vec_push(&m->nodes, new);
	return (lm_node)(m->nodes.n - 1);
}

static double log_sum(const struct randlm *m, uint64_t hash, double tau)
{
	double sum = 0;

	for (size_t v = 0; v < m->o.vocab; v++)
		sum += exp(logit(&m->o, hash, (uint32_t)v) / tau);
	return log(sum);
}

static int query(struct lm *lm, struct lm_query *queries, size_t n, double tau, struct err *err)
{
	struct randlm *m = (struct randlm *)lm;

	(void)err;
	lm->stats.passes++;
	for (size_t i = 0; i < n; i++) {
		struct lm_query *q = &queries[i];
		uint64_t hash = m->nodes.at[q->node].hash;

		for (size_t j = 0; j < q->n; j++)
			q->logits[j] = logit(&m->o, hash, q->ids[j]);
		lm->stats.rows_picked += q->n;
		if (q->lse != NULL)
			*q->lse = log_sum(m, hash, tau);
	}
	return 0;
}

static void close_model(struct lm *lm)
{
	struct randlm *m = (struct randlm *)lm;

	vec_release(&m->nodes);
	free(m);
}

struct lm *randlm_new(const struct randlm_options *o)
{
	static const struct lm_ops ops = {.prompt = set_prompt, .child = child, .query = query, .close = close_model};
	struct randlm *m = xcalloc(1, sizeof(*m));

	m->o = *o;
	m->lm.ops = &ops;
	m->lm.vocab = o->vocab;
	return &m->lm;
}

/* Half of the items repeat the beginning of an earlier one, some the whole of it. */
void randitems_init(struct randitems *items, struct rng *r, size_t n, uint32_t alphabet, uint32_t eos)
{
	struct vec_u32 tokens = {0};

	items->n = n;
	items->first = xmalloc((n + 1) * sizeof(*items->first));
	items->first[0] = 0;
	for (size_t i = 0; i < n; i++) {
		size_t len = 1 + rng_below(r, 5), shared = 0, like = i > 0 ? rng_below(r, (uint32_t)i) : 0;

		if (i > 0 && rng_below(r, 2) == 0) {
			shared = items->first[like + 1] - items->first[like] - 1;
			shared = rng_below(r, (uint32_t)shared + 1);
			len = rng_below(r, 4) == 0 && shared > 0 ? shared : shared + rng_below(r, 3);
			len = len > 0 ? len : 1;
			len = len < RANDITEMS_LONGEST ? len : RANDITEMS_LONGEST - 1;
		}
		for (size_t t = 0; t < len; t++) {
			uint32_t token = t < shared ? tokens.at[items->first[like] + t] : rng_below(r, alphabet);

			vec_push(&tokens, token == eos ? alphabet : token);
		}
		vec_push(&tokens, eos);
		items->first[i + 1] = tokens.n;
	}
	items->tokens = tokens.at;
}

void randitems_release(struct randitems *items)
{
	free(items->tokens);
	free(items->first);
	*items = (struct randitems){0};
}
