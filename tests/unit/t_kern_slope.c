/*
 * Every backward kernel against central differences of its forward kernel: the slope of Σ c · y along a random
 * direction of all inputs, with the gradient that the backward kernel gives.
 */
#include "kern_test.h"

#include "kern/attn.h"
#include "kern/dropout.h"
#include "kern/layers.h"
#include "kern/linear.h"
#include "kern/xent.h"

#define MAX_INPUTS 3

struct input {
	float *x;    /* [n] */
	float *grad; /* [n], of the backward kernel */
	size_t n;
};

/* A pair of kernels with what they are given. */
struct pair {
	struct kern *k;
	struct rng *rng;
	struct input input[MAX_INPUTS];
	float *y, *c; /* [n]: the outputs and what each counts in the sum */
	size_t n;
	size_t rows, in;
	struct tensor w;
	const uint32_t *ids;
	const size_t *first;
	const struct attn_shape *shape;
	const float *cos, *sin;
	float *lse;
	void (*fwd)(struct pair *p);
};

static float *floats(struct rng *rng, size_t n)
{
	void *block;

	return test_floats(rng, n, 0, &block);
}

static void pair_init(struct pair *p, struct kern *k, struct rng *rng, size_t n, const size_t *inputs)
{
	*p = (struct pair){.k = k, .rng = rng, .n = n};
	p->y = floats(rng, n);
	p->c = floats(rng, n);
	for (size_t i = 0; i < MAX_INPUTS && inputs[i] > 0; i++)
		p->input[i] = (struct input){floats(rng, inputs[i]), calloc(inputs[i], sizeof(float)), inputs[i]};
}

static void pair_release(struct pair *p)
{
	free(p->y);
	free(p->c);
	for (size_t i = 0; i < MAX_INPUTS; i++) {
		free(p->input[i].x);
		free(p->input[i].grad);
	}
}

static double weighted(struct pair *p)
{
	double sum = 0.0;

	p->fwd(p);
	for (size_t i = 0; i < p->n; i++)
		sum += (double)p->c[i] * p->y[i];
	return sum;
}

static void step(struct input *in, const float *direction, float by)
{
	for (size_t i = 0; i < in->n; i++)
		in->x[i] += by * direction[i];
}

/* Along each input on its own, so that a small gradient does not hide behind a large one. */
static void check_slopes(struct pair *p, double tolerance)
{
	const float h = 0x1p-8f;

	for (size_t i = 0; i < MAX_INPUTS && p->input[i].n > 0; i++) {
		struct input *in = &p->input[i];
		float *direction = floats(p->rng, in->n);
		double slope, want = 0.0, scale = 0.0;

		step(in, direction, h);
		slope = weighted(p);
		step(in, direction, -2 * h);
		slope = (slope - weighted(p)) / (2.0 * h);
		step(in, direction, h);
		for (size_t j = 0; j < in->n; j++) {
			want += (double)in->grad[j] * direction[j];
			scale += pow((double)in->grad[j] * direction[j], 2.0);
		}
		assert_near(slope, want, tolerance, sqrt(scale) + fabs(want));
		assert_true(scale > 0.0);
		free(direction);
	}
}

static struct tensor matrix(const float *data, size_t out, size_t in)
{
	return (struct tensor){.name = "w", .dims = 2, .shape = {out, in}, .data = data};
}

static void fwd_linear(struct pair *p)
{
	linear_fwd(p->k, p->y, p->input[0].x, &p->w, p->input[2].x, false, p->rows);
}

static void slope_of_linear(struct kern *k, struct rng *rng)
{
	struct pair p;
	float set[13 * 35];

	pair_init(&p, k, rng, 13 * 21, (size_t[]){13 * 35, 21 * 35, 21});
	p.rows = 13;
	p.w = matrix(p.input[1].x, 21, 35);
	p.fwd = fwd_linear;
	linear_bwd_x(k, p.input[0].grad, p.c, &p.w, true, 13);
	memset(set, 0xff, sizeof(set)); /* not numbers */
	linear_bwd_x(k, set, p.c, &p.w, false, 13);
	for (size_t i = 0; i < ARRAY_LEN(set); i++)
		assert_near(set[i], p.input[0].grad[i], 1e-6, 1);
	linear_bwd_w(k, p.input[1].grad, p.input[2].grad, p.c, p.input[0].x, 13, 21, 35);
	check_slopes(&p, 1e-3);
	pair_release(&p);
}

static const uint32_t some_ids[] = {7, 0, 29, 11, 12, 30, 3};

static void fwd_rows(struct pair *p)
{
	linear_rows_fwd(p->k, p->y, p->input[0].x, &p->w, some_ids, p->rows, ARRAY_LEN(some_ids));
}

