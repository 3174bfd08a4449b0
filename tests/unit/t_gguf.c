/* GGUF files: what is written comes back, what is wrong is refused in one sentence. */
#include "tempdir.h"

#include <math.h>

#include "base/buf.h"
#include "store/gguf.h"

/* A file made by hand, byte by byte as the format's description has it. */
static void num(struct buf *b, uint64_t x, unsigned width)
{
	for (unsigned i = 0; i < width; i++)
		buf_addch(b, (char)(x >> (8 * i)));
}

static void text(struct buf *b, const char *s)
{
	num(b, strlen(s), 8);
	buf_addstr(b, s);
}

static void head(struct buf *b, uint32_t version, uint64_t tensors, uint64_t keys)
{
	buf_clear(b);
	buf_addstr(b, "GGUF");
	num(b, version, 4);
	num(b, tensors, 8);
	num(b, keys, 8);
}

static void key(struct buf *b, const char *name, uint32_t type)
{
	text(b, name);
	num(b, type, 4);
}

/* A tensor of two extents, in the file's order. */
static void tensor(struct buf *b, const char *name, uint64_t fast, uint64_t slow, uint32_t type, uint64_t offset)
{
	text(b, name);
	num(b, 2, 4);
	num(b, fast, 8);
	num(b, slow, 8);
	num(b, type, 4);
	num(b, offset, 8);
}

static void fill(struct buf *b, size_t alignment, size_t n)
{
	buf_addrep(b, '\0', (alignment - b->len % alignment) % alignment);
	for (size_t i = 0; i < n; i++)
		buf_addch(b, (char)i);
}

static int open_bytes(struct gguf *g, const char *dir, const char *name, const struct buf *b, struct err *err)
{
	char *path = tempdir_put(dir, name, buf_str(b), b->len);
	int result = gguf_open(g, path, err);

	free(path);
	return result;
}

static const struct {
	const char *name;
	enum gguf_type type;
	uint64_t bits;
	unsigned width;
	bool whole; /* a size can be taken from it */
	double value;
} scalars[] = {
	{"a.u8", GGUF_U8, 200, 1, true, 200},
	{"a.i8", GGUF_I8, 0xff, 1, false, -1},
	{"a.u16", GGUF_U16, 65535, 2, true, 65535},
	{"a.i16", GGUF_I16, 0x8000, 2, false, -32768},
	{"a.u32", GGUF_U32, 4000000000u, 4, true, 4000000000.0},
	{"a.i32", GGUF_I32, 0xfffffffe, 4, false, -2},
	{"a.f32", GGUF_F32, 0x358637bd, 4, false, 1e-6},
	{"a.bool", GGUF_BOOL, 1, 1, true, 1},
	{"a.u64", GGUF_U64, (uint64_t)1 << 40, 8, true, 1099511627776.0},
	{"a.huge", GGUF_U64, UINT64_MAX, 8, false, 9223372036854775807.0},
	{"a.i64", GGUF_I64, (uint64_t)-5, 8, false, -5},
	{"a.f64", GGUF_F64, 0x3ff8000000000000u, 8, false, 1.5},
};

static void values_by_hand_are_read(void **state)
{
	struct buf b = {0};
	struct gguf g;
	struct err err;

	for (uint32_t version = 2; version <= 3; version++) {
		head(&b, version, 0, ARRAY_LEN(scalars));
		for (size_t i = 0; i < ARRAY_LEN(scalars); i++) {
			key(&b, scalars[i].name, scalars[i].type);
			num(&b, scalars[i].bits, scalars[i].width);
		}
		check_ok(open_bytes(&g, *state, "v.gguf", &b, &err), &err);
		assert_int_equal(g.version, version);
		assert_int_equal(g.entries.n, ARRAY_LEN(scalars));
		for (size_t i = 0; i < ARRAY_LEN(scalars); i++) {
			double d = 0;
			size_t n = 77;

			check_ok(gguf_get_double(&g, scalars[i].name, -INFINITY, INFINITY, &d, &err), &err);
			assert_true(d == scalars[i].value);
			if (scalars[i].whole) {
				check_ok(gguf_get_size(&g, scalars[i].name, 0, SIZE_MAX, &n, &err), &err);
				assert_true((double)n == scalars[i].value);
			} else if (scalars[i].value != 9223372036854775807.0) {
				check_refused(gguf_get_size(&g, scalars[i].name, 0, 1000, &n, &err), &err, ERR_FORMAT,
					"must be an integer from 0 to 1000, not ");
				assert_int_equal(n, 77);
			}
		}
		gguf_release(&g);
	}
	buf_release(&b);
}

