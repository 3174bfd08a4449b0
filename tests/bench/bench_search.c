/*
 * What searching costs. Lines: metric, value, unit, note.
 *
 * Without a model: building the trie of the largest published catalogue's size, beam searches and exact searches over
 * answers that the scorer already has.
 *
 * With models that this program trained, left out where they are not there: the work and the time of beam and exact
 * searches over the test cases of two datasets in BEAMSCOPE_SHARED (../shared).
 *
 *     BENCH_OFFICE, BENCH_CLOTHING          models of bear-office and bear-clothing, searched with mask before
 *     BENCH_OFFICE_SFT, BENCH_CLOTHING_SFT  likewise, with mask after
 *     BENCH_OPTIONS  beamscope's options for all of them, separated by blanks, as they were trained
 *                    (--template sequence --title-words 5 --max-history 10 --threads 1)
 *     BENCH_CASES    so many cases, evenly over the split; 0: all (400)
 *     BENCH_BUDGET   of an exact search with mask after (2000)
 *
 * Such models are made as tests/bench/experiment.sh does it: `new DIR`, `train msl --full --targets all`; or train sft.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/vec.h"
#include "search/beam.h"
#include "search/exact.h"
#include "session/session_priv.h"
#include "store/file.h"
#include "tests/unit/randlm.h"
#include "ui/cmdline.h"

#define ITEMS 22948
#define VOCAB 6000u
#define EOS 2u
#define ROUNDS 20

struct made {
	struct vec_u32 tokens;
	size_t first[ITEMS + 1];
};

/* Titles of 6 … 26 tokens; two of three begin as an earlier one does (a brand, a series). */
static void make_catalogue(struct made *c, struct rng *r)
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

static void bench_trie(struct trie *t, const struct made *c)
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

/* A model, its data and options, ready to be searched. */
struct subject {
	const char *name;
	struct session *s;
	struct scorer *scorer;
	const struct split *split;
	struct vec_u32 prompt; /* of the case at work */
	size_t cases;
	size_t item_tokens;    /* of all items: token probabilities where each is scored by itself */
	size_t most_scored;    /* token probabilities of the whole trie, where there is a choice */
	size_t most_expanded;  /* its nodes with a choice */
	size_t most_tokens;    /* tokens that go through the layers for these */
	enum mask_rule mask;
	size_t budget;
};

static struct err failure;

static void row(const struct subject *x, const char *metric, double value, const char *unit, const char *note)
{
	printf("%s/%s/%s\t%.6g\t%s\t%s\n", x->name, x->mask == MASK_BEFORE ? "before" : "after", metric, value, unit,
		note);
	fflush(stdout);
}

static size_t setting(const char *name, size_t otherwise)
{
	const char *text = getenv(name);

	return text ? (size_t)strtoul(text, NULL, 10) : otherwise;
}

/* What scoring every item of the catalogue takes. */
static void exhaustive_work(struct subject *x)
{
	const struct trie *t = x->scorer->trie;
	bool *wanted = xcalloc(t->n_nodes, sizeof(*wanted));

	x->item_tokens = x->most_scored = x->most_expanded = x->most_tokens = 0;
	for (uint32_t node = 1; node < t->n_nodes; node++)
		if (trie_is_leaf(t, node))
			x->item_tokens += trie_depth(t, node);
	for (uint32_t node = (uint32_t)t->n_nodes; node-- > 0;) {
		size_t n = trie_n_children(t, node);

		if (n > 0 && !scorer_certain(x->scorer, node)) {
			x->most_scored += n;
			x->most_expanded++;
			wanted[node] = true;
		}
		if (wanted[node] && node != TRIE_ROOT) {
			wanted[t->parent[node]] = true;
			x->most_tokens++;
		}
	}
	free(wanted);
}

/* Sets the prompt of a case; the second time in a row only its last token is computed. */
static void prompt(struct subject *x, size_t i)
{
	const struct data_stage *d = x->s->loaded.data;

	vec_clear(&x->prompt);
	check(dataset_prompt(d->dataset, &x->split->cases[i], x->s->loaded.model->tokenizer, d->template,
		      (size_t)x->s->now.max_history, &x->prompt, &failure),
		&failure);
	check(scorer_prompt(x->scorer, x->prompt.at, x->prompt.n, &failure), &failure);
}

static size_t case_at(const struct subject *x, size_t i)
{
	return i * x->split->n / x->cases;
}

static uint32_t leaf_of(const struct subject *x, size_t i)
{
	uint32_t item = x->split->cases[i].positive;

	return item == ITEM_NONE ? TRIE_NONE : x->scorer->trie->item_leaf[item];
}

static double beam_time(struct subject *x)
{
	const struct beam_options o = {.width = 10, .length_penalty = 1};
	double start = clock_now();
	struct trace t;

	check(beam_search(&t, x->scorer, &o, true, &failure), &failure);
	start = clock_now() - start;
	trace_release(&t);
	return start;
}

