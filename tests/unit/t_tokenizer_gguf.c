/* Tokenizers from GGUF metadata: small ones of our own making, and what is wrong in a file. */
#include "tempdir.h"

#include <math.h>

#include "tokmaker.h"

#include "base/rng.h"
#include "base/vec.h"
#include "store/gguf.h"

/* The keys of a file; what is NULL or absent is left out. */
struct keys {
	const char *model, *pre;
	const char *tokens; /* separated by spaces; "_" in one stands for "▁" */
	const char *types;  /* a digit a token */
	const char *merges; /* separated by commas */
	float scores[32];
	size_t n_scores;
	int bos, eos, eot, unk;                    /* 0: not named */
	int add_bos, add_eos, add_space, squeezed; /* 1: false, 2: true */
};

static void put_strings(struct gguf_writer *w, const char *key, const char *list, char between)
{
	char separator[] = {between, 0};
	size_t n = *list ? 1 : 0;
	struct buf text = {0};

	for (const char *c = list; *c; c++)
		n += *c == between;
	gguf_put_strings(w, key, n);
	for (size_t len; n > 0; n--, list += len + 1) {
		len = strcspn(list, separator);
		buf_clear(&text);
		for (size_t i = 0; i < len; i++)
			if (list[i] == '_')
				buf_addstr(&text, "▁");
			else
				buf_addch(&text, list[i]);
		gguf_put_string(w, buf_str(&text), text.len);
	}
	buf_release(&text);
}

static void put_bool(struct gguf_writer *w, const char *key, int value)
{
	if (value)
		gguf_put_bool(w, key, value == 2);
}

static void put_id(struct gguf_writer *w, const char *key, int id)
{
	if (id)
		gguf_put_u32(w, key, (uint32_t)id);
}

static void put_keys(struct gguf_writer *w, const struct keys *k)
{
	int32_t types[64];
	size_t n = k->types ? strlen(k->types) : 0;

	if (k->model)
		gguf_put_str(w, "tokenizer.ggml.model", k->model);
	if (k->pre)
		gguf_put_str(w, "tokenizer.ggml.pre", k->pre);
	if (k->tokens)
		put_strings(w, "tokenizer.ggml.tokens", k->tokens, ' ');
	for (size_t i = 0; i < n; i++)
		types[i] = k->types[i] - '0';
	if (k->types)
		gguf_put_array(w, "tokenizer.ggml.token_type", GGUF_I32, types, n);
	if (k->merges)
		put_strings(w, "tokenizer.ggml.merges", k->merges, ',');
	if (k->n_scores)
		gguf_put_array(w, "tokenizer.ggml.scores", GGUF_F32, k->scores, k->n_scores);
	put_id(w, "tokenizer.ggml.bos_token_id", k->bos);
	put_id(w, "tokenizer.ggml.eos_token_id", k->eos);
	put_id(w, "tokenizer.ggml.eot_token_id", k->eot);
	put_id(w, "tokenizer.ggml.unknown_token_id", k->unk);
	put_bool(w, "tokenizer.ggml.add_bos_token", k->add_bos);
	put_bool(w, "tokenizer.ggml.add_eos_token", k->add_eos);
	put_bool(w, "tokenizer.ggml.add_space_prefix", k->add_space);
	put_bool(w, "tokenizer.ggml.remove_extra_whitespaces", k->squeezed);
}

static int load(struct tokenizer **t, const char *dir, const struct keys *k, struct err *err)
{
	char *path = tempdir_path(dir, "vocab.gguf");
	struct gguf_writer w;
	struct gguf g;
	int result;

	check_ok(gguf_writer_init(&w, path, err), err);
	put_keys(&w, k);
	check_ok(gguf_writer_commit(&w, err), err);
	gguf_writer_release(&w);
	check_ok(gguf_open(&g, path, err), err);
	result = tokenizer_load_gguf(t, &g, err);
	gguf_release(&g);
	free(path);
	return result;
}

