#include "search/scorer.h"

#include <math.h>
#include <stdlib.h>

#include "base/buf.h"

#define NO_NODE ((lm_node)UINT32_MAX)

static const double certain = 0.0; /* the answer of a node with a single child: log 1 */
static const double pending = 0.0; /* marks a node whose answer is being asked for */

static uint32_t any_item_below(const struct trie *t, uint32_t node)
{
	while (!trie_is_leaf(t, node))
		node = t->first[node];
	return t->leaf_item[t->leaf_first[node]];
}

static int check_vocabulary(const struct trie *t, size_t vocab, struct err *err)
{
	for (uint32_t node = TRIE_ROOT + 1; node < t->n_nodes; node++)
		if (t->token[node] >= vocab)
			return err_set(err, ERR_VALUE,
				"item %u (from 1) has the token id %u, but the model knows only %zu "
				"tokens; items need the tokens of the model's own tokenizer",
				(unsigned)any_item_below(t, node) + 1, (unsigned)t->token[node], vocab);
	return 0;
}

int scorer_init(
	struct scorer *s, struct lm *lm, const struct trie *trie, enum mask_rule mask, double tau, struct err *err)
{
	*s = (struct scorer){.lm = lm, .trie = trie, .mask = mask, .tau = tau};
	arena_init(&s->arena);
	if (!(tau > 0) || !isfinite(tau))
		return err_set(err, ERR_VALUE, "the temperature tau is %g; it must be greater than 0", tau);
	if (check_vocabulary(trie, lm->vocab, err) < 0)
		return -1;
	s->logp = mem_try_alloc(trie->n_nodes, sizeof(*s->logp), true, "scores of the trie", err);
	s->lm_node = mem_try_alloc(trie->n_nodes, sizeof(*s->lm_node), false, "scores of the trie", err);
	s->touched = mem_try_alloc(trie->n_nodes, sizeof(*s->touched), false, "scores of the trie", err);
	s->path = mem_try_alloc(trie->max_depth, sizeof(*s->path), false, "scores of the trie", err);
	if (s->logp == NULL || s->lm_node == NULL || s->touched == NULL || s->path == NULL) {
		scorer_release(s);
		return -1;
	}
	for (size_t i = 0; i < trie->n_nodes; i++)
		s->lm_node[i] = NO_NODE;
	s->lm_node[TRIE_ROOT] = LM_PROMPT;
	return 0;
}

void scorer_release(struct scorer *s)
{
	free(s->logp);
	free(s->lm_node);
	free(s->touched);
	free(s->path);
	arena_release(&s->arena);
	*s = (struct scorer){0};
}

static void forget_answers(struct scorer *s)
{
	s->logp[TRIE_ROOT] = NULL;
	for (size_t i = 0; i < s->n_touched; i++)
		s->logp[s->touched[i]] = NULL;
	arena_clear(&s->arena);
}

int scorer_prompt(struct scorer *s, const uint32_t *tokens, size_t n, struct err *err)
{
	forget_answers(s);
	for (size_t i = 0; i < s->n_touched; i++)
		s->lm_node[s->touched[i]] = NO_NODE;
	s->n_touched = 0;
	s->scored = s->expanded = 0;
	return lm_prompt(s->lm, tokens, n, err);
}

void scorer_set(struct scorer *s, enum mask_rule mask, double tau)
{
	size_t n = 0;

	if (!(tau > 0))
		BUG("tau is %g", tau);
	forget_answers(s);
	for (size_t i = 0; i < s->n_touched; i++)
		if (s->lm_node[s->touched[i]] != NO_NODE)
			s->touched[n++] = s->touched[i];
	s->n_touched = n;
	s->mask = mask;
	s->tau = tau;
}

/* Called before a node gets its first entry in logp or lm_node. */
static void touch(struct scorer *s, uint32_t node)
{
	if (node != TRIE_ROOT && s->logp[node] == NULL && s->lm_node[node] == NO_NODE)
		s->touched[s->n_touched++] = node;
}

