/* The vector bodies in AVX-512: 16 floats a vector, 32 registers. */
#include "kern_priv.h"

#ifdef __x86_64__
#include <immintrin.h>
#include <math.h>
#include <string.h>

#ifdef __clang__
#pragma clang attribute push( \
	__attribute__((target("avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl")
#endif

#define ISA avx512
#define VL 16
#define TILE_X 6 /* 24 sums, 4 weights and an input fit the 32 registers */
#define MIX_X 6
#define MIX_V 4
#define PRODUCT_ROWS SIZE_MAX
#include "body_vec.h"

typedef __m512 vf;

INLINE vf vload(const float *p)
{
	return _mm512_loadu_ps(p);
}

INLINE void vstore(float *p, vf v)
{
	_mm512_storeu_ps(p, v);
}

INLINE vf vset(float a)
{
	return _mm512_set1_ps(a);
}

/* The first n < VL floats at p, then `fill`. */
INLINE vf vload_part(const float *p, size_t n, float fill)
{
	return _mm512_mask_loadu_ps(vset(fill), (__mmask16)((1u << n) - 1), p);
}

INLINE void vstore_part(float *p, size_t n, vf v)
{
	_mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), v);
}

INLINE vf vload_f16(const uint16_t *p)
{
	return _mm512_cvtph_ps(_mm256_loadu_si256((const void *)p));
}

INLINE vf vload_bf16(const uint16_t *p)
{
	return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const void *)p)), 16));
}

/* The half at p in every lane. */
INLINE vf vset_f16(const void *p)
{
	int16_t half;

	memcpy(&half, p, sizeof(half));
	return _mm512_cvtph_ps(_mm256_set1_epi16(half));
}

INLINE vu vload_u8(const uint8_t *p)
{
	return (vu)_mm512_cvtepu8_epi32(_mm_loadu_si128((const void *)p));
}

INLINE vf vload_i8(const int8_t *p)
{
	return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const void *)p)));
}

/* Lanes as signed integers. */
INLINE vf vfloat(vu a)
{
	return _mm512_cvtepi32_ps((__m512i)a);
}

INLINE vf vfma(vf a, vf b, vf c)
{
	return _mm512_fmadd_ps(a, b, c);
}

INLINE vf vmax(vf a, vf b)
{
	return _mm512_max_ps(a, b);
}

INLINE vf vmin(vf a, vf b)
{
	return _mm512_min_ps(a, b);
}

INLINE vf vsqrt(vf a)
{
	return _mm512_sqrt_ps(a);
}

INLINE vf vround(vf a)
{
	return _mm512_roundscale_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

INLINE vf vscale2(vf a, vf n)
{
	return _mm512_scalef_ps(a, n);
}

INLINE float vsum(vf a)
{
	return _mm512_reduce_add_ps(a);
}

INLINE float vmost(vf a)
{
	return _mm512_reduce_max_ps(a);
}

/* out = the sums of a, b, c and d. Each goes through the same additions. */
INLINE void vsum4(float *out, vf a, vf b, vf c, vf d)
{
	__m512i firsts = _mm512_setr_epi32(0, 4, 8, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	vf ab = _mm512_shuffle_f32x4(a, b, 0x44) + _mm512_shuffle_f32x4(a, b, 0xee);
	vf cd = _mm512_shuffle_f32x4(c, d, 0x44) + _mm512_shuffle_f32x4(c, d, 0xee);
	vf s = _mm512_shuffle_f32x4(ab, cd, 0x88) + _mm512_shuffle_f32x4(ab, cd, 0xdd);

	s = s + _mm512_permute_ps(s, 0x4e);
	s = s + _mm512_permute_ps(s, 0xb1);
	_mm_storeu_ps(out, _mm512_castps512_ps128(_mm512_permutexvar_ps(firsts, s)));
}

#include "body.h"

#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif
