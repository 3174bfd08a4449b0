#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/gguf.h"
#include "text/metaspace.h"
#include "text/pre.h"
#include "text/quote.h"
#include "text/tokenizer_gguf.h"
#include "text/tokenizer_priv.h"

/* What is found out before anything is written. */
struct plan {
	const char *model;               /* tokenizer.ggml.model */
	const struct pre *pre;           /* gpt2 */
	bool prefix;                     /* llama, t5: a space is put before texts */
	bool trimmed;                    /* t5: white space counts as one space, at the ends as none */
	const struct charsmap *charsmap; /* t5; NULL: none */
	VEC(float) scores;               /* llama, t5: of every id */
};

static int refuse_steps(struct err *err, const char *kind)
{
	return err_set(err, ERR_UNSUPPORTED,
		"the steps of this %s tokenizer have no name in GGUF, whose readers know those of certain models only",
		kind);
}

static int plan_gpt2(const struct tokenizer *t, struct plan *p, struct err *err)
{
	p->model = "gpt2";
	p->pre = pre_of(&t->normalizer, &t->pre_tokenizer, t->bpe.ignore_merges);
	return p->pre ? 0 : refuse_steps(err, "byte-level");
}

static bool is_byte(const struct tokenizer *t, uint32_t id)
{
	const uint32_t *ids = t->model == MODEL_UNIGRAM ? t->unigram.byte_ids : t->bpe.byte_ids;
	bool fallback = t->model == MODEL_UNIGRAM ? t->unigram.byte_fallback : t->bpe.byte_fallback;

	for (unsigned byte = 0; fallback && byte < 256; byte++)
		if (ids[byte] == id)
			return true;
	return false;
}

static void set_user_defined(int32_t *kinds, const struct added_set *set)
{
	for (size_t i = 0; i < set->tokens.n; i++)
		kinds[set->tokens.at[i].id] = TYPE_USER_DEFINED;
}

/* The kind of every id below `vocab`; byte-level vocabularies have no unknown token. Readers look for one of that kind
 * in texts, so that one which is not special is a normal token that a key names. Caller frees. */
static int32_t *token_kinds(const struct tokenizer *t, bool byte_level, size_t vocab)
{
	int32_t *kinds = xcalloc(vocab, sizeof(*kinds));

	set_user_defined(kinds, &t->added_raw);
	set_user_defined(kinds, &t->added_normalized);
	for (uint32_t id = 0; id < vocab; id++) {
		if (!vocab_has(&t->vocab, id))
			kinds[id] = TYPE_UNUSED;
		else if (t->vocab.tokens.at[id].special)
			kinds[id] = id == t->unk && !byte_level ? TYPE_UNKNOWN : TYPE_CONTROL;
		else if (!kinds[id])
			kinds[id] = is_byte(t, id) ? TYPE_BYTE : TYPE_NORMAL;
	}
	return kinds;
}

static int check_lengths(const struct tokenizer *t, const int32_t *kinds, struct err *err)
{
	for (uint32_t id = 0; id < t->vocab.tokens.n; id++) {
		const struct token *token = &t->vocab.tokens.at[id];

		if (kinds[id] == TYPE_NORMAL && token->len > PIECE_MAX)
			return err_set(err, ERR_UNSUPPORTED,
				"token \"%.*s\" of %u bytes is longer than the %d that a GGUF file of this kind holds",
				QUOTE(token->len, token->text), token->len, PIECE_MAX);
	}
	return 0;
}

/* In how many ways a token is two normal tokens. */
static size_t count_splits(const struct tokenizer *t, const int32_t *kinds, const struct token *token)
{
	size_t n = 0;

	for (size_t i = 1; i < token->len; i++) {
		uint32_t left = vocab_find(&t->vocab, token->text, i), right;

		if (left == TOKEN_NONE || kinds[left] != TYPE_NORMAL)
			continue;
		right = vocab_find(&t->vocab, token->text + i, token->len - i);
		n += right != TOKEN_NONE && kinds[right] == TYPE_NORMAL;
	}
	return n;
}

