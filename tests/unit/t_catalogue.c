/* The catalogue: items by id and by title, and the token sequences that a tokenizer and a template give them. */
#include "check.h"

#include <unistd.h>

#include "base/rng.h"
#include "data/catalogue.h"
#include "store/file.h"

/* Letters a, b, c, the quotation mark and "ab"; what is none of them is <unk>. */
static const char tokenizer_json[] =
	"{\"version\": \"1.0\", \"truncation\": null, \"padding\": null, \"normalizer\": null,"
	" \"pre_tokenizer\": null, \"post_processor\": null, \"decoder\": null,"
	" \"added_tokens\": [{\"id\": 0, \"content\": \"</s>\", \"single_word\": false, \"lstrip\": false,"
	"   \"rstrip\": false, \"normalized\": false, \"special\": true}],"
	" \"model\": {\"type\": \"BPE\", \"dropout\": null, \"unk_token\": \"<unk>\", \"fuse_unk\": true,"
	"   \"continuing_subword_prefix\": null, \"end_of_word_suffix\": null, \"byte_fallback\": false,"
	"   \"vocab\": {\"</s>\": 0, \"<unk>\": 1, \"a\": 2, \"b\": 3, \"c\": 4, \"\\\"\": 5, \"ab\": 6},"
	"   \"merges\": [\"a b\"]}}";

/* One template with quotation marks, as published, and one that gives an empty title no tokens. */
static const char quoted_template[] = "item: {title}\nseparator: ,\nanswer: \"{title}\"\n---\n{history}";
static const char bare_template[] = "item: {title}\nseparator: ,\nanswer: {title}\n---\n{history}";

struct world {
	struct tokenizer *tokenizer;
	struct template *quoted, *bare;
};

static char dir[64] = "t_catalogue.XXXXXX";

static char *put(const char *name, const char *text)
{
	char *path = file_join(dir, name);
	struct err err;

	if (file_write(path, text, strlen(text), &err))
		fail_msg("%s", err.msg);
	return path;
}

static void load_template(struct template **out, const char *text)
{
	char *path = put("template", text);
	struct err err;

	if (template_load(out, path, "test", &err))
		fail_msg("%s", err.msg);
	unlink(path);
	free(path);
}

static int make_world(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct err err;
	char *path;

	if (!mkdtemp(dir))
		return -1;
	path = put("tokenizer.json", tokenizer_json);
	if (tokenizer_load(&w->tokenizer, path, &err))
		fail_msg("%s", err.msg);
	unlink(path);
	free(path);
	load_template(&w->quoted, quoted_template);
	load_template(&w->bare, bare_template);
	*state = w;
	return rmdir(dir);
}

static int free_world(void **state)
{
	struct world *w = *state;

	template_free(w->quoted);
	template_free(w->bare);
	tokenizer_free(w->tokenizer);
	free(w);
	return 0;
}

static void add(struct catalogue *c, const char *id, const char *title)
{
	struct err err;

	assert_int_equal(catalogue_add(c, id, title, &err), 0);
}

static void check_tokens(const struct catalogue *c, size_t item, const uint32_t *expected, size_t n)
{
	assert_int_equal(c->first[item + 1] - c->first[item], n);
	if (n)
		assert_memory_equal(c->tokens + c->first[item], expected, n * sizeof(*expected));
}