/* One search; its time, and what was expanded. */
static double exact_time(struct subject *x, const struct exact_options *o, size_t *expanded)
{
	double start = clock_now();
	struct exact_result r;

	check(exact_search(&r, x->scorer, o, &failure), &failure);
	start = clock_now() - start;
	*expanded += r.expanded;
	exact_release(&r);
	return start;
}

static double resident(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	unsigned long pages = 0;

	if (f == NULL || fscanf(f, "%*s %lu", &pages) != 1)
		pages = 0;
	if (f != NULL)
		fclose(f);
	return (double)pages * (double)sysconf(_SC_PAGESIZE) / (1 << 20);
}

/* Cases by the exact rank of the positive item. */
struct bucket {
	size_t most; /* rank */
	size_t n, unproved;
	double scored, scored_max, expanded, tokens; /* shares of the whole trie's, added up; the largest */
};

static void bucket_rows(const struct subject *x, const struct bucket *b)
{
	double percent = 100 / (double)b->n;
	char metric[64], note[96];

	snprintf(metric, sizeof(metric), b->most < SIZE_MAX ? "rank_to_%zu" : "rank_beyond", b->most);
	snprintf(note, sizeof(note), "cases, %zu of them not proved within the budget", b->unproved);
	row(x, metric, (double)b->n, "cases", note);
	snprintf(note, sizeof(note), "token probabilities, of all where there is a choice (%zu); at most %.1f",
		x->most_scored, 100 * b->scored_max);
	row(x, "scored", percent * b->scored, "%", note);
	snprintf(note, sizeof(note), "the same, of all tokens of all items, scored one by one (%zu)", x->item_tokens);
	row(x, "scored_of_items", percent * b->scored * (double)x->most_scored / (double)x->item_tokens, "%", note);
	snprintf(note, sizeof(note), "of all that go through the layers (%zu)", x->most_tokens);
	row(x, "tokens", percent * b->tokens, "%", note);
	snprintf(note, sizeof(note), "of all nodes with a choice (%zu)", x->most_expanded);
	row(x, "expanded", percent * b->expanded, "%", note);
}

/* Only the rank: what is computed for it, against scoring the whole catalogue. */
static void rank_work(struct subject *x)
{
	struct bucket buckets[] = {{.most = 10}, {.most = 100}, {.most = 1000}, {.most = SIZE_MAX}};
	struct exact_options o = {.budget = x->budget};

	for (size_t i = 0; i < x->cases; i++) {
		struct lm *lm = x->scorer->lm;
		struct bucket *b = buckets;
		struct exact_result r;
		uint64_t tokens;
		double share;

		o.target = leaf_of(x, case_at(x, i));
		if (o.target == TRIE_NONE)
			continue;
		prompt(x, case_at(x, i));
		tokens = lm->stats.nodes;
		check(exact_search(&r, x->scorer, &o, &failure), &failure);
		while (r.target_rank > b->most)
			b++;
		b->n++;
		b->unproved += !r.proved;
		share = (double)r.scored / (double)x->most_scored;
		b->scored += share;
		b->scored_max = share > b->scored_max ? share : b->scored_max;
		b->expanded += (double)x->scorer->expanded / (double)x->most_expanded;
		b->tokens += (double)(lm->stats.nodes - tokens) / (double)x->most_tokens;
		exact_release(&r);
	}
	for (struct bucket *b = buckets; b < buckets + ARRAY_LEN(buckets); b++)
		if (b->n > 0)
			bucket_rows(x, b);
}

/* Milliseconds a case, in one run and case by case in turn, and the memory of the process meanwhile. */
static void case_times(struct subject *x)
{
	struct exact_options o = {.top = 10, .rank_limit = 100, .budget = x->budget};
	double prefill = 0, beam = 0, alone = 0, after = 0, turned = 0, early = 0, scale = 1e3 / (double)x->cases;
	size_t nodes_alone = 0, nodes_after = 0;
	char note[96];

	for (size_t i = 0; i < x->cases; i++) {
		double start = clock_now();

		o.target = leaf_of(x, case_at(x, i));
		prompt(x, case_at(x, i));
		prefill += clock_now() - start;
		beam += beam_time(x);
		after += exact_time(x, &o, &nodes_after);
		prompt(x, case_at(x, i));
		alone += exact_time(x, &o, &nodes_alone);
		turned += beam_time(x);
		if (i == 200)
			early = resident();
	}
	row(x, "case_prompt", scale * prefill, "ms", "mean");
	row(x, "case_beam", scale * (prefill + beam), "ms", "prompt, beam of 10 with its trace");
	snprintf(note, sizeof(note), "prompt, exact top 10 and rank up to 100; %.0f nodes",
		(double)nodes_alone / (double)x->cases);
	row(x, "case_exact", scale * (prefill + alone), "ms", note);
	snprintf(note, sizeof(note), "prompt, both; %.0f nodes after the beam", (double)nodes_after / (double)x->cases);
	row(x, "case_both", scale * (prefill + beam + after), "ms", note);
	row(x, "case_both_exact_first", scale * (prefill + alone + turned), "ms", "prompt, both");
	if (early > 0)
		row(x, "resident_200", early, "MiB", "memory of the process at case 200");
	row(x, "resident_end", resident(), "MiB", "and at the last one");
}