static void slope_of_rows(struct kern *k, struct rng *rng)
{
	static const size_t rows[] = {1, 300};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct pair p;

		pair_init(&p, k, rng, rows[i] * ARRAY_LEN(some_ids), (size_t[]){rows[i] * 45, 31 * 45, 0});
		p.rows = rows[i];
		p.w = matrix(p.input[1].x, 31, 45);
		p.fwd = fwd_rows;
		linear_rows_bwd(k, p.input[0].grad, p.input[1].grad, p.c, p.input[0].x, &p.w, some_ids, rows[i],
			ARRAY_LEN(some_ids));
		check_slopes(&p, 1e-3);
		pair_release(&p);
	}
}

static void fwd_rmsnorm(struct pair *p)
{
	rmsnorm_fwd(p->k, p->y, p->input[0].x, p->input[1].x, p->rows, p->in, 1e-2);
}

static void slope_of_rmsnorm(struct kern *k, struct rng *rng)
{
	struct pair p;

	pair_init(&p, k, rng, 70 * 37, (size_t[]){70 * 37, 37, 0});
	p.rows = 70;
	p.in = 37;
	p.fwd = fwd_rmsnorm;
	rmsnorm_bwd(k, p.input[0].grad, p.input[1].grad, p.c, p.input[0].x, p.input[1].x, 70, 37, 1e-2);
	check_slopes(&p, 2e-3);
	pair_release(&p);
}

static void fwd_layernorm(struct pair *p)
{
	layernorm_fwd(p->k, p->y, p->input[0].x, p->input[1].x, p->input[2].x, p->rows, p->in, 1e-2);
}

static void slope_of_layernorm(struct kern *k, struct rng *rng)
{
	struct pair p;

	pair_init(&p, k, rng, 70 * 37, (size_t[]){70 * 37, 37, 37});
	p.rows = 70;
	p.in = 37;
	p.fwd = fwd_layernorm;
	layernorm_bwd(
		k, p.input[0].grad, p.input[1].grad, p.input[2].grad, p.c, p.input[0].x, p.input[1].x, 70, 37, 1e-2);
	check_slopes(&p, 2e-3);
	pair_release(&p);
}

static void fwd_gelu(struct pair *p)
{
	gelu_fwd(p->k, p->y, p->input[0].x, p->n);
}

static void slope_of_gelu(struct kern *k, struct rng *rng)
{
	struct pair p;

	pair_init(&p, k, rng, 1003, (size_t[]){1003, 0});
	p.fwd = fwd_gelu;
	gelu_bwd(k, p.input[0].grad, p.c, p.input[0].x, 1003);
	check_slopes(&p, 2e-3);
	pair_release(&p);
}

static void fwd_swiglu(struct pair *p)
{
	swiglu_fwd(p->k, p->y, p->input[0].x, p->input[1].x, p->n);
}

static void slope_of_swiglu(struct kern *k, struct rng *rng)
{
	struct pair p;

	pair_init(&p, k, rng, 1003, (size_t[]){1003, 1003, 0});
	p.fwd = fwd_swiglu;
	swiglu_bwd(k, p.input[0].grad, p.input[1].grad, p.c, p.input[0].x, p.input[1].x, 1003);
	check_slopes(&p, 2e-3);
	pair_release(&p);
}

static void fwd_packed(struct pair *p)
{
	attn_packed_fwd(p->k, p->y, p->lse, p->input[0].x, p->input[1].x, p->input[2].x, p->first, 4, p->shape);
}

static void check_packed(struct kern *k, struct rng *rng, const struct attn_shape *shape, const size_t *first)
{
	size_t T = first[4], q = T * shape->heads * shape->d, kv = T * shape->kv_heads * shape->d;
	struct pair p;

	pair_init(&p, k, rng, q, (size_t[]){q, kv, kv});
	p.shape = shape;
	p.first = first;
	p.lse = floats(rng, T * shape->heads);
	p.fwd = fwd_packed;
	fwd_packed(&p);
	for (size_t i = 0; i < 3; i++)
		memset(p.input[i].grad, 0xff, p.input[i].n * sizeof(float)); /* not numbers */
	attn_packed_bwd(k, p.input[0].grad, p.input[1].grad, p.input[2].grad, p.c, p.lse, p.input[0].x, p.input[1].x,
		p.input[2].x, first, 4, shape);
	check_slopes(&p, 2e-3);
	free(p.lse);
	pair_release(&p);
}

static void slope_of_packed(struct kern *k, struct rng *rng)
{
	static const struct attn_shape shapes[] = {{6, 2, 8}, {3, 3, 21}, {2, 1, 64}};

	for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
		check_packed(k, rng, &shapes[i], (size_t[]){0, 1, 14, 14 + 110, 14 + 110 + 12});
}

static const uint32_t labels[] = {4, 0, 72, 40, 5};

static void fwd_xent(struct pair *p)
{
	double logp[ARRAY_LEN(labels)], lse[ARRAY_LEN(labels)];

	xent_fwd(p->k, logp, lse, p->input[0].x, labels, 0.7, ARRAY_LEN(labels), 73);
	for (size_t r = 0; r < ARRAY_LEN(labels); r++)
		p->y[r] = (float)logp[r];
}

