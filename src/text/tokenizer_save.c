#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "store/file.h"
#include "store/json.h"
#include "text/steps_save.h"
#include "text/tokenizer_priv.h"

static json_t *spelling(const struct tokenizer *t, uint32_t id)
{
	const struct token *token = &t->vocab.tokens.at[id];

	return json_stringn(token->text, token->len);
}

/* Marks the tokens that are found in a text before the model sees it. */
static void mark_added(const struct added_set *set, bool *marks)
{
	for (size_t i = 0; i < set->tokens.n; i++)
		marks[set->tokens.at[i].id] = true;
}

/*
 * Of every id whether its token is one of the model's. Hugging Face numbers added tokens that the model lacks by
 * itself, one after the other, beginning with the number of the model's tokens; where that would give other ids, the
 * model gets them too. A token that is neither fills up the table of a GGUF file and is left out. Caller frees.
 */
static bool *model_tokens(const struct tokenizer *t)
{
	bool *in_model = xcalloc(t->vocab.tokens.n + 1, sizeof(*in_model));
	bool *added = xcalloc(t->vocab.tokens.n + 1, sizeof(*added)), as_numbered = true;
	size_t next = 0;

	mark_added(&t->added_raw, added);
	mark_added(&t->added_normalized, added);
	for (size_t id = 0; id < t->vocab.tokens.n; id++) {
		in_model[id] = t->vocab.tokens.at[id].in_model;
		next += in_model[id];
	}
	for (size_t id = 0; id < t->vocab.tokens.n; id++)
		if (added[id] && !in_model[id])
			as_numbered &= id == next++;
	for (size_t id = 0; !as_numbered && id < t->vocab.tokens.n; id++)
		in_model[id] |= added[id];
	free(added);
	return in_model;
}

/* An added token and whether it is looked for in normalised text. */
struct added_entry {
	const struct added_token *token;
	bool normalized;
};

static int by_id(const void *va, const void *vb)
{
	const struct added_entry *a = va, *b = vb;

	return (a->token->id > b->token->id) - (a->token->id < b->token->id);
}

static json_t *added_tokens(const struct tokenizer *t)
{
	VEC(struct added_entry) list = {0};
	json_t *json = json_array();

	for (size_t i = 0; i < t->added_raw.tokens.n; i++)
		vec_push(&list, (struct added_entry){&t->added_raw.tokens.at[i], false});
	for (size_t i = 0; i < t->added_normalized.tokens.n; i++)
		vec_push(&list, (struct added_entry){&t->added_normalized.tokens.at[i], true});
	if (list.n > 0)
		qsort(list.at, list.n, sizeof(*list.at), by_id);
	for (size_t i = 0; i < list.n; i++) {
		const struct added_token *token = list.at[i].token;

		json_array_append_new(
			json, json_pack("{s:I, s:o, s:b, s:b, s:b, s:b, s:b}", "id", (json_int_t)token->id, "content",
				      spelling(t, token->id), "single_word", token->single_word, "lstrip",
				      token->lstrip, "rstrip", token->rstrip, "normalized", list.at[i].normalized,
				      "special", t->vocab.tokens.at[token->id].special));
	}
	vec_release(&list);
	return json;
}

static json_t *vocabulary(const struct tokenizer *t)
{
	bool *in_model = model_tokens(t);
	json_t *json = json_object();

	for (uint32_t id = 0; id < t->vocab.tokens.n; id++)
		if (in_model[id])
			json_object_set_new(json, t->vocab.tokens.at[id].text, json_integer((json_int_t)id));
	free(in_model);
	return json;
}

static json_t *merge_list(const struct tokenizer *t)
{
	struct merge *merges;
	json_t *json = json_array();
	size_t n;

	merges = bpe_merges(&t->bpe, &n);
	for (size_t i = 0; i < n; i++)
		json_array_append_new(
			json, json_pack("[o, o]", spelling(t, merges[i].left), spelling(t, merges[i].right)));
	free(merges);
	return json;
}

static json_t *bpe_json(const struct tokenizer *t)
{
	const struct bpe *b = &t->bpe;

	return json_pack("{s:s, s:n, s:s?, s:n, s:n, s:b, s:b, s:b, s:o, s:o}", "type", "BPE", "dropout", "unk_token",
		b->unk_name, "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk", b->fuse_unk,
		"byte_fallback", b->byte_fallback, "ignore_merges", b->ignore_merges, "vocab", vocabulary(t), "merges",
		merge_list(t));
}

static json_t *unigram_json(const struct tokenizer *t)
{
	const struct unigram *u = &t->unigram;
	bool *in_model = model_tokens(t);
	json_t *vocab = json_array();
	size_t n = u->scores.n;

	while (n > 0 && !in_model[n - 1])
		n--;
	free(in_model);
	for (uint32_t id = 0; id < n; id++)
		json_array_append_new(vocab, json_pack("[o, o]", spelling(t, id), json_real(u->scores.at[id])));
	return json_pack("{s:s, s:o, s:o, s:b}", "type", "Unigram", "unk_id",
		u->unk == TOKEN_NONE ? json_null() : json_integer((json_int_t)u->unk), "vocab", vocab, "byte_fallback",
		u->byte_fallback);
}

