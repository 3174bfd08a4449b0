/*
 * Element types whose values are packed in blocks, bit for bit as ggml has them, so that the weights of a GGUF file
 * are used as they lie in it. A block of 32 values has one scale; a block of 256 has one for itself and a short one for
 * each of its groups. Scales are halves, little-endian; nothing is aligned.
 *
 * The functions here are the plain definition, in the order of the drawings below. The kernels widen weights as they
 * use them (src/kern/body_quant.h), to the same bits: every product of a scale and an integer fits a float, so that at
 * most one sum is rounded.
 *
 *   Q8_0   32  | d:2 | 32 signed bytes q |                                           34 bytes
 *              value i = d q[i]
 *   Q4_0   32  | d:2 | 16 bytes: low nibbles are values 0 … 15, high ones 16 … 31 |  18 bytes
 *              value i = d (q[i] - 8)
 *   Q4_1   32  | d:2 | m:2 | 16 bytes of nibbles as in Q4_0 |                        20 bytes
 *              value i = d q[i] + m
 *   Q5_0   32  | d:2 | 4 bytes: bit i is the fifth bit of q[i] | 16 bytes |          22 bytes
 *              value i = d (q[i] - 16)
 *   Q5_1   32  | d:2 | m:2 | 4 bytes | 16 bytes |                                    24 bytes
 *              value i = d q[i] + m
 *   Q4_K   256 | d:2 | dmin:2 | 12 bytes of scales and minima | 128 bytes |          144 bytes
 *              8 groups of 32 values. Each 32 bytes hold two groups: the low nibbles one, the high ones the next.
 *              value i of group g = (d scale[g]) q[i] - dmin min[g]
 *   Q5_K   256 | d:2 | dmin:2 | 12 bytes | 32 bytes | 128 bytes |                    176 bytes
 *              As Q4_K; bit g of byte i of the 32 is the fifth bit of value i of group g.
 *   Q6_K   256 | 128 bytes | 64 bytes | 16 signed bytes of scales | d:2 |            210 bytes
 *              Two halves of 128 values, each of 64 bytes `low`, 32 bytes `high` and 8 scales. The four groups of 32 of
 *              a half: low nibbles of bytes 0 … 31, of 32 … 63, high nibbles of 0 … 31, of 32 … 63. Bits 2g and
 *              2g + 1 of byte i of `high` are the fifth and sixth of value i of group g. Every 16 values have a scale.
 *              value i = (d scale[i / 16]) (q[i] - 32)
 *
 * The 8 scales and 8 minima of Q4_K and Q5_K, 6 bits each, in 12 bytes: the numbers 0 … 3 of either stand in the lower
 * bits of a byte, and 4 … 7 are cut in two.
 *
 *              bits 7 6            5 4 3 2 1 0                                 bits 7 6 5 4       3 2 1 0
 *   byte  j    scale[j+4] >> 4  |  scale[j]          j < 4      byte j + 8     min[j+4] & 15  |  scale[j+4] & 15
 *   byte j+4   min[j+4] >> 4    |  min[j]
 */
#ifndef BASE_QUANT_H
#define BASE_QUANT_H

#include <stddef.h>
#include <stdint.h>

#include "base/tensor.h"

struct q8_0 {
	uint8_t d[2];
	int8_t q[32];
};

struct q4_0 {
	uint8_t d[2];
	uint8_t q[16];
};

struct q4_1 {
	uint8_t d[2], m[2];
	uint8_t q[16];
};

struct q5_0 {
	uint8_t d[2];
	uint8_t fifth[4];
	uint8_t q[16];
};

struct q5_1 {
	uint8_t d[2], m[2];
	uint8_t fifth[4];
	uint8_t q[16];
};

struct q4_k {
	uint8_t d[2], dmin[2];
	uint8_t scales[12];
	uint8_t q[128];
};

struct q5_k {
	uint8_t d[2], dmin[2];
	uint8_t scales[12];
	uint8_t fifth[32];
	uint8_t q[128];
};

struct q6_k {
	uint8_t low[128];
	uint8_t high[64];
	int8_t scales[16];
	uint8_t d[2];
};

/* Scale and minimum of group g < 8 of a Q4_K or Q5_K block. */
void quant_scale_min(const uint8_t scales[12], size_t g, unsigned *scale, unsigned *min);

/* dtype_widen for the packed types: any first and n. */
void quant_widen(float *out, const void *data, enum dtype t, size_t first, size_t n);

/* n floats, whole blocks of 32, as Q8_0 in the way of ggml's reference: d = max |x| / 127, rounded to a half where it
 * is stored; q[i] = x[i] · (1 / d) with the d that is not, rounded to nearest, half away from zero. Values are finite
 * and below dtype_limit(DTYPE_Q8_0). */
void quant_narrow_q8_0(void *out, const float *values, size_t n);

#endif
