/* Tokenizers that are written and read again: nothing that they do to a text has changed. */
#include "check.h"
#include "tempdir.h"

#include "base/buf.h"
#include "base/rng.h"
#include "store/file.h"
#include "store/gguf.h"
#include "text/tokenizer.h"

/* tokenizer.json with a single quote for a double one, and a name of a kind of step that the written one must have. */
static const struct {
	const char *json, *kind;
} tokenizers[] = {
	{"{'model':{'vocab':{'<s>':0,'a':1,'b':2,'é':3,'ab':4,'aab':5,'<unk>':6,'bb':7},"
	 "'merges':['a b','a ab','b b'],'unk_token':'<unk>','fuse_unk':true},"
	 "'added_tokens':[{'id':0,'content':'<s>','special':true},{'id':9,'content':'1a','lstrip':true},"
	 "{'id':12,'content':'É','normalized':true,'single_word':true},{'id':11,'content':'..','rstrip':true}],"
	 "'normalizer':{'type':'Sequence','normalizers':[{'type':'NFD'},{'type':'StripAccents'},{'type':'NFKC'},"
	 "{'type':'Lowercase'},{'type':'Strip','strip_left':false}]}}",
		"StripAccents"},
	{"{'model':{'vocab':{'a':0,'b':1,'Ġ':2,'Ã':3,'©':4,'.':5,'1':6,'Ġa':7,'Ã©':8,'ab':9,'..':10,'<':11,'>':12,'s':"
	 "13,"
	 "'Ġa b':14},'merges':[['Ġ','a'],['Ã','©'],['a','b'],['.','.']],'ignore_merges':true},"
	 "'added_tokens':[{'id':15,'content':'<s>','special':true}],"
	 "'pre_tokenizer':{'type':'ByteLevel','add_prefix_space':true},'decoder':{'type':'ByteLevel'},"
	 "'post_processor':{'type':'TemplateProcessing','single':[{'SpecialToken':{'id':'<s>'}},{'Sequence':{'id':'A'}}"
	 "],"
	 "'special_tokens':{'<s>':{'ids':[15]}}}}",
		"ByteLevel"},
	{"{'model':{'vocab':{'a':0,'b':1,'Ġ':2,'.':3,'1':4,'Ġa':5},'merges':['Ġ a']},"
	 "'pre_tokenizer':{'type':'Sequence','pretokenizers':[{'type':'Split','behavior':'Isolated','invert':true,"
	 "'pattern':{'Regex':'a+|\\\\s+(?!\\\\S)'}},{'type':'Split','behavior':'MergedWithPrevious',"
	 "'pattern':{'String':'b'}},{'type':'Digits','individual_digits':true},"
	 "{'type':'ByteLevel','add_prefix_space':false,'use_regex':false}]},'decoder':{'type':'ByteLevel'}}",
		"Regex"},
	{"{'model':{'vocab':{'<s>':0,'</"
	 "s>':1,'▁':2,'a':3,'b':4,'▁a':5,'ab':6,'<0xC3>':7,'<0xA9>':8,'<0x2E>':9,'▁▁':10},"
	 "'merges':['▁ a','a b','▁ ▁'],'byte_fallback':true},"
	 "'normalizer':{'type':'Sequence','normalizers':[{'type':'Prepend','prepend':'▁'},"
	 "{'type':'Replace','pattern':{'String':' '},'content':'▁'}]},"
	 "'decoder':{'type':'Sequence','decoders':[{'type':'Replace','pattern':{'String':'▁'},'content':' '},"
	 "{'type':'ByteFallback'},{'type':'Fuse'},{'type':'Strip','content':' ','start':1,'stop':0}]},"
	 "'post_processor':{'type':'TemplateProcessing','single':[{'SpecialToken':{'id':'<s>'}},{'Sequence':{'id':'A'}}"
	 ","
	 "{'SpecialToken':{'id':'</s>'}}],'special_tokens':{'<s>':{'ids':[0]},'</s>':{'ids':[1]}}},"
	 "'added_tokens':[{'id':0,'content':'<s>','special':true},{'id':1,'content':'</s>','special':true}]}",
		"ByteFallback"},
	{"{'model':{'vocab':{'▁':0,'a':1,'b':2,'▁a':3,'a b':4},'merges':[['▁','a']]},"
	 "'pre_tokenizer':{'type':'Metaspace','prepend_scheme':'first','split':false},"
	 "'decoder':{'type':'Metaspace','prepend_scheme':'first'}}",
		"Metaspace"},
	{"{'model':{'vocab':{'_':0,'a':1,'b':2,'_a':3},'merges':['_ a']},"
	 "'pre_tokenizer':{'type':'Metaspace','replacement':'_','add_prefix_space':false},"
	 "'decoder':{'type':'Metaspace','replacement':'_','add_prefix_space':false}}",
		"never"},
	{"{'model':{'type':'Unigram','unk_id':0,'vocab':[['<unk>',0],['</s>',0],['a',-1.5],['b',-11.640073633050713],"
	 "['ab',-3.1],['▁',-2],['▁a',-2.25],['1',-0.1],['..',-30]]},"
	 "'normalizer':{'type':'Sequence','normalizers':[{'type':'Nmt'},{'type':'Precompiled',"
	 "'precompiled_charsmap':'BAAAAAAAAABhAA=='}]},"
	 "'pre_tokenizer':{'type':'Sequence','pretokenizers':[{'type':'WhitespaceSplit'},{'type':'Metaspace'}]},"
	 "'decoder':{'type':'Metaspace'},'added_tokens':[{'id':1,'content':'</s>','special':true}],"
	 "'post_processor':{'type':'TemplateProcessing','single':[{'Sequence':{'id':'A'}},"
	 "{'SpecialToken':{'id':'</s>'}}],'special_tokens':{'</s>':{'ids':[1]}}}}",
		"\"precompiled_charsmap\": \"BAAAAAAAAABhAA==\""},
	{"{'model':{'type':'Unigram','unk_id':null,'byte_fallback':true,'vocab':[['a',-1.5],['b',1],['é',0]]}}",
		"Unigram"},
};

