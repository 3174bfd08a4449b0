#include "base/quant.h"

#include <math.h>
#include <string.h>

#include "base/err.h"

_Static_assert(sizeof(struct q8_0) == 34 && sizeof(struct q4_0) == 18 && sizeof(struct q4_1) == 20 &&
		       sizeof(struct q5_0) == 22 && sizeof(struct q5_1) == 24 && sizeof(struct q4_k) == 144 &&
		       sizeof(struct q5_k) == 176 && sizeof(struct q6_k) == 210,
	"blocks are used as they lie in files");

#define BLOCK_MAX 256

static float half_at(const uint8_t at[2])
{
	uint16_t half = (uint16_t)(at[0] | at[1] << 8);
	float value;

	dtype_widen(&value, &half, DTYPE_F16, 0, 1);
	return value;
}

/* Value i < 32 of 16 bytes of nibbles. */
static int nibble(const uint8_t q[16], size_t i)
{
	return i < 16 ? q[i] & 15 : q[i - 16] >> 4;
}

static int fifth_bit(const uint8_t fifth[4], size_t i)
{
	return (fifth[i / 8] >> i % 8 & 1) << 4;
}

static void unpack_q8_0(float *out, const void *block)
{
	const struct q8_0 *b = block;
	float d = half_at(b->d);

	for (size_t i = 0; i < 32; i++)
		out[i] = d * (float)b->q[i];
}

static void unpack_q4_0(float *out, const void *block)
{
	const struct q4_0 *b = block;
	float d = half_at(b->d);

	for (size_t i = 0; i < 32; i++)
		out[i] = d * (float)(nibble(b->q, i) - 8);
}

static void unpack_q4_1(float *out, const void *block)
{
	const struct q4_1 *b = block;
	float d = half_at(b->d), m = half_at(b->m);

	for (size_t i = 0; i < 32; i++)
		out[i] = d * (float)nibble(b->q, i) + m;
}

static void unpack_q5_0(float *out, const void *block)
{
	const struct q5_0 *b = block;
	float d = half_at(b->d);

	for (size_t i = 0; i < 32; i++)
		out[i] = d * (float)((nibble(b->q, i) | fifth_bit(b->fifth, i)) - 16);
}

static void unpack_q5_1(float *out, const void *block)
{
	const struct q5_1 *b = block;
	float d = half_at(b->d), m = half_at(b->m);

	for (size_t i = 0; i < 32; i++)
		out[i] = d * (float)(nibble(b->q, i) | fifth_bit(b->fifth, i)) + m;
}

void quant_scale_min(const uint8_t scales[12], size_t g, unsigned *scale, unsigned *min)
{
	if (g < 4) {
		*scale = scales[g] & 63u;
		*min = scales[g + 4] & 63u;
	} else {
		*scale = (scales[g + 4] & 15u) | (unsigned)scales[g - 4] >> 6 << 4;
		*min = (unsigned)scales[g + 4] >> 4 | (unsigned)scales[g] >> 6 << 4;
	}
}

static void unpack_q4_k(float *out, const void *block)
{
	const struct q4_k *b = block;
	float d = half_at(b->d), dmin = half_at(b->dmin);

	for (size_t g = 0; g < 8; g++) {
		const uint8_t *q = b->q + g / 2 * 32;
		unsigned scale, min;

		quant_scale_min(b->scales, g, &scale, &min);
		for (size_t i = 0; i < 32; i++)
			*out++ = d * (float)scale * (float)(q[i] >> g % 2 * 4 & 15) - dmin * (float)min;
	}
}

static void unpack_q5_k(float *out, const void *block)
{
	const struct q5_k *b = block;
	float d = half_at(b->d), dmin = half_at(b->dmin);

	for (size_t g = 0; g < 8; g++) {
		const uint8_t *q = b->q + g / 2 * 32;
		unsigned scale, min;

		quant_scale_min(b->scales, g, &scale, &min);
		for (size_t i = 0; i < 32; i++) {
			int value = (q[i] >> g % 2 * 4 & 15) | (b->fifth[i] >> g & 1) << 4;

			*out++ = d * (float)scale * (float)value - dmin * (float)min;
		}
	}
}

static void unpack_q6_k(float *out, const void *block)
{
	const struct q6_k *b = block;
	float d = half_at(b->d);

	for (size_t g = 0; g < 8; g++) {
		const uint8_t *low = b->low + g / 4 * 64 + g % 2 * 32, *high = b->high + g / 4 * 32;

		for (size_t i = 0; i < 32; i++) {
			int value = (low[i] >> g % 4 / 2 * 4 & 15) | (high[i] >> g % 4 * 2 & 3) << 4;

			*out++ = d * (float)b->scales[g * 2 + i / 16] * (float)(value - 32);
		}
	}
}

typedef void unpack_fn(float *out, const void *block);

static unpack_fn *const unpacks[DTYPE_COUNT] = {
	[DTYPE_Q8_0] = unpack_q8_0,
	[DTYPE_Q4_0] = unpack_q4_0,
	[DTYPE_Q4_1] = unpack_q4_1,
	[DTYPE_Q5_0] = unpack_q5_0,
	[DTYPE_Q5_1] = unpack_q5_1,
	[DTYPE_Q4_K] = unpack_q4_k,
	[DTYPE_Q5_K] = unpack_q5_k,
	[DTYPE_Q6_K] = unpack_q6_k,
};

void quant_widen(float *out, const void *data, enum dtype t, size_t first, size_t n)
{
	size_t block = dtype_block(t), bytes = dtype_bytes(t, block);

	if (!unpacks[t])
		BUG("%s is not packed", dtype_name(t));
	while (n > 0) {
		const char *at = (const char *)data + first / block * bytes;
		size_t skip = first % block, len = block - skip < n ? block - skip : n;
		float values[BLOCK_MAX];

		unpacks[t](values, at);
		memcpy(out, values + skip, len * sizeof(*out));
		out += len;
		first += len;
		n -= len;
	}
}

void quant_narrow_q8_0(void *out, const float *values, size_t n)
{
	struct q8_0 *b = out;

	for (; n > 0; n -= 32, values += 32, b++) {
		float most = 0, d, by;
		uint16_t half;

		for (size_t i = 0; i < 32; i++)
			most = fmaxf(most, fabsf(values[i]));
		d = most / 127;
		/* Where 1 / d is too large for a float, d is 0 as a half. */
		by = d > 0 && isfinite(1 / d) ? 1 / d : 0;
		dtype_narrow(&half, DTYPE_F16, &d, 1);
		b->d[0] = (uint8_t)half;
		b->d[1] = (uint8_t)(half >> 8);
		for (size_t i = 0; i < 32; i++)
			b->q[i] = (int8_t)roundf(values[i] * by);
	}
}