static void add_special(const struct tokenizer *t, uint32_t id, json_t *list, json_t *known)
{
	json_t *name = spelling(t, id);

	json_array_append_new(list, json_pack("{s:{s:O, s:i}}", "SpecialToken", "id", name, "type_id", 0));
	json_object_set_new(known, json_string_value(name),
		json_pack("{s:O, s:[I], s:[O]}", "id", name, "ids", (json_int_t)id, "tokens", name));
	json_decref(name);
}

/* A text and what stands around it. */
static json_t *surrounded(const struct tokenizer *t, const char *text, int type, json_t *known)
{
	json_t *list = json_array();

	for (size_t i = 0; i < t->before.n; i++)
		add_special(t, t->before.at[i], list, known);
	json_array_append_new(list, json_pack("{s:{s:s, s:i}}", "Sequence", "id", text, "type_id", type));
	for (size_t i = 0; i < t->after.n; i++)
		add_special(t, t->after.at[i], list, known);
	return list;
}

static json_t *post_processor(const struct tokenizer *t)
{
	json_t *single, *pair, *second, *known;

	if (t->before.n + t->after.n == 0)
		return json_null();
	known = json_object();
	single = surrounded(t, "A", 0, known);
	pair = json_copy(single);
	second = surrounded(t, "B", 1, known);
	json_array_extend(pair, second);
	json_decref(second);
	return json_pack("{s:s, s:o, s:o, s:o}", "type", "TemplateProcessing", "single", single, "pair", pair,
		"special_tokens", known);
}

/* A token that is only bytes of a text cannot stand in JSON; Unigram's pieces and the others are numbered through. */
static int check_tokens(const struct tokenizer *t, struct err *err)
{
	for (uint32_t id = 0; id < t->vocab.tokens.n; id++) {
		const struct token *token = &t->vocab.tokens.at[id];

		if (!token->text && t->model == MODEL_UNIGRAM)
			return err_set(err, ERR_UNSUPPORTED,
				"a tokenizer.json with Unigram pieces needs a token for every id, and %u has none", id);
		if (token->text && (!utf8_valid(token->text, token->len) || memchr(token->text, 0, token->len)))
			return err_set(err, ERR_UNSUPPORTED, "token %u is not valid text for a tokenizer.json", id);
	}
	return 0;
}

json_t *tokenizer_json(const struct tokenizer *t, struct err *err)
{
	json_t *normalizer = NULL, *pre_tokenizer = NULL, *decoder = NULL, *json = NULL;

	if (check_tokens(t, err) < 0 || steps_save_normalizer(&normalizer, &t->normalizer, err) < 0 ||
		steps_save_pre_tokenizer(&pre_tokenizer, &t->pre_tokenizer, err) < 0 ||
		steps_save_decoder(&decoder, &t->decoder, err) < 0)
		goto out;
	json = json_pack("{s:s, s:n, s:n, s:o, s:O, s:O, s:o, s:O, s:o}", "version", "1.0", "truncation", "padding",
		"added_tokens", added_tokens(t), "normalizer", normalizer, "pre_tokenizer", pre_tokenizer,
		"post_processor", post_processor(t), "decoder", decoder, "model",
		t->model == MODEL_UNIGRAM ? unigram_json(t) : bpe_json(t));
out:
	json_decref(normalizer);
	json_decref(pre_tokenizer);
	json_decref(decoder);
	return json;
}

/* Scores need the fewest digits that mean them: Hugging Face's reader rounds longer ones otherwise. */
static int write_json(const char *dir, const char *name, const json_t *json, struct err *err)
{
	char *path = file_join(dir, name);
	struct buf text = {0};
	int rc;

	json_add(&text, json);
	buf_addch(&text, '\n');
	rc = file_write(path, text.at, text.len, err);
	buf_release(&text);
	free(path);
	return rc;
}

static json_t *config_json(const struct tokenizer *t)
{
	const struct {
		const char *role;
		uint32_t id;
	} roles[] = {{"bos_token", t->bos}, {"eos_token", t->eos}, {"unk_token", t->unk}};
	json_t *config = json_pack(
		"{s:s, s:b}", "tokenizer_class", "PreTrainedTokenizerFast", "clean_up_tokenization_spaces", 0);

	for (size_t i = 0; i < ARRAY_LEN(roles); i++)
		if (roles[i].id != TOKEN_NONE)
			json_object_set_new(config, roles[i].role, spelling(t, roles[i].id));
	return config;
}

int tokenizer_save(const struct tokenizer *t, const char *dir, struct err *err)
{
	json_t *json = tokenizer_json(t, err);
	int rc;

	if (!json)
		return -1;
	rc = write_json(dir, "tokenizer.json", json, err);
	json_decref(json);
	return rc < 0 ? -1 : json_write_new(dir, "tokenizer_config.json", config_json(t), err);
}