static struct tokenizer *need(const char *dir, const struct keys *k)
{
	struct tokenizer *t = NULL;
	struct err err = {0};

	check_ok(load(&t, dir, k, &err), &err);
	return t;
}

static void check_around(const struct tokenizer *t, const char *text, const char *pieces)
{
	struct buf got = {0};

	tokmaker_pieces(&got, t, text, true);
	assert_string_equal(buf_str(&got), pieces);
	buf_release(&got);
}

static void check_back(const struct tokenizer *t, const char *text, const char *expected)
{
	struct vec_u32 ids = {0};
	struct buf back = {0};
	struct err err = {0};

	check_ok(tokenizer_encode(t, text, strlen(text), true, &ids, NULL, &err), &err);
	check_ok(tokenizer_decode(t, ids.at, ids.n, true, &back, &err), &err);
	assert_string_equal(buf_str(&back), expected);
	vec_release(&ids);
	buf_release(&back);
}

static const struct keys byte_level = {
	.model = "gpt2",
	.pre = "gpt-2",
	.tokens = "a b 1 2 3 4 Ġ ab Ġa 12 34 1234 Ã © <s> </s> <x> [PAD17] [PAD18] abab e Ì ģ",
	.types = "11111111111111334451111",
	.merges = "a b,Ġ a,1 2,3 4,12 34,Ã ©",
	.bos = 14,
	.eos = 15,
};

/* Merges in their order, words as `pre` says, what is added found first. */
static void byte_level_words(void **state)
{
	struct keys k = byte_level;
	struct tokenizer *t;

	k.tokens = "a b 1 2 3 4 Ġ ab Ġa 12 34 1234 Ã © <s> </s> <x> [PAD17] [PAD18] abab Ã© Ì ģ";
	t = need(*state, &k);
	assert_string_equal(tokenizer_kind(t), "byte-level BPE");
	assert_int_equal(tokenizer_vocab_size(t), 23);
	assert_int_equal(tokenizer_bos(t), 14);
	assert_int_equal(tokenizer_eos(t), 15);
	assert_int_equal(tokenizer_unk(t), TOKEN_NONE);
	tokmaker_check(t, "abab 1234a", "ab|ab| |1234|a|"); /* " 1234" is a word, but nothing begins with "Ġ1" */
	tokmaker_check(t, "é ab", "é| |ab|");
	tokmaker_check(t, "a<s>b<x>", "a|<s>|b|<x>|");
	check_around(t, "ab", "ab|");
	check_back(t, "<s> a<x>é", " a<x>é");
	tokenizer_free(t);
	k.pre = "llama-bpe"; /* words that are tokens stay whole, at most three digits, the first token without being
				asked */
	t = need(*state, &k);
	tokmaker_check(t, "abab", "abab|");
	tokmaker_check(t, "1234", "12|3|4|");
	check_around(t, "ab", "<s>|ab|");
	tokenizer_free(t);
	k.pre = "smollm"; /* digit by digit */
	k.add_bos = k.add_eos = 2;
	t = need(*state, &k);
	tokmaker_check(t, "1234", "1|2|3|4|");
	check_around(t, "ab", "<s>|ab|</s>|");
	tokenizer_free(t);
	k.pre = NULL; /* three digits, from the first */
	k.add_bos = k.add_eos = 1;
	t = need(*state, &k);
	tokmaker_check(t, "1234", "12|3|4|");
	check_around(t, "ab", "ab|");
	tokenizer_free(t);
}

/* Qwen's texts are composed first, as its tokenizer.json says. */
static void composed(void **state)
{
	struct keys k = byte_level;
	struct tokenizer *t;

	k.tokens = "a b 1 2 3 4 Ġ ab Ġa 12 34 1234 Ã © <s> </s> <x> [PAD17] [PAD18] Ã© e Ì ģ";
	t = need(*state, &k);
	tokmaker_check(t, "e\xCC\x81", "e|\xCC|\x81|");
	tokenizer_free(t);
	k.pre = "qwen2";
	t = need(*state, &k);
	tokmaker_check(t, "e\xCC\x81", "é|");
	tokenizer_free(t);
}

