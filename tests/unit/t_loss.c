/*
 * Losses over packed examples, with small random models: against a plain pass in double, its slopes, one example at a
 * time, and searches that the test makes itself.
 */
#include <malloc.h>
#include <math.h>

#include "modelcheck.h"
#include "search/beam.h"
#include "tempdir.h"
#include "train/loss.h"

#define EOS 2
#define MOST_TOKENS 64 /* label tokens of all examples */

static const struct tiny_shape small = {
	.type = "llama",
	.vocab = 20,
	.hidden = 12,
	.layers = 2,
	.heads = 4,
	.kv_heads = 2,
	.head_dim = 4,
	.intermediate = 16,
	.max_positions = 64,
	.theta = 100,
	.eps = 1e-5,
	.scale = 1.2,
};

/* Tokens 11 and 12 lead to one child each; item 4 begins item 3, item 5 goes on from item 0. */
static const uint32_t item_tokens[] = {
	3, 4, 2, 3, 5, 2, 3, 5, 6, 2, 7, 8, 9, 2, 7, 2, 3, 4, 10, 2, 11, 12, 2, 7, 8, 13, 14, 15, 16, 2};
static const size_t item_first[] = {0, 3, 6, 10, 14, 16, 20, 23, 30};
#define ITEMS (ARRAY_LEN(item_first) - 1)

static const struct objective_params params = {.tau = 0.8, .K = 2, .xi = 0.7, .lambda = 1.5};

static const struct rec_case made = {.id = "made"};

struct subject {
	struct tiny tiny;
	struct lm *base;
	struct trainable t;
	struct trie trie;
	struct examples e;
	uint32_t ids[128]; /* of all examples */
};

/* A sequence of a prompt of n tokens and some items, EOS between them. `items` ends with ITEMS. */
static void add_example(struct subject *s, struct rng *rng, size_t n, const size_t *items)
{
	uint32_t *tokens = arena_alloc(&s->e.arena, 64 * sizeof(*tokens));
	struct target *targets = arena_alloc(&s->e.arena, 8 * sizeof(*targets));
	uint32_t k = 0;

	tokens[0] = 1;
	for (size_t i = 1; i < n; i++)
		tokens[i] = rng_below(rng, (uint32_t)s->tiny.shape.vocab);
	for (; items[k] < ITEMS; k++) {
		size_t first = item_first[items[k]], len = item_first[items[k] + 1] - first;

		targets[k] = (struct target){s->trie.item_leaf[items[k]], (uint32_t)n, (uint32_t)len};
		memcpy(tokens + n, item_tokens + first, len * sizeof(*tokens));
		n += len;
	}
	s->ids[s->e.at.n] = (uint32_t)s->e.at.n;
	vec_push(&s->e.at, (struct example){tokens, (uint32_t)n - 1, targets, k, &made});
}

static void open_subject(struct subject *s, const struct tiny_shape *shape, size_t n_items, bool full)
{
	static const struct adapter_config lora = {.r = 3, .alpha = 6, .targets = (char *)"q_proj,v_proj,down_proj"};
	struct rng rng;
	struct err err;

	rng_seed(&rng, 31);
	tiny_init(&s->tiny, shape, 3);
	tiny_write(&s->tiny);
	s->base = open_model(&s->tiny);
	if (full)
		check_ok(trainable_init_full(&s->t, s->base, &err), &err);
	else
		check_ok(trainable_init_lora(&s->t, s->base, &lora, &rng, &err), &err);
	for (size_t i = 0; !full && i < s->t.elements; i++)
		s->t.values[i] += (float)(0.2 * rng_normal(&rng));
	check_ok(trie_init(&s->trie, item_tokens, item_first, n_items, EOS, END_EOS, &err), &err);
	s->e = (struct examples){.n_targets = 0};
	arena_init(&s->e.arena);
}

/* Several sequences with one item and with several, of which some begin alike. */
static void subject_init(struct subject *s, const struct tiny_shape *shape, bool full)
{
	static const size_t items[][5] = {
		{0, ITEMS}, {2, 7, 4, 5, ITEMS}, {6, ITEMS}, {0, 0, 1, ITEMS}, {4, ITEMS}, {3, ITEMS}};
	struct rng rng;

	open_subject(s, shape, ITEMS, full);
	rng_seed(&rng, 32);
	for (size_t i = 0; i < ARRAY_LEN(items); i++)
		add_example(s, &rng, 1 + rng_below(&rng, 6), items[i]);
}

