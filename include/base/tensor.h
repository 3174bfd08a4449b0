/*
 * A view of a tensor: element type, shape and where the elements are. Row-major, last index fastest, as in
 * safetensors. Views own nothing.
 */
#ifndef BASE_TENSOR_H
#define BASE_TENSOR_H

#include <stddef.h>
#include <stdint.h>

enum dtype {
	DTYPE_F32,
	DTYPE_F16,
	DTYPE_BF16,
	DTYPE_COUNT
};

#define TENSOR_MAX_DIMS 4

struct tensor {
	const char *name; /* borrowed with the data */
	enum dtype dtype;
	unsigned dims;
	size_t shape[TENSOR_MAX_DIMS];
	const void *data; /* borrowed; little-endian, at least as aligned as its element */
};

size_t dtype_size(enum dtype t);      /* bytes an element */
const char *dtype_name(enum dtype t); /* as safetensors spells it: "F32" */
size_t tensor_elements(const struct tensor *t);

/* A shape as "[96, 32]", NUL-terminated; cut where it is longer than size. */
void shape_text(char *text, size_t size, const size_t *shape, size_t dims);

/* out[cols, rows] = in[rows, cols]ᵀ, elements of `size` bytes (2 or 4) each. */
void tensor_turn(void *out, const void *in, size_t size, size_t rows, size_t cols);

/* Elements first … first + n - 1 of a stored block, widened to float. F16 and BF16 widen exactly. For the few
 * values that are wanted as floats for good; the kernels widen weights as they use them (kern/linear.h). */
void dtype_widen(float *out, const void *data, enum dtype t, size_t first, size_t n);

/* n floats as elements of a stored block, rounded to nearest, ties to even; what is too large becomes infinite, as
 * IEEE 754 has it, and what is not a number stays so. */
void dtype_narrow(void *out, enum dtype t, const float *values, size_t n);

/* The least magnitude that dtype_narrow makes infinite; infinity for F32. */
float dtype_limit(enum dtype t);

#endif
