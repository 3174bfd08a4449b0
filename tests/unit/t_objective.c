/*
 * Objectives against their equations: values computed by hand, gradients against finite differences in log p with β
 * and the cut-offs held, what the published and the written form of BEAR have to do with each other, and batches that
 * have nothing to learn from.
 */
#include <math.h>
#include <stdbool.h>

#include "base/rng.h"
#include "check.h"
#include "train/objective.h"

#define MOST 64

static const struct objective_params published = {.tau = 1, .K = 10, .xi = 2.75, .lambda = 0.25};

struct made {
	size_t first[4];
	double logp[MOST], beta[MOST], cutoff[MOST];
	uint32_t valid[MOST];
	struct objective_batch batch;
};

/* Three items of which about a third of the tokens have a single valid child. */
static void make(struct made *m, struct rng *r)
{
	size_t n = 0;

	for (size_t i = 0; i < 3; i++) {
		m->first[i] = n;
		n += 1 + rng_below(r, 8);
	}
	m->first[3] = n;
	for (size_t t = 0; t < n; t++) {
		bool single = rng_below(r, 3) == 0;

		m->valid[t] = single ? 1 : 2 + rng_below(r, 20);
		m->logp[t] = single ? 0 : -6 * rng_uniform(r) - 0.01;
		m->beta[t] = single ? 0 : -6 * rng_uniform(r);
		m->cutoff[t] = -20 * rng_uniform(r);
	}
	m->batch = (struct objective_batch){3, m->first, m->logp, m->valid, m->beta, m->cutoff};
}

static const struct objective *named(const char *name)
{
	struct err err;
	const struct objective *o = objective_find(name, &err);

	if (!o)
		fail_msg("%s", err.msg);
	return o;
}

static double value(const char *name, const struct objective_params *p, const struct objective_batch *b, double *dlogp)
{
	return named(name)->eval(p, b, dlogp);
}

static void near(double got, double wanted)
{
	if (!(fabs(got - wanted) <= 1e-12 * (1 + fabs(wanted))))
		fail_msg("%.17g, where %.17g was expected", got, wanted);
}

/* BEAR's weights are constants to the gradient: what is differentiated has them as they were at the middle. */
static double published_weights_held(
	const struct made *m, const struct objective_params *p, const double *held, size_t moved, double by)
{
	double sum = 1e-8, loss = 0;

	for (size_t t = 0; t < m->first[3]; t++)
		if (m->valid[t] > 1)
			sum += 1 + p->lambda * sigmoid((held[t] - m->beta[t]) / p->xi);
	for (size_t t = 0; t < m->first[3]; t++)
		if (m->valid[t] > 1)
			loss -= (1 + p->lambda * sigmoid((held[t] - m->beta[t]) / p->xi)) / sum *
				(m->logp[t] + (t == moved ? by : 0));
	return loss;
}

static double moved_value(const struct objective *o, struct made *m, const struct objective_params *p, size_t t,
	double by)
{
	double unused[MOST], kept = m->logp[t], loss;

	if (!strcmp(o->name, "bear"))
		return published_weights_held(m, p, m->logp, t, by);
	m->logp[t] = kept + by;
	loss = o->eval(p, &m->batch, unused);
	m->logp[t] = kept;
	return loss;
}

static void test_finite_differences(void **state)
{
	const double h = 1e-5;
	struct rng r;

	(void)state;
	rng_seed(&r, 11);
	for (size_t round = 0; round < 40; round++) {
		struct objective_params p = {1, 10, 0.2 + 3 * rng_uniform(&r), 4 * rng_uniform(&r)};
		struct made m;
		double dlogp[MOST];

		make(&m, &r);
		for (const struct objective *const *o = objectives; *o; o++) {
			(*o)->eval(&p, &m.batch, dlogp);
			for (size_t t = 0; t < m.first[3]; t++) {
				double above = moved_value(*o, &m, &p, t, h), below = moved_value(*o, &m, &p, t, -h);
				double slope = (above - below) / (2 * h);

				if (m.valid[t] == 1 && !((*o)->needs & OBJECTIVE_VOCAB))
					assert_true(dlogp[t] == 0);
				else if (fabs(slope - dlogp[t]) > 1e-8 * (1 + fabs(slope)))
					fail_msg("%s, token %zu: %g, by differences %g", (*o)->name, t, dlogp[t],
						slope);
			}
		}
	}
}

