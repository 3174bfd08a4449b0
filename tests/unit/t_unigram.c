/* Unigram tokenizers whose results can be read off their files, and the character maps that come with them. */
#include "check.h"
#include "tokmaker.h"

#include "base/base64.h"
#include "base/rng.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "text/unigram.h"

static int clean(void **state)
{
	(void)state;
	tokmaker_clean();
	return 0;
}

/* vocab: "['a',-1],…"; model, rest: further members, with a comma before them, or "". */
static int load(struct tokenizer **out, const char *vocab, const char *model, const char *rest, struct err *err)
{
	struct buf json = {0};
	int rc;

	buf_addf(&json, "{'model':{'type':'Unigram','vocab':[%s]%s}%s}", vocab, model, rest);
	tokmaker_write("tokenizer.json", buf_str(&json));
	rc = tokmaker_load_dir(out, err);
	buf_release(&json);
	return rc;
}

static struct tokenizer *need(const char *vocab, const char *model, const char *rest)
{
	struct tokenizer *t = NULL;
	struct err err = {0};

	check_ok(load(&t, vocab, model, rest, &err), &err);
	return t;
}

static void check_one(const char *vocab, const char *text, const char *pieces)
{
	struct tokenizer *t = need(vocab, ",'unk_id':0", "");

	tokmaker_check(t, text, pieces);
	tokenizer_free(t);
}

static void best_sums(void **state)
{
	static const char vocab[] = "['<unk>',0],['a',-1],['b',-1.5],['ab',-2],['abc',-5],['c',-2.5],['bc',-3]";

	(void)state;
	check_one(vocab, "ab", "ab|");    /* -2 against -2.5 */
	check_one(vocab, "abc", "a|bc|"); /* -4 against -4.5 and -5 */
	check_one(vocab, "aabab", "a|ab|ab|");
	check_one(vocab, "", "");
	check_one("['<unk>',0],['aa',-2],['a',-1]", "aaa", "a|aa|"); /* of equal sums: whose last piece is longer */
	check_one("['<unk>',0],['aa',-2],['a',-1],['b',-1]", "baa", "b|aa|");
	check_one("['<unk>',0],['<s>',-3],['<',-1],['s',-1],['>',-0.5]", "<s>", "<|s|>|"); /* a piece like any other */
	check_one("['<unk>',0],['',-1],['a',-1]", "aa", "a|a|");                           /* is never found */
}

/* Whether way a counts before way b of the same word: at the first difference from the right a's piece is longer. */
static bool ends_longer(const char *a, const char *b)
{
	size_t i = strlen(a), k = strlen(b);

	while (i > 0 && k > 0 && a[i - 1] == b[k - 1]) {
		i--;
		k--;
	}
	return i > 0 && a[i - 1] != '|';
}

/* The highest sum of the ways to cut word[at …], and the way, by trying all; the sum as it comes from the left. */
static void best_way(const char *word, size_t at, double sum, char pieces[][8], const double *scores, size_t n,
	const char *way, char *best, double *highest)
{
	char longer[256];

	if (!word[at] && (sum > *highest || (sum == *highest && ends_longer(way, best)))) {
		*highest = sum;
		strcpy(best, way);
	}
	for (size_t i = 0; i < n && word[at]; i++) {
		if (strncmp(word + at, pieces[i], strlen(pieces[i])))
			continue;
		snprintf(longer, sizeof(longer), "%s%s|", way, pieces[i]);
		best_way(word, at + strlen(pieces[i]), sum + scores[i], pieces, scores, n, longer, best, highest);
	}
}