static int refuse_merges(const struct token *token, struct err *err)
{
	return err_set(err, ERR_UNSUPPORTED,
		"the merges to token \"%.*s\" are not all that there can be, as GGUF has it for BPE tokenizers that "
		"are not byte-level",
		QUOTE(token->len, token->text));
}

/*
 * SentencePiece's BPE has no list of merges: any two neighbours merge that are a normal token together, that of the
 * highest score first. It does the same as a list in which all pairs that make up one token follow each other, and none
 * is left out. What merges to other tokens never happens, since those are found in the text before.
 */
static int score_merges(const struct tokenizer *t, struct plan *p, struct err *err)
{
	int32_t *kinds = token_kinds(t, false, t->vocab.tokens.n);
	size_t n, ranks = 0;
	struct merge *merges = bpe_merges(&t->bpe, &n);
	int rc = -1;

	if (check_lengths(t, kinds, err) < 0)
		goto out;
	for (size_t i = 0, count; i < n; i += count) {
		uint32_t id = merges[i].result;

		for (count = 1; i + count < n && merges[i + count].result == id;)
			count++;
		if (kinds[id] != TYPE_NORMAL)
			continue;
		if (p->scores.at[id] < 0 || count != count_splits(t, kinds, &t->vocab.tokens.at[id])) {
			refuse_merges(&t->vocab.tokens.at[id], err);
			goto out;
		}
		ranks += i == 0 || merges[i].rank != merges[i - 1].rank;
		p->scores.at[id] = -(float)ranks;
	}
	for (uint32_t id = 0; id < t->vocab.tokens.n; id++) {
		if (kinds[id] == TYPE_NORMAL && p->scores.at[id] == 0 &&
			count_splits(t, kinds, &t->vocab.tokens.at[id]) > 0) {
			refuse_merges(&t->vocab.tokens.at[id], err);
			goto out;
		}
	}
	rc = 0;
out:
	free(merges);
	free(kinds);
	return rc;
}

/* Llama 2's normaliser: a mark before every text, if any, and marks for spaces. */
static bool marks_spaces(const struct steps *s, bool *prefix)
{
	const struct step *prepend = s->list.at;
	struct metaspace m;

	*prefix = s->list.n == 2 && prepend->kind == STEP_PREFIX && !prepend->unless_present &&
		  !prepend->only_at_start && strcmp(prepend->text, METASPACE_MARK) == 0;
	return s->list.n == 1u + *prefix && metaspace_match(&m, s->list.at + *prefix, 1) == 1 &&
	       strcmp(m.mark, METASPACE_MARK) == 0;
}

/* A mark before the first text only is written as one before every text, as every other program does: GGUF has no word
 * for the difference. */
static int plan_llama(const struct tokenizer *t, struct plan *p, struct err *err)
{
	const struct steps *words = &t->pre_tokenizer;
	struct metaspace m;

	p->model = "llama";
	for (unsigned byte = 0; byte < 256; byte++)
		if (!t->bpe.byte_fallback || t->bpe.byte_ids[byte] == TOKEN_NONE)
			return err_set(err, ERR_UNSUPPORTED,
				"GGUF wants a token <0x%02X> of a BPE tokenizer that is not byte-level, and this one "
				"has none",
				byte);
	if (t->bpe.ignore_merges)
		return refuse_steps(err, "BPE");
	if (words->list.n == 0 && marks_spaces(&t->normalizer, &p->prefix))
		return score_merges(t, p, err);
	if (t->normalizer.list.n > 0 || words->list.n == 0 ||
		metaspace_match(&m, words->list.at, words->list.n) != words->list.n || m.split ||
		strcmp(m.mark, METASPACE_MARK))
		return refuse_steps(err, "BPE");
	p->prefix = m.prefix;
	return score_merges(t, p, err);
}

static bool is_whitespace_split(const struct step *step)
{
	return step->kind == STEP_SPLIT && step->pattern.expr && strcmp(step->pattern.expr, "\\s+") == 0 &&
	       step->behavior == SPLIT_REMOVED && !step->invert;
}