static void arrays_by_hand_are_read(void **state)
{
	struct buf b = {0};
	struct gguf_array a;
	struct gguf_str s;
	struct gguf g;
	struct err err;
	double d;

	head(&b, 3, 0, 5);
	key(&b, "strings", GGUF_ARRAY);
	num(&b, GGUF_STRING, 4);
	num(&b, 3, 8);
	text(&b, "one");
	text(&b, "");
	num(&b, 2, 8);
	buf_add(&b, "\0\xff", 2); /* a string may hold anything */
	key(&b, "ints", GGUF_ARRAY);
	num(&b, GGUF_I16, 4);
	num(&b, 2, 8);
	num(&b, 7, 2);
	num(&b, 0xfffd, 2);
	key(&b, "reals", GGUF_ARRAY);
	num(&b, GGUF_F32, 4);
	num(&b, 1, 8);
	num(&b, 0xbf000000, 4);
	key(&b, "nested", GGUF_ARRAY);
	num(&b, GGUF_ARRAY, 4);
	num(&b, 2, 8);
	num(&b, GGUF_U8, 4);
	num(&b, 1, 8);
	num(&b, 9, 1);
	num(&b, GGUF_STRING, 4);
	num(&b, 1, 8);
	text(&b, "x");
	key(&b, "last", GGUF_STRING);
	text(&b, "end");
	check_ok(open_bytes(&g, *state, "a.gguf", &b, &err), &err);

	check_ok(gguf_get_array(&g, "strings", GGUF_STRING, &a, &err), &err);
	assert_int_equal(a.n, 3);
	assert_true(gguf_next_str(&a, &s) && gguf_str_is(s, "one"));
	assert_true(gguf_next_str(&a, &s) && gguf_str_is(s, ""));
	assert_true(gguf_next_str(&a, &s) && s.len == 2 && memcmp(s.at, "\0\xff", 2) == 0);
	assert_false(gguf_next_str(&a, &s));
	assert_int_equal(a.len, 0);
	check_ok(gguf_get_array(&g, "ints", GGUF_I64, &a, &err), &err);
	assert_int_equal(a.n, 2);
	assert_int_equal(gguf_int_at(&a, 0), 7);
	assert_int_equal(gguf_int_at(&a, 1), -3);
	check_ok(gguf_opt_array(&g, "reals", GGUF_F32, &a, &err), &err);
	assert_true(gguf_double_at(&a, 0) == -0.5);
	check_ok(gguf_opt_array(&g, "absent", GGUF_F32, &a, &err), &err);
	assert_int_equal(a.n, 1);
	check_ok(gguf_get_str(&g, "last", &s, &err), &err);
	assert_true(gguf_str_is(s, "end") && !gguf_str_is(s, "en") && !gguf_str_is(s, "ends"));

	check_refused(gguf_get_array(&g, "strings", GGUF_I64, &a, &err), &err, ERR_FORMAT,
		"\"strings\" must be an array of integers, not of string");
	check_refused(gguf_get_array(&g, "nested", GGUF_STRING, &a, &err), &err, ERR_FORMAT, "not of array");
	check_refused(
		gguf_get_array(&g, "last", GGUF_STRING, &a, &err), &err, ERR_FORMAT, "not a value of type string");
	check_refused(
		gguf_get_array(&g, "absent", GGUF_STRING, &a, &err), &err, ERR_FORMAT, "the key \"absent\" is missing");
	check_refused(gguf_get_str(&g, "ints", &s, &err), &err, ERR_FORMAT, "must be a string, not an array");
	check_refused(gguf_opt_double(&g, "last", 0, 1, &d, &err), &err, ERR_FORMAT,
		"must be a number from 0 to 1, not \"end\"");
	gguf_release(&g);
	buf_release(&b);
}

