/*
 * Tokenizers from the metadata of GGUF files: the keys tokenizer.ggml.*. They give the ids that the tokenizer.json of
 * the same model gives, so that a prompt is the same whatever file the model came in; what the metadata leaves out (the
 * normal form of Qwen's texts) is known by the name of the pre-tokeniser.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "store/gguf.h"
#include "text/metaspace.h"
#include "text/pre.h"
#include "text/quote.h"
#include "text/tokenizer_gguf.h"
#include "text/tokenizer_priv.h"

#define MAX_MERGES (1 << 24) /* far above those of any vocabulary; bounds what a hostile file makes us allocate */

struct reading {
	const struct gguf *g;
	struct tokenizer *t;
	size_t n;                /* tokens */
	struct gguf_array types; /* n = 0: all are normal */
};

static int blame(const struct reading *r, const char *key, struct err *err)
{
	struct err cause = *err;

	gguf_refuse(r->g, key, err, "cannot be used: %s", cause.msg);
	err->code = cause.code;
	return -1;
}

static int unsupported(const struct gguf *g, const char *key, struct gguf_str value, const char *known, struct err *err)
{
	gguf_refuse(
		g, key, err, "is \"%.*s\", which is not supported; known are %s", QUOTE(value.len, value.at), known);
	err->code = ERR_UNSUPPORTED;
	return -1;
}

static int type_of(const struct reading *r, size_t id)
{
	return r->types.n > 0 ? (int)gguf_int_at(&r->types, id) : TYPE_NORMAL;
}

static int read_types(struct reading *r, struct err *err)
{
	if (gguf_opt_array(r->g, KEY("token_type"), GGUF_I64, &r->types, err) < 0)
		return -1;
	if (r->types.n > 0 && r->types.n != r->n)
		return gguf_refuse(r->g, KEY("token_type"), err, "holds %zu types for %zu tokens", r->types.n, r->n);
	for (size_t i = 0; i < r->types.n; i++) {
		int64_t type = gguf_int_at(&r->types, i);

		if (type < TYPE_NORMAL || type > TYPE_LAST)
			return gguf_refuse(r->g, KEY("token_type"), err,
				"holds type %lld for token %zu; types are 1 to %d", (long long)type, i, TYPE_LAST);
	}
	return 0;
}

/* What conversion puts where an id has no token: "[PAD151646]", user-defined in older files. */
static bool is_filler(struct gguf_str text, size_t id)
{
	char filler[32];

	snprintf(filler, sizeof(filler), "[PAD%zu]", id);
	return gguf_str_is(text, filler);
}

/* Control and user-defined tokens are found in a text before anything else; the former are also left out on request.
 * One that is spelt with "▁" can only be meant for the normalised text. */
static void put_added(struct reading *r, struct gguf_str text, uint32_t id, int type)
{
	bool named = type == TYPE_CONTROL || type == TYPE_UNKNOWN,
	     marked = memmem(text.at, text.len, METASPACE_MARK, strlen(METASPACE_MARK));
	struct added_token token = {.id = id};

	r->t->vocab.tokens.at[id].special = named;
	if (text.len == 0 || !(named || type == TYPE_USER_DEFINED) || is_filler(text, id))
		return;
	added_put(marked && !named ? &r->t->added_normalized : &r->t->added_raw, text.at, text.len, &token);
}

static int read_tokens(struct reading *r, struct err *err)
{
	struct gguf_array tokens;
	struct gguf_str text;

	if (gguf_get_array(r->g, KEY("tokens"), GGUF_STRING, &tokens, err) < 0)
		return -1;
	r->n = tokens.n;
	if (r->n == 0 || r->n > VOCAB_MAX_ID)
		return gguf_refuse(
			r->g, KEY("tokens"), err, "holds %zu tokens; 1 to %u are possible", r->n, VOCAB_MAX_ID);
	if (read_types(r, err) < 0)
		return -1;
	vocab_init(&r->t->vocab, r->n);
	for (uint32_t id = 0; gguf_next_str(&tokens, &text); id++) {
		int type = type_of(r, id);

		if (!utf8_valid(text.at, text.len))
			return gguf_refuse(r->g, KEY("tokens"), err, "holds a token %u that is not valid UTF-8", id);
		if (vocab_add(&r->t->vocab, text.at, text.len, id, type != TYPE_CONTROL && type != TYPE_UNUSED, err) <
			0)
			return blame(r, KEY("tokens"), err);
		put_added(r, text, id, type);
	}
	added_finish(&r->t->added_raw);
	added_finish(&r->t->added_normalized);
	return 0;
}