static lm_node model_node(struct scorer *s, uint32_t node)
{
	size_t depth = 0;

	for (; s->lm_node[node] == NO_NODE; node = s->trie->parent[node])
		s->path[depth++] = node;
	while (depth > 0) {
		uint32_t child = s->path[--depth];

		touch(s, child);
		s->lm_node[child] = lm_child(s->lm, s->lm_node[node], s->trie->token[child]);
		node = child;
	}
	return s->lm_node[node];
}

static void add_path(const struct scorer *s, uint32_t node, struct buf *out)
{
	size_t depth = trie_depth(s->trie, node);
	uint32_t *tokens = xmalloc((depth + 1) * sizeof(*tokens));

	trie_path(s->trie, node, tokens);
	buf_addstr(out, depth == 0 ? "at the start of an item" : "after the tokens");
	for (size_t i = 0; i < depth; i++)
		buf_addf(out, " %u", (unsigned)tokens[i]);
	free(tokens);
}

static int no_distribution(const struct scorer *s, uint32_t node, struct err *err)
{
	struct buf where = {0};

	if (trie_n_children(s->trie, node) == 0)
		return err_set(err, ERR_VALUE, "the catalogue has no item that could be searched for");
	add_path(s, node, &where);
	err_set(err, ERR_VALUE,
		"%s the model gives every valid next token probability zero, so that --mask before has "
		"nothing to choose from; --mask after treats such a prefix as a dead end",
		buf_str(&where));
	buf_release(&where);
	return -1;
}

static int bad_logit(const struct scorer *s, uint32_t node, uint32_t token, double logit, struct err *err)
{
	struct buf where = {0};

	add_path(s, node, &where);
	err_set(err, ERR_FORMAT, "%s the model's logit of token %u is %g, not a finite number", buf_str(&where),
		(unsigned)token, logit);
	buf_release(&where);
	return -1;
}

/* log softmax over the children of z/tau. exp(0) of the largest makes the sum at least 1: no log p exceeds 0. */
static void softmax_children(double *logp, const float *logits, size_t n, double tau)
{
	double largest = -INFINITY, sum = 0, log_sum;

	for (size_t i = 0; i < n; i++)
		largest = logits[i] > largest ? logits[i] : largest;
	if (largest == -INFINITY) {
		for (size_t i = 0; i < n; i++)
			logp[i] = -INFINITY;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		logp[i] = (logits[i] - largest) / tau;
		sum += exp(logp[i]);
	}
	log_sum = log(sum);
	for (size_t i = 0; i < n; i++)
		logp[i] -= log_sum;
}

/* z/tau - lse; rounding must not lift it above 0. */
static void softmax_vocabulary(double *logp, const float *logits, size_t n, double tau, double lse)
{
	for (size_t i = 0; i < n; i++)
		logp[i] = logits[i] == -INFINITY ? -INFINITY : fmin(logits[i] / tau - lse, 0.0);
}

/* Fills s->logp of a queried node. */
static int keep_answer(struct scorer *s, uint32_t node, const struct lm_query *q, struct err *err)
{
	double *logp = arena_alloc(&s->arena, q->n * sizeof(*logp));

	for (size_t i = 0; i < q->n; i++)
		if (!(q->logits[i] < INFINITY))
			return bad_logit(s, node, q->ids[i], q->logits[i], err);
	if (s->mask == MASK_BEFORE)
		softmax_children(logp, q->logits, q->n, s->tau);
	else
		softmax_vocabulary(logp, q->logits, q->n, s->tau, *q->lse);
	s->logp[node] = logp;
	s->scored += q->n;
	s->expanded++;
	return 0;
}