/* What the kinds of keys are refused for, each as one change to a file that is right. */
static void bad_headers_are_refused(void **state)
{
	struct buf b = {0};
	struct gguf g;
	struct err err;

#define REFUSED(code, message) \
	do { \
		check_refused(open_bytes(&g, *state, "bad.gguf", &b, &err), &err, code, message); \
		gguf_release(&g); \
	} while (0)

	buf_addstr(&b, "");
	REFUSED(ERR_FORMAT, "not a GGUF file");
	buf_addstr(&b, "GGML plus something longer");
	REFUSED(ERR_FORMAT, "not a GGUF file");
	head(&b, 1, 0, 0);
	REFUSED(ERR_UNSUPPORTED, "version 1 is not handled; 2 and 3 are");
	head(&b, 4, 0, 0);
	REFUSED(ERR_UNSUPPORTED, "version 4 is not handled");
	head(&b, 0x03000000, 0, 0);
	REFUSED(ERR_UNSUPPORTED, "big-endian");
	head(&b, 3, 0, 1);
	REFUSED(ERR_FORMAT, "1 keys and 0 tensors are announced, more than a file of 24 bytes can hold");
	head(&b, 3, UINT64_MAX, 0);
	REFUSED(ERR_FORMAT, "more than a file of 24 bytes can hold");
	head(&b, 3, 0, 1);
	key(&b, "", GGUF_U32);
	num(&b, 1, 4);
	REFUSED(ERR_FORMAT, "a key at byte 24 is empty");
	head(&b, 3, 0, 1);
	key(&b, "k\xff", GGUF_U32);
	num(&b, 1, 4);
	REFUSED(ERR_FORMAT, "a key at byte 24 is not valid UTF-8");
	head(&b, 3, 0, 1);
	num(&b, 70000, 8);
	buf_addrep(&b, 'k', 70100);
	REFUSED(ERR_FORMAT, "would have 70000 bytes, over the limit of 65535");
	head(&b, 3, 0, 1);
	key(&b, "k", 13);
	num(&b, 1, 4);
	REFUSED(ERR_FORMAT, "\"k\" is of type 13, and the format has types 0 to 12");
	head(&b, 3, 0, 1);
	key(&b, "k", GGUF_BOOL);
	num(&b, 2, 1);
	REFUSED(ERR_FORMAT, "\"k\" must be a boolean, 0 or 1, not 2");
	head(&b, 3, 0, 1);
	key(&b, "k", GGUF_STRING);
	num(&b, 9, 8);
	buf_addstr(&b, "eight ch");
	REFUSED(ERR_FORMAT, "should have 9 bytes, but the file ends after 8");
	head(&b, 3, 0, 1);
	key(&b, "k", GGUF_ARRAY);
	num(&b, GGUF_U64, 4);
	num(&b, (uint64_t)1 << 61, 8);
	REFUSED(ERR_FORMAT, "\"k\" should hold 2305843009213693952 values of type u64");
	head(&b, 3, 0, 1);
	key(&b, "k", GGUF_ARRAY);
	num(&b, 99, 4);
	num(&b, 0, 8);
	REFUSED(ERR_FORMAT, "\"k\" is of type 99");
	head(&b, 3, 0, 1);
	key(&b, "k", GGUF_ARRAY);
	num(&b, GGUF_STRING, 4);
	num(&b, 2, 8);
	text(&b, "good and long");
	num(&b, UINT64_MAX, 8);
	REFUSED(ERR_FORMAT, "string 1 of \"k\" should have 18446744073709551615 bytes");
	head(&b, 3, 0, 1);
	key(&b, "k", GGUF_ARRAY);
	for (int i = 0; i < 9; i++) {
		num(&b, GGUF_ARRAY, 4);
		num(&b, 1, 8);
	}
	num(&b, 0, 8);
	num(&b, 0, 8);
	REFUSED(ERR_FORMAT, "nested more than 8 deep");
	head(&b, 3, 0, 2);
	for (int i = 0; i < 2; i++) {
		key(&b, "same", GGUF_U8);
		num(&b, 1, 1);
	}
	REFUSED(ERR_FORMAT, "the key \"same\" occurs twice");
	buf_release(&b);
}

