#include "base/tensor.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/quant.h"

static const struct {
	const char *name;
	size_t block, bytes; /* elements and bytes of a block */
} dtypes[DTYPE_COUNT] = {
	[DTYPE_F32] = {"F32", 1, 4},
	[DTYPE_F16] = {"F16", 1, 2},
	[DTYPE_BF16] = {"BF16", 1, 2},
	[DTYPE_Q8_0] = {"Q8_0", 32, sizeof(struct q8_0)},
	[DTYPE_Q4_0] = {"Q4_0", 32, sizeof(struct q4_0)},
	[DTYPE_Q4_1] = {"Q4_1", 32, sizeof(struct q4_1)},
	[DTYPE_Q5_0] = {"Q5_0", 32, sizeof(struct q5_0)},
	[DTYPE_Q5_1] = {"Q5_1", 32, sizeof(struct q5_1)},
	[DTYPE_Q4_K] = {"Q4_K", 256, sizeof(struct q4_k)},
	[DTYPE_Q5_K] = {"Q5_K", 256, sizeof(struct q5_k)},
	[DTYPE_Q6_K] = {"Q6_K", 256, sizeof(struct q6_k)},
};

size_t dtype_block(enum dtype t)
{
	return dtypes[t].block;
}

size_t dtype_bytes(enum dtype t, size_t n)
{
	if (n % dtypes[t].block != 0)
		BUG("%zu elements of %s", n, dtypes[t].name);
	return n / dtypes[t].block * dtypes[t].bytes;
}

const char *dtype_name(enum dtype t)
{
	return dtypes[t].name;
}

size_t tensor_elements(const struct tensor *t)
{
	size_t n = 1;

	for (unsigned i = 0; i < t->dims; i++)
		n *= t->shape[i];
	return n;
}

size_t tensor_bytes(const struct tensor *t)
{
	return dtype_bytes(t->dtype, tensor_elements(t));
}

