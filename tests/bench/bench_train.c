/*
 * Steps of training of random models: forward, logits of the wanted rows over the whole vocabulary, cross-entropy, and
 * backward. The share of sgemm counts the multiplications and additions that the gradients call for: those of the
 * linear maps and of the scores that a row sees, once forward, and backward once a gradient that is wanted. What is
 * computed again, or only to fill a tile, is not counted, nor is anything elementwise.
 *
 * Times are the best of several rounds, with sgemm measured between them, since other work on the machine only ever
 * adds to a time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/rng.h"
#include "kern/adamw.h"
#include "kern/linear.h"
#include "kern/xent.h"
#include "machine.h"
#include "model/backprop.h"
#include "model/transformer.h"
#include "shape.h"

#define ROUNDS 8
#define HEAD_VALUES ((size_t)1 << 22) /* logits that are held at once */

static void *room(size_t n, size_t size)
{
	struct err err;
	void *p = mem_try_alloc(n, size, true, "benchmark", &err);

	if (p == NULL)
		machine_need(-1, &err);
	return p;
}

/* What is trained, and on what. */
struct task {
	const char *name;
	struct tiny_shape shape;
	bool full; /* else LoRA r 8 on q and v */
	size_t sequences, length;
	size_t wanted; /* last rows of every sequence that predict a token of an item */
};

#define LORA_R 8

struct bench {
	const struct task *task;
	struct kern *kern;
	struct trainable t;
	struct backprop *back;
	struct packed batch;
	uint32_t *tokens, *wanted, *label;
	size_t *first;
	float *top, *dtop, *z, *grad, *m, *v;
	double *logp, *dlogp, *lse;
};

static void make_batch(struct bench *b)
{
	const struct task *k = b->task;
	size_t rows = k->sequences * k->length, n = 0;
	struct rng rng;

	rng_seed(&rng, 3);
	b->tokens = room(rows, sizeof(*b->tokens));
	b->first = room(k->sequences + 1, sizeof(*b->first));
	b->wanted = room(k->sequences * k->wanted, sizeof(*b->wanted));
	b->label = room(k->sequences * k->wanted, sizeof(*b->label));
	for (size_t i = 0; i < rows; i++)
		b->tokens[i] = rng_below(&rng, (uint32_t)k->shape.vocab);
	for (size_t s = 0; s <= k->sequences; s++)
		b->first[s] = s * k->length;
	for (size_t s = 0; s < k->sequences; s++) {
		for (size_t i = k->length - k->wanted; i < k->length; i++) {
			b->wanted[n] = (uint32_t)(b->first[s] + i);
			b->label[n++] = rng_below(&rng, (uint32_t)k->shape.vocab);
		}
	}
	b->batch = (struct packed){
		.tokens = b->tokens, .first = b->first, .n = k->sequences, .wanted = b->wanted, .n_wanted = n};
}

static void bench_init(struct bench *b, const struct task *task, struct kern *kern, const struct lm *lm)
{
	struct adapter_config lora = {.r = LORA_R, .alpha = 16, .dropout = 0.05, .targets = "q_proj,v_proj"};
	struct rng rng;
	struct err err;
	size_t n;

	*b = (struct bench){.task = task, .kern = kern};
	rng_seed(&rng, 2);
	if (task->full)
		machine_need(trainable_init_full(&b->t, lm, &err), &err);
	else
		machine_need(trainable_init_lora(&b->t, lm, &lora, &rng, &err), &err);
	machine_need(backprop_new(&b->back, kern, false, &err), &err);
	make_batch(b);
	n = b->batch.n_wanted;
	b->top = room(n * task->shape.hidden, sizeof(float));
	b->dtop = room(n * task->shape.hidden, sizeof(float));
	b->z = room(HEAD_VALUES + task->shape.vocab, sizeof(float));
	b->logp = room(n, sizeof(double));
	b->dlogp = room(n, sizeof(double));
	b->lse = room(n, sizeof(double));
	b->grad = room(b->t.elements, sizeof(float));
	b->m = room(b->t.elements, sizeof(float));
	b->v = room(b->t.elements, sizeof(float));
	for (size_t i = 0; i < n; i++)
		b->dlogp[i] = -1.0 / (double)n;
}

static void bench_release(struct bench *b)
{
	void *all[] = {b->tokens, b->first, b->wanted, b->label, b->top, b->dtop, b->z, b->logp, b->dlogp, b->lse,
		b->grad, b->m, b->v};

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		free(all[i]);
	backprop_free(b->back);
	trainable_release(&b->t);
}

static void head(struct bench *b)
{
	const struct param *w = b->t.params.head;
	size_t hidden = w->cols, offset = trainable_offset(&b->t, w), rows = HEAD_VALUES / w->rows + 1;

	for (size_t i = 0; i < b->batch.n_wanted; i += rows) {
		size_t n = b->batch.n_wanted - i < rows ? b->batch.n_wanted - i : rows;

		linear_batch_fwd(b->kern, b->z, b->top + i * hidden, &w->tensor, NULL, false, n);
		xent_fwd(b->kern, b->logp + i, b->lse + i, b->z, b->label + i, 1, n, w->rows);
		xent_bwd(b->kern, b->z, b->dlogp + i, b->lse + i, b->z, b->label + i, 1, n, w->rows);
		linear_bwd_x(b->kern, b->dtop + i * hidden, b->z, &w->tensor, false, n);
		if (offset != SIZE_MAX)
			linear_bwd_w(b->kern, b->grad + offset, NULL, b->z, b->top + i * hidden, n, w->rows, hidden);
	}
}