static int read_id(const struct reading *r, const char *key, uint32_t *id, struct err *err)
{
	size_t n;

	if (!gguf_find(r->g, key))
		return 0;
	if (gguf_get_size(r->g, key, 0, r->n - 1, &n, err) < 0)
		return -1;
	*id = (uint32_t)n;
	return 0;
}

static int read_special_ids(struct reading *r, struct err *err)
{
	struct tokenizer *t = r->t;

	t->bos = t->eos = t->unk = TOKEN_NONE;
	for (size_t id = 0; id < r->n && t->unk == TOKEN_NONE; id++)
		if (type_of(r, id) == TYPE_UNKNOWN)
			t->unk = (uint32_t)id;
	if (read_id(r, KEY("eot_token_id"), &t->eos, err) < 0 || read_id(r, KEY("eos_token_id"), &t->eos, err) < 0 ||
		read_id(r, KEY("bos_token_id"), &t->bos, err) < 0)
		return -1;
	return read_id(r, KEY("unknown_token_id"), &t->unk, err);
}

/* Puts a token before or after every text, where the file says so, or where it says nothing and it is usual. */
static int put_around(
	const struct reading *r, const char *key, bool usual, uint32_t id, struct vec_u32 *ids, struct err *err)
{
	bool wanted = usual && id != TOKEN_NONE;

	if (gguf_opt_bool(r->g, key, &wanted, err) < 0)
		return -1;
	if (wanted && id == TOKEN_NONE)
		return gguf_refuse(r->g, key, err, "is set, but the file does not say which token that is");
	if (wanted)
		vec_push(ids, id);
	return 0;
}

static int read_around(const struct reading *r, bool bos_is_usual, bool eos_is_usual, struct err *err)
{
	struct tokenizer *t = r->t;

	if (put_around(r, KEY("add_bos_token"), bos_is_usual, t->bos, &t->before, err) < 0)
		return -1;
	return put_around(r, KEY("add_eos_token"), eos_is_usual, t->eos, &t->after, err);
}

/* Byte-level BPE. */

/* "a b": the first space that does not begin it stands between the two. */
static int read_merge(struct bpe *b, struct gguf_str merge, struct err *err)
{
	const char *space = merge.len > 1 ? memchr(merge.at + 1, ' ', merge.len - 1) : NULL;
	size_t left = space ? (size_t)(space - merge.at) : 0;

	if (!space)
		return err_set(err, ERR_FORMAT, "\"%.*s\" is not two tokens with a space between them",
			QUOTE(merge.len, merge.at));
	return bpe_add_merge(b, merge.at, left, space + 1, merge.len - left - 1, err);
}

static int read_merges(struct reading *r, bool ignore_merges, struct err *err)
{
	struct bpe *b = &r->t->bpe;
	struct gguf_array merges;
	struct gguf_str merge;

	if (gguf_get_array(r->g, KEY("merges"), GGUF_STRING, &merges, err) < 0)
		return -1;
	if (merges.n > MAX_MERGES)
		return gguf_refuse(r->g, KEY("merges"), err, "holds %zu merges, more than the %d that are allowed",
			merges.n, MAX_MERGES);
	bpe_init(b, &r->t->vocab, merges.n);
	b->ignore_merges = ignore_merges;
	while (gguf_next_str(&merges, &merge))
		if (read_merge(b, merge, err) < 0)
			return blame(r, KEY("merges"), err);
	bpe_finish(b);
	return 0;
}

static int add_words(struct tokenizer *t, const struct pre *pre, struct err *err)
{
	if (pre->nfc)
		steps_add(&t->normalizer, STEP_UNICODE, NULL)->form =
			(utf8proc_option_t)(UTF8PROC_STABLE | UTF8PROC_COMPOSE);
	for (size_t i = 0; i < PRE_SPLITS && pre->splits[i]; i++) {
		struct step *step = steps_add(&t->pre_tokenizer, STEP_SPLIT, NULL);

		step->behavior = SPLIT_ISOLATED;
		if (pattern_regex(&step->pattern, pre->splits[i], strlen(pre->splits[i]), err) < 0)
			return -1;
	}
	steps_add(&t->pre_tokenizer, STEP_BYTES, NULL);
	steps_add(&t->decoder, STEP_UNBYTE, NULL);
	return 0;
}