/* T5's steps: the character map; words at white space, a mark before each. */
static int plan_t5(const struct tokenizer *t, struct plan *p, struct err *err)
{
	const struct steps *normalizer = &t->normalizer, *words = &t->pre_tokenizer;
	const struct unigram *u = &t->unigram;
	struct metaspace m;

	p->model = "t5";
	if (normalizer->list.n == 1 && normalizer->list.at[0].kind == STEP_CHARSMAP)
		p->charsmap = &normalizer->list.at[0].charsmap;
	p->trimmed = words->list.n > 0 && is_whitespace_split(words->list.at);
	if (normalizer->list.n != (p->charsmap != NULL) || words->list.n <= p->trimmed ||
		metaspace_match(&m, words->list.at + p->trimmed, words->list.n - p->trimmed) !=
			words->list.n - p->trimmed ||
		!m.split || strcmp(m.mark, METASPACE_MARK) || (p->trimmed && !m.prefix))
		return refuse_steps(err, "Unigram");
	p->prefix = m.prefix;
	for (uint32_t id = 0; id < u->scores.n; id++)
		p->scores.at[id] = (float)u->scores.at[id];
	return 0;
}

/* What added tokens have besides their spelling has no place in GGUF. Special ones are found wherever they are spelt.
 */
static int check_added(const struct tokenizer *t, const struct added_set *set, struct err *err)
{
	for (size_t i = 0; i < set->tokens.n; i++) {
		const struct added_token *added = &set->tokens.at[i];
		const struct token *token = &t->vocab.tokens.at[added->id];
		const char *what = NULL;

		if (added->single_word)
			what = "counts only where no letter touches it";
		else if (added->lstrip || added->rstrip)
			what = "takes the white space beside it along";
		else if (!token->special && (added->len != token->len || memcmp(added->text, token->text, token->len)))
			what = "is looked for in normalised text";
		if (what)
			return err_set(err, ERR_UNSUPPORTED, "added token \"%.*s\" %s, which GGUF cannot say",
				QUOTE(token->len, token->text), what);
	}
	return 0;
}

/* A text begins with the beginning token, or with nothing; and ends likewise. */
static int check_around(const struct tokenizer *t, struct err *err)
{
	bool before = t->before.n == 0 || (t->before.n == 1 && t->before.at[0] == t->bos);
	bool after = t->after.n == 0 || (t->after.n == 1 && t->after.at[0] == t->eos);

	if (before && after)
		return 0;
	return err_set(err, ERR_UNSUPPORTED,
		"the tokenizer puts other tokens around a text than one for its beginning and one for its end, which "
		"is all that GGUF can say");
}

static int make_plan(const struct tokenizer *t, struct plan *p, struct err *err)
{
	bool byte_level =
		t->pre_tokenizer.list.n > 0 && t->pre_tokenizer.list.at[t->pre_tokenizer.list.n - 1].kind == STEP_BYTES;

	for (size_t i = 0; i < t->vocab.tokens.n; i++)
		vec_push(&p->scores, 0);
	if (check_added(t, &t->added_raw, err) < 0 || check_added(t, &t->added_normalized, err) < 0 ||
		check_around(t, err) < 0)
		return -1;
	if (t->model == MODEL_UNIGRAM)
		return plan_t5(t, p, err);
	return byte_level ? plan_gpt2(t, p, err) : plan_llama(t, p, err);
}

/* Ids that no token has are those of a model whose table of embeddings was made larger, for speed. */
static void put_tokens(const struct tokenizer *t, bool byte_level, size_t vocab, struct gguf_writer *w)
{
	int32_t *kinds = token_kinds(t, byte_level, vocab);
	char unused[32];

	gguf_put_strings(w, KEY("tokens"), vocab);
	for (uint32_t id = 0; id < vocab; id++) {
		int len = snprintf(unused, sizeof(unused), "[PAD%" PRIu32 "]", id);

		if (vocab_has(&t->vocab, id))
			gguf_put_string(w, t->vocab.tokens.at[id].text, t->vocab.tokens.at[id].len);
		else
			gguf_put_string(w, unused, (size_t)len);
	}
	gguf_put_array(w, KEY("token_type"), GGUF_I32, kinds, vocab);
	free(kinds);
}