/* Answers without the model what can be, and marks the others as pending, in `missing`. Returns the number of these. */
static size_t find_missing(struct scorer *s, const uint32_t *nodes, size_t n, uint32_t *missing, size_t *n_ids)
{
	size_t n_missing = 0;

	*n_ids = 0;
	for (size_t i = 0; i < n; i++) {
		uint32_t node = nodes[i];

		if (s->logp[node] != NULL || trie_n_children(s->trie, node) == 0)
			continue;
		touch(s, node);
		if (scorer_certain(s, node)) {
			s->logp[node] = &certain;
			s->scored++;
			s->expanded++;
			continue;
		}
		s->logp[node] = &pending;
		missing[n_missing++] = node;
		*n_ids += trie_n_children(s->trie, node);
	}
	return n_missing;
}

/* One model query for the pending nodes. */
static int ask(struct scorer *s, const uint32_t *nodes, size_t n, size_t n_ids, struct err *err)
{
	const struct trie *t = s->trie;
	struct lm_query *queries = xcalloc(n, sizeof(*queries));
	double *lse = xmalloc(n * sizeof(*lse));
	float *logits = xmalloc(n_ids * sizeof(*logits)), *at = logits;
	int rc;

	for (size_t i = 0; i < n; i++) {
		queries[i].node = model_node(s, nodes[i]);
		queries[i].ids = t->token + t->first[nodes[i]];
		queries[i].n = trie_n_children(t, nodes[i]);
		queries[i].logits = at;
		queries[i].lse = s->mask == MASK_AFTER ? &lse[i] : NULL;
		at += queries[i].n;
	}
	rc = lm_query(s->lm, queries, n, s->tau, err);
	for (size_t i = 0; i < n && rc == 0; i++)
		rc = keep_answer(s, nodes[i], &queries[i], err);
	free(logits);
	free(lse);
	free(queries);
	return rc;
}

/* As scorer_expand, without the check that there is a distribution. */
static int expand(struct scorer *s, const uint32_t *nodes, size_t n, struct err *err)
{
	uint32_t *missing;
	size_t n_missing, n_ids;
	int rc = 0;

	if (n == 0)
		return 0;
	missing = xmalloc(n * sizeof(*missing));
	n_missing = find_missing(s, nodes, n, missing, &n_ids);
	if (n_missing > 0)
		rc = ask(s, missing, n_missing, n_ids, err);
	if (rc < 0)
		for (size_t i = 0; i < n_missing; i++)
			s->logp[missing[i]] = s->logp[missing[i]] == &pending ? NULL : s->logp[missing[i]];
	free(missing);
	return rc;
}

/* Whether some child has a probability above zero. The first one usually has. */
static bool has_distribution(const struct scorer *s, uint32_t node)
{
	size_t n = trie_n_children(s->trie, node);

	for (size_t i = 0; i < n; i++)
		if (s->logp[node][i] > -INFINITY)
			return true;
	return n > 0 && s->mask == MASK_AFTER;
}

int scorer_expand(struct scorer *s, const uint32_t *nodes, size_t n, struct err *err)
{
	if (expand(s, nodes, n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (!has_distribution(s, nodes[i]))
			return no_distribution(s, nodes[i], err);
	return 0;
}

int scorer_path(struct scorer *s, uint32_t node, double *sum, double *steps, struct err *err)
{
	size_t depth = trie_depth(s->trie, node);
	uint32_t *parents = xmalloc((depth + 1) * sizeof(*parents));
	int rc;

	parents[depth] = node;
	for (size_t i = depth; i > 0; i--)
		parents[i - 1] = s->trie->parent[parents[i]];
	rc = expand(s, parents, depth, err);
	*sum = 0;
	for (size_t i = 0; i < depth && rc == 0; i++) {
		double logp = scorer_step(s, parents[i + 1]);

		if (*sum > -INFINITY && !has_distribution(s, parents[i]))
			rc = no_distribution(s, parents[i], err);
		*sum += logp;
		if (steps != NULL)
			steps[i] = logp;
	}
	free(parents);
	return rc;
}
