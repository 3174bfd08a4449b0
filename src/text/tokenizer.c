#include "text/tokenizer_priv.h"

#include <stdlib.h>

#include "base/utf8.h"

void tokenizer_free(struct tokenizer *t)
{
	if (!t)
		return;
	bpe_release(&t->bpe);
	unigram_release(&t->unigram);
	vocab_release(&t->vocab);
	added_release(&t->added_raw);
	added_release(&t->added_normalized);
	steps_release(&t->normalizer);
	steps_release(&t->pre_tokenizer);
	steps_release(&t->decoder);
	vec_release(&t->before);
	vec_release(&t->after);
	free(t);
}

size_t tokenizer_vocab_size(const struct tokenizer *t)
{
	return t->vocab.tokens.n;
}

size_t tokenizer_word_size(const struct tokenizer *t)
{
	size_t n = t->vocab.tokens.n;

	while (n > 0 && !t->vocab.tokens.at[n - 1].in_model)
		n--;
	return n;
}

uint32_t tokenizer_bos(const struct tokenizer *t)
{
	return t->bos;
}

uint32_t tokenizer_eos(const struct tokenizer *t)
{
	return t->eos;
}

uint32_t tokenizer_unk(const struct tokenizer *t)
{
	return t->unk;
}

uint32_t tokenizer_find(const struct tokenizer *t, const char *token, size_t len)
{
	return vocab_find(&t->vocab, token, len);
}

const char *tokenizer_kind(const struct tokenizer *t)
{
	if (t->model == MODEL_UNIGRAM)
		return t->unigram.byte_fallback ? "Unigram with byte fallback" : "Unigram";
	for (size_t i = 0; i < t->pre_tokenizer.list.n; i++)
		if (t->pre_tokenizer.list.at[i].kind == STEP_BYTES)
			return "byte-level BPE";
	return t->bpe.byte_fallback ? "BPE with byte fallback" : "BPE";
}

/* One call's scratch and results: the tokenizer itself stays constant, so that threads can share it. */
struct encoding {
	const struct tokenizer *t;
	struct segments raw, normalized;
	struct pieces text, words;
	struct steps_scratch steps;
	struct bpe_scratch bpe;
	struct unigram_scratch unigram;
	struct vec_u32 *ids;
	size_t unknown;
};

static void encoding_release(struct encoding *e)
{
	vec_release(&e->raw.list);
	vec_release(&e->normalized.list);
	pieces_release(&e->text);
	pieces_release(&e->words);
	steps_scratch_release(&e->steps);
	bpe_scratch_release(&e->bpe);
	unigram_scratch_release(&e->unigram);
}

static int encode_word(struct encoding *e, const char *word, size_t len, struct err *err)
{
	switch (e->t->model) {
	case MODEL_BPE:
		return bpe_word(&e->t->bpe, &e->bpe, word, len, e->ids, &e->unknown, err);
	case MODEL_UNIGRAM:
		return unigram_word(&e->t->unigram, &e->unigram, word, len, e->ids, &e->unknown, err);
	}
	BUG("model of unknown kind %d", (int)e->t->model);
}

/* Normalised text without added tokens. */
static int encode_words(struct encoding *e, const char *text, size_t len, bool at_start, struct err *err)
{
	pieces_clear(&e->words);
	pieces_add(&e->words, text, len);
	e->words.at_start = at_start;
	if (steps_run(&e->t->pre_tokenizer, STEPS_WHOLE, &e->words, &e->steps, err) < 0)
		return -1;
	for (size_t i = 0; i < e->words.ends.n; i++) {
		size_t n;
		const char *word = pieces_get(&e->words, i, &n);

		if (encode_word(e, word, n, err) < 0)
			return -1;
	}
	return 0;
}