static void put_merges(const struct tokenizer *t, struct gguf_writer *w)
{
	const struct token *tokens = t->vocab.tokens.at;
	struct buf merge = {0};
	size_t n;
	struct merge *merges = bpe_merges(&t->bpe, &n);

	gguf_put_strings(w, KEY("merges"), n);
	for (size_t i = 0; i < n; i++) {
		const struct token *left = &tokens[merges[i].left], *right = &tokens[merges[i].right];

		buf_clear(&merge);
		buf_add(&merge, left->text, left->len);
		buf_addch(&merge, ' ');
		buf_add(&merge, right->text, right->len);
		gguf_put_string(w, merge.at, merge.len);
	}
	buf_release(&merge);
	free(merges);
}

static void put_special(struct gguf_writer *w, const char *key, uint32_t id)
{
	if (id != TOKEN_NONE)
		gguf_put_u32(w, key, id);
}

static void put_charsmap(struct gguf_writer *w, const struct charsmap *map)
{
	struct buf bytes = {0};

	charsmap_bytes(map, &bytes);
	gguf_put_array(w, KEY("precompiled_charsmap"), GGUF_U8, buf_str(&bytes), bytes.len);
	buf_release(&bytes);
}

static void put_plan(const struct tokenizer *t, const struct plan *p, size_t vocab, uint32_t eos, struct gguf_writer *w)
{
	gguf_put_str(w, KEY("model"), p->model);
	gguf_put_str(w, KEY("pre"), p->pre ? p->pre->name : "default");
	put_tokens(t, p->pre, vocab, w);
	if (p->pre)
		put_merges(t, w);
	else
		gguf_put_array(w, KEY("scores"), GGUF_F32, p->scores.at, vocab);
	put_special(w, KEY("bos_token_id"), t->bos);
	put_special(w, KEY("eos_token_id"), eos == TOKEN_NONE || t->after.n > 0 ? t->eos : eos);
	put_special(w, KEY("unknown_token_id"), t->unk);
	gguf_put_bool(w, KEY("add_bos_token"), t->before.n > 0);
	gguf_put_bool(w, KEY("add_eos_token"), t->after.n > 0);
	if (!p->pre)
		gguf_put_bool(w, KEY("add_space_prefix"), p->prefix);
	if (t->model == MODEL_UNIGRAM)
		gguf_put_bool(w, KEY("remove_extra_whitespaces"), p->trimmed);
	if (p->charsmap)
		put_charsmap(w, p->charsmap);
}

int tokenizer_gguf(const struct tokenizer *t, size_t vocab, uint32_t eos, struct gguf_writer *w, struct err *err)
{
	struct plan p = {0};
	int rc = -1;

	if (vocab < t->vocab.tokens.n)
		return err_set(err, ERR_VALUE, "the tokenizer's %zu ids are more than the model's %zu",
			t->vocab.tokens.n, vocab);
	if (make_plan(t, &p, err) < 0)
		goto out;
	while (p.scores.n < vocab)
		vec_push(&p.scores, 0);
	put_plan(t, &p, vocab, eos, w);
	rc = 0;
out:
	vec_release(&p.scores);
	return rc;
}

int tokenizer_gguf_json(const struct tokenizer *t, uint32_t eos, struct gguf_writer *w, struct err *err)
{
	json_t *json = tokenizer_json(t, err);
	struct buf text = {0};

	if (!json)
		return -1;
	json_add(&text, json);
	gguf_put_str(w, KEY("model"), "none");
	gguf_put_str(w, KEY_JSON, buf_str(&text));
	put_special(w, KEY("bos_token_id"), t->bos);
	put_special(w, KEY("eos_token_id"), eos == TOKEN_NONE ? t->eos : eos);
	put_special(w, KEY("unknown_token_id"), t->unk);
	json_decref(json);
	buf_release(&text);
	return 0;
}