/* The same searches with other batches: what is computed beyond need, and what it costs. */
static void batches(struct subject *x)
{
	static const size_t sizes[] = {0, 1, 4, 8, 12, 16, 32, 64}; /* 0: as the search has it */
	size_t every = x->cases > 50 ? x->cases / 50 : 1, n = 0;
	double alone[8] = {0}, after[8] = {0};
	size_t nodes_alone[8] = {0}, nodes_after[8] = {0};

	for (size_t i = 0; i < x->cases; i += every, n++) {
		for (size_t k = 0; k < ARRAY_LEN(sizes); k++) {
			struct exact_options o = {
				.top = 10, .target = TRIE_NONE, .budget = x->budget, .batch = sizes[k]};

			prompt(x, case_at(x, i));
			alone[k] += exact_time(x, &o, &nodes_alone[k]);
			prompt(x, case_at(x, i));
			beam_time(x);
			o.top = 50;
			after[k] += exact_time(x, &o, &nodes_after[k]);
		}
	}
	for (size_t k = 0; k < ARRAY_LEN(sizes); k++) {
		char metric[64], note[96];

		snprintf(metric, sizeof(metric), "batch_%zu_top_10", sizes[k]);
		snprintf(note, sizeof(note), "%.1f nodes", (double)nodes_alone[k] / (double)n);
		row(x, metric, 1e3 * alone[k] / (double)n, "ms", note);
		snprintf(metric, sizeof(metric), "batch_%zu_top_50_after_beam", sizes[k]);
		snprintf(note, sizeof(note), "%.1f nodes", (double)nodes_after[k] / (double)n);
		row(x, metric, 1e3 * after[k] / (double)n, "ms", note);
	}
}

/* The words of a command line: [n] at most, into the room given. */
static int split_words(char *argv[], int n, int most, char *text)
{
	for (char *word = strtok(text, " "); word != NULL && n < most; word = strtok(NULL, " "))
		argv[n++] = word;
	return n;
}

static void with_model(const char *name, enum mask_rule mask, const char *model, const char *dataset)
{
	const char *shared = getenv("BEAMSCOPE_SHARED"), *options = getenv("BENCH_OPTIONS");
	char *data = xasprintf("%s/datasets/%s", shared ? shared : "../shared", dataset);
	char *words = xstrdup(options ? options : "--template sequence --title-words 5 --max-history 10 --threads 1");
	char *argv[64] = {"bench_search", "-m", (char *)model, "-d", data};
	struct subject x = {.name = name, .mask = mask};
	struct cmdline c = {0};

	if (model == NULL || !file_is_dir(model) || !file_is_dir(data)) {
		fprintf(stderr, "bench_search: no model or no data of %s: left out\n", dataset);
		goto out;
	}
	check(session_new(&x.s, &failure), &failure);
	check(cmdline_parse(&c, x.s, split_words(argv, 5, ARRAY_LEN(argv), words), argv, &failure), &failure);
	check(session_prepare(x.s, CMD_NEEDS_SEARCH, &failure), &failure);
	x.scorer = &x.s->loaded.search->scorer;
	x.split = &x.s->loaded.data->dataset->splits[SPLIT_TEST];
	x.cases = setting("BENCH_CASES", 400);
	if (x.cases == 0 || x.cases > x.split->n)
		x.cases = x.split->n;
	scorer_set(x.scorer, mask, 1.0);
	x.budget = mask == MASK_AFTER ? setting("BENCH_BUDGET", 2000) : 0;
	exhaustive_work(&x);
	case_times(&x);
	rank_work(&x);
	batches(&x);
	vec_release(&x.prompt);
	cmdline_release(&c);
	session_free(x.s);
out:
	free(data);
	free(words);
}

static void without_model(void)
{
	static struct made c;
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
}

int main(void)
{
	without_model();
	with_model("office", MASK_BEFORE, getenv("BENCH_OFFICE"), "bear-office");
	with_model("office", MASK_AFTER, getenv("BENCH_OFFICE_SFT"), "bear-office");
	with_model("clothing", MASK_BEFORE, getenv("BENCH_CLOTHING"), "bear-clothing");
	with_model("clothing", MASK_AFTER, getenv("BENCH_CLOTHING_SFT"), "bear-clothing");
	return 0;
}