static void subject_release(struct subject *s)
{
	examples_release(&s->e);
	trie_release(&s->trie);
	trainable_release(&s->t);
	lm_close(s->base);
	tiny_release(&s->tiny);
}

static struct loss_work *new_work(const struct subject *s, bool recompute)
{
	struct loss_work *w;
	struct err err;

	check_ok(loss_new(&w, kern, &s->trie, recompute, &err), &err);
	return w;
}

/* All examples; grad may be NULL. */
static struct loss_request request_of(struct subject *s, const struct objective *o, float *grad)
{
	return (struct loss_request){
		.trained = &s->t,
		.objective = o,
		.params = params,
		.examples = &s->e,
		.ids = s->ids,
		.n = s->e.at.n,
		.grad = grad,
	};
}

static double run(struct loss_work *w, const struct loss_request *r)
{
	struct loss_result result;
	struct err err;

	check_ok(loss_run(w, r, &result, NULL, &err), &err);
	return result.loss;
}

static const struct objective *named(const char *name)
{
	struct err err;
	const struct objective *o = objective_find(name, &err);

	assert_non_null(o);
	return o;
}

/* What an objective needs to know of each label token, by the plain pass. */
struct plainly {
	double logp[MOST_TOKENS], beta[MOST_TOKENS];
	uint32_t valid[MOST_TOKENS];
	size_t n;
};

static int falling(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return a > b ? -1 : a < b;
}

static void token_plainly(struct plainly *p, const struct subject *s, const double *z, uint32_t node, bool vocab)
{
	const struct trie *t = &s->trie;
	uint32_t above = t->parent[node], first = t->first[above];
	size_t valid = trie_n_children(t, above), n = vocab ? s->tiny.shape.vocab : valid;
	double logp[32], sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += exp(z[vocab ? i : t->token[first + i]] / params.tau);
	for (size_t i = 0; i < n; i++)
		logp[i] = z[vocab ? i : t->token[first + i]] / params.tau - log(sum);
	p->valid[p->n] = (uint32_t)valid;
	p->logp[p->n] = logp[vocab ? t->token[node] : node - first];
	qsort(logp, n, sizeof(*logp), falling);
	p->beta[p->n++] = logp[params.K < n ? params.K - 1 : n - 1];
}

static void find_plainly(struct plainly *p, struct subject *s, bool vocab)
{
	size_t width = s->tiny.shape.vocab;

	p->n = 0;
	for (size_t i = 0; i < s->e.at.n; i++) {
		const struct example *e = &s->e.at.at[i];
		double *z = xcalloc(e->n * width, sizeof(*z));

		tiny_logits(&s->tiny, z, e->tokens, e->n);
		for (size_t k = 0; k < e->n_targets; k++) {
			const struct target *t = &e->targets[k];
			uint32_t path[16];

			for (uint32_t node = t->leaf, at = t->n; at-- > 0; node = s->trie.parent[node])
				path[at] = node;
			for (size_t at = 0; at < t->n; at++)
				token_plainly(p, s, z + (t->at - 1 + at) * width, path[at], vocab);
		}
		free(z);
	}
	assert_true(p->n <= MOST_TOKENS);
}

static void near(const char *what, double got, double wanted, double tolerance)
{
	if (!(fabs(got - wanted) <= tolerance * fmax(1, fabs(wanted))))
		fail_msg("%s: %.9g, where %.9g was expected", what, got, wanted);
}

