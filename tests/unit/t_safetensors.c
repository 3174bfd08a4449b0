#include "tempdir.h"

#include "base/buf.h"
#include "base/rng.h"
#include "store/safetensors.h"

/* A file of the given header and n bytes of data that count up from 0; `pad` spaces follow the header. */
static void make_file(struct buf *out, const char *header, size_t pad, size_t n)
{
	uint64_t len = strlen(header) + pad;

	buf_clear(out);
	for (int i = 0; i < 8; i++)
		buf_addch(out, (char)(len >> (8 * i)));
	buf_addstr(out, header);
	buf_addrep(out, ' ', pad);
	for (size_t i = 0; i < n; i++)
		buf_addch(out, (char)i);
}

static char *put_file(const char *dir, const char *name, const char *header, size_t n)
{
	struct buf bytes = {0};
	char *path;

	make_file(&bytes, header, 0, n);
	path = tempdir_put(dir, name, bytes.at, bytes.len);
	buf_release(&bytes);
	return path;
}

#define TENSOR(name, dtype, shape, from, to) \
	"\"" name "\":{\"dtype\":\"" dtype "\",\"shape\":[" shape "],\"data_offsets\":[" #from "," #to "]}"

static void written_tensors_are_read(void **state)
{
	static const float weights[6] = {1, -2, 3.5f, 0, 5, 6};
	static const uint16_t half[5] = {0x3c00, 0xc000, 1, 2, 3}, brain[2] = {0x3f80, 0xc000};
	static const struct tensor tensors[] = {
		{.name = "h", .dtype = DTYPE_F16, .dims = 1, .shape = {5}, .data = half},
		{.name = "w", .dtype = DTYPE_F32, .dims = 2, .shape = {2, 3}, .data = weights},
		{.name = "none", .dtype = DTYPE_F32, .dims = 2, .shape = {0, 7}, .data = weights},
		{.name = "b", .dtype = DTYPE_BF16, .dims = 1, .shape = {2}, .data = brain},
		{.name = "scalar \"\xc3\xa9\"", .dtype = DTYPE_F32, .dims = 0, .data = weights + 2},
	};
	static const struct safetensors_pair metadata[] = {{"format", "pt"}, {"tied", "w"}};
	char *path = tempdir_path(*state, "t.safetensors");
	struct safetensors s;
	struct tensor t;
	struct err err;

	check_ok(safetensors_write(path, tensors, ARRAY_LEN(tensors), metadata, 2, &err), &err);
	check_ok(safetensors_open(&s, path, &err), &err);
	assert_int_equal(s.entries.n, ARRAY_LEN(tensors));
	assert_string_equal(s.entries.at[0].name, "w"); /* by position */
	assert_string_equal(s.entries.at[1].name, "none");
	for (size_t i = 0; i < ARRAY_LEN(tensors); i++) {
		size_t bytes = tensor_bytes(&tensors[i]);

		check_ok(safetensors_tensor(&s, tensors[i].name, &t, &err), &err);
		assert_string_equal(t.name, tensors[i].name);
		assert_int_equal(t.dtype, tensors[i].dtype);
		assert_int_equal(t.dims, tensors[i].dims);
		for (unsigned k = 0; k < t.dims; k++)
			assert_int_equal(t.shape[k], tensors[i].shape[k]);
		assert_int_equal((uintptr_t)t.data % dtype_bytes(t.dtype, 1), 0);
		assert_memory_equal(t.data, tensors[i].data, bytes);
		assert_null(safetensors_find(&s, t.name)->copy);
	}
	assert_string_equal(safetensors_metadata(&s, "format"), "pt");
	assert_null(safetensors_metadata(&s, "absent"));
	check_ok(safetensors_tensor(&s, "tied", &t, &err), &err);
	assert_string_equal(t.name, "w");
	check_refused(safetensors_tensor(&s, "absent", &t, &err), &err, ERR_NOT_FOUND, "there is no tensor \"absent\"");
	assert_non_null(strstr(err.msg, path));
	check_refused(safetensors_tensor(&s, "format", &t, &err), &err, ERR_NOT_FOUND, "\"format\"");
	safetensors_release(&s);
	safetensors_release(&s);
	free(path);
}