static struct tokenizer *load(const char *path)
{
	struct tokenizer *t = NULL;
	struct err err = {0};

	check_ok(tokenizer_load(&t, path, &err), &err);
	return t;
}

static struct tokenizer *make(const char *dir, const char *json)
{
	struct tokenizer *t;
	struct buf text = {0};
	char *path;

	for (; *json; json++)
		buf_addch(&text, *json == '\'' ? '"' : *json);
	path = tempdir_put(dir, "made.json", text.at, text.len);
	t = load(path);
	buf_release(&text);
	free(path);
	return t;
}

/* The two give the same ids, or the same refusal; and make the same text of them. */
static void check_same(const struct tokenizer *a, const struct tokenizer *b, const char *text, size_t len)
{
	struct vec_u32 a_ids = {0}, b_ids = {0};
	struct buf a_text = {0}, b_text = {0};
	struct err err = {0};
	int rc = tokenizer_encode(a, text, len, true, &a_ids, NULL, &err);

	assert_int_equal(tokenizer_encode(b, text, len, true, &b_ids, NULL, &err), rc);
	assert_int_equal(a_ids.n, b_ids.n);
	if (a_ids.n > 0)
		assert_memory_equal(a_ids.at, b_ids.at, a_ids.n * sizeof(*a_ids.at));
	for (int skip = 0; skip < 2; skip++) {
		check_ok(tokenizer_decode(a, a_ids.at, a_ids.n, skip, &a_text, &err), &err);
		check_ok(tokenizer_decode(b, b_ids.at, b_ids.n, skip, &b_text, &err), &err);
	}
	assert_string_equal(buf_str(&a_text), buf_str(&b_text));
	vec_release(&a_ids);
	vec_release(&b_ids);
	buf_release(&a_text);
	buf_release(&b_text);
}

static void check_texts(const struct tokenizer *a, const struct tokenizer *b)
{
	static const char *const parts[] = {"a", "b", "ab", " ", "  ", "\n", "1", "12", ".", "..", "é", "É",
		"e\xCC\x81", "<s>", "</s>", "▁", "_", "x"};
	struct rng rng;

	rng_seed(&rng, 3);
	for (unsigned i = 0; i < 300; i++) {
		struct buf text = {0};

		for (uint32_t n = rng_below(&rng, 12); n > 0; n--)
			buf_addstr(&text, parts[rng_below(&rng, ARRAY_LEN(parts))]);
		check_same(a, b, buf_str(&text), text.len);
		buf_release(&text);
	}
}

