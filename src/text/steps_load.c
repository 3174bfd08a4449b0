#include "text/steps_load.h"

#include <stdint.h>
#include <string.h>

#include "base/base64.h"
#include "base/mem.h"
#include "text/metaspace.h"
#include "text/quote.h"

#define STEPS_MAX 64
#define STEP_TEXT_MAX 256

const char steps_gpt2_words[] = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

int load_unsupported(const struct json_node *node, const char *value, struct err *err)
{
	json_refuse(node, err, "is \"%.*s\", which is not supported", QUOTE(strlen(value), value));
	err->code = ERR_UNSUPPORTED;
	return -1;
}

int load_blame(const struct json_node *node, struct err *err)
{
	struct err cause = *err;

	json_refuse(node, err, "cannot be used: %s", cause.msg);
	err->code = cause.code;
	return -1;
}

typedef int read_fn(struct steps *s, const struct json_node *node, struct err *err);

struct kind {
	const char *type;
	read_fn *read;
};

/* Every table of kinds ends with a NULL type. */
static int read_kind(const struct kind *kinds, struct steps *s, const struct json_node *node, struct err *err)
{
	const char *type;
	struct json_node at;

	if (json_as_object(node, err) < 0 || json_get(node, "type", &at, err) < 0 ||
		json_as_str(&at, &type, NULL, err) < 0)
		return -1;
	for (; kinds->type; kinds++)
		if (strcmp(kinds->type, type) == 0)
			return kinds->read(s, node, err);
	return load_unsupported(&at, type, err);
}

