#include "text/steps_save.h"

#include <string.h>

#include "base/base64.h"
#include "text/metaspace.h"
#include "text/steps_load.h"

/* The steps that are left to be written. */
struct rest {
	const struct step *at;
	size_t n;
};

/* What the first of the steps are, of which it takes off those that it stands for; NULL: nothing that can be said. */
typedef json_t *write_fn(struct rest *r);

/* The next step, if it is of this kind, which is then taken off; else NULL. */
static const struct step *take(struct rest *r, enum step_kind kind)
{
	if (r->n == 0 || r->at->kind != kind)
		return NULL;
	r->n--;
	return r->at++;
}

static json_t *of_type(const char *type)
{
	return json_pack("{s:s}", "type", type);
}

static json_t *pattern_json(const struct pattern *p)
{
	return p->literal ? json_pack("{s:s}", "String", p->literal) : json_pack("{s:s}", "Regex", p->expr);
}

static json_t *replace_json(const struct step *step)
{
	return json_pack(
		"{s:s, s:o, s:s}", "type", "Replace", "pattern", pattern_json(&step->pattern), "content", step->text);
}

static bool is_literal(const struct pattern *p, const char *text)
{
	return p->literal && strcmp(p->literal, text) == 0;
}

static json_t *metaspace_json(const char *mark, const char *scheme, bool split)
{
	return json_pack("{s:s, s:s, s:s, s:b}", "type", "Metaspace", "replacement", mark, "prepend_scheme", scheme,
		"split", split);
}

static int write_all(json_t **out, const struct steps *s, write_fn *write, const char *key, struct err *err)
{
	struct rest rest = {s->list.at, s->list.n};
	json_t *list = json_array();

	while (rest.n > 0) {
		size_t number = s->list.n - rest.n + 1;
		json_t *entry = write(&rest);

		if (!entry) {
			json_decref(list);
			return err_set(err, ERR_UNSUPPORTED,
				"step %zu of the tokenizer's %s cannot be written to a tokenizer.json", number, key);
		}
		json_array_append_new(list, entry);
	}
	*out = json_array_size(list) == 1 ? json_incref(json_array_get(list, 0))
					  : json_pack("{s:s, s:O}", "type", "Sequence", key, list);
	json_decref(list);
	return 0;
}

/* Normalisers. */

static json_t *unicode_json(const struct step *step)
{
	bool composed = step->form & UTF8PROC_COMPOSE;

	if (step->form & UTF8PROC_COMPAT)
		return of_type(composed ? "NFKC" : "NFKD");
	return of_type(composed ? "NFC" : "NFD");
}

static json_t *chars_json(const struct step *step)
{
	if (step->chars == chars_nmt)
		return of_type("Nmt");
	return of_type(step->chars == chars_lower ? "Lowercase" : "StripAccents");
}

static json_t *charsmap_json(const struct step *step)
{
	struct buf bytes = {0}, text = {0};
	json_t *json;

	charsmap_bytes(&step->charsmap, &bytes);
	base64_encode(&text, buf_str(&bytes), bytes.len);
	json = json_pack("{s:s, s:s}", "type", "Precompiled", "precompiled_charsmap", buf_str(&text));
	buf_release(&bytes);
	buf_release(&text);
	return json;
}

static json_t *write_normalizer(struct rest *r)
{
	const struct step *step = r->at;

	r->at++;
	r->n--;
	switch (step->kind) {
	case STEP_PREFIX:
		if (step->unless_present || step->only_at_start)
			return NULL;
		return json_pack("{s:s, s:s}", "type", "Prepend", "prepend", step->text);
	case STEP_REPLACE:
		return step->only_at_start ? NULL : replace_json(step);
	case STEP_UNICODE:
		return unicode_json(step);
	case STEP_CHARS:
		return chars_json(step);
	case STEP_CHARSMAP:
		return charsmap_json(step);
	case STEP_TRIM:
		return json_pack("{s:s, s:b, s:b}", "type", "Strip", "strip_left", step->trim_start, "strip_right",
			step->trim_stop);
	default:
		return NULL;
	}
}

int steps_save_normalizer(json_t **out, const struct steps *s, struct err *err)
{
	if (s->list.n > 0)
		return write_all(out, s, write_normalizer, "normalizers", err);
	*out = json_null();
	return 0;
}

/* Pre-tokenisers. */

