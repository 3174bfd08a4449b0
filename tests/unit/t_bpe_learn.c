/*
 * Learnt vocabularies: against an example worked by hand, against a plain learner that spells every word anew before
 * each merge, and loaded again as a tokenizer.
 */
#include "tempdir.h"

#include <jansson.h>

#include "base/rng.h"
#include "store/file.h"
#include "text/bpe_learn.h"
#include "text/tokenizer.h"

static const struct bpe_special specials[] = {{"<s>", "bos_token"}, {"</s>", "eos_token"}, {"<pad>", NULL}};
#define N_SPECIALS ARRAY_LEN(specials)
#define BYTE(c) (N_SPECIALS + (unsigned char)(c))
#define FIRST_MERGE (N_SPECIALS + 256)

static json_t *read_json(const char *dir, const char *name)
{
	char *path = file_join(dir, name);
	json_error_t error;
	json_t *v = json_load_file(path, 0, &error);

	if (!v)
		fail_msg("%s: %s", path, error.text);
	free(path);
	return v;
}

/* The learnt file; caller decrefs. *model: its part of that name. */
static json_t *learn(const char *dir, const char *const *texts, size_t n, size_t vocab, size_t *size, json_t **model)
{
	struct err err;
	json_t *file;

	check_ok(bpe_learn(dir, texts, n, vocab, specials, N_SPECIALS, size, &err), &err);
	file = read_json(dir, "tokenizer.json");
	*model = json_object_get(file, "model");
	assert_int_equal(json_object_size(json_object_get(*model, "vocab")), *size);
	return file;
}

static struct tokenizer *load(const char *dir)
{
	struct tokenizer *t = NULL;
	struct err err;

	check_ok(tokenizer_load(&t, dir, &err), &err);
	return t;
}

static void check_merges(const json_t *model, const char *const *expected, size_t n)
{
	const json_t *merges = json_object_get(model, "merges");

	assert_int_equal(json_array_size(merges), n);
	for (size_t i = 0; i < n; i++)
		assert_string_equal(json_string_value(json_array_get(merges, i)), expected[i]);
}

/*
 * The words are "low" (3), " low" (1), " lower" (2), " newest" (2). At first l o and o w stand 6 times, w e 4 times,
 * and the lower ids are merged: l o. Then lo w (6), Ġ low (3), and of those that stand twice Ġ n, e r, e s, e w; of the
 * pairs of merged tokens Ġlow er has the lowest first id; at last nothing stands twice.
 */
static void by_hand(void **state)
{
	static const char *const texts[] = {"low low lower", "low newest", "low lower newest"};
	static const char *const merges[] = {
		"l o", "lo w", "Ġ low", "Ġ n", "e r", "e s", "e w", "Ġlow er", "Ġn ew", "es t", "Ġnew est"};
	size_t size;
	json_t *model, *file, *vocab;

	file = learn(*state, texts, ARRAY_LEN(texts), FIRST_MERGE + 3, &size, &model);
	assert_int_equal(size, FIRST_MERGE + 3);
	check_merges(model, merges, 3);
	json_decref(file);
	file = learn(*state, texts, ARRAY_LEN(texts), 5000, &size, &model);
	assert_int_equal(size, FIRST_MERGE + ARRAY_LEN(merges));
	check_merges(model, merges, ARRAY_LEN(merges));
	vocab = json_object_get(model, "vocab");
	assert_int_equal(json_integer_value(json_object_get(vocab, "</s>")), 1);
	assert_int_equal(json_integer_value(json_object_get(vocab, "Ā")), BYTE(0));
	assert_int_equal(json_integer_value(json_object_get(vocab, "l")), BYTE('l'));
	assert_int_equal(json_integer_value(json_object_get(vocab, "ÿ")), BYTE(255));
	assert_int_equal(json_integer_value(json_object_get(vocab, "Ġlow")), FIRST_MERGE + 2);
	json_decref(file);
}

