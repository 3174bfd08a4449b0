/*
 * Linear maps with packed weights against the same maps with these weights as floats. The bits agree, since both add up
 * the same values in the same order; only sgemm is given weights of other types in pieces of another depth.
 */
#include "kern_test.h"

#include "kern/layers.h"
#include "kern/linear.h"

struct shape {
	size_t rows, out, in;
};

/* Inputs of one and several blocks; runs (t_kern_linear.c) and panels that end inside a block. */
static const struct shape shapes[] = {
	{1, 1, 32},   {1, 37, 256},  {2, 9, 2304},  {7, 33, 672},   {10, 40, 512},   {12, 5, 2304},
	{19, 21, 32}, {31, 70, 768}, {50, 300, 96}, {97, 45, 1568}, {121, 290, 256}, {66, 150, 800},
};

/* A matrix twice: as it is stored, and as floats. */
struct twins {
	struct test_weights packed;
	struct tensor wide;
	float *values;
};

static size_t whole_blocks(size_t n, enum dtype type)
{
	return blocks_of(n, dtype_block(type)) * dtype_block(type);
}

static void twins_init(struct twins *t, struct rng *rng, enum dtype type, size_t out, size_t in)
{
	test_weights_init(&t->packed, rng, type, out, in);
	t->values = malloc(out * in * sizeof(*t->values));
	assert_non_null(t->values);
	for (size_t i = 0; i < out * in; i++)
		t->values[i] = (float)t->packed.value[i];
	t->wide = t->packed.t;
	t->wide.dtype = DTYPE_F32;
	t->wide.data = t->values;
}

static void twins_release(struct twins *t)
{
	test_weights_release(&t->packed);
	free(t->values);
}

static float most(const float *values, size_t n)
{
	float largest = 0;

	for (size_t i = 0; i < n; i++)
		largest = fmaxf(largest, fabsf(values[i]));
	return largest;
}

static void check_same(enum dtype type, bool bits, const float *got, const float *want, size_t n, double scale)
{
	for (size_t i = 0; i < n; i++) {
		if (bits && memcmp(&got[i], &want[i], sizeof(*got)) != 0)
			fail_msg("%s: value %zu is %.9g instead of %.9g", dtype_name(type), i, (double)got[i],
				(double)want[i]);
		assert_near(got[i], want[i], 1e-6, scale);
	}
}

/* x, dy: what goes in, forward and back; got, want: room for what comes out of either. */
struct buffers {
	float *x, *dy, *got, *want, *bias;
	size_t n;
	void *block;
};

static void buffers_init(struct buffers *b, struct rng *rng, const struct shape *s)
{
	size_t n = s->rows * (s->in > s->out ? s->in : s->out);

	b->x = test_floats(rng, 4 * n + s->out, 1, &b->block);
	b->dy = b->x + n;
	b->got = b->dy + n;
	b->want = b->got + n;
	b->bias = b->want + n;
	b->n = n;
	memcpy(b->want, b->got, n * sizeof(*b->got));
}

static void check_forward(struct kern *k, const struct twins *w, struct buffers *b, const struct shape *s, bool add)
{
	enum dtype type = w->packed.t.dtype;
	double scale = (double)s->in * most(b->x, b->n) * most(w->values, s->out * s->in) + 10;
	bool bits = k->isa->gemm_any_cut || s->rows <= k->isa->product_rows;

	linear_fwd(k, b->got, b->x, &w->packed.t, add ? NULL : b->bias, add, s->rows);
	linear_fwd(k, b->want, b->x, &w->wide, add ? NULL : b->bias, add, s->rows);
	check_same(type, bits, b->got, b->want, s->rows * s->out, scale);
	linear_batch_fwd(k, b->got, b->x, &w->packed.t, b->bias, add, s->rows);
	linear_batch_fwd(k, b->want, b->x, &w->wide, b->bias, add, s->rows);
	check_same(type, k->isa->gemm_any_cut, b->got, b->want, s->rows * s->out, 2 * scale);
}

