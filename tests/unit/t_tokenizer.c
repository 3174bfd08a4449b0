/* Encoding and decoding with small tokenizers whose results can be read off their files. */
#include "check.h"
#include "tokmaker.h"

#include "base/rng.h"
#include "base/utf8.h"
#include "base/vec.h"

static int clean(void **state)
{
	(void)state;
	tokmaker_clean();
	return 0;
}

static void check_one(const struct tokmaker *m, const char *text, const char *pieces)
{
	struct tokenizer *t = tokmaker_need(m);

	tokmaker_check(t, text, pieces);
	tokenizer_free(t);
}

static void check_decoded(const struct tokenizer *t, const char *text, bool skip_specials, const char *decoded)
{
	struct vec_u32 ids = {0};
	struct buf got = {0};
	struct err err = {0};

	check_ok(tokenizer_encode(t, text, strlen(text), true, &ids, NULL, &err), &err);
	check_ok(tokenizer_decode(t, ids.at, ids.n, skip_specials, &got, &err), &err);
	assert_string_equal(buf_str(&got), decoded);
	vec_release(&ids);
	buf_release(&got);
}

static void merges_by_rank(void **state)
{
	struct tokmaker m = {.vocab = "a b c ab bc abc aa aab", .merges = "b c,a b,ab c,a a"};

	(void)state;
	for (int pairs = 0; pairs < 2; pairs++) {
		m.pairs = pairs;
		check_one(&m, "abc", "a|bc|"); /* "b c" comes before "a b" in the list */
		check_one(&m, "ab", "ab|");
		check_one(&m, "aaa", "aa|a|"); /* the leftmost of equals */
		check_one(&m, "aaaa", "aa|aa|");
		check_one(&m, "aab", "a|ab|"); /* "a b" comes before "a a" */
		check_one(&m, "", "");
	}
	m.merges = "#version: 0.2,b c,a b"; /* a comment that early files have */
	m.pairs = false;
	check_one(&m, "abc", "a|bc|");
	m.merges = "b c,a b,b c"; /* the later of two equal merges gives the rank */
	check_one(&m, "abc", "ab|c|");
}

static void ignore_merges(void **state)
{
	struct tokmaker m = {.vocab = "a b c ab bc abc", .merges = "b c", .model = ",'ignore_merges':true"};

	(void)state;
	check_one(&m, "abc", "abc|");
	check_one(&m, "aabc", "a|a|bc|");
}

/* Merging by definition: look at every pair, merge the first of the lowest rank, start again. */
static void merge_slowly(struct buf *out, const char *word, char merges[][2][24], size_t n)
{
	char symbols[64][24];
	size_t len = 0;

	for (; word[len]; len++) {
		symbols[len][0] = word[len];
		symbols[len][1] = 0;
	}
	for (size_t rank = 0; rank < n; rank++) {
		for (size_t i = 0; i + 1 < len; i++) {
			if (strcmp(symbols[i], merges[rank][0]) || strcmp(symbols[i + 1], merges[rank][1]))
				continue;
			strcat(symbols[i], symbols[i + 1]);
			memmove(symbols[i + 1], symbols[i + 2], (len - i - 2) * sizeof(*symbols));
			len--;
			rank = SIZE_MAX; /* ++ makes it 0 */
			break;
		}
	}
	for (size_t i = 0; i < len; i++)
		buf_addf(out, "%s|", symbols[i]);
}

/* Up to 30 merges of tokens over three letters, none of them longer than 16 bytes, no two alike. */
static size_t random_merges(struct rng *rng, struct buf *vocab, struct buf *list, char merges[][2][24])
{
	char tokens[64][24] = {"a", "b", "c"};
	size_t known = 3, n = 0;

	buf_addstr(vocab, "a b c");
	for (unsigned tries = 0; tries < 30; tries++) {
		const char *left = tokens[rng_below(rng, (uint32_t)known)];
		const char *right = tokens[rng_below(rng, (uint32_t)known)];
		char whole[48];
		bool new_pair = true, new_token = true;

		snprintf(whole, sizeof(whole), "%s%s", left, right);
		for (size_t i = 0; i < n; i++)
			new_pair &= strcmp(merges[i][0], left) != 0 || strcmp(merges[i][1], right) != 0;
		if (!new_pair || strlen(whole) > 16)
			continue;
		for (size_t i = 0; i < known; i++)
			new_token &= strcmp(tokens[i], whole) != 0;
		strcpy(merges[n][0], left);
		strcpy(merges[n++][1], right);
		buf_addf(list, "%s%s %s", n > 1 ? "," : "", left, right);
		if (new_token) {
			strcpy(tokens[known++], whole);
			buf_addf(vocab, " %s", whole);
		}
	}
	return n;
}