static void bytes_alone(void **state)
{
	static const char *const texts[] = {"aaaa aaaa"};
	size_t size;
	json_t *model, *file = learn(*state, texts, 1, FIRST_MERGE, &size, &model);

	assert_int_equal(size, FIRST_MERGE);
	check_merges(model, NULL, 0);
	json_decref(file);
	file = learn(*state, NULL, 0, 300, &size, &model);
	assert_int_equal(size, FIRST_MERGE);
	json_decref(file);
}

/* The plain learner: one word a text, each as the tokens that the merges so far spell it with. */
#define PLAIN_MAX 24

struct plain {
	char tokens[64][PLAIN_MAX]; /* spellings in the order of their ids: letters, then merges */
	size_t n_tokens;
	size_t merges[64][2], n_merges; /* of tokens */
};

static size_t plain_id(const struct plain *p, const char *spelling)
{
	size_t i = 0;

	while (i < p->n_tokens && strcmp(p->tokens[i], spelling) != 0)
		i++;
	return i;
}

/* By the definition: the merge that was learnt first, at its leftmost place, again and again. */
static size_t plain_spell(const struct plain *p, const char *word, size_t *ids)
{
	size_t n = strlen(word), rank = 0;

	for (size_t i = 0; i < n; i++)
		ids[i] = plain_id(p, (const char[]){word[i], '\0'});
	while (rank < p->n_merges) {
		size_t i = 0;
		char whole[2 * PLAIN_MAX];

		while (i + 1 < n && (ids[i] != p->merges[rank][0] || ids[i + 1] != p->merges[rank][1]))
			i++;
		if (i + 1 >= n) {
			rank++;
			continue;
		}
		snprintf(whole, sizeof(whole), "%s%s", p->tokens[ids[i]], p->tokens[ids[i + 1]]);
		ids[i] = plain_id(p, whole);
		memmove(ids + i + 1, ids + i + 2, (n - i - 2) * sizeof(*ids));
		n--;
		rank = 0;
	}
	return n;
}

/* Learns one merge: false where no pair stands twice. */
static bool plain_step(struct plain *p, const char *const *words, size_t n)
{
	size_t counts[64][64] = {{0}}, ids[PLAIN_MAX], left = 0, right = 0;

	for (size_t w = 0; w < n; w++) {
		size_t len = plain_spell(p, words[w], ids);

		for (size_t i = 0; i + 1 < len; i++)
			counts[ids[i]][ids[i + 1]]++;
	}
	for (size_t i = 0; i < p->n_tokens; i++)
		for (size_t j = 0; j < p->n_tokens; j++)
			if (counts[i][j] > counts[left][right]) {
				left = i;
				right = j;
			}
	if (counts[left][right] < 2)
		return false;
	strcat(strcpy(p->tokens[p->n_tokens++], p->tokens[left]), p->tokens[right]);
	p->merges[p->n_merges][0] = left;
	p->merges[p->n_merges++][1] = right;
	return true;
}

/* Words of few letters, where pairs overlap and tie. */
static void against_plain(void **state)
{
	struct rng rng;

	rng_seed(&rng, 5);
	for (int round = 0; round < 150; round++) {
		struct plain p = {.tokens = {"a", "b", "c"}, .n_tokens = 3};
		char words[12][12], merge[2 * PLAIN_MAX];
		const char *texts[12];
		json_t *file, *model, *merges;
		size_t size;

		for (size_t w = 0; w < 12; w++) {
			uint32_t len = 1 + rng_below(&rng, 11);

			for (uint32_t i = 0; i < len; i++)
				words[w][i] = (char)('a' + rng_below(&rng, round % 2 ? 2 : 3));
			words[w][len] = '\0';
			texts[w] = words[w];
		}
		file = learn(*state, texts, 12, FIRST_MERGE + 40, &size, &model);
		merges = json_object_get(model, "merges");
		while (p.n_tokens < 43 && plain_step(&p, texts, 12))
			;
		assert_int_equal(json_array_size(merges), p.n_merges);
		assert_int_equal(size - FIRST_MERGE, p.n_tokens - 3);
		for (size_t i = 0; i < p.n_merges; i++) {
			snprintf(merge, sizeof(merge), "%s %s", p.tokens[p.merges[i][0]], p.tokens[p.merges[i][1]]);
			assert_string_equal(json_string_value(json_array_get(merges, i)), merge);
		}
		json_decref(file);
	}
}