#define tokens_are(c, item, ...) \
	check_tokens( \
		c, item, (const uint32_t[]){__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

static void ids_and_titles(void **state)
{
	struct catalogue c;
	struct err err;

	(void)state;
	catalogue_init(&c);
	assert_int_equal(catalogue_find(&c, "1"), ITEM_NONE);
	for (int i = 0; i < 3000; i++) {
		char id[16], title[16];

		snprintf(id, sizeof(id), "%d", i * 7);
		snprintf(title, sizeof(title), "title %d", i % 1000);
		add(&c, id, i == 5 ? NULL : title); /* none */
	}
	assert_int_equal(c.n, 3000);
	assert_int_equal(c.n_titles, 1000);
	for (uint32_t i = 0; i < 3000; i++) {
		uint32_t first = i == 5 ? 5 : i % 1000 == 5 ? 1005 : i % 1000;
		char id[16];

		snprintf(id, sizeof(id), "%u", i * 7);
		assert_int_equal(catalogue_find(&c, id), i);
		assert_int_equal(c.items[i].same_title, first);
	}
	assert_string_equal(c.items[5].title, "");
	assert_int_equal(catalogue_add(&c, "7", "again", &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
	assert_non_null(strstr(err.msg, "'7'"));
	assert_int_equal(c.n, 3000);
	catalogue_release(&c);
}

static void spellings(void **state)
{
	struct spelling s = {.eos = 9};
	struct catalogue c;

	(void)state;
	catalogue_init(&c);
	for (char id[2] = "a"; *id < 'e'; ++*id)
		add(&c, id, id);
	spelling_add(&s, (const uint32_t[]){1, 2}, 2);
	spelling_add(&s, NULL, 0);
	spelling_add(&s, (const uint32_t[]){1, 9, 2}, 3);
	spelling_add(&s, (const uint32_t[]){3}, 1);
	catalogue_spell(&c, &s);
	assert_int_equal(s.first.n, 0);
	tokens_are(&c, 0, 1, 2, 9);
	check_tokens(&c, 1, NULL, 0);
	check_tokens(&c, 2, NULL, 0);
	tokens_are(&c, 3, 3, 9);
	assert_int_equal(c.eos, 9);
	assert_int_equal(c.n_empty, 2);
	assert_int_equal(c.n_inner_eos, 1);
	catalogue_release(&c);
}

static void encoded(void **state)
{
	const struct world *w = *state;
	struct catalogue c;
	struct err err;

	catalogue_init(&c);
	add(&c, "1", "abc");
	add(&c, "2", "");
	add(&c, "3", "bxa");
	add(&c, "4", "a</s>b");
	assert_int_equal(catalogue_encode(&c, w->tokenizer, w->quoted, 0, &err), 0);
	tokens_are(&c, 0, 5, 6, 4, 5, 0);
	tokens_are(&c, 1, 5, 5, 0); /* the quotation marks of nothing */
	tokens_are(&c, 2, 5, 3, 1, 2, 5, 0);
	check_tokens(&c, 3, NULL, 0);
	assert_int_equal(c.n_unknown, 1);
	assert_int_equal(c.n_empty, 1);
	assert_int_equal(c.n_inner_eos, 1);

	assert_int_equal(catalogue_encode(&c, w->tokenizer, w->bare, 4, &err), 0); /* c is now the token that ends */
	check_tokens(&c, 0, NULL, 0);
	check_tokens(&c, 1, NULL, 0);
	tokens_are(&c, 3, 2, 0, 3, 4);
	assert_int_equal(c.eos, 4);
	assert_int_equal(c.n_empty, 2);
	assert_int_equal(c.n_inner_eos, 1);
	catalogue_release(&c);
}

static void failure_keeps_the_old(void **state)
{
	const struct world *w = *state;
	struct catalogue c;
	struct err err;

	catalogue_init(&c);
	add(&c, "1", "a");
	assert_int_equal(catalogue_encode(&c, w->tokenizer, w->quoted, TOKEN_NONE, &err), -1);
	assert_int_equal(err.code, ERR_VALUE);
	assert_null(c.first);
	assert_int_equal(catalogue_encode(&c, w->tokenizer, w->quoted, 0, &err), 0);
	c.items[0].text = "b\xff";
	assert_int_equal(catalogue_encode(&c, w->tokenizer, w->quoted, 0, &err), -1);
	assert_non_null(strstr(err.msg, "item '1'"));
	tokens_are(&c, 0, 5, 2, 5, 0);
	catalogue_release(&c);
}

/* Cuts the titles and compares; an expected text of NULL is the whole title. */
static void check_cut(size_t words, const char *const titles[][2], size_t n)
{
	struct catalogue c;
	struct err err;

	catalogue_init(&c);
	for (size_t i = 0; i < n; i++) {
		char id[24];

		snprintf(id, sizeof(id), "%zu", i);
		add(&c, id, titles[i][0]);
	}
	check_ok(catalogue_set_texts(&c, ITEM_TITLE, words, &err), &err);
	for (size_t i = 0; i < n; i++) {
		assert_string_equal(c.items[i].title, titles[i][0]);
		assert_string_equal(c.items[i].text, titles[i][1] ? titles[i][1] : titles[i][0]);
		assert_false(c.items[i].no_text);
	}
	catalogue_release(&c);
}

static void cut_titles(void **state)
{
	static const char *const two[][2] = {
		{"red pen fine point", "red pen fine point"}, /* the next begins alike, up to the last word */
		{"red pen fine pointer", NULL},
		{"red pen", NULL}, /* the beginning of others: whole */
		{"blue ink large bottle", "blue ink"},
		{"red pen fine point", NULL}, /* a second item of one title */
		{"red penguin of cloth", "red penguin"},
		{"one", NULL},
		{"red\tpen fine", NULL}, /* only spaces part words */
		{"", NULL},
	};
	static const char *const one[][2] = {
		{"a b c", "a b"},
		{"a  b c", "a  b"}, /* other spaces, another text */
		{"b x", "b"},
		{" b x", " b"},
		{"c d ", NULL}, /* parted by the space at its end alone */
		{"c d", NULL},
		{"d ", "d"},
		{"a!x", "a!x"}, /* sorts between "a" and "a b" */
		{"\xc3\xa9t\xc3\xa9 y", "\xc3\xa9t\xc3\xa9"},
	};
	static const char *const whole[][2] = {{"a b", NULL}, {"a b c d", NULL}, {"e f", NULL}};

	(void)state;
	check_cut(2, two, ARRAY_LEN(two));
	check_cut(1, one, ARRAY_LEN(one));
	check_cut(0, whole, ARRAY_LEN(whole));
	check_cut(1000, whole, ARRAY_LEN(whole));
}

/* The first k words of a title, by another road than the catalogue's: cut out and compared as strings. */
static char *first_words(const char *title, size_t k)
{
	const char *at = title;

	for (; k > 0 && *at; k--) {
		at += strspn(at, " ");
		at += strcspn(at, " ");
	}
	return xstrndup(title, (size_t)(at - title));
}

static bool shared_by_others(const struct catalogue *c, uint32_t item, const char *text, size_t k)
{
	bool shared = false;

	for (uint32_t i = 0; i < c->n && !shared; i++) {
		char *words = first_words(c->items[i].title, k);

		shared = strcmp(c->items[i].title, c->items[item].title) != 0 && strcmp(words, text) == 0;
		free(words);
	}
	return shared;
}

/* Random titles of few words, so that many begin alike: every text is the shortest that is allowed. */
static void cut_titles_are_shortest(void **state)
{
	static const char *const words[] = {"a", "b", "a!", "ab", " ", "\xff"};
	struct catalogue c;
	struct rng rng;
	struct err err;

	(void)state;
	rng_seed(&rng, 7);
	catalogue_init(&c);
	for (int i = 0; i < 400; i++) {
		struct buf title = {0};
		char id[8];

		for (uint32_t n = 1 + rng_below(&rng, 6); n > 0; n--)
			buf_addf(&title, "%s%s", words[rng_below(&rng, ARRAY_LEN(words))], n > 1 ? " " : "");
		snprintf(id, sizeof(id), "%d", i);
		add(&c, id, buf_str(&title));
		buf_release(&title);
	}
	check_ok(catalogue_set_texts(&c, ITEM_TITLE, 2, &err), &err);
	for (uint32_t i = 0; i < c.n; i++) {
		const char *title = c.items[i].title;
		bool found = false;

		for (size_t k = 2; !found && k < 16; k++) {
			char *text = first_words(title, k);
			bool whole = strlen(text) + strspn(title + strlen(text), " ") == strlen(title);

			found = whole || !shared_by_others(&c, i, text, k);
			if (found && !whole)
				assert_string_equal(c.items[i].text, text);
			else if (found && strcmp(c.items[i].text, text) != 0)
				assert_string_equal(c.items[i].text, title);
			free(text);
		}
		assert_true(found);
		for (uint32_t j = 0; j < i; j++)
			assert_int_equal(strcmp(c.items[i].text, c.items[j].text) == 0,
				strcmp(title, c.items[j].title) == 0);
	}
	catalogue_release(&c);
}

static void indexes(void **state)
{
	const struct world *w = *state;
	struct catalogue c;
	struct err err;

	catalogue_init(&c);
	add(&c, "1", "abc");
	add(&c, "2", NULL);
	check_refused(catalogue_set_texts(&c, ITEM_INDEX, 0, &err), &err, ERR_VALUE, "no item has a semantic id");
	add(&c, "3", NULL);
	add(&c, "4", "c");
	catalogue_set_index(&c, 1, "ab");
	catalogue_set_index(&c, 2, "cc");
	catalogue_set_index(&c, 3, "ab");
	assert_int_equal(c.n_indexes, 2);
	check_ok(catalogue_set_texts(&c, ITEM_INDEX, 3, &err), &err);
	assert_true(c.items[0].no_text);
	assert_string_equal(c.items[3].text, "ab");
	assert_string_equal(c.items[3].title, "c");
	check_ok(catalogue_encode(&c, w->tokenizer, w->quoted, 0, &err), &err);
	check_tokens(&c, 0, NULL, 0); /* nothing, not the quotation marks of nothing */
	tokens_are(&c, 1, 5, 6, 5, 0);
	tokens_are(&c, 2, 5, 4, 4, 5, 0);
	assert_int_equal(c.n_empty, 1);
	catalogue_release(&c);
}

static void no_titles(void **state)
{
	const struct world *w = *state;
	struct catalogue c;
	struct err err;

	catalogue_init(&c);
	check_ok(catalogue_set_texts(&c, ITEM_TITLE, 5, &err), &err);
	add(&c, "1", NULL);
	check_refused(catalogue_set_texts(&c, ITEM_TITLE, 0, &err), &err, ERR_VALUE, "no item has a title");
	catalogue_set_index(&c, 0, "ab");
	check_refused(catalogue_set_texts(&c, ITEM_TITLE, 0, &err), &err, ERR_VALUE, "set items index");
	add(&c, "2", "c");
	check_ok(catalogue_set_texts(&c, ITEM_TITLE, 1, &err), &err);
	check_ok(catalogue_encode(&c, w->tokenizer, w->quoted, 0, &err), &err);
	check_tokens(&c, 0, NULL, 0);
	tokens_are(&c, 1, 5, 4, 5, 0);
	catalogue_release(&c);
}

static void nothing_to_encode(void **state)
{
	const struct world *w = *state;
	struct catalogue c;
	struct err err;

	catalogue_init(&c);
	assert_int_equal(catalogue_encode(&c, w->tokenizer, w->quoted, 0, &err), 0);
	assert_int_equal(c.first[0], 0);
	catalogue_release(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_and_titles),
		cmocka_unit_test(spellings),
		cmocka_unit_test(encoded),
		cmocka_unit_test(failure_keeps_the_old),
		cmocka_unit_test(cut_titles),
		cmocka_unit_test(cut_titles_are_shortest),
		cmocka_unit_test(indexes),
		cmocka_unit_test(no_titles),
		cmocka_unit_test(nothing_to_encode),
	};

	return cmocka_run_group_tests(tests, make_world, free_world);
}
