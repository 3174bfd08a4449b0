#include <stdlib.h>
#include <string.h>

#include "store/file.h"
#include "store/json.h"
#include "text/quote.h"
#include "text/steps_load.h"
#include "text/tokenizer_priv.h"
#include "text/unigram_load.h"

static int read_id(const struct json_node *node, uint32_t *id, struct err *err)
{
	size_t n;

	if (json_as_size(node, 0, VOCAB_MAX_ID, &n, err) < 0)
		return -1;
	*id = (uint32_t)n;
	return 0;
}

static int read_vocab(struct vocab *v, const struct json_node *vocab, struct err *err)
{
	const char *spelling;
	json_t *value;
	uint32_t id;

	json_object_foreach(vocab->value, spelling, value) {
		struct json_node node = json_child(vocab, spelling, value);

		if (read_id(&node, &id, err) < 0)
			return -1;
		if (vocab_add(v, spelling, strlen(spelling), id, true, err) < 0)
			return load_blame(&node, err);
	}
	return v->tokens.n > 0 ? 0 : json_refuse(vocab, err, "is empty");
}

/* "a b". */
static int read_merge_string(struct bpe *b, const json_t *merge, struct err *err)
{
	const char *text = json_string_value(merge);
	size_t len = json_string_length(merge);
	const char *space = memchr(text, ' ', len);
	size_t left = space ? (size_t)(space - text) : len, right = len - left - 1;

	if (!space || memchr(space + 1, ' ', right))
		return err_set(
			err, ERR_FORMAT, "\"%.*s\" is not two tokens with a space between them", QUOTE(len, text));
	return bpe_add_merge(b, text, left, space + 1, right, err);
}

/* ["a", "b"]. */
static int read_merge_pair(struct bpe *b, const json_t *merge, struct err *err)
{
	const json_t *left = json_array_get(merge, 0), *right = json_array_get(merge, 1);

	if (json_array_size(merge) != 2 || !json_is_string(left) || !json_is_string(right))
		return err_set(err, ERR_FORMAT, "it is neither \"a b\" nor [\"a\", \"b\"]");
	return bpe_add_merge(b, json_string_value(left), json_string_length(left), json_string_value(right),
		json_string_length(right), err);
}

static int read_merges(struct bpe *b, const struct json_node *merges, struct err *err)
{
	static const char comment[] = "#version";
	const json_t *merge;
	size_t i;

	json_array_foreach(merges->value, i, merge) {
		struct json_node node;
		int rc;

		if (json_is_string(merge) && strncmp(json_string_value(merge), comment, strlen(comment)) == 0)
			continue;
		rc = json_is_string(merge) ? read_merge_string(b, merge, err) : read_merge_pair(b, merge, err);
		if (rc < 0) {
			node = json_element(merges, i);
			return load_blame(&node, err);
		}
	}
	return 0;
}

/* Options that would change the ids in ways that are not handled. */
static int refuse_options(const struct json_node *model, struct err *err)
{
	static const char *const affixes[] = {"continuing_subword_prefix", "end_of_word_suffix"};
	struct json_node node;
	double dropout = 0;

	for (size_t i = 0; i < ARRAY_LEN(affixes); i++) {
		const char *affix = "";

		if (json_opt_str(model, affixes[i], &affix, err) < 0)
			return -1;
		if (*affix && json_get(model, affixes[i], &node, err) == 0)
			return load_unsupported(&node, affix, err);
	}
	if (json_opt_double(model, "dropout", 0, 1, &dropout, err) < 0)
		return -1;
	if (dropout > 0 && json_get(model, "dropout", &node, err) == 0)
		return json_refuse(&node, err, "must be 0: a text would have other ids each time");
	return 0;
}

static int read_model_options(struct tokenizer *t, const struct json_node *model, struct err *err)
{
	struct bpe *b = &t->bpe;
	const char *unk = NULL;

	if (refuse_options(model, err) < 0 || json_opt_str(model, "unk_token", &unk, err) < 0)
		return -1;
	b->unk_name = unk ? arena_strdup(&t->vocab.spellings, unk) : NULL;
	if (json_opt_bool(model, "byte_fallback", &b->byte_fallback, err) < 0 ||
		json_opt_bool(model, "fuse_unk", &b->fuse_unk, err) < 0)
		return -1;
	return json_opt_bool(model, "ignore_merges", &b->ignore_merges, err);
}

static int read_bpe(struct tokenizer *t, const struct json_node *model, struct err *err)
{
	struct json_node vocab, merges;
	size_t merge_count;

	if (json_get_object(model, "vocab", &vocab, err) < 0 ||
		json_get_array(model, "merges", &merges, &merge_count, err) < 0)
		return -1;
	vocab_init(&t->vocab, json_object_size(vocab.value));
	bpe_init(&t->bpe, &t->vocab, merge_count);
	if (read_model_options(t, model, err) < 0 || read_vocab(&t->vocab, &vocab, err) < 0 ||
		read_merges(&t->bpe, &merges, err) < 0)
		return -1;
	bpe_finish(&t->bpe);
	return 0;
}

