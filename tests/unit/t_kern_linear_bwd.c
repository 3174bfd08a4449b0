/* The linear maps of training against sums in double. Errors are measured against the sum of the terms' magnitudes. */
#include "kern_test.h"

#include "kern/linear.h"

#define TOLERANCE 1e-6

struct shape {
	size_t rows, out, in;
};

/* Single rows, outputs and inputs; tiles, panels and depths that end within and on a border. */
static const struct shape shapes[] = {
	{1, 1, 1},
	{1, 9, 5},
	{7, 1, 30},
	{30, 8, 1},
	{5, 33, 17},
	{13, 21, 35},
	{65, 7, 8},
	{70, 8, 100},
	{66, 64, 64},
	{90, 130, 8},
	{121, 50, 577},
	{300, 37, 96},
	{64, 300, 130},
	{257, 131, 100},
	{500, 97, 33},
	{40, 5, 1200},
	{33, 1200, 5},
	{600, 40, 290},
	{240, 24, 25},
	{20, 700, 70},
};

/* Operands of a linear map: x [rows, in], dy [rows, out], and what their gradients are added to. */
struct map {
	struct shape s;
	struct test_weights w;
	float *x, *dy, *dx, *dw, *db, *y, *b;
	void *block;
};

static void map_init(struct map *m, struct rng *rng, const struct shape *s, enum dtype type)
{
	size_t nx = s->rows * s->in, ny = s->rows * s->out, nw = s->out * s->in;

	m->s = *s;
	test_weights_init(&m->w, rng, type, s->out, s->in);
	m->x = test_floats(rng, 2 * nx + 2 * ny + nw + 2 * s->out, 1, &m->block);
	m->dx = m->x + nx;
	m->y = m->dx + nx;
	m->dy = m->y + ny;
	m->dw = m->dy + ny;
	m->db = m->dw + nw;
	m->b = m->db + s->out;
}

static void map_release(struct map *m)
{
	test_weights_release(&m->w);
	free(m->block);
}

/* Σ a[i] · b[i] on top of `start`, with strides, where `got` should be. */
static void check_sum(double got, double start, const float *a, size_t a_step, const double *w, const float *b,
	size_t b_step, size_t n)
{
	double sum = start, scale = fabs(start);

	for (size_t i = 0; i < n; i++) {
		double term = a[i * a_step] * (w ? w[i * b_step] : b ? (double)b[i * b_step] : 1.0);

		sum += term;
		scale += fabs(term);
	}
	assert_near(got, sum, TOLERANCE, scale);
}

static float *copy_of(const float *p, size_t n)
{
	float *copy = malloc(n * sizeof(*copy));

	assert_non_null(copy);
	memcpy(copy, p, n * sizeof(*copy));
	return copy;
}

static void check_batch(struct kern *k, struct map *m, bool bias, bool add)
{
	const struct shape *s = &m->s;
	float *before = copy_of(m->y, s->rows * s->out);

	linear_batch_fwd(k, m->y, m->x, &m->w.t, bias ? m->b : NULL, add, s->rows);
	for (size_t r = 0; r < s->rows; r++)
		for (size_t o = 0; o < s->out; o++)
			check_sum(m->y[r * s->out + o], (bias ? m->b[o] : 0.0) + (add ? before[r * s->out + o] : 0.0),
				m->x + r * s->in, 1, m->w.value + o * s->in, NULL, 1, s->in);
	free(before);
}

static void check_bwd_x(struct kern *k, struct map *m, bool add)
{
	const struct shape *s = &m->s;
	float *before = copy_of(m->dx, s->rows * s->in);

	linear_bwd_x(k, m->dx, m->dy, &m->w.t, add, s->rows);
	for (size_t r = 0; r < s->rows; r++)
		for (size_t i = 0; i < s->in; i++)
			check_sum(m->dx[r * s->in + i], add ? before[r * s->in + i] : 0.0, m->dy + r * s->out, 1,
				m->w.value + i, NULL, s->in, s->out);
	free(before);
}

