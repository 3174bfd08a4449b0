#include "base/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Far more than a module's name needs, and few enough that exponential backtracking fails at once. */
#define MATCH_STEPS 1000000
#define MATCH_HEAP_KIB 65536
#define EXPR_MAX_LEN 65536

struct regex {
	char *expr;
	pcre2_code *code;
	pcre2_match_context *limits;
	pcre2_match_data *match;
};

void regex_free(struct regex *r)
{
	if (r == NULL)
		return;
	free(r->expr);
	pcre2_code_free(r->code);
	pcre2_match_context_free(r->limits);
	pcre2_match_data_free(r->match);
	free(r);
}

static int compile(struct regex *r, struct err *err)
{
	const uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_NEVER_BACKSLASH_C;
	PCRE2_UCHAR message[120];
	PCRE2_SIZE at;
	int code;

	r->limits = pcre2_match_context_create(NULL);
	r->match = pcre2_match_data_create(1, NULL);
	if (r->limits == NULL || r->match == NULL)
		return err_set(err, ERR_MEMORY, "no memory for an expression");
	pcre2_set_match_limit(r->limits, MATCH_STEPS);
	pcre2_set_heap_limit(r->limits, MATCH_HEAP_KIB);
	r->code = pcre2_compile((PCRE2_SPTR)r->expr, PCRE2_ZERO_TERMINATED, options, &code, &at, NULL);
	if (r->code != NULL)
		return 0;
	pcre2_get_error_message(code, message, sizeof(message));
	return err_set(
		err, ERR_FORMAT, "expression '%.100s': %s at byte %zu", r->expr, (const char *)message, (size_t)at);
}

int regex_new(struct regex **out, const char *expr, struct err *err)
{
	struct regex *r;

	if (strlen(expr) > EXPR_MAX_LEN)
		return err_set(err, ERR_UNSUPPORTED, "an expression of %zu bytes is longer than %d", strlen(expr),
			EXPR_MAX_LEN);
	r = xcalloc(1, sizeof(*r));
	r->expr = xstrdup(expr);
	if (compile(r, err) != 0) {
		regex_free(r);
		return -1;
	}
	*out = r;
	return 0;
}

int regex_whole(struct regex *r, const char *text, bool *found, struct err *err)
{
	int rc = pcre2_match(r->code, (PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, 0, 0, r->match, r->limits);

	*found = rc >= 0;
	if (rc >= 0 || rc == PCRE2_ERROR_NOMATCH)
		return 0;
	return err_set(err, ERR_UNSUPPORTED, "expression '%.100s' takes too many steps over '%.100s'", r->expr, text);
}
