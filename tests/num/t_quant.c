/*
 * Packed element types against numbers that reference/quant/generate.py made from the description of the formats:
 * blocks with every special scale and any bits, widened by the plain functions and by every instruction set; and floats
 * as blocks of Q8_0. Bits are compared; a value that is not a number has many.
 */
#include "../unit/check.h"
#include "../unit/kern_test.h"

#include "base/quant.h"
#include "npy.h"
#include "store/safetensors.h"

struct reference {
	struct safetensors file;
	const unsigned char *blocks;
	const float *values;
	size_t n, bytes; /* values; bytes of all blocks */
};

static void reference_open(struct reference *r, const char *name)
{
	char *path = ref_path("quant/blocks.safetensors"), part[32];
	const struct safetensors_entry *blocks, *values;
	struct err err;

	check_ok(safetensors_open(&r->file, path, &err), &err);
	free(path);
	snprintf(part, sizeof(part), "%s.blocks", name);
	blocks = safetensors_find(&r->file, part);
	snprintf(part, sizeof(part), "%s.values", name);
	values = safetensors_find(&r->file, part);
	assert_non_null(blocks);
	assert_non_null(values);
	r->blocks = blocks->data;
	r->bytes = blocks->len;
	r->values = (const float *)(const void *)values->data;
	r->n = values->elements;
	assert_in_range(r->n, 1024, 1 << 16);
}

static void check_value(const char *how, enum dtype t, size_t i, float got, float want)
{
	if (isnan(want) ? !isnan(got) : memcmp(&got, &want, sizeof(got)) != 0)
		fail_msg("%s: value %zu of %s is %.9g instead of %.9g", how, i, dtype_name(t), (double)got,
			(double)want);
}

static void check_widened(const char *how, enum dtype t, const struct reference *r, const float *wide)
{
	for (size_t i = 0; i < r->n; i++)
		check_value(how, t, i, wide[i], r->values[i]);
}

static void plain_values(void **state)
{
	(void)state;
	for (int t = DTYPE_PLAIN_COUNT; t < DTYPE_COUNT; t++) {
		struct reference r;
		float *wide;

		reference_open(&r, dtype_name((enum dtype)t));
		assert_int_equal(dtype_bytes((enum dtype)t, r.n), r.bytes);
		wide = malloc(r.n * sizeof(*wide));
		assert_non_null(wide);
		dtype_widen(wide, r.blocks, (enum dtype)t, 0, r.n);
		check_widened("dtype_widen", (enum dtype)t, &r, wide);
		free(wide);
		safetensors_release(&r.file);
	}
}

/* Any beginning and length; what lies behind stays as it was. */
static void plain_parts(void **state)
{
	static const size_t lengths[] = {0, 1, 15, 31, 32, 33, 64, 255, 256, 257, 600};

	(void)state;
	for (int t = DTYPE_PLAIN_COUNT; t < DTYPE_COUNT; t++) {
		struct reference r;
		float some[601];

		reference_open(&r, dtype_name((enum dtype)t));
		for (size_t first = 0; first < 300; first++) {
			for (size_t k = 0; k < ARRAY_LEN(lengths); k++) {
				size_t n = lengths[k];

				some[n] = -7;
				dtype_widen(some, r.blocks, (enum dtype)t, first, n);
				for (size_t i = 0; i < n; i++)
					check_value("a part", (enum dtype)t, first + i, some[i], r.values[first + i]);
				assert_true(some[n] == -7);
			}
		}
		safetensors_release(&r.file);
	}
}

/* Whole, and from beginnings and with lengths that cut groups and blocks. */
static void kernel_values(struct kern *k, struct rng *rng)
{
	static const size_t lengths[] = {1, 8, 16, 40, 48, 272, 288, 545};

	(void)rng;
	for (int t = DTYPE_PLAIN_COUNT; t < DTYPE_COUNT; t++) {
		struct reference r;
		float *wide;

		reference_open(&r, dtype_name((enum dtype)t));
		wide = malloc((r.n + 1) * sizeof(*wide));
		assert_non_null(wide);
		wide[r.n] = -7;
		k->isa->widen(wide, r.blocks, (enum dtype)t, 0, r.n);
		check_widened(k->isa->name, (enum dtype)t, &r, wide);
		assert_true(wide[r.n] == -7);
		for (size_t j = 0; j < ARRAY_LEN(lengths); j++) {
			for (size_t first = 0; first + lengths[j] <= 1024; first += lengths[j] % 2 ? 7 : 8) {
				wide[lengths[j]] = -7;
				k->isa->widen(wide, r.blocks, (enum dtype)t, first, lengths[j]);
				for (size_t i = 0; i < lengths[j]; i++)
					check_value(k->isa->name, (enum dtype)t, first + i, wide[i],
						r.values[first + i]);
				assert_true(wide[lengths[j]] == -7);
			}
		}
		free(wide);
		safetensors_release(&r.file);
	}
}

static void every_instruction_set(void **state)
{
	(void)state;
	each_kern(kernel_values);
}

static void values_become_q8_0(void **state)
{
	struct reference r;
	unsigned char *blocks;

	(void)state;
	reference_open(&r, "narrow");
	blocks = malloc(r.bytes);
	assert_non_null(blocks);
	assert_int_equal(dtype_misfit(DTYPE_Q8_0, r.values, r.n), r.n);
	dtype_narrow(blocks, DTYPE_Q8_0, r.values, r.n);
	for (size_t i = 0; i < r.bytes; i++) {
		if (blocks[i] != r.blocks[i])
			fail_msg("byte %zu of block %zu is %d instead of %d", i % 34, i / 34, blocks[i], r.blocks[i]);
	}
	free(blocks);
	safetensors_release(&r.file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_values),
		cmocka_unit_test(plain_parts),
		cmocka_unit_test(every_instruction_set),
		cmocka_unit_test(values_become_q8_0),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
