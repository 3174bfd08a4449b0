#include "train/loss.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "loss_priv.h"

#define VOCAB_KEPT ((size_t)1 << 27) /* bytes of logits that are kept for the way back rather than computed twice */

/* Blocks of logits over the vocabulary that there is room for; no fewer for more rows. */
static size_t block_slots(size_t wanted, size_t vocab)
{
	size_t blocks = (wanted + VOCAB_BLOCK - 1) / VOCAB_BLOCK;
	size_t room = VOCAB_KEPT / sizeof(float) / VOCAB_BLOCK / vocab;

	return blocks <= room ? blocks : room > 0 ? room : 1;
}

static float *vocab_logits(struct mem_layout *p, const struct loss_batch *b, size_t vocab)
{
	size_t rows = b->slots * VOCAB_BLOCK;

	return mem_piece(p, rows < b->n_wanted ? rows : b->n_wanted, vocab, sizeof(float));
}

static void lay_out_head(struct mem_layout *p, struct loss_batch *b, const struct trainable *t, unsigned needs)
{
	const struct batch_size *s = &b->size;
	size_t n = b->n_wanted, hidden = t->config->hidden, vocab = t->config->vocab;

	b->top = mem_piece(p, n, hidden, sizeof(*b->top));
	b->x = b->vocab ? b->top : mem_piece(p, n, hidden, sizeof(*b->x));
	b->dx = mem_piece(p, n, hidden, sizeof(*b->dx));
	b->dtop = b->vocab ? b->dx : b->top;
	b->label = mem_piece(p, n, 1, sizeof(*b->label));
	b->head_logp = mem_piece(p, n, 1, sizeof(*b->head_logp));
	b->head_dlogp = mem_piece(p, n, 1, sizeof(*b->head_dlogp));
	b->lse = mem_piece(p, n, 1, sizeof(*b->lse));
	b->order = b->vocab ? NULL : mem_piece(p, n, 1, sizeof(*b->order));
	b->slots = b->vocab ? block_slots(n, vocab) : 0;
	b->z = b->vocab ? vocab_logits(p, b, vocab) : mem_piece(p, s->children, 1, sizeof(*b->z));
	b->child_logp = needs & OBJECTIVE_BETA ? mem_piece(p, s->widest, 1, sizeof(*b->child_logp)) : NULL;
}

static void lay_out(struct mem_layout *p, struct loss_batch *b, const struct batch_size *s, const struct trainable *t,
	unsigned needs)
{
	*b = (struct loss_batch){.size = *s, .vocab = needs & OBJECTIVE_VOCAB};
	b->n_wanted = b->vocab ? s->tokens : s->choices;
	b->tokens = mem_piece(p, s->rows, 1, sizeof(*b->tokens));
	b->first = mem_piece(p, s->sequences + 1, 1, sizeof(*b->first));
	b->item = mem_piece(p, s->items + 1, 1, sizeof(*b->item));
	b->node = mem_piece(p, s->tokens, 1, sizeof(*b->node));
	b->valid = mem_piece(p, s->tokens, 1, sizeof(*b->valid));
	b->logp = mem_piece(p, s->tokens, 1, sizeof(*b->logp));
	b->dlogp = mem_piece(p, s->tokens, 1, sizeof(*b->dlogp));
	b->beta = needs & OBJECTIVE_BETA ? mem_piece(p, s->tokens, 1, sizeof(*b->beta)) : NULL;
	b->cutoff = needs & OBJECTIVE_SEARCH ? mem_piece(p, s->tokens, 1, sizeof(*b->cutoff)) : NULL;
	b->wanted = mem_piece(p, b->n_wanted, 1, sizeof(*b->wanted));
	b->token = mem_piece(p, b->n_wanted, 1, sizeof(*b->token));
	lay_out_head(p, b, t, needs);
}

