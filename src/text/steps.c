#include "text/steps.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "text/unicode.h"

#define STEPS_MAX_TEXT (256 << 20)

void pieces_clear(struct pieces *p)
{
	buf_clear(&p->text);
	vec_clear(&p->ends);
	p->at_start = false;
}

/* Ends the piece that was appended to p->text. */
static void end_piece(struct pieces *p)
{
	vec_push(&p->ends, p->text.len);
}

void pieces_add(struct pieces *p, const char *text, size_t len)
{
	buf_add(&p->text, text, len);
	end_piece(p);
}

const char *pieces_get(const struct pieces *p, size_t i, size_t *len)
{
	size_t start = i > 0 ? p->ends.at[i - 1] : 0;

	*len = p->ends.at[i] - start;
	return buf_str(&p->text) + start;
}

void pieces_release(struct pieces *p)
{
	buf_release(&p->text);
	vec_release(&p->ends);
}

struct step *steps_add(struct steps *s, enum step_kind kind, const char *text)
{
	struct step step = {.kind = kind};

	if (text) {
		step.text = xstrdup(text);
		step.len = strlen(text);
	}
	vec_push(&s->list, step);
	return &s->list.at[s->list.n - 1];
}

void steps_release(struct steps *s)
{
	for (size_t i = 0; i < s->list.n; i++) {
		pattern_release(&s->list.at[i].pattern);
		charsmap_release(&s->list.at[i].charsmap);
		free(s->list.at[i].text);
	}
	vec_release(&s->list);
}

void steps_scratch_release(struct steps_scratch *s)
{
	pieces_release(&s->spare);
	pcre2_match_data_free(s->match);
	s->match = NULL;
}

static bool starts_with(const char *text, size_t len, const char *start, size_t start_len)
{
	return len >= start_len && memcmp(text, start, start_len) == 0;
}

/* Steps multiply: without a bound a short file could ask for any amount of memory. */
static int check_length(const struct pieces *out, struct err *err)
{
	if (out->text.len > STEPS_MAX_TEXT)
		return err_set(
			err, ERR_VALUE, "the tokenizer's steps make a text longer than %d MiB", STEPS_MAX_TEXT >> 20);
	return 0;
}

static int run_prefix(const struct step *step, const struct pieces *in, struct pieces *out, struct err *err)
{
	for (size_t i = 0; i < in->ends.n; i++) {
		size_t len;
		const char *text = pieces_get(in, i, &len);
		bool wanted = len > 0 && (!step->only_at_start || (in->at_start && i == 0)) &&
			      !(step->unless_present && starts_with(text, len, step->text, step->len));

		if (wanted)
			buf_add(&out->text, step->text, step->len);
		pieces_add(out, text, len);
		if (check_length(out, err) < 0)
			return -1;
	}
	return 0;
}

/* Appends the text with its matches replaced, without ending the piece. */
static int replace(const struct step *step, const char *text, size_t len, struct pieces *out, pcre2_match_data *match,
	struct err *err)
{
	struct pattern_walk walk;
	size_t done = 0, start, end;
	bool found;

	pattern_walk_start(&walk, &step->pattern, text, len, match);
	for (;;) {
		if (pattern_walk_next(&walk, &found, &start, &end, err) < 0)
			return -1;
		if (!found)
			break;
		buf_add(&out->text, text + done, start - done);
		buf_add(&out->text, step->text, step->len);
		done = end;
		if (check_length(out, err) < 0)
			return -1;
	}
	buf_add(&out->text, text + done, len - done);
	return 0;
}

static int run_replace(
	const struct step *step, const struct pieces *in, struct pieces *out, pcre2_match_data *match, struct err *err)
{
	for (size_t i = 0; i < in->ends.n; i++) {
		size_t len;
		const char *text = pieces_get(in, i, &len);

		if (i > 0 && step->only_at_start)
			buf_add(&out->text, text, len);
		else if (replace(step, text, len, out, match, err) < 0)
			return -1;
		end_piece(out);
	}
	return 0;
}

static bool is_ascii(const char *text, size_t len)
{
	unsigned char seen = 0;

	for (size_t i = 0; i < len; i++)
		seen |= (unsigned char)text[i];
	return seen < 0x80;
}