static void bad_names_are_not_written(void **state)
{
	static const float x = 1;
	struct tensor t[2] = {
		{.name = "a", .dtype = DTYPE_F32, .data = &x},
		{.name = "a", .dtype = DTYPE_F32, .data = &x},
	};
	const struct safetensors_pair bad = {"key", "\xff"};
	char *path = tempdir_path(*state, "t.safetensors");
	struct err err;

	check_refused(safetensors_write(path, t, 2, NULL, 0, &err), &err, ERR_VALUE, "\"a\" cannot be the name");
	t[1].name = "\xff";
	check_refused(safetensors_write(path, t, 2, NULL, 0, &err), &err, ERR_VALUE, "not valid UTF-8");
	t[1].name = "__metadata__";
	check_refused(safetensors_write(path, t, 2, NULL, 0, &err), &err, ERR_VALUE, "__metadata__");
	check_refused(safetensors_write(path, t, 1, &bad, 1, &err), &err, ERR_VALUE, "metadata \"key\"");
	assert_int_equal(tempdir_count(*state), 0);
	free(path);
}

/* Headers of every length: data at any address comes out aligned and unchanged. */
static void misaligned_data_is_copied(void **state)
{
	struct buf bytes = {0};
	char *path = NULL;

	for (size_t pad = 0; pad < 9; pad++) {
		struct safetensors s;
		struct tensor t;
		struct err err;
		size_t start;

		make_file(&bytes,
			"{" TENSOR("c", "U8", "1", 0, 1) "," TENSOR("h", "BF16", "2", 1, 5) "," TENSOR(
				"f", "F32", "3", 5, 17) "}",
			pad, 17);
		free(path);
		path = tempdir_put(*state, "t.safetensors", bytes.at, bytes.len);
		start = bytes.len - 17;
		check_ok(safetensors_open(&s, path, &err), &err);
		check_ok(safetensors_tensor(&s, "f", &t, &err), &err);
		assert_int_equal((uintptr_t)t.data % 4, 0);
		assert_memory_equal(t.data, bytes.at + start + 5, 12);
		assert_int_equal(safetensors_find(&s, "f")->copy != NULL, (start + 5) % 4 != 0);
		check_ok(safetensors_tensor(&s, "h", &t, &err), &err);
		assert_int_equal((uintptr_t)t.data % 2, 0);
		assert_memory_equal(t.data, bytes.at + start + 1, 4);
		safetensors_release(&s);
	}
	buf_release(&bytes);
	free(path);
}

static void other_types_are_refused_when_asked_for(void **state)
{
	char *path = put_file(*state, "t",
		"{" TENSOR("i", "I64", "2", 0, 16) "," TENSOR("f8", "F8_E4M3", "3", 16, 19) "," TENSOR("new", "F3", "2",
			19, 20) "," TENSOR("five", "F32", "1,1,1,1,1", 20, 24) "," TENSOR("ok", "F32", "1", 24, 28) "}",
		28);
	struct safetensors s;
	struct tensor t;
	struct err err;

	check_ok(safetensors_open(&s, path, &err), &err);
	assert_int_equal(s.entries.n, 5);
	check_refused(safetensors_tensor(&s, "i", &t, &err), &err, ERR_UNSUPPORTED, "\"i\" is of type I64");
	check_refused(safetensors_tensor(&s, "f8", &t, &err), &err, ERR_UNSUPPORTED, "\"f8\" is of type F8_E4M3");
	check_refused(safetensors_tensor(&s, "new", &t, &err), &err, ERR_UNSUPPORTED, "\"new\" is of type F3");
	check_refused(safetensors_tensor(&s, "five", &t, &err), &err, ERR_UNSUPPORTED, "\"five\" has 5 dimensions");
	check_ok(safetensors_tensor(&s, "ok", &t, &err), &err);
	safetensors_release(&s);
	free(path);
}