static void order_is_no_matter(void **state)
{
	static const char *const texts[] = {"Blue ink 12 ml", "Red ink 12 ml", "Blue pen, 3 pens", "ein Stück Tinte"};
	static const char *const turned[] = {"ein Stück Tinte", "Blue pen, 3 pens", "Red ink 12 ml", "Blue ink 12 ml"};
	size_t size;
	json_t *model, *a = learn(*state, texts, 4, 400, &size, &model),
		       *b = learn(*state, turned, 4, 400, &size, &model);

	assert_true(size > FIRST_MERGE + 10);
	assert_true(json_equal(a, b));
	json_decref(a);
	json_decref(b);
}

/* Loaded again: what is spelt comes back, whatever it is, and special tokens are where they should be. */
static void as_a_tokenizer(void **state)
{
	static const char *const texts[] = {"Epson ink, black & white", "Epson ink, black", "Epson paper, white",
		"paper ink", "<s> <s> <s> </s> </s>"};
	static const char *const others[] = {"", " ", "Epson ink, white</s>Epson paper", "\n\t x  ", "naïve café ☃ 𝄞",
		"\x01\x7f", "<s", "don't I'LL 3rd 10,000", "　wide　", "e\xcc\x81"};
	struct tokenizer *t;
	struct vec_u32 ids = {0};
	struct buf text = {0};
	size_t size, unknown = 0;
	json_t *model, *file = learn(*state, texts, ARRAY_LEN(texts), 330, &size, &model);
	struct err err;

	t = load(*state);
	assert_int_equal(tokenizer_vocab_size(t), size);
	assert_int_equal(tokenizer_bos(t), 0);
	assert_int_equal(tokenizer_eos(t), 1);
	assert_int_equal(tokenizer_unk(t), TOKEN_NONE);
	for (size_t i = 0; i < ARRAY_LEN(texts) + ARRAY_LEN(others); i++) {
		const char *given = i < ARRAY_LEN(texts) ? texts[i] : others[i - ARRAY_LEN(texts)];

		vec_clear(&ids);
		buf_clear(&text);
		check_ok(tokenizer_encode(t, given, strlen(given), true, &ids, &unknown, &err), &err);
		assert_int_equal(ids.at[0], 0);
		check_ok(tokenizer_decode(t, ids.at + 1, ids.n - 1, false, &text, &err), &err);
		assert_string_equal(buf_str(&text), given);
	}
	assert_int_equal(unknown, 0);
	vec_clear(&ids);
	check_ok(tokenizer_encode(t, "Epson ink</s>Epson ink<pad>", 27, false, &ids, NULL, &err), &err);
	assert_int_equal(ids.n, 6); /* two words, learnt whole, and the special tokens */
	assert_int_equal(ids.at[2], 1);
	assert_int_equal(ids.at[3], ids.at[0]);
	assert_int_equal(ids.at[5], 2);
	vec_release(&ids);
	buf_release(&text);
	tokenizer_free(t);
	json_decref(file);
}

/* A text that holds a special token's spelling often does not make an ordinary token of it. */
static void specials_are_not_learnt(void **state)
{
	static const char *const texts[] = {"<s><s><s><s>", "<s> <s>"};
	size_t size;
	json_t *model, *file = learn(*state, texts, 2, 400, &size, &model), *merge;
	const json_t *merges = json_object_get(model, "merges");
	size_t i;

	json_array_foreach(merges, i, merge) {
		assert_string_not_equal(json_string_value(merge), "< s>");
		assert_string_not_equal(json_string_value(merge), "<s >");
	}
	assert_int_equal(json_integer_value(json_object_get(json_object_get(model, "vocab"), "<s>")), 0);
	json_decref(file);
	tokenizer_free(load(*state));
}

