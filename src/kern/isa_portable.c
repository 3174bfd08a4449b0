/* The vector bodies in the compilers' own vectors of 4 floats, for any machine; the twin that tests compare with. */
#include "kern_priv.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

#define ISA portable
#define VL 4
#define TILE_X 2
#define MIX_X 4
#define MIX_V 3
#define PRODUCT_ROWS 24
#define GEMM_BY_BLAS
#include "body_vec.h"

typedef float vf __attribute__((vector_size(4 * VL)));
typedef uint16_t vh __attribute__((vector_size(2 * VL)));
typedef uint8_t vq __attribute__((vector_size(VL)));

INLINE vf vload(const float *p)
{
	vf v;

	memcpy(&v, p, sizeof(v));
	return v;
}

INLINE void vstore(float *p, vf v)
{
	memcpy(p, &v, sizeof(v));
}

INLINE vf vset(float a)
{
	return (vf){a, a, a, a};
}

/* The first n < VL floats at p, then `fill`. */
INLINE vf vload_part(const float *p, size_t n, float fill)
{
	float t[VL];

	vstore(t, vset(fill));
	memcpy(t, p, n * sizeof(*p));
	return vload(t);
}

INLINE void vstore_part(float *p, size_t n, vf v)
{
	float t[VL];

	vstore(t, v);
	memcpy(p, t, n * sizeof(*p));
}

INLINE vu vload_half(const uint16_t *p)
{
	vh h;

	memcpy(&h, p, sizeof(h));
	return __builtin_convertvector(h, vu);
}

/* Exponent and mantissa moved to where a float has them; the factor mends the bias, and makes normals of subnormals.
 * An exponent of all ones stays all ones. */
INLINE vf vload_f16(const uint16_t *p)
{
	vu h = vload_half(p), bits = (h & 0x7fff) << 13;
	vu special = (vu)(bits >= 0x7c00u << 13) & 0x7f800000;
	vf magnitude = (vf)bits * vset(0x1p112f);

	return (vf)((vu)magnitude | special | (h & 0x8000) << 16);
}

INLINE vf vload_bf16(const uint16_t *p)
{
	return (vf)(vload_half(p) << 16);
}

/* The half at p in every lane. */
INLINE vf vset_f16(const void *p)
{
	uint16_t half[VL];

	memcpy(half, p, sizeof(*half));
	half[1] = half[2] = half[3] = half[0];
	return vload_f16(half);
}

INLINE vu vload_u8(const uint8_t *p)
{
	vq b;

	memcpy(&b, p, sizeof(b));
	return __builtin_convertvector(b, vu);
}

/* Lanes as signed integers. */
INLINE vf vfloat(vu a)
{
	return __builtin_convertvector((vi)a, vf);
}

INLINE vf vload_i8(const int8_t *p)
{
	return vfloat((vload_u8((const uint8_t *)p) ^ 128) - 128);
}

INLINE vf vfma(vf a, vf b, vf c)
{
	return a * b + c;
}

INLINE vf vselect(vu mask, vf a, vf b)
{
	return (vf)((mask & (vu)a) | (~mask & (vu)b));
}

/* As the machine's instructions: b where either is not a number. */
INLINE vf vmax(vf a, vf b)
{
	return vselect((vu)(a > b), a, b);
}

INLINE vf vmin(vf a, vf b)
{
	return vselect((vu)(a < b), a, b);
}

INLINE vf vsqrt(vf a)
{
	return (vf){sqrtf(a[0]), sqrtf(a[1]), sqrtf(a[2]), sqrtf(a[3])};
}

/* Adding this leaves a float no bits below 1, for |a| < 2^22; its low mantissa bits are then the integer. */
#define ROUNDER 0x1.8p23f

INLINE vf vround(vf a)
{
	return (a + vset(ROUNDER)) - vset(ROUNDER);
}

/* In two steps, since 2^n alone may be outside the normal floats; both exponents fit for n in -254 … 256. */
INLINE vf vscale2(vf a, vf n)
{
	vu e = (vu)(n + vset(ROUNDER)) - (vu)vset(ROUNDER) + 254;
	vu e1 = e >> 1, e2 = e - e1;

	return a * (vf)(e1 << 23) * (vf)(e2 << 23);
}

INLINE float vsum(vf a)
{
	return (a[0] + a[2]) + (a[1] + a[3]);
}

INLINE float vmost(vf a)
{
	float low = a[0] > a[1] ? a[0] : a[1], high = a[2] > a[3] ? a[2] : a[3];

	return low > high ? low : high;
}

INLINE void vsum4(float *out, vf a, vf b, vf c, vf d)
{
	out[0] = vsum(a);
	out[1] = vsum(b);
	out[2] = vsum(c);
	out[3] = vsum(d);
}

#include "body.h"