/* What conversion puts in for ids without a token is no token of a text, whatever its type. */
static void fillers(void **state)
{
	struct keys k = {.model = "gpt2", .pre = "gpt-2", .tokens = "[ P A D 5 [PAD5] ] [PAD9] [PAD8]", .merges = ""};
	struct tokenizer *t;

	k.types = "111114144"; /* [PAD9] stands where 7 is, and is a token */
	t = need(*state, &k);
	tokmaker_check(t, "[PAD5]", "[|P|A|D|5|]|");
	tokmaker_check(t, "[PAD9]", "[PAD9]|");
	tokmaker_check(t, "[PAD5", "[|P|A|D|5|");
	tokenizer_free(t);
}

static const struct keys sentencepiece = {
	.model = "llama",
	.tokens = "<unk> <s> </s> <0xC3> <0xA9> _ a b c ab bc abc _a __ <x> _b <u>",
	.types = "23366111111111415",
	.scores = {0, 0, 0, 0, 0, -1, -2, -3, -4, -12, -11, -13, -14, -10, 0, -15, 0},
	.n_scores = 17,
	.bos = 1,
	.eos = 2,
};

static void sentencepiece_words(void **state)
{
	struct keys k = sentencepiece;
	struct tokenizer *t = need(*state, &k);

	assert_string_equal(tokenizer_kind(t), "BPE with byte fallback");
	assert_int_equal(tokenizer_unk(t), 0);
	tokmaker_check(t, "abc", " |abc|"); /* "bc" before "ab", then "abc" before "▁a" */
	tokmaker_check(t, "ab", " |ab|");
	tokmaker_check(t, "a", " a|");
	tokmaker_check(t, "  a", "  | a|"); /* "▁▁▁a" */
	tokmaker_check(t, "", "");
	tokmaker_check(
		t, "a<s>b", " a|<s>| b|");    /* a space before every stretch between special tokens, as Hugging Face */
	tokmaker_check(t, "<u>", " |<unk>|"); /* unused; "<", "u" and ">" are one unknown stretch */
	check_around(t, "a", "<s>| a|");
	check_back(t, "a  b c", "a  b c");
	check_back(t, " abc", " abc");
	tokenizer_free(t);
	k.add_space = 1;
	t = need(*state, &k);
	tokmaker_check(t, "a a", "a| a|");
	check_back(t, " abc", " abc");
	tokenizer_free(t);
	k.tokens = "<unk> <s> </s> <0xC3> <0xA9> _ a b c ab bc abc _a __ _x _b <u>"; /* found where a space is */
	t = need(*state, &k);
	tokmaker_check(t, "a xa", "a| x|a|");
	tokenizer_free(t);
}

/* All 256 bytes, and a letter that no token covers. */
static void bytes(void **state)
{
	struct keys k = {.model = "llama", .n_scores = 0, .add_bos = 1};
	struct buf tokens = {0};
	struct tokenizer *t = NULL;
	struct gguf_writer w;
	struct err err = {0};
	char *path = tempdir_path(*state, "bytes.gguf");
	float scores[258] = {0};
	int32_t types[258];
	struct gguf g;

	for (int i = 0; i < 258; i++) {
		types[i] = i < 256 ? 6 : 1;
		if (i < 256)
			buf_addf(&tokens, "<0x%02X> ", i);
	}
	buf_addstr(&tokens, "_ a");
	k.tokens = buf_str(&tokens);
	check_ok(gguf_writer_init(&w, path, &err), &err);
	put_keys(&w, &k);
	gguf_put_array(&w, "tokenizer.ggml.token_type", GGUF_I32, types, 258);
	gguf_put_array(&w, "tokenizer.ggml.scores", GGUF_F32, scores, 258);
	check_ok(gguf_writer_commit(&w, &err), &err);
	gguf_writer_release(&w);
	check_ok(gguf_open(&g, path, &err), &err);
	check_ok(tokenizer_load_gguf(&t, &g, &err), &err);
	gguf_release(&g);
	tokmaker_check(t, "aé", " |a|\xC3|\xA9|");
	check_back(t, "aé\n<0x41>", "aé\n<0x41>"); /* a byte's spelling is no byte */
	tokenizer_free(t);
	buf_release(&tokens);
	free(path);
}

