/*
 * Kernels in the shapes of a 135M-parameter model, and those of training also in those of a small one, each as a share
 * of what the machine can do: of its own sgemm rate (1024³, one product a thread) for what computes, of its own reading
 * rate for what reads weights. Both are measured between the rounds of every kernel, and times are the best of many
 * short rounds, since other work on the machine only ever adds to a time. Weights change from call to call as they do
 * from layer to layer, so that they come from memory.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/rng.h"
#include "kern/adamw.h"
#include "kern/attn.h"
#include "kern/dropout.h"
#include "kern/kern_priv.h"
#include "kern/layers.h"
#include "kern/linear.h"
#include "kern/xent.h"
#include "machine.h"

#define HIDDEN ((size_t)576)
#define INNER ((size_t)1536)
#define VOCAB ((size_t)49152)
#define PROMPT ((size_t)220)
#define BEAM ((size_t)10)
#define ROUNDS 60
#define ROUNDS_A_CHECK 10 /* of the machine's own rates */
#define SLOTS (PROMPT + 16 * BEAM)
#define SEQUENCES ((size_t)4) /* of a batch in training, and their tokens */
#define LENGTH ((size_t)240)
#define BATCH (SEQUENCES * LENGTH)
#define ROOM (BATCH * INNER)

static const struct attn_shape attn = {.heads = 9, .kv_heads = 3, .d = 64};

struct bench {
	struct kern *k;
	size_t threads;
	struct sgemm sgemm;
	float *weights;       /* [VOCAB, HIDDEN], cut into matrices of any shape */
	float *halves;        /* as many halves, each a small number both as F16 and as BF16 */
	uint8_t *packed;      /* blocks of as many values in any packed type; scales are small numbers */
	float *x, *y, *z;     /* [ROOM] */
	float *keys, *values; /* [SLOTS, kv_heads · d] */
	float *cos, *sin;     /* [SLOTS, d/2] */
	double best_sgemm, best_read;
};

static float *block(struct rng *rng, size_t n)
{
	struct err err;
	float *p = mem_try_alloc(n, sizeof(*p), false, "benchmark", &err);

	if (!p)
		machine_need(-1, &err);
	for (size_t i = 0; i < n; i++)
		p[i] = (float)rng_uniform(rng) - 0.5f;
	return p;
}

static float *half_block(struct rng *rng, size_t n)
{
	float *p = block(rng, n / 2);
	uint16_t *half = (uint16_t *)p;

	for (size_t i = 0; i < n; i++)
		half[i] = (uint16_t)(0x3c00 | rng_below(rng, 128));
	return p;
}

/* Any two bytes are a half between 2^-11 and 2^-4. */
static uint8_t *packed_block(struct rng *rng, size_t n)
{
	uint8_t *p = (uint8_t *)block(rng, n / sizeof(float));

	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)(0x10 + rng_below(rng, 32));
	return p;
}

static void bench_init(struct bench *b, size_t threads)
{
	struct rng rng;
	struct err err;

	rng_seed(&rng, 1);
	*b = (struct bench){.threads = threads};
	machine_need(kern_new(&b->k, threads, &err), &err);
	sgemm_init(&b->sgemm, b->k);
	b->weights = block(&rng, VOCAB * HIDDEN);
	b->halves = half_block(&rng, VOCAB * HIDDEN);
	b->packed = packed_block(&rng, dtype_bytes(DTYPE_Q8_0, VOCAB * HIDDEN));
	b->x = block(&rng, ROOM);
	b->y = block(&rng, ROOM);
	b->z = block(&rng, ROOM);
	b->keys = block(&rng, SLOTS * attn.kv_heads * attn.d);
	b->values = block(&rng, SLOTS * attn.kv_heads * attn.d);
	b->cos = block(&rng, SLOTS * attn.d / 2);
	b->sin = block(&rng, SLOTS * attn.d / 2);
}

static void bench_release(struct bench *b)
{
	void *all[] = {b->weights, b->halves, b->packed, b->x, b->y, b->z, b->keys, b->values, b->cos, b->sin};

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		free(all[i]);
	sgemm_release(&b->sgemm);
	kern_free(b->k);
}

/* Takes the largest of each part of the weights: nothing but reading. */
static void read_part(void *arg, size_t task, size_t thread)
{
	const struct bench *b = arg;
	size_t n = VOCAB * HIDDEN / b->threads;

	b->y[thread] = b->k->isa->max(b->weights + task * n, n);
}