static void best_of_all_ways(void **state)
{
	struct rng rng;

	(void)state;
	rng_seed(&rng, 20260211);
	for (unsigned round = 0; round < 40; round++) {
		char pieces[24][8] = {"a", "b", "c"}, word[16], best[256];
		double scores[24], highest;
		struct buf vocab = {0};
		struct tokenizer *t;
		size_t n = 3;

		for (unsigned i = 0; i < 20; i++) {
			size_t len = 2 + rng_below(&rng, 4), known = 0;

			for (size_t k = 0; k < len; k++)
				pieces[n][k] = "abc"[rng_below(&rng, 3)];
			pieces[n][len] = 0;
			while (strcmp(pieces[known], pieces[n]))
				known++;
			n += known == n;
		}
		for (size_t i = 0; i < n; i++) { /* short enough for their sums to be exact */
			scores[i] = -(double)(1 + rng_below(&rng, 1000)) / 64;
			buf_addf(&vocab, "%s['%s',%.17g]", i > 0 ? "," : "", pieces[i], scores[i]);
		}
		t = need(buf_str(&vocab), "", "");
		for (unsigned i = 0; i < 50; i++) {
			size_t len = 1 + rng_below(&rng, 12);

			for (size_t k = 0; k < len; k++)
				word[k] = "abc"[rng_below(&rng, 3)];
			word[len] = 0;
			highest = -1e9;
			best_way(word, 0, 0, pieces, scores, n, "", best, &highest);
			tokmaker_check(t, word, best);
		}
		tokenizer_free(t);
		buf_release(&vocab);
	}
}

/* 11640073633050713 / 10^15 is a unit in the last place less than the double next to that decimal. So these two ways
 * have equal sums. */
static void scores_as_read(void **state)
{
	(void)state;
	check_one("['<unk>',0],['ab',-11.640073633050713],['a',-11.640073633050712],['b',0]", "ab", "ab|");
}

static void unknown_characters(void **state)
{
	static const char vocab[] = "['<unk>',0],['a',-1],['xy',-99],['<0xC3>',0],['<0xA9>',0]";
	struct vec_u32 ids = {0};
	struct err err = {0};
	struct tokenizer *t = need(vocab, ",'unk_id':0", "");

	(void)state;
	assert_string_equal(tokenizer_kind(t), "Unigram");
	assert_int_equal(tokenizer_unk(t), 0);
	tokmaker_check(t, "azza", "a|<unk>|a|"); /* fused */
	assert_int_equal(tokmaker_unknown(t, "azzaz"), 2);
	tokmaker_check(t, "a\xC3\xA9", "a|<unk>|");
	tokmaker_check(t, "<unk>z", "<unk>|"); /* spelt out it is unknown as well, and fused */
	tokmaker_check(t, "<unk>", "<unk>|");
	tokenizer_free(t);
	t = need(vocab, ",'unk_id':0,'byte_fallback':true", "");
	assert_string_equal(tokenizer_kind(t), "Unigram with byte fallback");
	tokmaker_check(t, "a\xC3\xA9\xC3\xA9", "a|<0xC3>|<0xA9>|<0xC3>|<0xA9>|");
	assert_int_equal(tokmaker_unknown(t, "\xC3\xA9"), 0);
	tokmaker_check(t, "\xC3\xA9z", "<unk>|"); /* one of the run's bytes has no token: none of them is used */
	tokmaker_check(t, "xy", "xy|");           /* which costs less than two unknown characters, 218 */
	tokenizer_free(t);
	t = need("['<unk>',0],['a',-1],['xy',-30]", ",'unk_id':0", "");
	tokmaker_check(t, "xy", "xy|"); /* a piece of the lowest score is better than two unknown characters */
	tokenizer_free(t);
	t = need("['a',-1],['xy',-30]", ",'unk_id':null", "");
	assert_int_equal(tokenizer_unk(t), TOKEN_NONE);
	tokmaker_check(t, "a", "a|");
	check_refused(tokenizer_encode(t, "a\xC3\xA9", 3, true, &ids, NULL, &err), &err, ERR_VALUE, "U+00E9");
	assert_int_equal(ids.n, 0);
	tokenizer_free(t);
	vec_release(&ids);
}

/* A character map whose trie has 256 units for every node: its children are counted from the first of them. */
struct map_maker {
	uint32_t units[64 * 256];
	size_t nodes;
	struct buf texts;
};

#define CHILD(node, byte) (256 * (size_t)(node) + (byte))

static void map_maker_put(struct map_maker *m, const char *key, const char *text)
{
	size_t at = 0, base = 1; /* the root's unit is 0, its children begin at 256 */

	if (m->nodes == 0) {
		m->nodes = 2;
		m->units[0] = 256u << 10;
	}
	for (; *key; key++) {
		at = CHILD(base, (unsigned char)*key);
		if (!m->units[at])
			m->units[at] = (uint32_t)(at ^ CHILD(m->nodes++, 0)) << 10 | (unsigned char)*key;
		base = (at ^ m->units[at] >> 10) / 256;
	}
	m->units[at] |= 1u << 8;
	m->units[CHILD(base, 0)] = 1u << 31 | (uint32_t)m->texts.len;
	buf_add(&m->texts, text, strlen(text) + 1);
}