static int read_byte_level(struct reading *r, struct err *err)
{
	struct gguf_str name = {"default", strlen("default")};
	const struct pre *pre;

	if (gguf_opt_str(r->g, KEY("pre"), &name, err) < 0)
		return -1;
	pre = pre_find(name.at, name.len);
	if (!pre) {
		struct buf known = {0};

		pre_list(&known);
		unsupported(r->g, KEY("pre"), name, buf_str(&known), err);
		buf_release(&known);
		return -1;
	}
	if (add_words(r->t, pre, err) < 0)
		return blame(r, KEY("pre"), err);
	if (read_tokens(r, err) < 0 || read_merges(r, pre->ignore_merges, err) < 0 || read_special_ids(r, err) < 0)
		return -1;
	return read_around(r, pre->adds_bos, false, err);
}

/*
 * SentencePiece's BPE (Kudo and Richardson 2018): of all neighbours whose joined spelling is a token those are joined
 * first whose token has the highest score, the leftmost of equals. So every way to cut a token into two tokens is a
 * merge, and its rank is that of the token's score.
 */
struct joint {
	float score;
	struct merge merge;
};

struct joints {
	VEC(struct joint) list;
};

static void add_joints(struct joints *all, const struct vocab *v, const struct reading *r, uint32_t id, float score)
{
	const struct token *whole = &v->tokens.at[id];

	for (size_t cut = 1; cut < whole->len; cut++) {
		struct joint j = {.score = score, .merge.result = id};

		if (((unsigned char)whole->text[cut] & 0xC0) == 0x80)
			continue;
		j.merge.left = vocab_find(v, whole->text, cut);
		if (j.merge.left == TOKEN_NONE || type_of(r, j.merge.left) != TYPE_NORMAL)
			continue;
		j.merge.right = vocab_find(v, whole->text + cut, whole->len - cut);
		if (j.merge.right != TOKEN_NONE && type_of(r, j.merge.right) == TYPE_NORMAL)
			vec_push(&all->list, j);
	}
}

static int by_score(const void *va, const void *vb)
{
	const struct joint *a = va, *b = vb;

	if (a->score != b->score)
		return a->score > b->score ? -1 : 1;
	return (a->merge.result > b->merge.result) - (a->merge.result < b->merge.result);
}

static void add_ranks(struct bpe *b, struct joints *all)
{
	uint32_t rank = 0;

	if (all->list.n > 0)
		qsort(all->list.at, all->list.n, sizeof(*all->list.at), by_score);
	for (size_t i = 0; i < all->list.n; i++) {
		struct joint *j = &all->list.at[i];

		if (i > 0 && j->score != j[-1].score)
			rank = (uint32_t)i;
		j->merge.rank = rank;
		bpe_add_ranked(b, &j->merge);
	}
}

static int read_scores(struct reading *r, struct err *err)
{
	struct tokenizer *t = r->t;
	struct gguf_array scores;
	struct joints all = {0};
	int rc = -1;

	if (gguf_get_array(r->g, KEY("scores"), GGUF_F32, &scores, err) < 0)
		return -1;
	if (scores.n != r->n)
		return gguf_refuse(r->g, KEY("scores"), err, "holds %zu scores for %zu tokens", scores.n, r->n);
	for (uint32_t id = 0; id < r->n; id++) {
		float score = gguf_float_at(&scores, id);

		if (type_of(r, id) != TYPE_NORMAL)
			continue;
		if (isnan(score)) {
			gguf_refuse(r->g, KEY("scores"), err, "holds no number for token %u", id);
			goto out;
		}
		if (t->vocab.tokens.at[id].len > PIECE_MAX) {
			gguf_refuse(r->g, KEY("tokens"), err, "holds a token %u of %u bytes, longer than %d", id,
				t->vocab.tokens.at[id].len, PIECE_MAX);
			goto out;
		}
		add_joints(&all, &t->vocab, r, id, score);
		if (all.list.n > MAX_MERGES) {
			gguf_refuse(r->g, KEY("tokens"), err, "holds tokens that are two others in more than %d ways",
				MAX_MERGES);
			goto out;
		}
	}
	bpe_init(&t->bpe, &t->vocab, all.list.n);
	add_ranks(&t->bpe, &all);
	rc = 0;
out:
	vec_release(&all.list);
	return rc;
}