static void hostile_headers_are_refused(void **state)
{
	static const struct {
		const char *header;
		size_t data;
		const char *message;
	} cases[] = {
		/* Ranges. */
		{"{" TENSOR("a", "F32", "1", 0, 4) "}", 3, "end at byte 4 of the data, which has 3"},
		{"{" TENSOR("a", "F32", "1", -4, 0) "}", 4, "\"a.data_offsets[0]\" must be an integer from 0"},
		{"{" TENSOR("a", "F32", "1", 0, -1) "}", 4, "\"a.data_offsets[1]\" must be an integer from 0"},
		{"{" TENSOR("a", "F32", "1", 4, 0) "}", 4, "\"a.data_offsets\" run backwards"},
		{"{" TENSOR("a", "F32", "1", 0, 9223372036854775807) "}", 4, "end at byte 9223372036854775807"},
		{"{" TENSOR("a", "F32", "1", 9223372036854775804, 9223372036854775807) "}", 4, "end at byte"},
		{"{" TENSOR("a", "F32", "1", 0, 18446744073709551620) "}", 4,
			"\"a.data_offsets[1]\" must be an integer"},
		{"{" TENSOR("a", "F32", "1", 0, 4.5) "}", 4, "must be an integer"},
		{"{" TENSOR("a", "F32", "1", 0, "4") "}", 4, "must be an integer"},
		{"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", 4, "must hold two offsets, not 1"},
		{"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,8]}}", 8,
			"must hold two offsets, not 3"},
		{"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":4}}", 4, "must be an array"},
		{"{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "\"a\" lacks \"data_offsets\""},
		/* Cover. */
		{"{" TENSOR("a", "F32", "1", 0, 4) "," TENSOR("b", "F32", "1", 0, 4) "}", 4,
			"\"a\" and \"b\" overlap at byte 0"},
		{"{" TENSOR("a", "F32", "2", 0, 8) "," TENSOR("b", "F32", "1", 4, 8) "}", 8,
			"\"a\" and \"b\" overlap at byte 4"},
		{"{" TENSOR("a", "F32", "1", 0, 4) "," TENSOR("b", "F32", "1", 8, 12) "}", 12,
			"bytes 4 to 8 of the data"},
		{"{" TENSOR("a", "F32", "1", 4, 8) "}", 8,
			"bytes 0 to 4 of the data, before tensor \"a\", belong to none"},
		{"{" TENSOR("a", "F32", "1", 0, 4) "}", 8, "the tensors end at byte 4 of the data, which has 8"},
		{"{}", 1, "the tensors end at byte 0 of the data, which has 1"},
		/* Shapes and types. */
		{"{" TENSOR("a", "F32", "2", 0, 4) "}", 4,
			"\"a\" holds 4 bytes, but its 2 elements of F32 need 4 each"},
		{"{" TENSOR("a", "F16", "1", 0, 4) "}", 4, "1 elements of F16 need 2 each"},
		{"{" TENSOR("a", "F32", "-1", 0, 4) "}", 4, "\"a.shape[0]\" must be an integer from 0"},
		{"{" TENSOR("a", "F32", "4294967296,4294967296", 0, 0) "}", 0,
			"\"a.shape\" gives more elements than fit"},
		{"{" TENSOR("a", "F32", "4611686018427387904", 0, 0) "}", 0, "4611686018427387904 elements of F32"},
		{"{" TENSOR("a", "F32", "1,[1]", 0, 4) "}", 4, "\"a.shape[1]\" must be an integer"},
		{"{" TENSOR("a", "F32", "0", 0, 4) "}", 4, "0 elements of F32"},
		{"{\"a\":{\"dtype\":\"F32\",\"shape\":1,\"data_offsets\":[0,4]}}", 4, "\"a.shape\" must be an array"},
		{"{\"a\":{\"dtype\":4,\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "\"a.dtype\" must be a string"},
		{"{\"a\":{\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "\"a\" lacks \"dtype\""},
		{"{\"a\":[1]}", 4, "\"a\" must be an object"},
		/* The header as such. */
		{"[]", 0, "the document must be an object, not an array"},
		{"{", 0, ":1:1: not valid JSON"},
		{"{} x", 0, "not valid JSON"},
		{"{" TENSOR("a", "F32", "1", 0, 4) "," TENSOR("a", "F32", "1", 4, 8) "}", 8, "duplicate"},
		{"{\"a\xff\":1}", 0, "not valid JSON"},
		{"{\"__metadata__\":{\"n\":1}}", 0, "\"__metadata__.n\" must be a string"},
		{"{\"__metadata__\":[]}", 0, "\"__metadata__\" must be an object"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char *path = put_file(*state, "t.safetensors", cases[i].header, cases[i].data);
		struct safetensors s;
		struct err err;

		check_refused(safetensors_open(&s, path, &err), &err, ERR_FORMAT, cases[i].message);
		assert_non_null(strstr(err.msg, path));
		safetensors_release(&s);
		free(path);
	}
}