static void bad_tensors_are_refused(void **state)
{
	static const struct {
		uint64_t fast, slow, offset;
		uint32_t type, alignment;
		const char *message;
	} cases[] = {
		{4, 2, 0, 0, 12, "\"general.alignment\" must be a power of two and a multiple of 8, not 12"},
		{4, 2, 0, 0, 24, "not 24"},
		{4, 2, 0, 0, 4, "not 4"},
		{4, 2, 0, 0, 0, "must be an integer from 1 to 1048576, not 0"},
		{4, 2, 32, 0, 64, "begins at byte 32 of the data, which is no multiple of 64"},
		{4, 2, 8, 0, 32, "begins at byte 8"},
		{4, 3, 64, 0, 32, "should have 48 bytes from byte 64 of the data, which has 96"},
		{4, 2, 128, 0, 32, "from byte 128"},
		{4, 2, UINT64_MAX - 31, 0, 32, "from byte 18446744073709551584"},
		{1u << 31, (uint64_t)1 << 33, 0, 0, 32, "more elements than fit into memory"},
		{1u << 31, (uint64_t)1 << 31, 0, 0, 32, "more bytes than fit into memory"},
		{48, 2, 0, 8, 32, "of type Q8_0 has rows of 48 elements, which are no whole blocks of 32"},
		{128, 1, 0, 12, 32, "of type Q4_K has rows of 128 elements"},
		{4, 2, 0, 0, 32, "tensors \"first\" and \"second\" overlap"},
	};
	struct buf b = {0};
	struct gguf g;
	struct err err;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		head(&b, 3, 2, 1);
		key(&b, "general.alignment", GGUF_U32);
		num(&b, cases[i].alignment, 4);
		tensor(&b, "first", 4, 2, 0, 0);
		tensor(&b, "second", cases[i].fast, cases[i].slow, cases[i].type, cases[i].offset);
		fill(&b, cases[i].alignment > 4 ? cases[i].alignment : 32, 96);
		REFUSED(ERR_FORMAT, cases[i].message);
	}
	head(&b, 3, 2, 0);
	tensor(&b, "same", 4, 2, 0, 0);
	tensor(&b, "same", 4, 2, 0, 32);
	fill(&b, 32, 64);
	REFUSED(ERR_FORMAT, "tensor \"same\" is both in");
	head(&b, 3, 1, 0);
	text(&b, "deep");
	num(&b, 5, 4);
	buf_addrep(&b, '\1', 60);
	REFUSED(ERR_FORMAT, "tensor \"deep\" has 5 dimensions, more than 4");
	buf_release(&b);
}

static void types_that_are_not_handled_are_named(void **state)
{
	struct buf b = {0};
	struct tensor t;
	struct gguf g;
	struct err err;

	head(&b, 3, 3, 0);
	tensor(&b, "iq", 256, 1, 21, 0);
	tensor(&b, "new", 256, 1, 77, 128);
	tensor(&b, "plain", 3, 2, 0, 128);
	fill(&b, 32, 152);
	check_ok(open_bytes(&g, *state, "t.gguf", &b, &err), &err);
	check_refused(
		gguf_tensor(&g, "iq", &t, &err), &err, ERR_UNSUPPORTED, "tensor \"iq\" is of type IQ3_S (number 21)");
	check_refused(gguf_tensor(&g, "new", &t, &err), &err, ERR_UNSUPPORTED, "an unknown type (number 77)");
	check_refused(gguf_tensor(&g, "none", &t, &err), &err, ERR_NOT_FOUND, "there is no tensor \"none\"");
	check_ok(gguf_tensor(&g, "plain", &t, &err), &err);
	assert_int_equal(t.dims, 2);
	assert_int_equal(t.shape[0], 2);
	assert_int_equal(t.shape[1], 3);
	assert_int_equal(((const unsigned char *)t.data)[0], 128);
	gguf_release(&g);
	buf_release(&b);
}

/* Bytes of 256 elements, as the format's description has them. */
static size_t bytes_of_256(enum dtype t)
{
	static const struct {
		const char *name;
		size_t bytes;
	} types[] = {
		{"F32", 1024},
		{"F16", 512},
		{"BF16", 512},
		{"Q8_0", 272},
		{"Q4_0", 144},
		{"Q4_1", 160},
		{"Q5_0", 176},
		{"Q5_1", 192},
		{"Q4_K", 144},
		{"Q5_K", 176},
		{"Q6_K", 210},
	};

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (strcmp(types[i].name, dtype_name(t)) == 0)
			return types[i].bytes;
	}
	fail_msg("a type that the test does not know: %s", dtype_name(t));
	return 0;
}

