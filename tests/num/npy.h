/*
 * NumPy files (format 1.0, little endian, C order, float32 or float64, one or two dimensions) for the tests that
 * compare with reference numbers, and where those lie.
 */
#ifndef TESTS_NUM_NPY_H
#define TESTS_NUM_NPY_H

#include <stddef.h>

#include "base/err.h"

struct npy {
	double *at; /* owned, [rows, cols]; float32 widened */
	size_t rows, cols;
};

int npy_read(struct npy *a, const char *path, struct err *err) MUST_CHECK;
void npy_release(struct npy *a);

/* The path of `name` ("A/logits_f32.npy") among the reference numbers of the source tree. Caller frees. */
char *ref_path(const char *name);

#endif
