/* Tokenizer files that are not what they should be, and where the special tokens' names come from. */
#include "check.h"
#include "tokmaker.h"

#define MODEL "'model':{'type':'BPE','vocab':{'a':0,'b':1,'ab':2},'merges':['a b']}"

static int clean(void **state)
{
	(void)state;
	tokmaker_clean();
	return 0;
}

struct fault {
	const char *json;
	enum err_code code;
	const char *message; /* a part of it */
};

static void check_faults(const struct fault *faults, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct tokenizer *t = NULL;
		struct err err = {0};

		tokmaker_write("tokenizer.json", faults[i].json);
		check_refused(tokmaker_load_dir(&t, &err), &err, faults[i].code, faults[i].message);
		if (!strstr(err.msg, "tokenizer.json"))
			fail_msg("\"%s\" does not name the file", err.msg);
		assert_null(t);
	}
}

static void model_faults(void **state)
{
	static const struct fault faults[] = {
		{"", ERR_FORMAT, "not valid JSON"},
		{"[]", ERR_FORMAT, "object"},
		{"{}", ERR_FORMAT, "model"},
		{"{'model':{}}", ERR_FORMAT, "\"model\" lacks \"vocab\""},
		{"{'model':{'type':'WordPiece'}}", ERR_UNSUPPORTED, "\"WordPiece\", which is not supported"},
		{"{'model':{'type':7}}", ERR_FORMAT, "model.type"},
		{"{'model':{'vocab':['a'],'merges':[]}}", ERR_FORMAT, "model.vocab"},
		{"{'model':{'vocab':{},'merges':[]}}", ERR_FORMAT, "is empty"},
		{"{'model':{'vocab':{'a':0}}}", ERR_FORMAT, "\"model\" lacks \"merges\""},
		{"{'model':{'vocab':{'a':0},'merges':{}}}", ERR_FORMAT, "model.merges"},
		{"{'model':{'vocab':{'a':'0'},'merges':[]}}", ERR_FORMAT, "model.vocab.a"},
		{"{'model':{'vocab':{'a':0.5},'merges':[]}}", ERR_FORMAT, "model.vocab.a"},
		{"{'model':{'vocab':{'a':-1},'merges':[]}}", ERR_FORMAT, "model.vocab.a"},
		{"{'model':{'vocab':{'a':2097152},'merges':[]}}", ERR_FORMAT, "from 0 to 2097151"},
		{"{'model':{'vocab':{'a':4294967296},'merges':[]}}", ERR_FORMAT, "from 0 to 2097151"},
		{"{'model':{'vocab':{'a':99999999999999999999},'merges':[]}}", ERR_FORMAT, "model.vocab.a"},
		{"{'model':{'vocab':{'a':0,'b':0},'merges':[]}}", ERR_FORMAT, "\"a\" and \"b\" have the same id 0"},
		{"{'model':{'vocab':{'a':0,'a':1},'merges':[]}}", ERR_FORMAT, "duplicate"},
		{"{'model':{'vocab':{'a':0},'merges':['ab']}}", ERR_FORMAT, "\"ab\" is not two tokens"},
		{"{'model':{'vocab':{'a':0},'merges':['a  a']}}", ERR_FORMAT, "model.merges[0]"},
		{"{'model':{'vocab':{'a':0},'merges':[['a']]}}", ERR_FORMAT, "neither"},
		{"{'model':{'vocab':{'a':0},'merges':[['a','a','a']]}}", ERR_FORMAT, "neither"},
		{"{'model':{'vocab':{'a':0},'merges':[['a',1]]}}", ERR_FORMAT, "neither"},
		{"{'model':{'vocab':{'a':0,'aa':1},'merges':['a a',7]}}", ERR_FORMAT, "model.merges[1]"},
		{"{'model':{'vocab':{'a':0},'merges':['a b']}}", ERR_FORMAT, "\"b\" is not in the vocabulary"},
		{"{'model':{'vocab':{'a':0,'b':1},'merges':['a b']}}", ERR_FORMAT, "\"ab\" is not in the vocabulary"},
		{"{'model':{'vocab':{'a':0},'merges':[' a']}}", ERR_FORMAT, "\"\" is not in the vocabulary"},
		{"{'model':{'vocab':{'a':0},'merges':[],'dropout':0.1}}", ERR_FORMAT, "model.dropout"},
		{"{'model':{'vocab':{'a':0},'merges':[],'end_of_word_suffix':'</w>'}}", ERR_UNSUPPORTED, "</w>"},
		{"{'model':{'vocab':{'a':0},'merges':[],'byte_fallback':1}}", ERR_FORMAT, "model.byte_fallback"},
		{"{'model':{'vocab':{'a':0},'merges':[],'unk_token':1}}", ERR_FORMAT, "model.unk_token"},
	};

	(void)state;
	check_faults(faults, ARRAY_LEN(faults));
}

