#include <cblas.h>
#include <stdlib.h>
#include <string.h>

#ifdef __x86_64__
#include <cpuid.h>
#endif

#include "kern_priv.h"

#ifdef __x86_64__
/* Not every compiler's __builtin_cpu_supports knows half-precision conversion by name. */
static bool cpu_has_f16c(void)
{
	unsigned a, b, c, d;

	return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_F16C);
}
#endif

static bool isa_runs_here(const struct isa *isa)
{
#ifdef __x86_64__
	bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && cpu_has_f16c();

	if (isa == &isa_avx2)
		return avx2;
	if (isa == &isa_avx512)
		return avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
		       __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#endif
	return isa == &isa_portable;
}

/* Best first. */
static const struct isa *const isa_table[] = {
#ifdef __x86_64__
	&isa_avx512, &isa_avx2,
#endif
	&isa_portable,
};

static const struct isa *isa_best(void)
{
	for (size_t i = 0; i + 1 < ARRAY_LEN(isa_table); i++)
		if (isa_runs_here(isa_table[i]))
			return isa_table[i];
	return &isa_portable;
}

int kern_force_isa(struct kern *k, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(isa_table); i++) {
		if (strcmp(isa_table[i]->name, name) == 0 && isa_runs_here(isa_table[i])) {
			k->isa = isa_table[i];
			return 0;
		}
	}
	return -1;
}

int kern_new(struct kern **out, size_t threads, struct err *err)
{
	struct kern *k = xcalloc(1, sizeof(*k));

	if (pool_new(&k->pool, threads, err) < 0) {
		free(k);
		return -1;
	}
	openblas_set_num_threads(1);
	k->isa = isa_best();
	k->threads = threads;
	k->private = xcalloc(threads, sizeof(*k->private));
	*out = k;
	return 0;
}

void kern_free(struct kern *k)
{
	if (!k)
		return;
	pool_free(k->pool);
	for (size_t i = 0; i < k->threads; i++)
		free(k->private[i].p);
	free(k->private);
	free(k->shared.p);
	free(k);
}

struct pool *kern_pool(const struct kern *k)
{
	return k->pool;
}

const char *kern_isa(const struct kern *k)
{
	return k->isa->name;
}

static float *scratch_get(struct scratch *s, size_t n)
{
	struct err err;

	if (n > s->n || !s->p) {
		free(s->p);
		s->n = n + n / 4;
		s->p = mem_try_alloc(s->n, sizeof(*s->p), false, "kernel scratch", &err);
		if (!s->p)
			BUG("%s", err.msg);
	}
	return s->p;
}

float *kern_scratch(struct kern *k, size_t thread, size_t n)
{
	return scratch_get(&k->private[thread], n);
}

float *kern_shared(struct kern *k, size_t n)
{
	return scratch_get(&k->shared, n);
}
