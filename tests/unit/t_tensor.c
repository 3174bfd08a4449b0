#include "check.h"

#include <math.h>

#include "base/tensor.h"

/* IEEE 754 half precision by its definition, in arithmetic instead of bits. */
static double half_value(unsigned h)
{
	int sign = h & 0x8000 ? -1 : 1;
	int exponent = (int)(h >> 10 & 31);
	double mantissa = (h & 1023) / 1024.0;

	if (exponent == 31)
		return mantissa != 0 ? (double)NAN : sign * (double)INFINITY;
	return sign * (exponent == 0 ? ldexp(mantissa, -14) : ldexp(1 + mantissa, exponent - 15));
}

static double bfloat_value(unsigned h)
{
	int sign = h & 0x8000 ? -1 : 1;
	int exponent = (int)(h >> 7 & 255);
	double mantissa = (h & 127) / 128.0;

	if (exponent == 255)
		return mantissa != 0 ? (double)NAN : sign * (double)INFINITY;
	return sign * (exponent == 0 ? ldexp(mantissa, -126) : ldexp(1 + mantissa, exponent - 127));
}

static uint16_t patterns[65536 + 8];
static float wide[65536];

static void check_all(enum dtype t, double (*value)(unsigned))
{
	for (unsigned i = 0; i < 65536; i++)
		patterns[i] = (uint16_t)i;
	dtype_widen(wide, patterns, t, 0, 65536);
	for (unsigned i = 0; i < 65536; i++) {
		double expected = value(i);

		assert_int_equal(!!signbit(wide[i]), i >> 15);
		if (isnan(expected))
			assert_true(isnan(wide[i]));
		else
			assert_true(wide[i] == expected);
	}
}

static void every_f16_widens_exactly(void **state)
{
	(void)state;
	check_all(DTYPE_F16, half_value);
}

static void every_bf16_widens_exactly(void **state)
{
	(void)state;
	check_all(DTYPE_BF16, bfloat_value);
}

/* Every beginning and length around the width of a register; what lies behind stays as it was. */
static void any_part_can_be_widened(void **state)
{
	static const enum dtype types[] = {DTYPE_F16, DTYPE_BF16};
	float source[40];

	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(types); k++) {
		for (size_t first = 0; first < 10; first++) {
			for (size_t n = 0; n < 28; n++) {
				float out[29];

				for (size_t i = 0; i < 29; i++)
					out[i] = -7;
				dtype_widen(out, patterns + 1000, types[k], first, n);
				for (size_t i = 0; i < n; i++) {
					unsigned h = patterns[1000 + first + i];

					assert_true(
						out[i] == (types[k] == DTYPE_F16 ? half_value(h) : bfloat_value(h)));
				}
				assert_true(out[n] == -7);
			}
		}
	}
	for (size_t i = 0; i < 40; i++)
		source[i] = (float)i / 3;
	dtype_widen(wide, source, DTYPE_F32, 5, 30);
	assert_memory_equal(wide, source + 5, 30 * sizeof(float));
}

static uint16_t narrow_one(enum dtype t, float value)
{
	uint16_t h;

	dtype_narrow(&h, t, &value, 1);
	return h;
}

static float float_of(enum dtype t, uint16_t h)
{
	float value;

	dtype_widen(&value, &h, t, 0, 1);
	return value;
}

/*
 * Rounding is known from where it turns over: every number of the type comes back, and between each and the next larger
 * one what is below the middle goes down, what is above it up, and the middle to the even one. Infinity stands
 * where the next number after the largest would; last_middle lies between the two. Both signs.
 */
static void check_rounding(enum dtype t, unsigned infinity, float last_middle)
{
	for (unsigned h = 0; h < infinity; h++) {
		float low = float_of(t, (uint16_t)h);
		float high = float_of(t, (uint16_t)(h + 1));
		float middle = h + 1 < infinity ? low + (high - low) / 2 : last_middle;

		for (unsigned sign = 0; sign <= 0x8000; sign += 0x8000) {
			float s = sign ? -1.0F : 1.0F;

			assert_int_equal(narrow_one(t, s * low), sign | h);
			assert_int_equal(narrow_one(t, s * nextafterf(middle, 0)), sign | h);
			assert_int_equal(narrow_one(t, s * middle), sign | (h % 2 ? h + 1 : h));
			assert_int_equal(narrow_one(t, s * nextafterf(middle, INFINITY)), sign | (h + 1));
		}
	}
	assert_int_equal(narrow_one(t, INFINITY), infinity);
	assert_int_equal(narrow_one(t, -INFINITY), 0x8000 | infinity);
	assert_true(isnan(float_of(t, narrow_one(t, NAN))));
	for (unsigned h = infinity + 1; h < 0x8000; h++) {
		assert_true(isnan(float_of(t, narrow_one(t, float_of(t, (uint16_t)h)))));
		assert_true(isnan(float_of(t, narrow_one(t, -float_of(t, (uint16_t)h)))));
	}
	assert_int_equal(narrow_one(t, dtype_limit(t)), infinity);
	assert_int_equal(narrow_one(t, nextafterf(dtype_limit(t), 0)), infinity - 1);
}

