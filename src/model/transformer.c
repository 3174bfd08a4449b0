/*
 * A decoder-only transformer behind struct lm.
 *
 * The cache's slots 0 … n-1 hold the prompt, the slots after them the tree's tokens in the order in which they were
 * computed. A computed node's value is its row in `top`: row 0 is the end of the prompt, and the node of row r > 0 sits
 * in slot n-1 + r. Rows are never moved or given up until the next prompt.
 */
#include "model/transformer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "forward.h"
#include "kern/layers.h"
#include "kern/linear.h"
#include "model/weights.h"
#include "tree.h"

#define PROMPT_ROWS 512 /* of one pass: enough for the products' full speed, and activations stay small */
#define TREE_ROWS 256

/* A node that is about to be computed. */
#define PENDING (TREE_NONE - 1)

struct transformer {
	struct lm lm;
	char *dir;           /* owned, for messages */
	char *tokenizer_dir; /* owned; NULL: dir */
	struct model_config config;
	struct weights weights;
	struct params own;           /* bound to the file; empty when the values are another's */
	const struct params *base;   /* own, or borrowed: without an adapter */
	struct model_config base_config;
	struct params *adapted;      /* owned: the base's and what the adapter holds whole; NULL: it holds nothing so */
	const struct params *params; /* base, or adapted */
	struct adapter own_adapter;  /* opened by transformer_adapt */
	struct kern *kern;           /* borrowed */
	struct forward forward;
	struct vec_u32 prompt; /* tokens in the cache's first slots */
	struct tree tree;
	float *top;  /* owned, [top_cap, hidden]: final hidden states */
	double *lse; /* owned, [top_cap]: of lse_tau; NAN: not known */
	double lse_tau;
	size_t top_n, top_cap;
	/* One query's or pass's working lists; kept for their storage. */
	struct vec_u32 missing, tokens, positions, path, rows, ids;
	VEC(size_t) first;
	VEC(float) out;
	VEC(double) sums;
};

static struct transformer *of(const struct lm *lm)
{
	return (struct transformer *)lm;
}

static int reserve_top(struct transformer *m, size_t rows, struct err *err)
{
	size_t cap = m->top_cap + m->top_cap / 2;
	void *top = m->top, *lse = m->lse;

	if (rows <= m->top_cap)
		return 0;
	if (cap < rows)
		cap = rows;
	if (mem_try_grow(&top, m->top_cap, cap, m->config.hidden * sizeof(float), "hidden states", err) != 0)
		return -1;
	m->top = top;
	if (mem_try_grow(&lse, m->top_cap, cap, sizeof(*m->lse), "hidden states", err) != 0)
		return -1;
	m->lse = lse;
	m->top_cap = cap;
	return 0;
}

static void forget_lse(struct transformer *m, size_t from)
{
	for (size_t r = from; r < m->top_n; r++)
		m->lse[r] = NAN;
}

/* Tokens of the new prompt that the cache holds; the last one is computed in any case, since its hidden state is
 * needed. None are where it would show in the bits of the answers which prompt came before. */
static size_t shared_prefix(const struct transformer *m, const uint32_t *tokens, size_t n)
{
	size_t limit = m->prompt.n < n - 1 ? m->prompt.n : n - 1, same = 0;

	if (!linear_rows_alone(m->kern))
		return 0;

	while (same < limit && m->prompt.at[same] == tokens[same])
		same++;
	return same;
}

/* One pass of the prompt's tokens at … at + rows - 1, of n in all. */
static int prompt_pass(struct transformer *m, const uint32_t *tokens, size_t at, size_t rows, size_t n, struct err *err)
{
	struct pass pass = {
		.rows = rows, .tokens = tokens + at, .slot = at, .top = m->top, .wanted = at + rows == n ? 1 : 0};

	vec_clear(&m->positions);
	for (size_t r = 0; r < rows; r++)
		vec_push(&m->positions, (uint32_t)(at + r));
	pass.position = m->positions.at;
	if (forward_run(&m->forward, &pass, m->lm.cancel, err) != 0)
		return -1;
	for (size_t r = 0; r < rows; r++)
		vec_push(&m->prompt, tokens[at + r]);
	return 0;
}