static int add_replace(struct steps *s, const char *from, const char *to, struct err *err)
{
	return pattern_literal(&steps_add(s, STEP_REPLACE, to)->pattern, from, strlen(from), err);
}

static int add_marks(struct tokenizer *t, bool prefix, struct err *err)
{
	if (prefix)
		steps_add(&t->normalizer, STEP_PREFIX, METASPACE_MARK);
	if (add_replace(&t->normalizer, " ", METASPACE_MARK, err) < 0 ||
		add_replace(&t->decoder, METASPACE_MARK, " ", err) < 0)
		return -1;
	steps_add(&t->decoder, STEP_BYTE_FALLBACK, NULL);
	steps_add(&t->decoder, STEP_JOIN, "");
	if (prefix)
		steps_add(&t->decoder, STEP_STRIP, " ")->strip_start = 1;
	return 0;
}

static int read_sentencepiece(struct reading *r, struct err *err)
{
	struct tokenizer *t = r->t;
	bool prefix = true, squeezed = false;

	if (gguf_opt_bool(r->g, KEY("add_space_prefix"), &prefix, err) < 0 ||
		gguf_opt_bool(r->g, KEY("remove_extra_whitespaces"), &squeezed, err) < 0)
		return -1;
	if (squeezed)
		return gguf_refuse(
			r->g, KEY("remove_extra_whitespaces"), err, "is set, which is not supported for \"llama\"");
	if (add_marks(t, prefix, err) < 0 || read_tokens(r, err) < 0 || read_scores(r, err) < 0 ||
		read_special_ids(r, err) < 0)
		return -1;
	t->bpe.byte_fallback = t->bpe.fuse_unk = true;
	t->bpe.unk_name = t->unk != TOKEN_NONE ? t->vocab.tokens.at[t->unk].text : NULL;
	bpe_finish(&t->bpe);
	return read_around(r, true, false, err);
}

/* Unigram, as T5 has it. */

static int add_charsmap(const struct reading *r, struct err *err)
{
	struct gguf_array map = {0};

	if (gguf_opt_array(r->g, KEY("precompiled_charsmap"), GGUF_I64, &map, err) < 0)
		return -1;
	if (map.n == 0)
		return 0;
	if (map.type != GGUF_U8 && map.type != GGUF_I8)
		return gguf_refuse(r->g, KEY("precompiled_charsmap"), err, "does not consist of bytes");
	if (charsmap_init(&steps_add(&r->t->normalizer, STEP_CHARSMAP, NULL)->charsmap, map.at, map.n, err) < 0)
		return blame(r, KEY("precompiled_charsmap"), err);
	return 0;
}

/* White space between words counts as one space where the file says so, and at the ends as none. */
static int squeeze(struct tokenizer *t, bool prefix, struct err *err)
{
	static const char spaces[] = "\\s+", several[] = " {2,}";
	struct step *step;

	if (prefix) { /* a mark will stand before every word */
		step = steps_add(&t->pre_tokenizer, STEP_SPLIT, NULL);
		step->behavior = SPLIT_REMOVED;
		return pattern_regex(&step->pattern, spaces, strlen(spaces), err);
	}
	step = steps_add(&t->normalizer, STEP_TRIM, NULL);
	step->trim_start = step->trim_stop = true;
	return pattern_regex(&steps_add(&t->normalizer, STEP_REPLACE, " ")->pattern, several, strlen(several), err);
}