static void test_what_objectives_see(void **state)
{
	struct subject s;
	struct loss_work *w;

	(void)state;
	subject_init(&s, &small, true);
	w = new_work(&s, false);
	for (const struct objective *const *o = objectives; *o; o++) {
		struct loss_request r = request_of(&s, *o, NULL);
		double dlogp[MOST_TOKENS], loss;
		struct objective_batch by_hand;
		const struct objective_batch *seen;
		struct plainly p;

		find_plainly(&p, &s, (*o)->needs & OBJECTIVE_VOCAB);
		loss = run(w, &r);
		seen = loss_last(w).batch;
		assert_int_equal(seen->first[seen->n_items], p.n);
		for (size_t i = 0; i < p.n; i++) {
			assert_int_equal(seen->valid[i], p.valid[i]);
			near("log p", seen->logp[i], p.logp[i], 1e-5);
			if (seen->beta)
				near("beta", seen->beta[i], p.beta[i], 1e-5);
		}
		assert_true((seen->beta != NULL) == (((*o)->needs & OBJECTIVE_BETA) != 0));
		assert_true((seen->cutoff != NULL) == (((*o)->needs & OBJECTIVE_SEARCH) != 0));
		by_hand = (struct objective_batch){seen->n_items, seen->first, p.logp, p.valid, p.beta, seen->cutoff};
		near((*o)->name, loss, (*o)->eval(&params, &by_hand, dlogp), 1e-5);
		for (size_t i = 0; i < p.n; i++)
			near("d loss / d log p", loss_last(w).dlogp[i], dlogp[i], 1e-5);
	}
	loss_free(w);
	subject_release(&s);
}

static void test_counts(void **state)
{
	struct subject s;
	struct loss_result result;
	struct loss_request r;
	struct batch_size size, most = {.rows = 7, .items = 1000};
	struct loss_work *w;
	struct err err;
	size_t rows = 0, tokens = 0;

	(void)state;
	subject_init(&s, &small, true);
	w = new_work(&s, false);
	r = request_of(&s, named("msl"), NULL);
	check_ok(loss_run(w, &r, &result, NULL, &err), &err);
	for (size_t i = 0; i < s.e.at.n; i++) {
		rows += s.e.at.at[i].n;
		for (size_t k = 0; k < s.e.at.at[i].n_targets; k++)
			tokens += s.e.at.at[i].targets[k].n;
	}
	assert_int_equal(result.rows, rows);
	assert_int_equal(result.tokens, tokens);
	assert_true(result.search_seconds == 0);
	/* Item 6 is 11 12 EOS: three tokens, of which the first is one of three. */
	batch_measure(&size, &s.trie, &s.e, (uint32_t[]){2}, 1);
	assert_int_equal(size.sequences, 1);
	assert_int_equal(size.rows, s.e.at.at[2].n);
	assert_int_equal(size.items, 1);
	assert_int_equal(size.tokens, 3);
	assert_int_equal(size.choices, 1);
	assert_int_equal(size.children, 3);
	assert_int_equal(size.widest, 3);
	assert_int_equal(size.nodes, s.trie.n_nodes);
	batch_size_raise(&most, &size);
	assert_int_equal(most.rows, size.rows > 7 ? size.rows : 7);
	assert_int_equal(most.items, 1000);
	assert_int_equal(most.children, 3);
	loss_free(w);
	subject_release(&s);
}

/* Σ d loss / d log p · log p by the plain pass: β, cut-offs and weights are held as they were. */
static double held(struct subject *s, const double *dlogp, bool vocab)
{
	struct plainly p;
	double sum = 0;

	find_plainly(&p, s, vocab);
	for (size_t i = 0; i < p.n; i++)
		sum += dlogp[i] * p.logp[i];
	return sum;
}

static double slope(struct subject *s, float *at, const double *dlogp, bool vocab)
{
	const float was = *at;
	float up = was + 1e-4F, down = was - 1e-4F;
	double high, low;

	*at = up;
	high = held(s, dlogp, vocab);
	*at = down;
	low = held(s, dlogp, vocab);
	*at = was;
	return (high - low) / ((double)up - down);
}

