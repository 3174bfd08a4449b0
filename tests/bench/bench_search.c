/*
 * What the search itself costs, without a model: building the trie of the largest published catalogue's size, beam
 * searches and exact searches over answers that the scorer already has. Lines: metric, value, unit, note.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/vec.h"
#include "search/beam.h"
#include "search/exact.h"
#include "tests/unit/randlm.h"

#define ITEMS 22948
#define VOCAB 6000u
#define EOS 2u
#define ROUNDS 20

struct catalogue {
	struct vec_u32 tokens;
	size_t first[ITEMS + 1];
};

/* Titles of 6 … 26 tokens; two of three begin as an earlier one does (a brand, a series). */
static void make_catalogue(struct catalogue *c, struct rng *r)
{
	c->first[0] = 0;
	for (size_t i = 0; i < ITEMS; i++) {
		size_t len = 6 + rng_below(r, 21), like = i > 0 ? rng_below(r, (uint32_t)i) : 0, shared = 0;

		if (i > 0 && rng_below(r, 3) > 0)
			shared = 1 + rng_below(r, 6);
		for (size_t t = 0; t < len; t++) {
			uint32_t token = t < shared ? c->tokens.at[c->first[like] + t] : 3 + rng_below(r, VOCAB - 3);

			vec_push(&c->tokens, token);
		}
		vec_push(&c->tokens, EOS);
		c->first[i + 1] = c->tokens.n;
	}
}

static void check(int rc, const struct err *err)
{
	if (rc == 0)
		return;
	fprintf(stderr, "bench_search: %s\n", err->msg);
	exit(1);
}

static void line(const char *metric, double value, const char *unit, const char *note)
{
	printf("%s\t%.6g\t%s\t%s\n", metric, value, unit, note);
}

static void bench_trie(struct trie *t, const struct catalogue *c)
{
	struct err err;
	double start = clock_now();

	for (int i = 0; i < ROUNDS; i++) {
		if (i > 0)
			trie_release(t);
		check(trie_init(t, c->tokens.at, c->first, ITEMS, EOS, END_EOS, &err), &err);
	}
	line("trie_build", 1e3 * (clock_now() - start) / ROUNDS, "ms", "22,948 items");
	line("trie_nodes", (double)t->n_nodes, "nodes", "");
	line("trie_bytes", (double)trie_bytes(t) / (1 << 20), "MiB", "");
}

static void bench_beam(struct scorer *s, const struct beam_options *o, bool steps, const char *metric, const char *note)
{
	struct trace t;
	struct err err;
	double start;

	check(beam_search(&t, s, o, steps, &err), &err); /* fills the scorer */
	trace_release(&t);
	start = clock_now();
	for (int i = 0; i < ROUNDS; i++) {
		check(beam_search(&t, s, o, steps, &err), &err);
		trace_release(&t);
	}
	line(metric, 1e3 * (clock_now() - start) / ROUNDS, "ms", note);
}

static void bench_exact(struct scorer *s, const struct exact_options *o, const char *metric)
{
	struct exact_result r;
	struct err err;
	double start;
	char note[64];

	check(exact_search(&r, s, o, &err), &err);
	snprintf(note, sizeof(note), "%zu nodes expanded, rank %zu", r.expanded, r.target_rank);
	exact_release(&r);
	start = clock_now();
	for (int i = 0; i < ROUNDS; i++) {
		check(exact_search(&r, s, o, &err), &err);
		exact_release(&r);
	}
	line(metric, 1e3 * (clock_now() - start) / ROUNDS, "ms", note);
}

int main(void)
{
	static struct catalogue c;
	struct lm *lm = randlm_new(&(struct randlm_options){.vocab = VOCAB, .seed = 1});
	struct beam_options beam = {.width = 10, .length_penalty = 1};
	struct trie t;
	struct scorer s;
	struct err err;
	struct rng r;

	rng_seed(&r, 14);
	make_catalogue(&c, &r);
	bench_trie(&t, &c);
	check(scorer_init(&s, lm, &t, MASK_BEFORE, 1.0, &err), &err);
	check(scorer_prompt(&s, &(uint32_t){1}, 1, &err), &err);
	bench_beam(&s, &beam, false, "beam_plain_10", "a whole search");
	bench_beam(&s, &beam, true, "beam_plain_10_trace", "with the steps recorded");
	beam.kind = SEARCH_HF;
	bench_beam(&s, &beam, false, "beam_hf_10", "a whole search");
	beam.width = 100;
	bench_beam(&s, &beam, false, "beam_hf_100", "a whole search");
	bench_exact(&s, &(struct exact_options){.top = 10, .target = TRIE_NONE}, "exact_top_10");
	bench_exact(&s, &(struct exact_options){.target = t.item_leaf[ITEMS / 2]}, "exact_rank");
	scorer_release(&s);
	trie_release(&t);
	lm_close(lm);
	vec_release(&c.tokens);
	return 0;
}
