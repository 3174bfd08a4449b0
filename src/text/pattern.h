/*
 * What a tokenizer searches text for: a literal string, or an expression in the dialect of tokenizer.json files
 * (Oniguruma's Ruby syntax), run by PCRE2.
 *
 * The dialects agree on nearly all that tokenizers use. Where they differ the expression is rewritten (\s is Unicode's
 * White_Space, (?m) lets a dot match a newline) or refused by name (\h, \w, \b, nested or intersected classes), never
 * run with another meaning. Letters, digits and the like are those of Unicode 16 at least (text/unicode.h); inside of a
 * class a negated property (\P, \D) knows what PCRE2 does (Unicode 14 in 10.42).
 */
#ifndef TEXT_PATTERN_H
#define TEXT_PATTERN_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct pattern {
	char *literal; /* owned; NULL for an expression */
	size_t literal_len;
	char *expr;                  /* owned; NULL for a literal string: the expression as it was given */
	pcre2_code *code;            /* owned */
	pcre2_match_context *limits; /* owned */
};

int pattern_literal(struct pattern *p, const char *text, size_t len, struct err *err) MUST_CHECK;
int pattern_regex(struct pattern *p, const char *expr, size_t len, struct err *err) MUST_CHECK;
void pattern_release(struct pattern *p); /* a zeroed pattern is fine */

/* Walks the matches of a pattern in a text, left to right. An empty match that touches the end of the match before it
 * is not reported. */
struct pattern_walk {
	const struct pattern *pattern;
	const char *text; /* valid UTF-8 */
	size_t len;
	size_t from;     /* where the search goes on */
	size_t last_end; /* end of the last match; SIZE_MAX before the first */
	pcre2_match_data *match;
};

/* match: scratch for expressions, made with pcre2_match_data_create(1, NULL); one thread at a time. */
void pattern_walk_start(
	struct pattern_walk *w, const struct pattern *p, const char *text, size_t len, pcre2_match_data *match);
/* *found says whether there was another match, text[*start .. *end). Fails when an expression needs more steps than
 * any tokenizer's does. */
int pattern_walk_next(struct pattern_walk *w, bool *found, size_t *start, size_t *end, struct err *err) MUST_CHECK;

#endif