/* Appends the normalised form without ending the piece. */
static int normalise(const struct step *step, const char *text, size_t len, struct pieces *out, struct err *err)
{
	utf8proc_uint8_t *form = NULL;
	utf8proc_ssize_t n;

	if (is_ascii(text, len)) {
		buf_add(&out->text, text, len);
		return 0;
	}
	n = utf8proc_map((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)len, &form, step->form);
	if (n < 0)
		return err_set(err, n == UTF8PROC_ERROR_NOMEM ? ERR_MEMORY : ERR_VALUE,
			"cannot normalise a text of %zu bytes: %s", len, utf8proc_errmsg(n));
	buf_add(&out->text, form, (size_t)n);
	free(form);
	return 0;
}

/* How many bytes stand before the first character that stays as it is; *n gets its length, 0 where there is none. */
static size_t before_unnormalised(const char *text, size_t len, size_t *n)
{
	uint32_t c;

	*n = 0;
	if (is_ascii(text, len))
		return len;
	for (size_t i = 0; i < len; i += *n) {
		*n = utf8_decode(text + i, len - i, &c);
		if (*n == 0)
			BUG("a text is not valid UTF-8");
		if (unicode_unnormalised(c))
			return i;
	}
	*n = 0;
	return len;
}

static int run_unicode(const struct step *step, const struct pieces *in, struct pieces *out, struct err *err)
{
	for (size_t i = 0; i < in->ends.n; i++) {
		size_t len, upto, n;
		const char *text = pieces_get(in, i, &len);

		for (; len > 0; text += upto + n, len -= upto + n) {
			upto = before_unnormalised(text, len, &n);
			if (normalise(step, text, upto, out, err) < 0)
				return -1;
			buf_add(&out->text, text + upto, n);
		}
		end_piece(out);
	}
	return 0;
}

static int run_chars(const struct step *step, const struct pieces *in, struct pieces *out, struct err *err)
{
	for (size_t i = 0; i < in->ends.n; i++) {
		size_t len;
		const char *text = pieces_get(in, i, &len);

		for (size_t at = 0, n; at < len; at += n) {
			uint32_t c, to[CHARS_MAX];
			char bytes[4];
			size_t count;

			n = utf8_decode(text + at, len - at, &c);
			if (n == 0)
				BUG("a text to be normalised is not valid UTF-8");
			count = step->chars(c, to);
			out->at_start &= at > 0 || count > 0;
			for (size_t k = 0; k < count; k++)
				buf_add(&out->text, bytes, utf8_encode(to[k], bytes));
		}
		end_piece(out);
	}
	return check_length(out, err);
}

static int run_charsmap(const struct step *step, const struct pieces *in, struct pieces *out, struct err *err)
{
	for (size_t i = 0; i < in->ends.n; i++) {
		size_t len;
		const char *text = pieces_get(in, i, &len);

		charsmap_apply(&step->charsmap, text, len, &out->text, STEPS_MAX_TEXT);
		end_piece(out);
		if (check_length(out, err) < 0)
			return -1;
	}
	return 0;
}

static void run_trim(const struct step *step, const struct pieces *in, struct pieces *out)
{
	for (size_t i = 0; i < in->ends.n; i++) {
		size_t len, start, stop;
		const char *text = pieces_get(in, i, &len);

		start = step->trim_start ? chars_spaces_end(text, len, 0) : 0;
		stop = step->trim_stop ? chars_spaces_start(text, len) : len;
		out->at_start &= i > 0 || start == 0;
		pieces_add(out, text + start, stop > start ? stop - start : 0);
	}
}

/* Collects the spans that a pattern cuts a piece into, gluing neighbours together as the behaviour says. */
struct cutter {
	const struct step *step;
	const char *text;
	struct pieces *out;
	size_t first;      /* where the first piece starts; SIZE_MAX: there is none yet */
	size_t start, end; /* the piece being glued */
	bool open, match;  /* there is one; its last span was a match */
};

