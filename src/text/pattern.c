#include "text/pattern.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "text/quote.h"
#include "text/unicode.h"

/* One search from one start may take this many steps: far more than a run of a hundred thousand spaces needs, and few
 * enough that an expression with exponential backtracking fails at once. */
#define MATCH_STEPS 1000000
#define MATCH_HEAP_KIB (64 * 1024)
#define EXPR_MAX_LEN (64 * 1024)
#define PROPERTY_MAX 64 /* letters of its name */

/* Escapes of letters and digits that mean the same in both dialects. */
#define SHARED_ESCAPES "rntfaedDpPAzZx0123456789"

static int refuse(struct err *err, const char *expr, size_t len, const char *what)
{
	return err_set(
		err, ERR_UNSUPPORTED, "expression \"%.*s\" uses %s, which is not supported", QUOTE(len, expr), what);
}

/* Is it the name of a script? Oniguruma means the characters of that script, PCRE2 since 10.40 also those that it
 * shares with others, unless it is told. */
static bool is_script(const char *name, size_t len)
{
	char *property = xasprintf("\\p{sc:%.*s}", (int)len, name);
	PCRE2_SIZE at;
	int code;
	pcre2_code *script = pcre2_compile((PCRE2_SPTR)property, PCRE2_ZERO_TERMINATED, PCRE2_UTF, &code, &at, NULL);

	free(property);
	pcre2_code_free(script);
	return script != NULL;
}

/* The escape of a property: \p or \d, with a name, or \P or \D, which inside of a class knows no newer characters. */
static void add_property(struct buf *out, char escape, const char *name, size_t len, bool in_class)
{
	bool negated = escape == 'P' || escape == 'D';

	if (!in_class)
		buf_addstr(out, negated ? "[^" : "[");
	buf_addf(out, "\\%c{%s%.*s}", negated && in_class ? 'P' : 'p', is_script(name, len) ? "sc:" : "", (int)len,
		name);
	if (!in_class || !negated)
		unicode_add_newer(out, name, len);
	if (!in_class)
		buf_addch(out, ']');
}

/* The escape at expr[*i], which is moved to its last character. */
static int translate_escape(struct buf *out, const char *expr, size_t len, size_t *i, bool in_class, struct err *err)
{
	char what[] = "\\x", c = expr[*i];
	bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
	const char *name, *end;

	if (c == 's' || c == 'S') {
		buf_addstr(out, c == 's' ? "\\p{White_Space}" : "\\P{White_Space}");
		return 0;
	}
	if (c == 'd' || c == 'D') {
		add_property(out, c, "Nd", 2, in_class);
		return 0;
	}
	if ((c == 'p' || c == 'P') && *i + 1 < len && expr[*i + 1] == '{') {
		name = expr + *i + 2;
		end = memchr(name, '}', len - *i - 2);
		if (!end || end == name || (size_t)(end - name) > PROPERTY_MAX)
			return refuse(err, expr, len, "a property without a name");
		if (*name != '^') { /* a third way to negate one, which no tokenizer uses */
			add_property(out, c, name, (size_t)(end - name), in_class);
			*i = (size_t)(end - expr);
			return 0;
		}
	}
	if (alnum && !strchr(SHARED_ESCAPES, c)) {
		what[1] = c;
		return refuse(err, expr, len, what);
	}
	buf_addch(out, '\\');
	buf_addch(out, c);
	return 0;
}

/* Inside a class: the character at expr[i], which is neither an escape nor the class's end. */
static int check_class_member(const char *expr, size_t len, size_t i, struct err *err)
{
	if (expr[i] == '[')
		return refuse(err, expr, len, "a class inside a class");
	if (expr[i] == '&' && i + 1 < len && expr[i + 1] == '&')
		return refuse(err, expr, len, "an intersection of classes");
	return 0;
}

/* Rewrites an expression from Oniguruma's syntax to PCRE2's. */
static int translate(struct buf *out, const char *expr, size_t len, struct err *err)
{
	bool in_class = false;

	for (size_t i = 0; i < len; i++) {
		char c = expr[i];

		if (c == '\\' && i + 1 < len) {
			i++;
			if (translate_escape(out, expr, len, &i, in_class, err) < 0)
				return -1;
			continue;
		}
		buf_addch(out, c);
		if (in_class) {
			in_class = c != ']';
			if (in_class && check_class_member(expr, len, i, err) < 0)
				return -1;
		} else if (c == '[') {
			in_class = true;
			if (i + 1 < len && expr[i + 1] == '^')
				buf_addch(out, expr[++i]);
			if (i + 1 < len && expr[i + 1] == ']')
				return refuse(err, expr, len, "a class that begins with \"]\"");
		} else if (c == '(' && i + 1 < len && expr[i + 1] == '?') {
			buf_addch(out, expr[++i]);
			while (i + 1 < len && expr[i + 1] && strchr("imx-", expr[i + 1]))
				buf_addch(out, expr[++i] == 'm' ? 's' : expr[i]);
		} else if (c == '(' && i + 1 < len && expr[i + 1] == '*') {
			return refuse(err, expr, len, "a verb");
		}
	}
	return 0;
}

