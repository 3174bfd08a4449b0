/*
 * A view of a tensor: element type, shape and where the elements are. Row-major, last index fastest, as in
 * safetensors. Rows of packed types are whole blocks. Views own nothing.
 */
#ifndef BASE_TENSOR_H
#define BASE_TENSOR_H

#include <stddef.h>
#include <stdint.h>

enum dtype {
	DTYPE_F32,
	DTYPE_F16,
	DTYPE_BF16,
	DTYPE_Q8_0, /* from here on values are packed in blocks: base/quant.h */
	DTYPE_Q4_0,
	DTYPE_Q4_1,
	DTYPE_Q5_0,
	DTYPE_Q5_1,
	DTYPE_Q4_K,
	DTYPE_Q5_K,
	DTYPE_Q6_K,
	DTYPE_COUNT
};

#define DTYPE_PLAIN_COUNT DTYPE_Q8_0 /* the types before it have no blocks */

#define TENSOR_MAX_DIMS 4

struct tensor {
	const char *name; /* borrowed with the data */
	enum dtype dtype;
	unsigned dims;
	size_t shape[TENSOR_MAX_DIMS];
	const void *data; /* borrowed; little-endian, at least as aligned as its element; blocks are not aligned */
};

size_t dtype_block(enum dtype t);           /* elements that are stored together: 1, 32 or 256 */
size_t dtype_bytes(enum dtype t, size_t n); /* of n elements, a multiple of the block */
const char *dtype_name(enum dtype t);       /* as safetensors and GGUF spell it: "F32", "Q4_K" */
size_t tensor_elements(const struct tensor *t);
size_t tensor_bytes(const struct tensor *t);

/* A shape as "[96, 32]", NUL-terminated; cut where it is longer than size. */
void shape_text(char *text, size_t size, const size_t *shape, size_t dims);

/* out[cols, rows] = in[rows, cols]ᵀ, elements of `size` bytes (2 or 4) each. */
void tensor_turn(void *out, const void *in, size_t size, size_t rows, size_t cols);

/* Elements first … first + n - 1 of stored values, widened to float; any first and n. F16 and BF16 widen exactly, and
 * packed types as base/quant.h defines them. For the few values that are wanted as floats for good; the kernels widen
 * weights as they use them (kern/linear.h). */
void dtype_widen(float *out, const void *data, enum dtype t, size_t first, size_t n);

/* n floats as stored values. F16 and BF16 are rounded to nearest, ties to even; what is too large becomes
 * infinite, as IEEE 754 has it, and what is not a number stays so. Q8_0 takes whole blocks of values that
 * dtype_misfit has passed. There is none for the other packed types. */
void dtype_narrow(void *out, enum dtype t, const float *values, size_t n);

/* The least magnitude that dtype_narrow makes infinite; infinity for F32. A block of Q8_0 with one is lost. */
float dtype_limit(enum dtype t);

/* Index of the first of n values that dtype_narrow would lose: finite, but not below dtype_limit; for Q8_0 also what is
 * not finite. n if there is none. */
size_t dtype_misfit(enum dtype t, const float *values, size_t n);

#endif