static void check_slopes(struct subject *s, struct rng *rng, const struct objective *o)
{
	float *grad = xcalloc(s->t.elements, sizeof(*grad));
	struct loss_work *w = new_work(s, false);
	struct loss_request r = request_of(s, o, grad);

	run(w, &r);
	for (size_t i = 0; i < s->t.n; i++) {
		const struct trainable_tensor *at = &s->t.table[i];
		float *stored = (float *)tiny_find(&s->tiny, at->name)->data;
		size_t n = at->rows * at->cols;
		double largest = 0;

		for (size_t k = 0; k < n; k++)
			largest = fmax(largest, fabs(grad[at->offset + k]));
		for (size_t draw = 0; draw < 5; draw++) {
			size_t k = rng_below(rng, (uint32_t)n);
			double wanted = slope(s, stored + k, loss_last(w).dlogp, o->needs & OBJECTIVE_VOCAB);

			if (!(fabs(grad[at->offset + k] - wanted) <= 1e-4 * largest + 1e-7))
				fail_msg("%s, %s[%zu]: %.9g, by differences %.9g", o->name, at->name, k,
					grad[at->offset + k], wanted);
		}
	}
	loss_free(w);
	free(grad);
}

static void test_slopes_of_weights(void **state)
{
	struct tiny_shape shapes[] = {small, small};
	struct rng rng;

	(void)state;
	shapes[1].tied = true;
	rng_seed(&rng, 33);
	for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
		struct subject s;

		subject_init(&s, &shapes[i], true);
		for (const struct objective *const *o = objectives; *o; o++)
			check_slopes(&s, &rng, *o);
		subject_release(&s);
	}
}

/* The objective with all constants held, along the gradient of a tensor: its slope is the gradient's length. */
static double moved(struct subject *s, struct loss_work *w, const struct loss_request *r,
	const struct trainable_tensor *at, const float *grad, double by, const double *dlogp, size_t n)
{
	float *kept = xcalloc(at->rows * at->cols, sizeof(*kept)), *values = s->t.values + at->offset;
	double sum = 0;

	memcpy(kept, values, at->rows * at->cols * sizeof(*kept));
	for (size_t k = 0; k < at->rows * at->cols; k++)
		values[k] = (float)(values[k] + by * grad[at->offset + k]);
	run(w, r);
	for (size_t t = 0; t < n; t++)
		sum += dlogp[t] * loss_last(w).batch->logp[t];
	memcpy(values, kept, at->rows * at->cols * sizeof(*kept));
	free(kept);
	return sum;
}

static void test_slopes_of_adapters(void **state)
{
	struct subject s;
	float *grad;

	(void)state;
	subject_init(&s, &small, false);
	grad = xcalloc(s.t.elements, sizeof(*grad));
	for (const struct objective *const *o = objectives; *o; o++) {
		struct loss_work *w = new_work(&s, true), *other = new_work(&s, false);
		struct loss_request r = request_of(&s, *o, grad), value = request_of(&s, *o, NULL);
		struct loss_tokens last;

		memset(grad, 0, s.t.elements * sizeof(*grad));
		run(w, &r);
		last = loss_last(w);
		for (size_t i = 0; i < s.t.n; i++) {
			const struct trainable_tensor *at = &s.t.table[i];
			size_t n = last.batch->first[last.batch->n_items];
			double length = 0, h, high, low;

			for (size_t k = 0; k < at->rows * at->cols; k++)
				length += (double)grad[at->offset + k] * grad[at->offset + k];
			length = sqrt(length);
			h = 3e-3 / length;
			high = moved(&s, other, &value, at, grad, h, last.dlogp, n);
			low = moved(&s, other, &value, at, grad, -h, last.dlogp, n);
			near(at->name, (high - low) / (2 * h * length) / length, 1, 5e-3);
		}
		loss_free(w);
		loss_free(other);
	}
	free(grad);
	subject_release(&s);
}