static void measure_machine(struct bench *b)
{
	double rate = sgemm_rate(&b->sgemm), start;

	if (rate > b->best_sgemm)
		b->best_sgemm = rate;
	start = clock_now();
	pool_run(kern_pool(b->k), b->threads, read_part, b);
	rate = (double)(VOCAB * HIDDEN * sizeof(float)) / (clock_now() - start);
	if (rate > b->best_read)
		b->best_read = rate;
}

/* One kernel in one shape, called `calls` times a round; i counts the calls. */
struct kernel {
	const char *name;
	void (*run)(struct bench *b, const struct kernel *kn, size_t i);
	enum dtype type;
	size_t rows, out, in;
	size_t calls;
	double flops, bytes; /* a call; 0: not what limits it */
};

static struct tensor matrix(const struct bench *b, const struct kernel *kn, size_t i)
{
	size_t n = kn->out * kn->in, at = i % (VOCAB * HIDDEN / n) * n;
	const char *data = (const char *)(kn->type == DTYPE_F32 ? b->weights : b->halves);

	if (dtype_packed(kn->type))
		data = (const char *)b->packed;
	return (struct tensor){
		.dtype = kn->type,
		.dims = 2,
		.shape = {kn->out, kn->in},
		.data = data + dtype_bytes(kn->type, at),
	};
}

static void run_linear(struct bench *b, const struct kernel *kn, size_t i)
{
	struct tensor w = matrix(b, kn, i);

	linear_fwd(b->k, b->y, b->x, &w, NULL, false, kn->rows);
}

static void run_lse(struct bench *b, const struct kernel *kn, size_t i)
{
	struct tensor w = matrix(b, kn, i);
	double lse[BEAM];

	linear_lse_fwd(b->k, lse, b->x, &w, 1.0, kn->rows);
}

#define PICKS 2400

static void run_pick(struct bench *b, const struct kernel *kn, size_t i)
{
	struct tensor w = {.dtype = kn->type, .dims = 2, .shape = {VOCAB, HIDDEN}, .data = b->weights};
	uint32_t row[PICKS] = {0}, id[PICKS];

	for (size_t j = 0; j < PICKS; j++)
		id[j] = (uint32_t)((j * 19 + i) % VOCAB);
	linear_pick_fwd(b->k, b->y, b->x, &w, row, id, PICKS);
}

static void run_causal(struct bench *b, const struct kernel *kn, size_t i)
{
	(void)i;
	attn_causal_fwd(b->k, b->y, b->x, b->keys, b->values, 0, kn->rows, &attn);
}

static void run_tree(struct bench *b, const struct kernel *kn, size_t i)
{
	uint32_t path[8 * BEAM];
	size_t first[BEAM + 1];

	(void)i;
	for (size_t r = 0; r <= kn->rows; r++)
		first[r] = 8 * r;
	for (size_t j = 0; j < 8 * kn->rows; j++)
		path[j] = (uint32_t)(PROMPT + j % 8 * BEAM + j / 8);
	attn_tree_fwd(b->k, b->y, b->x, b->keys, b->values, PROMPT, path, first, kn->rows, &attn);
}

static void run_rmsnorm(struct bench *b, const struct kernel *kn, size_t i)
{
	(void)i;
	rmsnorm_fwd(b->k, b->y, b->x, b->z, kn->rows, HIDDEN, 1e-5);
}

static void run_layernorm(struct bench *b, const struct kernel *kn, size_t i)
{
	(void)i;
	layernorm_fwd(b->k, b->y, b->x, b->z, b->z + HIDDEN, kn->rows, HIDDEN, 1e-5);
}

static void run_rope(struct bench *b, const struct kernel *kn, size_t i)
{
	uint32_t position[PROMPT];

	(void)i;
	for (size_t t = 0; t < kn->rows; t++)
		position[t] = (uint32_t)t;
	/* y turns by what a uniform block holds and so shrinks; nothing overflows */
	rope_fwd(b->k, b->y, position, b->cos, b->sin, kn->rows, attn.heads, attn.d, HIDDEN);
}

static void run_swiglu(struct bench *b, const struct kernel *kn, size_t i)
{
	(void)i;
	swiglu_fwd(b->k, b->y, b->x, b->z, kn->rows * INNER);
}

static void run_gelu(struct bench *b, const struct kernel *kn, size_t i)
{
	(void)i;
	gelu_fwd(b->k, b->y, b->x, kn->rows * INNER);
}

static void run_batch(struct bench *b, const struct kernel *kn, size_t i)
{
	struct tensor w = matrix(b, kn, i);

	linear_batch_fwd(b->k, b->y, b->x, &w, NULL, false, kn->rows);
}

static void run_bwd_x(struct bench *b, const struct kernel *kn, size_t i)
{
	struct tensor w = matrix(b, kn, i);

	linear_bwd_x(b->k, b->y, b->x, &w, false, kn->rows);
}