static json_t *write_metaspace(struct rest *r)
{
	struct metaspace m;
	size_t n = metaspace_match(&m, r->at, r->n);

	if (n == 0)
		return NULL;
	r->at += n;
	r->n -= n;
	return metaspace_json(m.mark, !m.prefix ? "never" : m.only_at_start ? "first" : "always", m.split);
}

static bool splits_gpt2_words(const struct rest *r)
{
	return r->n > 1 && r->at->kind == STEP_SPLIT && r->at->pattern.expr &&
	       strcmp(r->at->pattern.expr, steps_gpt2_words) == 0 && r->at->behavior == SPLIT_ISOLATED &&
	       !r->at->invert && r->at[1].kind == STEP_BYTES;
}

/* A space before the text; GPT-2's words; their bytes. */
static json_t *write_byte_level(struct rest *r)
{
	const struct step *prefix = take(r, STEP_PREFIX), *words = NULL;

	if (prefix && (!prefix->unless_present || prefix->only_at_start || strcmp(prefix->text, " ")))
		return NULL;
	if (splits_gpt2_words(r))
		words = take(r, STEP_SPLIT);
	if (!take(r, STEP_BYTES))
		return NULL;
	return json_pack("{s:s, s:b, s:b, s:b}", "type", "ByteLevel", "add_prefix_space", prefix != NULL,
		"trim_offsets", 1, "use_regex", words != NULL);
}

static json_t *write_split(struct rest *r)
{
	static const char *const behaviors[] = {
		[SPLIT_REMOVED] = "Removed",
		[SPLIT_ISOLATED] = "Isolated",
		[SPLIT_WITH_PREVIOUS] = "MergedWithPrevious",
		[SPLIT_WITH_NEXT] = "MergedWithNext",
		[SPLIT_CONTIGUOUS] = "Contiguous",
	};
	const struct step *step = take(r, STEP_SPLIT);

	return json_pack("{s:s, s:o, s:s, s:b}", "type", "Split", "pattern", pattern_json(&step->pattern), "behavior",
		behaviors[step->behavior], "invert", step->invert);
}

static json_t *write_pre_tokenizer(struct rest *r)
{
	switch (r->at->kind) {
	case STEP_REPLACE:
		return write_metaspace(r);
	case STEP_SPLIT:
		return splits_gpt2_words(r) ? write_byte_level(r) : write_split(r);
	default:
		return write_byte_level(r);
	}
}

int steps_save_pre_tokenizer(json_t **out, const struct steps *s, struct err *err)
{
	if (s->list.n > 0)
		return write_all(out, s, write_pre_tokenizer, "pretokenizers", err);
	*out = json_null();
	return 0;
}

/* Decoders. */

/* Spaces for marks; with the first token's marks gone before, that is a Metaspace that had put one there. */
static json_t *write_replacement(struct rest *r)
{
	const struct step *first = take(r, STEP_REPLACE), *second;

	if (!first->only_at_start)
		return replace_json(first);
	second = take(r, STEP_REPLACE);
	if (!second || !first->pattern.literal || first->len > 0 || strcmp(second->text, " ") ||
		!is_literal(&second->pattern, first->pattern.literal) || second->only_at_start)
		return NULL;
	return metaspace_json(first->pattern.literal, "always", true);
}

static json_t *write_decoder(struct rest *r)
{
	const struct step *step = r->at;

	if (step->kind == STEP_REPLACE)
		return write_replacement(r);
	r->at++;
	r->n--;
	switch (step->kind) {
	case STEP_UNBYTE:
		return json_pack("{s:s, s:b, s:b, s:b}", "type", "ByteLevel", "add_prefix_space", 1, "trim_offsets", 1,
			"use_regex", 1);
	case STEP_BYTE_FALLBACK:
		return of_type("ByteFallback");
	case STEP_JOIN:
		return step->len == 0 ? of_type("Fuse") : NULL;
	case STEP_STRIP:
		return json_pack("{s:s, s:s, s:I, s:I}", "type", "Strip", "content", step->text, "start",
			(json_int_t)step->strip_start, "stop", (json_int_t)step->strip_stop);
	default:
		return NULL;
	}
}

/* Without a decoder there are spaces between the tokens. */
int steps_save_decoder(json_t **out, const struct steps *s, struct err *err)
{
	if (s->list.n != 1 || s->list.at->kind != STEP_JOIN || strcmp(s->list.at->text, " "))
		return write_all(out, s, write_decoder, "decoders", err);
	*out = json_null();
	return 0;
}
