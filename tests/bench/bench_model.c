/*
 * A random model of the size of SmolLM2-135M: prefill of a prompt as a share of the machine's own sgemm rate, and steps
 * of ten tree rows. Times are the best of several rounds, and sgemm is measured between them, since other work on the
 * machine only ever adds to a time.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/rng.h"
#include "base/vec.h"
#include "machine.h"
#include "model/transformer.h"
#include "shape.h"

#define PROMPT 220
#define BEAM 10
#define STEPS 16
#define CHILDREN 8 /* valid next tokens of a prefix */
#define ROUNDS 5

static void report(const char *kind, const char *metric, double value, const char *unit, const char *note)
{
	printf("%s_%s\t%.4g\t%s\t%s\n", kind, metric, value, unit, note);
	fflush(stdout);
}

/* Operations of a prefill: the last layer computes keys and values alone for all tokens but the last. */
static double prefill_work(void)
{
	double T = PROMPT, H = bench_shape.hidden, Q = (double)(bench_shape.heads * bench_shape.head_dim);
	double KV = (double)(bench_shape.kv_heads * bench_shape.head_dim), inner = bench_shape.intermediate;
	double keys = 2 * T * H * 2 * KV, rest = 2 * T * (2 * H * Q + 3 * H * inner) + 2 * 2 * Q * T * (T + 1) / 2;

	return (double)bench_shape.layers * keys + (double)(bench_shape.layers - 1) * rest;
}

struct times {
	double prefill, picks, sums, case_before, case_after, sgemm;
};

static void keep_best(double *best, double time)
{
	if (*best == 0 || time < *best)
		*best = time;
}

/* Ten prefixes that each continue one of the step before; asked for a few ids, and for the whole log-sum where `sums`.
 */
static double step(struct lm *lm, lm_node *nodes, struct rng *rng, bool sums)
{
	uint32_t ids[CHILDREN];
	float z[BEAM][CHILDREN];
	double lse[BEAM];
	struct lm_query queries[BEAM];
	lm_node next[BEAM];
	double start = clock_now();
	struct err err;

	for (size_t i = 0; i < CHILDREN; i++)
		ids[i] = rng_below(rng, (uint32_t)lm->vocab);
	for (size_t b = 0; b < BEAM; b++) {
		next[b] = lm_child(lm, nodes[rng_below(rng, BEAM)], (uint32_t)b);
		queries[b] = (struct lm_query){
			.node = next[b],
			.ids = ids,
			.n = CHILDREN,
			.logits = z[b],
			.lse = sums ? &lse[b] : NULL,
		};
	}
	machine_need(lm_query(lm, queries, BEAM, 1, &err), &err);
	for (size_t b = 0; b < BEAM; b++)
		nodes[b] = next[b];
	return clock_now() - start;
}

/* A case: its prompt, then the steps of a beam. */
static void run_case(struct lm *lm, struct times *best, struct rng *rng, bool sums)
{
	uint32_t prompt[PROMPT];
	lm_node nodes[BEAM] = {LM_PROMPT};
	double start = clock_now();
	struct err err;

	for (size_t i = 0; i < PROMPT; i++)
		prompt[i] = rng_below(rng, (uint32_t)lm->vocab);
	machine_need(lm_prompt(lm, prompt, PROMPT, &err), &err);
	keep_best(&best->prefill, clock_now() - start);
	for (size_t i = 0; i < STEPS; i++)
		keep_best(sums ? &best->sums : &best->picks, step(lm, nodes, rng, sums));
	keep_best(sums ? &best->case_after : &best->case_before, clock_now() - start);
}

static void bench(struct kern *kern, const struct sgemm *g, enum dtype dtype, const char *kind)
{
	struct tiny_shape stored = bench_shape;
	struct times best = {0};
	double fastest = 0;
	struct tiny t;
	struct lm *lm;
	struct rng rng;
	struct err err;

	stored.dtype = dtype;
	tiny_init(&t, &stored, 1);
	tiny_write(&t);
	machine_need(transformer_open(&lm, t.dir, kern, &err), &err);
	rng_seed(&rng, 2);
	for (size_t round = 0; round < ROUNDS; round++) {
		double rate = sgemm_rate(g);

		fastest = rate > fastest ? rate : fastest;
		run_case(lm, &best, &rng, false);
		run_case(lm, &best, &rng, true);
	}
	report(kind, "sgemm", fastest / 1e9, "GFLOP/s", "all threads, one product of 1024 a thread");
	report(kind, "prefill", best.prefill, "s", "220 tokens");
	report(kind, "prefill_share", prefill_work() / best.prefill / fastest, "of sgemm", "aim: 0.70");
	report(kind, "step", best.picks, "s", "10 rows, 8 ids each");
	report(kind, "step_sums", best.sums, "s", "10 rows, 8 ids each, log-sums over the vocabulary");
	report(kind, "case_before", best.case_before, "s", "prefill and 16 steps; aim: 0.8");
	report(kind, "case_after", best.case_after, "s", "prefill and 16 steps with log-sums; aim: 1.6");
	lm_close(lm);
	tiny_release(&t);
}

int main(void)
{
	struct kern *kern = machine_kern();
	struct sgemm g;

	sgemm_init(&g, kern);
	bench(kern, &g, DTYPE_F32, "f32");
	bench(kern, &g, DTYPE_BF16, "bf16");
	sgemm_release(&g);
	kern_free(kern);
	return 0;
}