static const float real_values[2] = {0.1f, -3};

static void put_keys(struct gguf_writer *w)
{
	static const int16_t shorts[3] = {1, -2, 3};

	gguf_put_str(w, "general.architecture", "llama");
	gguf_put_u32(w, "u32", 4000000000u);
	gguf_put_u64(w, "u64", (uint64_t)1 << 40);
	gguf_put_i32(w, "i32", -7);
	gguf_put_f32(w, "f32", 1e-5f);
	gguf_put_bool(w, "yes", true);
	gguf_put_array(w, "shorts", GGUF_I16, shorts, 3);
	gguf_put_array(w, "none", GGUF_F32, NULL, 0);
	gguf_put_array(w, "reals", GGUF_F32, real_values, 2);
	gguf_put_strings(w, "strings", 2);
	gguf_put_string(w, "a\0b", 3);
	gguf_put_string(w, "", 0);
}

/* Every value, and a tensor of every type, with data that comes in pieces which end anywhere. */
static char *write_sample(const char *dir, const unsigned char *data, size_t piece)
{
	char *path = tempdir_path(dir, "w.gguf");
	struct gguf_writer w;
	struct buf all = {0};
	struct err err;
	char name[8];

	check_ok(gguf_writer_init(&w, path, &err), &err);
	put_keys(&w);
	for (enum dtype t = 0; t < DTYPE_COUNT; t++) {
		snprintf(name, sizeof(name), "t%u", (unsigned)t);
		gguf_put_tensor(&w, &(struct tensor){.name = name, .dtype = t, .dims = 2, .shape = {1, 256}});
		buf_add(&all, data + t, bytes_of_256(t));
	}
	gguf_put_tensor(&w, &(struct tensor){.name = "empty", .dims = 1, .shape = {0}});
	gguf_put_tensor(&w, &(struct tensor){.name = "one", .dims = 1, .shape = {1}});
	buf_add(&all, data, 4);
	for (size_t at = 0; at < all.len; at += piece)
		check_ok(gguf_writer_data(&w, all.at + at, all.len - at < piece ? all.len - at : piece, &err), &err);
	assert_false(file_exists(path));
	check_ok(gguf_writer_commit(&w, &err), &err);
	gguf_writer_release(&w);
	buf_release(&all);
	return path;
}

static void check_sample(const struct gguf *g, const unsigned char *data)
{
	struct gguf_array a;
	struct gguf_str s;
	struct tensor t;
	struct err err;
	char name[8];
	double d;

	assert_int_equal(g->version, 3);
	assert_int_equal(g->entries.n, 10);
	check_ok(gguf_get_str(g, "general.architecture", &s, &err), &err);
	assert_true(gguf_str_is(s, "llama"));
	check_ok(gguf_get_double(g, "f32", 0, 1, &d, &err), &err);
	assert_true(d == 1e-5);
	check_ok(gguf_get_double(g, "i32", -10, 1, &d, &err), &err);
	assert_true(d == -7);
	check_ok(gguf_get_array(g, "reals", GGUF_F32, &a, &err), &err);
	assert_true(a.n == 2 && gguf_double_at(&a, 0) == 0.1 && gguf_double_at(&a, 1) == -3);
	assert_true(gguf_float_at(&a, 0) == 0.1f && gguf_float_at(&a, 1) == -3);
	check_ok(gguf_get_array(g, "none", GGUF_F32, &a, &err), &err);
	assert_int_equal(a.n, 0);
	check_ok(gguf_get_array(g, "strings", GGUF_STRING, &a, &err), &err);
	assert_true(gguf_next_str(&a, &s) && s.len == 3 && memcmp(s.at, "a\0b", 3) == 0);
	assert_true(gguf_next_str(&a, &s) && s.len == 0);
	for (enum dtype i = 0; i < DTYPE_COUNT; i++) {
		snprintf(name, sizeof(name), "t%u", (unsigned)i);
		check_ok(gguf_tensor(g, name, &t, &err), &err);
		assert_int_equal(t.dtype, i);
		assert_int_equal(t.dims, 2);
		assert_int_equal(t.shape[0], 1);
		assert_int_equal(t.shape[1], 256);
		assert_int_equal((size_t)((const unsigned char *)t.data - g->files.at[0].map.at) % 32, 0);
		assert_int_equal(gguf_find_tensor(g, name)->len, bytes_of_256(i));
		assert_memory_equal(t.data, data + i, bytes_of_256(i));
	}
	check_ok(gguf_tensor(g, "one", &t, &err), &err);
	assert_memory_equal(t.data, data, 4);
	check_ok(gguf_tensor(g, "empty", &t, &err), &err);
	assert_int_equal(tensor_elements(&t), 0);
}

