#include "text/tokenizer_write.h"

#include <string.h>

static const char *with_role(const struct tokenizer_parts *p, const char *role)
{
	for (size_t i = 0; i < p->n_specials; i++)
		if (p->specials[i].role && !strcmp(p->specials[i].role, role))
			return p->specials[i].text;
	return NULL;
}

static json_t *added_token(const struct tokenizer_parts *p, const char *text, bool special)
{
	return json_pack("{s:O, s:s, s:b, s:b, s:b, s:b, s:b}", "id", json_object_get(p->vocab, text), "content", text,
		"single_word", 0, "lstrip", 0, "rstrip", 0, "normalized", 0, "special", special);
}

static json_t *added_tokens(const struct tokenizer_parts *p)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->n_specials; i++)
		json_array_append_new(list, added_token(p, p->specials[i].text, true));
	for (size_t i = 0; i < p->n_added; i++)
		json_array_append_new(list, added_token(p, p->added[i], false));
	return list;
}

static json_t *byte_level(bool prefix_space)
{
	return json_pack("{s:s, s:b, s:b, s:b}", "type", "ByteLevel", "add_prefix_space", prefix_space, "trim_offsets",
		1, "use_regex", 1);
}

/* Puts the token for a text's beginning before it, and before the first of a pair. */
static json_t *post_processor(const struct tokenizer_parts *p)
{
	const char *bos = with_role(p, "bos_token");
	json_t *first, *second, *token;

	if (!bos)
		return json_null();
	token = json_pack("{s:{s:s, s:i}}", "SpecialToken", "id", bos, "type_id", 0);
	first = json_pack("{s:{s:s, s:i}}", "Sequence", "id", "A", "type_id", 0);
	second = json_pack("{s:{s:s, s:i}}", "Sequence", "id", "B", "type_id", 1);
	return json_pack("{s:s, s:[O, O], s:[o, o, o], s:{s:{s:s, s:[O], s:[s]}}}", "type", "TemplateProcessing",
		"single", token, first, "pair", token, first, second, "special_tokens", bos, "id", bos, "ids",
		json_object_get(p->vocab, bos), "tokens", bos);
}

static json_t *model(const struct tokenizer_parts *p)
{
	return json_pack("{s:s, s:n, s:s?, s:n, s:n, s:b, s:b, s:b, s:O, s:O}", "type", "BPE", "dropout", "unk_token",
		with_role(p, "unk_token"), "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk",
		!p->byte_level, "byte_fallback", 0, "ignore_merges", 0, "vocab", p->vocab, "merges", p->merges);
}

static json_t *tokenizer_json(const struct tokenizer_parts *p)
{
	return json_pack("{s:s, s:n, s:n, s:o, s:n, s:o, s:o, s:o, s:o}", "version", "1.0", "truncation", "padding",
		"added_tokens", added_tokens(p), "normalizer", "pre_tokenizer",
		p->byte_level ? byte_level(false) : json_null(), "post_processor", post_processor(p), "decoder",
		p->byte_level ? byte_level(true) : json_pack("{s:s}", "type", "Fuse"), "model", model(p));
}

static json_t *config_json(const struct tokenizer_parts *p)
{
	json_t *config = json_pack(
		"{s:s, s:b}", "tokenizer_class", "PreTrainedTokenizerFast", "clean_up_tokenization_spaces", 0);

	for (size_t i = 0; i < p->n_specials; i++)
		if (p->specials[i].role)
			json_object_set_new(config, p->specials[i].role, json_string(p->specials[i].text));
	return config;
}

int tokenizer_write(const char *dir, const struct tokenizer_parts *p, struct err *err)
{
	if (json_write_new(dir, "tokenizer.json", tokenizer_json(p), err))
		return -1;
	return json_write_new(dir, "tokenizer_config.json", config_json(p), err);
}
