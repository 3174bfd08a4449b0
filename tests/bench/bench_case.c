/*
 * Seconds a case: prompt, constrained beam search and nothing else, for a small real model over a published dataset
 * (when ../shared is there) and for a random model of 134 million parameters over a catalogue made here.
 *
 * "tokens" counts what went through the layers; "unshared" what a search would put through them that computes every
 * prompt whole and feeds every live prefix at every step: the prompt, and one token for each unfinished prefix a step.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/rng.h"
#include "base/vec.h"
#include "data/dataset.h"
#include "kern/kern.h"
#include "model/transformer.h"
#include "search/beam.h"
#include "shape.h"
#include "store/file.h"

#define WIDTH 10
#define THREADS 2

/* Prompts and a trie; what a search needs beside a model. */
struct workload {
	const char *name;
	struct trie trie;
	struct vec_u32 tokens; /* of all prompts */
	VEC(size_t) first;     /* [n + 1] */
	size_t n;
};

static struct err err;

static void must(int status)
{
	if (status == 0)
		return;
	fprintf(stderr, "bench_case: %s\n", err.msg);
	exit(1);
}

static void workload_add(struct workload *w, const uint32_t *tokens, size_t n)
{
	if (w->first.n == 0)
		vec_push(&w->first, 0);
	for (size_t i = 0; i < n; i++)
		vec_push(&w->tokens, tokens[i]);
	vec_push(&w->first, w->tokens.n);
	w->n++;
}

