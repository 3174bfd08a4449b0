#include "base/tensor.h"

#include <string.h>

#include "base/err.h"
#include "base/tensor_priv.h"

static const struct {
	const char *name;
	size_t size;
} dtypes[DTYPE_COUNT] = {
	[DTYPE_F32] = {"F32", 4},
	[DTYPE_F16] = {"F16", 2},
	[DTYPE_BF16] = {"BF16", 2},
};

size_t dtype_size(enum dtype t)
{
	return dtypes[t].size;
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

void widen_f16_portable(float *out, const uint16_t *in, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = float_of_f16(in[i]);
}

/* A bfloat16 is the upper half of a float. */
void widen_bf16_portable(float *out, const uint16_t *in, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = float_of_bits((uint32_t)in[i] << 16);
}

#if defined(__x86_64__)
#include <immintrin.h>

/* Every processor with AVX2 has F16C, which clang's built-in does not know by name. */
bool widen_has_avx2(void)
{
	return __builtin_cpu_supports("avx2");
}

__attribute__((target("avx2,f16c"))) void widen_f16_avx2(float *out, const uint16_t *in, size_t n)
{
	size_t i = 0;

	for (; i + 8 <= n; i += 8)
		_mm256_storeu_ps(out + i, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(in + i))));
	widen_f16_portable(out + i, in + i, n - i);
}

__attribute__((target("avx2"))) void widen_bf16_avx2(float *out, const uint16_t *in, size_t n)
{
	size_t i = 0;

	for (; i + 8 <= n; i += 8) {
		__m256i wide = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)(in + i)));

		_mm256_storeu_ps(out + i, _mm256_castsi256_ps(_mm256_slli_epi32(wide, 16)));
	}
	widen_bf16_portable(out + i, in + i, n - i);
}

#else

bool widen_has_avx2(void)
{
	return false;
}

void widen_f16_avx2(float *out, const uint16_t *in, size_t n)
{
	widen_f16_portable(out, in, n);
}

void widen_bf16_avx2(float *out, const uint16_t *in, size_t n)
{
	widen_bf16_portable(out, in, n);
}

#endif

void dtype_widen(float *out, const void *data, enum dtype t, size_t first, size_t n)
{
	const uint16_t *half = data;

	switch (t) {
	case DTYPE_F32:
		memcpy(out, (const float *)data + first, n * sizeof(*out));
		return;
	case DTYPE_F16:
		(widen_has_avx2() ? widen_f16_avx2 : widen_f16_portable)(out, half + first, n);
		return;
	case DTYPE_BF16:
		(widen_has_avx2() ? widen_bf16_avx2 : widen_bf16_portable)(out, half + first, n);
		return;
	case DTYPE_COUNT:
		break;
	}
	BUG("dtype %d", t);
}