static void step_faults(void **state)
{
	static const struct fault faults[] = {
		{"{" MODEL ",'normalizer':'NFC'}", ERR_FORMAT, "normalizer"},
		{"{" MODEL ",'normalizer':{}}", ERR_FORMAT, "\"normalizer\" lacks \"type\""},
		{"{" MODEL ",'normalizer':{'type':'BertNormalizer'}}", ERR_UNSUPPORTED,
			"\"normalizer.type\" is \"BertNormalizer\""},
		{"{" MODEL ",'normalizer':{'type':'Sequence','normalizers':[{'type':'NFC'},{'type':'ByteLevel'}]}}",
			ERR_UNSUPPORTED, "normalizer.normalizers[1].type"},
		{"{" MODEL ",'normalizer':{'type':'Sequence'}}", ERR_FORMAT, "\"normalizer\" lacks \"normalizers\""},
		{"{" MODEL ",'normalizer':{'type':'Prepend','prepend':['x']}}", ERR_FORMAT, "normalizer.prepend"},
		{"{" MODEL ",'normalizer':{'type':'Replace','pattern':{'String':''},'content':'x'}}", ERR_FORMAT,
			"empty"},
		{"{" MODEL ",'normalizer':{'type':'Replace','pattern':'a','content':'x'}}", ERR_FORMAT, "pattern"},
		{"{" MODEL ",'pre_tokenizer':{'type':'BertPreTokenizer'}}", ERR_UNSUPPORTED, "BertPreTokenizer"},
		{"{" MODEL ",'pre_tokenizer':{'type':'Split','pattern':{'Regex':'('},'behavior':'Isolated'}}",
			ERR_FORMAT, "pre_tokenizer.pattern.Regex"},
		{"{" MODEL ",'pre_tokenizer':{'type':'Split','pattern':{'Regex':'\\\\h'},'behavior':'Isolated'}}",
			ERR_UNSUPPORTED, "\\h"},
		{"{" MODEL ",'pre_tokenizer':{'type':'Split','pattern':{'Regex':'\\\\w+\\\\b'},'behavior':'Isolated'}}",
			ERR_UNSUPPORTED, "\\w"},
		{"{" MODEL ",'pre_tokenizer':{'type':'Split','pattern':{'Regex':'[a[bc]]'},'behavior':'Isolated'}}",
			ERR_UNSUPPORTED, "class inside a class"},
		{"{" MODEL ",'pre_tokenizer':{'type':'Split','pattern':{'Regex':'[a&&b]'},'behavior':'Isolated'}}",
			ERR_UNSUPPORTED, "intersection"},
		{"{" MODEL ",'pre_tokenizer':{'type':'Split','pattern':{'Regex':'[]a]'},'behavior':'Isolated'}}",
			ERR_UNSUPPORTED, "begins with \"]\""},
		{"{" MODEL ",'pre_tokenizer':{'type':'Split','pattern':{'Regex':'(*NO_JIT)a'},'behavior':'Isolated'}}",
			ERR_UNSUPPORTED, "verb"},
		{"{" MODEL ",'pre_tokenizer':{'type':'Split','pattern':{'Regex':'\\\\'},'behavior':'Isolated'}}",
			ERR_FORMAT, "\\"},
		{"{" MODEL ",'pre_tokenizer':{'type':'Split','pattern':{'Regex':'a'},'behavior':'Glued'}}",
			ERR_UNSUPPORTED, "Glued"},
		{"{" MODEL ",'pre_tokenizer':{'type':'Split','pattern':{'Regex':7},'behavior':'Isolated'}}", ERR_FORMAT,
			"pattern.Regex"},
		{"{" MODEL ",'pre_tokenizer':{'type':'ByteLevel','use_regex':'yes'}}", ERR_FORMAT, "use_regex"},
		{"{" MODEL ",'pre_tokenizer':{'type':'Metaspace','replacement':''}}", ERR_FORMAT, "empty"},
		{"{" MODEL ",'pre_tokenizer':{'type':'Metaspace','prepend_scheme':'last'}}", ERR_UNSUPPORTED,
			"\"last\""},
		{"{" MODEL ",'decoder':{'type':'WordPiece'}}", ERR_UNSUPPORTED, "decoder.type"},
		{"{" MODEL ",'decoder':{'type':'Strip','content':'','start':1,'stop':0}}", ERR_FORMAT,
			"decoder.content"},
		{"{" MODEL ",'decoder':{'type':'Strip','content':' ','start':-1,'stop':0}}", ERR_FORMAT,
			"decoder.start"},
		{"{" MODEL ",'decoder':{'type':'Replace','pattern':{'Regex':'a'},'content':''}}", ERR_UNSUPPORTED,
			"decoder.pattern.Regex"},
	};

	(void)state;
	check_faults(faults, ARRAY_LEN(faults));
}