/* sgemm.c holds the gradients: every shape here has fewer weights than SGEMM_SIZE². */
static void run_bwd_w(struct bench *b, const struct kernel *kn, size_t i)
{
	(void)i;
	linear_bwd_w(b->k, b->sgemm.c, NULL, b->x, b->z, kn->rows, kn->out, kn->in);
}

#define IDS ((size_t)1000)

/* kn->rows rows meet the first kn->out of some rows of the output matrix. */
static void run_rows(struct bench *b, const struct kernel *kn, size_t i)
{
	struct tensor w = {.dtype = kn->type, .dims = 2, .shape = {VOCAB, HIDDEN}, .data = b->weights};
	uint32_t ids[IDS];

	for (size_t j = 0; j < kn->out; j++)
		ids[j] = (uint32_t)((j * 47 + i) % VOCAB);
	linear_rows_fwd(b->k, b->y, b->x, &w, ids, kn->rows, kn->out);
	linear_rows_bwd(b->k, b->z, NULL, b->y, b->x, &w, ids, kn->rows, kn->out);
}

static void pack(size_t *first)
{
	for (size_t s = 0; s <= SEQUENCES; s++)
		first[s] = s * LENGTH;
}

/* q, keys, values, their gradients and the log-sums, wherever there is room. */
static void run_packed(struct bench *b, const struct kernel *kn, size_t i)
{
	size_t first[SEQUENCES + 1], q = BATCH * HIDDEN, kv = BATCH * attn.kv_heads * attn.d;

	(void)kn;
	(void)i;
	pack(first);
	attn_packed_fwd(b->k, b->y, b->y + q, b->x, b->z, b->z + kv, first, SEQUENCES, &attn);
}

static void run_packed_bwd(struct bench *b, const struct kernel *kn, size_t i)
{
	size_t first[SEQUENCES + 1], q = BATCH * HIDDEN, kv = BATCH * attn.kv_heads * attn.d;

	(void)kn;
	(void)i;
	pack(first);
	attn_packed_bwd(b->k, b->z + 2 * kv, b->x + q, b->x + q + kv, b->y, b->y + q, b->x, b->z, b->z + kv, first,
		SEQUENCES, &attn);
}

static void run_rmsnorm_bwd(struct bench *b, const struct kernel *kn, size_t i)
{
	(void)i;
	rmsnorm_bwd(b->k, b->y, b->sgemm.c, b->x, b->z, b->weights, kn->rows, HIDDEN, 1e-5);
}

static void run_layernorm_bwd(struct bench *b, const struct kernel *kn, size_t i)
{
	(void)i;
	layernorm_bwd(b->k, b->y, b->sgemm.c, b->sgemm.c + HIDDEN, b->x, b->z, b->weights, kn->rows, HIDDEN, 1e-5);
}

static void run_gelu_bwd(struct bench *b, const struct kernel *kn, size_t i)
{
	(void)i;
	gelu_bwd(b->k, b->y, b->x, b->weights, kn->rows * INNER);
}

static void run_swiglu_bwd(struct bench *b, const struct kernel *kn, size_t i)
{
	(void)i;
	swiglu_bwd(b->k, b->y, b->sgemm.c, b->x, b->weights, b->z, kn->rows * INNER);
}

static void run_dropout(struct bench *b, const struct kernel *kn, size_t i)
{
	dropout_fwd(b->k, b->y, b->x, 0.05, i, kn->rows * HIDDEN);
}

static void run_xent(struct bench *b, const struct kernel *kn, size_t i)
{
	uint32_t label[BEAM] = {0};
	double logp[BEAM], lse[BEAM], dlogp[BEAM] = {-1};

	(void)i;
	xent_fwd(b->k, logp, lse, b->x, label, 1.0, kn->rows, VOCAB);
	xent_bwd(b->k, b->y, dlogp, lse, b->x, label, 1.0, kn->rows, VOCAB);
}

#define UPDATED ((size_t)1000000)

static void run_adamw(struct bench *b, const struct kernel *kn, size_t i)
{
	struct adamw a = {.lr = 1e-3, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .step = i + 1};

	(void)kn;
	adamw_update(b->k, b->y, b->z, b->sgemm.c, b->x, &a, 1.0, UPDATED);
}