static void workload_release(struct workload *w)
{
	trie_release(&w->trie);
	vec_release(&w->tokens);
	vec_release(&w->first);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Tokens that a search without sharing or skipping would compute for one case. */
static size_t unshared_tokens(const struct trace *t, size_t prompt)
{
	size_t sum = prompt;

	for (size_t s = 1; s < t->n_steps; s++) {
		for (size_t i = 0; i < t->steps[s].n_live; i++)
			sum += !t->steps[s].live[i].finished;
	}
	return sum;
}

static void row(const struct workload *w, const char *mask, const char *metric, double value, const char *unit,
	const char *note)
{
	printf("%s/%s/%s\t%.6g\t%s\t%s\n", w->name, mask, metric, value, unit, note);
}

/* One pass over all cases under one mask; the first case, which is not counted, warms caches and buffers. */
static void run(const struct workload *w, struct lm *lm, enum mask_rule mask)
{
	const struct beam_options options = {.width = WIDTH, .kind = SEARCH_PLAIN, .length_penalty = 1.0};
	const char *name = mask == MASK_BEFORE ? "before" : "after";
	struct lm_stats begin = {0};
	size_t unshared = 0, computed, steps = 0;
	struct vec_f64 seconds = {0};
	struct scorer s;
	char note[80];

	must(scorer_init(&s, lm, &w->trie, mask, 1.0, &err));
	for (size_t i = 0; i < w->n; i++) {
		size_t n = w->first.at[i + 1] - w->first.at[i];
		double start = clock_now();
		struct trace trace;

		if (i == 1)
			begin = lm->stats;
		must(scorer_prompt(&s, w->tokens.at + w->first.at[i], n, &err));
		must(beam_search(&trace, &s, &options, true, &err));
		if (i > 0) {
			vec_push(&seconds, clock_now() - start);
			unshared += unshared_tokens(&trace, n);
			steps += trace.n_steps;
		}
		trace_release(&trace);
	}
	scorer_release(&s);
	qsort(seconds.at, seconds.n, sizeof(*seconds.at), by_value);
	computed = lm->stats.prompt_tokens - begin.prompt_tokens - (lm->stats.prompt_reused - begin.prompt_reused) +
		   lm->stats.nodes - begin.nodes;
	snprintf(note, sizeof(note), "median of %zu cases, B %d, %.1f steps, %d threads", seconds.n, WIDTH,
		(double)steps / (double)seconds.n, THREADS);
	row(w, name, "case", seconds.at[seconds.n / 2], "s", note);
	row(w, name, "case_max", seconds.at[seconds.n - 1], "s", "slowest");
	row(w, name, "tokens", (double)computed / (double)seconds.n, "tokens/case", "through the layers");
	row(w, name, "unshared", (double)unshared / (double)seconds.n, "tokens/case", "without sharing and skipping");
	row(w, name, "saved", (double)unshared / (double)computed, "x", "unshared / tokens");
	vec_release(&seconds);
}

static void run_both(const struct workload *w, struct lm *lm)
{
	run(w, lm, MASK_BEFORE);
	run(w, lm, MASK_AFTER);
}

/* TinyStories-656K over the published Office test split. */
static void office(const char *shared, struct kern *kern)
{
	char *model = file_join(shared, "models/tinystories-656k"), *data = file_join(shared, "datasets/bear-office");
	char *form = file_join(getenv("top_srcdir") ? getenv("top_srcdir") : ".", "data/templates/bear-inference.tmpl");
	struct workload w = {.name = "tinystories-656k/bear-office"};
	struct vec_u32 prompt = {0};
	struct tokenizer *tokenizer;
	struct template *template;
	struct dataset *d;
	struct lm *lm;

	if (!file_is_dir(model) || !file_is_dir(data)) {
		fprintf(stderr, "bench_case: no models or datasets in '%s': left out\n", shared);
		goto out;
	}
	must(transformer_open(&lm, model, kern, &err));
	must(tokenizer_load(&tokenizer, model, &err));
	must(dataset_open(&d, data, &err));
	must(template_load(&template, form, d->name, &err));
	must(catalogue_encode(&d->catalogue, tokenizer, template, transformer_config(lm)->eos[0], &err));
	must(trie_init(
		&w.trie, d->catalogue.tokens, d->catalogue.first, d->catalogue.n, d->catalogue.eos, END_EOS, &err));
	for (size_t i = 0; i < 101 && i < d->splits[SPLIT_TEST].n; i++) {
		vec_clear(&prompt);
		must(dataset_prompt(d, &d->splits[SPLIT_TEST].cases[i], tokenizer, template, 0, &prompt, &err));
		workload_add(&w, prompt.at, prompt.n);
	}
	run_both(&w, lm);
	workload_release(&w);
	vec_release(&prompt);
	template_free(template);
	dataset_free(d);
	tokenizer_free(tokenizer);
	lm_close(lm);
out:
	free(model);
	free(data);
	free(form);
}

/*
 * Items of 16 tokens with EOS that share prefixes as titles do: an item keeps a prefix of an earlier one, whose length
 * falls off geometrically (a brand, a product line, a variant), and goes on with tokens of its own.
 */
static void make_catalogue(struct trie *trie, size_t items, size_t length, uint32_t vocab, struct rng *rng)
{
	uint32_t *tokens = xreallocarray(NULL, items * length, sizeof(*tokens));
	size_t *first = xreallocarray(NULL, items + 1, sizeof(*first));

	for (size_t i = 0; i < items; i++) {
		uint32_t *item = tokens + i * length;
		size_t kept = 0;

		first[i] = i * length;
		if (i > 0 && rng_uniform(rng) < 0.85) {
			for (kept = 1; kept < length - 2 && rng_uniform(rng) < 0.6; kept++)
				;
			memcpy(item, tokens + (size_t)rng_below(rng, (uint32_t)i) * length, kept * sizeof(*item));
		}
		for (size_t t = kept; t < length - 1; t++)
			item[t] = 3 + rng_below(rng, vocab - 3);
		item[length - 1] = 2;
	}
	first[items] = items * length;
	must(trie_init(trie, tokens, first, items, 2, END_EOS, &err));
	free(tokens);
	free(first);
}

static void random_model(struct kern *kern, enum dtype dtype, const char *name)
{
	struct tiny_shape shape = bench_shape;
	struct workload w = {.name = name};
	uint32_t prompt[220];
	struct tiny tiny;
	struct rng rng;
	struct lm *lm;

	shape.dtype = dtype;
	tiny_init(&tiny, &shape, 1);
	tiny_write(&tiny);
	must(transformer_open(&lm, tiny.dir, kern, &err));
	rng_seed(&rng, 2);
	make_catalogue(&w.trie, 2400, 16, (uint32_t)shape.vocab, &rng);
	for (size_t i = 0; i < ARRAY_LEN(prompt); i++)
		prompt[i] = 3 + rng_below(&rng, (uint32_t)shape.vocab - 3);
	for (size_t n = 0; n < 9; n++) {
		/* No common beginning: the whole prompt is computed, as the others did. */
		prompt[0] = (uint32_t)(3 + n);
		workload_add(&w, prompt, ARRAY_LEN(prompt));
	}
	row(&w, "catalogue", "branching", (double)w.trie.n_branching, "nodes", "trie nodes with more than one child");
	run_both(&w, lm);
	workload_release(&w);
	lm_close(lm);
	tiny_release(&tiny);
}

int main(void)
{
	const char *shared = getenv("BEAMSCOPE_SHARED");
	struct kern *kern;

	must(kern_new(&kern, THREADS, &err));
	office(shared ? shared : "../shared", kern);
	random_model(kern, DTYPE_F32, "random-134M-f32");
	random_model(kern, DTYPE_BF16, "random-134M-bf16");
	kern_free(kern);
	return 0;
}