static void check_file(const char *dir, const char *name, const char *part)
{
	char *path = tempdir_path(dir, name);
	struct buf text = {0};
	struct err err = {0};

	check_ok(file_read(&text, path, 1 << 20, &err), &err);
	if (!strstr(buf_str(&text), part))
		fail_msg("%s lacks \"%s\": %s", name, part, buf_str(&text));
	buf_release(&text);
	free(path);
}

static void as_tokenizer_json(void **state)
{
	const char *dir = *state;

	for (size_t i = 0; i < ARRAY_LEN(tokenizers); i++) {
		struct tokenizer *made = make(dir, tokenizers[i].json), *again;
		struct err err = {0};

		check_ok(tokenizer_save(made, dir, &err), &err);
		check_file(dir, "tokenizer.json", tokenizers[i].kind);
		again = load(dir);
		assert_int_equal(tokenizer_vocab_size(again), tokenizer_vocab_size(made));
		assert_string_equal(tokenizer_kind(again), tokenizer_kind(made));
		assert_int_equal(tokenizer_bos(again), tokenizer_bos(made));
		assert_int_equal(tokenizer_eos(again), tokenizer_eos(made));
		assert_int_equal(tokenizer_unk(again), tokenizer_unk(made));
		check_texts(made, again);
		tokenizer_free(made);
		tokenizer_free(again);
	}
}

#define GGUF_UNUSED 3 /* ids of the model that no token has */

/* The tokenizer as it comes out of a GGUF file, of which *kinds gets the types of tokens, if it is asked for. */
static struct tokenizer *through_gguf(const struct tokenizer *t, const char *dir, bool embedded, struct buf *kinds)
{
	char *path = tempdir_path(dir, "model.gguf");
	struct tokenizer *again = NULL;
	struct gguf_writer w;
	struct gguf_array types;
	struct err err = {0};
	struct gguf g;

	check_ok(gguf_writer_init(&w, path, &err), &err);
	if (embedded)
		check_ok(tokenizer_gguf_json(t, TOKEN_NONE, &w, &err), &err);
	else
		check_ok(tokenizer_gguf(t, tokenizer_vocab_size(t) + GGUF_UNUSED, TOKEN_NONE, &w, &err), &err);
	check_ok(gguf_writer_commit(&w, &err), &err);
	gguf_writer_release(&w);
	check_ok(gguf_open(&g, path, &err), &err);
	check_ok(tokenizer_load_gguf(&again, &g, &err), &err);
	if (kinds) {
		check_ok(gguf_get_array(&g, "tokenizer.ggml.token_type", GGUF_I64, &types, &err), &err);
		for (size_t i = 0; i < types.n; i++)
			buf_addf(kinds, "%d", (int)gguf_int_at(&types, i));
	}
	gguf_release(&g);
	free(path);
	return again;
}

static void as_json_in_gguf(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(tokenizers); i++) {
		struct tokenizer *made = make(*state, tokenizers[i].json), *again;

		again = through_gguf(made, *state, true, NULL);
		assert_int_equal(tokenizer_vocab_size(again), tokenizer_vocab_size(made));
		assert_int_equal(tokenizer_bos(again), tokenizer_bos(made));
		assert_int_equal(tokenizer_eos(again), tokenizer_eos(made));
		assert_int_equal(tokenizer_unk(again), tokenizer_unk(made));
		check_texts(made, again);
		tokenizer_free(made);
		tokenizer_free(again);
	}
}

#define BYTES_VOCAB \
	"'model':{'vocab':{'<s>':0,'</s>':1," \
	"'a':2,'b':3,'Ġ':4,'Ã':5,'©':6,'.':7,'1':8,'2':9,'Ġa':10,'Ã©':11,'ab':12,'É':13,"
