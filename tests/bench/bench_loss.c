/*
 * What the objectives cost beside each other: one pass forward and backward over the same batch with each of them, in
 * turn, over a random catalogue of titles that share beginnings. Lines: metric, value, unit, note.
 *
 * Times are the best of several rounds, since other work on the machine only ever adds to a time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/rng.h"
#include "machine.h"
#include "model/transformer.h"
#include "shape.h"
#include "train/loss.h"

#define ITEMS 2400
#define EOS 2u
#define MOST_OBJECTIVES 16

struct task {
	const char *name;
	struct tiny_shape shape;
	bool full;
	size_t sequences, length; /* tokens of each, about */
	size_t targets;           /* items at its end */
	size_t rounds;
};

struct bench {
	struct vec_u32 tokens; /* of the items */
	size_t first[ITEMS + 1];
	struct trie trie;
	struct examples e;
	struct vec_u32 ids;
	struct trainable t;
	float *grad;
};

/* Titles of 6 … 14 tokens; two of three begin as an earlier one does. */
static void make_catalogue(struct bench *b, struct rng *r, uint32_t vocab)
{
	for (size_t i = 0; i < ITEMS; i++) {
		size_t len = 6 + rng_below(r, 9), like = i > 0 ? rng_below(r, (uint32_t)i) : 0, shared = 0;

		if (i > 0 && rng_below(r, 3) > 0)
			shared = 1 + rng_below(r, 6);
		for (size_t t = 0; t < len; t++) {
			uint32_t token = t < shared ? b->tokens.at[b->first[like] + t] : 3 + rng_below(r, vocab - 3);

			vec_push(&b->tokens, token);
		}
		vec_push(&b->tokens, EOS);
		b->first[i + 1] = b->tokens.n;
	}
}

/* Random tokens up to the targets, which stand at the end with EOS between them. */
static void make_example(struct bench *b, struct rng *r, const struct task *k)
{
	size_t most = k->length + 16 * k->targets, at = k->length > 11 * k->targets ? k->length - 11 * k->targets : 1;
	uint32_t *tokens = arena_alloc(&b->e.arena, most * sizeof(*tokens));
	struct target *targets = arena_alloc(&b->e.arena, k->targets * sizeof(*targets));

	for (size_t i = 0; i < at; i++)
		tokens[i] = rng_below(r, (uint32_t)k->shape.vocab);
	for (size_t i = 0; i < k->targets; i++) {
		size_t item = rng_below(r, ITEMS), n = b->first[item + 1] - b->first[item];

		targets[i] = (struct target){b->trie.item_leaf[item], (uint32_t)at, (uint32_t)n};
		memcpy(tokens + at, b->tokens.at + b->first[item], n * sizeof(*tokens));
		at += n;
	}
	vec_push(&b->ids, (uint32_t)b->e.at.n);
	vec_push(&b->e.at, (struct example){tokens, (uint32_t)at - 1, targets, (uint32_t)k->targets, NULL});
}

static void bench_init(struct bench *b, const struct task *k, const struct lm *lm)
{
	char targets[] = "q_proj,v_proj";
	const struct adapter_config lora = {.r = 8, .alpha = 16, .targets = targets};
	struct err err;
	struct rng r;

	memset(b, 0, sizeof(*b));
	rng_seed(&r, 15);
	make_catalogue(b, &r, (uint32_t)k->shape.vocab);
	machine_need(trie_init(&b->trie, b->tokens.at, b->first, ITEMS, EOS, END_EOS, &err), &err);
	arena_init(&b->e.arena);
	for (size_t i = 0; i < k->sequences; i++)
		make_example(b, &r, k);
	if (k->full)
		machine_need(trainable_init_full(&b->t, lm, &err), &err);
	else
		machine_need(trainable_init_lora(&b->t, lm, &lora, &r, &err), &err);
	b->grad = xcalloc(b->t.elements, sizeof(*b->grad));
}

static void bench_release(struct bench *b)
{
	free(b->grad);
	trainable_release(&b->t);
	vec_release(&b->ids);
	examples_release(&b->e);
	trie_release(&b->trie);
	vec_release(&b->tokens);
}

static void run_all(struct bench *b, struct kern *kern, const struct task *k, double *best, double *search)
{
	struct loss_work *w;
	struct err err;

	machine_need(loss_new(&w, kern, &b->trie, false, &err), &err);
	for (size_t round = 0; round < k->rounds; round++)
		for (size_t o = 0; objectives[o]; o++) {
			const struct loss_request request = {.trained = &b->t, .objective = objectives[o],
				.params = {1, 10, 2.75, 0.25}, .examples = &b->e, .ids = b->ids.at, .n = b->ids.n,
				.grad = b->grad};
			double start = clock_now(), took;
			struct loss_result result;

			machine_need(loss_run(w, &request, &result, NULL, &err), &err);
			took = clock_now() - start;
			if (round == 0 || took < best[o]) {
				best[o] = took;
				search[o] = result.search_seconds;
			}
		}
	loss_free(w);
}

static void bench(struct kern *kern, const struct task *k)
{
	double best[MOST_OBJECTIVES], search[MOST_OBJECTIVES];
	struct batch_size size;
	struct bench b;
	struct tiny t;
	struct lm *lm;
	struct err err;

	tiny_init(&t, &k->shape, 1);
	tiny_write(&t);
	machine_need(transformer_open(&lm, t.dir, kern, &err), &err);
	bench_init(&b, k, lm);
	batch_measure(&size, &b.trie, &b.e, b.ids.at, b.ids.n);
	run_all(&b, kern, k, best, search);
	for (size_t o = 0; objectives[o]; o++) {
		const char *name = objectives[o]->name;

		printf("%s_%s\t%.4g\ts\t%zu rows, %zu label tokens, %zu of them with a choice, %zu children\n", k->name,
			name, best[o], size.rows, size.tokens, size.choices, size.children);
		printf("%s_%s_of_sft\t%.4g\t\ta pass forward and backward\n", k->name, name, best[o] / best[0]);
		if (objectives[o]->needs & OBJECTIVE_SEARCH)
			printf("%s_%s_search\t%.4g\ts\t%zu beam searches of width 10\n", k->name, name, search[o],
				size.items);
	}
	bench_release(&b);
	lm_close(lm);
	tiny_release(&t);
}

int main(void)
{
	const struct task tasks[] = {
		{.name = "small",
			.shape = bench_small,
			.full = true,
			.sequences = 32,
			.length = 94,
			.targets = 7,
			.rounds = 8},
		{.name = "lora", .shape = bench_shape, .sequences = 4, .length = 240, .targets = 1, .rounds = 2},
	};
	struct kern *kern = machine_kern();

	for (size_t i = 0; i < ARRAY_LEN(tasks); i++)
		bench(kern, &tasks[i]);
	kern_free(kern);
	return 0;
}