static int add_marked_words(struct tokenizer *t, bool prefix, struct err *err)
{
	struct step *step;

	if (add_replace(&t->pre_tokenizer, " ", METASPACE_MARK, err) < 0)
		return -1;
	if (prefix) {
		steps_add(&t->pre_tokenizer, STEP_PREFIX, METASPACE_MARK)->unless_present = true;
		step = steps_add(&t->decoder, STEP_REPLACE, "");
		step->only_at_start = true;
		if (pattern_literal(&step->pattern, METASPACE_MARK, strlen(METASPACE_MARK), err) < 0)
			return -1;
	}
	step = steps_add(&t->pre_tokenizer, STEP_SPLIT, NULL);
	step->behavior = SPLIT_WITH_NEXT;
	if (pattern_literal(&step->pattern, METASPACE_MARK, strlen(METASPACE_MARK), err) < 0)
		return -1;
	return add_replace(&t->decoder, METASPACE_MARK, " ", err);
}

static int read_piece_scores(struct reading *r, struct err *err)
{
	struct unigram *u = &r->t->unigram;
	struct gguf_array scores;

	if (gguf_get_array(r->g, KEY("scores"), GGUF_F32, &scores, err) < 0)
		return -1;
	if (scores.n != r->n)
		return gguf_refuse(r->g, KEY("scores"), err, "holds %zu scores for %zu tokens", scores.n, r->n);
	unigram_init(u, &r->t->vocab);
	for (uint32_t id = 0; id < r->n; id++) {
		float score = gguf_float_at(&scores, id);

		if (!isfinite(score))
			return gguf_refuse(r->g, KEY("scores"), err, "holds no number for token %u", id);
		vec_push(&u->scores, score);
		u->byte_fallback |= type_of(r, id) == TYPE_BYTE;
	}
	return 0;
}

static int read_unigram(struct reading *r, struct err *err)
{
	struct tokenizer *t = r->t;
	bool prefix = true, squeezed = false;

	t->model = MODEL_UNIGRAM;
	if (gguf_opt_bool(r->g, KEY("add_space_prefix"), &prefix, err) < 0 ||
		gguf_opt_bool(r->g, KEY("remove_extra_whitespaces"), &squeezed, err) < 0 || add_charsmap(r, err) < 0 ||
		(squeezed && squeeze(t, prefix, err) < 0) || read_tokens(r, err) < 0 || read_piece_scores(r, err) < 0 ||
		read_special_ids(r, err) < 0)
		return -1;
	if (t->unigram.byte_fallback)
		steps_add(&t->decoder, STEP_BYTE_FALLBACK, NULL);
	if (add_marked_words(t, prefix, err) < 0)
		return -1;
	t->unigram.unk = t->unk;
	if (unigram_finish(&t->unigram, err) < 0)
		return err_prefix(err, "%s", gguf_path(r->g));
	return read_around(r, false, true, err);
}

/* A whole tokenizer.json, where the other keys cannot say what it does. */
static int read_embedded(struct reading *r, struct err *err)
{
	struct json_doc doc = {0};
	struct gguf_str text;
	int rc = -1;

	if (gguf_get_str(r->g, KEY_JSON, &text, err) < 0)
		return -1;
	if (json_doc_parse(&doc, gguf_path(r->g), text.at, text.len, err) < 0 ||
		tokenizer_read_json(r->t, &doc.root, err) < 0)
		goto out;
	r->n = r->t->vocab.tokens.n;
	rc = read_special_ids(r, err);
	if (r->t->unk == TOKEN_NONE)
		r->t->unk = tokenizer_model_unk(r->t);
out:
	json_doc_release(&doc);
	return rc;
}

static const struct {
	const char *name;
	int (*read)(struct reading *r, struct err *err);
} models[] = {
	{"gpt2", read_byte_level},
	{"llama", read_sentencepiece},
	{"t5", read_unigram},
	{"none", read_embedded},
};

static int read_model(struct reading *r, struct err *err)
{
	struct gguf_str name;

	if (gguf_get_str(r->g, KEY("model"), &name, err) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(models); i++)
		if (gguf_str_is(name, models[i].name))
			return models[i].read(r, err);
	return unsupported(r->g, KEY("model"), name, "\"gpt2\", \"llama\" and \"t5\"", err);
}

int tokenizer_load_gguf(struct tokenizer **out, const struct gguf *g, struct err *err)
{
	struct reading r = {.g = g, .t = xcalloc(1, sizeof(*r.t))};

	if (read_model(&r, err) < 0) {
		tokenizer_free(r.t);
		return -1;
	}
	*out = r.t;
	return 0;
}