static void token_faults(void **state)
{
	static const struct fault faults[] = {
		{"{" MODEL ",'added_tokens':{}}", ERR_FORMAT, "added_tokens"},
		{"{" MODEL ",'added_tokens':['<s>']}", ERR_FORMAT, "added_tokens[0]"},
		{"{" MODEL ",'added_tokens':[{'id':3}]}", ERR_FORMAT, "\"added_tokens[0]\" lacks \"content\""},
		{"{" MODEL ",'added_tokens':[{'content':'<s>'}]}", ERR_FORMAT, "\"added_tokens[0]\" lacks \"id\""},
		{"{" MODEL ",'added_tokens':[{'content':'<s>','id':-3}]}", ERR_FORMAT, "added_tokens[0].id"},
		{"{" MODEL ",'added_tokens':[{'content':'<s>','id':1}]}", ERR_FORMAT, "same id 1"},
		{"{" MODEL ",'added_tokens':[{'content':'b','id':3}]}", ERR_FORMAT, "two ids, 1 and 3"},
		{"{" MODEL ",'added_tokens':[{'content':'<s>','id':3,'lstrip':1}]}", ERR_FORMAT, "lstrip"},
		{"{" MODEL ",'post_processor':{'type':'RobertaProcessing'}}", ERR_UNSUPPORTED, "RobertaProcessing"},
		{"{" MODEL ",'post_processor':{'type':'TemplateProcessing','single':[],'special_tokens':{}}}",
			ERR_FORMAT, "0 times"},
		{"{" MODEL ",'post_processor':{'type':'TemplateProcessing','single':[{'Sequence':{'id':'A'}},"
		 "{'Sequence':{'id':'A'}}],'special_tokens':{}}}",
			ERR_FORMAT, "2 times"},
		{"{" MODEL ",'post_processor':{'type':'TemplateProcessing','single':[{'SpecialToken':{'id':'x'}}],"
		 "'special_tokens':{}}}",
			ERR_FORMAT, "\"post_processor.special_tokens\" lacks \"x\""},
		{"{" MODEL ",'post_processor':{'type':'TemplateProcessing','single':[{'SpecialToken':{'id':'x'}}],"
		 "'special_tokens':{'x':{'ids':[3]}}}}",
			ERR_FORMAT, "no token has"},
	};

	(void)state;
	check_faults(faults, ARRAY_LEN(faults));
}

static void add_times(struct buf *out, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_addstr(out, text);
}