static void check_bwd_w(struct kern *k, struct map *m, bool bias)
{
	const struct shape *s = &m->s;
	float *dw = copy_of(m->dw, s->out * s->in), *db = copy_of(m->db, s->out);

	linear_bwd_w(k, m->dw, bias ? m->db : NULL, m->dy, m->x, s->rows, s->out, s->in);
	for (size_t o = 0; o < s->out; o++) {
		for (size_t i = 0; i < s->in; i++)
			check_sum(m->dw[o * s->in + i], dw[o * s->in + i], m->dy + o, s->out, NULL, m->x + i, s->in,
				s->rows);
		if (bias)
			check_sum(m->db[o], db[o], m->dy + o, s->out, NULL, NULL, 0, s->rows);
		else
			assert_true(m->db[o] == db[o]);
	}
	free(dw);
	free(db);
}

static void maps_against_double(struct kern *k, struct rng *rng)
{
	for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
		for (int type = 0; type < DTYPE_PLAIN_COUNT; type++) {
			struct map m;

			map_init(&m, rng, &shapes[i], (enum dtype)type);
			check_batch(k, &m, (i + (size_t)type) % 2, i / 2 % 2);
			check_bwd_x(k, &m, i % 2);
			if (type == 0)
				check_bwd_w(k, &m, i % 2);
			map_release(&m);
		}
	}
}

static void test_maps(void **state)
{
	(void)state;
	each_kern(maps_against_double);
}

/* What is set rather than added to may hold anything before. */
static void old_values_do_not_matter(struct kern *k, struct rng *rng)
{
	static const struct shape s = {300, 20, 300};
	struct map m;

	map_init(&m, rng, &s, DTYPE_F32);
	for (size_t i = 0; i < s.rows * s.in; i++)
		m.dx[i] = NAN;
	for (size_t i = 0; i < s.rows * s.out; i++)
		m.y[i] = INFINITY;
	check_bwd_x(k, &m, false);
	check_batch(k, &m, true, false);
	map_release(&m);
}

static void test_old_values(void **state)
{
	(void)state;
	each_kern(old_values_do_not_matter);
}

/* n distinct ids below `most`. */
static uint32_t *some_ids(struct rng *rng, size_t n, size_t most)
{
	uint32_t *ids = malloc(most * sizeof(*ids));

	assert_non_null(ids);
	for (size_t i = 0; i < most; i++)
		ids[i] = (uint32_t)i;
	for (size_t i = 0; i < n; i++) {
		size_t other = i + rng_below(rng, (uint32_t)(most - i));
		uint32_t id = ids[other];

		ids[other] = ids[i];
		ids[i] = id;
	}
	return ids;
}

/* dx += and dw += for n rows of the weights; rows that are not among them stay. */
static void check_rows(struct kern *k, struct rng *rng, const struct shape *s, size_t n, enum dtype type)
{
	uint32_t *ids = some_ids(rng, n, s->out);
	struct map m;
	float *dx, *dw;

	map_init(&m, rng, s, type);
	linear_rows_fwd(k, m.y, m.x, &m.w.t, ids, s->rows, n);
	for (size_t r = 0; r < s->rows; r++)
		for (size_t j = 0; j < n; j++)
			check_sum(m.y[r * n + j], 0.0, m.x + r * s->in, 1, m.w.value + ids[j] * s->in, NULL, 1, s->in);
	dx = copy_of(m.dx, s->rows * s->in);
	dw = copy_of(m.dw, s->out * s->in);
	linear_rows_bwd(k, m.dx, type == DTYPE_F32 ? m.dw : NULL, m.dy, m.x, &m.w.t, ids, s->rows, n);
	for (size_t r = 0; r < s->rows; r++) {
		for (size_t i = 0; i < s->in; i++) {
			double sum = dx[r * s->in + i], scale = fabs(sum);

			for (size_t j = 0; j < n; j++) {
				double term = m.dy[r * n + j] * m.w.value[ids[j] * s->in + i];

				sum += term;
				scale += fabs(term);
			}
			assert_near(m.dx[r * s->in + i], sum, TOLERANCE, scale);
		}
	}
	for (size_t j = 0; j < s->out; j++) {
		bool among = j < n && type == DTYPE_F32;

		for (size_t i = 0; i < s->in; i++)
			check_sum(m.dw[ids[j] * s->in + i], dw[ids[j] * s->in + i], m.dy + j, n, NULL, m.x + i, s->in,
				among ? s->rows : 0);
	}
	free(ids);
	free(dx);
	free(dw);
	map_release(&m);
}

