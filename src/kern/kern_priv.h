/*
 * Inside the kern layer: the vector bodies of an instruction set, and what struct kern holds.
 *
 * A kernel is in two parts. The family files (linear.c, attn.c, …) know shapes, split the work over the pool and call
 * BLAS. What runs on one thread over contiguous values is a vector body: written once in body_*.h with the vector type
 * vf, and compiled once an instruction set by isa_*.c. struct isa is the table of those bodies.
 */
#ifndef KERN_PRIV_H
#define KERN_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "base/pool.h"
#include "base/quant.h"
#include "base/tensor.h"
#include "kern/kern.h"

/* y[rows, outs] = x[rows, in] · wᵀ (+ b); y += that when add is set. w: [outs, in] of the given type. Rows
 * of y, x and w are ld* elements apart. */
struct product {
	float *y;
	size_t ldy;
	const float *x;
	size_t ldx, rows;
	const void *w;
	enum dtype type;
	size_t ldw, outs;
	const float *b; /* [outs] or NULL */
	size_t in;
	bool add;
	/* Room for PRODUCT_WIDE floats, or PRODUCT_RUN for a single row of w: for packed weights, and then those of
	 * other types that many rows use are widened but once. Else NULL. */
	float *wide;
};

/* Rows of w that are worked on together, and inputs that are summed in one go. */
#define PRODUCT_PANEL ((size_t)32)
#define PRODUCT_RUN ((size_t)640)
#define PRODUCT_WIDE (PRODUCT_PANEL * PRODUCT_RUN)
#define PACKED_PANEL ((size_t)4) /* for few rows of x, while the weights are packed */

/* y[rows, d] = s[rows, n] · v[n, d]; y += that when add is set. Rows of y and v are ld* floats apart; s[r, i] is at
 * s[r · s_row + i · s_step], so that sᵀ stands for s by changing the two. */
struct mix {
	float *y;
	size_t ldy;
	const float *s;
	size_t s_row, s_step;
	const float *v;
	size_t ldv;
	size_t rows, n, d;
	bool add;
};

/*
 * y[rows, columns] = a[rows, n] · b[n, columns], or y += that when add is set. a[r, i] is at a_row · r + a_step · i and
 * b[i, c] at b_first + b_step · i + b_column · c; one of each pair is 1.
 */
struct gemm {
	float *y;
	size_t ldy;
	const float *a;
	size_t a_row, a_step;
	const void *b;
	enum dtype type; /* of b */
	size_t b_first, b_step, b_column;
	size_t rows, n, columns;
	bool add;
	float *room; /* [GEMM_ROOM] */
};

/* What is worked on together: a depth of the sums whose panel stays in the nearest cache or the one behind it, rows of
 * a and columns of b that stay in that one. Rows are whole tiles for every instruction set. */
#define GEMM_DEPTH ((size_t)256)
#define GEMM_ROWS ((size_t)120)
#define GEMM_COLUMNS ((size_t)640)
#define GEMM_ROOM ((GEMM_COLUMNS + GEMM_ROWS + 16) * GEMM_DEPTH)

/* What an update of AdamW multiplies with. */
struct adamw_by {
	float g;            /* the gradient */
	float keep;         /* the weight: 1 - lr · weight_decay */
	float beta1, beta2; /* the moments */
	float part1, part2; /* what is new in them: 1 - β */
	float step;         /* lr / (1 - β1^t) */
	float root;         /* 1 / sqrt(1 - β2^t) */
	float eps;
};

#define VECTOR_MAX ((size_t)16) /* floats of the widest vector: rows of a multiple of it have no rest */

/*
 * Every body gives for a row the same bits whatever rows or outputs are asked with it: the order of a sum depends on
 * its length only.
 */
struct isa {
	const char *name;
	size_t product_rows; /* up to so many rows, product() is fit for a linear map */
	bool gemm_any_cut;   /* gemm() gives the same bits however rows and columns are cut into pieces */

	/* dtype_widen, to the same bits */
	void (*widen)(float *out, const void *w, enum dtype type, size_t first, size_t n);

	float (*dot)(const float *x, const void *w, enum dtype type, size_t n);
	void (*product)(const struct product *p);

	/* to[columns, rows] = fromᵀ; rows ld* floats apart. A block of a large matrix at a time: one that the nearest
	 * cache holds. */
	void (*turn)(float *to, size_t ldto, const float *from, size_t ldfrom, size_t rows, size_t columns);
	void (*mix)(const struct mix *m);

