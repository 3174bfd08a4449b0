/* Any bytes as an expression over the table of cases; what is refused is refused at a place in it, and what is not
 * holds or its contrary does. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#include "base/mem.h"
#include "diagnose/where.h"

static struct finding_step steps[] = {
	{.token = 3, .text = "", .valid = 9, .token_rank = 2, .token_margin = -1, .prefix_margin = -2},
	{.token = 2, .text = "", .valid = 1, .token_rank = 1, .token_margin = NAN, .prefix_margin = NAN},
};

static const struct finding findings[] = {
	{.id = "1",
		.user = "",
		.item = "a",
		.title = "",
		.first_text = "",
		.first_token = TOKEN_NONE,
		.outcome = {.kind = VERDICT_UNREACHABLE, .why = UNREACHABLE_HIDDEN, .nll_before = INFINITY}},
	{.id = "17",
		.user = "ann",
		.item = "b",
		.title = "Ink &amp; &#27; \xFF",
		.first_text = "\"",
		.first_token = 3,
		.item_tokens = 2,
		.choices = 1,
		.outcome = {.kind = VERDICT_PRUNED, .exact_rank = 1, .pruned_at = 1},
		.how = LOST_CUT,
		.exact_rank_most = 4,
		.steps = steps,
		.n_steps = 2},
};

static void check_refusal(const struct err *err)
{
	FUZZ_CHECK(err->code == ERR_USAGE && strncmp(err->msg, "where \"", 7) == 0 && strstr(err->msg, "\", at "));
	for (const char *c = err->msg; *c; c++)
		FUZZ_CHECK((unsigned char)*c >= ' ' && *c != 127);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = xstrndup((const char *)data, len);
	char *contrary = xasprintf("not (%s)", text);
	struct where *w = NULL, *c = NULL;
	struct err err;

	if (where_new(&w, text, &err) < 0)
		check_refusal(&err);
	else if (strspn(text, " \t\r\n") < strlen(text) && where_new(&c, contrary, &err) == 0)
		for (size_t i = 0; i < ARRAY_LEN(findings); i++)
			FUZZ_CHECK(where_holds(w, &findings[i]) != where_holds(c, &findings[i]));
	where_free(w);
	where_free(c);
	free(contrary);
	free(text);
	return 0;
}