#define BYTES_MERGES "'12':14,'Ġab':15,'Ċ':16},'merges':['Ġ a','Ã ©','a b','1 2','Ġ ab']"
#define BYTES_ADDED "'added_tokens':[{'id':0,'content':'<s>','special':true},{'id':17,'content':'..'}],"
#define BOS \
	"'post_processor':{'type':'TemplateProcessing'," \
	"'single':[{'SpecialToken':{'id':'<s>'}},{'Sequence':{'id':'A'}}]," \
	"'special_tokens':{'<s>':{'ids':[0]}}},"
#define T5 \
	"'model':{'type':'Unigram','unk_id':0,'vocab':[['<unk>',0],['</s>',0],['a',-1.5],['b',-1.75],['ab',-3.125]," \
	"['▁',-2],['▁a',-2.25],['1',-0.125],['..',-30]]},'decoder':{'type':'Metaspace'}," \
	"'added_tokens':[{'id':0,'content':'<unk>','special':true},{'id':1,'content':'</s>','special':true}]"

static const struct {
	const char *json, *kinds;
} expressible[] = {
	{"{" BYTES_VOCAB BYTES_MERGES "}," BYTES_ADDED
	 "'pre_tokenizer':{'type':'ByteLevel','add_prefix_space':false},'decoder':{'type':'ByteLevel'}}",
		"311111111111111114555"},
	{"{" BYTES_VOCAB BYTES_MERGES ",'ignore_merges':true}," BYTES_ADDED BOS
	 "'pre_tokenizer':{'type':'Sequence','pretokenizers':[{'type':'Split','behavior':'Isolated','pattern':{'Regex':"
	 "'(?i:\\u0027s|\\u0027t|\\u0027re|\\u0027ve|\\u0027m|\\u0027ll|\\u0027d)|"
	 "[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?\\\\p{L}+|"
	 "\\\\p{N}{1,3}| ?[^\\\\s\\\\p{L}\\\\p{N}]+[\\\\r\\\\n]*|\\\\s*[\\\\r\\\\n]+|\\\\s+(?!\\\\S)|\\\\s+'}},"
	 "{'type':'ByteLevel','add_prefix_space':false,'use_regex':false}]},'decoder':{'type':'ByteLevel'}}",
		"311111111111111114555"},
	{"{" BYTES_VOCAB BYTES_MERGES "}," BYTES_ADDED "'normalizer':{'type':'NFC'},"
	 "'pre_tokenizer':{'type':'Sequence','pretokenizers':[{'type':'Split','behavior':'Isolated','pattern':{'Regex':"
	 "'(?i:\\u0027s|\\u0027t|\\u0027re|\\u0027ve|\\u0027m|\\u0027ll|\\u0027d)|"
	 "[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?\\\\p{L}+|"
	 "\\\\p{N}| ?[^\\\\s\\\\p{L}\\\\p{N}]+[\\\\r\\\\n]*|\\\\s*[\\\\r\\\\n]+|\\\\s+(?!\\\\S)|\\\\s+'}},"
	 "{'type':'ByteLevel','add_prefix_space':false,'use_regex':false}]},'decoder':{'type':'ByteLevel'}}",
		"311111111111111114555"},
	{"{" BYTES_VOCAB BYTES_MERGES "}," BYTES_ADDED
	 "'pre_tokenizer':{'type':'Sequence','pretokenizers':[{'type':'Digits','individual_digits':true},"
	 "{'type':'ByteLevel','add_prefix_space':false}]},'decoder':{'type':'ByteLevel'}}",
		"311111111111111114555"},
	{"{" T5 ",'normalizer':{'type':'Precompiled','precompiled_charsmap':'BAAAAAAAAABhAA=='},"
	 "'pre_tokenizer':{'type':'Sequence','pretokenizers':[{'type':'WhitespaceSplit'},{'type':'Metaspace'}]},"
	 "'post_processor':{'type':'TemplateProcessing','single':[{'Sequence':{'id':'A'}},"
	 "{'SpecialToken':{'id':'</s>'}}],'special_tokens':{'</s>':{'ids':[1]}}}}",
		"231111111555"},
	{"{" T5 ",'pre_tokenizer':{'type':'Metaspace'}}", "231111111555"},
};