/* A random vocabulary of letters and words from "a" to "d". */
struct words {
	char text[32][8];
	float score[32];
	size_t n;
};

static int word_at(const struct words *w, const char *text, size_t len)
{
	for (size_t i = 0; i < w->n; i++)
		if (strlen(w->text[i]) == len && memcmp(w->text[i], text, len) == 0)
			return (int)i;
	return -1;
}

static void random_words(struct words *w, struct rng *r)
{
	w->n = 0;
	for (const char *c = "abcd"; *c; c++, w->n++) {
		snprintf(w->text[w->n], sizeof(*w->text), "%c", *c);
		w->score[w->n] = 0;
	}
	while (w->n < 24) {
		char *text = w->text[w->n];
		size_t len = 2 + rng_below(r, 4);

		for (size_t i = 0; i < len; i++)
			text[i] = (char)('a' + rng_below(r, 4));
		text[len] = 0;
		w->score[w->n] = -(float)rng_below(r, 8); /* many are equal */
		if (word_at(w, text, len) < 0)
			w->n++;
	}
}

/* As it is defined: of all neighbours the best joined one, again and again. */
static void join(const struct words *w, const char *text, struct vec_u32 *ids)
{
	size_t ends[64], n = strlen(text);

	for (size_t i = 0; i < n; i++)
		ends[i] = i + 1;
	for (;;) {
		size_t best = n;
		int which = -1;

		for (size_t i = 0; i + 1 < n; i++) {
			size_t start = i > 0 ? ends[i - 1] : 0;
			int id = word_at(w, text + start, ends[i + 1] - start);

			if (id >= 0 && (which < 0 || w->score[id] > w->score[which])) {
				best = i;
				which = id;
			}
		}
		if (which < 0)
			break;
		memmove(&ends[best], &ends[best + 1], (n - best - 1) * sizeof(*ends));
		n--;
	}
	for (size_t i = 0; i < n; i++) {
		size_t start = i > 0 ? ends[i - 1] : 0;

		vec_push(ids, (uint32_t)word_at(w, text + start, ends[i] - start));
	}
}

static void joins_by_score(void **state)
{
	struct rng r;

	rng_seed(&r, 4);
	for (int round = 0; round < 40; round++) {
		struct keys k = {.model = "llama", .add_space = 1, .add_bos = 1};
		struct buf tokens = {0};
		struct tokenizer *t;
		struct words w;

		random_words(&w, &r);
		for (size_t i = 0; i < w.n; i++) {
			buf_addf(&tokens, "%s%s", i > 0 ? " " : "", w.text[i]);
			k.scores[i] = w.score[i];
		}
		k.tokens = buf_str(&tokens);
		k.n_scores = w.n;
		t = need(*state, &k);
		for (int i = 0; i < 100; i++) {
			char text[41] = {0};
			size_t len = 1 + rng_below(&r, 40);
			struct vec_u32 ids = {0}, expected = {0};
			struct err err = {0};

			for (size_t c = 0; c < len; c++)
				text[c] = (char)('a' + rng_below(&r, 4));
			join(&w, text, &expected);
			check_ok(tokenizer_encode(t, text, len, true, &ids, NULL, &err), &err);
			assert_int_equal(ids.n, expected.n);
			assert_memory_equal(ids.at, expected.at, ids.n * sizeof(*ids.at));
			vec_release(&ids);
			vec_release(&expected);
		}
		tokenizer_free(t);
		buf_release(&tokens);
	}
}

