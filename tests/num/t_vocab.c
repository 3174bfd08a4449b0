/*
 * Published tokenizers, and what we write of them, against ids that other programs computed, and every title of the
 * published datasets there and back. Nothing of this is in the tree: without the shared folder the tests say so and do
 * nothing.
 */
#include <unistd.h>

#include "../unit/check.h"
#include "../unit/tempdir.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/vec.h"
#include "store/file.h"
#include "store/gguf.h"
#include "store/json.h"
#include "text/tokenizer.h"

#define CASE_LIMIT (1 << 20) /* bytes of a file of cases */

/* Path of something in the shared folder; the test is skipped when it is not there. Caller frees. */
static char *shared(const char *what)
{
	const char *root = getenv("BEAMSCOPE_SHARED");
	char *path = file_join(root ? root : "../shared", what);

	if (access(path, R_OK) == 0)
		return path;
	print_message("# skipped: '%s' is not there\n", path);
	free(path);
	skip();
	return NULL;
}

/* A folder with a tokenizer.json, or a GGUF file. */
static struct tokenizer *open_at(const char *path)
{
	struct tokenizer *t = NULL;
	struct err err = {0};
	struct gguf g;

	if (file_is_dir(path)) {
		check_ok(tokenizer_load(&t, path, &err), &err);
	} else {
		check_ok(gguf_open(&g, path, &err), &err);
		check_ok(tokenizer_load_gguf(&t, &g, &err), &err);
		gguf_release(&g);
	}
	return t;
}

static struct tokenizer *open_shared(const char *what)
{
	char *path = shared(what);
	struct tokenizer *t = open_at(path);

	free(path);
	return t;
}

static void read_shared(struct buf *out, const char *name, const char *ending)
{
	char *what = xasprintf("tokenizers/%s.gguf.%s", name, ending), *path = shared(what);
	struct err err = {0};

	check_ok(file_read(out, path, CASE_LIMIT, &err), &err);
	free(path);
	free(what);
}

/* The ids of one line, as another program wrote them, against ours. */
static void check_ids(const struct vec_u32 *ids, const char *line, const char *text)
{
	for (size_t i = 0; i < ids->n; i++) {
		char *end;
		unsigned long id = strtoul(line, &end, 10);

		if (end == line || id != ids->at[i])
			fail_msg("token %zu of \"%s\" is %u, not %lu", i, text, ids->at[i], id);
		line = end;
	}
	line += strspn(line, " ");
	if (*line && *line != '\n')
		fail_msg("\"%s\" has more tokens than the %zu found", text, ids->n);
}