static void as_gguf(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(expressible); i++) {
		struct tokenizer *made = make(*state, expressible[i].json), *again;
		struct buf kinds = {0};

		again = through_gguf(made, *state, false, &kinds);
		assert_string_equal(buf_str(&kinds), expressible[i].kinds);
		assert_int_equal(tokenizer_vocab_size(again), tokenizer_vocab_size(made) + GGUF_UNUSED);
		assert_string_equal(tokenizer_kind(again), tokenizer_kind(made));
		check_texts(made, again);
		tokenizer_free(made);
		tokenizer_free(again);
		buf_release(&kinds);
	}
}

/* Llama 2's kind: all 256 bytes, and every way to cut a token into two as a merge, but for those in `without`. */
static struct tokenizer *make_llama(const char *dir, const char *model, const char *rest, const char *without)
{
	static const char *const merges[] = {"▁ a", "a b", "▁ ab", "▁a b", "▁ ▁", ". .", "a ab", "aa b", "1 2"};
	static const char *const pieces[] = {"▁", "a", "b", ".", "1", "2", "▁a", "ab", "▁ab", "▁▁", "..", "aab", "12"};
	struct tokenizer *t;
	struct buf json = {0};
	size_t listed = 0;

	buf_addstr(&json, "{'model':{'byte_fallback':true,'vocab':{'<unk>':0,'<s>':1,'</s>':2");
	for (unsigned byte = 0; byte < 256; byte++)
		buf_addf(&json, ",'<0x%02X>':%u", byte, 3 + byte);
	for (unsigned i = 0; i < ARRAY_LEN(pieces); i++)
		buf_addf(&json, ",'%s':%u", pieces[i], 259 + i);
	buf_addstr(&json, "},'unk_token':'<unk>','fuse_unk':true,'merges':[");
	for (size_t i = 0; i < ARRAY_LEN(merges); i++)
		if (!strstr(merges[i], "aa b") && (!without || strcmp(merges[i], without)))
			buf_addf(&json, "%s'%s'", listed++ > 0 ? "," : "", merges[i]);
	buf_addf(&json,
		"]%s},'added_tokens':[{'id':0,'content':'<unk>','special':true},"
		"{'id':1,'content':'<s>','special':true},{'id':2,'content':'</s>','special':true}]%s}",
		model, rest);
	t = make(dir, buf_str(&json));
	buf_release(&json);
	return t;
}

/* All 256 bytes and a token of so many. */
static struct tokenizer *make_long(const char *dir, size_t len)
{
	struct tokenizer *t;
	struct buf json = {0};

	buf_addstr(&json, "{'model':{'byte_fallback':true,'merges':[],'vocab':{");
	for (unsigned byte = 0; byte < 256; byte++)
		buf_addf(&json, "'<0x%02X>':%u,", byte, byte);
	buf_addch(&json, '\'');
	for (size_t i = 0; i < len; i++)
		buf_addch(&json, 'a');
	buf_addstr(&json, "':256}},'pre_tokenizer':{'type':'Metaspace','split':false}}");
	t = make(dir, buf_str(&json));
	buf_release(&json);
	return t;
}

static const char llama_steps[] =
	",'normalizer':{'type':'Sequence','normalizers':[{'type':'Prepend','prepend':'▁'},"
	"{'type':'Replace','pattern':{'String':' '},'content':'▁'}]},"
	"'decoder':{'type':'Sequence','decoders':[{'type':'Replace','pattern':{'String':'▁'},'content':' '},"
	"{'type':'ByteFallback'},{'type':'Fuse'},{'type':'Strip','content':' ','start':1,'stop':0}]},"
	"'post_processor':{'type':'TemplateProcessing',"
	"'single':[{'SpecialToken':{'id':'<s>'}},{'Sequence':{'id':'A'}}],"
	"'special_tokens':{'<s>':{'ids':[1]}}}";

static void scores_of_merges(void **state)
{
	struct tokenizer *made = make_llama(*state, "", llama_steps, NULL), *again;
	struct buf kinds = {0};

	again = through_gguf(made, *state, false, &kinds);
	assert_memory_equal(buf_str(&kinds), "2336666", 7);
	assert_string_equal(buf_str(&kinds) + 258, "61111111111111555");
	assert_int_equal(tokenizer_bos(again), 1);
	check_texts(made, again);
	tokenizer_free(made);
	tokenizer_free(again);
	buf_release(&kinds);
}