static bool glued(enum split_behavior behavior, bool left_match, bool right_match)
{
	switch (behavior) {
	case SPLIT_WITH_PREVIOUS:
		return !left_match && right_match;
	case SPLIT_WITH_NEXT:
		return left_match && !right_match;
	case SPLIT_CONTIGUOUS:
		return left_match == right_match;
	case SPLIT_REMOVED:
	case SPLIT_ISOLATED:
		break;
	}
	return false;
}

static void cut_finish(struct cutter *c)
{
	bool removed = c->step->behavior == SPLIT_REMOVED && c->match;

	if (c->open && !removed && c->end > c->start) {
		pieces_add(c->out, c->text + c->start, c->end - c->start);
		if (c->first == SIZE_MAX)
			c->first = c->start;
	}
	c->open = false;
}

static void cut_span(struct cutter *c, size_t start, size_t end, bool match)
{
	match ^= c->step->invert;
	if (!c->open || !glued(c->step->behavior, c->match, match)) {
		cut_finish(c);
		c->start = start;
	}
	c->open = true;
	c->end = end;
	c->match = match;
}

static int split_piece(struct cutter *c, size_t len, pcre2_match_data *match, struct err *err)
{
	struct pattern_walk walk;
	size_t done = 0, start, end;
	bool found;

	pattern_walk_start(&walk, &c->step->pattern, c->text, len, match);
	for (;;) {
		if (pattern_walk_next(&walk, &found, &start, &end, err) < 0)
			return -1;
		if (!found)
			break;
		if (done < start)
			cut_span(c, done, start, false);
		cut_span(c, start, end, true);
		done = end;
	}
	if (done < len)
		cut_span(c, done, len, false);
	cut_finish(c);
	return 0;
}

static int run_split(
	const struct step *step, const struct pieces *in, struct pieces *out, pcre2_match_data *match, struct err *err)
{
	for (size_t i = 0; i < in->ends.n; i++) {
		size_t len;
		struct cutter c = {.step = step, .text = pieces_get(in, i, &len), .out = out, .first = SIZE_MAX};

		if (split_piece(&c, len, match, err) < 0)
			return -1;
		if (i == 0)
			out->at_start = in->at_start && c.first == 0;
	}
	return 0;
}

/*
 * GPT-2's printable character for a byte (Radford et al. 2019, published encoder): printable bytes of Latin-1 stand
 * for themselves, the others for the characters from U+0100 on, in order:
 *   00 … 20 -> U+0100 …    7F … A0 -> U+0121 …    AD -> U+0143
 */
uint32_t steps_byte_char(unsigned char byte)
{
	if (byte <= 0x20)
		return 0x100 + byte;
	if (byte >= 0x7F && byte <= 0xA0)
		return 0x121 + (byte - 0x7Fu);
	return byte == 0xAD ? 0x143 : byte;
}

static bool char_to_byte(uint32_t c, unsigned char *byte)
{
	if (c >= 0x100 && c <= 0x120)
		*byte = (unsigned char)(c - 0x100);
	else if (c >= 0x121 && c <= 0x142)
		*byte = (unsigned char)(c - 0x121 + 0x7F);
	else if (c == 0x143)
		*byte = 0xAD;
	else if (c < 0x100 && steps_byte_char((unsigned char)c) == c)
		*byte = (unsigned char)c;
	else
		return false;
	return true;
}

static void run_bytes(const struct pieces *in, struct pieces *out)
{
	for (size_t i = 0; i < in->ends.n; i++) {
		size_t len;
		const char *text = pieces_get(in, i, &len);
		char c[4];

		for (size_t k = 0; k < len; k++)
			buf_add(&out->text, c, utf8_encode(steps_byte_char((unsigned char)text[k]), c));
		end_piece(out);
	}
}

/* The byte that the character at text[*i] stands for; moves on to the next. */
static bool next_byte(const char *text, size_t len, size_t *i, unsigned char *byte)
{
	uint32_t c;
	size_t n = utf8_decode(text + *i, len - *i, &c);

	*i += n;
	return n > 0 && char_to_byte(c, byte);
}

static bool stands_for_bytes(const char *text, size_t len)
{
	unsigned char byte;

	for (size_t i = 0; i < len;)
		if (!next_byte(text, len, &i, &byte))
			return false;
	return true;
}