static int read_model(struct tokenizer *t, const struct json_node *root, struct err *err)
{
	struct json_node model, node;
	const char *type = "BPE"; /* early files say nothing else */

	if (json_get_object(root, "model", &model, err) < 0 || json_opt_str(&model, "type", &type, err) < 0)
		return -1;
	if (strcmp(type, "BPE") == 0)
		return read_bpe(t, &model, err);
	if (strcmp(type, "Unigram"))
		return json_get(&model, "type", &node, err) < 0 ? -1 : load_unsupported(&node, type, err);
	t->model = MODEL_UNIGRAM;
	return unigram_load(&t->unigram, &t->vocab, &model, err);
}

/* Tokens marked `normalized` are looked for in normalised text, so by their own normalised spelling. */
static int put_normalized(struct tokenizer *t, const char *content, const struct added_token *like, struct err *err)
{
	struct steps_scratch scratch = {0};
	struct pieces pieces = {0};
	size_t len;
	int rc = -1;

	pieces_add(&pieces, content, strlen(content));
	if (steps_run(&t->normalizer, STEPS_WHOLE, &pieces, &scratch, err) < 0)
		goto out;
	content = pieces_get(&pieces, 0, &len);
	if (len > 0)
		added_put(&t->added_normalized, content, len, like);
	rc = 0;
out:
	pieces_release(&pieces);
	steps_scratch_release(&scratch);
	return rc;
}

static int read_added_token(struct tokenizer *t, const struct json_node *entry, bool specials, struct err *err)
{
	struct added_token token = {0};
	bool special = false, normalized;
	struct json_node id;
	const char *content;

	if (json_as_object(entry, err) < 0 || json_get_str(entry, "content", &content, err) < 0 ||
		json_opt_bool(entry, "special", &special, err) < 0)
		return -1;
	if (special != specials || !*content)
		return 0;
	normalized = !special;
	if (json_opt_bool(entry, "normalized", &normalized, err) < 0 ||
		json_opt_bool(entry, "single_word", &token.single_word, err) < 0 ||
		json_opt_bool(entry, "lstrip", &token.lstrip, err) < 0 ||
		json_opt_bool(entry, "rstrip", &token.rstrip, err) < 0 || json_get(entry, "id", &id, err) < 0 ||
		read_id(&id, &token.id, err) < 0)
		return -1;
	if (vocab_add(&t->vocab, content, strlen(content), token.id, false, err) < 0)
		return load_blame(entry, err);
	t->vocab.tokens.at[token.id].special |= special;
	if (!normalized)
		added_put(&t->added_raw, content, strlen(content), &token);
	else if (put_normalized(t, content, &token, err) < 0)
		return load_blame(entry, err);
	return 0;
}

/* Special tokens first: where two tokens have one spelling after normalisation, the first counts. */
static int read_added_tokens(struct tokenizer *t, const struct json_node *root, struct err *err)
{
	struct json_node list;
	size_t n;

	if (!json_find(root, "added_tokens", &list))
		return 0;
	if (json_as_array(&list, &n, err) < 0)
		return -1;
	for (int specials = 1; specials >= 0; specials--) {
		for (size_t i = 0; i < n; i++) {
			struct json_node entry = json_element(&list, i);

			if (read_added_token(t, &entry, specials, err) < 0)
				return -1;
		}
	}
	added_finish(&t->added_raw);
	added_finish(&t->added_normalized);
	return 0;
}

