/*
 * Between the final hidden states and the objective: logits, log-probabilities, and back.
 *
 * Under the mask a row's logits are those of the children of its trie node. The rows of one node are gathered, since
 * they meet the same few rows of the output matrix (all items begin at the root, and popular prefixes come again), and
 * one small product serves them all.
 */
#include <stdlib.h>
#include <string.h>

#include "diagnose/diagnosis.h"
#include "kern/linear.h"
#include "kern/xent.h"
#include "loss_priv.h"

/* Consecutive head rows of one trie node. */
struct group {
	size_t from, rows;
	const uint32_t *ids; /* [n] the children's tokens */
	size_t n;
	float *z;            /* [rows, n] */
};

static int by_value(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return a < b ? -1 : a > b;
}

static size_t wanted_of(const struct loss_batch *b, size_t row)
{
	return (size_t)(uint32_t)b->order[row];
}

/* The next group, or false. A zeroed one is before the first. */
static bool next_group(const struct loss_work *w, struct group *g)
{
	const struct loss_batch *b = &w->at;
	size_t from = g->from + g->rows, to = from;
	float *z = g->z ? g->z + g->rows * g->n : b->z;
	uint64_t node;

	if (from == b->n_wanted)
		return false;
	node = b->order[from] >> 32;
	while (to < b->n_wanted && b->order[to] >> 32 == node)
		to++;
	*g = (struct group){
		.from = from,
		.rows = to - from,
		.ids = w->trie->token + w->trie->first[node],
		.n = trie_n_children(w->trie, (uint32_t)node),
		.z = z,
	};
	return true;
}

static void sort_rows(struct loss_work *w, size_t hidden)
{
	struct loss_batch *b = &w->at;
	const struct trie *t = w->trie;

	for (size_t i = 0; i < b->n_wanted; i++)
		b->order[i] = (uint64_t)t->parent[b->node[b->token[i]]] << 32 | i;
	qsort(b->order, b->n_wanted, sizeof(*b->order), by_value);
	for (size_t i = 0; i < b->n_wanted; i++) {
		uint32_t node = b->node[b->token[wanted_of(b, i)]];

		b->label[i] = node - t->first[t->parent[node]];
		memcpy(b->x + i * hidden, b->top + wanted_of(b, i) * hidden, hidden * sizeof(*b->x));
	}
}

static double row_beta(
	const struct loss_batch *b, const float *z, size_t n, double lse, const struct objective_params *p)
{
	for (size_t j = 0; j < n; j++)
		b->child_logp[j] = z[j] / p->tau - lse;
	return token_beta(b->child_logp, n, p->K);
}

static void masked_forward(struct loss_work *w, const struct loss_request *r)
{
	struct loss_batch *b = &w->at;
	const struct param *head = r->trained->params.head;
	struct group g = {.rows = 0};

	sort_rows(w, head->cols);
	while (next_group(w, &g)) {
		linear_rows_fwd(w->kern, g.z, b->x + g.from * head->cols, &head->tensor, g.ids, g.rows, g.n);
		xent_fwd(w->kern, b->head_logp + g.from, b->lse + g.from, g.z, b->label + g.from, 1 / r->params.tau,
			g.rows, g.n);
		for (size_t i = 0; i < g.rows; i++) {
			size_t token = b->token[wanted_of(b, g.from + i)];

			b->logp[token] = b->head_logp[g.from + i];
			if (b->beta)
				b->beta[token] = row_beta(b, g.z + i * g.n, g.n, b->lse[g.from + i], &r->params);
		}
	}
}

static void masked_backward(struct loss_work *w, const struct loss_request *r, float *dhead)
{
	struct loss_batch *b = &w->at;
	const struct param *head = r->trained->params.head;
	size_t hidden = head->cols;
	struct group g = {.rows = 0};

	for (size_t i = 0; i < b->n_wanted; i++)
		b->head_dlogp[i] = b->dlogp[b->token[wanted_of(b, i)]];
	memset(b->dx, 0, b->n_wanted * hidden * sizeof(*b->dx));
	while (next_group(w, &g)) {
		xent_bwd(w->kern, g.z, b->head_dlogp + g.from, b->lse + g.from, g.z, b->label + g.from,
			1 / r->params.tau, g.rows, g.n);
		linear_rows_bwd(w->kern, b->dx + g.from * hidden, dhead, g.z, b->x + g.from * hidden, &head->tensor,
			g.ids, g.rows, g.n);
	}
	for (size_t i = 0; i < b->n_wanted; i++)
		memcpy(b->dtop + wanted_of(b, i) * hidden, b->dx + i * hidden, hidden * sizeof(*b->dtop));
}