/* Cases are separated by a line of their own, ids of one case are one line. */
static void check_all(const char *name, const struct tokenizer *t)
{
	static const char separator[] = "\n__ggml_vocab_test__\n";
	struct buf in = {0}, out = {0};
	struct vec_u32 ids = {0};
	struct err err = {0};
	size_t n = 0;

	read_shared(&in, name, "inp");
	read_shared(&out, name, "out");
	for (char *text = in.at, *line = out.at, *next; text; text = next, n++) {
		char *end = strstr(text, separator);

		assert_non_null(line);
		next = end ? end + sizeof(separator) - 1 : NULL;
		if (end)
			*end = 0;
		vec_clear(&ids);
		check_ok(tokenizer_encode(t, text, strlen(text), false, &ids, NULL, &err), &err);
		check_ids(&ids, line, text);
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	assert_true(n > 40);
	buf_release(&in);
	buf_release(&out);
	vec_release(&ids);
}

/* The tokenizer of the other kind of file, with what we write of t. */
static struct tokenizer *written(const struct tokenizer *t, const char *dir, bool as_gguf)
{
	char *path = file_join(dir, "written.gguf");
	struct tokenizer *again = NULL;
	struct gguf_writer w;
	struct err err = {0};

	if (as_gguf) {
		check_ok(gguf_writer_init(&w, path, &err), &err);
		check_ok(tokenizer_gguf(t, tokenizer_vocab_size(t), TOKEN_NONE, &w, &err), &err);
		check_ok(gguf_writer_commit(&w, &err), &err);
		gguf_writer_release(&w);
		again = open_at(path);
	} else {
		check_ok(tokenizer_save(t, dir, &err), &err);
		again = open_at(dir);
	}
	free(path);
	return again;
}

static void check_cases(const char *dir, const char *name, const char *tokenizer)
{
	struct tokenizer *t = open_shared(tokenizer), *again;

	check_all(name, t);
	again = written(t, dir, !strstr(tokenizer, ".gguf"));
	check_all(name, again);
	tokenizer_free(t);
	tokenizer_free(again);
}

static void llama3_cases(void **state)
{
	check_cases(*state, "ggml-vocab-llama-bpe", "tokenizers/llama3");
}

static void gguf_cases(void **state)
{
	static const char *const names[] = {"llama-bpe", "gpt-2", "qwen2", "llama-spm"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char *name = xasprintf("ggml-vocab-%s", names[i]), *file = xasprintf("tokenizers/%s.gguf", name);

		check_cases(*state, name, file);
		free(name);
		free(file);
	}
}

static void qwen_cases(void **state)
{
	check_cases(*state, "ggml-vocab-qwen2", "tokenizers/qwen3"); /* the same vocabulary */
}

struct encoded {
	const char *title;
	uint32_t *ids; /* owned */
	size_t n;
};

struct tally {
	const struct tokenizer *t;
	VEC(struct encoded) all; /* of one dataset */
	size_t unknown;          /* titles with an unknown token: they cannot come back */
};

static void check_title(struct tally *tally, const char *title)
{
	struct vec_u32 ids = {0};
	struct buf text = {0};
	struct err err = {0};
	size_t unknown = 0;

	check_ok(tokenizer_encode(tally->t, title, strlen(title), false, &ids, &unknown, &err), &err);
	check_ok(tokenizer_decode(tally->t, ids.at, ids.n, false, &text, &err), &err);
	if (unknown == 0)
		assert_string_equal(buf_str(&text), title);
	tally->unknown += unknown > 0;
	vec_push(&tally->all, (struct encoded){title, ids.at, ids.n});
	buf_release(&text);
}

static int by_ids(const void *va, const void *vb)
{
	const struct encoded *a = va, *b = vb;

	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	return a->n > 0 ? memcmp(a->ids, b->ids, a->n * sizeof(*a->ids)) : 0;
}

/* Different titles must have different ids, or items would be taken for each other. */
static void check_distinct(struct tally *tally)
{
	qsort(tally->all.at, tally->all.n, sizeof(*tally->all.at), by_ids);
	for (size_t i = 1; i < tally->all.n; i++) {
		const struct encoded *a = &tally->all.at[i - 1], *b = a + 1;

		if (by_ids(a, b) == 0 && strcmp(a->title, b->title) != 0)
			fail_msg("\"%s\" and \"%s\" have the same ids", a->title, b->title);
	}
	for (size_t i = 0; i < tally->all.n; i++)
		free(tally->all.at[i].ids);
	vec_clear(&tally->all);
}

/* A dataset's titles: {"id": "title"} or {"id": {"title": "title", …}}. Returns how many. */
static size_t check_dataset(struct tally *tally, const char *what)
{
	char *path = shared(what);
	struct json_doc doc = {0};
	struct err err = {0};
	const char *id;
	json_t *item;
	size_t n = 0;

	check_ok(json_doc_read(&doc, path, &err), &err);
	json_object_foreach(doc.json, id, item) {
		const char *title = json_string_value(json_is_object(item) ? json_object_get(item, "title") : item);

		assert_non_null(title);
		check_title(tally, title);
		n++;
	}
	check_distinct(tally);
	json_doc_release(&doc);
	free(path);
	return n;
}

static void check_titles(const char *tokenizer, bool all_known)
{
	struct tally tally = {.t = open_shared(tokenizer)};
	size_t n = 0;

	n += check_dataset(&tally, "datasets/bear-office/id2name4Rec.json");
	n += check_dataset(&tally, "datasets/bear-clothing/id2name4Rec.json");
	n += check_dataset(&tally, "datasets/apao-office/Office.item.json");
	n += check_dataset(&tally, "datasets/minionerec-industrial/index/Industrial_and_Scientific.item.json");
	print_message("# %s: %zu titles, %zu with an unknown token\n", tokenizer, n, tally.unknown);
	if (all_known)
		assert_int_equal(tally.unknown, 0);
	else
		assert_true(tally.unknown < n);
	vec_release(&tally.all);
	tokenizer_free((struct tokenizer *)tally.t);
}

static void llama3_titles(void **state)
{
	(void)state;
	check_titles("tokenizers/llama3", true);
}

static void qwen_titles(void **state)
{
	(void)state;
	check_titles("tokenizers/qwen3", true);
}

static void tinystories_titles(void **state)
{
	(void)state;
	check_titles("models/tinystories-656k", false);
}

static void tinystories_sentence(void **state)
{
	static const char text[] = "Once upon a time, there was a little dog";
	static const uint32_t expected[] = {1, 80, 147, 201, 282, 215, 286, 229, 604};
	struct tokenizer *t = open_shared("models/tinystories-656k");
	struct vec_u32 ids = {0};
	struct buf back = {0};
	struct err err = {0};

	(void)state;
	assert_int_equal(tokenizer_bos(t), 1);
	assert_int_equal(tokenizer_eos(t), 2);
	assert_int_equal(tokenizer_unk(t), 0);
	assert_int_equal(tokenizer_vocab_size(t), 2048);
	check_ok(tokenizer_encode(t, text, sizeof(text) - 1, true, &ids, NULL, &err), &err);
	assert_int_equal(ids.n, ARRAY_LEN(expected));
	assert_memory_equal(ids.at, expected, sizeof(expected));
	check_ok(tokenizer_decode(t, ids.at, ids.n, true, &back, &err), &err);
	assert_string_equal(buf_str(&back), "Once upon a time, there was a little dog");
	tokenizer_free(t);
	vec_release(&ids);
	buf_release(&back);
}

static void special_tokens(void **state)
{
	struct tokenizer *llama = open_shared("tokenizers/llama3"), *qwen = open_shared("tokenizers/qwen3");

	(void)state;
	assert_int_equal(tokenizer_vocab_size(llama), 128256);
	assert_int_equal(tokenizer_bos(llama), 128000);
	assert_int_equal(tokenizer_eos(llama), 128001);
	assert_int_equal(tokenizer_vocab_size(qwen), 151669);
	assert_int_equal(tokenizer_bos(qwen), TOKEN_NONE);
	assert_int_equal(tokenizer_eos(qwen), 151645);
	tokenizer_free(llama);
	tokenizer_free(qwen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_tempdir(llama3_cases),
		in_tempdir(qwen_cases),
		in_tempdir(gguf_cases),
		cmocka_unit_test(llama3_titles),
		cmocka_unit_test(qwen_titles),
		cmocka_unit_test(tinystories_titles),
		cmocka_unit_test(tinystories_sentence),
		cmocka_unit_test(special_tokens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