static void rows_against_double(struct kern *k, struct rng *rng)
{
	for (int type = 0; type < DTYPE_PLAIN_COUNT; type++) {
		check_rows(k, rng, &(struct shape){1, 50, 33}, 3, (enum dtype)type);
		check_rows(k, rng, &(struct shape){2, 9, 100}, 9, (enum dtype)type);
		check_rows(k, rng, &(struct shape){37, 300, 65}, 130, (enum dtype)type);
		check_rows(k, rng, &(struct shape){150, 90, 40}, 31, (enum dtype)type);
		check_rows(k, rng, &(struct shape){1, 1300, 96}, 1200, (enum dtype)type);
	}
}

static void test_rows(void **state)
{
	(void)state;
	each_kern(rows_against_double);
}

/* In shapes that are cut into several tasks: wide and low, narrow and high. */
static size_t bits_of_maps(struct kern *k, struct rng *rng, void *out)
{
	static const struct shape cut[] = {{260, 450, 410}, {700, 30, 130}, {130, 700, 8}};
	char *at = out;

	for (size_t i = 0; i < ARRAY_LEN(cut); i++) {
		const struct shape *s = &cut[i];
		size_t n = 30, size;
		uint32_t *ids = some_ids(rng, n, s->out);
		struct map m;

		map_init(&m, rng, s, (enum dtype)i);
		linear_batch_fwd(k, m.y, m.x, &m.w.t, m.b, true, s->rows);
		linear_bwd_x(k, m.dx, m.dy, &m.w.t, true, s->rows);
		linear_bwd_w(k, m.dw, m.db, m.dy, m.x, s->rows, s->out, s->in);
		linear_rows_bwd(k, m.dx, m.dw, m.dy, m.x, &m.w.t, ids, s->rows, n);
		linear_rows_fwd(k, m.dy, m.x, &m.w.t, ids, s->rows, n);
		size = (size_t)(m.b - m.dx) * sizeof(float);
		memcpy(at, m.dx, size);
		at += size;
		free(ids);
		map_release(&m);
	}
	return (size_t)(at - (char *)out);
}

static void test_same_bits(void **state)
{
	(void)state;
	each_kern_same_bits(bits_of_maps, (size_t)1 << 23);
}

static void no_rows(struct kern *k, struct rng *rng)
{
	struct map m;
	float *before;

	map_init(&m, rng, &(struct shape){1, 3, 5}, DTYPE_F32);
	before = copy_of(m.dx, (size_t)(m.b - m.dx));
	linear_batch_fwd(k, m.y, m.x, &m.w.t, m.b, false, 0);
	linear_bwd_x(k, m.dx, m.dy, &m.w.t, false, 0);
	linear_bwd_w(k, m.dw, m.db, m.dy, m.x, 0, 3, 5);
	linear_rows_fwd(k, m.y, m.x, &m.w.t, NULL, 1, 0);
	linear_rows_bwd(k, m.dx, m.dw, m.dy, m.x, &m.w.t, NULL, 1, 0);
	assert_memory_equal(before, m.dx, (size_t)(m.b - m.dx) * sizeof(float));
	free(before);
	map_release(&m);
}

static void test_no_rows(void **state)
{
	(void)state;
	each_kern(no_rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_maps),
		cmocka_unit_test(test_old_values),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_same_bits),
		cmocka_unit_test(test_no_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