static void add_u32(struct buf *out, uint32_t x)
{
	for (int shift = 0; shift < 32; shift += 8)
		buf_addch(out, (char)(x >> shift));
}

/* ",'normalizer':{…}" of the map; it is empty then. */
static char *map_normalizer(struct map_maker *m)
{
	struct buf bytes = {0}, json = {0};

	add_u32(&bytes, (uint32_t)(1024 * m->nodes));
	for (size_t i = 0; i < 256 * m->nodes; i++)
		add_u32(&bytes, m->units[i]);
	buf_add(&bytes, buf_str(&m->texts), m->texts.len);
	buf_addstr(&json, ",'normalizer':{'type':'Precompiled','precompiled_charsmap':'");
	base64_encode(&json, buf_str(&bytes), bytes.len);
	buf_addstr(&json, "'}");
	buf_release(&bytes);
	buf_release(&m->texts);
	memset(m, 0, sizeof(*m));
	return buf_detach(&json);
}

/* All characters are unknown, so that what stands for them can be asked for by one token. */
static void check_normal(const char *normalizer, const char *text, const char *normal)
{
	struct buf vocab = {0};
	struct tokenizer *t;

	buf_addf(&vocab, "['<unk>',0],['%s',-1]", normal);
	t = need(buf_str(&vocab), ",'unk_id':0", normalizer);
	buf_clear(&vocab);
	buf_addf(&vocab, "%s|", normal);
	tokmaker_check(t, text, buf_str(&vocab));
	tokenizer_free(t);
	buf_release(&vocab);
}

static void character_maps(void **state)
{
	struct map_maker *m = calloc(1, sizeof(*m));
	char *normalizer;

	(void)state;
	map_maker_put(m, "\xEF\xAC\x81", "fi");
	map_maker_put(m, "e\xCC\x81", "\xC3\xA9");
	map_maker_put(m, "q", "Q");
	map_maker_put(m, "qq", "no");
	map_maker_put(m, "\r", " ");
	map_maker_put(m, "\x01", "");
	map_maker_put(m, "\xE0\xA4\x95", "k");
	normalizer = map_normalizer(m);
	check_normal(normalizer, "\xEF\xAC\x81ne", "fine");
	check_normal(normalizer, "e\xCC\x81", "\xC3\xA9"); /* one grapheme cluster */
	check_normal(normalizer, "ee\xCC\x81x", "e\xC3\xA9x");
	check_normal(normalizer, "qq", "QQ");         /* cluster by cluster */
	check_normal(normalizer, "q\xCC\x81x", "Qx"); /* what follows a key in a cluster goes with it */
	check_normal(normalizer, "x\r\ny", "x y");    /* one cluster, too */
	check_normal(normalizer, "\x01x\x01", "x");
	check_normal(normalizer, "\xE0\xA4\x95\xE0\xA4\xBF", "k\xE0\xA4\xBF"); /* a cluster of six bytes: one by one */
	check_normal(normalizer, "q\xCC\x81\xCC\x82\xCC\x83", "Q\xCC\x81\xCC\x82\xCC\x83");
	free(normalizer);
	free(m);
}