/* Two items of two tokens; the second token of the first item has a single valid child. */
static void test_by_hand(void **state)
{
	static const size_t first[] = {0, 2, 4};
	static const double logp[] = {-1, 0, -2, -0.5}, beta[] = {-3, 0, -1, -0.5}, cutoff[] = {-2, -2, -1.5, -3};
	static const uint32_t valid[] = {5, 1, 3, 2};
	const struct objective_batch b = {2, first, logp, valid, beta, cutoff};
	const struct objective_params p = {.tau = 1, .K = 2, .xi = 2, .lambda = 0.5};
	/* σ(1), σ(1/2), σ(1/4) and their logarithms to 16 digits. */
	const double s1 = 0.7310585786300049, s_half = 0.6224593312018546;
	const double w[] = {1 + 0.5 * s1, 1 + 0.5 * (1 - s_half), 1.25};
	const double log_s1 = -0.31326168751822286, log_s_1 = -1.3132616875182228;
	const double log_s_half = -0.47407698418010663, log_s_minus_half = -0.9740769841801067;
	const double log_half = -0.6931471805599453;
	double d[4];

	(void)state;
	near(value("sft", &p, &b, d), 3.5 / 4);
	near(d[1], -0.25);
	near(value("msl", &p, &b, d), 3.5 / 4);
	near(d[0], -0.25);
	near(d[1], 0);
	near(value("bear", &p, &b, d), (w[0] * 1 + w[1] * 2 + w[2] * 0.5) / (w[0] + w[1] + w[2] + 1e-8));
	near(d[2], -w[1] / (w[0] + w[1] + w[2] + 1e-8));
	near(d[1], 0);
	/* The leads of β are -2, 0, 1 and 0 nats. */
	near(value("bear-reg", &p, &b, d), (3.5 + 0.5 * (log_s_1 + log_half + log_s_half + log_half)) / 4);
	near(d[0], -(1 + 0.25 * s1) / 4);
	near(value("bear-margin", &p, &b, d), (3.5 - 0.5 * (log_s1 + log_half + log_s_minus_half + log_half)) / 4);
	near(d[2], -(1 + 0.25 * s_half) / 4);
	/* log P: -1, -1, -2, -2.5; the leads of the cut-off: -1, -1, 0.5, -0.5 nats, in halves. */
	near(value("direct", &p, &b, d),
		(3.5 + 0.5 * (2 * log_s_minus_half + log_sigmoid(0.25) + log_sigmoid(-0.25))) / 4);
	near(d[0], -(1 + 0.25 * 2 * s_half) / 4);
	near(d[1], 0);
	near(d[2], -(1 + 0.25 * (sigmoid(-0.25) + sigmoid(0.25))) / 4);
	near(d[3], -(1 + 0.25 * sigmoid(0.25)) / 4);
}

/* The gradient of the form on paper is that of the published code with λ/ξ for λ, but for a factor common to all. */
static void test_two_forms_of_bear(void **state)
{
	struct rng r;

	(void)state;
	rng_seed(&r, 12);
	for (size_t round = 0; round < 100; round++) {
		struct objective_params paper = published, code;
		double written[MOST], coded[MOST], factor = 0;
		struct made m;

		paper.xi = 0.1 + 3 * rng_uniform(&r);
		paper.lambda = 4 * rng_uniform(&r);
		code = paper;
		code.lambda = paper.lambda / paper.xi;
		make(&m, &r);
		value("bear-reg", &paper, &m.batch, written);
		value("bear", &code, &m.batch, coded);
		for (size_t t = 0; t < m.first[3]; t++) {
			if (m.valid[t] == 1)
				continue;
			factor = factor == 0 ? written[t] / coded[t] : factor;
			near(written[t], factor * coded[t]);
			assert_true(factor > 0);
		}
	}
}

/* Without λ all objectives under the mask are msl, bear with its own mean. */
static void test_without_lambda(void **state)
{
	struct objective_params p = published;
	double d[MOST], loss;
	struct made m;
	struct rng r;
	size_t many = 0;

	(void)state;
	rng_seed(&r, 13);
	make(&m, &r);
	p.lambda = 0;
	loss = value("msl", &p, &m.batch, d);
	near(value("bear-reg", &p, &m.batch, d), loss);
	near(value("bear-margin", &p, &m.batch, d), loss);
	near(value("direct", &p, &m.batch, d), loss);
	for (size_t t = 0; t < m.first[3]; t++)
		many += m.valid[t] > 1;
	assert_true(many > 0);
	assert_true(fabs(value("bear", &p, &m.batch, d) - loss * (double)m.first[3] / (double)many) < 1e-7);
}

static void test_nothing_to_learn(void **state)
{
	static const size_t none[] = {0}, one[] = {0, 2};
	static const double zero[] = {0, 0};
	static const uint32_t single[] = {1, 1};
	const struct objective_batch empty = {0, none, NULL, NULL, NULL, NULL};
	const struct objective_batch certain = {1, one, zero, single, zero, zero};

	(void)state;
	for (const struct objective *const *o = objectives; *o; o++) {
		double d[] = {7, 7}, loss;

		assert_true((*o)->eval(&published, &empty, d) == 0);
		assert_true(d[0] == 7);
		loss = (*o)->eval(&published, &certain, d);
		assert_true(isfinite(loss));
		if (!((*o)->needs & OBJECTIVE_VOCAB))
			assert_true(d[0] == 0 && d[1] == 0);
	}
	assert_true(value("msl", &published, &certain, (double[2]){0}) == 0);
	assert_true(value("bear", &published, &certain, (double[2]){0}) == 0);
	near(value("bear-reg", &published, &certain, (double[2]){0}), -0.25 * log(2));
	near(value("bear-margin", &published, &certain, (double[2]){0}), 0.25 * log(2));
}

static void test_sigmoid(void **state)
{
	(void)state;
	near(sigmoid(0), 0.5);
	near(sigmoid(1) + sigmoid(-1), 1);
	near(log_sigmoid(0), -log(2));
	assert_true(sigmoid(1000) == 1 && sigmoid(-1000) == 0);
	assert_true(log_sigmoid(1000) == 0 && log_sigmoid(-1000) == -1000);
	near(log_sigmoid(-30), -30 - exp(-30));
	near(exp(log_sigmoid(0.3)), sigmoid(0.3));
}

static void test_find(void **state)
{
	struct err err;

	(void)state;
	assert_string_equal(named("bear-margin")->name, "bear-margin");
	assert_null(objective_find("baer", &err));
	assert_int_equal(err.code, ERR_USAGE);
	assert_string_equal(err.msg,
		"there is no objective 'baer'; there are sft, msl, bear, bear-reg, bear-margin, direct");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_finite_differences),
		cmocka_unit_test(test_by_hand),
		cmocka_unit_test(test_two_forms_of_bear),
		cmocka_unit_test(test_without_lambda),
		cmocka_unit_test(test_nothing_to_learn),
		cmocka_unit_test(test_sigmoid),
		cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