static void too_much(void **state)
{
	struct buf json = {0};
	struct fault fault = {.code = ERR_FORMAT};

	(void)state;
	buf_addstr(&json, "{" MODEL ",'normalizer':"); /* nested deeper than the JSON reader follows */
	add_times(&json, "{'type':'Sequence','normalizers':[", 3000);
	add_times(&json, "]}", 3000);
	buf_addstr(&json, "}");
	fault.json = buf_str(&json);
	fault.message = "depth";
	check_faults(&fault, 1);
	buf_clear(&json);
	buf_addstr(&json, "{" MODEL ",'normalizer':{'type':'Sequence','normalizers':[{'type':'NFC'}");
	add_times(&json, ",{'type':'NFC'}", 64);
	buf_addstr(&json, "]}}");
	fault.json = buf_str(&json);
	fault.message = "normalizers[64]";
	check_faults(&fault, 1);
	buf_clear(&json);
	buf_addstr(&json, "{" MODEL ",'normalizer':{'type':'Prepend','prepend':'");
	buf_addrep(&json, 'x', 300);
	buf_addstr(&json, "'}}");
	fault.json = buf_str(&json);
	fault.message = "longer than 256 bytes";
	check_faults(&fault, 1);
	buf_release(&json);
}

/* Every step makes the text sixty-four times longer. */
static void text_that_grows(void **state)
{
	struct buf rest = {0};
	struct tokmaker m = {.vocab = "a b"};
	struct vec_u32 ids = {0};
	struct tokenizer *t;
	struct err err = {0};

	(void)state;
	buf_addstr(&rest, ",'normalizer':{'type':'Sequence','normalizers':[{'type':'NFC'}");
	for (unsigned i = 0; i < 40; i++) {
		buf_addstr(&rest, ",{'type':'Replace','pattern':{'String':'a'},'content':'");
		buf_addrep(&rest, 'a', 64);
		buf_addstr(&rest, "'}");
	}
	buf_addstr(&rest, "]}");
	m.rest = buf_str(&rest);
	t = tokmaker_need(&m);
	check_refused(tokenizer_encode(t, "a", 1, false, &ids, NULL, &err), &err, ERR_VALUE, "longer than");
	tokenizer_free(t);
	buf_release(&rest);
	vec_release(&ids);
}