/* Maps whose units lead anywhere. They normalise to something, and nothing else is touched. */
static void hostile_maps(void **state)
{
	struct map_maker *m = calloc(1, sizeof(*m));
	struct rng rng;

	(void)state;
	rng_seed(&rng, 7);
	for (unsigned round = 0; round < 300; round++) {
		struct vec_u32 ids = {0};
		struct err err = {0};
		struct tokenizer *t;
		char *normalizer;

		map_maker_put(m, "a", "\xC3\xA9");
		map_maker_put(m, "bc", "x");
		for (unsigned i = 0; i < 3; i++) {
			uint32_t *unit = &m->units[round % 2 ? CHILD(1, "abc"[rng_below(&rng, 3)])
							     : rng_below(&rng, (uint32_t)(256 * m->nodes))];

			*unit ^= 1u << rng_below(&rng, 32);
		}
		m->units[0] ^= round % 5 == 0 ? 1u << rng_below(&rng, 32) : 0;
		normalizer = map_normalizer(m);
		t = need("['<unk>',0],['a',-1]", ",'unk_id':0", normalizer);
		check_ok(tokenizer_encode(t, "abcbca\xC3\xA9", 8, false, &ids, NULL, &err), &err);
		tokenizer_free(t);
		vec_release(&ids);
		free(normalizer);
	}
	map_maker_put(m, "a", "\xC3\xA9");
	m->units[CHILD(2, 0)]++; /* into the middle of the character */
	for (unsigned to = 0; to < 2; to++) {
		char *normalizer = map_normalizer(m);

		check_normal(normalizer, "aa", "aa"); /* not a text: no key */
		free(normalizer);
		map_maker_put(m, "a", "x");
		m->units[CHILD(2, 0)] = 1u << 31 | 77; /* behind all texts */
	}
	buf_release(&m->texts);
	free(m);
}

static void character_normalizers(void **state)
{
	(void)state;
	check_normal(",'normalizer':{'type':'Nmt'}",
		"\x01"
		"a\x7F\tb\xE2\x80\x8B\xE2\x96\x81",
		"a b  ");
	check_normal(",'normalizer':{'type':'Lowercase'}", "A\xC3\x84\xCE\xA3\xC4\xB0", "a\xC3\xA4\xCF\x83i\xCC\x87");
	check_normal(",'normalizer':{'type':'StripAccents'}", "e\xCC\x81\xC3\xA9", "e\xC3\xA9");
	/* Capitals of Unicode 16 and 17; a mark of Unicode 13 that stays, a letter that was one until Unicode 12. */
	check_normal(",'normalizer':{'type':'Lowercase'}", "\uA7CB\U00010D50\U00016EA0", "\u0264\U00010D70\U00016EBB");
	check_normal(",'normalizer':{'type':'StripAccents'}", "a\u1ABF\u1CF2\u0301", "a\u1ABF");
	check_normal(",'normalizer':{'type':'Strip'}", "\xC2\xA0 a b\t\n", "a b");
	check_normal(",'normalizer':{'type':'Strip','strip_left':false}", " a ", " a");
	check_normal(",'normalizer':{'type':'Strip','strip_right':false}", " a ", "a ");
}

