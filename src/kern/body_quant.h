/*
 * Weights of packed types (base/quant.h), widened in groups of 32, to the bits of dtype_widen. Every product of a scale
 * and an integer is exact, so that it does not matter whether a sum is fused with it.
 */

#define GROUP_LEN 32

/* What values of a block of 256 are multiplied with, and what is subtracted from them. Of Q4_K and Q5_K, either holds
 * the scales of all 8 groups and then their minima, times its own factor. */
struct packed_scales {
	float by[16];   /* [g]; Q6_K: [i / 16] */
	float less[16]; /* [8 + g] */
};

/* The 6-bit scales and minima of base/quant.h, four at a time. */
INLINE void load_scales_min(
	struct packed_scales *s, const uint8_t scales[12], const uint8_t d[2], const uint8_t dmin[2])
{
	const uint32_t six = 0x3f3f3f3f, four = 0x0f0f0f0f, two = 0x03030303;
	uint32_t in[3], split[4];
	uint8_t bytes[16];

	memcpy(in, scales, sizeof(in));
	split[0] = in[0] & six;
	split[1] = (in[2] & four) | (in[0] >> 6 & two) << 4;
	split[2] = in[1] & six;
	split[3] = (in[2] >> 4 & four) | (in[1] >> 6 & two) << 4;
	memcpy(bytes, split, sizeof(bytes));
	UNROLL for (size_t i = 0; i < 16; i += VL) {
		vf value = vfloat(vload_u8(bytes + i));

		vstore(s->by + i, value * vset_f16(d));
		vstore(s->less + i, value * vset_f16(dmin));
	}
}

INLINE void load_scales(struct packed_scales *s, const void *block, const enum dtype type)
{
	const struct q4_k *q4 = block;
	const struct q5_k *q5 = block;
	const struct q6_k *q6 = block;

	switch (type) {
	case DTYPE_Q4_K:
		load_scales_min(s, q4->scales, q4->d, q4->dmin);
		break;
	case DTYPE_Q5_K:
		load_scales_min(s, q5->scales, q5->d, q5->dmin);
		break;
	case DTYPE_Q6_K:
		UNROLL for (size_t i = 0; i < 16; i += VL)
			vstore(s->by + i, vload_i8(q6->scales + i) * vset_f16(q6->d));
		break;
	default:
		break;
	}
}

typedef uint8_t vb __attribute__((vector_size(GROUP_LEN))); /* a group, whatever the width of vf */

/* Bit first + i of `bits` as the fifth of lane i. */
INLINE vu fifth_bits(const uint8_t bits[4], size_t first)
{
	static const uint32_t bit[VECTOR_MAX] = {
		1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768};
	uint32_t all;
	vu lane;

	memcpy(&all, bits, sizeof(all));
	memcpy(&lane, bit, sizeof(lane));
	return (vu)((lane << first & all) != 0) & 16;
}

INLINE void unpack_q8_0(float *out, const struct q8_0 *b)
{
	vf d = vset_f16(b->d);

	UNROLL for (size_t i = 0; i < GROUP_LEN; i += VL)
		vstore(out + i, vload_i8(b->q + i) * d);
}

/* 32 values from 16 bytes of nibbles, a fifth bit of each unless `fifth` is NULL: d · (q - zero), or d · q + m where
 * there is an m. */
INLINE void unpack_nibbles(
	float *out, const uint8_t q[16], const uint8_t *fifth, const uint8_t *d, const uint8_t *m, unsigned zero)
{
	vf by = vset_f16(d), more = m ? vset_f16(m) : vset(0.0f);

	UNROLL for (size_t i = 0; i < 16; i += VL) {
		vu both = vload_u8(q + i), low = both & 15, high = both >> 4;

		if (fifth) {
			low |= fifth_bits(fifth, i);
			high |= fifth_bits(fifth, 16 + i);
		}
		vstore(out + i, m ? vfloat(low) * by + more : vfloat(low - zero) * by);
		vstore(out + 16 + i, m ? vfloat(high) * by + more : vfloat(high - zero) * by);
	}
}

/* Group g of a block of Q4_K or, with fifth bits, of Q5_K. */
INLINE void unpack_k(float *out, const uint8_t q[128], const uint8_t *fifth, const struct packed_scales *s, size_t g)
{
	vf by = vset(s->by[g]), less = vset(s->less[8 + g]);
	uint8_t bytes[GROUP_LEN];
	vb value, bit;

	memcpy(&value, q + g / 2 * GROUP_LEN, sizeof(value));
	value = g % 2 ? value >> 4 : value & 15;
	if (fifth) {
		memcpy(&bit, fifth, sizeof(bit));
		value |= (g < 4 ? bit << (4 - g) : bit >> (g - 4)) & 16;
	}
	memcpy(bytes, &value, sizeof(bytes));
	UNROLL for (size_t i = 0; i < GROUP_LEN; i += VL)
		vstore(out + i, vfloat(vload_u8(bytes + i)) * by - less);
}