/* A mean over tokens is that of the examples' means, each with the share of its tokens. */
static void test_packed_or_one_at_a_time(void **state)
{
	static const char *const means[] = {"sft", "msl", "bear-reg", "bear-margin", "direct"};
	struct subject s;
	float *packed, *alone, *sum;

	(void)state;
	subject_init(&s, &small, true);
	packed = xcalloc(s.t.elements, sizeof(*packed));
	alone = xcalloc(s.t.elements, sizeof(*alone));
	sum = xcalloc(s.t.elements, sizeof(*sum));
	for (size_t m = 0; m < ARRAY_LEN(means); m++) {
		struct loss_work *w = new_work(&s, false);
		struct loss_request r = request_of(&s, named(means[m]), packed);
		double loss, loss_sum = 0;
		struct loss_result all, one;
		struct err err;

		memset(packed, 0, s.t.elements * sizeof(*packed));
		memset(sum, 0, s.t.elements * sizeof(*sum));
		check_ok(loss_run(w, &r, &all, NULL, &err), &err);
		loss = all.loss;
		r.grad = alone;
		r.n = 1;
		for (size_t i = 0; i < s.e.at.n; i++) {
			uint32_t id = (uint32_t)(s.e.at.n - 1 - i);
			double part;

			r.ids = &id;
			memset(alone, 0, s.t.elements * sizeof(*alone));
			check_ok(loss_run(w, &r, &one, NULL, &err), &err);
			part = (double)one.tokens / (double)all.tokens;
			loss_sum += part * one.loss;
			for (size_t k = 0; k < s.t.elements; k++)
				sum[k] += (float)(part * alone[k]);
		}
		near(means[m], loss_sum, loss, 1e-6);
		for (size_t k = 0; k < s.t.elements; k++)
			near("gradient", packed[k], sum[k], 2e-6);
		loss_free(w);
	}
	free(packed);
	free(alone);
	free(sum);
	subject_release(&s);
}

/* Cut-offs by searches of the test's own over a model that was opened from the disk. */
static void check_cutoffs(struct subject *s, const char *dir, const struct objective_batch *seen, size_t width)
{
	const struct beam_options o = {.width = width, .kind = SEARCH_PLAIN};
	struct scorer scorer;
	struct lm *lm;
	struct err err;
	size_t at = 0, beyond = 0;

	check_ok(transformer_open(&lm, dir, kern, &err), &err);
	check_ok(scorer_init(&scorer, lm, &s->trie, MASK_BEFORE, params.tau, &err), &err);
	for (size_t i = 0; i < s->e.at.n; i++)
		for (size_t k = 0; k < s->e.at.at[i].n_targets; k++) {
			const struct target *t = &s->e.at.at[i].targets[k];
			struct trace trace;

			check_ok(scorer_prompt(&scorer, s->e.at.at[i].tokens, t->at, &err), &err);
			check_ok(beam_search(&trace, &scorer, &o, true, &err), &err);
			for (size_t step = 0; step < t->n; step++, at++) {
				size_t last = trace.n_steps - 1;

				beyond += step > last;
				near("cut-off", seen->cutoff[at], trace.steps[step < last ? step : last].cutoff, 1e-4);
			}
			trace_release(&trace);
		}
	assert_int_equal(at, seen->first[seen->n_items]);
	assert_true(width > 1 || beyond > 0);
	scorer_release(&scorer);
	lm_close(lm);
}

/* With the weights as they stand, also after they were changed. */
static void test_cutoffs(void **state)
{
	struct loss_request r;
	struct loss_work *w;
	struct subject s;
	struct err err;

	subject_init(&s, &small, true);
	w = new_work(&s, false);
	r = request_of(&s, named("direct"), NULL);
	for (size_t width = 1; width <= 4; width++) {
		r.params.K = width;
		run(w, &r);
		check_cutoffs(&s, s.tiny.dir, loss_last(w).batch, width);
	}
	for (size_t i = 0; i < s.t.elements; i++)
		s.t.values[i] *= i % 3 == 0 ? 1.3F : 0.8F;
	check_ok(trainable_save(&s.t, *state, DTYPE_F32, &err), &err);
	run(w, &r);
	check_cutoffs(&s, *state, loss_last(w).batch, 4);
	loss_free(w);
	subject_release(&s);
}