int pattern_literal(struct pattern *p, const char *text, size_t len, struct err *err)
{
	if (len == 0)
		return err_set(err, ERR_FORMAT, "a pattern is empty");
	*p = (struct pattern){.literal = xstrndup(text, len), .literal_len = len};
	return 0;
}

static int compile(struct pattern *p, const struct buf *expr, struct err *err)
{
	const uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C;
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	PCRE2_UCHAR message[120];
	PCRE2_SIZE at;
	int code, rc = -1;

	p->limits = pcre2_match_context_create(NULL);
	if (!context || !p->limits) {
		err_set(err, ERR_MEMORY, "no memory for an expression");
		goto out;
	}
	pcre2_set_newline(context, PCRE2_NEWLINE_LF);
	pcre2_set_match_limit(p->limits, MATCH_STEPS);
	pcre2_set_heap_limit(p->limits, MATCH_HEAP_KIB);
	p->code = pcre2_compile((PCRE2_SPTR)buf_str(expr), expr->len, options, &code, &at, context);
	if (!p->code) {
		pcre2_get_error_message(code, message, sizeof(message));
		err_set(err, ERR_FORMAT, "expression \"%.*s\": %s at byte %zu", QUOTE(expr->len, buf_str(expr)),
			(const char *)message, (size_t)at);
		goto out;
	}
	pcre2_jit_compile(p->code, PCRE2_JIT_COMPLETE); /* where refused, the interpreter runs the expression */
	rc = 0;
out:
	pcre2_compile_context_free(context);
	return rc;
}

int pattern_regex(struct pattern *p, const char *expr, size_t len, struct err *err)
{
	struct buf translated = {0};
	int rc = -1;

	*p = (struct pattern){0};
	if (len > EXPR_MAX_LEN) {
		err_set(err, ERR_UNSUPPORTED, "an expression of %zu bytes is longer than any tokenizer's", len);
		goto out;
	}
	if (translate(&translated, expr, len, err) < 0)
		goto out;
	p->expr = xstrndup(expr, len);
	rc = compile(p, &translated, err);
out:
	if (rc < 0)
		pattern_release(p);
	buf_release(&translated);
	return rc;
}

void pattern_release(struct pattern *p)
{
	free(p->literal);
	free(p->expr);
	pcre2_code_free(p->code);
	pcre2_match_context_free(p->limits);
	*p = (struct pattern){0};
}

void pattern_walk_start(
	struct pattern_walk *w, const struct pattern *p, const char *text, size_t len, pcre2_match_data *match)
{
	*w = (struct pattern_walk){.pattern = p, .text = text, .len = len, .last_end = SIZE_MAX, .match = match};
}

static bool next_literal(struct pattern_walk *w, size_t *start, size_t *end)
{
	const struct pattern *p = w->pattern;
	const char *at = w->text + w->from, *stop = w->text + w->len;

	for (; (size_t)(stop - at) >= p->literal_len; at++) {
		at = memchr(at, p->literal[0], (size_t)(stop - at) - p->literal_len + 1);
		if (!at)
			return false;
		if (memcmp(at, p->literal, p->literal_len) == 0) {
			*start = (size_t)(at - w->text);
			*end = w->from = *start + p->literal_len;
			return true;
		}
	}
	return false;
}

/* The match at or after w->from: 1, or 0 when there is none, or -1. */
static int search(struct pattern_walk *w, size_t *start, size_t *end, struct err *err)
{
	const struct pattern *p = w->pattern;
	PCRE2_SPTR text = (PCRE2_SPTR)w->text;
	PCRE2_UCHAR message[120];
	const PCRE2_SIZE *span;
	int code;

	code = pcre2_match(p->code, text, w->len, w->from, PCRE2_NO_UTF_CHECK, w->match, p->limits);
	if (code == PCRE2_ERROR_JIT_STACKLIMIT)
		code = pcre2_match(
			p->code, text, w->len, w->from, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, w->match, p->limits);
	if (code == PCRE2_ERROR_NOMATCH)
		return 0;
	if (code < 0) {
		pcre2_get_error_message(code, message, sizeof(message));
		return err_set(err, ERR_UNSUPPORTED, "the tokenizer's expression fails at byte %zu of the text: %s",
			w->from, (const char *)message);
	}
	span = pcre2_get_ovector_pointer(w->match);
	*start = span[0];
	*end = span[1];
	return 1;
}

int pattern_walk_next(struct pattern_walk *w, bool *found, size_t *start, size_t *end, struct err *err)
{
	if (w->pattern->literal) {
		*found = next_literal(w, start, end);
		return 0;
	}
	*found = false;
	while (w->from <= w->len) {
		int hit = search(w, start, end, err);

		if (hit <= 0)
			return hit;
		if (*start != *end || *end != w->last_end) {
			w->from = w->last_end = *end;
			*found = true;
			return 0;
		}
		do /* past an empty match at the end of the last one: one character on */
			w->from++;
		while (w->from < w->len && ((unsigned char)w->text[w->from] & 0xC0) == 0x80);
	}
	return 0;
}