struct times {
	double forward, head, backward, update, step, sgemm;
};

static void keep_best(double *best, double time)
{
	if (*best == 0 || time < *best)
		*best = time;
}

static void step(struct bench *b, size_t round, struct times *best)
{
	struct adamw how = {.lr = 1e-4, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .step = round + 1};
	double start = clock_now(), forward, logits, back;
	size_t n = b->t.elements;
	struct err err;

	memset(b->grad, 0, n * sizeof(*b->grad));
	machine_need(backprop_forward(b->back, &b->t, &b->batch, b->task->full ? 0 : 0.05, round, b->top, NULL, &err),
		&err);
	forward = clock_now();
	head(b);
	logits = clock_now();
	machine_need(backprop_backward(b->back, b->dtop, b->grad, NULL, &err), &err);
	back = clock_now();
	keep_best(&best->forward, forward - start);
	keep_best(&best->head, logits - forward);
	keep_best(&best->backward, back - logits);
	keep_best(&best->step, back - start);
	adamw_update(b->kern, b->t.values, b->m, b->v, b->grad, &how, 1 / (1 + sum_squares(b->kern, b->grad, n)), n);
	keep_best(&best->update, clock_now() - back);
}

/* Operations of a pass and back. Nothing of the first layer goes further down with LoRA. */
static double work(const struct task *k)
{
	const struct tiny_shape *s = &k->shape;
	double T = (double)(k->sequences * k->length), R = (double)(k->sequences * k->wanted), H = (double)s->hidden;
	double Q = (double)(s->heads * s->head_dim), KV = (double)(s->kv_heads * s->head_dim);
	double inner = (double)s->intermediate, length = (double)k->length, layers = (double)s->layers;
	double scores = 2 * Q * (double)k->sequences * length * (length + 1) / 2; /* and mixing the values */
	double in = T * H * (Q + 2 * KV), behind = H * Q + 3 * H * inner;         /* of one row */
	double forward = layers * (in + scores) + ((layers - 1) * T + R) * behind, logits = R * H * (double)s->vocab;
	double backward = forward + layers * scores, low = layers * T * LORA_R * (2 * H + Q + KV);

	if (k->full)
		return 2 * (forward + backward + forward - layers * scores + 3 * logits);
	return 2 * (forward + backward - in + 2 * logits + 3 * low - T * LORA_R * 2 * H);
}

static void report(const struct task *k, const char *metric, double value, const char *unit, const char *note)
{
	printf("%s_%s\t%.4g\t%s\t%s\n", k->name, metric, value, unit, note);
	fflush(stdout);
}

static void bench(struct kern *kern, const struct sgemm *g, const struct task *k)
{
	struct times best = {0};
	double fastest = 0;
	struct bench b;
	struct tiny t;
	struct lm *lm;
	struct err err;
	char note[160];

	tiny_init(&t, &k->shape, 1);
	tiny_write(&t);
	machine_need(transformer_open(&lm, t.dir, kern, &err), &err);
	bench_init(&b, k, kern, lm);
	for (size_t round = 0; round < ROUNDS; round++) {
		for (size_t i = 0; i < 3; i++) {
			double rate = sgemm_rate(g);

			fastest = rate > fastest ? rate : fastest;
		}
		step(&b, round, &best);
	}
	snprintf(note, sizeof(note), "%zu threads, %s, %zu x %zu tokens, %zu rows with logits",
		pool_threads(kern_pool(kern)), kern_isa(kern), k->sequences, k->length, b.batch.n_wanted);
	report(k, "step", best.step, "s", note);
	report(k, "forward", best.forward, "s", "hidden states");
	report(k, "head", best.head, "s", "logits, cross-entropy, and back to the hidden states");
	report(k, "backward", best.backward, "s", "");
	report(k, "update", best.update, "s", "norm of the gradient, AdamW");
	report(k, "tokens", (double)b.first[k->sequences] / (best.step + best.update), "tokens/s", "with the update");
	report(k, "rate", work(k) / best.step / 1e9, "GFLOP/s", "of the operations that the gradients call for");
	report(k, "share", work(k) / best.step / fastest, "of sgemm", "aim: 0.65");
	report(k, "sgemm", fastest / 1e9, "GFLOP/s", "all threads, one product of 1024 a thread");
	bench_release(&b);
	lm_close(lm);
	tiny_release(&t);
}

int main(void)
{
	const struct task tasks[] = {
		{.name = "small", .shape = bench_small, .full = true, .sequences = 32, .length = 94, .wanted = 82},
		{.name = "lora", .shape = bench_shape, .sequences = 4, .length = 240, .wanted = 12},
	};
	struct kern *kern = machine_kern();
	struct sgemm g;

	sgemm_init(&g, kern);
	for (size_t i = 0; i < ARRAY_LEN(tasks); i++)
		bench(kern, &g, &tasks[i]);
	sgemm_release(&g);
	kern_free(kern);
	return 0;
}