void batch_measure(struct batch_size *size, const struct trie *trie, const struct examples *e, const uint32_t *ids,
	size_t n)
{
	*size = (struct batch_size){.sequences = n, .nodes = trie->n_nodes};
	for (size_t i = 0; i < n; i++) {
		const struct example *x = &e->at.at[ids[i]];

		size->rows += x->n;
		size->items += x->n_targets;
		for (size_t k = 0; k < x->n_targets; k++) {
			size->tokens += x->targets[k].n;
			for (uint32_t node = x->targets[k].leaf; node != TRIE_ROOT; node = trie->parent[node]) {
				size_t valid = trie_n_children(trie, trie->parent[node]);

				size->choices += valid > 1;
				size->children += valid > 1 ? valid : 0;
				size->widest = valid > size->widest ? valid : size->widest;
			}
		}
	}
}

static void raise_to(size_t *most, size_t other)
{
	*most = other > *most ? other : *most;
}

void batch_size_raise(struct batch_size *most, const struct batch_size *other)
{
	raise_to(&most->sequences, other->sequences);
	raise_to(&most->rows, other->rows);
	raise_to(&most->items, other->items);
	raise_to(&most->tokens, other->tokens);
	raise_to(&most->choices, other->choices);
	raise_to(&most->children, other->children);
	raise_to(&most->widest, other->widest);
	raise_to(&most->nodes, other->nodes);
}

/* Of the scorer that the searches use: for every node of the trie an answer, a node of the model and a mark. */
static size_t search_bytes(const struct batch_size *s)
{
	size_t bytes;

	return mem_mul(s->nodes, sizeof(double *) + sizeof(lm_node) + sizeof(uint32_t), &bytes) ? bytes : SIZE_MAX;
}

size_t loss_bytes(const struct trainable *t, const struct objective *o, const struct batch_size *most, bool recompute)
{
	struct mem_layout p = {.base = NULL};
	struct loss_batch b;
	size_t layers, search;

	lay_out(&p, &b, most, t, o->needs);
	layers = backprop_bytes(t, most->rows, b.n_wanted, recompute);
	search = o->needs & OBJECTIVE_SEARCH ? search_bytes(most) : 0;
	if (p.used == SIZE_MAX || layers > SIZE_MAX - p.used || search > SIZE_MAX - p.used - layers)
		return SIZE_MAX;
	return p.used + layers + search;
}

int loss_new(struct loss_work **out, struct kern *kern, const struct trie *trie, bool recompute, struct err *err)
{
	struct loss_work *w = xcalloc(1, sizeof(*w));

	w->kern = kern;
	w->trie = trie;
	w->recompute = recompute;
	if (backprop_new(&w->backprop, kern, recompute, err)) {
		free(w);
		return -1;
	}
	*out = w;
	return 0;
}

void loss_free(struct loss_work *w)
{
	if (!w)
		return;
	backprop_free(w->backprop);
	free(w->storage);
	free(w);
}

/* Nothing is kept between batches, so larger storage replaces the old. */
static int reserve(struct loss_work *w, const struct loss_request *r, const struct batch_size *s, struct err *err)
{
	unsigned needs = r->objective->needs;
	struct mem_layout p = {.base = NULL};

	lay_out(&p, &w->at, s, r->trained, needs);
	if (p.used > w->bytes) {
		free(w->storage);
		w->bytes = 0;
		w->storage = mem_try_alloc(p.used, 1, false, "a batch of examples", err);
		if (!w->storage)
			return -1;
		w->bytes = p.used;
	}
	p = (struct mem_layout){.base = w->storage};
	lay_out(&p, &w->at, s, r->trained, needs);
	return 0;
}

/* The label tokens of one target, from its leaf upwards; the first of them is label token `at`. */
static void pack_target(struct loss_work *w, const struct target *t, size_t at)
{
	struct loss_batch *b = &w->at;
	uint32_t node = t->leaf;

	for (size_t k = t->n; k-- > 0; node = w->trie->parent[node]) {
		b->node[at + k] = node;
		b->valid[at + k] = (uint32_t)trie_n_children(w->trie, w->trie->parent[node]);
	}
}

