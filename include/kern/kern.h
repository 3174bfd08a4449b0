/*
 * What every kernel needs to run: threads, scratch and the instruction set. Rows, columns or heads are split over the
 * pool by us. Products are our own where there are vectors of 8 or 16 floats, since they are then as fast as sgemm for
 * many rows and several times as fast for the few rows of a beam; elsewhere many rows go to BLAS, on one thread a call.
 *
 * Kernels come as X_fwd (and X_bwd): outputs first, then const inputs, then sizes. Matrices are row-major floats;
 * comments give shapes as [rows, columns]. No kernel checks its arguments beyond assertions of ours, none allocates
 * beyond the scratch of struct kern, which grows on first use and aborts when memory is out.
 */
#ifndef KERN_KERN_H
#define KERN_KERN_H

#include <stddef.h>

#include "base/err.h"
#include "base/pool.h"

struct kern;

/* threads >= 1. Caller frees. Sets OpenBLAS to one thread a call, for the whole process. */
int kern_new(struct kern **out, size_t threads, struct err *err) MUST_CHECK;
void kern_free(struct kern *k); /* NULL is fine */
struct pool *kern_pool(const struct kern *k);

/* The instruction set that the run-time choice took: "avx512", "avx2", "portable". */
const char *kern_isa(const struct kern *k);

/* Scratch of at least n floats for one thread of the pool, 64-byte aligned, valid until that thread asks again; kernels
 * ask too. */
float *kern_scratch(struct kern *k, size_t thread, size_t n);

#endif