void shape_text(char *text, size_t size, const size_t *shape, size_t dims)
{
	size_t used = (size_t)snprintf(text, size, "[");

	for (size_t i = 0; i < dims && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%zu", i > 0 ? ", " : "", shape[i]);
	if (used < size)
		snprintf(text + used, size - used, "]");
}

/* A square at a time, so that the lines of both matrices are used as long as they are near. */
#define SQUARE ((size_t)32)

#define TURN_SQUARE(type) \
	for (size_t r = r0; r < r1; r++) { \
		for (size_t c = c0; c < c1; c++) \
			((type *)out)[c * rows + r] = ((const type *)in)[r * cols + c]; \
	}

void tensor_turn(void *out, const void *in, size_t size, size_t rows, size_t cols)
{
	for (size_t r0 = 0; r0 < rows; r0 += SQUARE) {
		size_t r1 = rows - r0 < SQUARE ? rows : r0 + SQUARE;

		for (size_t c0 = 0; c0 < cols; c0 += SQUARE) {
			size_t c1 = cols - c0 < SQUARE ? cols : c0 + SQUARE;

			if (size == sizeof(uint16_t))
				TURN_SQUARE(uint16_t)
			else
				TURN_SQUARE(uint32_t)
		}
	}
}

static float float_of_bits(uint32_t bits)
{
	float f;

	memcpy(&f, &bits, sizeof(f));
	return f;
}

/*
 *   half   s eeeee mmmmmmmmmm              value (-1)^s 2^(e-15) 1.m, subnormal 2^-14 0.m
 *   float  s eeeeeeee mmmmmmmmmmmmm0…0     exponent bias 127
 * Infinity and NaN have all exponent bits set; a signalling NaN becomes quiet, as in hardware.
 */
static float float_of_f16(uint16_t h)
{
	uint32_t sign = (uint32_t)(h & 0x8000u) << 16;
	uint32_t exponent = h >> 10 & 0x1fu;
	uint32_t mantissa = h & 0x3ffu;

	if (exponent == 0x1f)
		return float_of_bits(sign | 0x7f800000u | (mantissa ? 0x00400000u | mantissa << 13 : 0));
	if (exponent == 0) {
		float magnitude = (float)mantissa * 0x1p-24f;

		return sign ? -magnitude : magnitude;
	}
	return float_of_bits(sign | (exponent + 127 - 15) << 23 | mantissa << 13);
}

/* A bfloat16 is the upper half of a float. */
static float float_of_bf16(uint16_t h)
{
	return float_of_bits((uint32_t)h << 16);
}

void dtype_widen(float *out, const void *data, enum dtype t, size_t first, size_t n)
{
	const uint16_t *half = data;

	switch (t) {
	case DTYPE_F32:
		memcpy(out, (const float *)data + first, n * sizeof(*out));
		return;
	case DTYPE_F16:
		for (size_t i = 0; i < n; i++)
			out[i] = float_of_f16(half[first + i]);
		return;
	case DTYPE_BF16:
		for (size_t i = 0; i < n; i++)
			out[i] = float_of_bf16(half[first + i]);
		return;
	default:
		quant_widen(out, data, t, first, n);
	}
}

static uint32_t bits_of_float(float f)
{
	uint32_t bits;

	memcpy(&bits, &f, sizeof(bits));
	return bits;
}

/* Drops the lower bits to the nearest multiple, ties to even. A carry into the exponent is the right result: the next
 * power of two, or infinity. */
static uint32_t drop_bits(uint32_t bits, unsigned n)
{
	return (bits + (1u << (n - 1)) - 1 + (bits >> n & 1)) >> n;
}

static uint16_t bf16_of_float(float f)
{
	uint32_t bits = bits_of_float(f);

	if ((bits & 0x7fffffffu) > 0x7f800000u)
		return (uint16_t)(bits >> 16 | 0x0040u);
	return (uint16_t)drop_bits(bits, 16);
}

/* Below 2^-14 halves are 2^-24 apart. Adding 0.5, where floats are so, rounds to them in hardware, and leaves how many
 * there are in the sum's lowest bits. */
static uint16_t f16_of_float(float f)
{
	uint32_t bits = bits_of_float(f), magnitude = bits & 0x7fffffffu;
	uint16_t sign = (uint16_t)(bits >> 16 & 0x8000u);

	if (magnitude > 0x7f800000u)
		return sign | 0x7e00u;
	if (magnitude >= 0x477ff000u) /* 65520, half way between the largest half and the next power of two */
		return sign | 0x7c00u;
	if (magnitude < 0x38800000u) /* 2^-14 */
		return (uint16_t)(sign | (bits_of_float(float_of_bits(magnitude) + 0.5f) - bits_of_float(0.5f)));
	return (uint16_t)(sign | drop_bits(magnitude - ((127u - 15u) << 23), 13));
}

void dtype_narrow(void *out, enum dtype t, const float *values, size_t n)
{
	uint16_t *half = out;

	switch (t) {
	case DTYPE_F32:
		memcpy(out, values, n * sizeof(*values));
		return;
	case DTYPE_F16:
		for (size_t i = 0; i < n; i++)
			half[i] = f16_of_float(values[i]);
		return;
	case DTYPE_BF16:
		for (size_t i = 0; i < n; i++)
			half[i] = bf16_of_float(values[i]);
		return;
	case DTYPE_Q8_0:
		quant_narrow_q8_0(out, values, n);
		return;
	default:
		BUG("no values are made %s", dtype_name(t));
	}
}

float dtype_limit(enum dtype t)
{
	switch (t) {
	case DTYPE_F32:
		return INFINITY;
	case DTYPE_F16:
		return 65520;
	case DTYPE_BF16:
		return 0x1.ffp127f;
	case DTYPE_Q8_0:
		return 127 * 65520; /* whose scale is too large for a half */
	default:
		BUG("no values are made %s", dtype_name(t));
	}
}

size_t dtype_misfit(enum dtype t, const float *values, size_t n)
{
	float limit = dtype_limit(t);

	for (size_t i = 0; i < n; i++) {
		if (isfinite(values[i]) ? fabsf(values[i]) >= limit : t == DTYPE_Q8_0)
			return i;
	}
	return n;
}