/* Text as it was given, without the added tokens that are looked for there. */
static int encode_text(struct encoding *e, const char *text, size_t len, bool at_start, struct err *err)
{
	size_t n;

	pieces_clear(&e->text);
	pieces_add(&e->text, text, len);
	e->text.at_start = at_start;
	if (steps_run(&e->t->normalizer, STEPS_WHOLE, &e->text, &e->steps, err) < 0)
		return -1;
	text = pieces_get(&e->text, 0, &n);
	added_split(&e->t->added_normalized, text, n, &e->normalized);
	for (size_t i = 0; i < e->normalized.list.n; i++) {
		const struct segment *s = &e->normalized.list.at[i];

		if (s->id != TOKEN_NONE)
			vec_push(e->ids, s->id);
		else if (encode_words(e, text + s->start, s->end - s->start, e->text.at_start && s->start == 0, err) <
			 0)
			return -1;
	}
	return 0;
}

static int encode_all(struct encoding *e, const char *text, size_t len, struct err *err)
{
	added_split(&e->t->added_raw, text, len, &e->raw);
	for (size_t i = 0; i < e->raw.list.n; i++) {
		const struct segment *s = &e->raw.list.at[i];

		if (s->id != TOKEN_NONE)
			vec_push(e->ids, s->id);
		else if (encode_text(e, text + s->start, s->end - s->start, s->start == 0, err) < 0)
			return -1;
	}
	return 0;
}

int tokenizer_encode(const struct tokenizer *t, const char *text, size_t len, bool specials, struct vec_u32 *ids,
	size_t *unknown, struct err *err)
{
	struct encoding e = {.t = t, .ids = ids};
	size_t bad = utf8_invalid_at(text, len), old = ids->n;
	int rc = -1;

	if (bad < len)
		return err_set(
			err, ERR_VALUE, "text is not valid UTF-8 at byte %zu (0x%02X)", bad, (unsigned char)text[bad]);
	if (specials)
		ids_append(ids, &t->before);
	if (encode_all(&e, text, len, err) < 0)
		goto out;
	if (specials)
		ids_append(ids, &t->after);
	if (unknown)
		*unknown += e.unknown;
	rc = 0;
out:
	if (rc < 0)
		ids->n = old;
	encoding_release(&e);
	return rc;
}

static const struct token *find_id(const struct tokenizer *t, uint32_t id, struct err *err)
{
	if (vocab_has(&t->vocab, id))
		return &t->vocab.tokens.at[id];
	err_set(err, ERR_VALUE, "token id %u is not in the vocabulary (0 to %zu)", id, t->vocab.tokens.n - 1);
	return NULL;
}

static void add_pieces(struct buf *text, const struct pieces *p)
{
	buf_add(text, buf_str(&p->text), p->text.len);
}

int tokenizer_decode(
	const struct tokenizer *t, const uint32_t *ids, size_t n, bool skip_specials, struct buf *text, struct err *err)
{
	struct steps_scratch scratch = {0};
	struct pieces pieces = {0};
	int rc = -1;

	for (size_t i = 0; i < n; i++) {
		const struct token *token = find_id(t, ids[i], err);

		if (!token)
			goto out;
		if (!skip_specials || !token->special)
			pieces_add(&pieces, token->text, token->len);
	}
	if (steps_run(&t->decoder, STEPS_WHOLE, &pieces, &scratch, err) < 0)
		goto out;
	add_pieces(text, &pieces);
	rc = 0;
out:
	steps_scratch_release(&scratch);
	pieces_release(&pieces);
	return rc;
}

int tokenizer_piece(const struct tokenizer *t, uint32_t id, struct buf *text, struct err *err)
{
	const struct token *token = find_id(t, id, err);
	struct steps_scratch scratch = {0};
	struct pieces pieces = {0};
	int rc = -1;

	if (!token)
		return -1;
	pieces_add(&pieces, token->text, token->len);
	if (!token->special && steps_run(&t->decoder, STEPS_MIDDLE, &pieces, &scratch, err) < 0)
		goto out;
	add_pieces(text, &pieces);
	rc = 0;
out:
	steps_scratch_release(&scratch);
	pieces_release(&pieces);
	return rc;
}
