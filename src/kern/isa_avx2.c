/* The vector bodies in AVX2 with FMA and F16C: 8 floats a vector, 16 registers. */
#include "kern_priv.h"

#ifdef __x86_64__
#include <immintrin.h>
#include <math.h>
#include <string.h>

#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma,f16c")
#endif

#define ISA avx2
#define VL 8
#define TILE_X 3 /* 12 sums, 2 weights and an input fit the 16 registers */
#define MIX_X 4
#define MIX_V 3
#define PRODUCT_ROWS SIZE_MAX
#include "body_vec.h"

typedef __m256 vf;

INLINE vf vload(const float *p)
{
	return _mm256_loadu_ps(p);
}

INLINE void vstore(float *p, vf v)
{
	_mm256_storeu_ps(p, v);
}

INLINE vf vset(float a)
{
	return _mm256_set1_ps(a);
}

INLINE __m256i first_lanes(size_t n)
{
	return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

/* The first n < VL floats at p, then `fill`. */
INLINE vf vload_part(const float *p, size_t n, float fill)
{
	__m256i lanes = first_lanes(n);

	return _mm256_blendv_ps(vset(fill), _mm256_maskload_ps(p, lanes), _mm256_castsi256_ps(lanes));
}

INLINE void vstore_part(float *p, size_t n, vf v)
{
	_mm256_maskstore_ps(p, first_lanes(n), v);
}

INLINE vf vload_f16(const uint16_t *p)
{
	return _mm256_cvtph_ps(_mm_loadu_si128((const void *)p));
}

INLINE vf vload_bf16(const uint16_t *p)
{
	return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(_mm_loadu_si128((const void *)p)), 16));
}

/* The half at p in every lane. */
INLINE vf vset_f16(const void *p)
{
	int16_t half;

	memcpy(&half, p, sizeof(half));
	return _mm256_cvtph_ps(_mm_set1_epi16(half));
}

INLINE vu vload_u8(const uint8_t *p)
{
	return (vu)_mm256_cvtepu8_epi32(_mm_loadl_epi64((const void *)p));
}

INLINE vf vload_i8(const int8_t *p)
{
	return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const void *)p)));
}

/* Lanes as signed integers. */
INLINE vf vfloat(vu a)
{
	return _mm256_cvtepi32_ps((__m256i)a);
}

INLINE vf vfma(vf a, vf b, vf c)
{
	return _mm256_fmadd_ps(a, b, c);
}

INLINE vf vmax(vf a, vf b)
{
	return _mm256_max_ps(a, b);
}

INLINE vf vmin(vf a, vf b)
{
	return _mm256_min_ps(a, b);
}

INLINE vf vsqrt(vf a)
{
	return _mm256_sqrt_ps(a);
}

INLINE vf vround(vf a)
{
	return _mm256_round_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

/* In two steps, since 2^n alone may be outside the normal floats; both exponents fit for n in -254 … 256. */
INLINE vf vscale2(vf a, vf n)
{
	__m256i e = _mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(254));
	__m256i e1 = _mm256_srli_epi32(e, 1), e2 = _mm256_sub_epi32(e, e1);

	return a * _mm256_castsi256_ps(_mm256_slli_epi32(e1, 23)) * _mm256_castsi256_ps(_mm256_slli_epi32(e2, 23));
}

INLINE float vsum(vf a)
{
	__m128 s = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));

	s = _mm_add_ps(s, _mm_movehl_ps(s, s));
	return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
}

INLINE float vmost(vf a)
{
	__m128 m = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));

	m = _mm_max_ps(m, _mm_movehl_ps(m, m));
	return _mm_cvtss_f32(_mm_max_ss(m, _mm_movehdup_ps(m)));
}

/* out = the sums of a, b, c and d. Each goes through the same additions. */
INLINE void vsum4(float *out, vf a, vf b, vf c, vf d)
{
	vf s = _mm256_hadd_ps(_mm256_hadd_ps(a, b), _mm256_hadd_ps(c, d));

	_mm_storeu_ps(out, _mm_add_ps(_mm256_castps256_ps128(s), _mm256_extractf128_ps(s, 1)));
}

#include "body.h"

#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