static void long_words(void **state)
{
	char *word = calloc(1, 5001);
	const char *texts[] = {word};
	size_t size;
	json_t *model, *file;

	memset(word, 'x', 1000);
	file = learn(*state, texts, 1, 270, &size, &model);
	assert_true(size > FIRST_MERGE);
	json_decref(file);
	memset(word, 'x', 5000);
	file = learn(*state, texts, 1, 270, &size, &model);
	assert_int_equal(size, FIRST_MERGE);
	json_decref(file);
	free(word);
}

static void refusals(void **state)
{
	static const struct bpe_special twice[] = {{"<s>", NULL}, {"<s>", "bos_token"}}, byte[] = {{"Ġ", NULL}};
	static const char *const wrong[] = {"good", "a\xff"}, *const codes[] = {"<a>", "<b>", "<a>"};
	struct err err;
	size_t size;
	char *path;

	check_refused(bpe_learn(*state, NULL, 0, FIRST_MERGE - 1, specials, N_SPECIALS, &size, &err), &err, ERR_VALUE,
		"3 special tokens and 256 bytes");
	check_refused(
		bpe_learn(*state, NULL, 0, SIZE_MAX, specials, N_SPECIALS, &size, &err), &err, ERR_VALUE, "the most");
	check_refused(bpe_learn(*state, wrong, 2, 300, specials, N_SPECIALS, &size, &err), &err, ERR_VALUE,
		"not valid UTF-8");
	check_refused(
		bpe_learn(*state, NULL, 0, 300, twice, 2, &size, &err), &err, ERR_VALUE, "\"<s>\" is given twice");
	check_refused(bpe_learn(*state, NULL, 0, 300, byte, 1, &size, &err), &err, ERR_VALUE, "is given twice");
	check_refused(
		codebook_write(*state, codes, 3, NULL, 0, &size, &err), &err, ERR_VALUE, "\"<a>\" is given twice");
	check_refused(codebook_write(*state, codes, 1, (const struct bpe_special[]){{"<a>", NULL}}, 1, &size, &err),
		&err, ERR_VALUE, "\"<a>\" is given twice");
	assert_int_equal(tempdir_count(*state), 0);
	path = tempdir_path(*state, "none");
	check_refused(bpe_learn(path, NULL, 0, 300, specials, N_SPECIALS, &size, &err), &err, ERR_IO, "none");
	free(path);
}

static void codebook(void **state)
{
	static const struct bpe_special named[] = {{"<s>", "bos_token"}, {"</s>", "eos_token"}, {"<unk>", "unk_token"}};
	static const char *const codes[] = {"<a_1>", "<a_12>", "<b_3>"};
	static const char text[] = "<a_12><b_3></s>x y<a_1>";
	static const uint32_t expected[] = {0, 4, 5, 1, 2, 3};
	struct vec_u32 ids = {0};
	struct buf back = {0};
	struct tokenizer *t;
	size_t size, unknown = 0;
	struct err err;

	check_ok(codebook_write(*state, codes, 3, named, 3, &size, &err), &err);
	assert_int_equal(size, 6);
	t = load(*state);
	assert_int_equal(tokenizer_vocab_size(t), 6);
	assert_int_equal(tokenizer_unk(t), 2);
	check_ok(tokenizer_encode(t, text, strlen(text), true, &ids, &unknown, &err), &err);
	assert_int_equal(ids.n, ARRAY_LEN(expected));
	assert_memory_equal(ids.at, expected, sizeof(expected));
	assert_int_equal(unknown, 1);
	check_ok(tokenizer_decode(t, ids.at + 1, 2, false, &back, &err), &err);
	assert_string_equal(buf_str(&back), "<a_12><b_3>");
	vec_release(&ids);
	buf_release(&back);
	tokenizer_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_tempdir(by_hand),
		in_tempdir(bytes_alone),
		in_tempdir(against_plain),
		in_tempdir(order_is_no_matter),
		in_tempdir(as_a_tokenizer),
		in_tempdir(specials_are_not_learnt),
		in_tempdir(long_words),
		in_tempdir(refusals),
		in_tempdir(codebook),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