static void report(const struct bench *b, const struct kernel *kn, double time)
{
	printf("%s\t%.4g\tus\t%s, %zu threads, %zu rows", kn->name, time * 1e6, kern_isa(b->k), b->threads, kn->rows);
	if (kn->out)
		printf(", w %s %zu x %zu", dtype_name(kn->type), kn->out, kn->in);
	if (kn->flops > 0)
		printf(", %.1f GFLOP/s: %.2f of sgemm", kn->flops / time * 1e-9, kn->flops / time / b->best_sgemm);
	if (kn->bytes > 0)
		printf(", %.1f GB/s of weights: %.2f of reading", kn->bytes / time * 1e-9,
			kn->bytes / time / b->best_read);
	putchar('\n');
	fflush(stdout);
}

/* Returns the time of a call. */
static double measure(struct bench *b, const struct kernel *kn)
{
	double best = 0;

	for (int round = 0; round < ROUNDS; round++) {
		double start, time;

		if (round % ROUNDS_A_CHECK == 0)
			measure_machine(b);
		start = clock_now();
		for (size_t i = 0; i < kn->calls; i++)
			kn->run(b, kn, round * kn->calls + i);
		time = (clock_now() - start) / (double)kn->calls;
		if (round == 0 || time < best)
			best = time;
	}
	report(b, kn, best);
	return best;
}

static double measure_linear(struct bench *b, enum dtype type, size_t rows, size_t out, size_t in)
{
	struct kernel kn = {
		.name = "linear",
		.run = run_linear,
		.type = type,
		.rows = rows,
		.out = out,
		.in = in,
		.calls = 1,
	};

	kn.flops = 2.0 * (double)(rows * out * in);
	kn.bytes = (double)dtype_bytes(type, out * in);
	return measure(b, &kn);
}

/* A matrix of a model of a billion parameters in every type, and what that costs beside BF16. */
static void measure_types(struct bench *b)
{
	static const size_t rows[] = {1, BEAM, 50, PROMPT}, side = 2048;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		double floats = measure_linear(b, DTYPE_F32, rows[i], side, side);
		double halves = measure_linear(b, DTYPE_BF16, rows[i], side, side);

		for (int type = DTYPE_PLAIN_COUNT; type < DTYPE_COUNT; type++) {
			double time = measure_linear(b, (enum dtype)type, rows[i], side, side);

			printf("linear_%s\t%.3f\tof BF16\t%zu threads, %zu rows, %.3f of F32\n",
				dtype_name((enum dtype)type), time / halves, b->threads, rows[i], time / floats);
		}
	}
}

static void measure_linears(struct bench *b)
{
	static const size_t rows[] = {1, 4, BEAM, 20, 50, PROMPT};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		measure_linear(b, DTYPE_F32, rows[i], INNER, HIDDEN);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		measure_linear(b, DTYPE_BF16, rows[i], INNER, HIDDEN);
	measure_linear(b, DTYPE_F16, BEAM, INNER, HIDDEN);
	measure_linear(b, DTYPE_F16, PROMPT, INNER, HIDDEN);
	measure_linear(b, DTYPE_F32, BEAM, HIDDEN, INNER);
	measure_linear(b, DTYPE_F32, PROMPT, HIDDEN, INNER);
	measure_linear(b, DTYPE_F32, BEAM, HIDDEN / 3, HIDDEN);
	measure_linear(b, DTYPE_F32, PROMPT, HIDDEN / 3, HIDDEN);
}

static void measure_map(struct bench *b, const char *name, void (*run)(struct bench *, const struct kernel *, size_t),
	enum dtype type, const size_t *shape)
{
	struct kernel kn = {
		.name = name, .run = run, .type = type, .rows = shape[0], .out = shape[1], .in = shape[2], .calls = 1};

	kn.flops = 2.0 * (double)(kn.rows * kn.out * kn.in);
	measure(b, &kn);
}

/* Maps of the 135M-parameter model, of a small one, and of LoRA, forward and back. */
static void measure_maps(struct bench *b)
{
	static const size_t shapes[][3] = {
		{BATCH, INNER, HIDDEN},
		{BATCH, HIDDEN, INNER},
		{BATCH, HIDDEN, HIDDEN},
		{BATCH, HIDDEN / 3, HIDDEN},
		{3200, 352, 128},
		{3200, 128, 352},
		{3200, 128, 128},
		{BATCH, 8, HIDDEN},
		{BATCH, HIDDEN, 8},
	};

	for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
		measure_map(b, "linear_batch", run_batch, DTYPE_F32, shapes[i]);
		measure_map(b, "linear_bwd_x", run_bwd_x, DTYPE_F32, shapes[i]);
		measure_map(b, "linear_bwd_w", run_bwd_w, DTYPE_F32, shapes[i]);
	}
	measure_map(b, "linear_batch", run_batch, DTYPE_BF16, shapes[0]);
	measure_map(b, "linear_bwd_x", run_bwd_x, DTYPE_BF16, shapes[0]);
	measure_map(b, "linear_rows_fwd_bwd", run_rows, DTYPE_F32, (size_t[]){1, 3, HIDDEN});
	measure_map(b, "linear_rows_fwd_bwd", run_rows, DTYPE_F32, (size_t[]){300, IDS, HIDDEN});
}