/* Some rows, all with the whole vocabulary. The last slot of z serves all blocks for which there is none of their own:
 * of these, only the last one is still there on the way back. */
struct block {
	size_t from, rows;
	float *z; /* [rows, vocab] */
	bool lost;
};

static struct block block_at(const struct loss_batch *b, size_t i, size_t vocab)
{
	size_t from = i * VOCAB_BLOCK, left = b->n_wanted - from, last = (b->n_wanted - 1) / VOCAB_BLOCK;
	size_t slot = i < b->slots ? i : b->slots - 1;

	return (struct block){
		.from = from,
		.rows = left < VOCAB_BLOCK ? left : VOCAB_BLOCK,
		.z = b->z + slot * VOCAB_BLOCK * vocab,
		.lost = slot == b->slots - 1 && i < last,
	};
}

static void block_logits(struct loss_work *w, const struct loss_request *r, const struct block *a)
{
	const struct param *head = r->trained->params.head;

	linear_batch_fwd(w->kern, a->z, w->at.x + a->from * head->cols, &head->tensor, NULL, false, a->rows);
}

static int vocab_forward(struct loss_work *w, const struct loss_request *r, const cancel_flag *cancel, struct err *err)
{
	struct loss_batch *b = &w->at;
	size_t vocab = r->trained->params.head->rows;

	for (size_t i = 0; i < b->n_wanted; i++)
		b->label[i] = w->trie->token[b->node[i]];
	for (size_t i = 0; i * VOCAB_BLOCK < b->n_wanted; i++) {
		struct block a = block_at(b, i, vocab);

		if (cancelled(cancel))
			return err_set(err, ERR_CANCELLED, "cancelled");
		block_logits(w, r, &a);
		xent_fwd(w->kern, b->logp + a.from, b->lse + a.from, a.z, b->label + a.from, 1 / r->params.tau, a.rows,
			vocab);
	}
	return 0;
}

static int vocab_backward(struct loss_work *w, const struct loss_request *r, float *dhead, const cancel_flag *cancel,
	struct err *err)
{
	struct loss_batch *b = &w->at;
	const struct param *head = r->trained->params.head;
	size_t hidden = head->cols, vocab = head->rows;

	for (size_t i = (b->n_wanted - 1) / VOCAB_BLOCK + 1; i-- > 0;) {
		struct block a = block_at(b, i, vocab);

		if (cancelled(cancel))
			return err_set(err, ERR_CANCELLED, "cancelled");
		if (a.lost)
			block_logits(w, r, &a);
		xent_bwd(w->kern, a.z, b->dlogp + a.from, b->lse + a.from, a.z, b->label + a.from, 1 / r->params.tau,
			a.rows, vocab);
		linear_bwd_x(w->kern, b->dx + a.from * hidden, a.z, &head->tensor, false, a.rows);
		if (dhead)
			linear_bwd_w(w->kern, dhead, NULL, a.z, b->x + a.from * hidden, a.rows, vocab, hidden);
	}
	return 0;
}

int head_forward(struct loss_work *w, const struct loss_request *r, const cancel_flag *cancel, struct err *err)
{
	if (w->at.vocab)
		return vocab_forward(w, r, cancel, err);
	masked_forward(w, r);
	return 0;
}

int head_backward(struct loss_work *w, const struct loss_request *r, const cancel_flag *cancel, struct err *err)
{
	const struct param *head = r->trained->params.head;
	size_t offset = trainable_offset(r->trained, head);
	float *dhead = offset == SIZE_MAX ? NULL : r->grad + offset;

	if (w->at.vocab)
		return vocab_backward(w, r, dhead, cancel, err);
	masked_backward(w, r, dhead);
	return 0;
}