static void run_unbyte(const struct pieces *in, struct pieces *out)
{
	for (size_t i = 0; i < in->ends.n; i++) {
		size_t len;
		const char *text = pieces_get(in, i, &len);

		if (!stands_for_bytes(text, len)) {
			buf_add(&out->text, text, len);
			continue;
		}
		for (size_t k = 0; k < len;) {
			unsigned char byte = 0;

			next_byte(text, len, &k, &byte);
			buf_addch(&out->text, (char)byte);
		}
	}
	end_piece(out);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void run_byte_fallback(const struct pieces *in, struct pieces *out)
{
	for (size_t i = 0; i < in->ends.n; i++) {
		size_t len;
		const char *text = pieces_get(in, i, &len);
		bool is_byte = len == 6 && starts_with(text, len, "<0x", 3) && text[5] == '>' &&
			       hex_digit(text[3]) >= 0 && hex_digit(text[4]) >= 0;
		char byte;

		if (is_byte)
			byte = (char)(hex_digit(text[3]) << 4 | hex_digit(text[4]));
		pieces_add(out, is_byte ? &byte : text, is_byte ? 1 : len);
	}
}

static void run_join(const struct step *step, const struct pieces *in, struct pieces *out)
{
	for (size_t i = 0; i < in->ends.n; i++) {
		size_t len;
		const char *text = pieces_get(in, i, &len);

		if (i > 0)
			buf_add(&out->text, step->text, step->len);
		buf_add(&out->text, text, len);
	}
	end_piece(out);
}

static void run_strip(const struct step *step, const struct pieces *in, struct pieces *out)
{
	for (size_t i = 0; i < in->ends.n; i++) {
		size_t len;
		const char *text = pieces_get(in, i, &len);

		for (size_t k = 0; k < step->strip_start && starts_with(text, len, step->text, step->len); k++) {
			text += step->len;
			len -= step->len;
		}
		for (size_t k = 0; k < step->strip_stop && len >= step->len &&
				   memcmp(text + len - step->len, step->text, step->len) == 0;
			k++)
			len -= step->len;
		pieces_add(out, text, len);
	}
}

static int run_step(
	const struct step *step, const struct pieces *in, struct pieces *out, pcre2_match_data *match, struct err *err)
{
	switch (step->kind) {
	case STEP_PREFIX:
		return run_prefix(step, in, out, err);
	case STEP_REPLACE:
		return run_replace(step, in, out, match, err);
	case STEP_UNICODE:
		return run_unicode(step, in, out, err);
	case STEP_CHARS:
		return run_chars(step, in, out, err);
	case STEP_CHARSMAP:
		return run_charsmap(step, in, out, err);
	case STEP_TRIM:
		run_trim(step, in, out);
		return 0;
	case STEP_SPLIT:
		return run_split(step, in, out, match, err);
	case STEP_BYTES:
		run_bytes(in, out);
		return 0;
	case STEP_UNBYTE:
		run_unbyte(in, out);
		return 0;
	case STEP_BYTE_FALLBACK:
		run_byte_fallback(in, out);
		return 0;
	case STEP_JOIN:
		run_join(step, in, out);
		return 0;
	case STEP_STRIP:
		run_strip(step, in, out);
		return 0;
	}
	BUG("step of unknown kind %d", (int)step->kind);
}

static bool only_at_ends(const struct step *step)
{
	return step->kind == STEP_STRIP || (step->kind == STEP_REPLACE && step->only_at_start);
}

int steps_run(
	const struct steps *s, enum steps_place place, struct pieces *p, struct steps_scratch *scratch, struct err *err)
{
	if (!scratch->match)
		scratch->match = pcre2_match_data_create(1, NULL);
	if (!scratch->match)
		return err_set(err, ERR_MEMORY, "no memory for a search");
	for (size_t i = 0; i < s->list.n; i++) {
		const struct step *step = &s->list.at[i];
		struct pieces old = *p;

		if (place == STEPS_MIDDLE && only_at_ends(step))
			continue;
		pieces_clear(&scratch->spare);
		scratch->spare.at_start = p->at_start;
		if (run_step(step, p, &scratch->spare, scratch->match, err) < 0)
			return -1;
		*p = scratch->spare;
		scratch->spare = old;
	}
	return 0;
}