static void measure_all(size_t threads)
{
	const double hidden = HIDDEN, prompt = PROMPT, beam = BEAM, head = (double)VOCAB * HIDDEN;
	const double q = (double)(attn.heads * attn.d), pairs = (double)(SEQUENCES * LENGTH * (LENGTH + 1) / 2);
	const struct kernel kernels[] = {
		{"linear_lse", run_lse, DTYPE_F32, 1, VOCAB, HIDDEN, 1, 2 * head, head * 4},
		{"linear_lse", run_lse, DTYPE_F32, BEAM, VOCAB, HIDDEN, 1, 2 * beam * head, head * 4},
		{"linear_lse", run_lse, DTYPE_BF16, BEAM, VOCAB, HIDDEN, 1, 2 * beam * head, head * 2},
		{"linear_pick", run_pick, DTYPE_F32, 1, PICKS, HIDDEN, 1, 2 * PICKS * hidden, PICKS * hidden * 4},
		{"attn_causal", run_causal, DTYPE_F32, PROMPT, 0, 0, 1, 2 * q * prompt * (prompt + 1), 0},
		{"attn_tree", run_tree, DTYPE_F32, BEAM, 0, 0, 4, 4 * q * beam * (prompt + 8), 0},
		{"rmsnorm", run_rmsnorm, DTYPE_F32, PROMPT, 0, 0, 10, 0, 0},
		{"rmsnorm", run_rmsnorm, DTYPE_F32, BEAM, 0, 0, 100, 0, 0},
		{"layernorm", run_layernorm, DTYPE_F32, PROMPT, 0, 0, 10, 0, 0},
		{"layernorm", run_layernorm, DTYPE_F32, BEAM, 0, 0, 100, 0, 0},
		{"rope", run_rope, DTYPE_F32, PROMPT, 0, 0, 10, 0, 0},
		{"rope", run_rope, DTYPE_F32, BEAM, 0, 0, 100, 0, 0},
		{"swiglu", run_swiglu, DTYPE_F32, PROMPT, 0, 0, 10, 0, 0},
		{"swiglu", run_swiglu, DTYPE_F32, BEAM, 0, 0, 100, 0, 0},
		{"gelu", run_gelu, DTYPE_F32, PROMPT, 0, 0, 10, 0, 0},
		{"gelu", run_gelu, DTYPE_F32, BEAM, 0, 0, 100, 0, 0},
		{"attn_packed", run_packed, DTYPE_F32, BATCH, 0, 0, 1, 4 * q * pairs, 0},
		{"attn_packed_bwd", run_packed_bwd, DTYPE_F32, BATCH, 0, 0, 1, 8 * q * pairs, 0},
		{"rmsnorm_bwd", run_rmsnorm_bwd, DTYPE_F32, BATCH, 0, 0, 4, 0, 0},
		{"layernorm_bwd", run_layernorm_bwd, DTYPE_F32, BATCH, 0, 0, 4, 0, 0},
		{"gelu_bwd", run_gelu_bwd, DTYPE_F32, BATCH / 2, 0, 0, 1, 0, 0},
		{"swiglu_bwd", run_swiglu_bwd, DTYPE_F32, BATCH / 2, 0, 0, 1, 0, 0},
		{"dropout", run_dropout, DTYPE_F32, BATCH, 0, 0, 4, 0, 0},
		{"xent_fwd_bwd", run_xent, DTYPE_F32, BEAM, 0, 0, 1, 0, 0},
		{"adamw", run_adamw, DTYPE_F32, UPDATED, 0, 0, 1, 0, 0},
	};
	struct bench b;

	bench_init(&b, threads);
	measure_linears(&b);
	measure_types(&b);
	measure_maps(&b);
	for (size_t i = 0; i < ARRAY_LEN(kernels); i++)
		measure(&b, &kernels[i]);
	printf("sgemm\t%.4g\tGFLOP/s\t%zu threads, best of the run\n", b.best_sgemm * 1e-9, threads);
	printf("reading\t%.4g\tGB/s\t%zu threads, best of the run\n", b.best_read * 1e-9, threads);
	bench_release(&b);
}

int main(void)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	measure_all(1);
	if (cores > 1)
		measure_all((size_t)cores);
	return 0;
}
