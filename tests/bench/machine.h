/*
 * What the benchmarks share: what ends them, the threads that they compute with, and the machine's own rate of
 * multiplying, against which theirs is measured.
 */
#ifndef TESTS_BENCH_MACHINE_H
#define TESTS_BENCH_MACHINE_H

#include <stddef.h>

#include "base/err.h"
#include "kern/kern.h"

/* Ends the program with the error's message unless rc is 0. */
void machine_need(int rc, const struct err *err);

/* Kernels on so many threads as BENCH_THREADS says; without it one a processor. Caller kern_frees. */
struct kern *machine_kern(void);

#define SGEMM_SIZE ((size_t)1024)

/* Operands of one product a thread, SGEMM_SIZE³ each, of random numbers. */
struct sgemm {
	struct kern *kern; /* borrowed */
	float *a, *b, *c;  /* owned, [threads, SGEMM_SIZE²] */
};

void sgemm_init(struct sgemm *g, struct kern *kern);
void sgemm_release(struct sgemm *g);

/* Floating-point operations a second of all threads together, each with a product of its own at the same time. */
double sgemm_rate(const struct sgemm *g);

#endif