/* Under a mask the output matrix gets gradients in the rows of competing children, and in no others. */
static void test_rows_of_the_head(void **state)
{
	struct subject s;
	bool child[64] = {false};
	float *grad;

	(void)state;
	subject_init(&s, &small, true);
	grad = xcalloc(s.t.elements, sizeof(*grad));
	for (size_t i = 0; i < s.e.at.n; i++)
		for (size_t k = 0; k < s.e.at.at[i].n_targets; k++)
			for (uint32_t above, node = s.e.at.at[i].targets[k].leaf; node != TRIE_ROOT; node = above) {
				above = s.trie.parent[node];

				for (uint32_t c = s.trie.first[above]; c < s.trie.first[above + 1]; c++)
					child[s.trie.token[c]] |= trie_n_children(&s.trie, above) > 1;
			}
	assert_true(child[13] && !child[14] && !child[12] && child[11]);
	for (const struct objective *const *o = objectives; *o; o++) {
		struct loss_work *w = new_work(&s, false);
		struct loss_request r = request_of(&s, *o, grad);
		const float *head = grad + trainable_offset(&s.t, s.t.params.head);

		memset(grad, 0, s.t.elements * sizeof(*grad));
		run(w, &r);
		for (size_t v = 0; v < small.vocab; v++) {
			bool touched = false;

			for (size_t i = 0; i < small.hidden; i++)
				touched |= head[v * small.hidden + i] != 0;
			assert_int_equal(touched, child[v] || (*o)->needs & OBJECTIVE_VOCAB);
		}
		loss_free(w);
	}
	free(grad);
	subject_release(&s);
}

/* Gradients are added; a value alone is the same value; recomputed activations change no bit. */
static void test_adding_and_recomputing(void **state)
{
	struct subject s;
	float *once, *twice;

	(void)state;
	subject_init(&s, &small, true);
	once = xcalloc(s.t.elements, sizeof(*once));
	twice = xcalloc(s.t.elements, sizeof(*twice));
	for (const struct objective *const *o = objectives; *o; o++) {
		struct loss_work *w = new_work(&s, false), *thrifty = new_work(&s, true);
		struct loss_request r = request_of(&s, *o, once);
		double loss;

		memset(once, 0, s.t.elements * sizeof(*once));
		memset(twice, 0, s.t.elements * sizeof(*twice));
		loss = run(w, &r);
		r.grad = twice;
		assert_true(run(thrifty, &r) == loss);
		assert_memory_equal(once, twice, s.t.elements * sizeof(*once));
		assert_true(run(w, &r) == loss);
		for (size_t i = 0; i < s.t.elements; i++)
			near("twice", twice[i], 2 * once[i], 1e-6);
		r.grad = NULL;
		assert_true(run(w, &r) == loss);
		loss_free(w);
		loss_free(thrifty);
	}
	free(once);
	free(twice);
	subject_release(&s);
}

static void test_dropout(void **state)
{
	struct subject s;
	struct loss_request r;
	struct loss_work *w;
	double plain_loss, dropped;

	(void)state;
	subject_init(&s, &small, false);
	w = new_work(&s, false);
	r = request_of(&s, named("msl"), NULL);
	plain_loss = run(w, &r);
	r.dropout = 0.5;
	r.seed = 4;
	dropped = run(w, &r);
	assert_true(dropped != plain_loss);
	assert_true(run(w, &r) == dropped);
	r.seed = 5;
	assert_true(run(w, &r) != dropped);
	loss_free(w);
	subject_release(&s);
}

/* A catalogue of one item leaves nothing to choose: no objective under a mask asks the model. */
static void test_nothing_to_choose(void **state)
{
	struct subject s;
	struct rng rng;
	float *grad;

	(void)state;
	open_subject(&s, &small, 1, true);
	rng_seed(&rng, 1);
	add_example(&s, &rng, 3, (size_t[]){0, ITEMS});
	for (size_t i = 0; i < s.t.elements; i++)
		s.t.values[i] = NAN;
	grad = xcalloc(s.t.elements, sizeof(*grad));
	for (const struct objective *const *o = objectives; *o; o++) {
		struct loss_work *w = new_work(&s, false);
		struct loss_request r = request_of(&s, *o, grad);
		struct objective_params *p = &r.params;
		double loss;

		if ((*o)->needs & (OBJECTIVE_VOCAB | OBJECTIVE_SEARCH)) {
			loss_free(w);
			continue;
		}
		loss = run(w, &r);
		p->lambda = 0;
		assert_true(run(w, &r) == 0);
		assert_true(isfinite(loss));
		for (size_t i = 0; i < s.t.elements; i++)
			assert_true(grad[i] == 0);
		loss_free(w);
	}
	free(grad);
	subject_release(&s);
}

