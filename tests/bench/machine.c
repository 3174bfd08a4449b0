#include "machine.h"

#include <cblas.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/rng.h"

void machine_need(int rc, const struct err *err)
{
	if (rc == 0)
		return;
	fprintf(stderr, "%s: %s\n", program_invocation_short_name, err->msg);
	exit(1);
}

struct kern *machine_kern(void)
{
	const char *threads = getenv("BENCH_THREADS");
	long n = threads ? strtol(threads, NULL, 10) : sysconf(_SC_NPROCESSORS_ONLN);
	struct kern *kern;
	struct err err;

	machine_need(kern_new(&kern, n < 1 ? 1 : (size_t)n, &err), &err);
	return kern;
}

static float *operand(struct rng *rng, size_t n)
{
	struct err err;
	float *p = mem_try_alloc(n, sizeof(*p), false, "the operands of sgemm", &err);

	if (!p)
		machine_need(-1, &err);
	for (size_t i = 0; i < n; i++)
		p[i] = (float)rng_uniform(rng) - 0.5f;
	return p;
}

void sgemm_init(struct sgemm *g, struct kern *kern)
{
	size_t n = pool_threads(kern_pool(kern)) * SGEMM_SIZE * SGEMM_SIZE;
	struct rng rng;

	rng_seed(&rng, 1);
	g->kern = kern;
	g->a = operand(&rng, n);
	g->b = operand(&rng, n);
	g->c = operand(&rng, n);
}

void sgemm_release(struct sgemm *g)
{
	free(g->a);
	free(g->b);
	free(g->c);
}

static void multiply(void *arg, size_t task, size_t thread)
{
	const struct sgemm *g = arg;
	size_t at = task * SGEMM_SIZE * SGEMM_SIZE;

	(void)thread;
	cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, SGEMM_SIZE, SGEMM_SIZE, SGEMM_SIZE, 1, g->a + at,
		SGEMM_SIZE, g->b + at, SGEMM_SIZE, 0, g->c + at, SGEMM_SIZE);
}

double sgemm_rate(const struct sgemm *g)
{
	size_t threads = pool_threads(kern_pool(g->kern));
	double n = SGEMM_SIZE, start = clock_now();

	pool_run(kern_pool(g->kern), threads, multiply, (void *)g);
	return (double)threads * 2 * n * n * n / (clock_now() - start);
}