/* The ids that a TemplateProcessing puts for one of its special tokens. */
static int read_template_token(const struct tokenizer *t, const struct json_node *specials,
	const struct json_node *piece, struct vec_u32 *ids, struct err *err)
{
	struct json_node known, list;
	const char *name;
	size_t n;

	if (json_get_str(piece, "id", &name, err) < 0 || json_get_object(specials, name, &known, err) < 0 ||
		json_get_array(&known, "ids", &list, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct json_node node = json_element(&list, i);
		uint32_t id;

		if (read_id(&node, &id, err) < 0)
			return -1;
		if (!vocab_has(&t->vocab, id))
			return json_refuse(&node, err, "is %u, an id that no token has", id);
		vec_push(ids, id);
	}
	return 0;
}

/* Inside a Sequence each processor works around what the one before it made. */
static int read_template(struct tokenizer *t, const struct json_node *node, struct err *err)
{
	struct json_node single, specials, entry, piece;
	struct vec_u32 before = {0}, after = {0};
	size_t n, texts = 0;
	int rc = -1;

	if (json_get_array(node, "single", &single, &n, err) < 0 ||
		json_get_object(node, "special_tokens", &specials, err) < 0)
		goto out;
	for (size_t i = 0; i < n; i++) {
		entry = json_element(&single, i);
		if (json_as_object(&entry, err) < 0)
			goto out;
		if (json_find(&entry, "Sequence", &piece)) {
			texts++;
			continue;
		}
		if (json_get_object(&entry, "SpecialToken", &piece, err) < 0 ||
			read_template_token(t, &specials, &piece, texts ? &after : &before, err) < 0)
			goto out;
	}
	if (texts != 1) {
		json_refuse(&single, err, "holds the text %zu times, not once", texts);
		goto out;
	}
	ids_append(&before, &t->before);
	vec_clear(&t->before);
	ids_append(&t->before, &before);
	ids_append(&t->after, &after);
	rc = 0;
out:
	vec_release(&before);
	vec_release(&after);
	return rc;
}

static int read_post_processor(struct tokenizer *t, const struct json_node *node, struct err *err)
{
	struct json_node at, list, entry;
	const char *type;
	size_t n;

	if (json_as_object(node, err) < 0 || json_get(node, "type", &at, err) < 0 ||
		json_as_str(&at, &type, NULL, err) < 0)
		return -1;
	if (strcmp(type, "ByteLevel") == 0) /* about offsets into the text, not about ids */
		return 0;
	if (strcmp(type, "TemplateProcessing") == 0)
		return read_template(t, node, err);
	if (strcmp(type, "Sequence"))
		return load_unsupported(&at, type, err);
	if (json_get_array(node, "processors", &list, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		entry = json_element(&list, i);
		if (read_post_processor(t, &entry, err) < 0)
			return -1;
	}
	return 0;
}

int tokenizer_read_json(struct tokenizer *t, const struct json_node *root, struct err *err)
{
	struct json_node post;

	if (json_as_object(root, err) < 0 || read_model(t, root, err) < 0 ||
		steps_load_normalizer(&t->normalizer, root, err) < 0 ||
		steps_load_pre_tokenizer(&t->pre_tokenizer, root, err) < 0 ||
		steps_load_decoder(&t->decoder, root, err) < 0 || read_added_tokens(t, root, err) < 0)
		return -1;
	return json_find(root, "post_processor", &post) ? read_post_processor(t, &post, err) : 0;
}

/* "bos_token": "<s>" or {"content": "<s>", …}. A name that no token has counts as none. */
static uint32_t named_token(const struct tokenizer *t, const struct json_node *config, const char *name)
{
	const json_t *value = json_object_get(config->value, name);

	if (json_is_object(value))
		value = json_object_get(value, "content");
	return json_is_string(value) ? vocab_find(&t->vocab, json_string_value(value), json_string_length(value))
				     : TOKEN_NONE;
}

/* Fills in the special tokens that are not known yet from a file beside the tokenizer, if it is there. */
static int read_names(struct tokenizer *t, const char *dir, const char *name, struct err *err)
{
	char *path = file_join(dir, name);
	struct json_doc config = {0};
	int rc = 0;

	if (!file_exists(path))
		goto out;
	rc = json_doc_read(&config, path, err);
	if (rc < 0)
		goto out;
	if (t->bos == TOKEN_NONE)
		t->bos = named_token(t, &config.root, "bos_token");
	if (t->eos == TOKEN_NONE)
		t->eos = named_token(t, &config.root, "eos_token");
	if (t->unk == TOKEN_NONE)
		t->unk = named_token(t, &config.root, "unk_token");
out:
	json_doc_release(&config);
	free(path);
	return rc;
}

static int find_special_tokens(struct tokenizer *t, const char *dir, struct err *err)
{
	t->bos = t->eos = TOKEN_NONE;
	t->unk = tokenizer_model_unk(t);
	if (read_names(t, dir, "tokenizer_config.json", err) < 0 ||
		read_names(t, dir, "special_tokens_map.json", err) < 0)
		return -1;
	if (t->bos == TOKEN_NONE && t->before.n > 0)
		t->bos = t->before.at[0];
	if (t->eos == TOKEN_NONE && t->after.n > 0)
		t->eos = t->after.at[0];
	return 0;
}

/* The folder and the file that a path to either means. Caller frees both. */
static void locate(const char *path, char **dir, char **file)
{
	const char *slash = strrchr(path, '/');

	if (file_is_dir(path)) {
		*dir = xstrdup(path);
		*file = file_join(path, "tokenizer.json");
	} else {
		*dir = slash ? xstrndup(path, (size_t)(slash - path) + 1) : xstrdup(".");
		*file = xstrdup(path);
	}
}

int tokenizer_load(struct tokenizer **out, const char *path, struct err *err)
{
	struct tokenizer *t = xcalloc(1, sizeof(*t));
	struct json_doc doc = {0};
	char *dir, *file;
	int rc = -1;

	locate(path, &dir, &file);
	if (json_doc_read(&doc, file, err) < 0 || tokenizer_read_json(t, &doc.root, err) < 0 ||
		find_special_tokens(t, dir, err) < 0)
		goto out;
	*out = t;
	t = NULL;
	rc = 0;
out:
	tokenizer_free(t);
	json_doc_release(&doc);
	free(dir);
	free(file);
	return rc;
}