static void test_refusals(void **state)
{
	cancel_flag cancel = true;
	struct subject s;
	struct loss_request r;
	struct loss_result result;
	struct loss_work *w;
	struct err err;

	(void)state;
	subject_init(&s, &small, true);
	w = new_work(&s, false);
	for (const struct objective *const *o = objectives; *o; o++) {
		r = request_of(&s, *o, NULL);
		if (loss_run(w, &r, &result, &cancel, &err) != -1 || err.code != ERR_CANCELLED)
			fail_msg("%s was not cancelled", (*o)->name);
	}
	r.n = 0;
	check_refused(loss_run(w, &r, &result, NULL, &err), &err, ERR_VALUE, "without examples");
	s.t.values[trainable_offset(&s.t, s.t.params.norm)] = INFINITY;
	r = request_of(&s, named("bear"), NULL);
	check_refused(loss_run(w, &r, &result, NULL, &err), &err, ERR_VALUE, "the loss of objective 'bear' is ");
	loss_free(w);
	subject_release(&s);
}

/* Of more logits over the vocabulary than are kept, some are computed once more on the way back. */
static void test_blocks_of_vocabulary(void **state)
{
	struct tiny_shape wide = small;
	struct loss_result all, one;
	struct loss_request r;
	struct loss_work *w;
	struct subject s;
	struct rng rng;
	struct err err;
	float *grad, *sum;
	double loss = 0;

	(void)state;
	wide.vocab = 48000;
	wide.layers = 1;
	open_subject(&s, &wide, ITEMS, true);
	rng_seed(&rng, 8);
	for (size_t i = 0; i < 100; i++)
		add_example(&s, &rng, 2, (size_t[]){7, ITEMS});
	grad = xcalloc(s.t.elements, sizeof(*grad));
	sum = xcalloc(s.t.elements, sizeof(*sum));
	w = new_work(&s, false);
	r = request_of(&s, named("sft"), grad);
	check_ok(loss_run(w, &r, &all, NULL, &err), &err);
	assert_true(all.tokens * wide.vocab * sizeof(float) > (size_t)1 << 27);
	r.grad = sum;
	for (size_t i = 0; i < s.e.at.n; i += 10) {
		r.ids = s.ids + i;
		r.n = 10;
		check_ok(loss_run(w, &r, &one, NULL, &err), &err);
		loss += one.loss / 10;
	}
	near("loss", all.loss, loss, 1e-6);
	for (size_t i = 0; i < s.t.elements; i++)
		near("gradient", grad[i], sum[i] / 10, 1e-6);
	loss_free(w);
	free(grad);
	free(sum);
	subject_release(&s);
}

static size_t taken(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

/* What is planned is what is taken, but for the rotary tables and the allocator's own. */
static void test_bytes(void **state)
{
	struct tiny_shape shape = small;
	struct subject s;

	(void)state;
	if (taken() == 0)
		skip();
	shape.hidden = 96;
	shape.intermediate = 256;
	subject_init(&s, &shape, true);
	for (size_t i = 0; i < 4; i++) {
		const struct objective *o = named(i < 2 ? "sft" : "bear");
		struct loss_work *w = new_work(&s, i % 2), *before = new_work(&s, i % 2);
		struct loss_request r = request_of(&s, o, NULL);
		struct batch_size size;
		size_t planned, start, used;

		batch_measure(&size, &s.trie, &s.e, s.ids, s.e.at.n);
		planned = loss_bytes(&s.t, o, &size, i % 2);
		run(before, &r);
		start = taken();
		run(w, &r);
		used = taken() - start;
		if (used < planned || used > planned + 8192)
			fail_msg("%s: %zu bytes were planned, %zu taken", o->name, planned, used);
		loss_free(w);
		loss_free(before);
	}
	subject_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_objectives_see),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_slopes_of_weights),
		cmocka_unit_test(test_slopes_of_adapters),
		cmocka_unit_test(test_packed_or_one_at_a_time),
		in_tempdir(test_cutoffs),
		cmocka_unit_test(test_rows_of_the_head),
		cmocka_unit_test(test_adding_and_recomputing),
		cmocka_unit_test(test_dropout),
		cmocka_unit_test(test_nothing_to_choose),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_blocks_of_vocabulary),
		cmocka_unit_test(test_bytes),
	};

	return cmocka_run_group_tests(tests, open_kern, close_kern);
}
