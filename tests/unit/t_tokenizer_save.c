/* Tokenizers that are written and read again: nothing that they do to a text has changed. */
#include "check.h"
#include "tempdir.h"

#include "base/buf.h"
#include "base/rng.h"
#include "store/file.h"
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