static void slope_of_xent(struct kern *k, struct rng *rng)
{
	double dlogp[ARRAY_LEN(labels)], logp[ARRAY_LEN(labels)], lse[ARRAY_LEN(labels)];
	struct pair p;

	pair_init(&p, k, rng, ARRAY_LEN(labels), (size_t[]){ARRAY_LEN(labels) * 73, 0, 0});
	p.fwd = fwd_xent;
	for (size_t r = 0; r < ARRAY_LEN(labels); r++)
		dlogp[r] = p.c[r];
	xent_fwd(k, logp, lse, p.input[0].x, labels, 0.7, ARRAY_LEN(labels), 73);
	xent_bwd(k, p.input[0].grad, dlogp, lse, p.input[0].x, labels, 0.7, ARRAY_LEN(labels), 73);
	check_slopes(&p, 2e-3);
	pair_release(&p);
}

static void fwd_dropout(struct pair *p)
{
	dropout_fwd(p->k, p->y, p->input[0].x, 0.3, 5, p->n);
}

static void slope_of_dropout(struct kern *k, struct rng *rng)
{
	struct pair p;

	pair_init(&p, k, rng, 9001, (size_t[]){9001, 0, 0});
	p.fwd = fwd_dropout;
	dropout_bwd(k, p.input[0].grad, p.c, 0.3, 5, 9001);
	check_slopes(&p, 1e-3);
	pair_release(&p);
}

#define TURNED 70

static void fwd_rope(struct pair *p)
{
	memcpy(p->y, p->input[0].x, p->n * sizeof(*p->y));
	rope_fwd(p->k, p->y, p->ids, p->cos, p->sin, TURNED, 2, 22, 50);
}

static void slope_of_rope(struct kern *k, struct rng *rng)
{
	uint32_t position[TURNED];
	float *cos = floats(rng, TURNED * 11), *sin = floats(rng, TURNED * 11);
	struct pair p;

	for (size_t t = 0; t < TURNED; t++)
		position[t] = rng_below(rng, TURNED);
	pair_init(&p, k, rng, TURNED * 50, (size_t[]){TURNED * 50, 0, 0});
	p.ids = position;
	p.cos = cos;
	p.sin = sin;
	p.fwd = fwd_rope;
	memcpy(p.input[0].grad, p.c, p.n * sizeof(*p.c));
	rope_bwd(k, p.input[0].grad, position, cos, sin, TURNED, 2, 22, 50);
	check_slopes(&p, 1e-3);
	free(cos);
	free(sin);
	pair_release(&p);
}

static void fwd_embed(struct pair *p)
{
	embed_fwd(p->y, &p->w, p->ids, 40);
}

static void slope_of_embed(struct kern *k, struct rng *rng)
{
	uint32_t ids[40];
	struct pair p;

	for (size_t t = 0; t < ARRAY_LEN(ids); t++)
		ids[t] = rng_below(rng, 9);
	pair_init(&p, k, rng, ARRAY_LEN(ids) * 130, (size_t[]){9 * 130, 0, 0});
	p.ids = ids;
	p.w = matrix(p.input[0].x, 9, 130);
	p.fwd = fwd_embed;
	embed_bwd(k, p.input[0].grad, p.c, ids, ARRAY_LEN(ids), 130);
	check_slopes(&p, 1e-3);
	pair_release(&p);
}

#define GATHERED 300

static void fwd_gather(struct pair *p)
{
	gather_fwd(p->k, p->y, p->input[0].x, p->ids, p->rows, 301);
}

static void slope_of_gather(struct kern *k, struct rng *rng)
{
	uint32_t ids[GATHERED];
	struct pair p;

	for (size_t i = 0; i < GATHERED; i++)
		ids[i] = (uint32_t)(i < 120 ? i + 3 : 2 * i);
	pair_init(&p, k, rng, GATHERED * 301, (size_t[]){2 * GATHERED * 301, 0, 0});
	p.rows = GATHERED;
	p.ids = ids;
	p.fwd = fwd_gather;
	memset(p.input[0].grad, 0xff, p.input[0].n * sizeof(float)); /* not numbers */
	gather_bwd(k, p.input[0].grad, p.c, ids, GATHERED, 2 * GATHERED, 301);
	check_slopes(&p, 1e-3);
	gather_fwd(k, p.y, p.input[0].x, NULL, GATHERED, 301);
	assert_memory_equal(p.y, p.input[0].x, p.n * sizeof(float));
	pair_release(&p);
}

static void test_slopes(void **state)
{
	static void (*const all[])(struct kern * k, struct rng * rng) = {
		slope_of_linear,
		slope_of_rows,
		slope_of_rmsnorm,
		slope_of_layernorm,
		slope_of_swiglu,
		slope_of_gelu,
		slope_of_packed,
		slope_of_xent,
		slope_of_dropout,
		slope_of_rope,
		slope_of_embed,
		slope_of_gather,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		each_kern(all[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slopes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