static void impossible_lengths_are_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *message;
	} cases[] = {
		{"", 0, "0 bytes, of which 8 should give"},
		{"\x02\0\0\0\0\0\0", 7, "7 bytes, of which 8"},
		{"\0\0\0\0\0\0\0\0", 8, "not valid JSON"},
		{"\x03\0\0\0\0\0\0\0{}", 10, "should have 3 bytes, but the file ends after 2"},
		{"\xff\xff\xff\xff\xff\xff\xff\xff{}", 10, "over the limit of 100000000"},
		{"\xf8\xff\xff\xff\xff\xff\xff\xff{}", 10, "over the limit"},
		{"\x01\xe1\xf5\x05\0\0\0\0{}", 10, "over the limit"},
		{"\0\xe1\xf5\x05\0\0\0\0{}", 10, "should have 100000000 bytes, but the file ends after 2"},
		{"{\"a\": 1}{", 9, "not a safetensors file"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char *path = tempdir_put(*state, "t.safetensors", cases[i].bytes, cases[i].len);
		struct safetensors s;
		struct err err;

		check_refused(safetensors_open(&s, path, &err), &err, ERR_FORMAT, cases[i].message);
		safetensors_release(&s);
		free(path);
	}
}

static const char two[] = "{\"__metadata__\":{\"format\":\"pt\"}," TENSOR("a", "F32", "2,2", 0, 16) ","
	TENSOR("b", "BF16", "3", 16, 22) "}";

static void every_truncation_is_refused(void **state)
{
	struct buf bytes = {0};

	make_file(&bytes, two, 3, 22);
	for (size_t len = 0; len <= bytes.len; len++) {
		char *path = tempdir_put(*state, "t.safetensors", bytes.at, len);
		struct safetensors s;
		struct err err;
		int result = safetensors_open(&s, path, &err);

		assert_int_equal(result, len == bytes.len ? 0 : -1);
		safetensors_release(&s);
		free(path);
	}
	buf_release(&bytes);
}

/* Bytes changed at random: the file is refused, or all that it lists can be touched. */
static void damaged_files_are_refused_or_harmless(void **state)
{
	struct buf bytes = {0};
	unsigned opened = 0;
	struct rng rng;

	rng_seed(&rng, 21);
	for (int round = 0; round < 4000; round++) {
		struct safetensors s;
		struct err err;
		char *path;

		make_file(&bytes, two, 3, 22);
		for (uint32_t i = 1 + rng_below(&rng, 3); i > 0; i--)
			bytes.at[rng_below(&rng, (uint32_t)bytes.len)] =
				"0123456789-[]{}\",:F \xff"[rng_below(&rng, 21)];
		path = tempdir_put(*state, "t.safetensors", bytes.at, bytes.len);
		if (safetensors_open(&s, path, &err) == 0) {
			opened++;
			for (size_t i = 0; i < s.entries.n; i++) {
				volatile unsigned sum = 0;
				struct tensor t;

				for (size_t k = 0; k < s.entries.at[i].len; k++)
					sum += s.entries.at[i].data[k];
				(void)sum;
				if (safetensors_tensor(&s, s.entries.at[i].name, &t, &err) == 0)
					assert_int_equal(
						tensor_bytes(&t), s.entries.at[i].len);
			}
		}
		safetensors_release(&s);
		free(path);
	}
	assert_true(opened > 100 && opened < 3000);
	buf_release(&bytes);
}