static void rounding_is_to_nearest_even(void **state)
{
	/* A not-a-number of float whose upper half would read as infinity. */
	static const uint32_t low_nan = 0x7f800001;
	float nan;

	(void)state;
	check_rounding(DTYPE_F16, 0x7c00, 65520);
	check_rounding(DTYPE_BF16, 0x7f80, 0x1.ffp127F);
	memcpy(&nan, &low_nan, sizeof(nan));
	assert_true(isnan(float_of(DTYPE_BF16, narrow_one(DTYPE_BF16, nan))));
	assert_true(isnan(float_of(DTYPE_F16, narrow_one(DTYPE_F16, nan))));
	assert_true(isinf(dtype_limit(DTYPE_F32)));
}

static void what_does_not_fit_is_found(void **state)
{
	static const enum dtype types[] = {DTYPE_F32, DTYPE_F16, DTYPE_BF16, DTYPE_Q8_0};

	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(types); k++) {
		float values[32] = {0}, limit = dtype_limit(types[k]);

		values[3] = nextafterf(limit, 0);
		values[4] = -values[3];
		assert_int_equal(dtype_misfit(types[k], values, 32), 32);
		values[20] = INFINITY;
		assert_int_equal(dtype_misfit(types[k], values, 32), types[k] == DTYPE_Q8_0 ? 20 : 32);
		values[19] = NAN;
		assert_int_equal(dtype_misfit(types[k], values, 32), types[k] == DTYPE_Q8_0 ? 19 : 32);
		values[11] = -limit;
		assert_int_equal(dtype_misfit(types[k], values, 32), isinf(limit) ? 32 : 11);
	}
}

/* The limit is where the scale becomes infinite; values whose scale has no reciprocal among floats become zeros. */
static void q8_0_at_its_ends(void **state)
{
	float values[32] = {0}, wide[32];
	unsigned char block[34];

	(void)state;
	values[5] = nextafterf(dtype_limit(DTYPE_Q8_0), 0);
	dtype_narrow(block, DTYPE_Q8_0, values, 32);
	dtype_widen(wide, block, DTYPE_Q8_0, 0, 32);
	assert_true(wide[5] == 127 * 65504.0F && wide[4] == 0);
	values[5] = dtype_limit(DTYPE_Q8_0);
	dtype_narrow(block, DTYPE_Q8_0, values, 32);
	dtype_widen(wide, block, DTYPE_Q8_0, 0, 32);
	assert_true(isinf(wide[5]));
	for (size_t i = 0; i < 32; i++)
		values[i] = (float)i * 0x1p-149F;
	dtype_narrow(block, DTYPE_Q8_0, values, 32);
	for (size_t i = 0; i < sizeof(block); i++)
		assert_int_equal(block[i], 0);
}

static void names_and_sizes(void **state)
{
	struct tensor t = {.dtype = DTYPE_BF16, .dims = 3, .shape = {2, 3, 5}};
	struct tensor scalar = {.dtype = DTYPE_F32};

	(void)state;
	assert_string_equal(dtype_name(DTYPE_F32), "F32");
	assert_string_equal(dtype_name(DTYPE_F16), "F16");
	assert_string_equal(dtype_name(DTYPE_BF16), "BF16");
	assert_int_equal(dtype_bytes(DTYPE_F32, 1), 4);
	assert_int_equal(dtype_bytes(DTYPE_BF16, 3), 6);
	assert_int_equal(tensor_bytes(&t), 60);
	assert_int_equal(dtype_block(DTYPE_F16), 1);
	assert_string_equal(dtype_name(DTYPE_Q4_K), "Q4_K");
	assert_int_equal(dtype_block(DTYPE_Q4_K), 256);
	assert_int_equal(dtype_bytes(DTYPE_Q4_K, 512), 288);
	assert_string_equal(dtype_name(DTYPE_Q5_1), "Q5_1");
	assert_int_equal(dtype_block(DTYPE_Q5_1), 32);
	assert_int_equal(dtype_bytes(DTYPE_Q5_1, 0), 0);
	assert_int_equal(dtype_bytes(DTYPE_Q8_0, 96), 102);
	assert_int_equal(tensor_elements(&t), 30);
	assert_int_equal(tensor_elements(&scalar), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_f16_widens_exactly),
		cmocka_unit_test(every_bf16_widens_exactly),
		cmocka_unit_test(any_part_can_be_widened),
		cmocka_unit_test(rounding_is_to_nearest_even),
		cmocka_unit_test(what_does_not_fit_is_found),
		cmocka_unit_test(q8_0_at_its_ends),
		cmocka_unit_test(names_and_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