/* As T5's: words at white space, a mark before each, </s> at the end. */
static void marked_words(void **state)
{
	static const char vocab[] = "['<pad>',0],['</s>',0],['<unk>',0],['▁',-2],['▁a',-1],['a',-3],['b',-2]";
	static const char rest[] =
		",'added_tokens':[{'id':1,'content':'</s>','special':true},{'id':2,'content':'<unk>','special':true}],"
		"'pre_tokenizer':{'type':'Sequence','pretokenizers':[{'type':'WhitespaceSplit'},"
		"{'type':'Metaspace','replacement':'▁','%s':%s}]},"
		"'decoder':{'type':'Metaspace','replacement':'▁','%s':%s},"
		"'post_processor':{'type':'TemplateProcessing','single':[{'Sequence':{'id':'A','type_id':0}},"
		"{'SpecialToken':{'id':'</s>','type_id':0}}],'pair':[],"
		"'special_tokens':{'</s>':{'id':'</s>','ids':[1],'tokens':['</s>']}}}";
	static const struct {
		const char *key, *value, *ids;
	} cases[] = {
		{"prepend_scheme", "'always'", "4 6 3 6 4 1"},
		{"add_prefix_space", "true", "4 6 3 6 4 1"},
		{"prepend_scheme", "'first'", "4 6 6 5 1"},
		{"add_prefix_space", "false", "5 6 6 5 1"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf json = {0}, ids_text = {0}, decoded = {0};
		struct vec_u32 ids = {0};
		struct err err = {0};
		struct tokenizer *t;

		buf_addf(&json, rest, cases[i].key, cases[i].value, cases[i].key, cases[i].value);
		t = need(vocab, ",'unk_id':2", buf_str(&json));
		assert_int_equal(tokenizer_eos(t), 1);
		check_ok(tokenizer_encode(t, "ab  b\n a", 8, true, &ids, NULL, &err), &err);
		for (size_t k = 0; k < ids.n; k++)
			buf_addf(&ids_text, "%s%u", k > 0 ? " " : "", ids.at[k]);
		assert_string_equal(buf_str(&ids_text), cases[i].ids);
		check_ok(tokenizer_decode(t, ids.at, ids.n, true, &decoded, &err), &err);
		assert_string_equal(buf_str(&decoded), i < 2 ? "ab b a" : "abba");
		tokenizer_free(t);
		buf_release(&json);
		buf_release(&ids_text);
		buf_release(&decoded);
		vec_release(&ids);
	}
}

static void faults(void **state)
{
	static const struct {
		const char *vocab, *model, *rest, *message;
	} cases[] = {
		{"", "", "", "model.vocab\" is empty"},
		{"'a'", "", "", "model.vocab[0]"},
		{"['a']", "", "", "must be a piece and its score"},
		{"['a',-1],['b']", "", "", "model.vocab[1]"},
		{"[1,'a']", "", "", "model.vocab[0][0]"},
		{"['a','b']", "", "", "model.vocab[0][1]"},
		{"['a',1e300]", "", "", "model.vocab[0][1]"},
		{"['a',-1],['a',-2]", "", "", "\"a\" has two ids, 0 and 1"},
		{"['a',-1]", ",'unk_id':1", "", "model.unk_id"},
		{"['a',-1]", ",'unk_id':-1", "", "model.unk_id"},
		{"['a',-1]", ",'byte_fallback':1", "", "byte_fallback"},
		{"['a',-1]", "", ",'normalizer':{'type':'Precompiled'}", "precompiled_charsmap"},
		{"['a',-1]", "", ",'normalizer':{'type':'Precompiled','precompiled_charsmap':'A'}", "is not base 64"},
		{"['a',-1]", "", ",'normalizer':{'type':'Precompiled','precompiled_charsmap':'AAA*'}",
			"is not base 64"},
		{"['a',-1]", "", ",'normalizer':{'type':'Precompiled','precompiled_charsmap':''}", "of 0 bytes"},
		{"['a',-1]", "", ",'normalizer':{'type':'Precompiled','precompiled_charsmap':'AAAAAA=='}", "take 0 of"},
		{"['a',-1]", "", ",'normalizer':{'type':'Precompiled','precompiled_charsmap':'CAAAAAAAAAA='}",
			"take 8 of"},
		{"['a',-1]", "", ",'normalizer':{'type':'Precompiled','precompiled_charsmap':'BAAAAAAAAAD/'}", "UTF-8"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct tokenizer *t = NULL;
		struct err err = {0};

		check_refused(load(&t, cases[i].vocab, cases[i].model, cases[i].rest, &err), &err, ERR_FORMAT,
			cases[i].message);
		assert_null(t);
	}
}

/* A piece as long as they may be is taken, one byte more is not. */
static void long_pieces(void **state)
{
	(void)state;
	for (size_t len = UNIGRAM_MAX_PIECE; len <= UNIGRAM_MAX_PIECE + 1; len++) {
		struct tokenizer *t = NULL;
		struct buf vocab = {0};
		struct err err = {0};
		int rc;

		buf_addstr(&vocab, "['");
		buf_addrep(&vocab, 'a', len);
		buf_addstr(&vocab, "',-1]");
		rc = load(&t, buf_str(&vocab), "", "", &err);
		if (len == UNIGRAM_MAX_PIECE)
			check_ok(rc, &err);
		else
			check_refused(rc, &err, ERR_FORMAT, "piece 0 of the vocabulary has 1025 bytes, more than 1024");
		tokenizer_free(t);
		buf_release(&vocab);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(long_pieces, clean),
		cmocka_unit_test_teardown(best_sums, clean),
		cmocka_unit_test_teardown(best_of_all_ways, clean),
		cmocka_unit_test_teardown(scores_as_read, clean),
		cmocka_unit_test_teardown(unknown_characters, clean),
		cmocka_unit_test_teardown(character_maps, clean),
		cmocka_unit_test_teardown(hostile_maps, clean),
		cmocka_unit_test_teardown(character_normalizers, clean),
		cmocka_unit_test_teardown(marked_words, clean),
		cmocka_unit_test_teardown(faults, clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