static void check_not_gguf(struct tokenizer *t, const char *dir, size_t vocab, enum err_code code, const char *message)
{
	char *path = tempdir_path(dir, "model.gguf");
	struct gguf_writer w;
	struct err err = {0};

	check_ok(gguf_writer_init(&w, path, &err), &err);
	check_refused(tokenizer_gguf(t, vocab, TOKEN_NONE, &w, &err), &err, code, message);
	assert_int_equal(w.n_keys, 0);
	gguf_writer_release(&w);
	tokenizer_free(t);
	free(path);
}

static void not_gguf(void **state)
{
	static const struct {
		const char *json, *message;
	} cases[] = {
		{"{" BYTES_VOCAB BYTES_MERGES "}," BYTES_ADDED "'pre_tokenizer':{'type':'ByteLevel'}}", "byte-level"},
		{"{" BYTES_VOCAB BYTES_MERGES ",'ignore_merges':true}," BYTES_ADDED
		 "'pre_tokenizer':{'type':'ByteLevel','add_prefix_space':false}}",
			"byte-level"},
		{"{" BYTES_VOCAB BYTES_MERGES "}}", "<0x00>"},
		{"{'model':{'vocab':{'a':0},'merges':[]},'added_tokens':[{'id':1,'content':'m','lstrip':true}]}",
			"takes the white space"},
		{"{'model':{'vocab':{'a':0},'merges':[]},'added_tokens':[{'id':1,'content':'m','single_word':true}]}",
			"\"m\" counts only where"},
		{"{'model':{'vocab':{'a':0},'merges':[]},'normalizer':{'type':'Lowercase'},"
		 "'added_tokens':[{'id':1,'content':'M','normalized':true}]}",
			"normalised text"},
		{"{" T5 ",'pre_tokenizer':{'type':'Metaspace','split':false}}", "Unigram"},
		{"{" T5 ",'normalizer':{'type':'NFKC'},'pre_tokenizer':{'type':'Metaspace'}}", "Unigram"},
		{"{" T5 ",'post_processor':{'type':'TemplateProcessing','single':[{'SpecialToken':{'id':'</s>'}},"
		 "{'SpecialToken':{'id':'<unk>'}},{'Sequence':{'id':'A'}}],'special_tokens':{'</s>':{'ids':[1]},"
		 "'<unk>':{'ids':[0]}}}}",
			"around a text"},
	};
	const char *dir = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_not_gguf(make(dir, cases[i].json), dir, 99, ERR_UNSUPPORTED, cases[i].message);
	check_not_gguf(make(dir, expressible[0].json), dir, 17, ERR_VALUE, "18 ids are more than the model's 17");
	check_not_gguf(make_llama(dir, "", llama_steps, "a b"), dir, 300, ERR_UNSUPPORTED, "\"ab\" are not all");
	check_not_gguf(make_llama(dir, "", llama_steps, "▁ ab"), dir, 300, ERR_UNSUPPORTED, "\"▁ab\" are not all");
	check_not_gguf(make_llama(dir, ",'ignore_merges':true", llama_steps, NULL), dir, 300, ERR_UNSUPPORTED, "BPE");
	check_not_gguf(make_llama(dir, "", "", NULL), dir, 300, ERR_UNSUPPORTED, "BPE");
	check_not_gguf(make_long(dir, 1025), dir, 257, ERR_UNSUPPORTED, "of 1025 bytes is longer than the 1024");
}

static void no_tokenizer_json(void **state)
{
	static const struct {
		const char *json, *message;
	} cases[] = {
		{"{'model':{'type':'Unigram','vocab':[['a',0]]},'added_tokens':[{'id':3,'content':'b'}]}",
			"and 1 has none"},
	};
	const char *dir = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct tokenizer *t = make(dir, cases[i].json);
		struct err err = {0};

		check_refused(tokenizer_save(t, dir, &err), &err, ERR_UNSUPPORTED, cases[i].message);
		assert_int_equal(tempdir_count(dir), 1); /* what was read */
		tokenizer_free(t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_tempdir(as_tokenizer_json),
		in_tempdir(no_tokenizer_json),
		in_tempdir(as_json_in_gguf),
		in_tempdir(as_gguf),
		in_tempdir(scores_of_merges),
		in_tempdir(not_gguf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