static void shards_are_one(void **state)
{
	static const char index[] =
		"{\"metadata\":{\"total_size\":20},\"weight_map\":{\"a\":\"one.safetensors\",\"b\":\"two.safetensors\","
		"\"c\":\"one.safetensors\"}}";
	char *files[] = {
		put_file(*state, "one.safetensors",
			"{" TENSOR("a", "F32", "1", 0, 4) "," TENSOR("c", "F32", "2", 4, 12) "}", 12),
		put_file(*state, "two.safetensors",
			"{\"__metadata__\":{\"tied\":\"a\"}," TENSOR("b", "F32", "2", 0, 8) "}", 8),
		tempdir_put(*state, "model.safetensors.index.json", index, sizeof(index) - 1),
	};
	struct safetensors s;
	struct tensor t;
	struct err err;

	check_ok(safetensors_open(&s, *state, &err), &err);
	assert_int_equal(s.entries.n, 3);
	assert_int_equal(s.files.n, 2);
	check_ok(safetensors_tensor(&s, "c", &t, &err), &err);
	assert_int_equal(t.shape[0], 2);
	assert_int_equal(((const unsigned char *)t.data)[0], 4);
	check_ok(safetensors_tensor(&s, "b", &t, &err), &err);
	assert_int_equal(((const unsigned char *)t.data)[7], 7);
	check_ok(safetensors_tensor(&s, "tied", &t, &err), &err);
	assert_string_equal(t.name, "a");
	check_refused(safetensors_tensor(&s, "d", &t, &err), &err, ERR_NOT_FOUND, "and the other shards");
	safetensors_release(&s);
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		free(files[i]);
}

static void broken_indices_are_refused(void **state)
{
	static const struct {
		const char *index, *message;
		enum err_code code;
	} cases[] = {
		{"{}", "lacks \"weight_map\"", ERR_FORMAT},
		{"{\"weight_map\":[]}", "\"weight_map\" must be an object", ERR_FORMAT},
		{"{\"weight_map\":{\"a\":1}}", "\"weight_map.a\" must be a string", ERR_FORMAT},
		{"{\"weight_map\":{\"a\":\"../one\"}}", "must name a file of the same directory, not '../one'",
			ERR_FORMAT},
		{"{\"weight_map\":{\"a\":\"/etc/passwd\"}}", "must name a file of the same directory", ERR_FORMAT},
		{"{\"weight_map\":{\"a\":\"..\"}}", "must name a file of the same directory", ERR_FORMAT},
		{"{\"weight_map\":{\"a\":\"\"}}", "must name a file of the same directory", ERR_FORMAT},
		{"{\"weight_map\":{\"a\":\"absent\"}}", "absent': No such file", ERR_IO},
		{"{\"weight_map\":{\"z\":\"one\"}}", "\"weight_map.z\" is not in 'one'", ERR_FORMAT},
		{"{\"weight_map\":{\"a\":\"one\",\"b\":\"one\"}}", "\"weight_map.b\" is not in 'one'", ERR_FORMAT},
		{"{\"weight_map\":{\"a\":\"one\",\"x\":\"again\"}}", "tensor \"a\" is both in", ERR_FORMAT},
		{"{\"weight_map\":", "index.json:1:", ERR_FORMAT},
	};
	char *one = put_file(*state, "one", "{" TENSOR("a", "F32", "1", 0, 4) "}", 4);
	char *again =
		put_file(*state, "again", "{" TENSOR("x", "F32", "1", 0, 4) "," TENSOR("a", "F32", "1", 4, 8) "}", 8);

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char *path =
			tempdir_put(*state, "model.safetensors.index.json", cases[i].index, strlen(cases[i].index));
		struct safetensors s;
		struct err err;

		check_refused(safetensors_open(&s, *state, &err), &err, cases[i].code, cases[i].message);
		safetensors_release(&s);
		free(path);
	}
	free(one);
	free(again);
}

static void what_is_not_there_is_said(void **state)
{
	char *missing = tempdir_path(*state, "missing.safetensors");
	struct safetensors s;
	struct err err;

	check_refused(safetensors_open(&s, *state, &err), &err, ERR_NOT_FOUND, "holds neither model.safetensors nor");
	safetensors_release(&s);
	check_refused(safetensors_open(&s, missing, &err), &err, ERR_IO, "No such file");
	assert_non_null(strstr(err.msg, missing));
	safetensors_release(&s);
	free(missing);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_tempdir(written_tensors_are_read),
		in_tempdir(bad_names_are_not_written),
		in_tempdir(misaligned_data_is_copied),
		in_tempdir(other_types_are_refused_when_asked_for),
		in_tempdir(hostile_headers_are_refused),
		in_tempdir(impossible_lengths_are_refused),
		in_tempdir(every_truncation_is_refused),
		in_tempdir(damaged_files_are_refused_or_harmless),
		in_tempdir(shards_are_one),
		in_tempdir(broken_indices_are_refused),
		in_tempdir(what_is_not_there_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
