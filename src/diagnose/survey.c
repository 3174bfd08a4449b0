#include "diagnose/survey.h"

#include <string.h>

void survey_init(struct survey *s)
{
	memset(s, 0, sizeof(*s));
	arena_init(&s->arena);
}

void survey_release(struct survey *s)
{
	json_decref(s->settings);
	vec_release(&s->findings);
	arena_release(&s->arena);
	survey_init(s);
}