	void (*gemm)(const struct gemm *g);

	float (*max)(const float *z, size_t n); /* -inf for n = 0; may miss a NaN */
	/* Σ exp(scale · (z[i] - max)); out[i] = the terms unless out is NULL; out may be z */
	float (*exp_sum)(float *out, const float *z, size_t n, float scale, float max);
	void (*scale)(float *z, size_t n, float by);
	void (*add)(float *y, const float *x, float by, size_t n); /* y += by · x */

	void (*rmsnorm)(float *y, const float *x, const float *w, size_t n, double eps);
	/* dx += and dw +=; dw may be NULL */
	void (*rmsnorm_bwd)(
		float *dx, float *dw, const float *dy, const float *x, const float *w, size_t n, double eps);
	void (*layernorm)(float *y, const float *x, const float *w, const float *b, size_t n, double eps);
	/* dx +=, dw += and db +=; dw and db may be NULL, both */
	void (*layernorm_bwd)(
		float *dx, float *dw, float *db, const float *dy, const float *x, const float *w, size_t n, double eps);
	/* a, b: the halves of a head. Exchanged, they turn back. */
	void (*rope)(float *a, float *b, const float *cos, const float *sin, size_t half);
	void (*swiglu)(float *y, const float *gate, const float *up, size_t n);
	void (*swiglu_bwd)(float *dgate, float *dup, const float *dy, const float *gate, const float *up, size_t n);
	void (*gelu)(float *y, const float *x, size_t n);
	void (*gelu_bwd)(float *dx, const float *dy, const float *x, size_t n);
	/* dz = by · exp(scale · (z - high)); dz may be z */
	void (*xent_bwd)(float *dz, const float *z, size_t n, float scale, float high, float by);
	/* p holds scores and becomes weights; dz holds the gradients of these and becomes that of the scores */
	void (*attn_bwd)(float *p, float *dz, size_t n, float scale, float high);

	void (*adamw)(float *w, float *m, float *v, const float *g, const struct adamw_by *by, size_t n);
	double (*sum_squares)(const float *x, size_t n);
	/* y = what is kept of x, times by; y += that when add is set. Value i is kept where the random number of
	 * (key, i) is not below `below`. */
	void (*dropout)(float *y, const float *x, size_t n, uint64_t key, uint32_t below, float by, bool add);
};

extern const struct isa isa_portable;
#ifdef __x86_64__
extern const struct isa isa_avx2, isa_avx512;
#endif

struct scratch {
	float *p;
	size_t n;
};

struct kern {
	const struct isa *isa;
	struct pool *pool;
	size_t threads;
	struct scratch shared;   /* for results that cross tasks; belongs to the caller of a kernel */
	struct scratch *private; /* [threads] */
};

/* Takes the named instruction set from here on; -1 when this machine lacks it. For tests and benchmarks. */
int kern_force_isa(struct kern *k, const char *name) MUST_CHECK;

/* Scratch of n floats that all tasks of one kernel may write, apart from every thread's own. */
float *kern_shared(struct kern *k, size_t n);

static inline bool dtype_packed(enum dtype type)
{
	return type >= DTYPE_PLAIN_COUNT;
}

/* Where element i of values that are not packed stands, inline for the bodies' innermost loops. */
static inline const void *weight_at(const void *w, enum dtype type, size_t i)
{
	return (const char *)w + i * (type == DTYPE_F32 ? sizeof(float) : sizeof(uint16_t));
}

/* Row i of a matrix. */
static inline const void *weight_row(const struct tensor *w, size_t i)
{
	return (const char *)w->data + i * dtype_bytes(w->dtype, w->shape[1]);
}

static inline size_t blocks_of(size_t n, size_t block)
{
	return (n + block - 1) / block;
}

/* The size of block i when n is cut into blocks of the given size. */
static inline size_t block_len(size_t n, size_t block, size_t i)
{
	size_t left = n - i * block;

	return left < block ? left : block;
}

static inline size_t whole_vectors(size_t n)
{
	return blocks_of(n, VECTOR_MAX) * VECTOR_MAX;
}

/* A product on the whole pool: y[r] += bias besides, unless bias is NULL. Sets g->room. */
void gemm_run(struct kern *k, const struct gemm *g, const float *bias);

/* Runs in place when the work is too small to be worth waking the pool. */
static inline void kern_run(struct kern *k, bool worth, size_t tasks, pool_fn *fn, void *arg)
{
	pool_run(worth ? k->pool : NULL, tasks, fn, arg);
}

#endif