static void make_data(unsigned char data[1100])
{
	for (size_t i = 0; i < 1100; i++)
		data[i] = (unsigned char)(i * 7 + i / 256);
}

static void written_files_are_read(void **state)
{
	static const size_t pieces[] = {100000, 1, 33};
	unsigned char data[1100];
	struct gguf g;
	struct err err;

	make_data(data);
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		char *path = write_sample(*state, data, pieces[i]);

		check_ok(gguf_open(&g, path, &err), &err);
		check_sample(&g, data);
		gguf_release(&g);
		gguf_release(&g);
		assert_int_equal(tempdir_count(*state), 1);
		assert_int_equal(unlink(path), 0);
		free(path);
	}
}

static void keys_are_copied_from_file_to_file(void **state)
{
	char *to = tempdir_path(*state, "copy.gguf");
	unsigned char data[1100];
	struct gguf_writer w;
	struct gguf g, copy;
	struct err err;
	char *path;

	make_data(data);
	path = write_sample(*state, data, 4096);
	check_ok(gguf_open(&g, path, &err), &err);
	check_ok(gguf_writer_init(&w, to, &err), &err);
	for (size_t i = 0; i < g.entries.n; i++)
		gguf_put_entry(&w, &g.entries.at[i]);
	check_ok(gguf_writer_commit(&w, &err), &err);
	gguf_writer_release(&w);
	check_ok(gguf_open(&copy, to, &err), &err);
	assert_int_equal(copy.entries.n, g.entries.n);
	assert_int_equal(copy.tensors.n, 0);
	for (size_t i = 0; i < g.entries.n; i++) {
		assert_int_equal(copy.entries.at[i].type, g.entries.at[i].type);
		assert_int_equal(copy.entries.at[i].len, g.entries.at[i].len);
		assert_memory_equal(copy.entries.at[i].at, g.entries.at[i].at, g.entries.at[i].len);
	}
	gguf_release(&copy);
	gguf_release(&g);
	free(path);
	free(to);
}

/* What opens after damage can be read to its last byte; what does not says so in one line. */
static void use_or_refuse(const char *dir, const struct buf *b)
{
	volatile unsigned sum = 0;
	struct gguf g;
	struct err err = {0};

	if (open_bytes(&g, dir, "damaged.gguf", b, &err) != 0) {
		assert_true(err.code == ERR_FORMAT || err.code == ERR_UNSUPPORTED || err.code == ERR_VALUE ||
			    err.code == ERR_NOT_FOUND);
		assert_true(strlen(err.msg) > 0 && strchr(err.msg, '\n') == NULL);
		gguf_release(&g);
		return;
	}
	for (size_t i = 0; i < g.tensors.n; i++) {
		for (size_t k = 0; k < g.tensors.at[i].len; k++)
			sum += g.tensors.at[i].data[k];
	}
	for (size_t i = 0; i < g.entries.n; i++) {
		for (size_t k = 0; k < g.entries.at[i].len; k++)
			sum += g.entries.at[i].at[k];
	}
	(void)sum;
	gguf_release(&g);
}