static void check_lse(struct kern *k, const struct twins *w, struct buffers *b, const struct shape *s)
{
	double got[121], want[121], scale = (double)s->in * most(b->x, b->n) * most(w->values, s->out * s->in) + 10;

	linear_lse_fwd(k, got, b->x, &w->packed.t, 0.5, s->rows);
	linear_lse_fwd(k, want, b->x, &w->wide, 0.5, s->rows);
	for (size_t r = 0; r < s->rows; r++) {
		if (k->isa->gemm_any_cut || s->rows <= k->isa->product_rows)
			assert_true(got[r] == want[r]);
		assert_near(got[r], want[r], 1e-6, scale);
	}
}

/* Every third output, of every row. */
static void check_some(struct kern *k, const struct twins *w, struct buffers *b, const struct shape *s)
{
	uint32_t *ids = malloc(s->out * sizeof(*ids)), *row = malloc(s->out * sizeof(*row));
	enum dtype type = w->packed.t.dtype;
	double scale = (double)(s->in + s->out) * (most(b->x, b->n) + most(b->dy, b->n)) *
		       most(w->values, s->out * s->in);
	size_t n = blocks_of(s->out, 3);

	assert_non_null(ids);
	assert_non_null(row);
	for (size_t j = 0; j < n; j++) {
		ids[j] = (uint32_t)(s->out - 1 - 3 * j);
		row[j] = (uint32_t)(j % s->rows);
	}
	linear_pick_fwd(k, b->got, b->x, &w->packed.t, row, ids, n);
	linear_pick_fwd(k, b->want, b->x, &w->wide, row, ids, n);
	check_same(type, true, b->got, b->want, n, scale);
	linear_rows_fwd(k, b->got, b->x, &w->packed.t, ids, s->rows, n);
	linear_rows_fwd(k, b->want, b->x, &w->wide, ids, s->rows, n);
	check_same(type, true, b->got, b->want, s->rows * n, scale);
	memset(b->got, 0, b->n * sizeof(*b->got));
	memset(b->want, 0, b->n * sizeof(*b->want));
	linear_rows_bwd(k, b->got, NULL, b->dy, b->x, &w->packed.t, ids, s->rows, n);
	linear_rows_bwd(k, b->want, NULL, b->dy, b->x, &w->wide, ids, s->rows, n);
	check_same(type, true, b->got, b->want, s->rows * s->in, scale);
	embed_fwd(b->got, &w->packed.t, ids, 1);
	assert_memory_equal(b->got, w->values + ids[0] * s->in, s->in * sizeof(*b->got));
	free(ids);
	free(row);
}

static void check_back(struct kern *k, const struct twins *w, struct buffers *b, const struct shape *s, bool add)
{
	double scale = (double)s->out * most(b->dy, b->n) * most(w->values, s->out * s->in) + 10;

	memset(b->got, 0, b->n * sizeof(*b->got));
	memset(b->want, 0, b->n * sizeof(*b->want));
	linear_bwd_x(k, b->got, b->dy, &w->packed.t, add, s->rows);
	linear_bwd_x(k, b->want, b->dy, &w->wide, add, s->rows);
	check_same(w->packed.t.dtype, k->isa->gemm_any_cut, b->got, b->want, s->rows * s->in, scale);
}

static void packed_against_floats(struct kern *k, struct rng *rng)
{
	for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
		for (int type = DTYPE_PLAIN_COUNT; type < DTYPE_COUNT; type++) {
			struct shape s = shapes[i];
			struct buffers b;
			struct twins w;

			s.in = whole_blocks(s.in, (enum dtype)type);
			twins_init(&w, rng, (enum dtype)type, s.out, s.in);
			buffers_init(&b, rng, &s);
			check_forward(k, &w, &b, &s, i % 2);
			check_lse(k, &w, &b, &s);
			check_some(k, &w, &b, &s);
			check_back(k, &w, &b, &s, i / 2 % 2);
			free(b.block);
			twins_release(&w);
		}
	}
}

static void test_packed(void **state)
{
	(void)state;
	each_kern(packed_against_floats);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_packed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