INLINE void unpack_q6_k(float *out, const struct q6_k *b, const struct packed_scales *s, size_t g)
{
	int8_t bytes[GROUP_LEN];
	vb low, high;

	memcpy(&low, b->low + g / 4 * 64 + g % 2 * GROUP_LEN, sizeof(low));
	memcpy(&high, b->high + g / 4 * GROUP_LEN, sizeof(high));
	low = g % 4 < 2 ? low & 15 : low >> 4;
	high = g % 4 < 2 ? high << (4 - g % 4 * 2) : high >> (g % 4 * 2 - 4);
	low = (low | (high & 48)) - 32;
	memcpy(bytes, &low, sizeof(bytes));
	UNROLL for (size_t i = 0; i < GROUP_LEN; i += VL)
		vstore(out + i, vload_i8(bytes + i) * vset(s->by[g * 2 + i / 16]));
}

INLINE void unpack(float *out, const void *block, const enum dtype type, const struct packed_scales *s, size_t g)
{
	const struct q4_0 *q4_0 = block;
	const struct q4_1 *q4_1 = block;
	const struct q5_0 *q5_0 = block;
	const struct q5_1 *q5_1 = block;
	const struct q4_k *q4_k = block;
	const struct q5_k *q5_k = block;

	switch (type) {
	case DTYPE_Q8_0:
		unpack_q8_0(out, block);
		break;
	case DTYPE_Q4_0:
		unpack_nibbles(out, q4_0->q, NULL, q4_0->d, NULL, 8);
		break;
	case DTYPE_Q4_1:
		unpack_nibbles(out, q4_1->q, NULL, q4_1->d, q4_1->m, 0);
		break;
	case DTYPE_Q5_0:
		unpack_nibbles(out, q5_0->q, q5_0->fifth, q5_0->d, NULL, 16);
		break;
	case DTYPE_Q5_1:
		unpack_nibbles(out, q5_1->q, q5_1->fifth, q5_1->d, q5_1->m, 0);
		break;
	case DTYPE_Q4_K:
		unpack_k(out, q4_k->q, NULL, s, g);
		break;
	case DTYPE_Q5_K:
		unpack_k(out, q5_k->q, q5_k->fifth, s, g);
		break;
	default:
		unpack_q6_k(out, block, s, g);
	}
}

/* Whole blocks in one go; at either end, groups and parts of them. */
INLINE void widen_packed(float *out, const void *w, const enum dtype type, const size_t block, const size_t bytes,
	size_t first, size_t n)
{
	while (n > 0) {
		const char *at = (const char *)w + first / block * bytes;
		struct packed_scales s;
		size_t len = block;

		load_scales(&s, at, type);
		if (first % block == 0 && n >= block) {
			UNROLL for (size_t g = 0; g < block / GROUP_LEN; g++)
				unpack(out + g * GROUP_LEN, at, type, &s, g);
		} else {
			size_t skip = first % GROUP_LEN;
			float group[GROUP_LEN];

			unpack(group, at, type, &s, first % block / GROUP_LEN);
			len = GROUP_LEN - skip < n ? GROUP_LEN - skip : n;
			memcpy(out, group + skip, len * sizeof(*out));
		}
		out += len;
		first += len;
		n -= len;
	}
}

/* A function a type, so that each is compiled for itself. */
#define WIDEN_PACKED(name, TYPE, block)                                                              \
	static void widen_##name(float *out, const void *w, size_t first, size_t n)                   \
	{                                                                                            \
		widen_packed(out, w, TYPE, block, sizeof(struct name), first, n);                     \
	}

WIDEN_PACKED(q8_0, DTYPE_Q8_0, 32)
WIDEN_PACKED(q4_0, DTYPE_Q4_0, 32)
WIDEN_PACKED(q4_1, DTYPE_Q4_1, 32)
WIDEN_PACKED(q5_0, DTYPE_Q5_0, 32)
WIDEN_PACKED(q5_1, DTYPE_Q5_1, 32)
WIDEN_PACKED(q4_k, DTYPE_Q4_K, 256)
WIDEN_PACKED(q5_k, DTYPE_Q5_K, 256)
WIDEN_PACKED(q6_k, DTYPE_Q6_K, 256)