static void refuse(const char *dir, const struct keys *k, const char *why)
{
	struct tokenizer *t = NULL;
	struct err err = {0};

	assert_int_equal(load(&t, dir, k, &err), -1);
	assert_null(t);
	if (!strstr(err.msg, why))
		fail_msg("\"%s\" does not say \"%s\"", err.msg, why);
	assert_non_null(strstr(err.msg, "vocab.gguf"));
	assert_null(strchr(err.msg, '\n'));
}

#define WITH(base, ...) \
	do { \
		struct keys k = base; \
		__VA_ARGS__; \
		refuse(*state, &k, why); \
	} while (0)

static void refusals(void **state)
{
	const char *why;
	char longer[2100];

	why = "\"tokenizer.ggml.model\" is missing";
	WITH(byte_level, k.model = NULL);
	why = "\"tokenizer.ggml.model\" is \"wpm\", which is not supported; known are \"gpt2\", \"llama\" and \"t5\"";
	WITH(byte_level, k.model = "wpm");
	why = "\"tokenizer.ggml.pre\" is \"gpt-9\", which is not supported; known are gpt-2, ";
	WITH(byte_level, k.pre = "gpt-9");
	why = "\"tokenizer.ggml.tokens\" is missing";
	WITH(byte_level, k.tokens = NULL);
	why = "\"tokenizer.ggml.tokens\" holds 0 tokens";
	WITH(byte_level, k.tokens = "");
	why = "\"tokenizer.ggml.tokens\" holds a token 1 that is not valid UTF-8";
	WITH(byte_level, k.tokens = "a \xC3 b", k.types = NULL);
	why = "token \"a\" has two ids, 0 and 2";
	WITH(byte_level, k.tokens = "a b a", k.types = NULL);
	why = "\"tokenizer.ggml.token_type\" holds 22 types for 23 tokens";
	WITH(byte_level, k.types = "1111111111111133445111");
	why = "\"tokenizer.ggml.token_type\" holds type 7 for token 22; types are 1 to 6";
	WITH(byte_level, k.types = "11111111111111334451117");
	why = "\"tokenizer.ggml.merges\" is missing";
	WITH(byte_level, k.merges = NULL);
	why = "\"ab\" is not two tokens with a space between them";
	WITH(byte_level, k.merges = "ab");
	why = "\"ac\" is not in the vocabulary";
	WITH(byte_level, k.tokens = "a b c ab", k.types = NULL, k.merges = "a b,a c");
	why = "\"tokenizer.ggml.bos_token_id\"";
	WITH(byte_level, k.merges = "a b", k.bos = 23);
	why = "\"tokenizer.ggml.add_eos_token\" is set, but the file does not say which token that is";
	WITH(byte_level, k.merges = "a b", k.eos = 0, k.add_eos = 2);
	why = "\"tokenizer.ggml.scores\" is missing";
	WITH(sentencepiece, k.n_scores = 0);
	why = "\"tokenizer.ggml.scores\" holds 16 scores for 17 tokens";
	WITH(sentencepiece, k.n_scores = 16);
	why = "\"tokenizer.ggml.scores\" holds no number for token 7";
	WITH(sentencepiece, k.scores[7] = NAN);
	why = "\"tokenizer.ggml.remove_extra_whitespaces\" is set, which is not supported";
	WITH(sentencepiece, k.squeezed = 2);
	why = "\"tokenizer.ggml.tokens\" holds a token 1 of 2000 bytes, longer than 1024";
	memcpy(longer, "a ", 2);
	memset(longer + 2, 'a', 2000);
	longer[2002] = 0;
	WITH(sentencepiece, k.tokens = longer, k.types = NULL, k.n_scores = 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_tempdir(byte_level_words),
		in_tempdir(composed),
		in_tempdir(fillers),
		in_tempdir(sentencepiece_words),
		in_tempdir(bytes),
		in_tempdir(joins_by_score),
		in_tempdir(refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
