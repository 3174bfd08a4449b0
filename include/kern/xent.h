/*
 * Log-probabilities of labels under a softmax, and the way back to the logits. z: [rows, n]; label[r] < n.
 */
#ifndef KERN_XENT_H
#define KERN_XENT_H

#include <stddef.h>
#include <stdint.h>

#include "kern/kern.h"

/* lse[r] = log Σ_v exp(inv_tau · z[r, v]), logp[r] = inv_tau · z[r, label[r]] - lse[r], both in double. */
void xent_fwd(struct kern *k, double *logp, double *lse, const float *z, const uint32_t *label, double inv_tau,
	size_t rows, size_t n);

/* dz[r, v] = dlogp[r] · inv_tau · ([v = label[r]] - exp(inv_tau · z[r, v] - lse[r])); dz may be z. Not +=: the logits
 * have no other use. */
void xent_bwd(struct kern *k, float *dz, const double *dlogp, const double *lse, const float *z, const uint32_t *label,
	double inv_tau, size_t rows, size_t n);

#endif
