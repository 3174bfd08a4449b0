#include <math.h>

#include "kern/xent.h"
#include "kern_priv.h"

#define WORTH_SPLITTING ((size_t)1 << 14) /* exponentials */
#define VALUES_A_SUM ((size_t)1024)       /* added as floats; these sums in double */

struct xent_args {
	struct kern *k;
	double *logp, *lse;
	const float *z;
	const uint32_t *label;
	double inv_tau;
	size_t n;
};

static void xent_row(void *arg, size_t r, size_t thread)
{
	const struct xent_args *x = arg;
	const struct isa *isa = x->k->isa;
	const float *z = x->z + r * x->n;
	float max = isa->max(z, x->n), high = max == -INFINITY ? 0.0f : max;
	double sum = 0.0;

	(void)thread;
	for (size_t i = 0; i < x->n; i += VALUES_A_SUM)
		sum += isa->exp_sum(
			NULL, z + i, block_len(x->n, VALUES_A_SUM, i / VALUES_A_SUM), (float)x->inv_tau, high);
	x->lse[r] = x->inv_tau * high + log(sum);
	x->logp[r] = x->inv_tau * z[x->label[r]] - x->lse[r];
}

void xent_fwd(struct kern *k, double *logp, double *lse, const float *z, const uint32_t *label, double inv_tau,
	size_t rows, size_t n)
{
	struct xent_args x = {.k = k, .logp = logp, .lse = lse, .z = z, .label = label, .inv_tau = inv_tau, .n = n};

	kern_run(k, rows * n >= WORTH_SPLITTING, rows, xent_row, &x);
}

struct xent_bwd_args {
	struct kern *k;
	float *dz;
	const double *dlogp, *lse;
	const float *z;
	const uint32_t *label;
	double inv_tau;
	size_t n;
};

static void xent_bwd_row(void *arg, size_t r, size_t thread)
{
	const struct xent_bwd_args *x = arg;
	const struct isa *isa = x->k->isa;
	float *dz = x->dz + r * x->n;
	double by = x->dlogp[r] * x->inv_tau;

	(void)thread;
	isa->xent_bwd(dz, x->z + r * x->n, x->n, (float)x->inv_tau, (float)(x->lse[r] / x->inv_tau), (float)-by);
	dz[x->label[r]] += (float)by;
}

void xent_bwd(struct kern *k, float *dz, const double *dlogp, const double *lse, const float *z, const uint32_t *label,
	double inv_tau, size_t rows, size_t n)
{
	struct xent_bwd_args x = {
		.k = k,
		.dz = dz,
		.dlogp = dlogp,
		.lse = lse,
		.z = z,
		.label = label,
		.inv_tau = inv_tau,
		.n = n,
	};

	kern_run(k, rows * n >= WORTH_SPLITTING, rows, xent_bwd_row, &x);
}