static void merges_as_defined(void **state)
{
	char merges[64][2][24], word[64];
	struct rng rng;

	(void)state;
	rng_seed(&rng, 20260122);
	for (unsigned round = 0; round < 60; round++) {
		struct buf vocab = {0}, list = {0}, slow = {0};
		size_t n = random_merges(&rng, &vocab, &list, merges);
		struct tokmaker m = {.vocab = buf_str(&vocab), .merges = buf_str(&list)};
		struct tokenizer *t = tokmaker_need(&m);

		for (unsigned i = 0; i < 100; i++) {
			size_t len = rng_below(&rng, 60);

			for (size_t k = 0; k < len; k++)
				word[k] = "abc"[rng_below(&rng, 3)];
			word[len] = 0;
			buf_clear(&slow);
			merge_slowly(&slow, word, merges, n);
			tokmaker_check(t, word, buf_str(&slow));
		}
		tokenizer_free(t);
		buf_release(&vocab);
		buf_release(&list);
		buf_release(&slow);
	}
}

/* GPT-2's characters for bytes, as its published encoder makes them: those that print are themselves. */
static void byte_alphabet(struct buf *out)
{
	uint32_t others = 256;

	for (uint32_t byte = 0; byte < 256; byte++) {
		bool prints = (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
		char c[4];

		buf_addstr(out, byte > 0 ? " " : "");
		if (byte == '\\') /* the maker's escape */
			buf_addch(out, '\\');
		buf_add(out, c, utf8_encode(prints ? byte : others++, c));
	}
}

static const char byte_level[] = ",'pre_tokenizer':{'type':'ByteLevel','add_prefix_space':false,'use_regex':true},"
				 "'decoder':{'type':'ByteLevel'}";

static void byte_level_ids(void **state)
{
	struct buf vocab = {0};
	struct tokmaker m = {.rest = byte_level};
	struct vec_u32 ids = {0};
	struct buf decoded = {0};
	struct err err = {0};
	struct tokenizer *t;
	static const char text[] = "A\tna\xC3\xAFve \xE4\xB8\xAD \xF0\x9F\x98\x80 \"\\'~\x7F";

	(void)state;
	byte_alphabet(&vocab);
	m.vocab = buf_str(&vocab);
	t = tokmaker_need(&m);
	assert_string_equal(tokenizer_kind(t), "byte-level BPE");
	check_ok(tokenizer_encode(t, text, sizeof(text) - 1, false, &ids, NULL, &err), &err);
	assert_int_equal(ids.n, sizeof(text) - 1);
	for (size_t i = 0; i < ids.n; i++)
		assert_int_equal(ids.at[i], (unsigned char)text[i]); /* without merges an id is a byte */
	check_ok(tokenizer_decode(t, ids.at, ids.n, false, &decoded, &err), &err);
	assert_string_equal(buf_str(&decoded), text);
	buf_clear(&decoded);
	check_ok(tokenizer_decode(t, ids.at, 5, false, &decoded, &err), &err); /* inside a character */
	assert_memory_equal(decoded.at, "A\tna\xC3", 5);
	tokenizer_free(t);
	buf_release(&vocab);
	buf_release(&decoded);
	vec_release(&ids);
}

static void byte_level_words(void **state)
{
	struct tokmaker m = {.vocab = "a b c ' Ġ 1 s Ġa ab aĠ a' 's 1a", .merges = "a Ġ,Ġ a,a b,a ',' s,1 a"};
	struct tokenizer *t;

	(void)state;
	m.rest = ",'pre_tokenizer':{'type':'ByteLevel','add_prefix_space':false}";
	t = tokmaker_need(&m);
	tokmaker_check(t, "ab ab", "ab|Ġa|b|"); /* "aĠ" would cross words */
	tokmaker_check(t, "a's", "a|'s|");
	tokmaker_check(t, "1a  a", "1|a|Ġ|Ġa|");
	tokenizer_free(t);
	m.rest = ",'pre_tokenizer':{'type':'ByteLevel','add_prefix_space':true}";
	t = tokmaker_need(&m);
	tokmaker_check(t, "a", "Ġa|");
	tokmaker_check(t, " a", "Ġa|");
	tokenizer_free(t);
	m.rest = ",'pre_tokenizer':{'type':'ByteLevel','add_prefix_space':false,'use_regex':false}";
	t = tokmaker_need(&m);
	tokmaker_check(t, "a ab", "aĠ|ab|");
	tokenizer_free(t);
}

static void byte_fallback(void **state)
{
	struct tokmaker m = {
		.vocab = "<unk> a <0xC3> <0xA9> <0xE4>", .model = ",'byte_fallback':true,'unk_token':'<unk>'"};
	struct tokenizer *t = tokmaker_need(&m);

	(void)state;
	assert_string_equal(tokenizer_kind(t), "BPE with byte fallback");
	tokmaker_check(t, "a\xC3\xA9", "a|<0xC3>|<0xA9>|");
	assert_int_equal(tokmaker_unknown(t, "a\xC3\xA9"), 0);
	tokmaker_check(t, "\xE4\xB8\xAD", "<unk>|"); /* one of its bytes has no token: none of them is used */
	assert_int_equal(tokmaker_unknown(t, "\xE4\xB8\xAD"), 1);
	tokenizer_free(t);
	m.model = ",'byte_fallback':false,'unk_token':'<unk>'";
	check_one(&m, "a\xC3\xA9", "a|<unk>|");
}

static void unknown_characters(void **state)
{
	struct tokmaker m = {.vocab = "<unk> a b ab <unk>a", .merges = "<unk> a,a b"};
	struct vec_u32 ids = {0};
	struct err err = {0};
	struct tokenizer *t;

	(void)state;
	m.model = ",'unk_token':'<unk>','fuse_unk':true";
	t = tokmaker_need(&m);
	assert_int_equal(tokenizer_unk(t), 0);
	tokmaker_check(t, "xyabzz", "<unk>a|b|<unk>|"); /* fused, and then like any symbol: here it has a merge */
	assert_int_equal(tokmaker_unknown(t, "xyabzz"), 2);
	tokenizer_free(t);
	m.model = ",'unk_token':'<unk>','byte_fallback':true"; /* without the bytes: as if it were off */
	m.merges = "a b";
	t = tokmaker_need(&m);
	tokmaker_check(t, "xyab", "<unk>|<unk>|ab|");
	assert_int_equal(tokmaker_unknown(t, "xyab"), 2);
	tokenizer_free(t);
	m.model = ""; /* dropped, but not in silence */
	t = tokmaker_need(&m);
	assert_int_equal(tokenizer_unk(t), TOKEN_NONE);
	tokmaker_check(t, "axb", "ab|");
	assert_int_equal(tokmaker_unknown(t, "axyb"), 2);
	tokenizer_free(t);
	m.model = ",'unk_token':'<none>'";
	t = tokmaker_need(&m);
	tokmaker_check(t, "ab", "ab|"); /* harmless until it is needed */
	vec_push(&ids, 7);
	check_refused(tokenizer_encode(t, "ab\n", 3, true, &ids, NULL, &err), &err, ERR_VALUE, "U+000A");
	assert_int_equal(ids.n, 1);
	vec_release(&ids);
	tokenizer_free(t);
}

static void invalid_utf8(void **state)
{
	struct tokmaker m = {.vocab = "a b"};
	struct tokenizer *t = tokmaker_need(&m);
	struct vec_u32 ids = {0};
	struct err err = {0};

	(void)state;
	vec_push(&ids, 9);
	check_refused(tokenizer_encode(t, "ab\xFF", 3, false, &ids, NULL, &err), &err, ERR_VALUE, "byte 2 (0xFF)");
	check_refused(tokenizer_encode(t, "a\xE4\xB8", 3, false, &ids, NULL, &err), &err, ERR_VALUE, "byte 1");
	assert_int_equal(ids.n, 1);
	check_ok(tokenizer_encode(t, "a\0b", 3, false, &ids, NULL, &err), &err); /* NUL is a character */
	assert_int_equal(ids.n, 3);
	vec_release(&ids);
	tokenizer_free(t);
}

/* The cuts that Hugging Face's documentation gives for its behaviours. */
static void split_behaviors(void **state)
{
	static const struct {
		const char *behavior, *pieces;
	} cases[] = {
		{"Removed", "the|final|countdown|"},
		{"Isolated", "the|-|final|-|-|countdown|"},
		{"MergedWithPrevious", "the-|final-|-|countdown|"},
		{"MergedWithNext", "the|-final|-|-countdown|"},
		{"Contiguous", "the|-|final|--|countdown|"},
	};
	static const char *const patterns[] = {
		"'String':'-'}", "'Regex':'-'}", "'Regex':'[^-]+'},'invert':true", "'Regex':'(?i:-)|z*x'}"};
	struct tokmaker m = {
		.model = ",'ignore_merges':true", .vocab = "the - final countdown the- final- -final -countdown -- d"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		for (size_t k = 0; k < ARRAY_LEN(patterns); k++) {
			struct buf rest = {0};

			if (k == 2 && i != 0 && i != 4) /* what is not the match is one span, so "--" stays whole */
				continue;
			buf_addf(&rest, ",'pre_tokenizer':{'type':'Split','behavior':'%s','pattern':{%s}",
				cases[i].behavior, patterns[k]);
			m.rest = buf_str(&rest);
			check_one(&m, "the-final--countdown", cases[i].pieces);
			buf_release(&rest);
		}
	}
	m.rest = ",'pre_tokenizer':{'type':'Split','behavior':'Isolated','pattern':{'Regex':'x*'}}";
	check_one(&m, "d--d", "d|-|-|d|"); /* empty matches cut, too */
}

static void expressions(void **state)
{
	struct tokmaker m = {.model = ",'ignore_merges':true", .vocab = "a b ab . \\n .\\n \\u0085 \\u180e"};

	(void)state;
	m.rest = ",'pre_tokenizer':{'type':'Split','behavior':'Isolated','pattern':{'Regex':'\\\\s'}}";
	check_one(&m,
		"a\xC2\x85"
		"b",
		"a|\xC2\x85|b|"); /* U+0085 is white space */
	m.rest = ",'pre_tokenizer':{'type':'Split','behavior':'Contiguous','pattern':{'Regex':'[^\\\\S]'}}";
	check_one(&m, "\xE1\xA0\x8E\xC2\x85", "\xE1\xA0\x8E|\xC2\x85|"); /* U+180E is not, since Unicode 6.3 */
	m.rest = ",'pre_tokenizer':{'type':'Split','behavior':'Isolated','pattern':{'Regex':'(?m:..)'}}";
	check_one(&m, ".\nab", ".\n|ab|"); /* Ruby's (?m): a dot matches a newline */
	m.rest = ",'pre_tokenizer':{'type':'Split','behavior':'Removed','pattern':{'Regex':'^a'}}";
	check_one(&m, "ab\nab", "b|\n|b|"); /* ^ at every line, as in Ruby */
}

/* Properties are those of Unicode 16, and \p{Han} means the script alone, without the punctuation that it shares. */
static void properties(void **state)
{
	static const struct {
		const char *expression, *pieces;
	} cases[] = {
		{"\\\\p{L}+", "-|ꟍ|𑯰、|𮯰|"}, /* U+A7CD, of Unicode 16; U+11BF0, too; U+3001; U+2EBF0, of 15.1 */
		{"[^\\\\p{L}-]+", "-ꟍ|𑯰、|𮯰|"},
		{"\\\\P{L}+", "-|ꟍ|𑯰、|𮯰|"},
		{"\\\\d", "-ꟍ|𑯰|、𮯰|"},
		{"\\\\D+", "-ꟍ|𑯰|、𮯰|"},
		{"\\\\p{Han}+", "-ꟍ𑯰、|𮯰|"},
		{"[\\\\p{Ll}\\\\p{Han}]", "-|ꟍ|𑯰、|𮯰|"},
	};
	struct tokmaker m = {.model = ",'ignore_merges':true", .vocab = "- ꟍ 𑯰 、 𮯰 -ꟍ 𑯰、 、𮯰 -ꟍ𑯰、"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf rest = {0};

		buf_addf(&rest, ",'pre_tokenizer':{'type':'Split','behavior':'Isolated','pattern':{'Regex':'%s'}}",
			cases[i].expression);
		m.rest = buf_str(&rest);
		check_one(&m, "-ꟍ𑯰、𮯰", cases[i].pieces);
		buf_release(&rest);
	}
}

static void digits(void **state)
{
	struct tokmaker m = {.vocab = "a 1 2 12 1a \xC2\xB2 2\xC2\xB2", .merges = "1 a,1 2,2 \xC2\xB2"};

	(void)state;
	m.rest = ",'pre_tokenizer':{'type':'Digits','individual_digits':true}";
	check_one(&m, "a12a1a", "a|1|2|a|1|a|");
	m.rest = ",'pre_tokenizer':{'type':'Digits','individual_digits':false}";
	check_one(&m, "a12a1a", "a|12|a|1|a|");
	check_one(&m, "12\xC2\xB2", "12|\xC2\xB2|"); /* a superscript two is numeric */
}

static const char metaspace[] = ",'pre_tokenizer':{'type':'Metaspace','replacement':'▁','prepend_scheme':'%s'%s},"
				"'decoder':{'type':'Metaspace','replacement':'▁','prepend_scheme':'%s'},"
				"'added_tokens':[{'id':0,'content':'<s>','special':true}]";

static void metaspaces(void **state)
{
	static const struct {
		const char *scheme, *split, *pieces, *decoded;
	} cases[] = {
		{"always", "", " a| a|<s>| a|", "a a<s> a"},
		{"first", "", " a| a|<s>|a|", "a a<s>a"},
		{"never", "", "a| a|<s>|a|", "a a<s>a"},
		{"never", ",'split':false", "a |a|<s>|a|", "a a<s>a"},
	};
	struct tokmaker m = {.vocab = "<s> a ▁ a▁ ▁a", .merges = "a ▁,▁ a"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf rest = {0};
		struct tokenizer *t;

		buf_addf(&rest, metaspace, cases[i].scheme, cases[i].split, cases[i].scheme);
		m.rest = buf_str(&rest);
		t = tokmaker_need(&m);
		tokmaker_check(t, "a a<s>a", cases[i].pieces);
		check_decoded(t, "a a<s>a", false, cases[i].decoded);
		check_decoded(t, "<s>a", true, "a"); /* the prefix, or nothing, is all there is to drop */
		tokenizer_free(t);
		buf_release(&rest);
	}
}

/* Llama 2's steps. */
static const char llama[] =
	",'normalizer':{'type':'Sequence','normalizers':[{'type':'Prepend','prepend':'▁'},"
	"{'type':'Replace','pattern':{'String':' '},'content':'▁'}]},"
	"'decoder':{'type':'Sequence','decoders':[{'type':'Replace','pattern':{'String':'▁'},'content':' '},"
	"{'type':'ByteFallback'},{'type':'Fuse'},{'type':'Strip','content':' ','start':1,'stop':0}]},"
	"'post_processor':{'type':'TemplateProcessing','single':[{'SpecialToken':{'id':'<s>','type_id':0}},"
	"{'Sequence':{'id':'A','type_id':0}},{'SpecialToken':{'id':'</s>','type_id':0}}],"
	"'special_tokens':{'<s>':{'id':'<s>','ids':[0],'tokens':['<s>']},'</s>':{'id':'</s>','ids':[1]}}},"
	"'added_tokens':[{'id':0,'content':'<s>','special':true,'normalized':false},"
	"{'id':1,'content':'</s>','special':true,'normalized':false}]";

static void llama_steps(void **state)
{
	struct tokmaker m = {.vocab = "<s> </s> ▁ a b ▁a ▁b ▁▁ <0x0A> <0xC3> <0xA9>",
		.merges = "▁ ▁,▁ a,▁ b",
		.model = ",'byte_fallback':true",
		.rest = llama};
	struct tokenizer *t = tokmaker_need(&m);
	struct buf got = {0};

	(void)state;
	assert_int_equal(tokenizer_bos(t), 0); /* from the post-processor: there is no tokenizer_config.json */
	assert_int_equal(tokenizer_eos(t), 1);
	tokmaker_check(t, "a b", " a| b|");
	tokmaker_check(t, " a", "  |a|");
	tokmaker_check(t, "a\n\xC3\xA9", " a|\n|\xC3|\xA9|");
	tokmaker_check(t, "a</s>b", " a|</s>| b|"); /* every stretch between tokens is normalised on its own */
	tokmaker_pieces(&got, t, "a", true);
	assert_string_equal(buf_str(&got), "<s>| a|</s>|");
	check_decoded(t, "a b\n\xC3\xA9", true, "a b\n\xC3\xA9");
	check_decoded(t, "a", false, "<s> a</s>");
	check_decoded(t, "  a", true, "  a");
	check_decoded(t, "", true, "");
	tokenizer_free(t);
	buf_release(&got);
}

static void unicode_forms(void **state)
{
	static const struct {
		const char *form, *pieces;
	} cases[] = {
		{"NFC", "\xC3\xA9|\xC3\xA9|\xEF\xAC\x81|"},
		{"NFD", "e|\xCC\x81|e|\xCC\x81|\xEF\xAC\x81|"},
		{"NFKC", "\xC3\xA9|\xC3\xA9|f|i|"},
		{"NFKD", "e|\xCC\x81|e|\xCC\x81|f|i|"},
	};
	struct tokmaker m = {.vocab = "e f i \xCC\x81 \xC3\xA9 \xEF\xAC\x81"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf rest = {0};

		buf_addf(&rest, ",'normalizer':{'type':'%s'}", cases[i].form);
		m.rest = buf_str(&rest);
		check_one(&m,
			"\xC3\xA9"
			"e\xCC\x81\xEF\xAC\x81",
			cases[i].pieces);
		buf_release(&rest);
	}
}

/* What Unicode 10 and later say of combining, composing and compatibility is not known to the original. */
static void unicode_nine(void **state)
{
	static const struct {
		const char *form, *text, *pieces;
	} cases[] = {
		{"NFC", "\u0301\u0334", "\u0334|\u0301|"}, /* classes 230 and 1 */
		{"NFC", "\u0301\u07FD\u0334", "\u0301|\u07FD|\u0334|"}, /* class 220 since Unicode 11 */
		{"NFC", "e\u0301\u07FDe\u0301", "\u00E9|\u07FD|\u00E9|"},
		{"NFC", "\U00011935\U00011930", "\U00011935|\U00011930|"}, /* U+11938 since Unicode 13 */
		{"NFD", "\U00011938", "\U00011938|"},
		{"NFKC", "\u32FF", "\u32FF|"}, /* the era name Reiwa, of Unicode 12.1 */
		{"NFC", "\uAC00\u11A7", "\uAC00|\u11A7|"}, /* nothing composes with U+11A7, and nothing loses it */
		{"NFC", "\u1100\u1161\u11A8", "\uAC01|"},
	};
	struct tokmaker m = {.vocab = "e \u00E9 \u0301 \u0334 \u07FD \u32FF \uAC00 \uAC01 \u11A7 \U00011930 "
				      "\U00011935 \U00011938"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf rest = {0};

		buf_addf(&rest, ",'normalizer':{'type':'%s'}", cases[i].form);
		m.rest = buf_str(&rest);
		check_one(&m, cases[i].text, cases[i].pieces);
		buf_release(&rest);
	}
}

static void check_added(const char *flags, const char *text, const char *pieces)
{
	struct buf rest = {0};
	struct tokmaker m = {.vocab = "a b . ␣ ▁ <m> <m>a é"};

	buf_addf(&rest,
		",'normalizer':{'type':'Replace','pattern':{'String':' '},'content':'▁'},"
		"'added_tokens':[{'id':5,'content':'<m>'%s}]",
		flags);
	m.rest = buf_str(&rest);
	check_one(&m, text, pieces);
	buf_release(&rest);
}

static void added_tokens(void **state)
{
	static const char raw[] = ",'normalized':false", single[] = ",'normalized':false,'single_word':true";

	(void)state;
	check_added(raw, "a <m>b<m><m>", "a|▁|<m>|b|<m>|<m>|");
	check_added(raw, "<m", "");
	check_added(single, "<m> a<m> <m>a <m>.",
		"<m>|▁|a|▁|a|▁|<m>|.|"); /* the others are plain text, here without tokens */
	check_added(single, "é<m>", "é|");
	check_added(single, "<m>", "<m>|");
	check_added(",'normalized':false,'lstrip':true", "a \xC2\xA0<m> b", "a|<m>|▁|b|");
	check_added(",'normalized':false,'rstrip':true", "a <m>\n\xE3\x80\x80 b", "a|▁|<m>|b|");
	check_added(",'normalized':false,'lstrip':true,'rstrip':true", " <m> <m> ", "<m>|<m>|");
}

/* Of tokens that start at one place the longest counts; one that covers only spaces may be taken by another's rstrip.
 */
static void added_tokens_overlap(void **state)
{
	struct tokmaker m = {.vocab = "a b < ␣"};

	(void)state;
	m.rest = ",'added_tokens':[{'id':4,'content':'<a','normalized':false},{'id':5,'content':'<ab>','normalized':"
		 "false},"
		 "{'id':6,'content':'b>','normalized':false},{'id':7,'content':'','normalized':false}]";
	check_one(&m, "<ab><ab<a<b>", "<ab>|<a|b|<a|<|b>|");
	m.rest = ",'added_tokens':[{'id':3,'content':' ','normalized':false,'lstrip':true,'rstrip':true}]";
	check_one(&m, "a  b", "a| |b|");
}

/* Tokens marked `normalized` are found by their normalised spelling in normalised text. */
static void normalized_added_tokens(void **state)
{
	struct tokmaker m = {.vocab = "a b ▁ <m>"};
	struct tokenizer *t;

	(void)state;
	m.rest = ",'normalizer':{'type':'Sequence','normalizers':[{'type':'Prepend','prepend':'▁'},"
		 "{'type':'Replace','pattern':{'String':' '},'content':'▁'}]},"
		 "'added_tokens':[{'id':3,'content':'<m>','normalized':true,'special':true}]";
	t = tokmaker_need(&m);
	tokmaker_check(t, "<m>", "<m>|"); /* the text is "▁<m>" by then, and so is the token */
	tokmaker_check(t, "a <m>b", "▁|a|<m>|b|");
	tokmaker_check(t, "a<m>", "▁|a|");
	tokenizer_free(t);
}

static void decoding(void **state)
{
	struct tokmaker m = {.vocab = "a ▁b <s>", .rest = ",'added_tokens':[{'id':2,'content':'<s>','special':true}]"};
	struct tokenizer *t = tokmaker_need(&m);
	static const uint32_t ids[] = {2, 0, 1, 0}, wrong[] = {0, 3};
	struct buf got = {0};
	struct err err = {0};

	(void)state;
	check_ok(tokenizer_decode(t, ids, 4, false, &got, &err), &err); /* without a decoder: spaces between tokens */
	assert_string_equal(buf_str(&got), "<s> a ▁b a");
	buf_clear(&got);
	check_ok(tokenizer_decode(t, ids, 4, true, &got, &err), &err);
	assert_string_equal(buf_str(&got), "a ▁b a");
	check_refused(tokenizer_decode(t, wrong, 2, false, &got, &err), &err, ERR_VALUE, "token id 3");
	check_refused(tokenizer_piece(t, TOKEN_NONE, &got, &err), &err, ERR_VALUE, "not in the vocabulary");
	assert_string_equal(buf_str(&got), "a ▁b a");
	buf_release(&got);
	tokenizer_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(merges_by_rank),
		cmocka_unit_test(ignore_merges),
		cmocka_unit_test(merges_as_defined),
		cmocka_unit_test(byte_level_ids),
		cmocka_unit_test(byte_level_words),
		cmocka_unit_test(byte_fallback),
		cmocka_unit_test(unknown_characters),
		cmocka_unit_test(invalid_utf8),
		cmocka_unit_test(split_behaviors),
		cmocka_unit_test(expressions),
		cmocka_unit_test(digits),
		cmocka_unit_test(metaspaces),
		cmocka_unit_test(llama_steps),
		cmocka_unit_test(unicode_forms),
		cmocka_unit_test(unicode_nine),
		cmocka_unit_test(properties),
		cmocka_unit_test(added_tokens),
		cmocka_unit_test(added_tokens_overlap),
		cmocka_unit_test(normalized_added_tokens),
		cmocka_unit_test(decoding),
	};

	return cmocka_run_group_tests(tests, NULL, clean);
}
