/*
 * Going through many cases of the split: which ones, and how far it has come.
 */
#ifndef SESSION_CASE_WALK_H
#define SESSION_CASE_WALK_H

#include "session/session_priv.h"

/* The places, from 0, of the split's cases for which an expression holds (NULL: of all), appended. Its columns must be
 * known without a search: ERR_USAGE; ERR_VALUE where it holds for none. */
int case_walk_choose(struct vec_u32 *places, const struct session *s, const char *where, struct err *err) MUST_CHECK;

/* Is it the case's own fault that it could not be searched? Then the others go on without it. */
bool case_walk_left_out(const struct err *err);

struct case_walk {
	struct session *s;
	const char *what; /* borrowed: what is at work */
	size_t total;     /* cases */
	double began, woke;
};

/* Between the two, case_walk_tell says to who looks on how many are done, and what was found so far ("" or some words,
 * safe to show). In the thread that runs the command. */
void case_walk_begin(struct case_walk *w, struct session *s, const char *what, size_t total);
void case_walk_tell(struct case_walk *w, size_t done, const char *figures_shown);
void case_walk_end(struct case_walk *w);

#endif
