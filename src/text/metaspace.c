#include "text/metaspace.h"

#include <string.h>

static bool is_literal(const struct pattern *p, const char *text)
{
	return p->literal && strcmp(p->literal, text) == 0;
}

size_t metaspace_match(struct metaspace *m, const struct step *at, size_t n)
{
	size_t used = 1;

	if (n == 0 || at->kind != STEP_REPLACE || at->only_at_start || !is_literal(&at->pattern, " "))
		return 0;
	*m = (struct metaspace){.mark = at->text};
	if (used < n && at[used].kind == STEP_PREFIX) {
		if (!at[used].unless_present || strcmp(at[used].text, m->mark))
			return 0;
		m->prefix = true;
		m->only_at_start = at[used++].only_at_start;
	}
	m->split = used < n && at[used].kind == STEP_SPLIT && is_literal(&at[used].pattern, m->mark) &&
		   at[used].behavior == SPLIT_WITH_NEXT && !at[used].invert;
	return used + m->split;
}