/* Backtracking without end is an error within a moment, not a program that hangs. */
static void expression_that_hangs(void **state)
{
	struct tokmaker m = {.vocab = "a b",
		.rest = ",'pre_tokenizer':{'type':'Split','pattern':{'Regex':'(a+a+)+[bc]'},'behavior':'Isolated'}"};
	struct tokenizer *t = tokmaker_need(&m);
	struct vec_u32 ids = {0};
	struct err err = {0};
	static const char text[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

	(void)state;
	check_refused(
		tokenizer_encode(t, text, sizeof(text) - 1, false, &ids, NULL, &err), &err, ERR_UNSUPPORTED, "limit");
	assert_int_equal(ids.n, 0);
	tokenizer_free(t);
	vec_release(&ids);
}

static void long_texts(void **state)
{
	static const char words[] = "[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?\\\\p{L}+| "
				    "?[^\\\\s\\\\p{L}\\\\p{N}]+|\\\\s*[\\\\r\\\\n]+|\\\\s+(?!\\\\S)|\\\\s+";
	struct tokmaker m = {.vocab = "a ␣ aa", .merges = "a a"};
	struct buf rest = {0}, text = {0};
	struct vec_u32 ids = {0};
	struct tokenizer *t;
	struct err err = {0};

	(void)state;
	buf_addf(&rest, ",'pre_tokenizer':{'type':'Split','pattern':{'Regex':'%s'},'behavior':'Isolated'}", words);
	m.rest = buf_str(&rest);
	t = tokmaker_need(&m);
	buf_addrep(&text, 'a', 200000);
	buf_addrep(&text, ' ', 200000);
	buf_addch(&text, 'a');
	check_ok(tokenizer_encode(t, text.at, text.len, false, &ids, NULL, &err), &err);
	assert_int_equal(ids.n, 100000 + 200000 + 1);
	tokenizer_free(t);
	buf_release(&rest);
	buf_release(&text);
	vec_release(&ids);
}

static void missing_files(void **state)
{
	struct tokenizer *t = NULL;
	struct err err = {0};

	(void)state;
	check_refused(tokenizer_load(&t, "no/such/folder", &err), &err, ERR_IO, "no/such/folder");
	tokmaker_write("other.json", "{}");
	check_refused(tokmaker_load_dir(&t, &err), &err, ERR_IO, "tokenizer.json");
	assert_null(t);
}

/* Ids with holes between them, and an added token that is part of the model as well. */
static void ids_with_holes(void **state)
{
	struct tokenizer *t = NULL;
	struct buf piece = {0};
	struct err err = {0};

	(void)state;
	tokmaker_write("tokenizer.json",
		"{'model':{'vocab':{'a':7,'b':3},'merges':[]},"
		"'added_tokens':[{'content':'b','id':3},{'content':'<s>','id':12,'special':true}]}");
	check_ok(tokmaker_load_dir(&t, &err), &err);
	assert_int_equal(tokenizer_vocab_size(t), 13);
	assert_int_equal(tokenizer_find(t, "<s>", 3), 12);
	assert_int_equal(tokenizer_find(t, "<s", 2), TOKEN_NONE);
	tokmaker_check(t, "ab<s>", "a|b|<s>|");
	check_refused(tokenizer_piece(t, 5, &piece, &err), &err, ERR_VALUE, "token id 5");
	tokenizer_free(t);
	buf_release(&piece);
}

static void check_names(const char *config, const char *map, uint32_t bos, uint32_t eos, uint32_t unk)
{
	static const char json[] =
		"{'model':{'vocab':{'a':0,'<s>':1,'</s>':2,'<unk>':3},'merges':[],'unk_token':%s},"
		"'post_processor':{'type':'Sequence','processors':[{'type':'ByteLevel'},"
		"{'type':'TemplateProcessing','single':[{'SpecialToken':{'id':'<s>'}},{'Sequence':{'id':'A'}}],"
		"'special_tokens':{'<s>':{'ids':[1]}}}]}}";
	struct tokenizer *t = NULL;
	struct buf text = {0};
	struct err err = {0};

	tokmaker_clean();
	buf_addf(&text, json, unk == 3 ? "'<unk>'" : "null");
	tokmaker_write("tokenizer.json", buf_str(&text));
	if (config)
		tokmaker_write("tokenizer_config.json", config);
	if (map)
		tokmaker_write("special_tokens_map.json", map);
	check_ok(tokmaker_load_dir(&t, &err), &err);
	assert_int_equal(tokenizer_bos(t), bos);
	assert_int_equal(tokenizer_eos(t), eos);
	assert_int_equal(tokenizer_unk(t), unk);
	tokenizer_free(t);
	buf_release(&text);
}

static void special_names(void **state)
{
	const uint32_t none = TOKEN_NONE;
	struct tokenizer *t = NULL;
	struct err err = {0};

	(void)state;
	check_names(NULL, NULL, 1, none, 3);
	check_names("{'bos_token':'a','eos_token':{'content':'</s>','lstrip':false},'unk_token':'a'}", NULL, 0, 2, 3);
	check_names("{'eos_token':null,'model_max_length':1000000000000000019884624838656}", "{'eos_token':'</s>'}", 1,
		2, 3);
	check_names("{'eos_token':'<end>','unk_token':'a'}", "{'eos_token':'a'}", 1, 0, 0);
	check_names("{'eos_token':7}", NULL, 1, none, 3);
	check_names("[]", "[7]", 1, none, 3);
	tokmaker_write("tokenizer_config.json", "{");
	check_refused(tokmaker_load_dir(&t, &err), &err, ERR_FORMAT, "tokenizer_config.json");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(model_faults, clean),
		cmocka_unit_test_teardown(step_faults, clean),
		cmocka_unit_test_teardown(token_faults, clean),
		cmocka_unit_test_teardown(too_much, clean),
		cmocka_unit_test_teardown(text_that_grows, clean),
		cmocka_unit_test_teardown(expression_that_hangs, clean),
		cmocka_unit_test_teardown(long_texts, clean),
		cmocka_unit_test_teardown(missing_files, clean),
		cmocka_unit_test_teardown(ids_with_holes, clean),
		cmocka_unit_test_teardown(special_names, clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