static int read_sequence(read_fn *read, struct steps *s, const struct json_node *node, const char *key, struct err *err)
{
	struct json_node list, entry;
	size_t n;

	if (json_get_array(node, key, &list, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		entry = json_element(&list, i);
		if (read(s, &entry, err) < 0)
			return -1;
	}
	return 0;
}

/* A new last step, to be filled in by the caller; NULL when there are too many. */
static struct step *add_step(struct steps *s, const struct json_node *node, enum step_kind kind, struct err *err)
{
	if (s->list.n == STEPS_MAX) {
		json_refuse(node, err, "is one step more than the %d that are allowed", STEPS_MAX);
		return NULL;
	}
	return steps_add(s, kind, NULL);
}

static struct step *add_text_step(
	struct steps *s, const struct json_node *node, enum step_kind kind, const char *text, struct err *err)
{
	struct step *step;

	if (strlen(text) > STEP_TEXT_MAX) {
		json_refuse(node, err, "holds a text longer than %d bytes", STEP_TEXT_MAX);
		return NULL;
	}
	step = add_step(s, node, kind, err);
	if (step) {
		step->text = xstrdup(text);
		step->len = strlen(text);
	}
	return step;
}

static int add_prefix(
	struct steps *s, const struct json_node *node, const char *text, bool only_at_start, struct err *err)
{
	struct step *step = add_text_step(s, node, STEP_PREFIX, text, err);

	if (!step)
		return -1;
	step->unless_present = true;
	step->only_at_start = only_at_start;
	return 0;
}

static int set_literal(struct step *step, const struct json_node *node, const char *text, struct err *err)
{
	return pattern_literal(&step->pattern, text, strlen(text), err) < 0 ? load_blame(node, err) : 0;
}

static int set_regex(struct step *step, const struct json_node *node, const char *expr, struct err *err)
{
	return pattern_regex(&step->pattern, expr, strlen(expr), err) < 0 ? load_blame(node, err) : 0;
}

static int add_literal_split(
	struct steps *s, const struct json_node *node, const char *text, enum split_behavior behavior, struct err *err)
{
	struct step *step = add_step(s, node, STEP_SPLIT, err);

	if (!step)
		return -1;
	step->behavior = behavior;
	return set_literal(step, node, text, err);
}

static int add_regex_split(
	struct steps *s, const struct json_node *node, const char *expr, enum split_behavior behavior, struct err *err)
{
	struct step *step = add_step(s, node, STEP_SPLIT, err);

	if (!step)
		return -1;
	step->behavior = behavior;
	return set_regex(step, node, expr, err);
}

static int add_replace(struct steps *s, const struct json_node *node, const char *from, const char *to, struct err *err)
{
	struct step *step = add_text_step(s, node, STEP_REPLACE, to, err);

	return step ? set_literal(step, node, from, err) : -1;
}

/* "pattern": {"String": …} or {"Regex": …}. */
static int read_pattern(struct step *step, const struct json_node *node, bool regex_allowed, struct err *err)
{
	struct json_node holder, text;
	const char *pattern;

	if (json_get_object(node, "pattern", &holder, err) < 0)
		return -1;
	if (json_find(&holder, "String", &text))
		return json_as_str(&text, &pattern, NULL, err) < 0 ? -1 : set_literal(step, &text, pattern, err);
	if (json_get(&holder, "Regex", &text, err) < 0 || json_as_str(&text, &pattern, NULL, err) < 0)
		return -1;
	if (!regex_allowed) /* what a decoder works on need not be valid UTF-8 */
		return load_unsupported(&text, pattern, err);
	return set_regex(step, &text, pattern, err);
}

static int read_replace(struct steps *s, const struct json_node *node, bool regex_allowed, struct err *err)
{
	struct step *step;
	const char *text;

	if (json_get_str(node, "content", &text, err) < 0)
		return -1;
	step = add_text_step(s, node, STEP_REPLACE, text, err);
	return step ? read_pattern(step, node, regex_allowed, err) : -1;
}

static int read_metaspace(struct metaspace *m, const struct json_node *node, struct err *err)
{
	const char *scheme = "always";
	struct json_node at;

	*m = (struct metaspace){.mark = METASPACE_MARK, .prefix = true, .split = true};
	if (json_opt_str(node, "replacement", &m->mark, err) < 0 ||
		json_opt_str(node, "prepend_scheme", &scheme, err) < 0 ||
		json_opt_bool(node, "add_prefix_space", &m->prefix, err) < 0) /* older files have only this */
		return -1;
	if (strcmp(scheme, "never") == 0)
		m->prefix = false;
	else if (strcmp(scheme, "first") == 0)
		m->only_at_start = true;
	else if (strcmp(scheme, "always"))
		return json_get(node, "prepend_scheme", &at, err) < 0 ? -1 : load_unsupported(&at, scheme, err);
	return 0;
}

/* Normalisers. */

static read_fn read_normalizer;

static int normalizer_sequence(struct steps *s, const struct json_node *node, struct err *err)
{
	return read_sequence(read_normalizer, s, node, "normalizers", err);
}

static int normalizer_prepend(struct steps *s, const struct json_node *node, struct err *err)
{
	const char *text;

	if (json_get_str(node, "prepend", &text, err) < 0)
		return -1;
	return add_text_step(s, node, STEP_PREFIX, text, err) ? 0 : -1;
}

static int normalizer_replace(struct steps *s, const struct json_node *node, struct err *err)
{
	return read_replace(s, node, true, err);
}

static int add_unicode(struct steps *s, const struct json_node *node, int form, struct err *err)
{
	struct step *step = add_step(s, node, STEP_UNICODE, err);

	if (!step)
		return -1;
	step->form = (utf8proc_option_t)(UTF8PROC_STABLE | form);
	return 0;
}

static int normalizer_nfc(struct steps *s, const struct json_node *node, struct err *err)
{
	return add_unicode(s, node, UTF8PROC_COMPOSE, err);
}

static int normalizer_nfd(struct steps *s, const struct json_node *node, struct err *err)
{
	return add_unicode(s, node, UTF8PROC_DECOMPOSE, err);
}

static int normalizer_nfkc(struct steps *s, const struct json_node *node, struct err *err)
{
	return add_unicode(s, node, UTF8PROC_COMPOSE | UTF8PROC_COMPAT, err);
}

static int normalizer_nfkd(struct steps *s, const struct json_node *node, struct err *err)
{
	return add_unicode(s, node, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT, err);
}

static int add_chars(struct steps *s, const struct json_node *node, chars_map *chars, struct err *err)
{
	struct step *step = add_step(s, node, STEP_CHARS, err);

	if (!step)
		return -1;
	step->chars = chars;
	return 0;
}

static int normalizer_nmt(struct steps *s, const struct json_node *node, struct err *err)
{
	return add_chars(s, node, chars_nmt, err);
}

static int normalizer_lowercase(struct steps *s, const struct json_node *node, struct err *err)
{
	return add_chars(s, node, chars_lower, err);
}

static int normalizer_strip_accents(struct steps *s, const struct json_node *node, struct err *err)
{
	return add_chars(s, node, chars_without_marks, err);
}

static int normalizer_strip(struct steps *s, const struct json_node *node, struct err *err)
{
	struct step *step = add_step(s, node, STEP_TRIM, err);

	if (!step)
		return -1;
	step->trim_start = step->trim_stop = true;
	if (json_opt_bool(node, "strip_left", &step->trim_start, err) < 0)
		return -1;
	return json_opt_bool(node, "strip_right", &step->trim_stop, err);
}

static int normalizer_precompiled(struct steps *s, const struct json_node *node, struct err *err)
{
	struct step *step = add_step(s, node, STEP_CHARSMAP, err);
	struct buf bytes = {0};
	struct json_node at;
	const char *text;
	size_t len;
	int rc = -1;

	if (!step || json_get(node, "precompiled_charsmap", &at, err) < 0 || json_as_str(&at, &text, &len, err) < 0)
		return -1;
	if (!base64_decode(&bytes, text, len))
		json_refuse(&at, err, "is not base 64");
	else if (charsmap_init(&step->charsmap, buf_str(&bytes), bytes.len, err) < 0)
		load_blame(&at, err);
	else
		rc = 0;
	buf_release(&bytes);
	return rc;
}

static const struct kind normalizers[] = {
	{"Sequence", normalizer_sequence},
	{"Prepend", normalizer_prepend},
	{"Replace", normalizer_replace},
	{"Strip", normalizer_strip},
	{"StripAccents", normalizer_strip_accents},
	{"Lowercase", normalizer_lowercase},
	{"Nmt", normalizer_nmt},
	{"Precompiled", normalizer_precompiled},
	{"NFC", normalizer_nfc},
	{"NFD", normalizer_nfd},
	{"NFKC", normalizer_nfkc},
	{"NFKD", normalizer_nfkd},
	{NULL, NULL},
};

static int read_normalizer(struct steps *s, const struct json_node *node, struct err *err)
{
	return read_kind(normalizers, s, node, err);
}

int steps_load_normalizer(struct steps *s, const struct json_node *root, struct err *err)
{
	struct json_node node;

	return json_find(root, "normalizer", &node) ? read_normalizer(s, &node, err) : 0;
}

/* Pre-tokenisers. */

static read_fn read_pre_tokenizer;

static int pre_tokenizer_sequence(struct steps *s, const struct json_node *node, struct err *err)
{
	return read_sequence(read_pre_tokenizer, s, node, "pretokenizers", err);
}

static int read_behavior(const struct json_node *node, enum split_behavior *out, struct err *err)
{
	static const struct {
		const char *name;
		enum split_behavior behavior;
	} known[] = {
		{"Removed", SPLIT_REMOVED},
		{"Isolated", SPLIT_ISOLATED},
		{"MergedWithPrevious", SPLIT_WITH_PREVIOUS},
		{"MergedWithNext", SPLIT_WITH_NEXT},
		{"Contiguous", SPLIT_CONTIGUOUS},
	};
	struct json_node at;
	const char *name;

	if (json_get(node, "behavior", &at, err) < 0 || json_as_str(&at, &name, NULL, err) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (strcmp(known[i].name, name) == 0) {
			*out = known[i].behavior;
			return 0;
		}
	}
	return load_unsupported(&at, name, err);
}

static int pre_tokenizer_split(struct steps *s, const struct json_node *node, struct err *err)
{
	struct step *step = add_step(s, node, STEP_SPLIT, err);

	if (!step || read_behavior(node, &step->behavior, err) < 0 ||
		json_opt_bool(node, "invert", &step->invert, err) < 0)
		return -1;
	return read_pattern(step, node, true, err);
}

static int pre_tokenizer_byte_level(struct steps *s, const struct json_node *node, struct err *err)
{
	bool prefix = true, words = true;

	if (json_opt_bool(node, "add_prefix_space", &prefix, err) < 0 ||
		json_opt_bool(node, "use_regex", &words, err) < 0)
		return -1;
	if (prefix && add_prefix(s, node, " ", false, err) < 0)
		return -1;
	if (words && add_regex_split(s, node, steps_gpt2_words, SPLIT_ISOLATED, err) < 0)
		return -1;
	return add_step(s, node, STEP_BYTES, err) ? 0 : -1;
}

static int pre_tokenizer_metaspace(struct steps *s, const struct json_node *node, struct err *err)
{
	struct metaspace m;

	if (read_metaspace(&m, node, err) < 0 || json_opt_bool(node, "split", &m.split, err) < 0)
		return -1;
	if (add_replace(s, node, " ", m.mark, err) < 0)
		return -1;
	if (m.prefix && add_prefix(s, node, m.mark, m.only_at_start, err) < 0)
		return -1;
	return m.split ? add_literal_split(s, node, m.mark, SPLIT_WITH_NEXT, err) : 0;
}

static int pre_tokenizer_digits(struct steps *s, const struct json_node *node, struct err *err)
{
	bool individual = false;

	if (json_opt_bool(node, "individual_digits", &individual, err) < 0)
		return -1;
	return add_regex_split(s, node, "\\p{N}", individual ? SPLIT_ISOLATED : SPLIT_CONTIGUOUS, err);
}

static int pre_tokenizer_whitespace_split(struct steps *s, const struct json_node *node, struct err *err)
{
	return add_regex_split(s, node, "\\s+", SPLIT_REMOVED, err);
}

static const struct kind pre_tokenizers[] = {
	{"Sequence", pre_tokenizer_sequence},
	{"Split", pre_tokenizer_split},
	{"ByteLevel", pre_tokenizer_byte_level},
	{"Metaspace", pre_tokenizer_metaspace},
	{"WhitespaceSplit", pre_tokenizer_whitespace_split},
	{"Digits", pre_tokenizer_digits},
	{NULL, NULL},
};

static int read_pre_tokenizer(struct steps *s, const struct json_node *node, struct err *err)
{
	return read_kind(pre_tokenizers, s, node, err);
}

int steps_load_pre_tokenizer(struct steps *s, const struct json_node *root, struct err *err)
{
	struct json_node node;

	return json_find(root, "pre_tokenizer", &node) ? read_pre_tokenizer(s, &node, err) : 0;
}

/* Decoders. */

static read_fn read_decoder;

static int decoder_sequence(struct steps *s, const struct json_node *node, struct err *err)
{
	return read_sequence(read_decoder, s, node, "decoders", err);
}

static int decoder_replace(struct steps *s, const struct json_node *node, struct err *err)
{
	return read_replace(s, node, false, err);
}

static int decoder_byte_level(struct steps *s, const struct json_node *node, struct err *err)
{
	return add_step(s, node, STEP_UNBYTE, err) ? 0 : -1;
}

static int decoder_byte_fallback(struct steps *s, const struct json_node *node, struct err *err)
{
	return add_step(s, node, STEP_BYTE_FALLBACK, err) ? 0 : -1;
}

static int decoder_fuse(struct steps *s, const struct json_node *node, struct err *err)
{
	return add_text_step(s, node, STEP_JOIN, "", err) ? 0 : -1;
}

static int decoder_strip(struct steps *s, const struct json_node *node, struct err *err)
{
	struct json_node at;
	struct step *step;
	const char *text;

	if (json_get(node, "content", &at, err) < 0 || json_as_str(&at, &text, NULL, err) < 0)
		return -1;
	if (!*text)
		return json_refuse(&at, err, "is empty");
	step = add_text_step(s, node, STEP_STRIP, text, err);
	if (!step)
		return -1;
	if (json_opt_size(node, "start", 0, SIZE_MAX, &step->strip_start, err) < 0)
		return -1;
	return json_opt_size(node, "stop", 0, SIZE_MAX, &step->strip_stop, err);
}

static int decoder_metaspace(struct steps *s, const struct json_node *node, struct err *err)
{
	struct metaspace m;

	if (read_metaspace(&m, node, err) < 0)
		return -1;
	if (m.prefix) { /* what was put before the text goes, and with it every mark of the first token, as in HF */
		if (add_replace(s, node, m.mark, "", err) < 0)
			return -1;
		s->list.at[s->list.n - 1].only_at_start = true;
	}
	return add_replace(s, node, m.mark, " ", err);
}

static const struct kind decoders[] = {
	{"Sequence", decoder_sequence},
	{"Replace", decoder_replace},
	{"ByteLevel", decoder_byte_level},
	{"ByteFallback", decoder_byte_fallback},
	{"Fuse", decoder_fuse},
	{"Strip", decoder_strip},
	{"Metaspace", decoder_metaspace},
	{NULL, NULL},
};

static int read_decoder(struct steps *s, const struct json_node *node, struct err *err)
{
	return read_kind(decoders, s, node, err);
}

int steps_load_decoder(struct steps *s, const struct json_node *root, struct err *err)
{
	struct json_node node;

	if (!json_find(root, "decoder", &node)) /* Hugging Face then puts spaces between the tokens */
		return add_text_step(s, root, STEP_JOIN, " ", err) ? 0 : -1;
	return read_decoder(s, &node, err);
}