static void damaged_files_are_survived(void **state)
{
	static const unsigned char others[] = {0, 1, 0x7f, 0x80, 0xff};
	unsigned char data[1100];
	struct buf whole = {0}, b = {0};
	struct gguf g;
	struct err err;
	size_t headers;
	char *path;

	make_data(data);
	path = write_sample(*state, data, 4096);
	check_ok(file_read(&whole, path, 1 << 20, &err), &err);
	check_ok(gguf_open(&g, path, &err), &err);
	headers = (size_t)(g.tensors.at[0].data - g.files.at[0].map.at);
	gguf_release(&g);
	for (size_t len = 0; len < whole.len; len += len < headers ? 1 : 97) {
		buf_clear(&b);
		buf_add(&b, whole.at, len);
		use_or_refuse(*state, &b);
		/* Nothing before the last tensor's end can be missed. */
		if (len + 32 < whole.len) {
			check_refused(open_bytes(&g, *state, "damaged.gguf", &b, &err), &err, ERR_FORMAT, "");
			gguf_release(&g);
		}
	}
	for (size_t at = 0; at < headers; at++) {
		for (size_t i = 0; i < ARRAY_LEN(others); i++) {
			buf_clear(&b);
			buf_add(&b, whole.at, whole.len);
			b.at[at] = (char)others[i];
			use_or_refuse(*state, &b);
		}
	}
	buf_release(&whole);
	buf_release(&b);
	free(path);
}

static char *write_part(const char *dir, const char *name, unsigned no, unsigned count, const char *tensor_name)
{
	char *path = tempdir_path(dir, name);
	struct gguf_writer w;
	struct err err;
	float x = (float)no;

	check_ok(gguf_writer_init(&w, path, &err), &err);
	if (no == 0)
		gguf_put_str(&w, "general.architecture", "llama");
	gguf_put_array(&w, "unused", GGUF_U8, NULL, 0);
	gguf_put_u32(&w, "split.no", no);
	gguf_put_u32(&w, "split.count", count);
	gguf_put_i32(&w, "split.tensors.count", 3);
	gguf_put_tensor(&w, &(struct tensor){.name = tensor_name, .dims = 1, .shape = {1}});
	check_ok(gguf_writer_data(&w, &x, sizeof(x), &err), &err);
	check_ok(gguf_writer_commit(&w, &err), &err);
	gguf_writer_release(&w);
	return path;
}

static void parts_are_opened_by_the_first(void **state)
{
	static const char *const names[] = {"m-00001-of-00003.gguf", "m-00002-of-00003.gguf", "m-00003-of-00003.gguf"};
	static const char *const tensors[] = {"a", "b", "c"};
	char *paths[3], *other;
	struct tensor t;
	struct gguf g;
	struct err err;

	for (unsigned i = 0; i < 3; i++)
		paths[i] = write_part(*state, names[i], i, 3, tensors[i]);
	check_ok(gguf_open(&g, paths[0], &err), &err);
	assert_int_equal(g.files.n, 3);
	for (unsigned i = 0; i < 3; i++) {
		check_ok(gguf_tensor(&g, tensors[i], &t, &err), &err);
		assert_true(*(const float *)t.data == (float)i);
	}
	gguf_release(&g);
	check_refused(gguf_open(&g, paths[1], &err), &err, ERR_VALUE,
		"this is part 2 of 3; open the model by its first part, ...-00001-of-00003.gguf");
	gguf_release(&g);

	free(write_part(*state, names[2], 1, 3, "c"));
	check_refused(gguf_open(&g, paths[0], &err), &err, ERR_FORMAT,
		"this is part 2 of 3 by its keys, and part 3 of 3 by its name");
	gguf_release(&g);
	free(write_part(*state, names[2], 2, 3, "b"));
	check_refused(gguf_open(&g, paths[0], &err), &err, ERR_FORMAT, "tensor \"b\" is both in");
	gguf_release(&g);
	assert_int_equal(unlink(paths[2]), 0);
	check_refused(gguf_open(&g, paths[0], &err), &err, ERR_NOT_FOUND, "m-00003-of-00003.gguf' is missing");
	gguf_release(&g);
	other = write_part(*state, "renamed.gguf", 0, 3, "a");
	check_refused(gguf_open(&g, other, &err), &err, ERR_FORMAT, "must be called ...-00001-of-00003.gguf");
	gguf_release(&g);
	free(other);
	for (unsigned i = 0; i < 3; i++)
		free(paths[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_tempdir(values_by_hand_are_read),
		in_tempdir(arrays_by_hand_are_read),
		in_tempdir(bad_headers_are_refused),
		in_tempdir(bad_tensors_are_refused),
		in_tempdir(types_that_are_not_handled_are_named),
		in_tempdir(written_files_are_read),
		in_tempdir(keys_are_copied_from_file_to_file),
		in_tempdir(damaged_files_are_survived),
		in_tempdir(parts_are_opened_by_the_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