static void pack(struct loss_work *w, const struct loss_request *r)
{
	struct loss_batch *b = &w->at;
	size_t row = 0, item = 0, token = 0, wanted = 0;

	for (size_t s = 0; s < r->n; s++) {
		const struct example *e = &r->examples->at.at[r->ids[s]];

		b->first[s] = row;
		memcpy(b->tokens + row, e->tokens, e->n * sizeof(*e->tokens));
		for (size_t k = 0; k < e->n_targets; k++) {
			const struct target *t = &e->targets[k];

			b->item[item++] = token;
			pack_target(w, t, token);
			for (size_t i = 0; i < t->n; i++, token++) {
				if (!b->vocab && b->valid[token] == 1)
					continue;
				b->wanted[wanted] = (uint32_t)(row + t->at - 1 + i);
				b->token[wanted++] = (uint32_t)token;
			}
		}
		row += e->n;
	}
	b->first[r->n] = row;
	b->item[item] = token;
	if (wanted != b->n_wanted || row != b->size.rows || token != b->size.tokens)
		BUG("a batch that is not as large as it was measured");
}

/* A token with a single valid child has p = 1, and so has the best and the worst of its children. */
static void fill_certain(struct loss_batch *b)
{
	memset(b->logp, 0, b->size.tokens * sizeof(*b->logp));
	if (b->beta)
		memset(b->beta, 0, b->size.tokens * sizeof(*b->beta));
}

static int forward(struct loss_work *w, const struct loss_request *r, const cancel_flag *cancel, struct err *err)
{
	const struct loss_batch *b = &w->at;
	const struct packed packed = {b->tokens, b->first, b->size.sequences, b->wanted, b->n_wanted};

	if (b->n_wanted == 0)
		return 0;
	if (backprop_forward(w->backprop, r->trained, &packed, r->dropout, r->seed, b->top, cancel, err))
		return -1;
	return head_forward(w, r, cancel, err);
}

static int backward(struct loss_work *w, const struct loss_request *r, const cancel_flag *cancel, struct err *err)
{
	if (!r->grad || w->at.n_wanted == 0)
		return 0;
	if (head_backward(w, r, cancel, err))
		return -1;
	return backprop_backward(w->backprop, w->at.dtop, r->grad, cancel, err);
}

static int evaluate(struct loss_work *w, const struct loss_request *r, struct loss_result *result, struct err *err)
{
	struct loss_batch *b = &w->at;

	w->seen = (struct objective_batch){b->size.items, b->item, b->logp, b->valid, b->beta, b->cutoff};
	result->loss = r->objective->eval(&r->params, &w->seen, b->dlogp);
	if (isfinite(result->loss))
		return 0;
	return err_set(err, ERR_VALUE,
		"the loss of objective '%s' is %g: the weights give no probability that could be computed with; a "
		"lower learning rate or clipping may keep them from it",
		r->objective->name, result->loss);
}

int loss_run(struct loss_work *w, const struct loss_request *request, struct loss_result *result,
	const cancel_flag *cancel, struct err *err)
{
	struct batch_size size;

	if (request->n == 0)
		return err_set(err, ERR_VALUE, "a batch without examples has no loss");
	batch_measure(&size, w->trie, request->examples, request->ids, request->n);
	if (reserve(w, request, &size, err))
		return -1;
	*result = (struct loss_result){.tokens = size.tokens, .rows = size.rows};
	pack(w, request);
	fill_certain(&w->at);
	if (forward(w, request, cancel, err))
		return -1;
	if (w->at.cutoff && search_cutoffs(w, request, &result->search_seconds, cancel, err))
		return -1;
	if (evaluate(w, request, result, err))
		return -1;
	return backward(w, request, cancel, err);
}

struct loss_tokens loss_last(const struct loss_work *w)
{
	return (struct loss_tokens){&w->seen, w->at.dlogp};
}