static int transformer_prompt(struct lm *lm, const uint32_t *tokens, size_t n, struct err *err)
{
	struct transformer *m = of(lm);
	size_t kept = shared_prefix(m, tokens, n);
	size_t rows = n - kept < PROMPT_ROWS ? n - kept : PROMPT_ROWS;

	m->prompt.n = kept;
	m->top_n = 0;
	if (forward_reserve(&m->forward, rows, n, n, err) != 0 || reserve_top(m, 1, err) != 0)
		return -1;
	for (size_t at = kept; at < n; at += rows) {
		if (rows > n - at)
			rows = n - at;
		if (prompt_pass(m, tokens, at, rows, n, err) != 0)
			return -1;
	}
	m->top_n = 1;
	forget_lse(m, 0);
	tree_clear(&m->tree);
	m->tree.at[LM_PROMPT].value = 0;
	m->lm.stats.prompt_tokens += n;
	m->lm.stats.prompt_reused += kept;
	return 0;
}

static lm_node transformer_child(struct lm *lm, lm_node parent, uint32_t token)
{
	return tree_child(&of(lm)->tree, parent, token);
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Lists the nodes between the queried ones and what is computed. In order of their numbers parents come first. */
static int collect_missing(struct transformer *m, const struct lm_query *queries, size_t n, struct err *err)
{
	size_t limit = m->lm.max_tokens > 0 ? m->lm.max_tokens - m->prompt.n : SIZE_MAX;
	struct tree_node *at = m->tree.at;

	vec_clear(&m->missing);
	for (size_t q = 0; q < n; q++) {
		if (queries[q].node >= m->tree.n)
			BUG("node %u of a tree of %zu", queries[q].node, m->tree.n);
		if (at[queries[q].node].depth > limit)
			return err_set(err, ERR_VALUE, "a prompt of %zu tokens and %u after it: '%s' takes %zu in all",
				m->prompt.n, at[queries[q].node].depth, m->dir, m->lm.max_tokens);
	}
	for (size_t q = 0; q < n; q++) {
		for (lm_node node = queries[q].node; at[node].value == TREE_NONE; node = at[node].parent) {
			at[node].value = PENDING;
			vec_push(&m->missing, node);
		}
	}
	if (m->missing.n > 0)
		qsort(m->missing.at, m->missing.n, sizeof(*m->missing.at), by_number);
	return 0;
}

/* The slots of a node and its ancestors below the prompt, top first, at the end of m->path. */
static void push_path(struct transformer *m, lm_node node)
{
	const struct tree_node *at = m->tree.at;
	size_t end = m->path.n + at[node].depth;

	vec_reserve(&m->path, end);
	m->path.n = end;
	for (; node != LM_PROMPT; node = at[node].parent)
		m->path.at[--end] = (uint32_t)(m->prompt.n - 1 + at[node].value);
}

/* One pass of the given nodes: their parents are computed or stand before them. */
static int tree_pass(struct transformer *m, const uint32_t *nodes, size_t rows, struct err *err)
{
	struct pass pass = {.rows = rows, .slot = m->prompt.n - 1 + m->top_n, .prompt = m->prompt.n, .wanted = rows};
	size_t end = m->prompt.n + m->tree.at[nodes[0]].depth;

	vec_clear(&m->tokens);
	vec_clear(&m->positions);
	vec_clear(&m->path);
	vec_clear(&m->first);
	for (size_t r = 0; r < rows; r++) {
		struct tree_node *node = &m->tree.at[nodes[r]];

		node->value = (uint32_t)(m->top_n + r);
		if (end < m->prompt.n + node->depth)
			end = m->prompt.n + node->depth;
		vec_push(&m->tokens, node->token);
		vec_push(&m->positions, (uint32_t)(m->prompt.n - 1 + node->depth));
		vec_push(&m->first, m->path.n);
		push_path(m, nodes[r]);
	}
	vec_push(&m->first, m->path.n);
	if (forward_reserve(&m->forward, rows, end, pass.slot + rows, err) != 0 ||
		reserve_top(m, m->top_n + rows, err) != 0)
		return -1;
	pass.tokens = m->tokens.at;
	pass.position = m->positions.at;
	pass.path = m->path.at;
	pass.first = m->first.at;
	pass.top = m->top + m->top_n * m->config.hidden;
	if (forward_run(&m->forward, &pass, m->lm.cancel, err) != 0)
		return -1;
	m->top_n += rows;
	forget_lse(m, m->top_n - rows);
	m->lm.stats.nodes += rows;
	m->lm.stats.passes++;
	return 0;
}

static int compute_missing(struct transformer *m, const struct lm_query *queries, size_t n, struct err *err)
{
	if (collect_missing(m, queries, n, err) != 0)
		return -1;
	for (size_t at = 0; at < m->missing.n; at += TREE_ROWS) {
		size_t rows = m->missing.n - at < TREE_ROWS ? m->missing.n - at : TREE_ROWS;

		if (tree_pass(m, m->missing.at + at, rows, err) != 0) {
			for (size_t i = at; i < m->missing.n; i++)
				m->tree.at[m->missing.at[i]].value = TREE_NONE;
			return -1;
		}
	}
	return 0;
}

static uint32_t row_of(const struct transformer *m, const struct lm_query *query)
{
	return m->tree.at[query->node].value;
}

static int check_finite(const struct transformer *m, double z, struct err *err)
{
	if (isfinite(z))
		return 0;
	return err_set(err, ERR_FORMAT,
		"%s: the model gives a logit of %g, which is not a finite number: its weights may be damaged", m->dir,
		z);
}

/* The ids of all queries are one list of (row, id) pairs. */
static int pick_logits(struct transformer *m, struct lm_query *queries, size_t n, struct err *err)
{
	const float *z;

	vec_clear(&m->rows);
	vec_clear(&m->ids);
	for (size_t q = 0; q < n; q++) {
		for (size_t i = 0; i < queries[q].n; i++) {
			vec_push(&m->rows, row_of(m, &queries[q]));
			vec_push(&m->ids, queries[q].ids[i]);
		}
	}
	if (m->ids.n == 0)
		return 0;
	vec_reserve(&m->out, m->ids.n);
	linear_pick_fwd(m->kern, m->out.at, m->top, &m->params->head->tensor, m->rows.at, m->ids.at, m->ids.n);
	m->lm.stats.rows_picked += m->ids.n;
	for (size_t i = 0; i < m->ids.n; i++) {
		if (check_finite(m, m->out.at[i], err) != 0)
			return -1;
	}
	z = m->out.at;
	for (size_t q = 0; q < n; q++) {
		if (queries[q].n > 0)
			memcpy(queries[q].logits, z, queries[q].n * sizeof(*z));
		z += queries[q].n;
	}
	return 0;
}

/* Whole rows of logits; the log-sum falls out of them. */
static int full_logits(struct transformer *m, struct lm_query *queries, size_t n, double tau, struct err *err)
{
	for (size_t q = 0; q < n; q++) {
		size_t row = row_of(m, &queries[q]);

		if (queries[q].all == NULL)
			continue;
		linear_fwd(m->kern, queries[q].all, m->top + row * m->config.hidden, &m->params->head->tensor, NULL,
			false, 1);
		m->lm.stats.rows_full++;
		m->lse[row] = lse_fwd(queries[q].all, m->lm.vocab, 1 / tau);
		if (check_finite(m, m->lse[row], err) != 0)
			return -1;
	}
	return 0;
}

/* Computes the log-sums that are wanted and not known yet, each row's once, and gives them out. */
static int log_sums(struct transformer *m, struct lm_query *queries, size_t n, double tau, struct err *err)
{
	size_t hidden = m->config.hidden;

	vec_clear(&m->rows);
	for (size_t q = 0; q < n; q++) {
		uint32_t row = row_of(m, &queries[q]);

		if (queries[q].lse == NULL || !isnan(m->lse[row]))
			continue;
		m->lse[row] = INFINITY; /* listed */
		vec_push(&m->rows, row);
	}
	vec_reserve(&m->out, m->rows.n * hidden);
	vec_reserve(&m->sums, m->rows.n);
	for (size_t r = 0; r < m->rows.n; r++)
		memcpy(m->out.at + r * hidden, m->top + m->rows.at[r] * hidden, hidden * sizeof(*m->top));
	if (m->rows.n > 0)
		linear_lse_fwd(m->kern, m->sums.at, m->out.at, &m->params->head->tensor, 1 / tau, m->rows.n);
	m->lm.stats.rows_full += m->rows.n;
	for (size_t r = 0; r < m->rows.n; r++) {
		if (check_finite(m, m->sums.at[r], err) != 0)
			return -1;
		m->lse[m->rows.at[r]] = m->sums.at[r];
	}
	for (size_t q = 0; q < n; q++) {
		if (queries[q].lse != NULL)
			*queries[q].lse = m->lse[row_of(m, &queries[q])];
	}
	return 0;
}

static int transformer_query(struct lm *lm, struct lm_query *queries, size_t n, double tau, struct err *err)
{
	struct transformer *m = of(lm);

	if (compute_missing(m, queries, n, err) != 0)
		return -1;
	if (m->lse_tau != tau) {
		forget_lse(m, 0);
		m->lse_tau = tau;
	}
	if (pick_logits(m, queries, n, err) != 0 || full_logits(m, queries, n, tau, err) != 0 ||
		log_sums(m, queries, n, tau, err) != 0) {
		forget_lse(m, 0);
		return -1;
	}
	return 0;
}

static void free_params(struct params *p)
{
	if (p != NULL)
		params_release(p);
	free(p);
}

static void transformer_close(struct lm *lm)
{
	struct transformer *m = of(lm);

	forward_release(&m->forward);
	free_params(m->adapted);
	adapter_release(&m->own_adapter);
	params_release(&m->own);
	weights_release(&m->weights);
	tree_release(&m->tree);
	free(m->top);
	free(m->lse);
	vec_release(&m->prompt);
	vec_release(&m->missing);
	vec_release(&m->tokens);
	vec_release(&m->positions);
	vec_release(&m->path);
	vec_release(&m->first);
	vec_release(&m->rows);
	vec_release(&m->ids);
	vec_release(&m->out);
	vec_release(&m->sums);
	free(m->dir);
	free(m->tokenizer_dir);
	free(m);
}

static const struct lm_ops transformer_ops = {
	.prompt = transformer_prompt,
	.child = transformer_child,
	.query = transformer_query,
	.close = transformer_close,
};

static struct transformer *transformer_new(const char *dir, struct kern *kern)
{
	struct transformer *m = xcalloc(1, sizeof(*m));

	m->lm.ops = &transformer_ops;
	m->dir = xstrdup(dir);
	m->kern = kern;
	return m;
}

int transformer_open(struct lm **out, const char *path, struct kern *kern, struct err *err)
{
	struct transformer *m = transformer_new(path, kern);

	m->params = m->base = &m->own;
	if (weights_open(&m->weights, &m->config, path, err) != 0 || params_init(&m->own, &m->config, err) != 0 ||
		weights_bind(&m->weights, &m->config, &m->own, err) != 0 ||
		forward_init(&m->forward, &m->config, m->params, kern, err) != 0) {
		transformer_close(&m->lm);
		return -1;
	}
	m->base_config = m->config;
	m->lm.vocab = m->config.vocab;
	m->lm.max_tokens = model_config_longest(&m->config);
	*out = &m->lm;
	return 0;
}

int transformer_over(struct lm **out, const struct lm *base, const struct params *params, const struct adapter *adapter,
	struct err *err)
{
	const struct transformer *b = of(base);
	struct transformer *m = transformer_new(b->dir, b->kern);

	m->config = b->config;
	m->params = m->base = params;
	m->base_config = m->config;
	if (forward_init(&m->forward, &m->config, params, m->kern, err) != 0) {
		transformer_close(&m->lm);
		return -1;
	}
	forward_adapt(&m->forward, adapter);
	m->tokenizer_dir = b->tokenizer_dir != NULL ? xstrdup(b->tokenizer_dir) : NULL;
	m->lm.vocab = base->vocab;
	m->lm.max_tokens = base->max_tokens;
	*out = &m->lm;
	return 0;
}

/* Other parameters take another forward pass, with caches of its own. adapted: NULL, the base's. */
static int change_params(struct transformer *m, struct params *adapted, const struct model_config *config,
	struct err *err)
{
	const struct params *params = adapted != NULL ? adapted : m->base;
	struct forward forward;

	if (params == m->params)
		return 0;
	if (forward_init(&forward, &m->config, params, m->kern, err) != 0)
		return -1;
	forward_release(&m->forward);
	free_params(m->adapted);
	m->forward = forward;
	m->adapted = adapted;
	m->params = params;
	m->config = *config;
	m->lm.vocab = config->vocab;
	return 0;
}

int transformer_adapt(struct lm *lm, const char *dir, struct err *err)
{
	struct transformer *m = of(lm);
	struct model_config config = m->base_config;
	struct params *adapted = NULL;
	struct adapter adapter;

	if (adapter_open(&adapter, dir, m->base, err) != 0)
		return -1;
	if (adapter.n_saved > 0) {
		adapted = xcalloc(1, sizeof(*adapted));
		if (adapter_params(&adapter, adapted, &config, m->base, err) != 0)
			goto fail;
	}
	if (change_params(m, adapted, &config, err) != 0)
		goto fail;
	adapter_release(&m->own_adapter);
	m->own_adapter = adapter;
	forward_adapt(&m->forward, &m->own_adapter);
	free(m->tokenizer_dir);
	m->tokenizer_dir = file_exists_in(dir, "tokenizer.json") ? xstrdup(dir) : NULL;
	transformer_forget(lm);
	return 0;
fail:
	free_params(adapted);
	adapter_release(&adapter);
	return -1;
}

void transformer_forget(struct lm *lm)
{
	struct transformer *m = of(lm);

	vec_clear(&m->prompt);
	m->top_n = 0;
	lm->prompted = false;
}

const struct adapter *transformer_adapter(const struct lm *lm)
{
	return of(lm)->forward.adapter;
}

const char *transformer_dir(const struct lm *lm)
{
	return of(lm)->dir;
}

const char *transformer_tokenizer_dir(const struct lm *lm)
{
	const struct transformer *m = of(lm);

	return m->tokenizer_dir != NULL ? m->tokenizer_dir : m->dir;
}

const struct model_config *transformer_config(const struct lm *lm)
{
	return &of(lm)->config;
}

const struct params *transformer_params(const struct lm *lm)
{
	return of(lm)->params;
}

const struct gguf *transformer_gguf(const struct lm *lm)
{
	return of(lm)->weights.is_gguf ? &of(lm)->weights.gguf : NULL;
}

size_t transformer_unused_tensors(const struct lm *lm)
{
	return of(lm)->weights.unused.n;
}

const char *transformer_unused_tensor(const struct lm *lm, size_t i)
{
	return of(lm)->weights.unused.at[i];
}

size_t transformer_cache_bytes(const struct lm *lm)
{
	return kvcache_bytes(&of(lm)->forward.cache);
}
